"""How somebody becomes a coach and how that ends: the student's own yes, one face, and a last day."""

from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts import together
from accounts.models import Membership, Role, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access
from intake.models import CoachSignal
from intake.services import coach_ties, people, signals
from tests import factories
from tests.factories import key_of


@pytest.fixture(autouse=True)
def no_tries_of_before():
    cache.clear()


@pytest.fixture
def coach(noor) -> User:
    """A coach of Noor, and so somebody who can show a code."""
    user = factories.make_user(staff_name="Anna Smit", staff_function="helpt bij de stap")
    factories.make_tie(noor, user, "coach")
    return user


@pytest.fixture
def code(coach) -> str:
    return coach_ties.make_code(by=coach, label="jobcoach")


def accept(student, code) -> Tie:
    return coach_ties.accept(student=student, typed=code, by=student.user)


# --- The yes, the no ---------------------------------------------------------------------------------------


def test_a_tie_is_there_after_the_students_own_yes(sam, coach, code):
    offer = coach_ties.find_offer(student=sam, typed=f"{code[:4]} {code[4:]}")
    assert (offer.person, offer.label) == (coach, "jobcoach") and not sam.ties.exists()
    tie = accept(sam, code)
    assert tie.person == coach and tie.confirmed_at and tie.label == "jobcoach" and tie.ends_on
    assert not access.open_shares(coach).filter(student=sam).exists()


def test_a_code_works_once_and_twenty_minutes(sam, coach):
    code = coach_ties.make_code(by=coach, label="jobcoach")
    accept(sam, code)
    other = factories.make_pupil(calling_name="Bo")
    with pytest.raises(Refusal, match="no_code"):
        accept(other, code)
    if settings.REDIS_URL:
        return  # it forgets by a clock of its own
    late = coach_ties.make_code(by=coach, label="jobcoach")
    then = timezone.now() + coach_ties.CODE_WORKS + timedelta(seconds=1)
    with time_machine.travel(then, tick=False), pytest.raises(Refusal, match="no_code"):
        accept(other, late)


def test_nobody_but_a_coach_makes_a_code(sam, mentor, imke, noor):
    for by in (mentor, imke, sam.user, factories.make_user(is_superuser=True), factories.make_parent(noor).user):
        with pytest.raises(NotHere):
            coach_ties.make_code(by=by, label="jobcoach")


def test_a_coach_by_membership_alone_makes_one(class_a):
    by = factories.make_staff(Role.COACH, institution=class_a.institution)
    assert len(coach_ties.make_code(by=by, label="ambulant begeleider")) == 8
    with pytest.raises(Refusal, match="no_label"):
        coach_ties.make_code(by=by, label="baas")


def test_who_is_no_coach_any_more_has_a_code_that_opens_nothing(sam, coach, code):
    Tie.objects.filter(person=coach).update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(Refusal, match="no_code"):
        accept(sam, code)


def test_only_the_student_says_yes_and_alone(sam, coach, code, mentor, noor):
    for by in (coach, mentor, noor.user):
        with pytest.raises(NotHere):
            coach_ties.accept(student=sam, typed=code, by=by)
    together.start(student=sam, by=sam.user)
    with pytest.raises(Refusal, match="together"):
        accept(sam, code)
    assert not sam.ties.exists()


def test_one_face_at_a_time(sam, coach, code):
    tie = accept(sam, code)
    Tie.objects.filter(pk=tie.pk).update(starts_on=timezone.localdate())
    again = coach_ties.make_code(by=coach, label="jobcoach")
    with pytest.raises(Refusal, match="one_face"):
        accept(sam, again)
    people.end_tie(student=sam, key=key_of(sam), tie_id=tie.pk, by=sam.user)
    assert accept(sam, again).pk != tie.pk


def test_ten_tries_and_then_a_wait(sam, code):
    for _ in range(coach_ties.MOST_TRIES):
        with pytest.raises(Refusal, match="no_code"):
            coach_ties.find_offer(student=sam, typed="00000000")
    with pytest.raises(Refusal, match="too_often"):
        coach_ties.find_offer(student=sam, typed=code)


# --- From when until when ----------------------------------------------------------------------------------

IN_CLASS = [
    ("2026-11-22", "2027-02-01", "2028-02-01"),
    ("2027-03-10", "2027-03-10", "2028-02-01"),
    ("2027-07-31", "2027-07-31", "2028-02-01"),
]
STARTED = [
    ("2027-09-01", "2027-09-01", "2028-02-01"),
    ("2028-02-01", "2028-02-01", "2028-02-01"),
    ("2028-02-02", "2028-02-02", "2029-02-01"),
]


@pytest.mark.parametrize(("on", "first", "last"), IN_CLASS)
def test_in_a_class_it_is_the_last_half_year_and_the_first_at_the_mbo(sam, on, first, last):
    Membership.objects.filter(user=sam.user).update(starts_on=date(2026, 8, 1))
    found = coach_ties.time_with(sam, date.fromisoformat(on))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(("on", "first", "last"), STARTED)
def test_without_a_class_it_is_the_first_half_year_at_the_mbo(noor, on, first, last):
    found = coach_ties.time_with(noor, date.fromisoformat(on))
    assert found == (date.fromisoformat(first), date.fromisoformat(last))


def test_a_region_sets_its_own_days(sam, settings):
    Membership.objects.filter(user=sam.user).update(starts_on=date(2026, 8, 1))
    settings.COACHING_FROM, settings.COACHING_UNTIL = (8, 1), (4, 30)
    assert coach_ties.time_with(sam, date(2026, 11, 22)) == (date(2026, 11, 22), date(2028, 4, 30))


def test_before_the_first_day_a_coach_is_nobody_and_the_student_takes_it_back(sam, coach, code, browser_of):
    tie = accept(sam, code)
    Tie.objects.filter(pk=tie.pk).update(starts_on=timezone.localdate() + timedelta(days=3))
    at = browser_of(sam)
    assert sam.pk not in {one.tie.student_id for one in coach_ties.coaches_of(sam) if not one.is_ahead}
    page = at.get(reverse("own_coach")).content.decode()
    assert "Je coach begint op" in page and "Stop met deze coach" not in page
    assert at.post(reverse("own_coach_off")).status_code == 302 and not sam.ties.exists()
    with pytest.raises(NotHere):
        coach_ties.take_back(student=sam, by=coach)


# --- Letting go --------------------------------------------------------------------------------------------


def test_on_its_day_it_is_over_and_what_was_shared_ends(sam):
    coach = factories.make_user(staff_name="Anna Smit")
    tie, today = factories.make_tie(sam, coach, "coach"), timezone.localdate()
    share = factories.share(sam, "coach", coach.pk, "me.free_time")
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    Tie.objects.filter(pk=tie.pk).update(ends_on=today)
    assert coach_ties.let_go() == 0 and access.open_shares(coach).exists()
    Tie.objects.filter(pk=tie.pk).update(ends_on=today - timedelta(days=1))
    assert not access.open_shares(coach).exists()
    assert coach_ties.let_go() == 1 and coach_ties.let_go() == 0
    share.refresh_from_db()
    assert share.state == "expired" and not CoachSignal.objects.exists()


def test_a_tie_without_a_last_day_gets_one_and_keeps_it(noor):
    tie = factories.make_tie(noor, factories.make_user(staff_name="Anna Smit"), "coach")
    parent = factories.make_parent(noor)
    coach_ties.let_go()
    tie.refresh_from_db()
    assert tie.ends_on == coach_ties.time_with(noor, timezone.localdate())[1]
    assert Tie.objects.get(person=parent.user).ends_on is None
    Tie.objects.filter(pk=tie.pk).update(ends_on=date(2031, 1, 1))
    coach_ties.let_go()
    tie.refresh_from_db()
    assert tie.ends_on == date(2031, 1, 1)


def test_the_student_is_told_before_and_after_and_not_of_who_they_stopped(sam, settings, browser_of):
    coach, today = factories.make_user(staff_name="Anna Smit"), timezone.localdate()
    tie, at = factories.make_tie(sam, coach, "coach"), browser_of(sam)
    said = {}
    for days in (29, 28, 0, -1, -28, -29):
        last = today + timedelta(days=days)
        settings.COACHING_UNTIL = (last.month, last.day)
        Tie.objects.filter(pk=tie.pk).update(ends_on=last)
        said[days] = at.get(reverse("today")).content.decode()
    soon, over = "Praat samen over wie jou daarna helpt.", "Je tijd met je coach is voorbij."
    assert [days for days, page in said.items() if soon in page] == [28, 0]
    assert [days for days, page in said.items() if over in page] == [-1, -28]
    settings.COACHING_UNTIL = (2, 1) if today.month > 4 else (9, 1)
    Tie.objects.filter(pk=tie.pk).update(ends_on=today - timedelta(days=1))
    assert over not in at.get(reverse("today")).content.decode()


# --- On the screens ----------------------------------------------------------------------------------------


def test_from_the_coachs_code_to_the_students_yes_and_no(sam, coach, browser_of):
    desk, at = browser_of(coach), browser_of(sam)
    assert desk.post(reverse("coach_students"), {"label": "baas"}).status_code == 400
    code = desk.post(reverse("coach_students"), {"label": "ambulant begeleider"}).context["code"]
    where = reverse("own_coach_code")
    assert at.post(where, {"code": ""}).status_code == 400 and at.post(where, {"code": "1"}).status_code == 400
    page = at.post(where, {"code": code}).content.decode()
    assert "Anna Smit" in page and "Ambulant begeleider" in page and "helpt bij de stap" in page
    at.post(where, {"code": code, "answer": "no"})
    assert not sam.ties.exists()
    assert at.post(where, {"code": code, "answer": "yes"}).status_code == 302 and sam.ties.count() == 1
    assert "Anna Smit" in at.get(reverse("own_coach")).content.decode()


def test_a_code_is_in_no_address_and_no_log(sam, code, browser_of, caplog):
    with caplog.at_level("DEBUG"):
        answer = browser_of(sam).post(reverse("own_coach_code"), {"code": code, "answer": "yes"})
    assert code not in answer["Location"] and code not in caplog.text


def test_nobody_else_has_these_pages(sam, mentor, imke, noor, browser_of):
    for by in (mentor, imke, sam):
        assert browser_of(by).get(reverse("coach_students")).status_code == 404
    for by in (mentor, imke):
        assert browser_of(by).get(reverse("own_coach")).status_code == 404
