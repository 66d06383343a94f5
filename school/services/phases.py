"""How far each student is, for the counsellor: yes or not yet, without a word of what anybody wrote.

Only of students who share with the school team now (a live lob share that this counsellor may open); of everybody else
the counsellor sees their name in the class and nothing here, and no count tells how many they are. That there
is an agreement on support is a phase; what was agreed is the student's and the college's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Institution, Membership, Role, Student, User
from accounts.refusals import NotHere
from consent import access
from consent.models import RecipientKind, Share
from intake.models import Agreement, Case

# In this order on the screen.
PHASES = {
    "started": "Begonnen",
    "shared": "Deelt met een opleiding",
    "read": "Gelezen",
    "planned": "Gesprek gepland",
    "agreed": "Afspraak",
    "placed": "Geplaatst",
}


@dataclass(frozen=True, slots=True)
class Row:
    share_id: UUID
    class_name: str
    phases: tuple[tuple[str, bool], ...]
    display_name: str = field(repr=False)


def schools_of(by: User) -> list[Institution]:
    """The schools this user is counsellor of today. Raises NotHere for everybody else."""
    mine = Membership.objects.current().filter(user=by, role=Role.COUNSELLOR, institution__isnull=False)
    found = list(Institution.objects.filter(pk__in=mine.values("institution")).order_by("name"))
    if not found:
        raise NotHere()
    return found


def phases_of(by: User) -> list[Row]:
    """Everybody who shares with the school team, by class and name; constant in queries, names opened in memory."""
    schools = schools_of(by)
    shares = {one.student_id: one for one in access.open_shares(by, kind=RecipientKind.SCHOOL_TEAM)}
    places = _classes(schools, shares)
    students = [one for one in _students(shares) if one.user_id in places]
    keys = vault.open_keys(one.pk for one in students)
    rows = [
        Row(
            shares[one.pk].pk,
            places[one.user_id],
            tuple((label, bool(getattr(one, f"is_{phase}"))) for phase, label in PHASES.items()),
            identity_of(one, keys[one.pk]).display_name,
        )
        for one in students
        if one.pk in keys
    ]
    return sorted(rows, key=lambda row: (row.class_name.casefold(), row.display_name.casefold()))


def _classes(schools: Iterable[Institution], shares: Iterable[UUID]) -> dict[UUID, str]:
    rows = Membership.objects.current().filter(
        role=Role.STUDENT, school_class__institution__in=list(schools), user__student__in=list(shares)
    )
    return dict(rows.order_by("starts_on").values_list("user_id", "school_class__name"))


def _students(ids: Iterable[UUID]) -> QuerySet[Student]:
    """With a yes or no for each phase, from what is shared now; what a student stopped leaves no trace here."""
    live = Share.objects.live(timezone.localdate()).filter(
        student=OuterRef("pk"), recipient_kind=RecipientKind.PROGRAMME
    )
    return Student.objects.filter(pk__in=list(ids)).annotate(
        is_started=Exists(Student.objects.filter(pk=OuterRef("pk"), answers__isnull=False)),
        is_shared=Exists(live),
        is_read=Exists(live.filter(case__isnull=False).exclude(case__status=Case.Status.NEW)),
        is_planned=Exists(live.filter(Q(case__intake_at__isnull=False) | Q(warm_talk__planned_for__isnull=False))),
        is_agreed=Exists(live.filter(case__agreements__in=Agreement.objects.in_force())),
        is_placed=Exists(live.filter(case__status=Case.Status.PLACED)),
    )
