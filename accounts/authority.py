"""The school's check of authority (gezag): who waits for it, and taking it back. It is services.record_authority.

Whoever checks reads the two names and the relation, to compare them with the school's own papers, and nothing else.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts import vault
from accounts.identity import AgeBand, age_band, guardian_name, identity_of
from accounts.models import DatedQuerySet, Guardian, Membership, Role, Student, Tie, User
from accounts.places import Place
from accounts.refusals import NotHere
from accounts.services import MAY_CHECK_AUTHORITY, record_authority

log = logging.getLogger("paspoort.people")
# Under 16 a guardian has a say, of an adult the representative; from 16 to 18 nobody (contract, rule 10).
HAS_SAY = {
    Tie.Kind.GUARDIAN: (AgeBand.UNDER_16, AgeBand.UNKNOWN),
    Tie.Kind.REPRESENTATIVE: (AgeBand.ADULT,),
}


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Somebody who said yes, as whoever checks authority reads them."""

    tie_id: UUID
    kind: str
    student: str = field(repr=False)
    class_name: str = field(repr=False)
    person: str = field(repr=False)
    label: str = field(repr=False)


def may_check(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places checks authority, at a school that has classes; opens nothing."""
    return any(one.role in MAY_CHECK_AUTHORITY and one.has_classes for one in mine)


def unchecked_for(by: User) -> list[Unchecked]:
    """Who waits for this user's check, by the student's name; a person they asked themselves is a colleague's.

    Constant in queries; only names are opened, and only of whom a check would still mean something.
    """
    return _named(_waiting(by))


def checked_for(by: User) -> list[Unchecked]:
    """Whose authority was checked for students of this user's school, and who so has a say today; in the same way."""
    return _named(_checked(by))


def _named(rows: list[tuple[Tie, str]]) -> list[Unchecked]:
    owners = {tie.student_id for tie, _ in rows} | {tie.person.guardian.pk for tie, _ in rows}
    keys = vault.open_keys(owners) if owners else {}
    found = [
        Unchecked(
            tie_id=tie.pk,
            kind=tie.kind,
            student=identity_of(tie.student, keys[tie.student_id]).full_name,
            class_name=class_name,
            person=guardian_name(tie.person.guardian, keys[tie.person.guardian.pk]),
            label=tie.label,
        )
        for tie, class_name in rows
        if tie.student_id in keys and tie.person.guardian.pk in keys and _has_say(tie, keys[tie.student_id])
    ]
    return sorted(found, key=lambda one: (one.student.casefold(), one.person.casefold()))


def check(*, tie_id: UUID, by: User) -> Tie:
    """Records that this user checked one tie. Raises NotHere for whatever is not on their list."""
    tie = next((tie for tie, _ in _waiting(by) if tie.pk == tie_id), None)
    key = vault.open_keys([tie.student_id]).get(tie.student_id) if tie else None
    if tie is None or key is None or not _has_say(tie, key):
        raise NotHere()
    return record_authority(student=tie.student, person=tie.person, by=by)


def take_back(*, tie_id: UUID, by: User) -> Tie:
    """This person has no authority (any more): their yes and no count no more, from the next request on.

    What they said yes to before runs on, as after a 16th birthday; the student and whoever has authority can stop it.
    Raises NotHere for whatever is not on the list of this user.
    """
    tie = next((tie for tie, _ in _checked(by) if tie.pk == tie_id), None)
    if tie is None:
        raise NotHere()
    tie.authority_checked_at = None
    tie.save(update_fields=["authority_checked_at"])
    log.info("authority_taken_back", extra={"event": "authority_taken_back"})
    return tie


def _waiting(by: User) -> list[tuple[Tie, str]]:
    return _of_own_pupils(by, lambda ties: ties.filter(authority_checked_at=None).exclude(invited_by=by))


def _checked(by: User) -> list[tuple[Tie, str]]:
    return _of_own_pupils(by, lambda ties: ties.filter(authority_checked_at__isnull=False))


def _of_own_pupils(by: User, chosen: Callable[[DatedQuerySet], DatedQuerySet]) -> list[tuple[Tie, str]]:
    """The chosen ties of who is in a class of this user's school today, each with the name of that class."""
    schools = Membership.objects.current().filter(user=by, role__in=MAY_CHECK_AUTHORITY).values("institution")
    pupils = Membership.objects.current().filter(role=Role.STUDENT, school_class__institution__in=schools)
    classes = dict(pupils.order_by("starts_on").values_list("user", "school_class__name"))
    guardians = Guardian.objects.values("user")
    ties = chosen(Tie.objects.current().filter(kind__in=HAS_SAY, confirmed_at__isnull=False))
    ties = ties.filter(student__in=Student.objects.filter(user__in=pupils.values("user")), person__in=guardians)
    ties = ties.select_related("student", "person__guardian")
    return [(tie, classes[tie.student.user_id]) for tie in ties if tie.student.user_id in classes]


def counts_today(tie: Tie, student: Student, key: vault.Key) -> bool:
    """Whether this person has a say over this student today by this tie: checked by the school, at an age it is for."""
    bands = HAS_SAY.get(Tie.Kind(tie.kind), ())
    return tie.authority_checked_at is not None and age_band(identity_of(student, key).born) in bands


def _has_say(tie: Tie, key: vault.Key) -> bool:
    return age_band(identity_of(tie.student, key).born) in HAS_SAY[Tie.Kind(tie.kind)]
