"""The class page: a name, whether the card works, and what the student allows. Nothing else, and in no other order."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import badges
from accounts.models import Role
from consent.services import withdraw_share
from intake.services import leaving
from passport import signs
from passport.signs import Sign
from tests import factories


def board(client, class_a):
    return client.get(reverse("class_board", args=[class_a.pk]))


def main_of(response):
    return re.search(r"<main.*</main>", response.content.decode(), re.S).group(0)


@pytest.fixture
def counsellor(class_a):
    return factories.make_staff(Role.COUNSELLOR, institution=class_a.institution, name="mevrouw Bos")


def test_without_a_share_there_is_a_name_a_class_and_a_card(browser_of, class_a, mentor, sam):
    shown = main_of(board(browser_of(mentor), class_a))
    assert "Sam Vos" in shown
    assert "Nog geen kaart" in shown
    for hidden in ("muziek", "autisme", "Deelt met school", "Wil praten", "Bezig met", "Nog niet begonnen"):
        assert hidden not in shown


def test_a_share_with_the_school_team_is_a_link_until_it_stops(browser_of, class_a, mentor, counsellor, sam):
    share = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    url = reverse("dossier", args=[share.pk])
    for person in (mentor, counsellor):
        assert url in main_of(board(browser_of(person), class_a))
    withdraw_share(share=share, by=sam.user)
    for person in (mentor, counsellor):
        assert "Deelt met school" not in main_of(board(browser_of(person), class_a))


def test_a_share_with_somebody_else_does_not_show(browser_of, class_a, mentor, given):
    assert str(given.pk) not in main_of(board(browser_of(mentor), class_a))


def test_progress_is_off_until_the_student_turns_it_on(browser_of, class_a, mentor, counsellor, sam):
    assert "Dit staat nu uit." in browser_of(sam).get(reverse("mentor_sees")).content.decode()
    browser_of(sam).post(reverse("mentor_sees"), {"answer": "on"})
    shown = main_of(board(browser_of(mentor), class_a))
    assert "Bezig met 3 onderdelen" in shown  # me, can and need
    assert "%" not in shown
    assert "Bezig met" not in main_of(board(browser_of(counsellor), class_a))
    browser_of(sam).post(reverse("mentor_sees"), {"answer": "off"})
    assert "Bezig met" not in main_of(board(browser_of(mentor), class_a))


def test_progress_does_not_tell_a_refusal_from_an_answer(browser_of, class_a, mentor, sam):
    signs.set_sign(student=sam, sign=Sign.PROGRESS, on=True, by=sam.user)
    before = main_of(board(browser_of(mentor), class_a))
    factories.write(sam, "me.free_time", status="private")
    assert "Bezig met 3 onderdelen" in before
    assert "Bezig met 3 onderdelen" in main_of(board(browser_of(mentor), class_a))


def test_of_who_stands_still_the_mentor_sees_no_sign_until_it_goes_on(browser_of, class_a, mentor, sam):
    for sign in (Sign.PROGRESS, Sign.TALK):
        signs.set_sign(student=sam, sign=sign, on=True, by=sam.user)
    leaving.freeze(student=sam, by=sam.user)
    shown = main_of(board(browser_of(mentor), class_a))
    assert "Sam Vos" in shown and "Bezig met" not in shown and "Wil praten" not in shown
    assert str(sam.pk) not in main_of(browser_of(mentor).get(reverse("desk")))
    assert set(signs.signs_of(sam)) == {"progress", "talk"}
    leaving.unfreeze(student=sam, by=sam.user)
    assert "Bezig met" in main_of(board(browser_of(mentor), class_a))
    assert str(sam.pk) in main_of(browser_of(mentor).get(reverse("desk")))


def test_a_wish_to_talk_is_for_the_mentor_alone(browser_of, class_a, mentor, counsellor, sam):
    signs.set_sign(student=sam, sign=Sign.TALK, on=True, by=sam.user)
    assert "Wil praten" in main_of(board(browser_of(mentor), class_a))
    assert "Wil praten" not in main_of(board(browser_of(counsellor), class_a))


def test_always_by_name(browser_of, class_a, mentor, sam):
    """Whoever shares, talks or wrote most does not come first."""
    for name in ("Zara", "Amir", "Mila"):
        factories.make_pupil(calling_name=name, surname="Dekker", school_class=class_a)
    signs.set_sign(student=sam, sign=Sign.TALK, on=True, by=sam.user)
    rows = re.findall(r'<th role="rowheader"[^>]*>([^<]*)</th>', main_of(board(browser_of(mentor), class_a)))
    assert rows == ["Amir Dekker", "Mila Dekker", "Sam Vos", "Zara Dekker"]
    other = browser_of(mentor).get(reverse("class_board", args=[class_a.pk]), {"ordering": "-sections", "sort": "talk"})
    assert re.findall(r'<th role="rowheader"[^>]*>([^<]*)</th>', main_of(other)) == rows


def test_nobody_else_sees_a_class(browser_of, class_a, otto, imke, sam):
    elsewhere = factories.make_staff(Role.COUNSELLOR, institution=factories.make_class("Z").institution)
    coordinator = factories.make_staff(Role.COORDINATOR, institution=class_a.institution)
    gone = factories.make_staff(Role.MENTOR, school_class=class_a, ends_on=timezone.localdate() - timedelta(days=1))
    for person in (otto, imke, elsewhere, coordinator, gone, sam):
        assert board(browser_of(person), class_a).status_code == 404


def test_the_start_page_is_for_who_has_a_class(browser_of, class_a, mentor, counsellor, imke, sam):
    assert browser_of(mentor).get("/klas/").status_code == 200
    assert "A · 2026-2027" in main_of(browser_of(counsellor).get("/klas/"))
    for person in (imke, sam):
        assert browser_of(person).get("/klas/").status_code == 404


# --- Logging in --------------------------------------------------------------------------------------------


def act(client, class_a, student, what):
    return client.post(reverse("class_login", args=[class_a.pk]), {"student": student.pk, "act": what})


def test_a_new_card_is_shown_once_and_the_old_one_is_dead(browser_of, class_a, mentor, sam):
    old = badges.make_badge(sam, by=mentor)
    page = browser_of(mentor)
    shown = act(page, class_a, sam, "card")
    assert shown.status_code == 200
    assert '<svg class="qr"' in shown.content.decode()
    assert shown.headers["Cache-Control"] == "no-store, private"
    assert badges.look(badges.digest_of(old)).outcome == badges.Outcome.DEAD
    typed = re.search(r'<b translate="no">([0-9A-Z ]+)</b>', shown.content.decode()).group(1)
    assert badges.look(badges.digest_of(typed)).outcome == badges.Outcome.CHOOSE
    assert typed not in main_of(board(page, class_a))


def test_a_first_card_for_who_has_none(browser_of, class_a, mentor, sam):
    assert act(browser_of(mentor), class_a, sam, "card").status_code == 200
    assert badges.state_of([sam])[sam.pk].has_card


def test_a_new_pin_lets_the_student_choose_one(browser_of, class_a, mentor, sam):
    token = badges.make_badge(sam, by=mentor)
    badges.choose_pin(token, "4926")
    assert "Werkt" in main_of(board(browser_of(mentor), class_a))
    act(browser_of(mentor), class_a, sam, "pin")
    assert badges.check(token, "4926").outcome == badges.Outcome.CHOOSE
    assert "Nog geen pincode" in main_of(board(browser_of(mentor), class_a))


def test_who_is_logged_out_is_out(browser_of, client, class_a, mentor, sam):
    client.post("/inloggen/", {"login": sam.user.username, "password": factories.PASSWORD})
    client.get("/vandaag/")
    assert client.get("/vandaag/").status_code == 200
    act(browser_of(mentor), class_a, sam, "out")
    assert client.get("/vandaag/").status_code == 302


def test_only_the_mentor_of_the_class_helps_with_logging_in(browser_of, class_a, mentor, counsellor, otto, sam, noor):
    badges.make_badge(sam, by=mentor)
    for person in (counsellor, otto, noor.user):
        for what in ("pin", "card", "out"):
            assert act(browser_of(person), class_a, sam, what).status_code == 404
    assert act(browser_of(mentor), class_a, noor, "pin").status_code == 404
    assert act(browser_of(mentor), class_a, sam, "read").status_code == 404


# --- The same queries for two as for thirty ------------------------------------------------------------------


def queries_of(client, url):
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize(("url", "most"), [("class_board", 10), ("desk", 14)])
def test_thirty_students_cost_as_many_queries_as_two(browser_of, class_a, mentor, sam, url, most):
    def one_more():
        student = factories.make_pupil(school_class=class_a)
        factories.share(student, "school_team", class_a.institution_id, "me.free_time")
        for sign in (Sign.TALK, Sign.PROGRESS):
            signs.set_sign(student=student, sign=sign, on=True, by=student.user)

    page = browser_of(mentor)
    where = reverse(url, args=[class_a.pk] if url == "class_board" else [])
    one_more()
    page.get(where)
    few = queries_of(page, where)
    for _ in range(28):
        one_more()
    assert queries_of(page, where) == few <= most
