"""The school's check of authority (gezag): who waits for it. The check itself is services.record_authority.

Whoever checks reads the two names and the relation, to compare them with the school's own papers, and nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from accounts import vault
from accounts.identity import AgeBand, age_band, guardian_name, identity_of
from accounts.models import Guardian, Membership, Role, Student, Tie, User
from accounts.places import Place
from accounts.refusals import NotHere
from accounts.services import MAY_CHECK_AUTHORITY, record_authority

# Under 16 a guardian has a say, of an adult the representative; from 16 to 18 nobody (contract, rule 10).
HAS_SAY = {
    Tie.Kind.GUARDIAN: (AgeBand.UNDER_16, AgeBand.UNKNOWN),
    Tie.Kind.REPRESENTATIVE: (AgeBand.ADULT,),
}


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Somebody who said yes and whose authority nobody checked yet."""

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
    rows = _waiting(by)
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


def _waiting(by: User) -> list[tuple[Tie, str]]:
    schools = Membership.objects.current().filter(user=by, role__in=MAY_CHECK_AUTHORITY).values("institution")
    pupils = Membership.objects.current().filter(role=Role.STUDENT, school_class__institution__in=schools)
    classes = dict(pupils.order_by("starts_on").values_list("user", "school_class__name"))
    guardians = Guardian.objects.values("user")
    ties = Tie.objects.current().filter(kind__in=HAS_SAY, confirmed_at__isnull=False, authority_checked_at=None)
    ties = ties.filter(student__in=Student.objects.filter(user__in=pupils.values("user")), person__in=guardians)
    ties = ties.exclude(invited_by=by).select_related("student", "person__guardian")
    return [(tie, classes[tie.student.user_id]) for tie in ties if tie.student.user_id in classes]


def _has_say(tie: Tie, key: vault.Key) -> bool:
    return age_band(identity_of(tie.student, key).born) in HAS_SAY[Tie.Kind(tie.kind)]
