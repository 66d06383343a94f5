"""Who watches sees that it runs, not who is there: a line per request, an id that finds its lines, slow statements."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse

from config.logs import at_work

log = logging.getLogger("paspoort.web")
slow = logging.getLogger("paspoort.slow")

HEADER = "X-Request-ID"
# What nginx and others make of it: 32 hexadecimal digits, or the same as a UUID. Anything else can be somebody's words.
WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
MANY = re.compile(r"%s(?:, %s)+")
LONGEST = 400


class RequestMiddleware:
    """One log line per request: the route's name, never its path; no query, no body, no browser, no person.

    Its id goes out in a header, never in a body (contract, API).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id, started = _id_of(request), time.monotonic()
        token = at_work.set(request_id)
        try:
            with slow_statements(lambda: _route(request)):
                response = self.get_response(request)
            response.headers[HEADER] = request_id
            extra = {
                "route": _route(request),
                "method": request.method,
                "status": response.status_code,
                "ms": _ms_since(started),
            }
            log.info("request", extra=extra)
        finally:
            at_work.reset(token)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, Http404):  # an answer as another, and nobody's fault
            return
        caught = (type(exception), exception, exception.__traceback__)
        log.error("error", exc_info=caught, extra={"route": _route(request)})


@contextmanager
def slow_statements(route: Callable[[], str]) -> Iterator[None]:
    """While this lasts, a statement that takes longer than SLOW_STATEMENT_MS is written down, without its values."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(_Timed(route)))
        yield


class _Timed:
    def __init__(self, route: Callable[[], str]) -> None:
        self.route = route

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        started = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            if (ms := _ms_since(started)) >= settings.SLOW_STATEMENT_MS:
                database = context["connection"].alias
                extra = {"route": self.route(), "ms": ms, "statement": _shape(sql), "database": database}
                slow.warning("slow_statement", extra=extra)


def _shape(sql: str) -> str:
    """The statement with a mark for every value, also for one that somebody wrote into it."""
    return MANY.sub("…", LITERAL.sub("?", " ".join(str(sql).split())))[:LONGEST]


def _id_of(request: HttpRequest) -> str:
    """The id that our own proxy gave, or a new one."""
    given = request.headers.get(HEADER, "") if settings.ALLAUTH_TRUSTED_PROXY_COUNT else ""
    return given.replace("-", "") if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else "unknown"


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
