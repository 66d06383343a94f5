"""What a college said that waits for a student or for home, for the mail of the day: who, since when, and never what.

Each reader here finds log-ins with the moment something came for them. The words of the mail are the same whatever it
is (school/services/digest.py): that somebody asked for help, or is refused it, may not be read from a subject line.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, time
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts import vault
from accounts.identity import age_band, identity_of
from accounts.models import Membership, Role, Student, Tie
from consent.models import ShareState
from consent.services.approving import WHOSE_YES
from intake.models import Agreement, Ask, Case, FirstDay, Fit, SignatureRole, TasterSignUp
from intake.services.agreement_life import Keys, alive
from intake.services.agreements import SOON

Came = tuple[UUID, datetime]


def answers_to_needs(since: datetime) -> Iterator[Came]:
    """A need was answered, with a yes or with a no that two people of the college saw, on what is shared now.

    The student alone: at home nobody reads these answers. Set-wise, nothing is opened.
    """
    rows = Fit.objects.filter(state=Fit.State.SENT, at__gt=since, share__state=ShareState.ACTIVE)
    rows = rows.filter(share__valid_until__gte=timezone.localdate(), share__student__frozen_at=None)
    yield from rows.values_list("share__student__user", "at").iterator(chunk_size=500)


def agreements_to_sign(since: datetime) -> Iterator[Came]:
    """An agreement waits for a signature of the student, or of somebody at home who has to sign it too.

    Only what may still be read: a text that lost its share or what it was built on waits for nobody. The queries do not
    grow with the agreements; only the keys of these students are opened.
    """
    rows = Agreement.objects.filter(status=Agreement.Status.OFFERED, offered_at__gt=since)
    rows = rows.select_related("case__share__student__user").prefetch_related("signatures")
    students = {row.case.share.student_id: row.case.share.student for row in rows if row.case.share}
    keys = vault.open_keys(students) if students else {}
    at_home = _who_signs_too(students.values(), keys)
    for row in alive(rows, keys):
        student = row.case.share.student  # type: ignore[union-attr]  # a live share
        signed = {one.role for one in row.signatures.all()}
        if row.offered_at is None or student.pk not in keys:
            continue
        if SignatureRole.STUDENT not in signed:
            yield student.user_id, row.offered_at
        if SignatureRole.GUARDIAN not in signed:
            yield from ((person, row.offered_at) for person in at_home.get(student.pk, ()))


def after_the_start(since: datetime) -> Iterator[Came]:
    """The college wrote the first day, or asked «Klopt dit nog?» and nobody answered. Set-wise, nothing is opened."""
    here = {"case__status": Case.Status.PLACED, "student__frozen_at": None}
    days = FirstDay.objects.filter(**here, updated_at__gt=since)
    yield from days.values_list("student__user", "updated_at").iterator(chunk_size=500)
    asked = Ask.objects.filter(**here, about=Ask.About.REVIEW, answered_at=None, asked_at__gt=since)
    yield from asked.values_list("student__user", "asked_at").iterator(chunk_size=500)


def agreements_to_look_back_at(since: datetime) -> Iterator[Came]:
    """It became time for «Klopt dit nog?» of what was signed: two weeks before its day. Set-wise, nothing is opened."""
    first, last = timezone.localdate(since) + SOON, timezone.localdate() + SOON
    rows = Agreement.objects.in_force().filter(review_date__gt=first, review_date__lte=last)
    rows = rows.filter(case__share__student__frozen_at=None, case__share__isnull=False)
    for user, day in rows.values_list("case__share__student__user", "review_date").iterator(chunk_size=500):
        yield user, timezone.make_aware(datetime.combine(day - SOON, time.min))


def days_to_look(since: datetime) -> Iterator[Came]:
    """A counsellor said whether a day goes on, a day was called off, or a buddy is asked along. Nothing is opened.

    And for the counsellors of a student's school: somebody put a name down.
    """
    names = ("asked_at", "decided_at", "day__cancelled_at", "buddy_asked_at")
    rows = TasterSignUp.objects.filter(student__frozen_at=None, day__starts_at__gt=timezone.now())
    rows = rows.filter(reduce(or_, (Q(**{f"{name}__gt": since}) for name in names)))
    asked_by: dict[UUID, datetime] = {}
    for user, state, asked, *told in rows.values_list("student__user", "state", *names):
        yield from ((user, at) for at in told if at and at > since)
        if state == TasterSignUp.State.ASKED and asked > since:
            asked_by[user] = max(asked, asked_by.get(user, asked))
    pupils = Membership.objects.current().filter(role=Role.STUDENT, user__in=asked_by, school_class__isnull=False)
    schools = {school: asked_by[user] for user, school in pupils.values_list("user", "school_class__institution")}
    staff = Membership.objects.current().filter(role=Role.COUNSELLOR, institution__in=schools)
    yield from ((user, schools[school]) for user, school in staff.values_list("user", "institution"))


READERS: tuple[Callable[[datetime], Iterable[Came]], ...] = (
    answers_to_needs,
    agreements_to_sign,
    agreements_to_look_back_at,
    after_the_start,
    days_to_look,
)


def newest_since(moment: datetime) -> dict[UUID, datetime]:
    """Who has something new since a moment, by log-in, with when the newest of it came."""
    found: dict[UUID, datetime] = {}
    for reader in READERS:
        for user, at in reader(moment):
            found[user] = max(at, found.get(user, at))
    return found


def _who_signs_too(students: Iterable[Student], keys: Keys) -> dict[UUID, list[UUID]]:
    """Whose yes counts beside the student's today (contract, rule 10), by student: one query."""
    asked = {one.pk: WHOSE_YES.get(age_band(identity_of(one, keys[one.pk]).born)) for one in students if one.pk in keys}
    asked = {pk: kind for pk, kind in asked.items() if kind}
    checked = Tie.objects.current().filter(confirmed_at__isnull=False, authority_checked_at__isnull=False)
    ties = checked.filter(student__in=asked).values_list("student_id", "kind", "person_id")
    found: dict[UUID, list[UUID]] = {}
    for student, kind, person in ties if asked else ():
        if kind == asked[student]:
            found.setdefault(student, []).append(person)
    return found
