"""Programmes side by side, and a student's own needs beside what each programme wrote. Always about the offer.

Nothing here ranks: programmes and needs stand in the order in which they were chosen. What a visitor chooses of the
needs never comes here: that stays in the page (static/js/compare.js).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models

from accounts import vault
from accounts.models import Programme, Student
from intake.models import Layer, Offer, ProgrammeFacts
from intake.services.facts import facts_of, route_of
from intake.services.offers import known_needs, texts_by_need
from passport.pictures import need_pictures
from passport.services import open_answer, programmes_of, questions_of

PROGRAMMES, NEEDS = "want.programmes", "need.support"
MOST = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One need, with what each programme wrote about it, in the order of the programmes."""

    need: str
    label: str
    picture: str
    cells: tuple[tuple[Programme, tuple[Offer, ...]], ...]

    @property
    def is_described(self) -> bool:
        return any(offers for _, offers in self.cells)


@dataclass(frozen=True, slots=True)
class Column:
    """One programme with its facts, and when its college last wrote something."""

    programme: Programme
    facts: ProgrammeFacts
    route: str
    written_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.programme.label}, {self.programme.institution.name}"


@dataclass(frozen=True, slots=True)
class Comparison:
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def has_facts(self) -> bool:
        """Whether at least one college filled in something about its programme."""
        return any(one.route or not one.facts._state.adding for one in self.columns)


def compare(codes: Sequence[str]) -> Comparison:
    """At most three programmes by code, in that order; a code that is unknown is left out. Four queries."""
    programmes = programmes_of(list(dict.fromkeys(codes))[:MOST])
    if not programmes:
        return Comparison((), ())
    texts, facts, pictures = texts_by_need(programmes), facts_of(programmes), need_pictures()
    rows = tuple(
        Row(
            need.key,
            need.label,
            pictures.get(need.key, ""),
            tuple((one, tuple(texts[one.pk].get(need.key, ()))) for one in programmes),
        )
        for need in known_needs()
    )
    return Comparison(tuple(_column(one, facts[one.pk], texts[one.pk].values()) for one in programmes), rows)


def _column(programme: Programme, facts: ProgrammeFacts, texts: Iterable[list[Offer]]) -> Column:
    written = [row.updated_at for rows in texts for row in rows]
    if not facts._state.adding:
        written.append(facts.updated_at)
    return Column(programme, facts, route_of(programme), max(written, default=None))


# --- The student's own -------------------------------------------------------------------------------------


class Cover(models.TextChoices):
    """How a programme's own words lie beside a need: about the offer, never about the student."""

    COVERED = "covered", "Dit heeft de opleiding"
    DISCUSS = "discuss", "Praat hierover"
    NOT_DESCRIBED = "not_described", "Dit staat er nog niet bij"


@dataclass(frozen=True, slots=True)
class OwnNeed:
    """One need of the student beside what the programme wrote. Personal."""

    label: str
    picture: str
    cover: Cover
    offers: tuple[Offer, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnProgramme:
    """One programme of the student's list with their needs in their own order. Personal."""

    programme: Programme = field(repr=False)
    needs: tuple[OwnNeed, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Own:
    """What a student chose; either may be empty. Personal."""

    programmes: tuple[OwnProgramme, ...] = field(repr=False)
    has_needs: bool


def own_cover(student: Student, key: vault.Key) -> Own:
    """The student's own programmes, each beside their own needs, in the orders they chose: four queries."""
    chosen = programmes_of(open_answer(student.passport, key, PROGRAMMES).value or [])
    needs = [row["need"] for row in open_answer(student.passport, key, NEEDS).value or ()]
    texts, pictures = texts_by_need(chosen), need_pictures()
    labels = questions_of(student.passport).need_labels
    programmes = tuple(
        OwnProgramme(
            one,
            tuple(
                OwnNeed(labels.get(need, need), pictures.get(need, ""), cover_of(rows), tuple(rows))
                for need in needs
                for rows in [texts[one.pk].get(need, [])]
            ),
        )
        for one in chosen
    )
    return Own(programmes, bool(needs))


def cover_of(offers: Sequence[Offer]) -> Cover:
    """What everybody gets is covered; what is extra or from outside is to be agreed; nothing written is no «no»."""
    layers = {one.layer for one in offers}
    if Layer.BASIC in layers:
        return Cover.COVERED
    return Cover.DISCUSS if layers else Cover.NOT_DESCRIBED
