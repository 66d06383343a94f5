"""What a reader can fill in: a short reply, the next step of an intake, and what to look for in the inbox."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from consent.services import LONGEST_REPLY
from intake.models import Case
from intake.services import cases

ORDERINGS = [
    ("received_at", "Oudste eerst"),
    ("-received_at", "Nieuwste eerst"),
    ("student", "Naam"),
    ("intake_at", "Dag van het gesprek"),
]


class ReplyForm(forms.Form):
    reply = forms.CharField(
        label=_("Uw antwoord"),
        max_length=LONGEST_REPLY,
        initial=_("Ik heb het gelezen. Dank je wel."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Schrijf eerst iets."),
            "max_length": _("Dit is te lang. Gebruik niet meer dan 300 tekens."),
        },
    )


class LinkCodeForm(forms.Form):
    """The six digits that came from the student in person; spaces and dashes between them are fine."""

    code = forms.CharField(
        label=_("De code van zes cijfers"),
        help_text=_("U kreeg de code van de persoon zelf, niet met de mail."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
        error_messages={"required": _("Vul de zes cijfers in."), "max_length": _("Vul de zes cijfers in.")},
    )

    def clean_code(self) -> str:
        """What cannot be a code costs no try."""
        digits: str = re.sub(r"[\s-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", digits):
            raise forms.ValidationError(_("Vul de zes cijfers in."))
        return digits


class InboxForm(forms.Form):
    tab = forms.ChoiceField(required=False, choices=list(cases.TABS.items()), widget=forms.HiddenInput)
    status = forms.ChoiceField(label="Stap", required=False)
    programme = forms.ChoiceField(label="Opleiding", required=False)
    ordering = forms.ChoiceField(label="Volgorde", required=False, choices=ORDERINGS)
    q = forms.CharField(label="Naam", required=False, max_length=80)

    def __init__(self, programmes: list[Programme], data: Any = None) -> None:
        super().__init__(data)
        ended = [(cases.ENDED, cases.ENDED_LABEL)]
        self.fields["status"].choices = [("", "Alle stappen"), *Case.Status.choices, *ended]  # type: ignore[attr-defined]  # a field that chooses
        named = [(one.code, one.label) for one in programmes]
        self.fields["programme"].choices = [("", "Alle opleidingen"), *named]  # type: ignore[attr-defined]  # a field that chooses

    def filters(self) -> list[tuple[str, str, Any, str]]:
        """The three lists to choose from: name, label, choices and what is chosen."""
        names = ("status", "programme", "ordering")
        return [(name, str(self[name].label), self.fields[name].choices, self[name].value() or "") for name in names]  # type: ignore[attr-defined]  # a field that chooses


class AssignForm(forms.Form):
    """Whom the ticked cases go to. Who does no intake there is refused by the service."""

    to = forms.ModelChoiceField(
        label="Geef aan",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nog niemand",
        error_messages={"invalid_choice": "Deze persoon doet geen intake voor deze opleiding."},
    )
    case = forms.TypedMultipleChoiceField(
        coerce=UUID, error_messages={"required": "Kies eerst een of meer regels.", "invalid_choice": "Niet gevonden."}
    )

    def __init__(self, programmes: list[Programme], data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["to"]
        field.queryset = cases.intakers_for(programmes)  # type: ignore[attr-defined]  # a field that chooses
        field.label_from_instance = lambda user: user.staff_name  # type: ignore[attr-defined]  # a field that chooses
        # Any id has the right form; whose it is the service asks.
        self.fields["case"].valid_value = _is_uuid  # type: ignore[attr-defined]  # a field that chooses


def _is_uuid(raw: str) -> bool:
    try:
        UUID(str(raw))
    except ValueError:
        return False
    return True
