"""A no outside a view: JSON with a code under /api/, a page elsewhere. No path, no cause, no request id, no person."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import csrf, defaults

from accounts.api_base import CSRF, ERROR, FORBIDDEN, NOT_FOUND, UNREADABLE
from accounts.refusals import Refusal

BAD_REQUEST = {"code": "bad_request", "detail": "Dit klopt niet."}
BAD_CHARACTERS = {"code": "bad_characters", "detail": "Er staan tekens in die niet kunnen."}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, BAD_REQUEST, 400) or defaults.bad_request(request, exception)


def bad_characters(request: HttpRequest) -> HttpResponse:
    return _json(request, BAD_CHARACTERS, 400) or render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, FORBIDDEN, 403) or defaults.permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _json(request, CSRF, 403) or csrf.csrf_failure(request, reason)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _json(request, NOT_FOUND, 404) or defaults.page_not_found(request, exception)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """What may not be known is not found; any other no has its own sentence."""
    if refusal.status == 404:
        return not_found(request, refusal)
    body = {"code": refusal.code, "detail": refusal.sentence}
    context = {"sentence": refusal.sentence}
    return _json(request, body, refusal.status) or render(request, "refusal.html", context, status=refusal.status)


def unreadable(request: HttpRequest) -> HttpResponse:
    """A seal that does not open: nothing is shown."""
    context = {"sentence": UNREADABLE["detail"]}
    return _json(request, UNREADABLE, 503) or render(request, "refusal.html", context, status=503)


def server_error(request: HttpRequest) -> HttpResponse:
    return _json(request, ERROR, 500) or defaults.server_error(request)


def _json(request: HttpRequest, body: dict[str, str], status: int) -> JsonResponse | None:
    return JsonResponse(body, status=status) if request.path.startswith("/api/") else None
