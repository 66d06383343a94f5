"""A dossier as a reader meets it: sections with headings and lines, for the page, the PDF and copied text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format

from accounts.prepared import prepared
from consent.models import RecipientKind
from consent.texts import Dossier, Said
from intake.models import Layer, Offer
from passport.questionnaire import QuestionType
from passport.translations import joined
from passport.wording import lines_of, programme_names

# As a reader says it; the student's own screens say "mijn" (DISPLAY_IDENTITY).
IDENTITY_HEADINGS = {
    "official_name": "Hele naam",
    "birth_date": "Geboren op",
    "school": "School nu",
    "application_ref": "Nummer van de aanmelding",
}
# Beside a need that the student did not look at again (consent/reviews.py), in text without markup.
OUTDATED = "(Nog niet opnieuw bekeken)"
LAYERS: list[str] = [Layer.BASIC, Layer.EXTRA, Layer.EXTERNAL]


@dataclass(frozen=True, slots=True)
class ReadField:
    unit: str
    label: str
    kind: str
    lines: tuple[str, ...] = field(repr=False)
    how_often: str = field(default="", repr=False)
    offers: tuple[Offer, ...] = ()
    is_outdated: bool = False
    question: str = ""
    version: str = ""

    @property
    def text(self) -> str:
        """The lines as one text, for a block of own words; how often a need comes stands apart."""
        return joined("\n", (line for line in self.lines if line != self.how_often))

    @property
    def plain(self) -> str:
        """The block as plain text, for «Kopieer tekst»."""
        return "\n".join((self.label, *self.lines, *([OUTDATED] if self.is_outdated else [])))

    @property
    def rows(self) -> int:
        """How high a box must be to show the plain text without scrolling, about."""
        return min(12, 1 + sum(1 + len(line) // 70 for line in self.lines))


@dataclass(frozen=True, slots=True)
class ReadSection:
    key: str
    title: str
    fields: tuple[ReadField, ...]


def sections_of(dossier: Dossier) -> list[ReadSection]:
    """Only sections that say something, strengths first (contract, rule 4: what is absent leaves no gap)."""
    codes = [code for said in dossier.said if said.unit.question.type is QuestionType.PROGRAMMES for code in said.value]
    names, offers = programme_names(codes), offers_of(dossier)
    fields: dict[str, list[ReadField]] = {}
    for said in dossier.said:
        fields.setdefault(said.unit.question.section, []).append(_field(said, names, offers))
    # Title and place as they were when the first text in a section was written: a new version rewords no share.
    first = {said.unit.question.section: said.unit.question for said in reversed(dossier.said)}
    order = sorted(fields, key=lambda key: (key != "can", first[key].section_place))
    return [ReadSection(key, first[key].section_title, tuple(fields[key])) for key in order]


def marked_at(sections: Iterable[ReadSection]) -> frozenset[str]:
    """The units below which a reader says what they think of the question: of one with many units the last."""
    return frozenset({one.question: one.unit for section in sections for one in section.fields}.values())


def _field(said: Said, names: Mapping[str, str], offers: Mapping[str, list[Offer]]) -> ReadField:
    unit = said.unit
    kind = "why" if unit.part == "why" else unit.question.type.value
    lines = tuple(line for line in lines_of(unit, said.value, names) if line != unit.label)
    asked: dict[str, Any] = {"is_outdated": said.is_outdated, "question": unit.question.key}
    asked["version"] = unit.question.version
    if unit.part != "support":
        return ReadField(unit.key, unit.label, kind, lines, **asked)
    beside = tuple(offers.get(unit.need, ()))
    return ReadField(unit.key, unit.label, kind, lines, said.value["how_often"], beside, **asked)


def offers_of(dossier: Dossier) -> dict[str, list[Offer]]:
    """What the programme itself gives per shared need: for everyone first, then extra, then from outside."""
    needs = {said.unit.need for said in dossier.said if said.unit.part == "support"}
    if dossier.share.recipient_kind != RecipientKind.PROGRAMME or not needs:
        return {}
    found: dict[str, list[Offer]] = {}
    rows = [row for row in prepared(_offers_by, (UUID,)).rows(dossier.share.programme_id) if row.need in needs]
    for offer in sorted(rows, key=lambda row: LAYERS.index(row.layer)):
        found.setdefault(offer.need, []).append(offer)
    return found


def _offers_by(programme_id: UUID) -> QuerySet[Offer]:
    return Offer.objects.filter(programme=programme_id)


def identity_lines(dossier: Dossier) -> list[tuple[str, str]]:
    """Who the student is, as far as ticked, with the heading of each line."""
    return [
        (IDENTITY_HEADINGS[name], _day(value) if name == "birth_date" else value)
        for name, value in dossier.student.items()
        if name != "display_name"
    ]


def _day(iso: str) -> str:
    try:
        return date_format(date.fromisoformat(iso), "j F Y")
    except ValueError:
        return iso


def plain_text(dossier: Dossier) -> str:
    """The whole dossier as plain text for the college's own system."""
    blocks = ["\n".join([dossier.display_name, *(f"{label}: {value}" for label, value in identity_lines(dossier))])]
    for section in sections_of(dossier):
        blocks += [section.title.upper(), *(one.plain for one in section.fields)]
    return "\n\n".join(blocks)
