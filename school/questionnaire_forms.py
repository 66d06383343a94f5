"""What a working group fills in: the texts of one question, or of one section. Keys are no field: they are fixed."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from passport.drafting import LINE, LONGEST, ONE_LABEL, Draft, long_sentences, untranslated
from passport.questionnaire import Question, QuestionType, Section

EMPTY = "Vul dit in."
ONE_A_LINE = "Zet elk antwoord op een nieuwe regel. De eerste vijf staan in beeld."
BESIDE_A_FORM = {"csrfmiddlewaretoken", "seen", "next"}


class _TextsForm(forms.Form):
    """`key` is what it is about; `seen` tells whether somebody else changed it meanwhile."""

    key = ""
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def _add(
        self, name: str, label: str, now: str, *, longest: int, required: bool = False, help_text: str = ""
    ) -> None:
        notes = () if name == "short" else notes_on(now)
        hint = " ".join(part for part in (help_text, *notes) if part)
        self.fields[name] = forms.CharField(
            label=label, required=required, max_length=longest, help_text=hint,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"required": EMPTY, "max_length": f"Er passen {longest} tekens in."},
        )  # fmt: skip
        self.initial[name] = now

    def _add_lines(self, name: str, label: str, now: Iterable[str], help_text: str = "", rows: int = 0) -> None:
        lines = tuple(now)
        notes = (note for line in lines for note in notes_on(line)) if name != "talk" else ()
        self.fields[name] = forms.CharField(
            label=label, required=False, help_text=" ".join((help_text, *dict.fromkeys(notes))),
            widget=forms.Textarea(attrs={"rows": rows or max(3, len(lines) + 1)}),
        )  # fmt: skip
        self.initial[name] = "\n".join(lines)

    def not_fields(self) -> list[str]:
        """What was sent that is no field here: a key somebody tried to change or to add."""
        sent: Any = self.data
        keys = [key for key in sent.getlist("key") if key != self.key]
        return [*sorted(set(sent) - BESIDE_A_FORM - set(self.fields) - {"key"}), *keys]

    def _lines(self, name: str) -> list[str]:
        return [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]


class QuestionForm(_TextsForm):
    """Every text of one question, as far as its type has it."""

    def __init__(self, draft: Draft, question: Question, data: Any = None) -> None:
        super().__init__(data)
        self.key, self.question = question.key, question
        self.initial["seen"] = draft.seen(question.key)
        self._add("label", "De vraag", question.label, longest=LONGEST["label"], required=True)
        self._add("why", "Waarom vragen we dit?", question.why, longest=LONGEST["why"], required=True)
        if question.type in {QuestionType.SHORT_TEXT, QuestionType.LONG_TEXT} or question.example:
            self._add("example", "Voorbeeld van een verzonnen student", question.example, longest=LONGEST["example"])
        if question.brief is not None:
            short = (draft.content.get("short") or {}).get(question.key, "")
            empty = "Zo heet het op het overzicht van de intaker. Leeg: de vraag zelf."
            self._add("short", "Kort kopje", short, longest=LONGEST["short"], help_text=empty)
        if question.options:
            self._add_lines("options", "Antwoorden", question.options, ONE_A_LINE)
        if question.type is QuestionType.CHIPS:
            alone = "Wie dit kiest, kiest niets anders. Meestal leeg."
            self._add("exclusive", "Antwoord dat alleen staat", question.exclusive, longest=LINE, help_text=alone)
        self._add_labels(draft, question)

    def _add_labels(self, draft: Draft, question: Question) -> None:
        if question.how_often:
            self._add_lines(
                "how_often", "Hoe vaak? Antwoorden", question.how_often, "Zet elk antwoord op een nieuwe regel."
            )
        if question.what_works_label:
            self._add("what_works_label", "Vraag bij elke hulp", question.what_works_label, longest=ONE_LABEL)
        if question.why_label:
            self._add("why_label", "Vraag naar de reden", question.why_label, longest=ONE_LABEL)
        needs = draft.questions.needs if question.type is QuestionType.NEEDS else ()
        for name, what, rows in (
            ("levels", "Keuze", question.levels),
            ("statements", "Regel", question.statements),
            ("needs", "Soort hulp", needs),
        ):
            for row in rows:
                self._add(f"{name}_{row.key}", f"{what} ({row.key})", row.label, longest=ONE_LABEL, required=True)

    @property
    def said(self) -> dict[str, Any]:
        """What the page says, as passport/drafting.py:change_question takes it."""
        said: dict[str, Any] = {}
        for name in self.fields:
            if name in ("options", "how_often"):
                said[name] = self._lines(name)
            elif name in LONGEST or name in ("exclusive", "what_works_label", "why_label"):
                said[name] = self.cleaned_data[name]
            elif name != "seen":
                what, key = name.split("_", 1)
                said.setdefault(what, {})[key] = self.cleaned_data[name]
        return said


class SectionForm(_TextsForm):
    """The texts of one section."""

    def __init__(self, draft: Draft, section: Section, data: Any = None) -> None:
        super().__init__(data)
        self.key = section.key
        self.initial["seen"] = draft.seen(section.key)
        self._add("title", "Naam van het deel", section.title, longest=LONGEST["title"], required=True)
        self._add("intro", "Zin onder de naam", section.intro, longest=LONGEST["intro"], required=True)
        talk = "Voor de mentor, bij een gesprek over dit deel. Zet elke vraag op een nieuwe regel."
        self._add_lines("talk", "Vragen voor een gesprek", section.talk, talk)

    @property
    def said(self) -> Mapping[str, Any]:
        """What the page says, as passport/drafting.py:change_section takes it."""
        return {"title": self.cleaned_data["title"], "intro": self.cleaned_data["intro"], "talk": self._lines("talk")}


def notes_on(text: str) -> list[str]:
    """What a working group should know of a text: a sentence that is too long, a language it is not in yet."""
    notes = [f"Deze zin is lang voor een student: «{sentence}»" for sentence in long_sentences(text)]
    if languages := untranslated(text):
        notes.append(f"Nog niet vertaald: {', '.join(languages)}. Wie die taal kiest, leest dit in het Nederlands.")
    return notes
