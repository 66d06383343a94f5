"""Who may hear how it goes after the start: one decision, made anew at every request (docs/decisions/0017).

What a student answers after the start is no unit of the passport, so no share holds it. Two keys turn together:
the student's own yes to this listener (`FollowUpGrant`), and the listener's place today. For a college and a coach
that place is a live share that consent/access.py opens; for a school of before it is a counsellor's role there, or
being the mentor of a class the student was in. No grant, no place, a student who stands still or is gone: nothing.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from accounts import vault
from accounts.models import Institution, Membership, Role, Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access, anchor
from consent.ledger import Event
from consent.models import RecipientKind
from consent.services import waits_today
from intake.models import Case, FollowUpGrant, Side
from intake.services import hearing_proof
from intake.services.placements import placed_cases

Kind = FollowUpGrant.Kind
COLLEGE_KINDS = (RecipientKind.PROGRAMME, RecipientKind.COLLEGE_TEAM)


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place at one start today. `hears`: the student lets this listener hear what the student answered.

    `institution`: the school of before they stand for.
    """

    side: Side
    hears: bool
    institution: UUID | None = None

    @property
    def may_answer(self) -> bool:
        """The college answers for itself as long as something is shared with it; others only when they may hear."""
        return self.hears or self.side is Side.COLLEGE


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody the student can let hear how it goes, and since when they do."""

    kind: str
    id: UUID | None
    name: str
    people: str
    since: str | None
    about: str

    @property
    def is_on(self) -> bool:
        return self.since is not None


def place_at(case: Case, by: User) -> Place:
    """Where this user stands at a start, today. Raises NotHere for whoever has no business with it."""
    share = case.share
    if share is None or case.status != Case.Status.PLACED:
        raise NotHere()
    student = share.student
    if student.user_id == by.pk:
        return Place(Side.STUDENT, True)
    found = [place for place in (_college(case, student, by), _coach(case, student, by), _school(case, by)) if place]
    if not found:
        raise NotHere()
    return max(found, key=lambda place: place.hears)


def get_case_or_404(case_id: UUID, by: User) -> tuple[Case, Place]:
    """A start and this user's place at it. Raises NotHere."""
    rows = Case.objects.filter(pk=case_id).select_related("share__student__user", "programme__institution")
    case = rows.first()
    if case is None:
        raise NotHere()
    return case, place_at(case, by)


def key_of(case: Case) -> vault.Key:
    """The student's key. Raises NotHere when the student is gone."""
    keys = vault.open_keys([case.share.student_id]) if case.share else {}
    if case.share is None or case.share.student_id not in keys:
        raise NotHere()
    return keys[case.share.student_id]


def school_grants(by: User | UUID) -> QuerySet[FollowUpGrant]:
    """The yeses to a school of before that this user may hear today: as counsellor, or mentor of a class of theirs."""
    mine = Membership.objects.current().filter(user=by)
    classes = mine.filter(role=Role.MENTOR, school_class__isnull=False).values("school_class")
    pupil = Membership.objects.filter(role=Role.STUDENT, user=OuterRef("student__user"), school_class__in=classes)
    here = pupil.filter(school_class__institution=OuterRef("institution"))
    counsels = mine.filter(role=Role.COUNSELLOR, institution__isnull=False).values("institution")
    grants = _live().filter(kind=Kind.SCHOOL)
    grants = grants.filter(Q(institution__in=counsels) | Exists(here))
    return grants.filter(student__frozen_at=None, student__user__is_active=True)


def is_heard_by_college(case: Case) -> bool:
    """Whether the student lets the college hear what they answer at this start."""
    return _live().filter(case=case, kind=Kind.COLLEGE).exists()


# --- The student's own switches ------------------------------------------------------------------------------


def listeners_of(student: Student, case: Case) -> list[Listener]:
    """Everybody who can be let in on one start: the mentors, the coaches, each school of before. Off unless said so.

    Nobody, when the college took back that the student started.
    """
    if case.status != Case.Status.PLACED:
        return []
    coaches = {tie.person_id: tie for tie in _coaches(student)}
    on = {
        (row.kind, row.institution_id or row.person_id): row.given_at.isoformat()
        for row in FollowUpGrant.objects.open().filter(case=case)
        if row.kind != Kind.COACH or (row.person_id in coaches and _is_since(row, coaches[row.person_id]))
    }
    college = case.programme.institution.name
    rows: list[tuple[str, UUID | None, str, str]] = [(Kind.COLLEGE, None, college, "mentors")]
    rows += [(Kind.COACH, tie.person_id, tie.person.staff_name, "coach") for tie in coaches.values()]
    rows += [(Kind.SCHOOL, school.pk, school.name, "school") for school in schools_of(student)]
    return [
        Listener(kind, pk, name, people, on.get((kind, pk)), gettext(hearing_proof.WHO[Kind(kind)]))
        for kind, pk, name, people in rows
    ]


def let_hear(*, student: Student, key: vault.Key, kind: str, listener: UUID | None, by: User) -> None:
    """The student lets one listener hear how it goes. Raises NotHere, and Refusal under 16 (contract, rule 10).

    Whoever shares outside school only with a yes from home has no such switch: it asks nobody, so it stays off.
    """
    if student.user_id != by.pk:
        raise NotHere()
    with transaction.atomic():
        locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
        if waits_today(locked, key, RecipientKind.PROGRAMME):  # by the birth date of now: it may just be corrected
            raise Refusal("not_alone", "Dit kan als jij alleen beslist. Tot dan vertel je het zelf.", status=403)
        case = placed_cases(student).select_for_update(no_key=True, of=("self",)).first()
        found = {(one.kind, one.id): one for one in listeners_of(student, case)} if case else {}
        if case is None or (kind, listener) not in found:
            raise NotHere()
        if found[kind, listener].is_on:
            return
        whom = {"institution_id": listener} if kind == Kind.SCHOOL else {"person_id": listener}
        tie = _coaches(student).filter(person=listener).first() if kind == Kind.COACH else None
        mine: dict[str, Any] = {"student": student, "case": case, "kind": kind, **whom}
        _end(FollowUpGrant.objects.open().filter(**mine), key, by)  # a yes of before that counts no more
        row = FollowUpGrant.objects.create(**mine, tie=tie, given_at=timezone.now())
        hearing_proof.prove(Event.HEARING_GIVEN, row, by=by, key=key)


def stop_hearing(*, student: Student, key: vault.Key, kind: str, listener: UUID | None, by: User) -> None:
    """Holds at the next request of whoever heard it. Stopping twice is no error. Raises NotHere."""
    if student.user_id != by.pk:
        raise NotHere()
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=student.pk)
        whom = {"institution": listener} if kind == Kind.SCHOOL else {"person": listener}
        rows = FollowUpGrant.objects.open().filter(student=student, kind=kind, **whom)
        _end(rows, key, by)


def end_hearing_at(case: Case, by: User) -> None:
    """Ends every yes at a start the college took back, in the transaction of that step: a new start is asked anew."""
    _end(FollowUpGrant.objects.open().filter(case=case), None, by)


def end_again() -> int:
    """Ends every yes at a start where one ended after the backup that was put back; returns how many. Repeatable.

    The backup shows it as it was before. Which of them it was the anchor does not tell, so all of that start end.
    """
    found = list(FollowUpGrant.objects.open().filter(case__in=anchor.ended_since_backup()).select_related("student"))
    keys = vault.open_keys({row.student_id for row in found})
    for row in found:
        with transaction.atomic():
            _end(FollowUpGrant.objects.open().filter(pk=row.pk), keys.get(row.student_id), None)
    return len(found)


def end_hearing_of(student: Student, key: vault.Key, by: User, **whom: Any) -> None:
    """Ends every yes of this student, or those to one listener, in the transaction of what ends it."""
    _end(FollowUpGrant.objects.open().filter(student=student, **whom), key, by)


def schools_of(student: Student) -> list[Institution]:
    """The schools whose class this student is or was in; a college is no school of before."""
    classes = Membership.objects.filter(user=student.user_id, role=Role.STUDENT, school_class__isnull=False)
    schools = Institution.objects.filter(pk__in=classes.values("school_class__institution"))
    return list(schools.exclude(kind=Institution.Kind.MBO).order_by("name"))


def _live() -> QuerySet[FollowUpGrant]:
    """The yeses that count: not stopped, and about the newest start. Who starts elsewhere is asked anew."""
    placed = Case.objects.filter(share__student=OuterRef("student"), status=Case.Status.PLACED)
    newest = placed.order_by("-received_at", "pk").values("pk")[:1]
    return FollowUpGrant.objects.open().filter(case=Subquery(newest))


def _end(rows: QuerySet[FollowUpGrant], key: vault.Key | None, by: User | None) -> None:
    for row in rows:
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        hearing_proof.prove(Event.HEARING_ENDED, row, by=by, key=key)


def _coaches(student: Student) -> QuerySet[Tie]:
    ties = Tie.objects.current().filter(student=student, kind=Tie.Kind.COACH, confirmed_at__isnull=False)
    found: QuerySet[Tie] = ties.select_related("person").order_by("person__staff_name")
    return found


def _is_since(grant: FollowUpGrant, tie: Tie) -> bool:
    """Whether the yes was given in the tie of today: who is tied once more is asked once more."""
    if grant.tie_id != tie.pk or tie.confirmed_at is None or grant.given_at < tie.confirmed_at:
        return False
    return timezone.localdate(grant.given_at) >= tie.starts_on


def _college(case: Case, student: Student, by: User) -> Place | None:
    """The college answers while a share with it is live; only the mentors the student shares with hear the student.

    The student's switch says «je mentoren», so somebody who did the intake does not hear by it.
    """
    opened = access.open_shares(by, warm=False).filter(student=student, programme=case.programme_id)
    kinds = set(opened.filter(recipient_kind__in=COLLEGE_KINDS).values_list("recipient_kind", flat=True))
    if not kinds:
        return None
    return Place(Side.COLLEGE, RecipientKind.COLLEGE_TEAM in kinds and is_heard_by_college(case))


def _coach(case: Case, student: Student, by: User) -> Place | None:
    if not access.open_shares(by, kind=RecipientKind.COACH).filter(student=student).exists():
        return None
    granted = _live().filter(case=case, kind=Kind.COACH, person=by).first()
    tie = _coaches(student).filter(person=by).first()
    return Place(Side.COACH, True) if granted and tie and _is_since(granted, tie) else None


def _school(case: Case, by: User) -> Place | None:
    granted = school_grants(by).filter(case=case).order_by("given_at", "pk").first()
    return Place(Side.SCHOOL, True, granted.institution_id) if granted else None
