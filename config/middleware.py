"""Headers, and the end of a session. Nothing about who may see what: that is consent/access.py."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse, QueryDict, UnreadablePostError
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts import erasure, second_factor, together, vault
from accounts.refusals import Refusal
from config import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger("paspoort.web")

PAGE_METHODS = ("GET", "HEAD", "POST")
PACKED = ("text/html", "application/json")
AHEAD = 120  # seconds that the clocks of two machines may differ
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer autoplay camera display-capture geolocation gyroscope magnetometer microphone midi payment"
        " screen-wake-lock usb"
    ).split()
)


class RefusalMiddleware:
    """A no of a service: what may not be known is 404; a seal that does not open shows nothing at all."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refusal):
            return errors.refused(request, exception)
        if isinstance(exception, vault.Tampered | vault.Shredded):
            log.error("seal", extra={"reason": type(exception).__name__})
            return errors.unreadable(request)
        return None


class PrivacyHeadersMiddleware:
    """Nothing personal stays behind on a device: every page but a static file is `no-store`.

    A file asks for no camera and no place; what only a page obeys is not sent along with every letter shape.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store, private")
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PackedPagesMiddleware(GZipMiddleware):
    """Pages and JSON go over the air packed: a third of the bytes on a bad wifi (ux.md §4). Files are packed already.

    Against guessing by size (BREACH) Django pads every answer by chance, tokens differ per answer, and a page of
    another site cannot fetch one of ours with the cookie of who is in (SameSite).
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if response.streaming or not response.headers.get("Content-Type", "").startswith(PACKED):
            return response
        return super().process_response(request, response)


class ErasuresMiddleware:
    """The site answers nothing while an erasure is not replayed (contract, rule 8), nor while it cannot know."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in {"/healthz", "/readyz"} or _may_answer():
            return self.get_response(request)
        return errors.busy(request)


def _may_answer() -> bool:
    try:
        return erasure.site_is_open()
    except Exception:
        log.warning("not_ready", extra={"reason": "erasures"})
        return False


class MethodsMiddleware:
    """A page is opened and posted to, and nothing else; a view of a library would take PUT for POST (ASVS 4.1.4).

    Calls of the API say for themselves what they take: docs/openapi.json.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in PAGE_METHODS or request.path.startswith("/api/"):
            return self.get_response(request)
        return HttpResponseNotAllowed(PAGE_METHODS)


class CharactersMiddleware:
    """No address and no form may hold a NUL: PostgreSQL has no place for it. JSON is read by its validators."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info or _holds_nul(request.GET) or self._form_holds_nul(request):
            return errors.bad_characters(request)
        return self.get_response(request)

    def _form_holds_nul(self, request: HttpRequest) -> bool:
        if request.method != "POST" or request.path.startswith("/api/"):
            return False
        try:
            return _holds_nul(request.POST)
        except UnreadablePostError:
            return False  # whoever sent it is gone


def _holds_nul(fields: QueryDict) -> bool:
    return any("\x00" in part for name, values in fields.lists() for part in (name, *values))


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
        is_over = now - seen > idle.total_seconds() or now - started > in_all.total_seconds()
        # A clock that was set back: until the old time is there again this session would never be over.
        if is_over or max(seen, started) > now + AHEAD:
            logout(request)
        elif now - seen > 60 or "seen" not in request.session:
            # Once a minute is enough: a write per request would take the database's write lock.
            request.session["seen"] = now


class LogInMiddleware(LoginRequiredMiddleware):
    """Every page asks for a log-in; what a student typed when the session had ended is shown once more, not kept.

    While a mentor sits beside a student, the pages that are the student's alone say so (accounts/together.py).
    """

    def process_view(self, request: HttpRequest, view_func: Any, *args: Any) -> Any:
        try:
            together.refuse_page(request, request.resolver_match.view_name if request.resolver_match else "")
        except Refusal as refusal:
            return errors.refused(request, refusal)
        return super().process_view(request, view_func, *args)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if words := errors.typed_words(request):
            login_url = f"{settings.LOGIN_URL}?{urlencode({'next': request.path}, safe='/')}"
            context = {"words": words, "login_url": login_url}
            return render(request, "passport/logged_out.html", context, status=401)
        return super().handle_no_permission(request, view_func)


class SecondFactorMiddleware:
    """Outside the demo whoever works here sets a second step before any other page (accounts/second_factor.py).

    A session that only showed a password is over as soon as there is a second step it did not show.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if second_factor.is_from_before(request):
            logout(request)
            body = {"code": "second_factor", "detail": "Log opnieuw in."}
            return JsonResponse(body, status=403) if request.path.startswith("/api/") else redirect("account_login")
        if name in second_factor.OPEN or not second_factor.is_missing(request):
            return None
        if request.path.startswith("/api/"):
            body = {"code": "second_factor", "detail": "Stel eerst een tweede stap in."}
            return JsonResponse(body, status=403)
        return redirect("second_factor")
