"""How somebody becomes a student's coach, and how that ends by itself: one fixed face, known and let in by the student.

A coach shows a code, in person; the student types it, reads who it is, and says yes. There is no list to pick from and
nothing to ask a student for, so nobody has a coach they did not accept. The tie opens nothing: reading takes a share
(contract, rule 1). It holds from the last half year at school until the first half year at the mbo, and is then over.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.limits import is_within
from accounts.models import DatedQuerySet, Institution, Membership, Role, Student, Tie, User
from accounts.refusals import NotHere, Refusal
from accounts.services import roles_of
from accounts.together import refuse_together
from consent import services as consent
from consent.models import Share
from consent.purposes import end_of_school_year
from intake.models import CoachSignal
from intake.services import sharing

# What a coach is called on the tie; the contract's role is one.
LABELS = ("doorstroomcoach", "jobcoach", "ambulant begeleider", "coach")
CODE_WORKS = timedelta(minutes=20)
MOST_CODES, MOST_TRIES, A_WHILE = 20, 10, 15 * 60
SOON = timedelta(weeks=4)
TOLD = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Offer:
    """Who showed a code, as the student reads it before a yes."""

    person: User = field(repr=False)
    label: str


@dataclass(frozen=True, slots=True)
class OwnCoach:
    """A coach as the student sees them, today or of before. Personal: never in a log or a URL."""

    tie: Tie
    name: str = field(repr=False)

    @property
    def is_over(self) -> bool:
        return self.tie.ends_on is not None and self.tie.ends_on < timezone.localdate()

    @property
    def is_ahead(self) -> bool:
        return self.tie.starts_on > timezone.localdate()

    @property
    def is_soon_over(self) -> bool:
        return not self.is_over and goes_soon(self.tie)

    @property
    def is_just_over(self) -> bool:
        """Let go by the day of the settings, these weeks; whom the student stopped needs no word about it."""
        last = self.tie.ends_on
        if last is None or (last.month, last.day) != settings.COACHING_UNTIL:
            return False
        return self.is_over and last >= timezone.localdate() - TOLD


# --- From when until when ----------------------------------------------------------------------------------


def time_with(student: Student, on: date) -> tuple[date, date]:
    """The first and the last day of a tie that this student makes on a day, by COACHING_FROM and COACHING_UNTIL.

    Who is in a class starts at the mbo after this school year; else the start was last summer, unless that time is
    over: then it is the coming one.
    """
    starts = end_of_school_year(on).year
    if not _is_in_class(student, on):
        last = _in_school_year(starts, settings.COACHING_UNTIL)
        if on <= last:
            return on, last
    first = _in_school_year(starts, settings.COACHING_FROM)
    return max(on, first), _in_school_year(starts + 1, settings.COACHING_UNTIL)


def goes_soon(tie: Tie, on: date | None = None) -> bool:
    """Whether it is time to say who takes over: the last four weeks."""
    on = on or timezone.localdate()
    return tie.ends_on is not None and on <= tie.ends_on <= on + SOON


def let_go() -> int:
    """Gives every coach's tie its last day, and ends what was shared in a tie that is over; returns how many shares.

    Reading was refused from that midnight on. Repeatable.
    """
    today = timezone.localdate()
    ties = _confirmed()
    for tie in ties.filter(ends_on=None).select_related("student"):
        _, last = time_with(tie.student, max(today, tie.starts_on))
        Tie.objects.filter(pk=tie.pk, ends_on=None).update(ends_on=last)
    over = ties.filter(ends_on__lt=today)
    CoachSignal.objects.filter(tie__in=over).delete()
    shares = list(Share.objects.open_ended().filter(tie__in=over))
    for share in shares:
        consent.expire_share(share=share, also=sharing.end)
    return len(shares)


def _in_school_year(ends: int, month_and_day: tuple[int, int]) -> date:
    """That day in the school year that ends in a year; it begins in August."""
    month, day = month_and_day
    return date(ends - 1 if month >= 8 else ends, month, day)


def _is_in_class(student: Student, on: date) -> bool:
    places = Membership.objects.current(on).filter(user=student.user_id, role=Role.STUDENT, school_class__isnull=False)
    return places.exclude(school_class__institution__kind=Institution.Kind.MBO).exists()


# --- The code and the yes ----------------------------------------------------------------------------------


def is_coach(by: User) -> bool:
    """Whether this user is a coach today, by a membership or by a tie that a student confirmed."""
    return Role.COACH in roles_of(by)


def make_code(*, by: User, label: str) -> str:
    """A code of eight digits to show to one student; it works once and twenty minutes. Raises NotHere, Refusal."""
    if by.is_student or not is_coach(by):
        raise NotHere()
    if label not in LABELS:
        raise Refusal("no_label", "Kies wat u doet.", field="label")
    if not is_within(f"coach-codes-{by.pk}", most=MOST_CODES, seconds=3600):
        raise Refusal("too_often", "Dat is genoeg voor nu. Probeer het over een uur weer.", status=409, field="label")
    code = f"{secrets.randbelow(10**8):08d}"
    if not cache.add(_place(code), (str(by.pk), label), timeout=int(CODE_WORKS.total_seconds())):
        return make_code(by=by, label=label)
    return code


def find_offer(*, student: Student, typed: str) -> Offer:
    """Who showed this code, while they are a coach. Ten tries a quarter of an hour. Raises Refusal at the field."""
    if not is_within(f"coach-code-tries-{student.pk}", most=MOST_TRIES, seconds=A_WHILE):
        raise Refusal("too_often", gettext("Je probeerde het vaak. Wacht een kwartier."), status=409, field="code")
    found = cache.get(_place(re.sub(r"[\s-]", "", typed)))
    person = User.objects.filter(pk=found[0], is_active=True, student=None).first() if found else None
    if person is None or not is_coach(person):
        raise Refusal("no_code", gettext("Deze code werkt niet. Vraag je coach om een nieuwe."), field="code")
    return Offer(person, found[1])


def accept(*, student: Student, typed: str, by: User) -> Tie:
    """The student's yes: from now on this is their coach, until the day the settings name. Opens nothing.

    Raises NotHere for whoever is not the student, Refusal while somebody sits beside them or there is a coach already.
    """
    if student.user_id != by.pk:
        raise NotHere()
    refuse_together(student)
    offer, today = find_offer(student=student, typed=typed), timezone.localdate()
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=student.pk)
        if _confirmed().filter(student=student).exclude(ends_on__lt=today).exists():
            raise Refusal("one_face", gettext("Je hebt al een coach. Stop eerst met die coach."), field="code")
        first, last = time_with(student, today)
        tie = Tie.objects.create(
            student=student, person=offer.person, kind=Tie.Kind.COACH, label=offer.label,
            confirmed_at=timezone.now(), starts_on=first, ends_on=last,
        )  # fmt: skip
    cache.delete(_place(re.sub(r"[\s-]", "", typed)))
    return tie


def take_back(*, student: Student, by: User) -> None:
    """The student takes back a yes whose time has not begun; a tie that runs is ended by services/people.py.

    Raises NotHere for whoever is not the student. Twice is no error.
    """
    if student.user_id != by.pk:
        raise NotHere()
    _confirmed().filter(student=student, starts_on__gt=timezone.localdate()).delete()


def _place(code: str) -> str:
    """The code is kept hashed, as far as eight digits can be."""
    return f"coach-code-{hashlib.sha256(code.encode(errors='replace')).hexdigest()}"


# --- For the student ---------------------------------------------------------------------------------------


def coaches_of(student: Student) -> list[OwnCoach]:
    """Every coach this student said yes to, the newest first: one query."""
    ties = _confirmed().filter(student=student).select_related("person").order_by("-starts_on", "-confirmed_at")
    return [OwnCoach(tie, tie.person.staff_name or tie.label or gettext("Coach")) for tie in ties]


def news_of(coaches: Sequence[OwnCoach]) -> OwnCoach | None:
    """Whose time is nearly over, or just was: one line on the student's first page."""
    soon = next((one for one in coaches if one.is_soon_over), None)
    has_one = any(not one.is_over for one in coaches)
    return soon or (None if has_one else next((one for one in coaches if one.is_just_over), None))


def _confirmed() -> DatedQuerySet:
    found: DatedQuerySet = Tie.objects.filter(kind=Tie.Kind.COACH, confirmed_at__isnull=False)
    return found
