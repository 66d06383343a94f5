"""What people fill in to come in, and to change how they do. Pasting and password managers are welcome (WCAG 3.3.8)."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordKeyForm
from allauth.core import ratelimit
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.forms import EMAIL_WRONG

PIN_ATTRS = {"inputmode": "numeric", "class": "short", "spellcheck": "false"}


def _pin(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=16,
        error_messages={"required": _("Vul je pincode in."), "max_length": _("Deze pincode klopt niet.")},
        widget=forms.PasswordInput(attrs=PIN_ATTRS | {"autocomplete": autocomplete}),
    )


class CardForm(forms.Form):
    """The code on a card, for who cannot scan it."""

    code = forms.CharField(
        label=_("De code op je kaart"),
        max_length=64,
        error_messages={"required": _("Vul de code in."), "max_length": _("Deze code is te lang.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class PinForm(forms.Form):
    pin = _pin(_("Je pincode"), "current-password")


class NewPinForm(forms.Form):
    """A PIN of one's own, typed twice."""

    pin = _pin(_("Je nieuwe pincode"), "new-password")
    again = _pin(_("Nog een keer"), "new-password")

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if self.cleaned_data.get("pin", again) != again:
            raise forms.ValidationError(_("Dit is een andere pincode. Vul twee keer hetzelfde in."))
        return again


class PasswordForm(forms.Form):
    password = forms.CharField(
        label=_("Wachtwoord"),
        max_length=128,
        strip=False,
        error_messages={"required": _("Vul het wachtwoord in.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class OwnMailForm(forms.Form):
    """A student's own address."""

    email = forms.EmailField(
        label=_("Je eigen mailadres"),
        max_length=254,
        error_messages={"required": EMAIL_WRONG, "invalid": EMAIL_WRONG, "max_length": EMAIL_WRONG},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, action: str = "request_login_code", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.action = request, action

    def clean_email(self) -> str:
        """Refuses a fourth request in ten minutes for one address, known or not (ACCOUNT_RATE_LIMITS)."""
        typed: str = self.cleaned_data["email"].lower()
        if not ratelimit.consume(self.request, action=self.action, key=typed):
            raise get_adapter().validation_error("too_many_login_attempts")
        return typed


class NewPasswordForm(ResetPasswordKeyForm):
    """Staff choose a password; the rules are settings.AUTH_PASSWORD_VALIDATORS."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, second = self.fields["password1"], self.fields["password2"]
        first.label, second.label = _("Uw nieuwe wachtwoord"), _("Nog een keer")
        first.help_text = _("Minstens 12 tekens.")
        for field in (first, second):
            field.widget.attrs.pop("placeholder", None)
            field.widget.attrs["autocomplete"] = "new-password"


class CodeForm(AuthenticateForm):
    """The second step at a log-in: a code of the app, or one of the emergency codes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain_code(self.fields["code"])


class NewAppForm(ActivateTOTPForm):
    """The first code of an app proves that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain_code(self.fields["code"])


class MadeUp:
    """What a browser never sends ends as a wrong answer, never as an error of the site: the library looks no further
    than that it is JSON."""

    def full_clean(self) -> None:
        try:
            super().full_clean()  # type: ignore[misc]  # a mixin
        except (KeyError, TypeError, ValueError, AttributeError):
            self.cleaned_data: dict[str, Any] = {}
            self.add_error("credential", _("Dit is geen passkey."))  # type: ignore[attr-defined]  # a mixin


class PasskeyLogInForm(MadeUp, LoginWebAuthnForm):
    """A passkey as the only step."""


class PasskeyStepForm(MadeUp, AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class PasskeyOnceMoreForm(MadeUp, ReauthenticateWebAuthnForm):
    """A passkey of who is in already."""


class PasskeyForm(MadeUp, AddWebAuthnForm):
    """A passkey is always one to come in with alone: the phone asks for a finger, a face or its code."""

    name = None
    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return dict(super().clean())


def _plain_code(field: Any) -> None:
    field.label = _("De code van zes cijfers")
    field.error_messages["required"] = _("Vul de code in.")
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs |= {"inputmode": "text", "class": "short", "spellcheck": "false"}
