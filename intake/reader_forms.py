"""What a reader can fill in: a short reply, the next step of an intake, and what to look for in the inbox."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, User
from consent.services import LONGEST_REPLY
from intake.models import Case
from intake.services import cases
from intake.talk_forms import TalkDayField

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


class PlanForm(forms.Form):
    """When the talk is and who does it. Two fields for the moment: a phone and a keyboard both know them."""

    day = TalkDayField(
        label="Dag van het gesprek",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet."},
    )
    time = forms.TimeField(
        label="Tijd",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Deze tijd klopt niet."},
    )
    assigned_to = forms.ModelChoiceField(
        label="Wie doet het gesprek?",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nog niemand",
        error_messages={"invalid_choice": "Deze persoon doet geen intake voor deze opleiding."},
    )

    def __init__(self, case: Case, data: Any = None) -> None:
        at = timezone.localtime(case.intake_at) if case.intake_at else None
        initial = {"day": at and at.date(), "time": at and at.time(), "assigned_to": case.assigned_to_id}
        super().__init__(data, initial=initial)
        field = self.fields["assigned_to"]
        field.queryset = cases.intakers_of(case.programme_id)  # type: ignore[attr-defined]
        field.label_from_instance = lambda user: user.staff_name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("time") and not data.get("day") and "day" not in self.errors:
            self.add_error("day", "Kies ook een dag.")
        if data.get("day") and not data.get("time") and "time" not in self.errors:
            self.add_error("time", "Kies ook een tijd.")
        return data

    @property
    def intake_at(self) -> datetime | None:
        day, time = self.cleaned_data["day"], self.cleaned_data["time"]
        return timezone.make_aware(datetime.combine(day, time)) if day and time else None


class InboxForm(forms.Form):
    status = forms.ChoiceField(label="Stap", required=False)
    programme = forms.ChoiceField(label="Opleiding", required=False)
    ordering = forms.ChoiceField(label="Volgorde", required=False, choices=ORDERINGS)
    q = forms.CharField(label="Naam", required=False, max_length=80)

    def __init__(self, programmes: list[Programme], data: Any = None) -> None:
        super().__init__(data)
        ended = [(cases.ENDED, cases.ENDED_LABEL)]
        self.fields["status"].choices = [("", "Alle stappen"), *Case.Status.choices, *ended]  # type: ignore[attr-defined]
        named = [(one.code, one.label) for one in programmes]
        self.fields["programme"].choices = [("", "Alle opleidingen"), *named]  # type: ignore[attr-defined]

    def filters(self) -> list[tuple[str, str, Any, str]]:
        """The three lists to choose from: name, label, choices and what is chosen."""
        names = ("status", "programme", "ordering")
        return [(name, str(self[name].label), self.fields[name].choices, self[name].value() or "") for name in names]  # type: ignore[attr-defined]
