"""A dossier as a reader meets it: sections with headings and lines, for the page, the PDF and copied text."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from consent.access import Dossier
from consent.purposes import DISPLAY_IDENTITY
from consent.texts import Said
from passport import questionnaire
from passport.questionnaire import QuestionType
from passport.wording import lines_of, programme_names


@dataclass(frozen=True, slots=True)
class ReadField:
    unit: str
    label: str
    kind: str
    lines: tuple[str, ...] = field(repr=False)

    @property
    def plain(self) -> str:
        """The block as plain text, for «Kopieer tekst»."""
        return "\n".join((self.label, *self.lines))


@dataclass(frozen=True, slots=True)
class ReadSection:
    key: str
    title: str
    fields: tuple[ReadField, ...]


def sections_of(dossier: Dossier) -> list[ReadSection]:
    """Only sections that say something, strengths first (contract, rule 4: what is absent leaves no gap)."""
    codes = [code for said in dossier.said if said.unit.question.type is QuestionType.PROGRAMMES for code in said.value]
    names = programme_names(codes)
    fields: dict[str, list[ReadField]] = {}
    for said in dossier.said:
        kind = "why" if said.unit.part == "why" else said.unit.question.type.value
        lines = tuple(lines_of(said.unit, said.value, names))
        fields.setdefault(said.unit.question.section, []).append(ReadField(said.unit.key, said.unit.label, kind, lines))
    titles = _titles(dossier.said)
    order = sorted(fields, key=lambda key: (key != "can", list(titles).index(key)))
    return [ReadSection(key, titles[key], tuple(fields[key])) for key in order]


def identity_lines(dossier: Dossier) -> list[tuple[str, str]]:
    """Who the student is, as far as ticked, with the heading of each line."""
    return [
        (DISPLAY_IDENTITY[f"identity.{name}"], value)
        for name, value in dossier.student.items()
        if name != "display_name"
    ]


def plain_text(dossier: Dossier) -> str:
    """The whole dossier as plain text for the college's own system."""
    blocks = [dossier.display_name]
    for section in sections_of(dossier):
        blocks += [section.title.upper(), *(one.plain for one in section.fields)]
    return "\n\n".join(blocks)


def _titles(said: Iterable[Said]) -> dict[str, str]:
    newest = questionnaire.of_version(questionnaire.published().pk)
    return {section.key: section.title for section in newest.sections}
