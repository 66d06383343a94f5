"""What is different between two versions of the questions, in plain words for who publishes the second."""

from collections.abc import Iterator
from dataclasses import dataclass

from passport.questionnaire import Question, Questionnaire, Section

WORDS = {
    "label": "Vraag",
    "why": "Waarom vragen we dit?",
    "example": "Voorbeeld",
    "exclusive": "Antwoord dat alleen staat",
    "what_works_label": "Vraag bij een hulp",
    "why_label": "Vraag naar de reden",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different: about which question or section, and what it was.

    `is_read`: whether a student reads `after` as it stands.
    """

    key: str
    about: str
    what: str
    before: str = ""
    after: str = ""
    is_read: bool = True


def changes(old: Questionnaire, new: Questionnaire) -> list[Change]:
    """Everything that publishing would change, in the order of the questions."""
    found = [change for section in new.sections for change in _section_changes(old, section)]
    for key, after in new.questions.items():
        found += _question_changes(old.questions[key], after)
    before = old.need_labels
    return found + [
        Change(need.key, "Soorten hulp", "Soort hulp", before[need.key], need.label)
        for need in new.needs
        if need.label != before.get(need.key, need.label)
    ]


def _section_changes(old: Questionnaire, new: Section) -> Iterator[Change]:
    before = next(section for section in old.sections if section.key == new.key)
    for what, was, now in (
        ("Naam van het deel", before.title, new.title),
        ("Zin onder de naam", before.intro, new.intro),
    ):
        if was != now:
            yield Change(new.key, before.title, what, was, now)
    if before.talk != new.talk:
        was, now = "\n".join(before.talk), "\n".join(new.talk)
        yield Change(new.key, before.title, "Vragen voor een gesprek", was, now, is_read=False)
    if [one.key for one in before.questions] != [one.key for one in new.questions]:
        yield Change(new.key, before.title, "Volgorde", _numbered(before), _numbered(new), is_read=False)


def _numbered(section: Section) -> str:
    return "\n".join(f"{place}. {question.label}" for place, question in enumerate(section.questions, 1))


def _question_changes(before: Question, after: Question) -> Iterator[Change]:
    here = (before.key, before.label)
    if after.off != before.off:
        words = ("Uit: deze vraag stellen we niet meer", "Aan: deze vraag stellen we weer")
        yield Change(*here, words[0] if after.off else words[1])
    for name, what in WORDS.items():
        if getattr(before, name) != getattr(after, name):
            yield Change(*here, what, getattr(before, name), getattr(after, name))
    if after.short != before.short and (before.short, after.short) != (before.label, after.label):
        yield Change(*here, "Kort kopje", before.short, after.short, is_read=False)
    for name, what in (("options", "Antwoord"), ("how_often", "Hoe vaak")):
        yield from _list_changes(here, what, getattr(before, name), getattr(after, name))
    for name, what in (("levels", "Keuze"), ("statements", "Regel")):
        for old, new in zip(getattr(before, name), getattr(after, name), strict=True):
            if old.label != new.label:
                yield Change(*here, what, old.label, new.label)


def _list_changes(
    here: tuple[str, str], what: str, before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[Change]:
    yield from (Change(*here, f"{what}: weg", one, "") for one in before if one not in after)
    yield from (Change(*here, f"{what}: erbij", "", one) for one in after if one not in before)
    if sorted(before) == sorted(after) and before != after:
        yield Change(*here, f"{what}: volgorde", ", ".join(before), ", ".join(after), is_read=False)
