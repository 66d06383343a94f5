"""What the school team writes about the talk of a warm transfer, and what the student answers."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.services.talks import Talk

LONG_AGO, FAR_AHEAD = timedelta(days=-366), timedelta(days=731)
TOO_LONG = "Dit is te lang. Gebruik niet meer dan 1000 tekens."


def as_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


class TalkDayField(forms.DateField):
    """A day that a talk can be on; one of another age is a slip, and no clock knows it in UTC."""

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and not LONG_AGO <= value - timezone.localdate() <= FAR_AHEAD:
            raise forms.ValidationError("Deze dag is te ver weg. Kies een andere dag.")


class TalkPlanForm(forms.Form):
    """When, where, who is there and what about. One line for each person and each subject.

    The hidden fields hold the student's own answers that this page was made with: see `plan_talk`.
    """

    day = TalkDayField(
        label="Welke dag?",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet."},
    )
    time = forms.TimeField(
        label="Hoe laat?",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Deze tijd klopt niet."},
    )
    where = forms.CharField(label="Waar?", required=False, max_length=120)
    who = forms.CharField(
        label="Wie is erbij?", required=False, help_text="Eén per regel.", widget=forms.Textarea(attrs={"rows": 4})
    )
    agenda = forms.CharField(
        label="Waar gaat het over?",
        required=False,
        help_text="Eén per regel.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    own_who = forms.CharField(required=False, widget=forms.HiddenInput)
    own_agenda = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, talk: Talk | None, who: list[str], agenda: list[str]) -> "TalkPlanForm":
        """As it is planned; without a plan the student's own wishes, as far as they are shared."""
        at = timezone.localtime(talk.planned_for) if talk and talk.planned_for else None
        known = {
            "day": at and at.date(),
            "time": at and at.time(),
            "where": talk.where if talk else "",
            "who": "\n".join(talk.who if talk else who),
            "agenda": "\n".join(talk.agenda if talk else agenda),
            "own_who": "\n".join(who),
            "own_agenda": "\n".join(agenda),
        }
        return cls(initial=known, auto_id="talk_%s")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, other, sentence in (("time", "day", "Kies ook een dag."), ("day", "time", "Kies ook een tijd.")):
            if data.get(name) and not data.get(other) and other not in self.errors:
                self.add_error(other, sentence)
        return data

    def plan(self) -> dict[str, Any]:
        """What `plan_talk` takes."""
        data = self.cleaned_data
        day, time = data["day"], data["time"]
        return {
            "planned_for": timezone.make_aware(datetime.combine(day, time)) if day and time else None,
            "where": data["where"],
            "who": as_lines(data["who"]),
            "agenda": as_lines(data["agenda"]),
            "own_who": as_lines(data["own_who"]),
            "own_agenda": as_lines(data["own_agenda"]),
        }


class TalkOutcomeForm(forms.Form):
    outcome = forms.CharField(
        label="Wat is er afgesproken?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"max_length": TOO_LONG},
    )

    @classmethod
    def of(cls, talk: Talk | None) -> "TalkOutcomeForm":
        return cls(initial={"outcome": talk.outcome if talk else ""}, auto_id="talk_%s")


class TalkCommentForm(forms.Form):
    comment = forms.CharField(
        label=_("Wat vind jij ervan?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": _("Dit is te lang. Er passen 1000 tekens in.")},
    )
