"""A suggestion as a form for staff: filled in with what the student says now. What fits is decided in passport."""

from typing import Any

from django import forms

from passport.questionnaire import Question, QuestionType, Unit

BLANK = "Schrijf of kies eerst iets."
OWN = "Andere woorden"
# Whom a student knows and which programmes they like is asked in a talk, not proposed on a form.
NOT_ON_A_FORM = (QuestionType.PEOPLE, QuestionType.PROGRAMMES)
# The student's own screens say these with «je»; every other sentence of a refusal reads well for both.
SENTENCES = {
    "bsn": "Dit lijkt een BSN. Haal het weg: dat nummer mag hier niet staan.",
    "blank": BLANK,
}


def has_form(unit: Unit) -> bool:
    """Whether staff can propose something for this unit on a page."""
    return unit.part != "why" and not unit.question.off and unit.question.type not in NOT_ON_A_FORM


class SuggestionForm(forms.Form):
    """`unit` names what the page is about: meanwhile another answer may have come or gone before it."""

    unit = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, unit: Unit, value: Any = None, data: Any = None) -> None:
        self.of = unit
        super().__init__(data, initial={"unit": unit.key})
        for name, (field, initial) in self._fields(unit, value).items():
            field.required = False
            self.fields[name], self.initial[name] = field, initial

    def _fields(self, unit: Unit, value: Any) -> dict[str, tuple[forms.Field, Any]]:
        question = unit.question
        if unit.part == "support":
            said = value or {}
            often = forms.ChoiceField(label="Hoe vaak?", choices=_pairs(question.how_often), widget=forms.RadioSelect)
            works = forms.CharField(label="Wat werkt?", widget=forms.Textarea(attrs={"rows": 4}))
            return {
                "how_often": (often, said.get("how_often", "")),
                "what_works": (works, said.get("what_works", "")),
            }
        if question.type is QuestionType.SCALE:
            return _scale_fields(question, value or {})
        if question.type is QuestionType.CHIPS:
            return _chip_fields(question, value or [])
        if question.type is QuestionType.CHOICE:
            pairs = _pairs(question.options)
            return {"value": (forms.ChoiceField(label="Uw voorstel", choices=pairs, widget=forms.RadioSelect), value)}
        rows = 6 if question.type is QuestionType.LONG_TEXT else 2
        box = forms.CharField(label="Uw voorstel", strip=False, widget=forms.Textarea(attrs={"rows": rows}))
        return {"value": (box, value or "")}

    @property
    def shown(self) -> list[forms.BoundField]:
        """The fields in their order, without the hidden one."""
        return [field for field in self if not field.is_hidden]

    @property
    def value(self) -> Any:
        """What the page says, in the shape of the contract."""
        said, question = self.cleaned_data, self.of.question
        if self.of.part == "support":
            return {"how_often": said["how_often"], "what_works": said["what_works"]}
        if question.type is QuestionType.SCALE:
            levels = {one.key: said[f"value_{one.key}"] for one in question.statements}
            return {key: level for key, level in levels.items() if level}
        if question.type is QuestionType.CHIPS:
            own = (line.strip() for line in said.get("own", "").splitlines())
            return [*said["value"], *(line for line in own if line)]
        return said["value"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and self.value in ("", [], {}, {"how_often": "", "what_works": ""}):
            self.add_error(self.shown[0].name, BLANK)
        return data


def _pairs(options: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(option, option) for option in options]


def _scale_fields(question: Question, value: dict[str, str]) -> dict[str, tuple[forms.Field, Any]]:
    levels = [(level.key, level.label) for level in question.levels]
    return {
        f"value_{one.key}": (
            forms.ChoiceField(label=one.label, choices=levels, widget=forms.RadioSelect),
            value.get(one.key, ""),
        )
        for one in question.statements
    }


def _chip_fields(question: Question, value: list[str]) -> dict[str, tuple[forms.Field, Any]]:
    """An option that a later version dropped stands among the options: it stays valid (contract, Answers)."""
    dropped = () if question.own else tuple(chip for chip in value if chip not in question.options)
    pairs = _pairs((*question.options, *dropped))
    chosen = forms.MultipleChoiceField(label="Uw voorstel", choices=pairs, widget=forms.CheckboxSelectMultiple)
    fields: dict[str, tuple[forms.Field, Any]] = {"value": (chosen, value)}
    if question.own:
        box = forms.CharField(
            label=OWN, help_text="Zet elk woord op een nieuwe regel.", widget=forms.Textarea({"rows": 2})
        )
        fields["own"] = (box, "\n".join(chip for chip in value if chip not in question.options))
    return fields
