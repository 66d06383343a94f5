"""What one item of a share says: which unit, which text, and whether that text still speaks (contract, rule 2)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from consent.models import Share, ShareItem
from consent.purposes import DISPLAY_IDENTITY
from consent.reviews import Days
from passport import questionnaire
from passport.models import AnswerRevision
from passport.questionnaire import Question, Questionnaire, QuestionType, Unit
from passport.services import Text, open_revision
from passport.values import units_in

ITEM_FIELD = "consent.ShareItem.sealed_text"
IDENTITY_QUESTIONS = {
    key: Question(key, QuestionType.SHORT_TEXT, "identity", label, "", short=label)
    for key, label in DISPLAY_IDENTITY.items()
}
IDENTITY_UNITS = {key: Unit(key, question, question.label, False) for key, question in IDENTITY_QUESTIONS.items()}


class TextFact(StrEnum):
    """What a shared unit has to say to its reader now."""

    DOOR = "door"  # no unit is asked, only the door
    LIVE = "live"
    RELEASED = "released"
    SILENT = "silent"  # emptied, later or private since the release, or never filled in
    WAITING = "waiting"  # added under 16, before the guardian's yes


@dataclass(frozen=True, slots=True)
class Said:
    """One unit of a dossier. Personal: never in a log. `look_again_on` is there for a need that speaks."""

    unit: Unit
    order: int
    text: TextFact
    value: Any = field(default=None, repr=False)
    look_again_on: date | None = None

    @property
    def speaks(self) -> bool:
        return self.text in {TextFact.LIVE, TextFact.RELEASED}

    @property
    def is_identity(self) -> bool:
        return self.unit.key in IDENTITY_UNITS

    @property
    def is_outdated(self) -> bool:
        """Whether its day came and the student did not look again: its reader sees «Nog niet opnieuw bekeken»."""
        return self.look_again_on is not None and self.look_again_on <= timezone.localdate()

    @property
    def type(self) -> str:
        return QuestionType.LONG_TEXT if self.unit.part == "why" else self.unit.question.type

    def silenced(self) -> "Said":
        return replace(self, text=TextFact.SILENT, value=None)


def shareable_units(questions: Questionnaire) -> dict[str, Unit]:
    """Every unit a student can share, who they are first, then in reading order."""
    return {**IDENTITY_UNITS, **questions.units}


def all_say(items: Iterable[ShareItem], key: vault.Key) -> Iterator[tuple[ShareItem, Said]]:
    """What every item says. A text keeps the labels of the version it was written in, so a new questionnaire
    never rewords or widens a share. Raises Tampered or Shredded."""
    places: dict[UUID | None, dict[bytes, tuple[int, Unit]]] = {}
    opened = _Opened(key)
    for item in items:
        version = _version(item)
        if version not in places:
            units = IDENTITY_UNITS if version is None else questionnaire.of_version(version).units
            places[version] = dict(zip(key.slots(units), enumerate(units.values()), strict=True))
        place = places[version].get(bytes(item.slot))
        if place:
            order, unit = place
            yield item, Said(unit, order, *_text(item, unit, opened))


def _version(item: ShareItem) -> UUID | None:
    written = item.revision or (item.answer.newest if item.answer else None)
    return written.questionnaire_id if written else None


class _Opened:
    """The texts of one share while it is read: every need stands in one answer, and it is opened once for all."""

    def __init__(self, key: vault.Key) -> None:
        self.key = key
        self._texts: dict[tuple[UUID, str], Text] = {}

    def of(self, row: AnswerRevision, question: Question) -> Text:
        place = (row.pk, question.key)
        if place not in self._texts:
            self._texts[place] = open_revision(self.key, question.key, row)
        return self._texts[place]


def _text(item: ShareItem, unit: Unit, opened: _Opened) -> tuple[TextFact, Any]:
    if item.state == ShareItem.State.WAITING:
        return TextFact.WAITING, None
    if item.sealed_text is not None:
        return TextFact.RELEASED, opened.key.open(item.sealed_text, field=ITEM_FIELD, row=item.pk, unit=unit.key)
    newest = opened.of(item.answer.newest, unit.question) if item.answer and item.answer.newest else None
    spoken = units_in(unit.question, newest.value) if newest else {}
    if newest is None or unit.key not in spoken:
        return TextFact.SILENT, None
    if item.revision is None:
        return TextFact.LIVE, spoken[unit.key]
    if item.revision.number < newest.since[unit.key]:
        return TextFact.SILENT, None
    if item.revision_id == item.answer.newest_id:  # type: ignore[union-attr]  # a text is there
        return TextFact.RELEASED, spoken[unit.key]
    released = opened.of(item.revision, unit.question)
    return TextFact.RELEASED, units_in(unit.question, released.value)[unit.key]


@dataclass(frozen=True)
class Dossier:
    """What one recipient reads: only what is shared and says something. Made by `read` and `preview` alone."""

    share: Share
    student: Mapping[str, str] = field(repr=False)
    said: tuple[Said, ...] = field(repr=False)

    @property
    def display_name(self) -> str:
        return self.student["display_name"]


def compose(
    share: Share, items: Iterable[ShareItem], key: vault.Key, judged: Callable[[ShareItem, Said], Said]
) -> Dossier:
    """Puts a dossier together from what `judged` lets speak, in reading order. Only consent/access.py calls it.

    The day to look again is beside the text and not in the digest of what was seen: a day that passes changes no text.
    """
    days = Days(share, key)
    said = ((item, judged(item, one)) for item, one in all_say(items, key))
    dated = [(one, days.of(item, one.unit, one.value)) for item, one in said if one.speaks]
    spoken = sorted((replace(one, look_again_on=day) if day else one for one, day in dated), key=lambda one: one.order)
    student = {"display_name": identity_of(share.student, key).display_name}
    student |= {one.unit.key.removeprefix("identity."): one.value for one in spoken if one.is_identity}
    return Dossier(share, student, tuple(one for one in spoken if not one.is_identity))
