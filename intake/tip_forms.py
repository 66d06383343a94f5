"""What a region writes about one need: its tips for school and for work, one a line."""

from collections.abc import Iterable

from django import forms

from intake.models import Audience
from intake.services.tips import LONGEST, MOST, NeedTips
from intake.talk_forms import as_lines

HELP = f"Eén per regel, op zijn meest {MOST}. Leeg maken zet onze tips terug."
TOO_LONG = f"Een tip heeft op zijn meest {LONGEST} tekens."


class TipsForm(forms.Form):
    school = forms.CharField(
        label=Audience.SCHOOL.label, required=False, help_text=HELP, widget=forms.Textarea(attrs={"rows": 6})
    )
    work = forms.CharField(
        label=Audience.WORK.label, required=False, help_text=HELP, widget=forms.Textarea(attrs={"rows": 6})
    )

    @classmethod
    def of(cls, tips: NeedTips) -> "TipsForm":
        """As everybody in the region reads them now."""
        return cls(initial={"school": "\n".join(tips.school), "work": "\n".join(tips.work)})

    def lists(self) -> Iterable[tuple[str, list[str]]]:
        """Each audience with its lines."""
        return [(audience, as_lines(self.cleaned_data[audience])) for audience in Audience.values]
