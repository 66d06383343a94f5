"""How long a passport stays: two years after school, then a mail, then thirty days, then it is erased.

Two years is the rule of the sector (Kennisnet); the AVG names no number. Whoever still comes keeps it a year longer
every time, until 27. `decide` is pure; `manage.py retention --dry-run` says what it would do and does nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Role, Student
from intake.models import Agreement, Case
from intake.services import mail

KEPT_YEARS = 2
KEPT_BY_COMING = 1  # years: who taps «Niet wissen», or only logs in, is asked again a year later
OLDEST = 27
WARNED = timedelta(days=30)
BATCH = 500


class Step(StrEnum):
    KEEP = "keep"
    WARN = "warn"  # a mail, when there is an address, and thirty days
    WAIT = "wait"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision knows of one student on a day."""

    at_school: bool  # a current or coming place as a student
    left_on: date  # the last day at a school; without one, the day the account was made
    last_seen: date | None
    born: date | None
    erase_on: date | None


def decide(known: Facts, today: date) -> Step:
    """What happens to this passport today. Pure and total."""
    if known.erase_on is not None:
        return Step.ERASE if known.erase_on <= today else Step.WAIT
    if known.at_school or known.left_on > _years_before(today, KEPT_YEARS):
        return Step.KEEP
    return Step.KEEP if may_be_kept(known, today) and _came(known, today) else Step.WARN


def may_be_kept(known: Facts, today: date) -> bool:
    """Whether a former student can still keep it a year longer: until 27, and always without a known birth date."""
    return known.at_school or known.born is None or known.born > _years_before(today, OLDEST)


def lets_keep(student: Student, key: vault.Key) -> bool:
    """Whether this student, who came today, may take an erasing back."""
    today = timezone.localdate()
    known = replace(facts_of(student, key), erase_on=None, last_seen=today)
    return decide(known, today) is Step.KEEP


@dataclass(frozen=True, slots=True)
class Due:
    """One line of the dry run: an id, never a name."""

    student_id: UUID
    step: Step
    on: date | None


def due(today: date | None = None) -> Iterator[Due]:
    """Everybody for whom something happens today or is coming."""
    today = today or timezone.localdate()
    for student, facts in _candidates(today):
        step = decide(facts, today)
        if step is not Step.KEEP:
            yield Due(student.pk, step, facts.erase_on)


def warn_leavers() -> int:
    """Mails everybody whose time is up and starts their thirty days; erasing is leaving.erase_due. Repeatable."""
    warned = [one.student_id for one in due() if one.step is Step.WARN]
    for student_id in warned:
        _warn(student_id)
    return len(warned)


def drop_empty_cases() -> int:
    """Deletes what an inbox kept of the cases of erased students, two years after they came in. Repeatable.

    A case with a signed agreement stays as long as that does (intake/services/agreement_keeping.py).
    """
    old = Case.objects.filter(share=None, received_at__lt=timezone.now() - timedelta(days=365 * KEPT_YEARS))
    old = old.exclude(agreements__in=Agreement.objects.kept())
    return int(old.delete()[0])


def facts_of(student: Student, key: vault.Key | None, today: date | None = None) -> Facts:
    """The facts of one student; without a key the birth date is not known."""
    today = today or timezone.localdate()
    places = Membership.objects.filter(user=student.user_id, role=Role.STUDENT)
    here = places.filter(Q(ends_on=None) | Q(ends_on__gte=today)).exists()
    left_on = places.aggregate(last=Max("ends_on"))["last"]
    return _facts(student, key, here, left_on)


@transaction.atomic
def _warn(student_id: UUID) -> None:
    student = Student.objects.select_for_update(no_key=True).get(pk=student_id)
    if student.erase_after is None:
        student.erase_after = timezone.now() + WARNED
        student.save(update_fields=["erase_after"])
        transaction.on_commit(lambda: mail.tell_leaver_soon(student_id), robust=True)


def _candidates(today: date) -> Iterator[tuple[Student, Facts]]:
    """Whoever left long enough ago or is on the way out; keys are opened a batch at a time, for the birth date."""
    places = Membership.objects.filter(user=OuterRef("user"), role=Role.STUDENT)
    here = places.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    rows = Student.objects.select_related("user").annotate(here=Exists(here))
    rows = rows.filter(Q(here=False) | Q(erase_after__isnull=False))
    left = Max("user__memberships__ends_on", filter=Q(user__memberships__role=Role.STUDENT))
    students = list(rows.annotate(left_on=left).order_by("pk"))
    for at in range(0, len(students), BATCH):
        part = students[at : at + BATCH]
        keys = vault.open_keys(student.pk for student in part)
        for student in part:
            yield student, _facts(student, keys.get(student.pk), student.here, student.left_on)


def _facts(student: Student, key: vault.Key | None, here: bool, left_on: date | None) -> Facts:
    user = student.user
    return Facts(
        at_school=here,
        left_on=left_on or timezone.localdate(user.date_joined),
        last_seen=timezone.localdate(user.last_login) if user.last_login else None,
        born=identity_of(student, key).born if key else None,
        erase_on=timezone.localdate(student.erase_after) if student.erase_after else None,
    )


def _came(known: Facts, today: date) -> bool:
    return known.last_seen is not None and known.last_seen > _years_before(today, KEPT_BY_COMING)


def _years_before(day: date, years: int) -> date:
    """The same day so many years ago; for 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
