"""`Authorization: Bearer <token>`: who a call is from, and whether a token may make it at all."""

from typing import Any

from allauth.account.adapter import get_adapter
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts import tokens
from accounts.models import Token, User
from accounts.refusals import Refusal


class TokenThrottle(SimpleRateThrottle):
    """So many calls a minute per token; per address for keys that do not work. (allauth's limits count no GET.)"""

    scope, rate, wrong_rate = "token", "300/min", "60/min"

    def __init__(self, token: Token | None) -> None:
        self.token = token
        if token is None:
            self.rate = self.wrong_rate
        super().__init__()

    def get_cache_key(self, request: Request, view: Any) -> str:
        ident = str(self.token.pk) if self.token else get_adapter().get_client_ip(request._request)
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


class TokenAuthentication(BaseAuthentication):
    """The scope is asked here, before any view: a view that forgets to ask is closed to every token.

    With a Bearer header only the token counts, whoever is logged in beside it. Raises Refusal: 401 for a key that does
    not work (any more), in the same words whatever the reason; 403 for a call it is not for; 429 for too many.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        kind, _, key = request.headers.get("Authorization", "").partition(" ")
        if kind.casefold() != "bearer":
            return None
        token = tokens.find_live(key.strip())
        if not TokenThrottle(token).allow_request(request, None):  # type: ignore[arg-type]  # asks for no view
            raise Refusal("too_many", "Dat is te vaak. Wacht een minuut.", status=429)
        if token is None:
            raise Refusal("token", "Deze sleutel werkt niet.", status=401)
        match = request._request.resolver_match
        if not tokens.may_call(token, match.view_name if match else "", str(request.method)):
            raise Refusal("scope", "Deze sleutel is hier niet voor.", status=403)
        tokens.note_use(token)
        return token.user, token
