"""One question as a form: what a POST says, what the page shows. What fits is decided in passport/values.py."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from passport import services, values
from passport.pictures import NEEDS_SHEET, need_pictures, picture_of
from passport.questionnaire import Question, Questionnaire, QuestionType
from passport.services import Text
from passport.translations import on_page, translated
from passport.values import Status

IN_VIEW = 5
SCALES_IN_VIEW = 3  # each is a row of faces, as high as two options
WAYS = (Status.LATER, Status.PRIVATE)
# A radio of a way out stands among the options of a choice, so it needs a value no option can have.
WAY_RADIOS = {f":{way}": way for way in WAYS}
# Buttons that bring the page back with what was typed, and those that keep a changed list at once.
TYPED_ON = {QuestionType.PEOPLE: ("more", "remove"), QuestionType.PROGRAMMES: ("search",)}
LIST_ACTS = ("choose", "up", "down", "remove")
WAY_WORDS = {Status.LATER: gettext_lazy("Weet ik nog niet"), Status.PRIVATE: gettext_lazy("Wil ik niet zeggen")}
BLANK_PERSON = {"name": "", "relation": "", "contact": ""}


@dataclass(frozen=True, slots=True)
class Draft:
    """What the page says: ways out that are ticked, and a value that may still be wrong. Personal."""

    ways: tuple[Status, ...] = ()
    value: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, text: Text) -> "Draft":
        return cls((text.status,) if text.status in WAYS else (), text.value)

    @property
    def way(self) -> str:
        return self.ways[0] if self.ways else ""

    @property
    def status(self) -> Status:
        return self.ways[0] if self.ways else Status.ANSWERED


class AnswerWidget(forms.Widget):
    """Reads the fields of one question. Each type has its own template, so this draws nothing itself."""

    def __init__(self, questions: Questionnaire, question: Question, kept: Any = None) -> None:
        super().__init__()
        self.questions, self.question, self.kept = questions, question, kept

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Draft:
        ways, value = data.getlist("status"), _READERS[self.question.type](self, data)
        if self.question.type is QuestionType.CHOICE and value in WAY_RADIOS:
            ways, value = [WAY_RADIOS[value]], ""
        return Draft(tuple(way for way in WAYS if way in ways), value)

    def id_for_label(self, id_: str) -> str:
        """The first field on the page: where the error summary leads."""
        return _FIRST_FIELD.get(self.question.type, "id_value_0").format(self.question)


class AnswerForm(forms.Form):
    """`revision` is the text the student saw last, `before` the one when the page opened (for undo)."""

    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, questions: Questionnaire, question: Question, text: Text | None = None, data: Any = None
    ) -> None:
        self.questions, self.question, self.text = questions, question, text
        seen = text.revision if text else 0
        initial = {"revision": seen, "before": seen, "value": Draft.of(text) if text else Draft()}
        super().__init__(data, initial=initial)
        widget = AnswerWidget(questions, question, text.value if text else None)
        self.fields["value"] = forms.Field(required=False, label=translated(question.label), widget=widget)

    @property
    def draft(self) -> Draft:
        draft: Draft = self["value"].value()
        return draft

    @property
    def template(self) -> str:
        kind = "off" if self.question.off else "mentor" if self.question.written_by != "student" else None
        kind = kind or str(self.question.type)
        return f"passport/widgets/{kind}.html"

    @property
    def shown(self) -> dict[str, Any]:
        """What the template of this type needs."""
        shown = _SHOWN.get(self.question.type)
        return shown(self) if shown else {}

    @property
    def hint(self) -> str:
        return _hint(self.question)

    @property
    def base(self) -> str:
        """The value the page opened with, for the script: what this page does not show stays as it was."""
        return json.dumps(self.text.value if self.text else None, ensure_ascii=False)

    def clean_value(self) -> Draft:
        draft: Draft = self.cleaned_data["value"]
        if self.is_typed_on:
            return draft
        # Chosen programmes are kept already: a way out is then the newer word.
        both = bool(draft.value) and self.question.type is not QuestionType.PROGRAMMES
        if len(draft.ways) > 1:
            raise forms.ValidationError(_("Kies één van de twee: «Weet ik nog niet» of «Wil ik niet zeggen»."))
        if draft.ways and both:
            words = {"way": WAY_WORDS[draft.status]}
            raise forms.ValidationError(_("Kies één van de twee: je antwoord of «%(way)s».") % words)
        if not draft.ways and not draft.value and not self.is_list_act:
            raise forms.ValidationError(_("Kies een antwoord. Je mag ook Weet ik nog niet kiezen."))
        return Draft(draft.ways) if draft.ways else draft

    @property
    def error_title(self) -> str:
        """Something that is there but does not fit is not missing."""
        return _("Kijk dit nog na") if self.draft.value or self.draft.ways else ""

    @property
    def is_list_act(self) -> bool:
        """A button that changes a list of programmes: kept at once, also when the list is empty now."""
        return self.question.type is QuestionType.PROGRAMMES and any(act in self.data for act in LIST_ACTS)

    @property
    def is_typed_on(self) -> bool:
        """A button that only brings the page back, with what was typed."""
        return any(button in self.data for button in TYPED_ON.get(self.question.type, ()))


# --- Reading a POST -----------------------------------------------------------------------------------------


def _read_text(widget: AnswerWidget, data: Any) -> Any:
    text = data.get("value", "")
    return text if text.strip() else ""


def _read_chips(widget: AnswerWidget, data: Any) -> list[str]:
    own = [line.strip() for line in data.get("own", "").splitlines()]
    return [chip for chip in (*data.getlist("value"), *own) if chip]


def _read_scale(widget: AnswerWidget, data: Any) -> dict[str, str]:
    names = {statement.key: f"value_{statement.key}" for statement in widget.question.statements}
    return {key: data[name] for key, name in names.items() if data.get(name)}


def _read_people(widget: AnswerWidget, data: Any) -> list[dict[str, str]]:
    columns = [data.getlist(part) for part in BLANK_PERSON]
    rows = [dict(zip(BLANK_PERSON, row, strict=True)) for row in zip_longest(*columns, fillvalue="")]
    rows = [row for place, row in enumerate(rows) if str(place) != data.get("remove")]
    return [row for row in rows if any(part.strip() for part in row.values())]


def _read_programmes(widget: AnswerWidget, data: Any) -> list[str]:
    codes = list(dict.fromkeys(data.getlist("value")))
    if chosen := data.get("choose"):
        codes = list(dict.fromkeys([*codes, chosen]))
    for step, name in ((-1, "up"), (1, "down")):
        if data.get(name) in codes:
            place = codes.index(data[name])
            code = codes.pop(place)
            codes.insert(max(place + step, 0), code)
    return [code for code in codes if code != data.get("remove")]


def _read_needs(widget: AnswerWidget, data: Any) -> list[dict[str, str]]:
    kept = {row["need"]: row for row in widget.kept or ()}
    return [kept.get(need) or {"need": need} for need in dict.fromkeys(data.getlist("value"))]


_READERS: Mapping[QuestionType, Callable[[AnswerWidget, Any], Any]] = {
    QuestionType.SHORT_TEXT: _read_text,
    QuestionType.LONG_TEXT: _read_text,
    QuestionType.CHOICE: _read_text,
    QuestionType.CHIPS: _read_chips,
    QuestionType.SCALE: _read_scale,
    QuestionType.PEOPLE: _read_people,
    QuestionType.PROGRAMMES: _read_programmes,
    QuestionType.NEEDS: _read_needs,
}
_FIRST_FIELD = {
    QuestionType.SHORT_TEXT: "id_value",
    QuestionType.LONG_TEXT: "id_value",
    QuestionType.SCALE: "id_value_{0.statements[0].key}_{0.levels[0].key}",
    QuestionType.PEOPLE: "id_name_0",
    QuestionType.PROGRAMMES: "id_q",
}


# --- Showing a page -----------------------------------------------------------------------------------------


def _options(pairs: list[tuple[str, str]], chosen: Any, exclusive: str = "") -> dict[str, Any]:
    """The first five in view, the rest behind «Meer keuzes», which is open when something in it is chosen.

    Pictures only where most options have one: a single one among words would look like the right answer.
    """
    drawn = 2 * sum(bool(picture_of(value)) for value, _label in pairs) > len(pairs)
    rows = [
        {
            "value": value,
            "label": on_page(label),
            "id": f"id_value_{place}",
            "checked": value in chosen,
            "exclusive": value == exclusive,
            "picture": picture_of(value) if drawn else "",
        }
        for place, (value, label) in enumerate(pairs)
    ]
    # One row behind a fold costs as much room as the fold.
    view = IN_VIEW if len(rows) > IN_VIEW + 1 else len(rows)
    more = rows[view:]
    return {"shown": rows[:view], "more": more, "more_open": any(row["checked"] for row in more)}


def _show_choice(form: AnswerForm) -> dict[str, Any]:
    chosen = form.draft.value
    dropped = [chosen] if chosen and chosen not in form.question.options else []
    return _options([(option, option) for option in (*form.question.options, *dropped)], [chosen])


def _show_chips(form: AnswerForm) -> dict[str, Any]:
    chosen, question = form.draft.value or [], form.question
    own = [chip for chip in chosen if chip not in question.options]
    dropped = [] if question.own else own
    options = [(option, option) for option in (*question.options, *dropped)]
    return {**_options(options, chosen, question.exclusive), "own": "\n".join(own)}


def _show_scale(form: AnswerForm) -> dict[str, Any]:
    chosen = form.draft.value or {}
    rows = [(statement, chosen.get(statement.key, "")) for statement in form.question.statements]
    view = SCALES_IN_VIEW if len(rows) > SCALES_IN_VIEW + 1 else len(rows)
    return {"statements": rows[:view], "more": rows[view:], "more_open": any(level for _, level in rows[view:])}


def _show_people(form: AnswerForm) -> dict[str, Any]:
    people, most = form.draft.value or [], form.question.max or values.MOST_PEOPLE
    # «Nog iemand erbij» asks for one more row; nobody yet is one empty row.
    rows = [*people, BLANK_PERSON] if not people or ("more" in form.data and len(people) < most) else people
    return {
        "people": rows,
        "room": len(rows) < most,
        "single": most == 1,
        "contact": form.question.key == values.TRUSTED_PERSON,
    }


def _show_programmes(form: AnswerForm) -> dict[str, Any]:
    codes, searched = form.draft.value or [], "search" in form.data
    found = services.find_programmes(form.data.get("q", "")[:100]) if searched else []
    rows = {programme.code: programme for programme in services.programmes_of(codes)}
    return {
        # A programme that is gone keeps its place: only the student takes it away.
        "chosen": [(code, rows.get(code)) for code in codes],
        "room": len(codes) < values.MOST_PROGRAMMES,
        "searched": searched,
        "q": form.data.get("q", ""),
        "found": [programme for programme in found if programme.code not in codes],
    }


def _show_needs(form: AnswerForm) -> dict[str, Any]:
    chosen = [row["need"] for row in form.draft.value or ()]
    kept = form.text.value or () if form.text else ()
    shown = _options([(need.key, need.label) for need in form.questions.needs], chosen)
    for option in (*shown["shown"], *shown["more"]):
        option |= {"picture": need_pictures().get(option["value"], ""), "sheet": NEEDS_SHEET}
    labels, drawn = form.questions.need_labels, need_pictures()
    cards = [{**row, "label": labels.get(row["need"], row["need"]), "picture": drawn.get(row["need"])} for row in kept]
    return {**shown, "cards": cards}


_SHOWN: Mapping[QuestionType, Callable[[AnswerForm], dict[str, Any]]] = {
    QuestionType.CHOICE: _show_choice,
    QuestionType.CHIPS: _show_chips,
    QuestionType.SCALE: _show_scale,
    QuestionType.PEOPLE: _show_people,
    QuestionType.PROGRAMMES: _show_programmes,
    QuestionType.NEEDS: _show_needs,
}


def _hint(question: Question) -> str:
    if question.type is QuestionType.CHIPS and question.max:
        return _("Kies er niet meer dan %(most)s.") % {"most": question.max}
    return {
        QuestionType.LONG_TEXT: "" if question.written_by != "student" else _("Schrijf het in je eigen woorden."),
        QuestionType.CHOICE: _("Kies wat het meest klopt."),
        QuestionType.CHIPS: _("Je mag er meer kiezen."),
        QuestionType.SCALE: _("Kies bij elk wat het meest klopt."),
        QuestionType.PEOPLE: _("Een voornaam is genoeg."),
        QuestionType.PROGRAMMES: _("Kies er niet meer dan drie. De leukste staat bovenaan."),
        QuestionType.NEEDS: _("Je mag er meer kiezen. Daarna vertel je er meer over."),
    }.get(question.type, "")


class NeedForm(forms.Form):
    """What the student tells about one chosen need. Everything may stay empty."""

    revision = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    how_often = forms.CharField(required=False, strip=False)
    what_works = forms.CharField(required=False, strip=False)
    why = forms.CharField(required=False, strip=False)


class RouteForm(forms.Form):
    """Where to after this school. «Weet ik nog niet» is an answer too, kept as no route."""

    UNKNOWN = "later"
    route = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, questions: Questionnaire, route: str | None, data: Any = None) -> None:
        super().__init__(data, initial={"route": route})
        field = cast(forms.ChoiceField, self.fields["route"])
        field.label = _("Wat wil je na deze school?")
        field.help_text = _("Je mag dit later veranderen.")
        field.choices = [
            *((option.key, translated(option.label)) for option in questions.routes),
            (self.UNKNOWN, _("Weet ik nog niet")),
        ]
        field.error_messages = dict.fromkeys(("required", "invalid_choice"), _("Kies een antwoord."))

    @property
    def options(self) -> list[dict[str, Any]]:
        choices: Any = cast(Any, self.fields["route"]).choices
        chosen = self["route"].value()
        return [
            {"value": value, "label": label, "id": f"id_route_{place}", "checked": value == chosen}
            for place, (value, label) in enumerate(choices)
        ]

    @property
    def chosen(self) -> str | None:
        route = self.cleaned_data["route"]
        return None if route == self.UNKNOWN else route
