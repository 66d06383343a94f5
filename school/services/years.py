"""The school year: which one it is, and everybody to the next one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Institution, Membership, Role, SchoolClass, Student, User
from accounts.refusals import Refusal
from school.models import OfficeEvent
from school.services.office import get_school_or_404, record

LONGEST_NAME = 40
FIRST_MONTH = 8  # 1 August, as the law has it (WEC art. 1, WPO art. 1)
YEAR = re.compile(r"^(\d{4})-(\d{4})$")


def year_of(day: date | None = None) -> str:
    """The school year of a day (today), as «2026-2027»."""
    day = day or timezone.localdate()
    start = day.year if day.month >= FIRST_MONTH else day.year - 1
    return f"{start}-{start + 1}"


def next_year(school_year: str) -> str:
    return year_of(last_day_of(school_year) + timedelta(days=1))


def first_day_of(school_year: str) -> date:
    """The first day of a school year. Raises Refusal for what is none."""
    found = YEAR.match(school_year)
    if not found or int(found[2]) != int(found[1]) + 1:
        raise Refusal("no_year", "Dit is geen schooljaar.", field="school_year")
    return date(int(found[1]), FIRST_MONTH, 1)


def last_day_of(school_year: str) -> date:
    first = first_day_of(school_year)
    return date(first.year + 1, FIRST_MONTH, 1) - timedelta(days=1)


# --- To the next year --------------------------------------------------------------------------------------

SOON, AFTER = timedelta(days=90), timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OldClass:
    """A class that can go to its next year, with how many students it has and how many stay in the school already."""

    school_class: SchoolClass
    to_year: str
    students: int
    settled: int

    @property
    def left_to_do(self) -> int:
        return self.students - self.settled


def classes_to_roll(place: Institution) -> list[OldClass]:
    """The classes with students today, and how many of those have a place in the next year or a last day."""
    found: list[OldClass] = []
    rows = _students_of(place).select_related("school_class")
    by_class: dict[SchoolClass, list[Membership]] = {}
    for row in rows.order_by("school_class__school_year", "school_class__name"):
        if row.school_class is not None:
            by_class.setdefault(row.school_class, []).append(row)
    for one, members in by_class.items():
        settled = sum(row.ends_on is not None for row in members)
        found.append(OldClass(one, next_year(one.school_year), len(members), settled))
    return found


@transaction.atomic
def roll_class(*, school_class: SchoolClass, to_name: str, mentors_too: bool, by: User) -> int:
    """Moves a class to its next school year, or lets everybody leave where `to_name` is empty. Returns how many.

    The old place ends on the last day of the year, or yesterday when that is over; the new one begins the day after.
    Who has another place or a last day already stays as they are, so twice is no error. Shares with the school team end
    by themselves with the place (consent/access.py:decide). Raises NotHere for another's school, Refusal for a name.
    """
    place = get_school_or_404(school_class.institution_id, by)
    name = " ".join(to_name.split())
    if len(name) > LONGEST_NAME:
        raise Refusal("too_long", f"De naam van een klas is hoogstens {LONGEST_NAME} tekens.", field="to_name")
    Institution.objects.select_for_update(no_key=True).get(pk=place.pk)
    to_year = next_year(school_class.school_year)
    day = max(first_day_of(to_year), timezone.localdate())
    new = SchoolClass.objects.get_or_create(institution=place, name=name, school_year=to_year)[0] if name else None
    members = list(_students_of(place).filter(school_class=school_class, ends_on=None))
    moved = _move(members, new, day)
    if mentors_too and new:
        mentors = Membership.objects.current().filter(role=Role.MENTOR, school_class=school_class, ends_on=None)
        _move(list(mentors), new, day)
    to = f"naar {new.name}, {to_year}" if new else "van school"
    detail = f"{school_class.name}, {school_class.school_year}: {moved} {to}"
    record(place, OfficeEvent.What.YEAR_ROLLED, by=by, detail=detail)
    return moved


def _move(rows: list[Membership], new: SchoolClass | None, day: date) -> int:
    for row in rows:
        end_before(day, [row])
        if new:
            Membership.objects.create(user=row.user, role=row.role, school_class=new, starts_on=day)
    return len(rows)


def end_before(day: date, rows: Iterable[Membership]) -> None:
    """Lets memberships end on the day before; what began on that day or later never was."""
    for row in rows:
        if row.starts_on >= day:
            row.delete()
        else:
            row.ends_on = day - timedelta(days=1)
            row.save(update_fields=["ends_on"])


def _students_of(place: Institution) -> QuerySet[Membership]:
    rows: QuerySet[Membership] = Membership.objects.current().filter(
        role=Role.STUDENT, school_class__institution=place, user__is_active=True
    )
    return rows


# --- Who leaves --------------------------------------------------------------------------------------------


def leaves_on(student: Student) -> date | None:
    """The last day at school of somebody who leaves within three months, or left in the last two; else None.

    In those months «Zo houd jij je paspoort» stands on the start page.
    """
    today = timezone.localdate()
    rows = Membership.objects.filter(user=student.user_id, role=Role.STUDENT, school_class__isnull=False)
    days = list(rows.values_list("ends_on", flat=True))
    ended = [day for day in days if day is not None]
    if not days or len(ended) < len(days):
        return None
    last = max(ended)
    return last if today - AFTER <= last <= today + SOON else None


def leavers(place: Institution) -> int:
    """How many students have a last day within three months and no place after it: counts only."""
    today = timezone.localdate()
    later = Membership.objects.filter(user=OuterRef("user"), role=Role.STUDENT, school_class__isnull=False)
    later = later.filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("ends_on")))
    return _students_of(place).filter(ends_on__lte=today + SOON).exclude(Exists(later)).count()
