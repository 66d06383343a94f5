"""What is written in the log, and by whom: the name of a route and a status, never a path, a body or a person."""

from typing import Any

from config import env

# A statement that takes longer is written down: its route, how long, and the statement without what was in it.
SLOW_STATEMENT_MS = env.number("SLOW_STATEMENT_MS", default=500)
# Where errors are told as well, in the same words as in the log; nowhere unless it is set.
ERROR_REPORT_URL = env.address("ERROR_REPORT_URL")

_REPORTS: dict[str, dict[str, Any]] = {
    "reports": {
        "class": "config.reports.ReportHandler",
        "url": ERROR_REPORT_URL,
        "level": "ERROR",
        "formatter": "json",
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "config.logs.JsonFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json"},
        **(_REPORTS if ERROR_REPORT_URL else {}),
    },
    "root": {"handlers": ["console", *(_REPORTS if ERROR_REPORT_URL else {})], "level": "WARNING"},
    "loggers": {
        "paspoort": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING"},
        # Their lines hold paths (…/fits/care/ is health data) or arguments; ours holds the route name.
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "CRITICAL"},  # config/celery.py writes which task failed
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
