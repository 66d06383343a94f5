"""T16: a birthday at midnight in Amsterdam, on an ordinary night and in both nights that the clock moves.

Rights change once, at 00:00 on the wall in Amsterdam, whatever hour that is in UTC.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import Tie
from consent.asked import asked_of
from tests import factories
from tests.consent.test_abuse_cases import turns
from tests.factories import share_with_programme, write

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
# 28 March 2027 goes from 02:00 to 03:00, 31 October 2027 from 03:00 back to 02:00.
NIGHTS = {
    "winter": date(2027, 1, 14),
    "to summer time": date(2027, 3, 28),
    "the day after": date(2027, 3, 29),
    "summer": date(2027, 7, 1),
    "to winter time": date(2027, 10, 31),
}
UTC_AT_MIDNIGHT = {"winter": 23, "to summer time": 23, "the day after": 22, "summer": 22, "to winter time": 22}
HOURS = [timedelta(hours=hours) for hours in (0.001, 1.5, 2, 2.5, 3, 4, 12, 23.9, 25)]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize("night", UTC_AT_MIDNIGHT)
def test_midnight_is_that_of_amsterdam(night):
    assert midnight(NIGHTS[night]).hour == UTC_AT_MIDNIGHT[night]
    with time_machine.travel(midnight(NIGHTS[night]) - timedelta(seconds=1), tick=False):
        assert timezone.localdate() == NIGHTS[night] - timedelta(days=1)
    with time_machine.travel(midnight(NIGHTS[night]), tick=False):
        assert timezone.localdate() == NIGHTS[night]


@pytest.mark.parametrize("night", UTC_AT_MIDNIGHT)
def test_at_sixteen_the_say_of_a_guardian_ends_once(night, care):
    before = midnight(NIGHTS[night]) - timedelta(seconds=1)
    with time_machine.travel(before - timedelta(days=3), tick=False):
        student = factories.make_pupil(age=15)
        turns(student, 16, NIGHTS[night])
        write(student, "me.free_time", ["muziek"])
        parent = factories.make_parent(student).user
        share = share_with_programme(student, care, "me.free_time")
        assert share.state == "awaiting_guardian"
    says = []
    for moment in (before - timedelta(hours=5), before, *(midnight(NIGHTS[night]) + after for after in HOURS)):
        with time_machine.travel(moment, tick=False):
            client = Client()
            client.force_login(parent)
            says.append((asked_of(parent) != [], client.get(f"/api/v1/shares/{share.pk}/preview/").status_code == 200))
    assert says == [(True, True)] * 2 + [(False, False)] * len(HOURS)
    with time_machine.travel(midnight(NIGHTS[night]), tick=False):
        assert share_with_programme(student, factories.make_programme(), "me.free_time").state == "active"


@pytest.mark.parametrize("night", UTC_AT_MIDNIGHT)
def test_at_eighteen_a_recorded_representative_comes_in_once(night, care):
    before = midnight(NIGHTS[night]) - timedelta(seconds=1)
    with time_machine.travel(before - timedelta(days=3), tick=False):
        student = factories.make_pupil(age=17)
        turns(student, 18, NIGHTS[night])
        write(student, "me.free_time", ["muziek"])
        person = factories.make_user()
        tie = factories.make_tie(student, person, Tie.Kind.REPRESENTATIVE)
        Tie.objects.filter(pk=tie.pk).update(authority_checked_at=timezone.now())
    states = []
    for moment in (before, midnight(NIGHTS[night]), midnight(NIGHTS[night]) + timedelta(hours=2, minutes=30)):
        with time_machine.travel(moment, tick=False):
            states.append(share_with_programme(student, factories.make_programme(), "me.free_time").state)
    assert states == ["active", "awaiting_guardian", "awaiting_guardian"]


@pytest.mark.parametrize("night", UTC_AT_MIDNIGHT)
def test_the_last_day_of_a_share_ends_at_midnight_too(night, sam, care):
    last = NIGHTS[night] - timedelta(days=1)
    with time_machine.travel(midnight(last) - timedelta(days=5), tick=False):
        reader = factories.make_staff("intaker", programme=care)
        share = share_with_programme(sam, care, "me.free_time", valid_until=last)
    found = []
    for moment in (midnight(NIGHTS[night]) - timedelta(seconds=1), *(midnight(NIGHTS[night]) + one for one in HOURS)):
        with time_machine.travel(moment, tick=False):
            client = Client()
            client.force_login(reader)
            found.append(client.get(f"/api/v1/dossiers/{share.pk}/").status_code)
    assert found == [200] + [404] * len(HOURS)
