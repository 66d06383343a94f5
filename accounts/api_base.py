"""What every API call shares: log-in, pages of a list, strict bodies, and errors that always carry a `code`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers, status
from rest_framework.authentication import SessionAuthentication as DrfSession
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.refusals import Refusal

NOT_FOUND = {"detail": "Niet gevonden.", "code": "not_found"}
LOGGED_OUT = {"detail": "Log weer in.", "code": "logged_out"}


class SessionAuthentication(DrfSession):
    """The session of the site, with CSRF; answers 401 (not 403) when nobody is logged in."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


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
                raise serializers.ValidationError(
                    {str(name)[:64]: ["Dit veld bestaat niet of is niet te wijzigen."] for name in unknown},
                    code="unknown_field",
                )
        return super().to_internal_value(data)


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Any known error as JSON with a `code` and a Dutch sentence; an unknown one stays a 500 without content."""
    if isinstance(error, Refusal):
        body: dict[str, Any] = {"code": error.code, "detail": error.sentence}
        if error.field:
            body[error.field] = [error.sentence]
        return Response(NOT_FOUND if error.status == 404 else body, status=error.status)
    if isinstance(error, Http404 | exceptions.NotFound):
        return Response(NOT_FOUND, status=404)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Response(LOGGED_OUT, status=401, headers={"WWW-Authenticate": "Session"})
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Response({"detail": "Dat mag jij niet.", "code": "forbidden"}, status=403)
    if isinstance(error, exceptions.ValidationError):
        return Response({"code": _first_code(error.get_codes()), "detail": "Dit klopt niet.", **_fields(error.detail)}, status=400)
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


def no_content_found(request: Request, exception: Exception | None = None) -> Response:
    return Response(NOT_FOUND, status=status.HTTP_404_NOT_FOUND)
