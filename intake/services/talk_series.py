"""The progress talks of the first year of an entree, for the student: the next day, and all of them for a calendar.

The file says «Gesprek» and days, as every file of ours for a calendar (contract, rule 9): one series that repeats every
five weeks and ends with the first year, so it is taken away in one tap. The hour is the mentor's to say.
"""

from datetime import date, timedelta
from uuid import uuid5

from django.utils import timezone
from icalendar import Calendar, Event, vRecur

from accounts.refusals import NotHere
from intake.models import Case, FirstDay
from intake.services import placements


def next_of(case: Case) -> date | None:
    """The next of these talks; None when the year is over, and for who started no entree."""
    if case.status != Case.Status.PLACED:
        return None
    today = timezone.localdate()
    return next((on for on in placements.progress_talks(case) if on >= today), None)


def calendar_of(case: Case) -> bytes:
    """The series as RFC 5545, whole days; the same id whenever it is fetched. Raises NotHere without a talk to come."""
    if next_of(case) is None:
        raise NotHere()
    days = placements.progress_talks(case)
    event = Event()
    event.add("uid", f"{uuid5(case.pk, 'progress')}@overstappaspoort")
    event.add("dtstamp", timezone.now())
    event.add("sequence", _version(case))
    event.add("summary", "Gesprek")
    event.add("dtstart", days[0])
    event.add("dtend", days[0] + timedelta(days=1))
    event.add(
        "rrule", vRecur({"FREQ": ["WEEKLY"], "INTERVAL": [placements.EVERY_FIVE_WEEKS // 7], "UNTIL": [days[-1]]})
    )
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")  # the day is not taken: nobody knows the hour yet
    calendar = Calendar()
    calendar.add("prodid", "-//Overstappaspoort//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _version(case: Case) -> int:
    """Grows when the first day changes, so that a calendar takes the newer series."""
    changed = FirstDay.objects.filter(case=case).values_list("updated_at", flat=True).first()
    return int(changed.timestamp()) if changed else 0
