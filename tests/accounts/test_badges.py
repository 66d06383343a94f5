"""The class card and the PIN: making, using, losing."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts import badges, sessions
from accounts.badges import Outcome
from accounts.models import Badge, Role
from accounts.pins import is_easy
from accounts.refusals import NotHere, Refusal
from tests import factories
from tests.accounts.coming_in import PIN, card_of, come_in, is_in, show


def main_of(response):
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


PIN_PAGE, CHOOSE = "/inloggen/pincode/", "/inloggen/pincode/kiezen/"


@pytest.fixture
def token(sam, mentor):
    return card_of(sam, mentor)


# --- The school --------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(class_a):
    return factories.make_staff(Role.COORDINATOR, institution=class_a.institution)


@pytest.mark.parametrize("who", ["mentor", "coordinator"])
def test_the_school_of_a_student_makes_a_card(sam, who, request):
    assert badges.state_of([sam])[sam.pk] == badges.BadgeState()
    token = badges.make_badge(sam, by=request.getfixturevalue(who))
    assert len(token) == 26 and badges.state_of([sam])[sam.pk] == badges.BadgeState(True, False, True, False)
    assert badges.link_to(token).endswith(f"/kaart/{token}/") and badges.grouped(token).count(" ") == 6


def test_nobody_else_does(sam, noor, imke, mentor):
    with pytest.raises(NotHere):
        badges.make_badge(sam, by=imke)
    with pytest.raises(NotHere):
        badges.make_badges([sam, noor], by=mentor)
    assert not Badge.objects.exists()


def test_not_after_the_mentor_left_the_class(sam, mentor, token):
    mentor.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    for act in (badges.replace_badge, badges.reset_pin):
        with pytest.raises(NotHere):
            act(sam, by=mentor)


def test_a_whole_class_gets_cards_at_once(class_a, mentor, django_assert_max_num_queries):
    pupils = [factories.make_pupil(school_class=class_a) for _ in range(3)]
    badges.make_badge(pupils[0], by=mentor)
    with django_assert_max_num_queries(6):
        made = badges.make_badges(pupils, by=mentor)
    assert set(made) == {pupils[1].pk, pupils[2].pk} and len(set(made.values())) == 2


def test_a_second_first_card_is_refused(sam, mentor, token):
    with pytest.raises(Refusal, match="has_badge"):
        badges.make_badge(sam, by=mentor)


# --- The first time ----------------------------------------------------------------------------------------


def test_the_first_time_a_student_chooses_a_pin(client, sam, mentor):
    token = card_of(sam, mentor, pin="")
    assert show(client, token).url == PIN_PAGE and client.get(PIN_PAGE).url == CHOOSE
    assert "Kies je pincode" in client.get(CHOOSE).content.decode()
    client.post(CHOOSE, {"pin": PIN, "again": PIN})
    assert is_in(client) and badges.check(token, PIN).outcome is Outcome.IN


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "7890", "1212", "123123", "2009", "12a4", "123", "1234567"])
def test_an_easy_pin_is_refused_kindly(client, sam, mentor, pin):
    show(client, card_of(sam, mentor, pin=""))
    page = client.post(CHOOSE, {"pin": pin, "again": pin}).content.decode()
    assert ("Kies een andere." in page or "4, 5 of 6 cijfers" in page) and f'value="{pin}"' not in page
    assert not is_in(client) and not badges.has_pin(sam)


@pytest.mark.parametrize("shape", ["%Y", "%d%m", "%m%d", "%d%m%y"])
def test_ones_own_birthday_is_too_easy(mentor, class_a, shape):
    student = factories.make_pupil(age=17, school_class=class_a)
    born = timezone.datetime.fromisoformat(factories.born(17))
    token = card_of(student, mentor, pin="")
    with pytest.raises(Refusal, match="pin_weak"):
        badges.choose_pin(token, born.strftime(shape))


def test_most_pins_are_fine():
    assert sum(is_easy(f"{one:04}") for one in range(10_000)) < 500


def test_two_different_pins_are_one_mistake(client, sam, mentor):
    show(client, card_of(sam, mentor, pin=""))
    assert "een andere pincode" in client.post(CHOOSE, {"pin": PIN, "again": "5820"}).content.decode()
    assert not badges.has_pin(sam)


def test_a_card_that_lay_too_long_chooses_no_pin(sam, mentor):
    token = card_of(sam, mentor, pin="")
    with time_machine.travel(timezone.now() + badges.FIRST_PIN + timedelta(hours=1), tick=False):
        assert badges.check(token, PIN).outcome is Outcome.NO_PIN
        with pytest.raises(Refusal, match="not_now"):
            badges.choose_pin(token, PIN)


def test_only_who_is_first_chooses(sam, mentor):
    token = card_of(sam, mentor)
    with pytest.raises(Refusal, match="not_now"):
        badges.choose_pin(token, "5820")
    assert badges.check(token, PIN).outcome is Outcome.IN


# --- Every day ---------------------------------------------------------------------------------------------


def test_card_and_pin_let_a_student_in(client, sam, token):
    assert come_in(client, token).url == "/vandaag/"
    assert is_in(client) and client.session["kind"] == "shared"


def test_outside_the_demo_the_question_about_the_device_comes_first(client, settings, sam, token):
    settings.DEMO = False
    assert come_in(client, token).url.startswith("/eigen-telefoon/")


def test_a_wrong_pin_says_so_and_counts(client, sam, token):
    page = come_in(client, token, "0001").content.decode()
    assert "Deze pincode klopt niet." in page and "<title>Fout:" in page and not is_in(client)
    assert Badge.objects.get().wrong_pins == 1
    client.post(PIN_PAGE, {"pin": PIN})
    assert is_in(client) and Badge.objects.get().wrong_pins == 0


def test_who_cannot_scan_types_the_code_of_the_card(client, token):
    typed = badges.grouped(token).lower().replace("0", "o")
    assert client.post("/kaart/", {"code": typed}).url == PIN_PAGE
    assert client.post(PIN_PAGE, {"pin": PIN}).url == "/vandaag/"


def test_a_wrong_code_on_the_card_says_so(client):
    assert "Deze code klopt niet." in client.post("/kaart/", {"code": "AAAA"}).content.decode()
    assert client.get(PIN_PAGE).url == "/kaart/"


def test_after_ten_minutes_the_card_is_asked_again(client, token):
    show(client, token)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert client.post(PIN_PAGE, {"pin": PIN}).url == "/kaart/"


def test_a_student_who_is_stopped_stays_out(client, sam, token):
    sam.user.is_active = False
    sam.user.save()
    assert show(client, token).status_code == 403 and badges.check(token, PIN).outcome is Outcome.DEAD


# --- When school is over -----------------------------------------------------------------------------------


def the_day_after(student):
    student.user.memberships.update(ends_on=timezone.localdate())
    return time_machine.travel(timezone.now() + timedelta(days=1), tick=False)


def test_the_last_day_the_card_opens_and_the_day_after_it_is_an_unknown_card(client, sam, token):
    known, unknown, late = type(client)(), type(client)(), type(client)()
    with the_day_after(sam):
        assert badges.check(token, PIN).outcome is Outcome.DEAD
        assert badges.look(badges.digest_of(token)).outcome is Outcome.DEAD
        ours, none = show(known, token), show(unknown, "0" * 26)
        assert (ours.status_code, ours.headers.get("Location")) == (none.status_code, none.headers.get("Location"))
        assert main_of(ours) == main_of(none) and ours.status_code == 403
        come_in(late, token)
        assert not is_in(late)
    assert come_in(client, token).url == "/vandaag/" and is_in(client)


def test_halfway_between_card_and_pin_school_is_over_too(client, sam, token):
    show(client, token)
    sam.user.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert client.post(PIN_PAGE, {"pin": PIN}).status_code == 403 and not is_in(client)


def test_after_school_no_pin_is_chosen_shown_or_changed(sam, mentor):
    token = card_of(sam, mentor, pin="")
    with the_day_after(sam), pytest.raises(Refusal, match="not_now"):
        badges.choose_pin(token, PIN)
    badges.choose_pin(token, PIN)
    with the_day_after(sam):
        assert not badges.has_pin(sam) and not badges.check_pin_of(sam, PIN)
        with pytest.raises(NotHere):
            badges.change_pin(sam, "7304", by=sam.user)
    sam.user.memberships.update(ends_on=None)
    assert badges.has_pin(sam) and badges.check_pin_of(sam, PIN)


def test_another_class_at_once_or_after_the_summer_keeps_the_card(sam, class_a, token):
    next_class = factories.make_class("B")
    today = timezone.localdate()
    sam.user.memberships.update(ends_on=today - timedelta(days=1))
    sam.user.memberships.create(role=Role.STUDENT, school_class=next_class, starts_on=today + timedelta(days=30))
    assert badges.check(token, PIN).outcome is Outcome.IN


def test_who_has_no_other_way_in_is_asked_in_time(client, sam, token):
    come_in(client, token)
    assert "/zo-houd-je-je-paspoort/" not in client.get("/vandaag/", follow=True).content.decode()
    sam.user.memberships.update(ends_on=timezone.localdate() + timedelta(days=80))
    factories.write(sam, "me.words", ["rustig"])
    assert "/zo-houd-je-je-paspoort/" in client.get("/vandaag/").content.decode()
    page = client.get("/zo-houd-je-je-paspoort/").content.decode()
    assert "Je kaart van school werkt straks niet meer." in page and "Bewaar je mailadres" in page


# --- Lost --------------------------------------------------------------------------------------------------


def test_a_lost_pin_is_gone_and_the_student_chooses_another(client, sam, mentor, token):
    badges.reset_pin(sam, by=mentor)
    assert badges.check(token, PIN).outcome is Outcome.CHOOSE
    show(client, token)
    client.post(CHOOSE, {"pin": "7304", "again": "7304"})
    assert is_in(client) and badges.check(token, "7304").outcome is Outcome.IN
    assert badges.check(token, PIN).outcome is Outcome.WRONG


def test_a_new_pin_is_chosen_within_the_hour(sam, mentor, token):
    badges.reset_pin(sam, by=mentor)
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert badges.check(token, PIN).outcome is Outcome.NO_PIN


def test_the_student_reads_who_took_the_pin_away(browser_of, sam, mentor, token):
    badges.reset_pin(sam, by=mentor)
    badges.choose_pin(token, PIN)
    assert "meneer Kaya" in browser_of(sam).get("/instellingen/inloggen/").content.decode()


def test_a_new_pin_ends_what_was_still_open(client, sam, mentor, token):
    other = type(client)()
    come_in(other, token)
    badges.reset_pin(sam, by=mentor)
    show(client, token)
    client.post(CHOOSE, {"pin": "7304", "again": "7304"})
    assert is_in(client) and not is_in(other)


def test_a_lost_card_is_dead_at_once_also_halfway(client, sam, mentor, token):
    show(client, token)
    new = badges.replace_badge(sam, by=mentor)
    assert client.post(PIN_PAGE, {"pin": PIN}).status_code == 403 and not is_in(client)
    assert badges.check(token, PIN).outcome is Outcome.DEAD and badges.check(new, PIN).outcome is Outcome.IN


def test_there_is_no_new_card_without_an_old_one(sam, mentor):
    with pytest.raises(NotHere):
        badges.replace_badge(sam, by=mentor)
    with pytest.raises(NotHere):
        badges.reset_pin(sam, by=mentor)


def test_a_mentor_ends_the_sessions_of_a_student(client, sam, noor, mentor, imke, token):
    come_in(client, token)
    for somebody in (imke, noor.user):
        with pytest.raises(NotHere):
            sessions.end_sessions(sam, by=somebody)
    assert is_in(client)
    assert sessions.end_sessions(sam, by=mentor) == 1 and not is_in(client)


def test_another_pin_needs_the_old_one_first(client, sam, token):
    come_in(client, token)
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        asked = client.get("/instellingen/inloggen/pincode/")
        assert asked.url == "/nog-even/?next=/instellingen/inloggen/pincode/"
        assert "klopt niet" in client.post(asked.url, {"pin": "0001"}).content.decode()
        before = client.session.session_key
        assert client.post(asked.url, {"pin": PIN}).url == "/instellingen/inloggen/pincode/"
        assert client.session.session_key != before
        client.post("/instellingen/inloggen/pincode/", {"pin": "7304", "again": "7304"})
        assert is_in(client)
    assert badges.check(token, "7304").outcome is Outcome.IN
