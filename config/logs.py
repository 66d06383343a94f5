"""Log lines as JSON with an allow-list of keys: what is not on the list is not written."""

import json
import logging
from datetime import UTC, datetime

ALLOWED = ("request_id", "route", "method", "status", "ms", "event", "job", "count", "seq", "reason")


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, the message template and the allowed extras; of an error only type and place.

    Arguments of a message are never filled in and an exception's text is never written: both can hold what
    a student wrote (contract, rule 9).
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": str(record.msg).split("\n", 1)[0][:200],
        }
        line |= {key: getattr(record, key) for key in ALLOWED if hasattr(record, key)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _place(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True, default=str)


def _place(traceback: object) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code  # type: ignore[attr-defined]
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}")  # type: ignore[attr-defined]
        traceback = traceback.tb_next  # type: ignore[attr-defined]
    return places[-8:]
