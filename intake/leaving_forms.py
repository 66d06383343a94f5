"""The one form of going away: are you sure, is it really you, and do you want to wait."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class EraseForm(forms.Form):
    """Nothing is ticked. The password proves that the student is here, not somebody at an open screen."""

    sure = forms.BooleanField(
        label=_("Ja, wis alles wat over mij gaat"),
        error_messages={"required": _("Vink dit aan als je alles wilt wissen.")},
    )
    at_once = forms.BooleanField(
        label=_("Ik wil geen 7 dagen wachten. Wis het nu meteen."),
        help_text=_("Dan kun je niet meer terug. Ook niet met hulp."),
        required=False,
    )
    password = forms.CharField(
        label=_("Je wachtwoord"),
        help_text=_("Zo weten we dat jij het bent."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Schrijf je wachtwoord op.")},
    )

    def __init__(self, *args: Any, user: User, may_try: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.may_try = user, may_try
        if not user.has_usable_password():
            del self.fields["password"]  # the page asked for the PIN or the passkey before it opened

    def clean_password(self) -> str:
        if not self.may_try:
            raise forms.ValidationError(_("Je probeerde het te vaak. Wacht vijf minuten. Probeer het dan weer."))
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("Dit wachtwoord klopt niet."))
        return password
