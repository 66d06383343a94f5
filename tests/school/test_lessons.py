"""Lesson mode: the class sees the questions, the board shows no name and no answer, a hand is silent."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import badges
from accounts.models import Membership, Role
from accounts.refusals import NotHere, Refusal
from passport import signs
from passport.signs import Sign
from school.services import hands, lessons, plan
from school.tasks import drop_old_signs
from tests import factories
from tests.accounts.coming_in import PIN, card_of

KEYS = ["me.free_time", "can.strengths"]


@pytest.fixture
def lesson(class_a, mentor, sam):
    return lessons.start_own(class_id=class_a.pk, keys=KEYS, by=mentor)


def text(response):
    return response.content.decode()


# --- Start and end -----------------------------------------------------------------------------------------


def test_the_class_sees_todays_questions_and_nobody_else_does(browser_of, lesson, sam, noor):
    shown = text(browser_of(sam).get("/vandaag/"))
    assert "Vandaag in de les" in shown
    assert all(reverse("question", args=[key]) in shown for key in KEYS)
    factories.write(noor, "me.words", ["rustig"])
    assert "Vandaag in de les" not in text(browser_of(noor).get("/vandaag/"))


def test_a_question_of_another_route_is_left_out(browser_of, class_a, mentor, sam):
    lessons.start_own(class_id=class_a.pk, keys=["want.programmes", "want.jobs"], by=mentor)
    page = browser_of(sam)
    page.post("/paspoort/route/", {"route": "work"})
    shown = text(page.get("/vandaag/"))
    assert reverse("question", args=["want.jobs"]) in shown
    assert reverse("question", args=["want.programmes"]) not in shown


def test_who_never_wrote_anything_sees_it_on_the_first_page(browser_of, lesson, class_a):
    fresh = factories.make_pupil(school_class=class_a)
    assert "Vandaag in de les" in text(browser_of(fresh).get("/vandaag/", follow=True))


def test_stopped_is_over_at_once(browser_of, lesson, mentor, sam):
    browser_of(mentor).post(reverse("lesson_stop", args=[lesson.pk]))
    assert "Vandaag in de les" not in text(browser_of(sam).get("/vandaag/"))


def test_it_ends_by_itself_at_midnight(lesson, sam):
    assert lessons.lesson_for(sam.user) == lesson
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    with time_machine.travel(midnight - timedelta(minutes=1)):
        assert lessons.lesson_for(sam.user) == lesson
    with time_machine.travel(midnight):
        assert lessons.lesson_for(sam.user) is None
        assert not lessons.running_in([lesson.school_class])


def test_a_second_lesson_takes_the_place_of_the_first(class_a, lesson, mentor, sam):
    planned = plan.take_over(class_id=class_a.pk, by=mentor)[0]
    second = lessons.start_planned(lesson_id=planned.pk, by=mentor)
    assert lessons.lesson_for(sam.user) == second
    lesson.refresh_from_db()
    assert lesson.stopped_at is not None


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["need.diagnosis"],
        ["home.worries"],
        ["me.name", "me.free_time", "me.words", "me.others_say", "me.proud", "can.strengths", "can.skills"],
    ],
)
def test_one_to_six_questions_that_fit_a_class(class_a, mentor, keys):
    with pytest.raises(Refusal, match="wrong_questions"):
        lessons.start_own(class_id=class_a.pk, keys=keys, by=mentor)


def test_picking_questions_on_the_page(browser_of, class_a, mentor, sam):
    page, url = browser_of(mentor), reverse("lesson_new", args=[class_a.pk])
    shown = text(page.get(url))
    assert "need.diagnosis" not in shown
    assert "home.people" not in shown
    assert page.post(url, {}).status_code == 400
    assert page.post(url, {"questions": KEYS}).status_code == 302
    assert lessons.lesson_for(sam.user).questions == KEYS


def test_only_a_mentor_of_the_class_starts_sees_and_stops(browser_of, class_a, lesson, otto, sam):
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    colleague = factories.make_staff(Role.MENTOR, school_class=factories.make_class("B"))
    for person in (otto, counsellor, colleague, sam):
        page = browser_of(person)
        assert page.get(reverse("lesson", args=[lesson.pk])).status_code == 404
        assert page.get(reverse("lesson_board", args=[lesson.pk])).status_code == 404
        assert page.post(reverse("lesson_stop", args=[lesson.pk])).status_code == 404
        assert page.post(reverse("lesson_new", args=[class_a.pk]), {"questions": KEYS}).status_code == 404


@pytest.mark.parametrize(("day", "status"), [(-1, 404), (0, 200), (1, 404)])
def test_a_substitute_has_the_class_on_that_day_alone(browser_of, class_a, lesson, sam, day, status):
    """Seen on the substitute's own day, the day before it and the day after it."""
    on = timezone.localdate() - timedelta(days=day)
    substitute = factories.make_staff(Role.MENTOR, school_class=class_a, starts_on=on, ends_on=on)
    page = browser_of(substitute)
    for name, pk in (("lesson", lesson.pk), ("class_board", class_a.pk), ("class_plan", class_a.pk)):
        assert page.get(reverse(name, args=[pk])).status_code == status
    shared = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    assert page.get(reverse("dossier", args=[shared.pk])).status_code == status


# --- The board ---------------------------------------------------------------------------------------------


def test_the_board_shows_the_question_an_example_and_tips_and_no_person(browser_of, lesson, mentor, sam):
    hands.raise_hand(student=sam, by=sam.user)
    page = browser_of(mentor)
    for place in (1, 2):
        shown = text(page.get(reverse("lesson_board", args=[lesson.pk]), {"vraag": place}))
        assert lessons.newest().questions[KEYS[place - 1]].label in shown
        assert "Praat met elkaar" in shown
        for personal in ("Sam", "Vos", "meneer Kaya", str(sam.pk), str(sam.user_id), "Hand", "/klas/", "/gedeeld/"):
            assert personal not in shown


def test_the_board_has_no_answer_of_anybody(browser_of, class_a, mentor, sam):
    factories.write(sam, "me.proud", "Kanarie in de tekst")
    running = lessons.start_own(class_id=class_a.pk, keys=["me.proud"], by=mentor)
    assert "Kanarie" not in text(browser_of(mentor).get(reverse("lesson_board", args=[running.pk])))


def test_the_time_on_the_board_stands_still_when_the_page_is_loaded_again(browser_of, lesson, mentor):
    page, url = browser_of(mentor), reverse("lesson_board", args=[lesson.pk])
    with time_machine.travel("2026-11-23 10:15+01:00", tick=False):
        running = lessons.start_own(class_id=lesson.school_class_id, keys=KEYS, by=mentor)
        url = reverse("lesson_board", args=[running.pk])
        there = page.get(url, {"vraag": "2", "minuten": "10"})
        assert there.headers["Location"].endswith("?vraag=2&tot=1025")
        assert "Tot 10:25" in text(page.get(there.headers["Location"]))
    for wrong in ("9999", "10:25", "<b>", ""):
        assert "board-clock" not in text(page.get(url, {"tot": wrong}))


@pytest.mark.parametrize("place", ["0", "99", "-1", "x", "²"])
def test_a_place_that_is_not_there_is_the_nearest(browser_of, lesson, mentor, place):
    assert browser_of(mentor).get(reverse("lesson_board", args=[lesson.pk]), {"vraag": place}).status_code == 200


def test_after_the_lesson_the_board_says_so(browser_of, lesson, mentor):
    lessons.stop_lesson(lesson_id=lesson.pk, by=mentor)
    assert "De les is klaar." in text(browser_of(mentor).get(reverse("lesson_board", args=[lesson.pk])))


# --- A silent hand -----------------------------------------------------------------------------------------


def test_a_hand_goes_up_by_name_without_the_question_and_down_by_the_mentor(browser_of, lesson, mentor, sam):
    question = reverse("question", args=["me.proud"])
    assert "Help" in text(browser_of(sam).get(question))
    back = browser_of(sam).post(reverse("hand"), {"next": question})
    assert back.headers["Location"] == question
    shown = text(browser_of(mentor).get(reverse("lesson", args=[lesson.pk])))
    assert "Sam V." in shown
    assert "trots" not in shown
    heard = {"student": sam.pk, "sign": "hand", "from": "lesson"}
    down = browser_of(mentor).post(reverse("class_heard", args=[lesson.school_class_id]), heard)
    assert down.headers["Location"] == reverse("lesson", args=[lesson.pk])
    assert "Sam V." not in text(browser_of(mentor).get(reverse("lesson", args=[lesson.pk])))


def test_the_student_lowers_their_own_hand(browser_of, lesson, mentor, sam, class_a):
    hands.raise_hand(student=sam, by=sam.user)
    assert "Hand omlaag" in text(browser_of(sam).get(reverse("question", args=["me.proud"])))
    browser_of(sam).post(reverse("hand"), {"answer": "off"})
    assert hands.raised_in([class_a]) == ([], [])


def test_without_a_lesson_there_is_no_hand(browser_of, sam):
    assert "/vandaag/hand/" not in text(browser_of(sam).get(reverse("question", args=["me.proud"])))
    with pytest.raises(Refusal, match="no_lesson"):
        hands.raise_hand(student=sam, by=sam.user)


def test_hands_are_gone_with_the_lesson_and_with_the_day(browser_of, lesson, class_a, mentor, sam):
    hands.raise_hand(student=sam, by=sam.user)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert signs.signs_for([sam.pk]) == {}
        drop_old_signs()
        assert not hasattr(type(sam).objects.get(pk=sam.pk), "sign")
    hands.raise_hand(student=sam, by=sam.user)
    browser_of(mentor).post(reverse("lesson_stop", args=[lesson.pk]))
    assert signs.signs_for([sam.pk]) == {}


def test_nobody_raises_or_lowers_for_another(browser_of, lesson, class_a, sam, noor, otto):
    with pytest.raises(NotHere):
        signs.set_sign(student=sam, sign=Sign.HAND, on=True, by=noor.user)
    hands.raise_hand(student=sam, by=sam.user)
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    for person in (otto, counsellor, noor.user):
        with pytest.raises(NotHere):
            hands.hear(class_id=class_a.pk, student_id=sam.pk, sign=Sign.HAND, by=person)


def test_a_mentor_hears_nobody_of_another_class(class_a, mentor, lesson, noor):
    with pytest.raises(NotHere):
        hands.hear(class_id=class_a.pk, student_id=noor.pk, sign=Sign.HAND, by=mentor)


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)", ""])
def test_after_a_hand_one_stays_on_this_site(browser_of, lesson, sam, url):
    assert browser_of(sam).post(reverse("hand"), {"next": url}).headers["Location"] == "/vandaag/"


# --- I want to talk ----------------------------------------------------------------------------------------


def test_a_wish_to_talk_stands_until_they_talked(browser_of, class_a, mentor, sam):
    browser_of(sam).post(reverse("wish_to_talk"), {"answer": "on"})
    assert "Sam V." in text(browser_of(mentor).get("/klas/"))
    heard = {"student": sam.pk, "sign": "talk"}
    browser_of(mentor).post(reverse("class_heard", args=[class_a.pk]), heard)
    assert "Sam V." not in text(browser_of(mentor).get("/klas/"))


def test_the_student_takes_the_wish_back(browser_of, mentor, sam):
    page = browser_of(sam)
    page.post(reverse("wish_to_talk"), {"answer": "on"})
    assert "Je mentor ziet dat je wilt praten." in text(page.get("/vandaag/"))
    page.post(reverse("wish_to_talk"), {"answer": "off"})
    assert "Sam V." not in text(browser_of(mentor).get("/klas/"))


def test_a_wish_that_nobody_heard_ends_after_a_month(sam):
    signs.set_sign(student=sam, sign=Sign.TALK, on=True, by=sam.user)
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert signs.signs_for([sam.pk]) == {}


def test_who_left_the_class_is_not_on_the_mentors_page(browser_of, class_a, lesson, mentor, sam):
    hands.raise_hand(student=sam, by=sam.user)
    signs.set_sign(student=sam, sign=Sign.TALK, on=True, by=sam.user)
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=sam.user).update(ends_on=yesterday)
    assert "Sam V." not in text(browser_of(mentor).get("/klas/"))


# --- A lost PIN, without leaving the lesson ----------------------------------------------------------------


def test_a_lost_pin_takes_two_taps_and_the_mentor_stays_in_the_lesson(browser_of, lesson, mentor, sam):
    token = card_of(sam, mentor)
    page, here = browser_of(mentor), reverse("lesson", args=[lesson.pk])
    taps = ["Pincode kwijt"]  # it opens
    fold = re.search(rf"<summary>{taps[0]}</summary>(.*?)</details>", text(page.get(here)), re.S)[1]
    [form] = [one for one in re.findall("<form.*?</form>", fold, re.S) if "Sam Vos" in one]
    taps += re.findall(r"<button[^>]*>([^<]+)", form)
    sends = dict(re.findall(r'name="(\w+)" value="([^"]+)"', form))
    answer = page.post(re.search('action="([^"]+)"', form)[1], sends)
    assert taps == ["Pincode kwijt", "Nieuwe pincode"] and answer.url == here
    assert badges.check(token, PIN).outcome is badges.Outcome.CHOOSE
    assert "binnen een uur een nieuwe" in text(page.get(here))


def test_the_buttons_are_for_who_has_a_card_while_the_lesson_runs(browser_of, class_a, lesson, mentor, sam):
    factories.make_pupil(school_class=class_a, calling_name="Bo", surname="Smit")
    page, here = browser_of(mentor), reverse("lesson", args=[lesson.pk])
    assert "Nieuwe pincode" not in text(page.get(here))
    card_of(sam, mentor)
    assert "Sam Vos" in text(page.get(here)) and "Bo Smit" not in text(page.get(here))
    lessons.stop_lesson(lesson_id=lesson.pk, by=mentor)
    assert "Nieuwe pincode" not in text(page.get(here))
    assert "Sam Vos" not in text(page.get(reverse("lesson_board", args=[lesson.pk])))
