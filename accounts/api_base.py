"""What every API call shares: log-in, pages of a list, strict bodies, and errors that always carry a `code`."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.crypto import constant_time_compare
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication as DrfSession
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import vault
from accounts.entrance import account_mark, who_is_in
from accounts.refusals import Refusal

log = logging.getLogger("paspoort.web")

NOT_FOUND = {"detail": "Niet gevonden.", "code": "not_found"}
TOO_LARGE = {"detail": "Dit is te veel in één keer.", "code": "too_large"}
FORBIDDEN = {"detail": "Dat mag jij niet.", "code": "forbidden"}
CSRF = {"detail": "Deze pagina stond te lang open. Laad de pagina opnieuw.", "code": "csrf"}
UNREADABLE = {"detail": "Dit kunnen we nu niet openen.", "code": "unreadable"}
ERROR = {"detail": "Er ging iets mis. Probeer het later nog een keer.", "code": "error"}
LOGGED_OUT = {"detail": "Log weer in.", "code": "logged_out"}


class CsrfFailed(exceptions.PermissionDenied):
    """The token of the form is missing or from before the last log-in."""


class SessionAuthentication(DrfSession):
    """The session of the site, with CSRF; answers 401 (not 403) when nobody is logged in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise CsrfFailed() from None


class BoundedJSONParser(JSONParser):
    """JSON up to 256 KB and of a sane depth; more is refused before it is read."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        meta = (parser_context or {})["request"].META
        if int(meta.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise exceptions.ParseError() from None


class Pages(PageNumberPagination):
    """`{"count", "next", "previous", "results"}`."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys it does not know: a typing error, or somebody who tries to set what is not theirs to set."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := set(data) - known:
                sentence = "Dit veld kennen we niet. Of je kunt het hier niet veranderen."
                raise serializers.ValidationError(
                    {str(name)[:64]: [sentence] for name in unknown}, code="unknown_field"
                )
        return super().to_internal_value(data)


def same_account_or_401(request: Request) -> None:
    """A page says of whom it is; after somebody else logged in beside it, its text may not land in their passport."""
    mark = request.headers.get("X-Account", "")
    if mark and not constant_time_compare(mark, account_mark(who_is_in(request))):
        raise exceptions.NotAuthenticated()


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any known error as JSON with a `code` and a Dutch sentence; an unknown one is left to config/errors.py."""
    if isinstance(error, Refusal):
        body: dict[str, Any] = {"code": error.code, "detail": error.sentence}
        if error.field:
            body[error.field] = [error.sentence]
        return Response(NOT_FOUND if error.status == 404 else body, status=error.status)
    if isinstance(error, RequestDataTooBig):
        return Response(TOO_LARGE, status=413)
    if isinstance(error, Http404 | exceptions.NotFound):
        return Response(NOT_FOUND, status=404)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Response(LOGGED_OUT, status=401, headers={"WWW-Authenticate": "Session"})
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Response(CSRF if isinstance(error, CsrfFailed) else FORBIDDEN, status=403)
    if isinstance(error, vault.Tampered | vault.Shredded):
        log.error("seal", extra={"reason": type(error).__name__})
        return Response(UNREADABLE, status=503)
    if isinstance(error, exceptions.ValidationError):
        return Response(
            {"code": _first_code(error.get_codes()), "detail": "Dit klopt niet.", **_fields(error.detail)},
            status=400,
        )
    if isinstance(error, exceptions.ParseError):
        return Response({"code": "parse_error", "detail": "Dit is geen geldige JSON."}, status=400)
    if isinstance(error, exceptions.MethodNotAllowed):
        return Response({"code": "method_not_allowed", "detail": "Dat kan hier niet."}, status=405)
    if isinstance(error, exceptions.APIException):
        return Response({"code": str(error.default_code), "detail": "Dat kan nu niet."}, status=error.status_code)
    return None


def _first_code(codes: Any) -> str:
    while isinstance(codes, dict | list):
        codes = next(iter(codes.values() if isinstance(codes, dict) else codes), "invalid")
    return str(codes)


def _fields(detail: Any) -> dict[str, Any]:
    return detail if isinstance(detail, dict) else {"non_field_errors": detail}


def paged(request: Request, rows: Sequence[Any], as_json: Callable[[Any], Any] | None = None) -> Response:
    """One page of rows that are JSON already, or become it with `as_json`: only those of the page do."""
    pages = Pages()
    page: Any = pages.paginate_queryset(rows, request)
    return pages.get_paginated_response([as_json(row) for row in page] if as_json else page)


def page_of(item: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """How a page of such items is described in openapi.json."""
    shape = {
        "count": serializers.IntegerField(),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
        "results": item(many=True),
    }
    made: serializers.Serializer[Any] = type(f"PageOf{item.__name__}", (serializers.Serializer,), shape)()
    return made


def checked(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The body of a request as the serializer has it. Raises ValidationError."""
    filled = serializer(data=request.data)
    filled.is_valid(raise_exception=True)
    values: dict[str, Any] = filled.validated_data
    return values
