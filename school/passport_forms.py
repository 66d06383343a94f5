"""What is filled in when somebody without a school gets a passport."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identity import Identity, age_on
from accounts.languages import offered
from accounts.refusals import Refusal
from passport.texts import clean_text
from school.classlist import OLDEST, YOUNGEST
from school.office_forms import EMAIL_WRONG


class PassportInviteForm(forms.Form):
    email = forms.EmailField(
        label="Mailadres van wie u uitnodigt",
        help_text="Een adres dat van deze persoon zelf is. Niet van school of van u.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": EMAIL_WRONG, "invalid": EMAIL_WRONG, "max_length": EMAIL_WRONG},
    )
    language = forms.ChoiceField(label="In welke taal is de mail?", required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        names = [(one.code, one.name) for one in offered(to_student=True)]
        self.fields["language"].choices = names  # type: ignore[attr-defined]  # a field that chooses


class PassportCodeForm(forms.Form):
    WRONG = _("Deze code klopt niet. Kijk het na of vraag een nieuwe.")
    code = forms.CharField(
        label=_("Wat is de code?"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Schrijf de code op."), "max_length": WRONG},
    )


class PassportAnswerForm(forms.Form):
    """Their own name as they say it; a birth date only because under 16 a parent says yes too (contract, rule 10)."""

    calling_name = forms.CharField(
        label=_("Hoe noemen mensen jou?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Schrijf je naam op."), "max_length": _("Dit is te lang.")},
    )
    surname = forms.CharField(
        label=_("Wat is je achternaam?"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
        error_messages={"required": _("Schrijf je achternaam op."), "max_length": _("Dit is te lang.")},
    )
    birth_date = forms.DateField(
        label=_("Wanneer ben je geboren?"),
        help_text=_("Onder 16 jaar zegt een ouder ook ja als je deelt. Daarom vragen we het."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date", "class": "short", "autocomplete": "bday"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Dit is geen dag. Kijk het na.")},
    )

    def clean_calling_name(self) -> str:
        return self._name("calling_name")

    def clean_surname(self) -> str:
        return self._name("surname")

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born and (born > timezone.localdate() or not YOUNGEST <= (age_on(born) or 0) <= 3 * OLDEST):
            raise forms.ValidationError(_("Deze dag kan niet kloppen. Kijk het na."))
        return born

    @property
    def identity(self) -> Identity:
        said = self.cleaned_data
        born = said["birth_date"].isoformat() if said["birth_date"] else ""
        name = f"{said['calling_name']} {said['surname']}"
        return Identity(said["calling_name"], said["surname"], official_name=name, birth_date=born)

    def _name(self, field: str) -> str:
        try:
            return " ".join(clean_text(self.cleaned_data[field], longest=80).split())
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None
