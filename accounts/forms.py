"""What people fill in to log in and to set how pages look."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

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


class DeviceForm(forms.Form):
    kind = forms.ChoiceField(choices=DEVICE_KINDS)


class LookForm(forms.Form):
    """How pages look for this person. The empty value is the house's own choice."""

    theme = forms.ChoiceField(
        label=_("Licht of donker"),
        choices=[("", _("Zoals dit toestel")), ("light", _("Licht")), ("dark", _("Donker"))],
        widget=forms.RadioSelect,
        required=False,
    )
    size = forms.ChoiceField(
        label=_("Hoe groot is de letter?"),
        choices=[("", _("Gewoon")), ("l", _("Groot")), ("xl", _("Heel groot"))],
        widget=forms.RadioSelect,
        required=False,
    )
    space = forms.ChoiceField(
        label=_("Ruimte tussen de regels"),
        choices=[("", _("Gewoon")), ("wide", _("Meer ruimte"))],
        widget=forms.RadioSelect,
        required=False,
    )
    font = forms.ChoiceField(
        label=_("Welke letter?"),
        choices=[("", _("De letter van het paspoort")), ("phone", _("De letter van dit toestel"))],
        widget=forms.RadioSelect,
        required=False,
    )
    icons = forms.ChoiceField(
        label=_("Kleine plaatjes bij de woorden"),
        choices=[("", _("Aan")), ("off", _("Uit"))],
        widget=forms.RadioSelect,
        required=False,
    )
    calm = forms.ChoiceField(
        label=_("Rustig beeld"),
        choices=[("", _("Uit")), ("on", _("Aan: minder kleur en tekening"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def look(self) -> dict[str, str]:
        """What the base template reads; what is not set is left out."""
        return {name: value for name, value in self.cleaned_data.items() if value}
