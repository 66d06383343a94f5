"""A file for a calendar: a time and a town, and nothing that says what it is about (contract, rule 9).

A calendar is read by others and copied to other firms: no name, no need, no programme, no organizer.
"""

from datetime import datetime

from django.utils import timezone
from icalendar import Calendar, Event


def one_moment(*, uid: str, summary: str, starts_at: datetime, ends_at: datetime, town: str, version: int = 0) -> bytes:
    """One moment as RFC 5545. `uid` leads to nobody; a higher `version` takes the place of a lower one."""
    event = Event()
    event.add("uid", f"{uid}@overstappaspoort")
    event.add("dtstamp", timezone.now())
    event.add("sequence", version)
    event.add("summary", summary)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    event.add("class", "PRIVATE")
    if town:
        event.add("location", town)
    calendar = Calendar()
    calendar.add("prodid", "-//Overstappaspoort//NL")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
