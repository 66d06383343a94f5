"""Who looked at what, for the student: slots of the ledger turned back into units, ids into names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, overload
from uuid import UUID

from django.utils.translation import gettext

from accounts import vault
from accounts.identity import guardian_name
from accounts.models import Guardian, Student, User
from accounts.services import staff_places
from consent import ledger, links
from consent.ledger import Action
from consent.models import LedgerEntry
from consent.texts import shareable_units
from passport.models import Passport
from passport.questionnaire import Unit
from passport.services import questions_of
from passport.translations import translated

WITH_A_LINK = "who held the link"

# In the place of a unit: a look at the agreement with the college, which is no unit of the passport (decision 16).
AGREEMENT = "agreement"
# The same of what a coach and the student agreed (intake/services/coaching.py).
COACHING = "coaching"
# Beside a unit: somebody of the college saw which help it is about, and not about whom (decision 15).
WITHOUT_NAME = "without_name"


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who, from where, what they did and which units they saw. Personal: for the student alone."""

    at: datetime
    by: str = field(repr=False)
    institution: str
    share: UUID | None
    action: Action
    units: tuple[Unit, ...] = field(repr=False)
    sections: tuple[str, ...] = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "by": self.by,
            "institution": self.institution,
            "share": str(self.share) if self.share else None,
            "action": str(self.action),
            "units": [unit.key for unit in self.units],
        }


class Looks(Sequence[dict[str, Any]]):
    """Every look at one student's passport, newest first; a slice costs the same queries however long it is.

    As a sequence it gives plain dicts, `look_rows` gives the looks themselves.
    """

    def __init__(self, passport: Passport, key: vault.Key) -> None:
        self._entries = ledger.looks_at(passport.student_id)
        questions = questions_of(passport)
        units = shareable_units(questions).values()
        self._units = {key.slot(unit.key).hex(): (order, unit) for order, unit in enumerate(units)}
        self._how_it_goes = key.slot(ledger.FOLLOW_UPS).hex()
        self._agreed = key.slot(AGREEMENT).hex()
        self._coached = key.slot(COACHING).hex()
        self._unnamed = key.slot(WITHOUT_NAME).hex()
        self._titles = {section.key: translated(section.title) for section in questions.sections}

    def __len__(self) -> int:
        return self._entries.count()

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, at: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, at: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(at, slice):
            return [look.as_json() for look in self.look_rows(at)]
        return self.look_rows(slice(at, at + 1))[0].as_json()

    def look_rows(self, part: slice = slice(None)) -> list[Look]:
        """The looks of one part of the list."""
        entries = list(self._entries[part])
        people = {entry.actor_id for entry in entries if entry.actor_id}
        names, places = _names(people), staff_places(people)
        labels = links.labels_of({entry.share_id for entry in entries if entry.share_id and not entry.actor_id})
        return [self._look(entry, names, places, labels) for entry in entries]

    def _look(
        self,
        entry: LedgerEntry,
        names: Mapping[UUID, str],
        places: Mapping[UUID, str],
        labels: Mapping[UUID | None, str],
    ) -> Look:
        found = [self._units[slot] for slot in entry.detail["slots"] if slot in self._units]
        units = tuple(unit for _, unit in sorted(found, key=lambda one: one[0]))
        return Look(
            at=entry.at,
            by=names.get(entry.actor_id, "") if entry.actor_id else labels.get(entry.share_id, ""),
            institution=places.get(entry.actor_id, "") if entry.actor_id else "",
            share=entry.share_id,
            action=Action(entry.detail["action"]),
            units=units,
            sections=tuple(dict.fromkeys(self._title(unit) for unit in units)) + self._beside(entry),
        )

    def _beside(self, entry: LedgerEntry) -> tuple[str, ...]:
        """What was looked at that is no unit of the passport."""
        slots = entry.detail["slots"]
        agreed: tuple[str, ...] = (gettext("Onze afspraken"),) if self._agreed in slots else ()
        agreed += (gettext("Afgesproken met je coach"),) if self._coached in slots else ()
        unnamed = (gettext("Zonder je naam"),) if self._unnamed in slots else ()
        return unnamed + agreed + ((gettext("Hoe het gaat op het mbo"),) if self._how_it_goes in slots else ())

    def _title(self, unit: Unit) -> str:
        """The section a unit stands in; who the student is has none."""
        return self._titles.get(unit.question.section, gettext("Je naam en je gegevens"))


def looks_of(passport: Passport, key: vault.Key) -> Looks:
    """Who looked at what a student shared, newest first."""
    return Looks(passport, key)


def _names(people: Iterable[UUID]) -> dict[UUID, str]:
    """The names of staff, and of guardians with their own key; whoever is erased has none."""
    people = list(people)
    names = {user.pk: user.staff_name for user in User.objects.filter(pk__in=people)}
    guardians = {row.pk: row for row in Guardian.objects.filter(user__in=people)}
    for owner, key in vault.open_keys(guardians).items() if guardians else ():
        names[guardians[owner].user_id] = guardian_name(guardians[owner], key)
    return names


@dataclass(frozen=True, slots=True)
class Reading:
    """One look as whoever reports a data leak may know it: no name of a student or guardian, no unit."""

    at: datetime
    who: str
    institution: str
    share: UUID | None
    action: str
    units: int


def readings_of(student_id: UUID, *, since: datetime | None = None, until: datetime | None = None) -> list[Reading]:
    """Every look at one student between two moments, oldest first; opens no seal (contract, rule 6)."""
    looks = ledger.looks_at(student_id).order_by("seq")
    looks = looks.filter(at__gte=since) if since else looks
    looks = looks.filter(at__lte=until) if until else looks
    people = {entry.actor_id for entry in looks if entry.actor_id}
    staff = dict(User.objects.filter(pk__in=people).values_list("pk", "staff_name"))
    places = staff_places(people)
    return [
        Reading(
            at=entry.at,
            who=(staff.get(entry.actor_id) or f"log-in {entry.actor_id}") if entry.actor_id else WITH_A_LINK,
            institution=places.get(entry.actor_id, "") if entry.actor_id else "",
            share=entry.share_id,
            action=entry.detail["action"],
            units=len(entry.detail["slots"]),
        )
        for entry in looks
    ]


@dataclass(frozen=True, slots=True)
class ReadBy:
    """One look of one log-in as whoever reports a data leak may know it: a student's handle, no name, no unit."""

    at: datetime
    student: str
    share: UUID | None
    action: str
    units: int


def readings_by(actor_id: UUID, *, since: datetime | None = None, until: datetime | None = None) -> list[ReadBy]:
    """Every look with one log-in between two moments, oldest first; opens no seal. Who was erased is «erased»."""
    looks = LedgerEntry.objects.filter(event=ledger.Event.LOOK, actor_id=actor_id).order_by("seq")
    looks = looks.filter(at__gte=since) if since else looks
    looks = looks.filter(at__lte=until) if until else looks
    students = {entry.student_id for entry in looks}
    handles = dict(Student.objects.filter(pk__in=students).values_list("pk", "user__username"))
    return [
        ReadBy(
            at=entry.at,
            student=handles.get(entry.student_id, "erased"),
            share=entry.share_id,
            action=entry.detail["action"],
            units=len(entry.detail["slots"]),
        )
        for entry in looks
    ]
