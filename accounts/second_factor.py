"""A second step for whoever works here: an app with codes, or a passkey, which is both steps in one (ASVS 5.0, 6.3.3).

For students and people at home a passkey is one more door, never a second lock: the phone stays at home in class.
"""

import base64
from functools import cached_property
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import sessions, vault
from accounts.entrance import needs_second_factor, who_is_in
from accounts.models import User

STATE = "second_factor"  # in the session: «no» need, «done», or «todo»
# The owner of the key that seals the secrets of apps; of nobody, so no erasure takes it away.
SITE = UUID("6f1f6a5e-52f4-4b6f-9a53-1d0b1a2c3d4e")
SEALED_AS = "mfa.Authenticator.data"
REAL = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
# What is open to staff who still have to set one.
OPEN = {
    "second_factor", "mfa_add_webauthn", "mfa_activate_totp", "account_reauthenticate", "mfa_reauthenticate_webauthn",
    "logout", "goodbye", "help", "privacy", "accessibility", "reading", "healthz", "readyz", "security_txt",
    "home", "account_reset_password_from_key",
}  # fmt: skip


class MFAAdapter(DefaultMFAAdapter):
    """Seals what an app needs to make codes; names keys in plain words; tells an authenticator no name."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Deze code klopt niet. Kijk het na."),
        "rate_limited": _("Dat is te vaak geprobeerd. Wacht vijf minuten."),
    }

    def encrypt(self, text: str) -> str:
        sealed = _site_key().seal_bytes(text.encode(), field=SEALED_AS, row=SITE)
        return base64.b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _site_key().open_bytes(base64.b64decode(encrypted_text), field=SEALED_AS, row=SITE).decode()

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"Passkey {number}"

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """A passkey is kept on a phone, and in the cloud of its maker: no name of a person goes there."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": "Paspoort", "display_name": "Paspoort"}

    def _get_site_name(self) -> str:
        return str(settings.MFA_TOTP_ISSUER)


class SecondFactorStage(AuthenticateStage):
    """Asks for the second step where somebody has one and works here."""

    @cached_property
    def _works(self) -> bool:
        return self.login.user is not None and needs_second_factor(self.login.user)

    def _should_handle(self, request: HttpRequest) -> bool:
        return self._works and super()._should_handle(request)


def note(request: HttpRequest, user: User) -> None:
    """At a log-in: whether this session still misses its second step."""
    shown = any(one["method"] == "mfa" for one in get_authentication_records(request, user))
    request.session[STATE] = "no" if not needs_second_factor(user) else "done" if shown else "todo"


def is_missing(request: HttpRequest) -> bool:
    """Whether this person must set a second step before anything else. Never in the demo (contract, Demo accounts)."""
    if settings.DEMO or not isinstance(request.user, User):
        return False
    state = request.session.get(STATE)
    return state == "todo" or (state is None and needs_second_factor(request.user))


def is_from_before(request: HttpRequest) -> bool:
    """Whether a second step was set elsewhere since this session began with a password alone: then it is over."""
    return is_missing(request) and has_one(who_is_in(request))


def set_up(request: HttpRequest) -> None:
    """After somebody added an app or a passkey in this session; of who works here every other session ends."""
    user = who_is_in(request)
    if needs_second_factor(user):
        sessions.end_other_sessions(request, user)
    if request.session.get(STATE, "todo") == "todo":
        request.session[STATE] = "done"


def has_one(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=REAL).exists())


def may_remove(request: HttpRequest) -> bool:
    """Whether one fewer leaves enough: staff keep at least one outside the demo."""
    user = who_is_in(request)
    left = Authenticator.objects.filter(user=user, type__in=REAL).count() - 1
    return left > 0 or settings.DEMO or not needs_second_factor(user)


def passkeys_of(user: User) -> list[dict[str, Any]]:
    """Somebody's passkeys, as the page of their ways in shows them."""
    rows = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).order_by("pk")
    return [{"pk": one.pk, "name": one.wrap().name, "since": one.created_at, "used": one.last_used_at} for one in rows]


def has_app(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def drop_all(user: User) -> int:
    """Takes every second step away, for somebody who lost them: the next log-in sets one anew. Returns how many."""
    return int(Authenticator.objects.filter(user=user).delete()[0])


def _site_key() -> vault.Key:
    key = vault.open_keys([SITE]).get(SITE)
    if key is None:
        try:
            key = vault.create_key(SITE)
        except IntegrityError:
            key = vault.open_key(SITE)  # another process was first
    return key
