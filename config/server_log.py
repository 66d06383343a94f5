"""What gunicorn itself writes, as the rest of the log: its own lines hold the address that was asked."""

import logging
import re
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # no types

from config.logs import JsonFormatter


class ServerLog(Logger):
    """`--logger-class config.server_log.ServerLog`."""

    def setup(self, cfg: Any) -> None:
        """Its handlers stay, each with our formatter: the template of a message, never what is filled in."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(JsonFormatter())

    def critical(self, msg: Any, *args: Any, **more: Any) -> None:
        super().critical(_template(msg, args), *args, **more)

    def error(self, msg: Any, *args: Any, **more: Any) -> None:
        super().error(_template(msg, args), *args, **more)

    def warning(self, msg: Any, *args: Any, **more: Any) -> None:
        super().warning(_template(msg, args), *args, **more)

    def exception(self, msg: Any, *args: Any, **more: Any) -> None:
        super().exception(_template(msg, args), *args, **more)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> None:
        """Only when it is asked for: Django's line says more, but not of what never came so far."""
        if not self.access_log_enabled:
            return
        sent = {name.lower(): value for name, value in getattr(resp, "headers", ())}
        extra = {
            "method": environ.get("REQUEST_METHOD"),
            "status": str(resp.status).split(" ", 1)[0],
            "ms": round(request_time.total_seconds() * 1000),
            "request_id": sent.get("x-request-id", ""),
        }
        self.access_log.log(logging.INFO, "access", extra=extra)


def _template(message: Any, args: tuple[Any, ...]) -> str:
    """A message that gunicorn filled in itself ("Invalid request from ip=…: …") up to where that begins."""
    if not isinstance(message, str):
        return type(message).__name__
    return message if args else re.split("[=:]", message, maxsplit=1)[0]
