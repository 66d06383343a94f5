"""A clock that jumps, forward or back: nothing that was over lives again, and nobody is kept waiting for days.

The leases of jobs: tests/intake/test_handover.py and tests/intake/test_agreement_keeping.py; the timer:
tests/config/test_timer.py.
"""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Student, User
from consent import access, ledger, links
from consent.models import Share
from intake import handover as renderer
from intake.models import Handover
from intake.services import handovers, jobs, sharing
from tests import factories
from tests.factories import share_by_link

pytestmark = pytest.mark.faults
JUMPS = [timedelta(hours=3), timedelta(days=2), timedelta(days=400)]


def clock_at(moment: Any) -> Any:
    return time_machine.travel(moment, tick=False)


# --- Sessions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", JUMPS)
def test_a_session_of_what_is_the_future_now_is_over(browser_of: Any, sam: Student, jump: timedelta) -> None:
    """Until that day is there again it would never be idle for long: on a school's computer, open for the next one."""
    with clock_at(timezone.now() + jump):
        client = browser_of(sam)
        assert client.get("/paspoort/").status_code == 200
    assert client.get("/paspoort/").status_code == 302
    assert client.get("/api/v1/passport/").status_code == 401


def test_clocks_that_differ_a_little_end_nobodys_session(browser_of: Any, sam: Student) -> None:
    with clock_at(timezone.now() + timedelta(seconds=90)):
        client = browser_of(sam)
        assert client.get("/paspoort/").status_code == 200
    assert client.get("/paspoort/").status_code == 200


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_ahead_ends_a_session_and_it_stays_over(
    browser_of: Any, sam: Student, jump: timedelta
) -> None:
    client = browser_of(sam)
    assert client.get("/paspoort/").status_code == 200
    with clock_at(timezone.now() + jump):
        assert client.get("/paspoort/").status_code == 302
    assert client.get("/paspoort/").status_code == 302


# --- Shares ------------------------------------------------------------------------------------------------------


def may_read(share: Share, by: User) -> bool:
    return any(one.pk == share.pk for one in access.open_shares(by))


def test_a_share_that_ended_by_a_clock_ahead_stays_ended(given: Share, imke: User, api: Any) -> None:
    """Told once more that it is last week, the site gives nobody back what was ended and written down as such."""
    with clock_at(timezone.now() + timedelta(days=400)):
        assert not may_read(given, imke)
        sharing.expire_ended()
    assert not may_read(given, imke)
    assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").status_code == 404
    assert ledger.verify() is None


def test_until_the_sweep_a_share_is_as_wide_as_the_day_says(given: Share, imke: User) -> None:
    """Refused on a day after its last; on an earlier day it shows what it showed, and no more."""
    before = access.read_as_recipient(share_id=given.pk, release=given.release)
    with clock_at(timezone.now() + timedelta(days=400)):
        assert not may_read(given, imke)
    with clock_at(timezone.now() - timedelta(days=3)):
        again = access.read_as_recipient(share_id=given.pk, release=given.release)
    assert again.said == before.said


def test_what_the_student_stopped_before_the_clock_went_back_stays_stopped(
    given: Share, sam: Student, imke: User, api: Any
) -> None:
    sharing.withdraw(share=given, by=sam.user)
    with clock_at(timezone.now() - timedelta(days=2)):
        assert not may_read(given, imke)
        assert api(imke).get(f"/api/v1/dossiers/{given.pk}/").status_code == 404
        newer = factories.share_with_programme(sam, factories.make_programme(), "me.free_time")
        assert newer.is_open and ledger.verify() is None  # entries are in order by number, not by the clock


# --- Jobs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [*JUMPS, *(-one for one in JUMPS)])
def test_a_job_is_made_once_whatever_the_clock_says_halfway(
    given: Share, imke: User, jump: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ahead: its lease is over and another takes it. Back: nobody else gets it while it is still being made."""
    asked, _ = handovers.request_handover(share_id=given.pk, by=imke)
    with clock_at(timezone.now()) as clock:

        def jumps(dossier: Any, code: str) -> tuple[str, bytes]:
            clock.shift(jump)
            return "", b"%PDF-"

        with monkeypatch.context() as patch:
            patch.setattr(renderer, "render", jumps)
            handovers.render_handover(asked.pk)
        monkeypatch.setattr(renderer, "render", lambda dossier, code: ("", b"%PDF-"))
        if abs(jump) < timedelta(days=300):  # else the share itself is over, or has not begun
            handovers.wake_waiting()
            handovers.render_handover(asked.pk)
            handovers.render_handover(asked.pk)
            asked.refresh_from_db()
            assert asked.status == Handover.Status.READY and asked.attempts <= 2
        else:
            assert Handover.objects.filter(status="ready").count() <= 1
    assert Handover.objects.count() == 1


def test_a_lease_is_held_by_one(given: Share, imke: User) -> None:
    asked, _ = handovers.request_handover(share_id=given.pk, by=imke)
    rows = Handover.objects.all()
    first, second = jobs.claim(rows, asked.pk), jobs.claim(rows, asked.pk)
    assert first is not None and second is None
    with clock_at(timezone.now() + jobs.LEASE + timedelta(seconds=1)):
        third = jobs.claim(rows, asked.pk)
        assert third is not None and not jobs.mine(first).exists() and jobs.mine(third).exists()
        jobs.put_back(first, is_spent=True)
        asked.refresh_from_db()
        assert (asked.status, asked.attempts) == (Handover.Status.RENDERING, 2)


@pytest.mark.parametrize(("jump", "counts"), [(timedelta(minutes=29), True), (timedelta(minutes=31), False)])
def test_a_link_is_read_for_half_an_hour_forward(sam: Student, jump: timedelta, counts: bool) -> None:
    link = share_by_link(sam, "can.strengths").link
    kept = links.new_sitting(link).as_json()
    with clock_at(timezone.now() + jump):
        assert links.is_sitting(link, kept) is counts


@pytest.mark.parametrize(("jump", "counts"), [(timedelta(minutes=1), True), (timedelta(days=1), False)])
def test_a_link_is_read_for_no_day_longer_when_the_clock_goes_back(sam: Student, jump: timedelta, counts: bool) -> None:
    link = share_by_link(sam, "can.strengths").link
    kept = links.new_sitting(link).as_json()
    with clock_at(timezone.now() - jump):
        assert links.is_sitting(link, kept) is counts
