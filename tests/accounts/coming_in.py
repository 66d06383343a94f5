"""Helpers of the tests about coming in: a card, an app with codes, a school with a log-in of its own."""

import base64
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import jwt
from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from accounts import badges, own_ways
from accounts.models import Badge, Student, User
from config.login_settings import school_apps

PIN = "5829"


def card_of(student: Student, by: User, pin: str = PIN) -> str:
    """The token of a new card; or of one that is a month old, with a PIN its student chose, unless `pin` is empty."""
    token = badges.make_badge(student, by=by)
    if not pin:
        return token
    if own_ways.has_own_way(student):
        badges.change_pin(student, pin, by=student.user)
    else:
        badges.choose_pin(token, pin)
    Badge.objects.filter(student=student).update(made_at=timezone.now() - timedelta(days=30))
    return token


def show(client: Client, token: str) -> Any:
    return client.post(f"/kaart/{token}/")


def come_in(client: Client, token: str, pin: str = PIN) -> Any:
    """The card and then the PIN, as a browser does."""
    show(client, token)
    return client.post("/inloggen/pincode/", {"pin": pin})


def is_in(client: Client) -> bool:
    return client.get("/instellingen/").status_code == 200


def code_of(secret: str, at: float | None = None) -> str:
    """What an app shows now."""
    return totp.format_hotp_value(totp.hotp_value(secret, int((at or time.time()) // 30)))


class FakeSchool:
    """An OpenID provider without a network: discovery, keys, and a token that says what a test wants it to say."""

    def __init__(self, issuer: str = "https://school.example") -> None:
        self.issuer, self.client_id = issuer, "paspoort"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signs_with = self.key
        self.alg, self.kid, self.says = "RS256", "k1", {}  # type: str, str | None, dict[str, Any]
        self.nonce, self.verifier = "", ""

    def get(self, url: str, **_: Any) -> "Answer":
        if url.endswith("/keys"):
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return Answer({"keys": [{**public, "kid": "k1", "alg": "RS256", "use": "sig"}]})
        return Answer(
            {
                "issuer": self.says.get("discovered", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    def request(self, method: str, url: str, data: dict[str, Any], **_: Any) -> "Answer":
        self.verifier = data.get("code_verifier", "")
        return Answer({"access_token": "x", "token_type": "Bearer", "id_token": self.token()})

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "s-1", "aud": self.client_id, "iat": now, "exp": now + 300, "nonce": self.nonce,
            "email": "sam@example.nl", "email_verified": True, "name": "Sam Vos", "eduPersonAffiliation": ["employee"],
        }  # fmt: skip
        claims |= {name: value for name, value in self.says.items() if name != "discovered"}
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.alg == "none":
            return ".".join(_b64(json.dumps(part)) for part in ({"alg": "none", "kid": "k1"}, claims)) + "."
        secret: Any = "x" * 40 if self.alg == "HS256" else self.signs_with
        return jwt.encode(claims, secret, self.alg, headers={"kid": self.kid} if self.kid else None)


class Answer:
    def __init__(self, body: dict[str, Any]) -> None:
        self.body, self.status_code, self.text = body, 200, json.dumps(body)
        self.headers = {"content-type": "application/json"}

    def json(self) -> dict[str, Any]:
        return self.body

    def raise_for_status(self) -> None:
        pass


def _b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def leave_for_school(client: Client, school: FakeSchool, provider: str = "entree") -> dict[str, str]:
    """Presses the button; the fake school remembers the nonce. Returns what stands in the address it leads to."""
    asked = client.post(f"/inloggen/school/{provider}/")
    query = {name: values[0] for name, values in parse_qs(urlparse(asked.url).query).items()}
    school.nonce = query["nonce"]
    return query


def back_from_school(client: Client, state: str, provider: str = "entree") -> Any:
    return client.get(f"/inloggen/school/{provider}/terug/", {"code": "abc", "state": state})


def use_schools(settings: Any, monkeypatch: Any, *schools: tuple[str, FakeSchool]) -> None:
    """Sets these schools as OIDC_PROVIDERS does, and takes the network away."""
    found = [
        {"id": id_, "name": id_.title(), "issuer": one.issuer, "client_id": one.client_id, "client_secret": "s"}
        for id_, one in schools
    ]
    settings.OIDC_PROVIDERS, settings.SOCIALACCOUNT_PROVIDERS = found, school_apps(found)
    by_issuer = {one.issuer: one for _, one in schools}

    class Network:
        def __enter__(self) -> "Network":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def get(self, url: str, **more: Any) -> Answer:
            return by_issuer["/".join(url.split("/")[:3])].get(url, **more)

        def request(self, method: str, url: str, **more: Any) -> Answer:
            return by_issuer["/".join(url.split("/")[:3])].request(method, url, **more)

    monkeypatch.setattr("accounts.school_login.SchoolLoginAdapter.get_requests_session", lambda self: Network())
