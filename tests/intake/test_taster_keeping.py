"""What ends by itself around a day to look: a buddy a week after it with what was shared, the day after a month."""

from datetime import time, timedelta

import pytest
from django.utils import timezone

from accounts.models import Institution, Region, Role, Tie
from consent import access
from intake.models import TasterDay, TasterSignUp
from intake.services import news, taster_buddies, taster_days, taster_keeping
from intake.tasks import drop_old_taster_days
from tests import factories
from tests.factories import key_of

SAID = {
    "kind": "programme", "name": "Kok", "town": "Zwolle", "where": "Markt 3", "starts": time(9, 30),
    "ends": time(13, 0), "places": 2, "doing": "Je bakt brood.", "travel": "Met bus 4.", "along": "De decaan",
}  # fmt: skip


@pytest.fixture
def dina(class_a):
    class_a.institution.region = Region.objects.create(code="r1", name="Regio")
    class_a.institution.save()
    return factories.make_staff(Role.COUNSELLOR, institution=class_a.institution, name="Dina Dekker")


@pytest.fixture
def bo(dina, class_a):
    college = Institution.objects.create(
        name="College Noord", kind=Institution.Kind.MBO, region=class_a.institution.region
    )
    return factories.make_staff(Role.BUDDY, institution=college, name="Bo Blauw")


@pytest.fixture
def row(sam, class_a, dina, bo) -> TasterSignUp:
    """Sam goes, and Bo is asked along."""
    said = SAID | {"day": timezone.localdate() + timedelta(days=3)}
    day = taster_keeping.put_up(place_id=class_a.institution_id, said=said, by=dina)
    row = taster_days.put_name_down(student=sam, key=key_of(sam), day_id=day.pk, by=sam.user)
    taster_keeping.decide(sign_up_id=row.pk, yes=True, by=dina)
    taster_keeping.ask_buddy(sign_up_id=row.pk, person_id=bo.pk, by=dina)
    return TasterSignUp.objects.get(pk=row.pk)


def yes(sam, row) -> None:
    taster_days.answer_buddy(student=sam, key=key_of(sam), day_id=row.day_id, yes=True, by=sam.user)


def last_day(row, days: int) -> None:
    """The tie with the buddy has its last day so many days from now."""
    Tie.objects.filter(pk=row.tie_id).update(ends_on=timezone.localdate() + timedelta(days=days))


def test_a_buddy_is_let_go_and_what_was_shared_ends(sam, row, bo):
    yes(sam, row)
    shared = factories.share(sam, "buddy", bo.pk, "me.free_time")
    last_day(row, 0)
    assert taster_buddies.let_go() == 0 and access.open_shares(bo).count() == 1, "the last day counts"
    last_day(row, -1)
    assert access.open_shares(bo).count() == 0, "reading stopped before the night did anything"
    drop_old_taster_days()
    shared.refresh_from_db()
    assert shared.state == "expired" and taster_buddies.let_go() == 0
    assert Tie.objects.get(pk=row.tie_id).confirmed_at, "it stays as history"


def test_a_buddy_nobody_answered_about_is_forgotten(sam, row):
    last_day(row, -1)
    drop_old_taster_days()
    row.refresh_from_db()
    assert row.tie is None and not Tie.objects.filter(student=sam).exists()


def test_staff_takes_a_buddy_off_and_nobody_else_does(sam, row, bo, mentor, dina):
    yes(sam, row)
    factories.share(sam, "buddy", bo.pk, "me.free_time")
    for by in (mentor, bo, sam.user):
        with pytest.raises(taster_keeping.NotHere):
            taster_keeping.take_buddy_off(sign_up_id=row.pk, by=by)
        with pytest.raises(taster_keeping.NotHere):
            taster_keeping.ask_buddy(sign_up_id=row.pk, person_id=bo.pk, by=by)
    assert access.open_shares(bo).count() == 1
    taster_keeping.take_buddy_off(sign_up_id=row.pk, by=dina)
    assert access.open_shares(bo).count() == 0 and taster_buddies.days_of(bo) == []


def test_the_nightly_round_drops_a_day_of_a_month_ago(sam, row):
    then = timezone.now() - timedelta(days=31)
    TasterDay.objects.update(starts_at=then, ends_at=then + timedelta(hours=2))
    drop_old_taster_days()
    assert not TasterDay.objects.exists() and not TasterSignUp.objects.exists()


def test_there_is_news_for_who_waits_and_for_nobody_else(sam, row, dina, bo, mentor, class_a):
    since = timezone.now() - timedelta(days=1)
    assert {user for user, _at in news.days_to_look(since)} == {sam.user_id}, "the answer, and the buddy asked along"
    assert not list(news.days_to_look(timezone.now()))
    other = factories.make_pupil(school_class=class_a)
    taster_days.put_name_down(student=other, key=key_of(other), day_id=row.day_id, by=other.user)
    assert {user for user, _at in news.days_to_look(since)} == {sam.user_id, dina.pk}
    taster_keeping.call_off(day_id=row.day_id, by=dina)
    assert other.user_id in {user for user, _at in news.days_to_look(since)}
