"""Where a student started, from which day, and when it is asked how it goes.

A case that is `placed` is a start. Its moments count from the first day; each is open until the next one.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Programme, Student
from accounts.refusals import NotHere
from intake.models import Case, FollowUp, FollowUpGrant, Moment

DAYS: dict[Moment, int] = {Moment.W2: 14, Moment.W6: 42, Moment.M3: 91, Moment.M6: 182, Moment.Y1: 364}
LAST_IS_OPEN = 91  # days after y1
EVERY_FIVE_WEEKS = 35


@dataclass(frozen=True, slots=True)
class Asked:
    """One moment of one start: from which day it is asked, and the first day it no longer is."""

    moment: Moment
    on: date
    until: date

    @property
    def is_open(self) -> bool:
        return self.on <= timezone.localdate() < self.until

    @property
    def is_to_come(self) -> bool:
        return timezone.localdate() < self.on


def placed_cases(student: Student) -> QuerySet[Case]:
    """Where this student started, the newest first; also when the share of the intake is long over."""
    placed = Case.objects.filter(share__student=student, status=Case.Status.PLACED)
    return placed.select_related("programme__institution", "share__student__user").order_by("-received_at", "pk")


def told_cases(student: Student) -> QuerySet[Case]:
    """Where this student started or told how it goes, what holds today first: a start that the college took back takes
    no word of the student's from their own pages and export."""
    about = {"case": OuterRef("pk")}
    told = Exists(FollowUp.objects.filter(**about)) | Exists(FollowUpGrant.objects.filter(**about))
    cases = Case.objects.filter(Q(status=Case.Status.PLACED) | told, share__student=student)
    cases = cases.annotate(is_start=ExpressionWrapper(Q(status=Case.Status.PLACED), output_field=BooleanField()))
    return cases.select_related("programme__institution", "share__student__user").order_by(
        "-is_start", "-received_at", "pk"
    )


def get_told_case_or_404(student: Student) -> Case:
    """The start of the student's own pages, else the newest they told of. Raises NotHere."""
    case = told_cases(student).first()
    if case is None:
        raise NotHere()
    return case


def newest_case(student: Student) -> Case | None:
    """The start that the student's own pages are about."""
    return placed_cases(student).first()


def get_own_case_or_404(student: Student) -> Case:
    """The same. Raises NotHere for who did not start anywhere."""
    case = newest_case(student)
    if case is None:
        raise NotHere()
    return case


def estimated_start(placed_on: date) -> date:
    """The first day as long as the college said no other: 1 September after a spring intake, else the day itself."""
    return date(placed_on.year, 9, 1) if 2 <= placed_on.month <= 8 else placed_on


def start_of(case: Case) -> date:
    """The first day as far as known."""
    return case.starts_on or estimated_start(timezone.localdate(case.received_at))


def moments_of(case: Case) -> list[Asked]:
    """The five moments of a start, in order."""
    start, found = start_of(case), list(DAYS.items())
    ends = [days for _, days in found[1:]] + [found[-1][1] + LAST_IS_OPEN]
    return [
        Asked(moment, start + timedelta(days=days), start + timedelta(days=end))
        for (moment, days), end in zip(found, ends, strict=True)
    ]


def moment_now(case: Case) -> Asked | None:
    """The one moment that is open today."""
    return next((one for one in moments_of(case) if one.is_open), None)


def may_be_answered(case: Case, moment: str) -> bool:
    """Whether this moment has come; one that is past may still be told."""
    return any(one.moment == moment and not one.is_to_come for one in moments_of(case))


def progress_talks(case: Case) -> list[date]:
    """The days of the five-weekly progress talk in the first year of an entree; none for another programme."""
    if case.programme.kind != Programme.Kind.ENTREE:
        return []
    start = start_of(case)
    return [start + timedelta(days=days) for days in range(EVERY_FIVE_WEEKS, DAYS[Moment.Y1] + 1, EVERY_FIVE_WEEKS)]


def next_talk(case: Case) -> date | None:
    """The next progress talk: every five weeks in the first year of an entree, else on the next moment."""
    today, start = timezone.localdate(), start_of(case)
    days = progress_talks(case) or [start + timedelta(days=one) for one in DAYS.values()]
    return next((on for on in days if on >= today), None)
