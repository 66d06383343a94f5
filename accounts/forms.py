"""What people fill in to log in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

CODE_WRONG = _("Deze code klopt niet. Kijk het na.")
EMAIL_WRONG = _("Dit is geen mailadres. Kijk het na.")
DEVICE_KINDS = [("own", _("Ja")), ("shared", _("Nee, ook van iemand anders"))]


class PasswordLoginForm(LoginForm):
    """Name and password. Pasting and password managers are welcome (WCAG 3.3.8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label, password.help_text = _("Je inlognaam"), _("Je wachtwoord"), ""
        name.error_messages["required"] = _("Schrijf je inlognaam op.")
        name.error_messages["max_length"] = _("Deze inlognaam is te lang.")
        password.error_messages["required"] = _("Schrijf je wachtwoord op.")
        name.widget.attrs |= {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
        for field in (name, password):
            field.widget.attrs.pop("placeholder", None)


class MailCodeForm(forms.Form):
    """The address of a guardian. Whether it is known nobody hears; the code goes to the address as it is kept."""

    email = forms.EmailField(
        label=_("Uw mailadres"),
        max_length=254,
        error_messages={"required": EMAIL_WRONG, "invalid": EMAIL_WRONG, "max_length": EMAIL_WRONG},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_email(self) -> str:
        """Refuses the fourth request in ten minutes and the 21st in a day for one address, known or not."""
        typed: str = self.cleaned_data["email"]
        if not ratelimit.consume(self.request, action="request_login_code", key=typed.lower()):
            raise get_adapter().validation_error("too_many_login_attempts")
        return typed


class TypeMailCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Wat is de code?"),
        max_length=32,
        error_messages={"required": _("Schrijf de code op."), "max_length": CODE_WRONG},
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "class": "short",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )


class DeviceForm(forms.Form):
    kind = forms.ChoiceField(choices=DEVICE_KINDS)
