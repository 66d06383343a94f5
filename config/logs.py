"""Log lines as JSON with an allow-list of keys: what is not on the list is not written."""

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

ALLOWED = (
    *("request_id", "route", "method", "status", "ms", "event", "job", "count", "seq", "reason"),
    *("statement", "database"),
)
# The request or the task that is at work: its id stands in every line it causes.
at_work: ContextVar[str] = ContextVar("at_work", default="")


class JsonFormatter(logging.Formatter):
    """Writes time, level, logger, the message template and the allowed extras; of an error only type and place.

    Arguments of a message are never filled in and an exception's text is never written: both can hold what
    a student wrote (contract, rule 9).
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _template(record),
        }
        if request_id := at_work.get():
            line["request_id"] = request_id
        line |= {key: getattr(record, key) for key in ALLOWED if hasattr(record, key)}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = _place(record.exc_info[2])
        return json.dumps(line, ensure_ascii=True, default=str)


def _template(record: logging.LogRecord) -> str:
    """The message without what is filled in. A library may fill it in before it logs, or log an error as it is: of
    the first only what stands before anything that can be a value, of the second its type.
    """
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    line = record.msg.split("\n", 1)[0][:200]
    is_filled_in = not record.args and not record.name.startswith("paspoort")
    return re.split(r"[=:'\"]", line, maxsplit=1)[0].strip() if is_filled_in else line


def _place(traceback: object) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code  # type: ignore[attr-defined]  # a traceback
        places.append(f"{code.co_filename.rsplit('/', 2)[-1]}:{traceback.tb_lineno}")  # type: ignore[attr-defined]  # a traceback
        traceback = traceback.tb_next  # type: ignore[attr-defined]  # a traceback
    return places[-8:]
