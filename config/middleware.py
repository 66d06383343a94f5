"""Headers, the request id and the end of a session. Nothing about who may see what: that is consent/access.py."""

import logging
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.defaults import page_not_found

from accounts import vault
from accounts.refusals import Refusal

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("paspoort.web")

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer autoplay camera display-capture geolocation gyroscope magnetometer microphone midi payment"
        " screen-wake-lock usb"
    ).split()
)


class RequestIdMiddleware:
    """One log line per request: the route's name, never its path. The id is not shown in a 404 (contract)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id, started = uuid.uuid4().hex, time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "request_id": request_id,
                "route": match.view_name if match else "unknown",
                "method": request.method,
                "status": response.status_code,
                "ms": round((time.monotonic() - started) * 1000),
            },
        )
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        match = request.resolver_match
        log.error(
            "error",
            exc_info=(type(exception), exception, exception.__traceback__),
            extra={"route": match.view_name if match else "unknown"},
        )


class RefusalMiddleware:
    """A no on a page: what may not be known is 404; a seal that does not open shows nothing at all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal) and exception.status == 404:
            return page_not_found(request, exception)
        if isinstance(exception, Refusal):
            context = {"sentence": exception.sentence}
            return render(request, "refusal.html", context, status=exception.status)
        if isinstance(exception, vault.Tampered | vault.Shredded):
            log.error("seal", extra={"reason": type(exception).__name__})
            return render(request, "refusal.html", {"sentence": "Dit kunnen we nu niet openen."}, status=503)
        return None


class PrivacyHeadersMiddleware:
    """Nothing personal stays behind on a device: every page but a static file is `no-store`."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SessionAgeMiddleware:
    """Ends a session that was idle or lasted too long for its kind (settings.SESSION_LIMITS)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and request.user.is_authenticated:
            self._age(request)
        return self.get_response(request)

    def _age(self, request: HttpRequest) -> None:
        now = timezone.now().timestamp()
        idle, in_all = settings.SESSION_LIMITS[request.session.get("kind", "shared")]
        seen = request.session.get("seen", now)
        started = request.session.setdefault("started", now)
        if now - seen > idle.total_seconds() or now - started > in_all.total_seconds():
            logout(request)
        elif now - seen > 60 or "seen" not in request.session:
            # Once a minute is enough: a write per request would take the database's write lock.
            request.session["seen"] = now
