"""Two things at once: what was taken away never comes back, and what is over is over before any sweep."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.refusals import Refusal
from consent import services
from consent.models import Share
from consent.services import giving
from intake.services import sharing
from tests.factories import key_of, share_with_programme, write


@pytest.fixture
def meanwhile(monkeypatch, given, sam):
    """Between the plan and the lock of the next act, another tab takes «free time» away."""
    real = giving.check_seen

    def check(*args):
        monkeypatch.setattr(giving, "check_seen", real)
        there = Share.objects.get(pk=given.pk)
        sharing.change(share=there, key=key_of(sam), by=sam.user, units=["need.support.quiet"])

    monkeypatch.setattr(giving, "check_seen", check)


@pytest.mark.services
@pytest.mark.parametrize("act", ["date", "release", "units"])
def test_what_was_just_taken_away_does_not_come_back(meanwhile, given, sam, act):
    key = key_of(sam)
    write(sam, "me.free_time", ["nieuw"])
    acts = {
        "date": lambda: sharing.change(
            share=given, key=key, by=sam.user, valid_until=given.valid_until - timedelta(days=1)
        ),
        "release": lambda: sharing.release(share=given, key=key, by=sam.user, units=["me.free_time"]),
        "units": lambda: sharing.change(
            share=given, key=key, by=sam.user, units=["me.free_time", "need.support.quiet", "can.strengths"]
        ),
    }
    with pytest.raises(Refusal, match="changed"):
        acts[act]()
    assert services.units_of(Share.objects.get(pk=given.pk), key) == ["need.support.quiet"]


@pytest.fixture
def past(given):
    """A share whose last day was yesterday, and no sweep came by."""
    Share.objects.filter(pk=given.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    given.refresh_from_db()
    return given


def test_a_share_past_its_day_cannot_be_revived(past, sam):
    with pytest.raises(Refusal, match="ended"):
        sharing.change(share=past, key=key_of(sam), by=sam.user, valid_until=timezone.localdate())
    with pytest.raises(Refusal, match="ended"):
        sharing.release(share=past, key=key_of(sam), by=sam.user, units=["me.free_time"])


def test_a_share_past_its_day_does_not_stand_in_the_way_of_a_new_one(past, sam, care):
    assert share_with_programme(sam, care, "me.free_time").state == "active"
    past.refresh_from_db()
    assert past.state == "expired"
