"""«Mag je coach een seintje krijgen?»: one tap of the student, to one coach, that holds only that they want to talk.

The tie with the coach is the door: confirmed and current, on the day of reading. The coach sees the name by which they
know the student, never what was answered. It goes when the coach heard it, the student takes it back, or after a month.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent.models import RecipientKind
from consent.services import waits_today
from intake.models import CoachSignal

STAYS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Heard:
    """One line on the coach's page. Personal: never in a log or a URL."""

    id: UUID
    at: datetime
    name: str = field(repr=False)


def coaches_of(student: Student) -> list[User]:
    """Whom this student can send a sign today: each coach with a confirmed tie."""
    return [tie.person for tie in _ties(student)]


def may_tell(student: Student, key: vault.Key) -> list[User]:
    """The same, to choose from; nobody for who may not send a sign alone (contract, rule 10)."""
    return [] if waits_today(student, key, RecipientKind.COACH) else coaches_of(student)


def send(*, student: Student, coaches: Iterable[UUID], by: User) -> int:
    """Sends the sign to these coaches; once more makes it new. Returns to how many.

    Raises NotHere for anybody else's coach, and for whoever is not the student (contract, rule 11); Refusal for who
    shares outside school only with a yes from home (rule 10).
    """
    wanted = set(coaches)
    ties = {tie.person_id: tie for tie in _ties(student)}
    if student.user_id != by.pk or not wanted <= ties.keys():
        raise NotHere()
    if wanted and waits_today(student, vault.open_key(student.pk), RecipientKind.COACH):
        raise Refusal("not_alone", "Dit kan als jij alleen beslist. Tot dan vertel je het zelf.", status=403)
    for coach in wanted:
        fresh = {"at": timezone.now(), "heard_at": None, "tie": ties[coach]}
        CoachSignal.objects.update_or_create(student=student, person_id=coach, defaults=fresh)
    return len(wanted)


def take_back(*, student: Student, by: User) -> None:
    """The student does not want to talk any more: no coach sees it at the next request."""
    if student.user_id != by.pk:
        raise NotHere()
    CoachSignal.objects.filter(student=student).delete()


def sent_by(student: Student) -> list[CoachSignal]:
    """What stands with a coach now and was not heard, for the student."""
    return list(_waiting().filter(student=student).select_related("person"))


def signals_for(by: User) -> list[Heard]:
    """Who wants to talk with this coach, newest first; a list shows names without a row in the log."""
    rows = list(waiting_for(by).select_related("student").order_by("-at"))
    keys = vault.open_keys(row.student_id for row in rows) if rows else {}
    return [
        Heard(row.pk, row.at, identity_of(row.student, keys[row.student_id]).display_name)
        for row in rows
        if row.student_id in keys
    ]


def waiting_for(by: User) -> QuerySet[CoachSignal]:
    """What this coach did not hear yet, in the tie that still runs today."""
    return waiting_now().filter(person=by)


def waiting_now() -> QuerySet[CoachSignal]:
    """The same for every coach: set-wise, for the daily mail."""
    runs = Tie.objects.current().filter(
        pk=OuterRef("tie"), person=OuterRef("person"), kind=Tie.Kind.COACH, confirmed_at__isnull=False
    )
    return _waiting().filter(Exists(runs), student__frozen_at=None, student__user__is_active=True)


def newest_since(moment: datetime) -> dict[UUID, datetime]:
    """Per coach when the newest sign came that they did not hear yet, after a moment: one query."""
    rows = waiting_now().filter(at__gt=moment, person__student=None)
    return dict(rows.values("person").annotate(newest=Max("at")).values_list("person", "newest"))


def hear(*, signal_id: UUID, by: User) -> None:
    """The coach says they will talk; the sign leaves their list. Raises NotHere."""
    if not waiting_for(by).filter(pk=signal_id).update(heard_at=timezone.now()):
        raise NotHere()


def drop_old() -> int:
    """Takes away what is a month old, heard or not; returns how many. Repeatable."""
    return CoachSignal.objects.filter(at__lt=timezone.now() - STAYS).delete()[0]


def _ties(student: Student) -> QuerySet[Tie]:
    ties = Tie.objects.current().filter(student=student, kind=Tie.Kind.COACH, confirmed_at__isnull=False)
    found: QuerySet[Tie] = ties.select_related("person").order_by("person__staff_name")
    return found


def _waiting() -> QuerySet[CoachSignal]:
    return CoachSignal.objects.filter(heard_at=None, at__gte=timezone.now() - STAYS)
