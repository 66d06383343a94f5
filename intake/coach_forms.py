"""What a coach writes about a moment with a student, and the code a student types."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.services.coach_ties import LABELS
from intake.talk_forms import TOO_LONG, TalkDayField, as_lines

WHAT_THEY_DO = (
    "Doorstroomcoach: van school naar het mbo",
    "Jobcoach: op stage of werk",
    "Ambulant begeleider: van een andere school",
    "Coach: iets anders",
)
A_PROMISE = "Eén afspraak per regel."


class CoachLabelForm(forms.Form):
    label = forms.ChoiceField(
        label="Wat doet u?",
        choices=list(zip(LABELS, WHAT_THEY_DO, strict=True)),
        widget=forms.RadioSelect,
        error_messages={"required": "Kies wat u doet.", "invalid_choice": "Kies wat u doet."},
    )


class CoachCodeForm(forms.Form):
    """The eight digits a coach shows; spaces and dashes between them are fine."""

    code = forms.CharField(
        label=_("De code van je coach"),
        help_text=_("Acht cijfers. Je coach laat ze zien."),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "short"}),
        error_messages={"required": _("Vul de acht cijfers in."), "max_length": _("Vul de acht cijfers in.")},
    )


class CoachPlanForm(forms.Form):
    on = TalkDayField(
        label="Welke dag?",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet.", "required": "Kies een dag."},
    )
    text = forms.CharField(
        label="Waar gaat het over?",
        required=False,
        max_length=1000,
        help_text="De student leest dit. Het hoeft niet.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )


class CoachMomentForm(forms.Form):
    on = TalkDayField(
        label="Welke dag was het?",
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet.", "required": "Kies een dag."},
    )
    text = forms.CharField(
        label="Wat wilt u samen onthouden?",
        required=False,
        max_length=1000,
        help_text="Kort. De student leest dit ook.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": TOO_LONG},
    )
    own = forms.CharField(
        label="Wat doet u?", required=False, help_text=A_PROMISE, widget=forms.Textarea(attrs={"rows": 2})
    )
    students = forms.CharField(
        label="Wat doet de student?", required=False, help_text=A_PROMISE, widget=forms.Textarea(attrs={"rows": 2})
    )
    until = TalkDayField(
        label="Voor welke dag?",
        required=False,
        help_text="Voor alle afspraken hierboven. Het hoeft niet.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet."},
    )

    def clean_own(self) -> list[str]:
        return as_lines(self.cleaned_data["own"])

    def clean_students(self) -> list[str]:
        return as_lines(self.cleaned_data["students"])

    def said(self) -> dict[str, Any]:
        """What `write_moment` takes."""
        return dict(self.cleaned_data)
