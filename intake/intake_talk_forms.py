"""What an intaker fills in to plan the talk of an intake, and what the student says of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from intake.models import Case
from intake.services import cases
from intake.services.intake_talk import LENGTHS, LONGEST_SAID, PARTS, Plan, Wanted
from intake.services.talks import LONGEST_LINE
from intake.talk_forms import TalkDayField, as_lines

A_LINE = "Eén per regel."


def _lines(label: str, rows: int) -> forms.CharField:
    return forms.CharField(label=label, required=False, help_text=A_LINE, widget=forms.Textarea(attrs={"rows": rows}))


class PlanForm(forms.Form):
    """When, where, who, how and what about. Two fields for the moment: a phone and a keyboard both know them.

    The hidden fields hold the student's own answers this page was made with: see `plan_talk`.
    """

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
    minutes = forms.TypedChoiceField(
        label="Hoe lang?",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(minutes, f"{minutes} minuten") for minutes in LENGTHS],
    )
    assigned_to = forms.ModelChoiceField(
        label="Wie doet het gesprek?",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nog niemand",
        error_messages={"invalid_choice": "Deze persoon doet geen intake voor deze opleiding."},
    )
    where = forms.CharField(label="Waar?", required=False, max_length=LONGEST_LINE)
    who = _lines("Wie is erbij?", 3)
    how = _lines("Hoe doen we het?", 3)
    agenda = _lines("Waar gaat het over?", 7)
    own_who = forms.CharField(required=False, widget=forms.HiddenInput)
    own_how = forms.CharField(required=False, widget=forms.HiddenInput)
    own_agenda = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, case: Case, data: Any = None, *, plan: Plan | None = None, wanted: Wanted | None = None) -> None:
        at = timezone.localtime(case.intake_at) if case.intake_at else None
        initial: dict[str, Any] = {"day": at and at.date(), "time": at and at.time(), "minutes": LENGTHS[1]}
        initial["assigned_to"] = case.assigned_to_id
        if wanted is not None:
            initial |= _known(plan, wanted)
        super().__init__(data, initial=initial)
        field = self.fields["assigned_to"]
        field.queryset = cases.intakers_of(case.programme_id)  # type: ignore[attr-defined]  # a field that chooses
        field.label_from_instance = lambda user: user.staff_name  # type: ignore[attr-defined]  # a field that chooses

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("time") and not data.get("day") and "day" not in self.errors:
            self.add_error("day", "Kies ook een dag.")
        if data.get("day") and not data.get("time") and "time" not in self.errors:
            self.add_error("time", "Kies ook een tijd.")
        return data

    def plan(self) -> dict[str, Any]:
        """What `plan_talk` takes."""
        data = self.cleaned_data
        day, time = data["day"], data["time"]
        return {
            "at": timezone.make_aware(datetime.combine(day, time)) if day and time else None,
            "assigned_to": data["assigned_to"],
            "minutes": data["minutes"] or LENGTHS[1],
            "where": data["where"],
            "lines": {part: as_lines(data[part]) for part in PARTS},
            "own": {part: as_lines(data[f"own_{part}"]) for part in PARTS},
        }


def _known(plan: Plan | None, wanted: Wanted) -> dict[str, Any]:
    """As it is planned; without lines yet, what the student wants and both sides ask."""
    planned = plan if plan and (plan.where or plan.who or plan.how or plan.agenda) else None
    suggested: dict[str, Iterable[str]] = {"who": wanted.who, "how": wanted.how, "agenda": wanted.agenda}
    known: dict[str, Any] = {"where": planned.where if planned else ""}
    if plan is not None:
        known["minutes"] = plan.minutes
    for part in PARTS:
        known[part] = "\n".join(getattr(planned, part) if planned else suggested[part])
        known[f"own_{part}"] = "\n".join(wanted.of(part))
    return known


class TalkAnswerForm(forms.Form):
    """What the student says of the plan; nothing filled in takes it away."""

    other_time = forms.BooleanField(label=_("Ik wil een andere tijd"), required=False)
    bring = forms.CharField(
        label=_("Ik wil iemand meenemen"),
        help_text=_("Bijvoorbeeld: mijn moeder."),
        required=False,
        max_length=LONGEST_LINE,
        error_messages={"max_length": _("Dit is te lang.")},
    )
    text = forms.CharField(
        label=_("Wil je nog iets zeggen?"),
        required=False,
        max_length=LONGEST_SAID,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Dit is te lang. Er passen 300 tekens in.")},
    )

    @classmethod
    def of(cls, plan: Plan) -> "TalkAnswerForm":
        """As the student left it."""
        said = plan.answer
        return cls(
            initial={"other_time": said.other_time, "bring": said.bring, "text": said.text} if said else {},
            auto_id="answer_%s",
        )
