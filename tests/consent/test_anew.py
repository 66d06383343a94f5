"""After a school year: what stopped with it is asked again once, with nothing ticked (contract, Purposes)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Tie
from consent import access
from consent.anew import to_ask_anew
from consent.models import Share
from consent.services import open_share_to
from intake.services import leaving, sharing
from passport.models import Passport
from tests import factories
from tests.factories import key_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BEFORE, AFTER = datetime(2026, 6, 10, 9, tzinfo=AMSTERDAM), datetime(2026, 9, 1, 9, tzinfo=AMSTERDAM)


@pytest.fixture
def clock():
    with time_machine.travel(BEFORE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def world(clock, class_a, mentor):
    """Sam shares with school and with home until the end of the school year; now it is September."""
    sam = factories.make_pupil(school_class=class_a)
    factories.write(sam, "me.free_time", ["muziek"])
    parent = factories.make_parent(sam).user
    lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    home = factories.share(sam, "guardian", parent.pk, "me.free_time")
    clock.move_to(AFTER)
    return sam, lob, home, parent


def asked(sam) -> set:
    return {share.pk for share, _ in to_ask_anew(Passport.objects.get(student=sam.pk))}


@pytest.mark.parametrize("night", [True, False])
def test_in_the_new_school_year_it_is_asked_once_with_nothing_ticked(world, mentor, browser_of, night):
    sam, lob, home, _ = world
    if night:
        sharing.expire_ended()
    assert asked(sam) == {lob.pk, home.pk} and not access.open_shares(mentor).exists()
    client = browser_of(sam)
    page = client.get(reverse("today")).content.decode()
    assert (
        page.count("Wil je weer delen met") == 2
        and "btn-main" not in page.split("Wil je weer delen")[1].split("</form>")[0]
    )
    went = client.post(reverse("share_anew", args=[lob.pk]), {"answer": "yes"})
    assert "checked" not in client.get(went.url).content.decode().split("</form>")[0]
    assert client.post(reverse("share_anew", args=[home.pk]), {"answer": "no"}).url == reverse("today")
    assert "Wil je weer delen met" not in client.get(reverse("today")).content.decode()
    assert client.post(reverse("share_anew", args=[home.pk]), {"answer": "yes"}).status_code == 404
    assert not access.open_shares(mentor).exists()  # an answer shares nothing


@pytest.mark.parametrize("why", ["shared_again", "gone", "late", "stopped", "frozen", "before"])
def test_when_it_is_not_asked(world, clock, class_a, why):
    sam, lob, home, _ = world
    if why == "shared_again":
        assert open_share_to(sam, key_of(sam), "school_team", class_a.institution_id) is None
        factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    elif why == "gone":
        sam.user.memberships.update(ends_on=BEFORE.date())
    elif why == "late":
        clock.move_to(datetime(2027, 1, 5, tzinfo=AMSTERDAM))
    elif why == "stopped":
        Share.objects.filter(pk=lob.pk).update(state="withdrawn", ended_at=BEFORE)
    elif why == "frozen":
        leaving.freeze(student=sam, by=sam.user)
    else:
        clock.move_to(BEFORE)
    assert lob.pk not in asked(sam)
    Tie.objects.update(ends_on=BEFORE.date())
    assert home.pk not in asked(sam)


def test_nobody_else_answers(world, noor, mentor, browser_of):
    sam, lob, _, parent = world
    for by in (noor, mentor, parent):
        assert browser_of(by).post(reverse("share_anew", args=[lob.pk]), {"answer": "no"}).status_code == 404
    assert lob.pk in asked(sam)
