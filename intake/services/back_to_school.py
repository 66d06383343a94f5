"""Back to school: with the student's yes, the school of before hears where they are now and what worked.

The yes is one switch per school, off until the student turns it on, stopped with one tap (intake/services/hearing.py,
docs/decisions/0017). Without it a school has no list, no name and no page.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import User
from accounts.refusals import NotHere
from intake.models import Case
from intake.services import follow_ups, hearing
from intake.services.follow_ups import Told


@dataclass(frozen=True, slots=True)
class Former:
    """One line of the school's list: who lets the school hear, and since when."""

    case: Case
    since: date
    name: str = field(repr=False)


def former_students(by: User) -> list[Former]:
    """Who lets a school of this user hear how it goes, by name; three queries, names opened in memory."""
    grants = hearing.school_grants(by).select_related("student", "case__programme__institution")
    rows = list(grants)
    keys = vault.open_keys({row.student_id for row in rows}) if rows else {}
    found = [
        Former(row.case, timezone.localdate(row.given_at), identity_of(row.student, keys[row.student_id]).display_name)
        for row in rows
        if row.student_id in keys
    ]
    return sorted(found, key=lambda one: one.name.casefold())


def hears_any(by: User) -> bool:
    """Whether there is a list for this user at all."""
    return hearing.school_grants(by).exists()


def read_one(*, case_id: UUID, by: User) -> tuple[Former, list[Told]]:
    """One former student, with the look written down. Raises NotHere for whoever may not hear it (any more)."""
    former = next((one for one in former_students(by) if one.case.pk == case_id), None)
    if former is None:  # before any look is written
        raise NotHere()
    return former, follow_ups.read(case_id=case_id, by=by)
