"""The year plan: eight ready lessons that fit the questionnaire, taken over with one tap and moved."""

from datetime import date, timedelta

import pytest
import time_machine
import yaml
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import NotHere, Refusal
from school.models import Lesson
from school.services import lessons, plan
from tests import factories


@pytest.fixture
def raw():
    return yaml.safe_load(plan.FILE.read_text(encoding="utf-8"))


@pytest.fixture
def taken(class_a, mentor):
    return plan.take_over(class_id=class_a.pk, by=mentor)


# --- The file ----------------------------------------------------------------------------------------------


def test_the_lessons_fit_the_published_questionnaire():
    plan.check_plan(plan.year_plan(), lessons.newest())
    assert len(plan.year_plan().lessons) == 8
    assert all(one.title and one.aim and one.tips and one.minutes for one in plan.year_plan().lessons)


@pytest.mark.parametrize(
    "questions",
    [
        [],
        ["me.nothing"],
        ["need.diagnosis"],
        ["home.people"],
        ["school.mentor_adds"],
        ["me.name", "me.free_time", "me.words", "me.others_say", "me.proud", "can.strengths", "can.skills"],
    ],
)
def test_a_lesson_that_does_not_fit_is_noticed(raw, questions):
    raw["lessons"][0]["questions"] = questions
    with pytest.raises(plan.WrongLessons):
        plan.check_plan(plan.parse_plan(raw), lessons.newest())


def test_eight_lessons_each_with_its_own_key(raw):
    with pytest.raises(plan.WrongLessons):
        plan.parse_plan(raw | {"lessons": raw["lessons"][:7]})
    with pytest.raises(plan.WrongLessons):
        plan.parse_plan(raw | {"lessons": [*raw["lessons"][:7], raw["lessons"][0]]})


# --- The days ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("today", [date(2026, 8, 20), date(2026, 11, 22), date(2027, 3, 30), date(2027, 6, 1)])
def test_the_days_run_on_and_never_fall_in_a_weekend(class_a, today):
    days = plan.days_for(class_a, today)
    assert len(set(days)) == 8
    assert days == sorted(days)
    assert all(day.weekday() < 5 and day > today for day in days)


def test_from_the_autumn_holiday_to_the_day_to_apply_by(class_a):
    days = plan.days_for(class_a, date(2026, 8, 20))
    assert days[0] == date(2026, 10, 26)
    assert date(2027, 3, 1) < days[-1] < date(2027, 4, 1)


# --- Taking over, moving, skipping --------------------------------------------------------------------------


def test_one_tap_plans_all_eight_and_a_second_none(class_a, mentor, taken):
    assert len(taken) == 8
    assert plan.take_over(class_id=class_a.pk, by=mentor) == []
    assert Lesson.objects.filter(school_class=class_a).count() == 8


def test_a_lesson_moves_to_another_day(mentor, taken):
    day = timezone.localdate() + timedelta(days=9)
    moved = plan.move_lesson(lesson_id=taken[0].pk, day=day, by=mentor)
    assert moved.day == day
    for wrong in (timezone.localdate() - timedelta(days=1), day + timedelta(days=700)):
        with pytest.raises(Refusal, match="wrong_day"):
            plan.move_lesson(lesson_id=taken[0].pk, day=wrong, by=mentor)


def test_a_skipped_lesson_is_not_the_next_one_until_it_is_taken_back_in(class_a, mentor, taken):
    plan.skip_lesson(lesson_id=taken[0].pk, skip=True, by=mentor)
    assert plan.next_planned([class_a])[class_a.pk].pk == taken[1].pk
    plan.skip_lesson(lesson_id=taken[0].pk, skip=False, by=mentor)
    assert plan.next_planned([class_a])[class_a.pk].pk == taken[0].pk


def test_what_was_given_no_longer_moves(mentor, taken):
    lessons.start_planned(lesson_id=taken[0].pk, by=mentor)
    with pytest.raises(NotHere):
        plan.move_lesson(lesson_id=taken[0].pk, day=timezone.localdate(), by=mentor)


def test_only_a_mentor_of_the_class_today_plans(class_a, taken, otto):
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    colleague = factories.make_staff(Role.MENTOR, school_class=factories.make_class("B"))
    for person in (otto, counsellor, colleague):
        with pytest.raises(NotHere):
            plan.take_over(class_id=class_a.pk, by=person)
        with pytest.raises(NotHere):
            plan.skip_lesson(lesson_id=taken[0].pk, skip=True, by=person)


# --- The page ----------------------------------------------------------------------------------------------


def test_the_page_plans_moves_and_says_what_is_wrong(browser_of, class_a, mentor):
    page = browser_of(mentor)
    url = reverse("class_plan", args=[class_a.pk])
    assert "Neem het jaarplan over" in page.get(url).content.decode()
    assert page.post(url, follow=True).status_code == 200
    first = plan.lessons_of(class_a)[0]
    move = reverse("lesson_move", args=[first.pk])
    day = timezone.localdate() + timedelta(days=3)
    assert page.post(move, {"day": day.isoformat()}).status_code == 302
    assert Lesson.objects.get(pk=first.pk).day == day
    wrong = page.post(move, {"day": "gisteren"})
    assert wrong.status_code == 400
    assert "Kies een dag." in wrong.content.decode()
    page.post(move, {"skip": "1"})
    assert "Toch doen" in page.get(url).content.decode()


def test_a_question_that_is_gone_since_is_left_out(taken):
    taken[0].questions = ["me.gone", "me.words"]
    assert [one.key for one in lessons.sheet_of(taken[0]).questions] == ["me.words"]


def test_the_plan_is_of_the_school_year_of_the_class(class_a):
    with time_machine.travel("2027-01-10 12:00+01:00"):
        assert plan.apply_by(class_a) == date(2027, 4, 1)
