"""The public description of the API: a committed file, and a plain page made from it."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve
from django.views.decorators.http import require_safe
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_base import NOT_FOUND
from accounts.tokens import CALLS, SCOPES

FILE = Path("docs") / "openapi.json"
ERRORS = {
    "400": "What was sent does not fit",
    "401": "Nobody is logged in (code logged_out)",
    "403": "Known, but not allowed",
    "404": "Does not exist, or may not be known to exist",
    "409": "Not in this state",
    "410": "No longer valid",
    "413": "Too large",
    "415": "Something else than JSON was sent",
    "429": "Too often (code too_many)",
    "503": "A part of the site is away for a while (code busy), or a seal does not open (code unreadable)",
}
ALWAYS = {"400", "401", "403", "404", "429", "503"}
PAGING = [
    {"in": "query", "name": name, "schema": {"type": "integer", "minimum": 1}, "description": words}
    for name, words in (("page", "Which page, from 1"), ("page_size", "So many on a page, at most 200"))
]
WITH_BODY = {"409", "413", "415"}
STATEFUL = {"post": WITH_BODY, "put": WITH_BODY, "patch": WITH_BODY, "get": {"409", "410"}}


class SessionScheme(OpenApiAuthenticationExtension):
    """How the session of the site is named in openapi.json."""

    target_class = "accounts.api_base.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class TokenScheme(OpenApiAuthenticationExtension):
    """How a personal token is named; which calls take one is accounts/tokens.py:CALLS."""

    target_class = "accounts.token_auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        scopes = ", ".join(SCOPES)
        return {"type": "http", "scheme": "bearer", "description": f"A personal token with one or more of {scopes}"}


def document_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds to every call the errors it can answer, all of one shape, and to a list its pages.

    Tokens are left at the calls they are for.
    """
    schemas = result["components"]["schemas"]
    _let_any_value_be_null(schemas)
    schemas["Error"] = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "detail": {"type": "string"}},
        "required": ["code", "detail"],
        "additionalProperties": True,
    }
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, methods in result["paths"].items():
        route = resolve(re.sub(r"{[^}]+}", str(UUID(int=0)), path)).view_name
        for method, call in methods.items():
            if not any(one[1:] == (route, method.upper()) for one in CALLS):
                call["security"] = [one for one in call.get("security", []) if "token" not in one]
            for status in sorted(ALWAYS | STATEFUL.get(method, set())):
                call["responses"].setdefault(status, {"description": ERRORS[status], "content": body})
            if "/PageOf" in json.dumps(call["responses"].get("200", "")):
                call.setdefault("parameters", []).extend(PAGING)
    return result


def _let_any_value_be_null(schemas: dict[str, Any]) -> None:
    """«Any value, or null» fits null twice, and oneOf wants once: any value says it all."""
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            if field.get("oneOf") == [{}, {"type": "null"}]:
                del field["oneOf"]


@login_not_required
@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    """The committed description; open to other sites, as the API rules of the Dutch government ask."""
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    return HttpResponse(_text(), content_type="application/json", headers=headers)


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Every call with its method, path and words; the usual viewers load scripts from elsewhere."""
    return render(request, "config/api_docs.html", {"api": json.loads(_text()), "calls": _calls()})


@extend_schema(exclude=True)
@api_view(["GET", "POST", "PUT", "PATCH", "DELETE"])
@permission_classes([AllowAny])
@authentication_classes([])
def nothing_here(request: Request, path: str = "") -> Response:
    """An address that does not exist answers in the same words as a thing that may not be known."""
    return Response(NOT_FOUND, status=404)


@cache
def _text() -> str:
    return (settings.BASE_DIR / FILE).read_text(encoding="utf-8")


def _calls() -> list[dict[str, Any]]:
    paths = json.loads(_text())["paths"]
    return [
        {
            "method": method.upper(),
            "path": path,
            "words": call.get("description", ""),
            "answers": list(call["responses"]),
        }
        for path, methods in paths.items()
        for method, call in methods.items()
    ]
