"""A no outside a view: JSON with a code under /api/, a page elsewhere. No path, no cause, no request id, no person."""

import errno
import logging
import sys

from django.db import InterfaceError, OperationalError, ProgrammingError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.views import csrf, defaults
from redis.exceptions import ConnectionError as RedisAway
from redis.exceptions import TimeoutError as RedisSlow
from rest_framework.authentication import CSRFCheck

from accounts.api_base import CSRF, ERROR, FORBIDDEN, NOT_FOUND, UNREADABLE
from accounts.refusals import Refusal

log = logging.getLogger("paspoort.web")
BUSY = {"code": "busy", "detail": "We zijn even bezig. Probeer het later nog eens."}
# A database or Redis that is away, full, or not yet (or no longer) as this code knows it.
AWAY = (OperationalError, InterfaceError, ProgrammingError, RedisAway, RedisSlow)
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# What a student writes on a page: the fields, and the routes. It is shown once more when it could not be kept.
OWN_WORDS = ("value", "own", "what_works", "why", "did", "learned")
WITH_OWN_WORDS = {"question", "need", "experience", "experience_new"}
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
    """What nobody expected; 503 when a part of the site is away for a while."""
    if request.resolver_match is None:  # before any view: config/watching.py did not hear of it
        log.error("error", exc_info=True, extra={"route": "unknown"})
    if is_away(sys.exc_info()[1]):
        return busy(request)
    return _json(request, ERROR, 500) or defaults.server_error(request)


def is_away(error: BaseException | None) -> bool:
    """Whether a database, Redis or the disk cannot do its work now: nothing is wrong with what was asked."""
    return isinstance(error, AWAY) or (isinstance(error, OSError) and error.errno in NO_ROOM)


def busy(request: HttpRequest) -> HttpResponse:
    """«We zijn even bezig…», 503. What a student wrote is not lost: it stands on the page, with a button to try again.

    Nothing here asks a database.
    """
    wait = {"Retry-After": "60"}
    if request.path.startswith("/api/"):
        return JsonResponse(BUSY, status=503, headers=wait)
    if _holds_an_answer(request) and _is_from_our_page(request):
        fields = [(name, value) for name, values in request.POST.lists() for value in values]
        context = {"words": typed_words(request), "fields": fields, "path": request.path}
        html = render_to_string("not_saved.html", context | {"csrf_token": get_token(request)})
        return HttpResponse(html, status=503, headers=wait)
    return HttpResponse(render_to_string("503.html"), status=503, headers=wait)


def typed_words(request: HttpRequest) -> str:
    """What a student wrote in the form that was sent, to show once more; empty for every other page."""
    if not _holds_an_answer(request):
        return ""
    typed = (text for name in OWN_WORDS for text in request.POST.getlist(name))
    return "\n".join(text for text in typed if text.strip() and not text.startswith(":"))


def _holds_an_answer(request: HttpRequest) -> bool:
    """The address is looked up here: what is away may be missed before anybody did."""
    if request.method != "POST":
        return False
    try:
        return (request.resolver_match or resolve(request.path_info)).view_name in WITH_OWN_WORDS
    except Resolver404:
        return False


def _is_from_our_page(request: HttpRequest) -> bool:
    """A page of another site may not lay words in front of a student with our button under them."""
    check = CSRFCheck(server_error)  # DRF's own: it says why not, and draws no page for it
    check.process_request(request)
    return check.process_view(request, server_error, (), {}) is None


def _json(request: HttpRequest, body: dict[str, str], status: int) -> JsonResponse | None:
    return JsonResponse(body, status=status) if request.path.startswith("/api/") else None
