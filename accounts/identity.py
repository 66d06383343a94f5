"""Names and birth dates of students and guardians, and what an age means on a day (contract, rule 10)."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.models import Guardian, Student

STUDENT_FIELD = "accounts.Student.sealed_identity"
GUARDIAN_FIELD = "accounts.Guardian.sealed_identity"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a student is. Everything but `calling_name` and the first letter of `surname` is shared only when ticked."""

    calling_name: str
    surname: str
    prefix: str = ""
    official_name: str = ""
    birth_date: str = ""
    application_ref: str = ""

    @property
    def display_name(self) -> str:
        """Calling name and first letter of the surname: what every recipient sees."""
        return f"{self.calling_name} {self.surname[:1]}.".strip()

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.calling_name, self.prefix, self.surname) if part)

    @property
    def born(self) -> date | None:
        return date.fromisoformat(self.birth_date) if self.birth_date else None


class AgeBand(StrEnum):
    UNKNOWN = "unknown"
    UNDER_16 = "under_16"
    FROM_16 = "from_16"
    ADULT = "adult"


def age_on(born: date | None, on: date | None = None) -> int | None:
    """How old somebody is on a day (today in Amsterdam); None without a birth date."""
    if born is None:
        return None
    on = on or timezone.localdate()
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age_band(born: date | None, on: date | None = None) -> AgeBand:
    """The age band on a day (today in Amsterdam). Born on 29 February: the birthday is 1 March in other years."""
    years = age_on(born, on)
    if years is None:
        return AgeBand.UNKNOWN
    if years < 16:
        return AgeBand.UNDER_16
    return AgeBand.FROM_16 if years < 18 else AgeBand.ADULT


def seal_identity(key: vault.Key, student_id: UUID, identity: Identity) -> bytes:
    return key.seal(asdict(identity), field=STUDENT_FIELD, row=student_id)


def with_birth_date(student: Student, key: vault.Key, born: date) -> bytes:
    """Who a student is with another birth date, sealed; the caller saves it. Raises Tampered or Shredded."""
    return seal_identity(key, student.pk, replace(identity_of(student, key), birth_date=born.isoformat()))


def identity_of(student: Student, key: vault.Key) -> Identity:
    """Opens who a student is. Raises Tampered or Shredded."""
    return Identity(**key.open(student.sealed_identity, field=STUDENT_FIELD, row=student.pk))


def seal_guardian(key: vault.Key, guardian_id: UUID, name: str) -> bytes:
    return key.seal({"name": name}, field=GUARDIAN_FIELD, row=guardian_id)


def guardian_name(guardian: Guardian, key: vault.Key | None = None) -> str:
    """Opens a guardian's name. Raises Tampered or Shredded."""
    key = key or vault.open_key(guardian.pk)
    name: str = key.open(guardian.sealed_identity, field=GUARDIAN_FIELD, row=guardian.pk)["name"]
    return name
