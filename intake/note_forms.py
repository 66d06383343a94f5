"""What a talk left on paper, and what somebody from home writes beside a text."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.models import TalkNote
from intake.talk_forms import TOO_LONG, TalkDayField, as_lines


class NoteForm(forms.Form):
    held_on = TalkDayField(
        label="Welke dag was het gesprek?",
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Deze dag klopt niet.", "required": "Kies een dag."},
    )
    kind = forms.ChoiceField(
        label="Wat voor gesprek?",
        choices=TalkNote.Kind.choices,
        initial=TalkNote.Kind.MENTOR,
        error_messages={"required": "Kies wat voor gesprek het was."},
    )
    points = forms.CharField(
        label="Wat is er afgesproken?",
        required=False,
        help_text="Eén afspraak per regel. De student ziet ze en zet erbij wat gedaan is.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    text = forms.CharField(
        label="Wat wilt u nog onthouden?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": TOO_LONG},
    )

    def clean_points(self) -> list[str]:
        return as_lines(self.cleaned_data["points"])


class RemarkForm(forms.Form):
    """The unit is in the body: an address never says what was written about."""

    unit = forms.CharField(widget=forms.HiddenInput, max_length=80)
    remark = forms.CharField(
        label=_("Wat wilt u hierbij zeggen?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("Dit is te lang. Gebruik niet meer dan 500 tekens.")},
    )
