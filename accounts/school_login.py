"""The log-in of a school: Entree Federatie, SURFconext, or another OpenID provider named in OIDC_PROVIDERS.

django-allauth walks the way there and back (state, PKCE). Added here: the token's signature is always checked, and a
nonce, the issuer as it was configured, and `azp`. Of all a school tells only (issuer, sub) is kept, as one digest:
no name, no address, no role. Nobody is made, found or tied by an e-mail address; one ties it oneself, logged in.
"""

import hashlib
import hmac
import secrets
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import NotHere
from accounts.together import refuse_together

ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}


class SchoolLoginAdapter(DefaultSocialAccountAdapter):
    """Nobody signs up by a school's log-in, and a mistake shows one page that tells nothing of its cause."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("own_login")

    def on_authentication_error(self, request: HttpRequest, provider: Any, *args: Any, **kwargs: Any) -> None:
        sentence = _("Inloggen met je school lukte niet. Probeer het nog een keer.")
        raise ImmediateHttpResponse(render(request, "refusal.html", {"sentence": sentence}, status=403))


class SchoolAdapter(OpenIDConnectOAuth2Adapter):
    """One school log-in, on the way back: what the token must say before anybody comes in."""

    state: dict[str, Any]

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        subject = uid_of(app.settings["server_url"], claims["sub"])
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, {"id_token": {"sub": subject}})
        login.account.extra_data = {}
        return login

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """The claims of a token that is signed, for us, from this school, of this very log-in. Raises OAuth2Error."""
        issuer = app.settings["server_url"]
        if self.openid_config.get("issuer") != issuer:
            raise OAuth2Error("another issuer")
        try:
            header = jwt.get_unverified_header(id_token)
            if header.get("alg") not in ALGORITHMS or "kid" not in header:
                raise OAuth2Error("not signed as it should be")
            claims: dict[str, Any] = jwtkit.verify_and_decode(
                credential=id_token,
                keys_url=self.openid_config["jwks_uri"],
                issuer=issuer,
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_jwk,
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("not a token") from error
        self._check_claims(app, claims)
        return claims

    def _check_claims(self, app: SocialApp, claims: dict[str, Any]) -> None:
        if not {"iss", "sub", "aud", "exp", "iat", "nonce"} <= claims.keys() or not isinstance(claims["sub"], str):
            raise OAuth2Error("claims are missing")
        nonce = (self.state.get("data") or {}).get("nonce", "")
        if not nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise OAuth2Error("another log-in")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", app.client_id) != app.client_id or (several and "azp" not in claims):
            raise OAuth2Error("for somebody else")


class SchoolCallback(OAuth2CallbackView):
    """Hands the adapter what was remembered when somebody left for their school."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.state = state or {}
        return state, response


def schools() -> list[dict[str, str]]:
    """The school log-ins of this site: {id, name}; they are settings, never rows."""
    return [{"id": one["id"], "name": one["name"]} for one in settings.OIDC_PROVIDERS]


def leave_for(request: HttpRequest, school: str) -> HttpResponse:
    """Sends somebody to their school; whoever is in comes back to tie it, anybody else to come in.

    Raises NotHere; Refusal while somebody sits beside a student: what is tied now would open the passport later.
    """
    _must_exist(school)
    _refuse_together(request)
    nonce = secrets.token_urlsafe(24)
    process = "connect" if isinstance(request.user, User) else "login"
    provider = get_adapter(request).get_provider(request, school)
    back: HttpResponse = provider.redirect(
        request, process=process, data={"nonce": nonce}, auth_params={"nonce": nonce}, scope=["openid"]
    )
    return back


def come_back(request: HttpRequest, school: str) -> HttpResponse:
    """The way back. Raises NotHere for a school that is not a setting; Refusal while somebody sits beside a student."""
    _must_exist(school)
    _refuse_together(request)
    response: HttpResponse = SchoolCallback.adapter_view(SchoolAdapter(request, school))(request)
    return response


def tied_to(user: User) -> set[str]:
    """With which school log-ins somebody can come in."""
    return set(SocialAccount.objects.filter(user=user).values_list("provider", flat=True))


def untie(school: str, *, by: User) -> None:
    """This school log-in opens nothing of theirs any more. Raises NotHere."""
    if by.is_student:
        refuse_together(by.student)
    if not SocialAccount.objects.filter(user=by, provider=school).delete()[0]:
        raise NotHere()


def uid_of(issuer: str, subject: str) -> str:
    """(issuer, sub) as one digest: the same `sub` of another school is somebody else (ASVS 5.0, 6.8.1)."""
    return hashlib.sha256(f"{len(issuer)}:{issuer}{subject}".encode()).hexdigest()


def _refuse_together(request: HttpRequest) -> None:
    if isinstance(request.user, User) and request.user.is_student:
        refuse_together(request.user.student)


def _must_exist(school: str) -> None:
    if school not in {one["id"] for one in schools()}:
        raise NotHere()
