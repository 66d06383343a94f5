"""One small goal as a form: which skill, the first step, and until when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refusal
from passport.goals import LONGEST_STEP, Aim, Skill
from passport.texts import clean_text
from passport.translations import on_page

ISO = "%Y-%m-%d"
DAY = gettext_lazy("Kies een dag.")


class GoalForm(forms.Form):
    """Nothing is chosen beforehand; what the student still learns is in view, the rest behind «Meer keuzes»."""

    skill = forms.ChoiceField(widget=forms.RadioSelect, label=gettext_lazy("Wat wil je oefenen?"))
    step = forms.CharField(
        required=False,
        label=gettext_lazy("Wat ga je doen?"),
        help_text=gettext_lazy("Eén kleine stap. Bijvoorbeeld: ik zet elke avond mijn tas klaar."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    on = forms.DateField(
        required=False,
        label=gettext_lazy("Wanneer kijk je of het lukt?"),
        input_formats=[ISO],
        widget=forms.DateInput(attrs={"type": "date"}, format=ISO),
        error_messages={"invalid": DAY},
    )

    def __init__(self, skills: Sequence[Skill], aim: Aim | None = None, data: Any = None) -> None:
        self.skills = list(skills)
        if aim and aim.skill not in {one.key for one in self.skills}:
            self.skills.insert(0, Skill(aim.skill, aim.label, True))
        super().__init__(data, initial=aim.content if aim else {})
        field: Any = self.fields["skill"]
        field.choices = [(one.key, one.label) for one in self.skills]
        field.error_messages |= dict.fromkeys(("required", "invalid_choice"), _("Kies wat je wilt oefenen."))
        self.fields["on"].widget.attrs["min"] = timezone.localdate().isoformat()

    def clean_skill(self) -> Skill:
        """The skill itself: its words are kept with the goal."""
        return next(one for one in self.skills if one.key == self.cleaned_data["skill"])

    def clean_step(self) -> str:
        try:
            return clean_text(self.cleaned_data["step"], longest=LONGEST_STEP, field="step")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None

    @property
    def options(self) -> dict[str, Any]:
        """What one still learns is in view; without any of that the first ones are."""
        chosen = self["skill"].value()
        rows = [
            {"value": one.key, "label": on_page(one.label), "id": f"id_skill_{place}", "checked": one.key == chosen}
            for place, one in enumerate(self.skills)
        ]
        learning = sum(one.learning for one in self.skills)
        view = learning or 5
        return {"shown": rows[:view], "more": rows[view:], "more_open": any(row["checked"] for row in rows[view:])}

    def show(self, refusal: Refusal) -> None:
        """A no of the service, at its field."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.sentence)
