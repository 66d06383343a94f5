"""«Samen invullen»: it is marked, it ends, and what is the student's alone is closed meanwhile, in the services too."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import badges, new_address, own_mail, school_login, together, vault
from accounts.models import Student
from accounts.refusals import NotHere, Refusal
from accounts.services import set_mail_on_look
from consent import services as consent
from intake.services import export, leaving, sharing
from passport import services as passport
from passport.signs import Sign, set_sign
from tests import factories
from tests.factories import key_of

NEED = {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam", "why": "Door mijn autisme"}


@pytest.fixture
def beside(sam):
    """Sam, with a mentor beside them."""
    together.start(student=sam, by=sam.user)
    return Student.objects.select_related("passport", "user").get(pk=sam.pk)


def save(student, key, value):
    data_key = key_of(student)
    now = passport.open_answer(student.passport, data_key, key).revision
    student.passport.student = student
    return passport.save_answer(
        passport=student.passport, key=data_key, question_key=key, status="answered", value=value, revision=now,
        by=student.user,
    )  # fmt: skip


def text(response):
    return response.content.decode()


# --- It begins and ends with the student ---------------------------------------------------------------------


def test_only_the_student_starts_and_stops_it(sam, mentor):
    for act in (together.start, together.stop):
        with pytest.raises(NotHere):
            act(student=sam, by=mentor)
    assert not together.is_together(sam)


def test_a_band_on_every_page_and_one_tap_ends_it(browser_of, sam):
    page = browser_of(sam)
    assert "Wil je samen invullen?" in text(page.get("/samen/"))
    page.post("/samen/", {"answer": "on"})
    for url in ("/vandaag/", "/paspoort/", reverse("question", args=["me.proud"]), "/hulp/", "/delen/"):
        assert "Stop met samen invullen" in text(page.get(url))
    page.post("/samen/", {"answer": "off"})
    assert "Stop met samen invullen" not in text(page.get("/vandaag/"))
    assert not together.is_together(Student.objects.get(pk=sam.pk))


def test_logging_out_ends_it(browser_of, sam):
    page = browser_of(sam)
    page.post("/samen/", {"answer": "on"})
    page.post("/uitloggen/")
    assert not together.is_together(Student.objects.get(pk=sam.pk))


def test_it_is_over_after_an_hour(browser_of, sam):
    browser_of(sam).post("/samen/", {"answer": "on"})
    student = Student.objects.get(pk=sam.pk)
    with time_machine.travel(timezone.now() + timedelta(minutes=59)):
        assert together.is_together(student)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert not together.is_together(student)


def test_a_new_session_knows_it_still_lasts(client, sam):
    together.start(student=sam, by=sam.user)
    client.post("/inloggen/", {"login": sam.user.username, "password": factories.PASSWORD})
    assert "Stop met samen invullen" in text(client.get("/vandaag/"))


# --- What is written meanwhile -------------------------------------------------------------------------------


def test_history_says_samen_met_mentor(browser_of, sam):
    page = browser_of(sam)
    page.post("/samen/", {"answer": "on"})
    page.post(reverse("question", args=["me.proud"]), {"value": "Samen geschreven", "revision": "0"})
    page.post("/samen/", {"answer": "off"})
    page.post(reverse("question", args=["me.proud"]), {"value": "Alleen geschreven", "revision": "1"})
    shown = text(page.get(reverse("question_history", args=["me.proud"])))
    assert shown.count("samen met mentor") == 1
    assert "Samen geschreven" in shown
    assert "Alleen geschreven" in shown


def test_the_mark_is_sealed_and_in_the_export(beside):
    save(beside, "me.proud", "Samen geschreven")
    together.stop(student=beside, by=beside.user)
    save(beside, "me.proud", "Alleen geschreven")
    found = export.export_of(beside, key_of(beside))
    [proud] = [one for one in found["answers"] if one["key"] == "me.proud"]
    assert [row["with_mentor"] for row in proud["history"]] == [False, True]


def test_the_api_answers_as_always(api, beside):
    written = api(beside).put(
        "/api/v1/passport/answers/me.proud/", {"status": "answered", "value": "Samen", "revision": 0}, format="json"
    )
    assert set(written.json()) >= {"status", "value", "revision", "updated_at"}
    assert written.status_code == 200
    [row] = api(beside).get("/api/v1/passport/answers/me.proud/history/").json()["results"]
    assert row["by"] == "student"


# --- The whys stay closed --------------------------------------------------------------------------------------


def test_no_why_is_written_or_changed(beside):
    with pytest.raises(Refusal, match="together"):
        save(beside, "need.support", [NEED | {"why": "Anders"}])
    with pytest.raises(Refusal, match="together"):
        save(beside, "need.support", [NEED, {"need": "steps", "how_often": "soms", "what_works": "", "why": "Nieuw"}])


def test_what_helps_can_be_written_and_keeps_its_why(beside):
    kept = save(beside, "need.support", [NEED | {"how_often": "altijd"}])
    assert kept.value[0]["why"] == NEED["why"]
    assert kept.value[0]["how_often"] == "altijd"


def test_afterwards_a_why_can_be_written_again(beside):
    together.stop(student=beside, by=beside.user)
    assert save(beside, "need.support", [NEED | {"why": "Anders"}]).value[0]["why"] == "Anders"


def test_an_earlier_why_does_not_come_back_by_restoring(beside):
    together.stop(student=beside, by=beside.user)
    save(beside, "need.support", [NEED | {"why": "Anders"}])
    together.start(student=beside, by=beside.user)
    beside.passport.student = beside
    with pytest.raises(Refusal, match="together"):
        passport.restore(
            passport=beside.passport, key=key_of(beside), question_key="need.support", number=1, revision=2,
            by=beside.user,
        )  # fmt: skip


def test_the_page_of_a_need_shows_no_why_and_loses_none(browser_of, sam):
    page = browser_of(sam)
    page.post("/samen/", {"answer": "on"})
    url = reverse("need", args=["need.support", 1])
    shown = text(page.get(url))
    assert 'name="why"' not in shown
    assert "Waarom vul je alleen in." in shown
    page.post(url, {"need": "quiet", "how_often": "altijd", "what_works": "Een hoek", "revision": "1"})
    kept = passport.open_answer(sam.passport, key_of(sam), "need.support")
    assert kept.value[0] == NEED | {"how_often": "altijd", "what_works": "Een hoek"}


# --- Sharing, own data and logging in stay closed ----------------------------------------------------------------


def test_nothing_is_given_changed_released_or_kept(care, given, beside):
    key, given.student = key_of(beside), beside
    tries = [
        lambda: factories.share_with_programme(beside, factories.make_programme(), "me.free_time"),
        lambda: sharing.change(share=given, key=key, by=beside.user, units=["me.free_time", "can.strengths"]),
        lambda: sharing.release(share=given, key=key, units=["me.free_time"], by=beside.user),
        lambda: consent.keep_share(share=given, key=key, by=beside.user),
    ]
    for act in tries:
        with pytest.raises(Refusal, match="together"):
            act()


def test_taking_away_never_waits(given, beside):
    given.student = beside
    sharing.withdraw(share=given, by=beside.user)
    given.refresh_from_db()
    assert not given.is_open


def test_over_the_api_nothing_is_given_either(api, beside, care):
    body = {
        "recipient": {"kind": "programme", "id": str(care.pk)}, "purpose": "intake", "units": ["me.free_time"],
        "valid_until": (timezone.localdate() + timedelta(days=20)).isoformat(), "warm_transfer": False,
    }  # fmt: skip
    refused = api(beside).post("/api/v1/shares/", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "together")
    together.stop(student=beside, by=beside.user)
    assert api(beside).post("/api/v1/shares/", body, format="json").status_code == 201


def test_own_data_and_settings_are_closed(beside):
    by = beside.user
    tries = [
        lambda: export.own_export(beside, key_of(beside)),
        lambda: leaving.freeze(student=beside, by=by),
        lambda: leaving.ask_to_erase(student=beside, by=by),
        lambda: leaving.erase_student(beside.pk, by=by),
        lambda: set_mail_on_look(student=beside, on=True, by=by),
        lambda: badges.change_pin(beside, "4926", by=by),
        lambda: new_address.ask_for("sam@example.org", by=by),
        lambda: own_mail.remove(by=by),
        lambda: school_login.untie("entree", by=by),
    ]
    for act in tries:
        with pytest.raises(Refusal, match="together"):
            act()
    assert vault.open_key(beside.pk)


@pytest.mark.parametrize("url", ["/delen/", "/delen/nieuw/", "/instellingen/mijn-gegevens/", "/eigen-telefoon/"])
def test_their_pages_say_so_and_are_there_again_afterwards(browser_of, sam, url):
    page = browser_of(sam)
    page.post("/samen/", {"answer": "on"})
    closed = page.get(url)
    assert closed.status_code == 409
    assert together.NOT_NOW in text(closed)
    page.post("/samen/", {"answer": "off"})
    assert page.get(url).status_code == 200


def test_every_page_that_stays_closed_exists():
    from tests.test_house_rules import named_urls

    names = {name for name, _ in named_urls()}
    assert names >= together.CLOSED
    assert all(any(name.startswith(start) for name in names) for start in together.CLOSED_STARTS)


# --- Taken along and erased --------------------------------------------------------------------------------------


def test_signs_are_in_the_export_and_gone_with_the_student(sam):
    for sign in (Sign.TALK, Sign.PROGRESS):
        set_sign(student=sam, sign=sign, on=True, by=sam.user)
    account = export.export_of(sam, key_of(sam))["account"]
    assert account["mentor_sees_talk"] and account["mentor_sees_progress"]
    assert "mentor_sees_hand" not in account
    leaving.erase_student(sam.pk)
    from passport.models import MentorSign

    assert not MentorSign.objects.exists()


# --- What a hostile review read meanwhile ------------------------------------------------------------------------

WHY = NEED["why"]
READS = [
    "/api/v1/passport/", "/api/v1/passport/answers/need.support/history/", "/api/v1/shares/", "/api/v1/views/",
    "/wie-keek/", "/van-thuis/",
]  # fmt: skip


@pytest.mark.parametrize("url", READS)
def test_what_is_the_students_alone_is_not_read_meanwhile(browser_of, sam, given, url):
    page = browser_of(sam)
    assert page.get(url).status_code == 200
    page.post("/samen/", {"answer": "on"})
    closed = page.get(url)
    assert closed.status_code == 409 and WHY not in text(closed)
    page.post("/samen/", {"answer": "off"})
    assert page.get(url).status_code == 200


def test_no_page_and_no_answer_of_the_api_carries_a_why_meanwhile(browser_of, sam):
    page = browser_of(sam)
    question, need = reverse("question", args=["need.support"]), reverse("need", args=["need.support", 1])
    put = "/api/v1/passport/answers/need.support/"
    assert WHY in text(page.get(question)).replace("\\u0022", '"') and WHY in text(page.get(need))
    page.post("/samen/", {"answer": "on"})
    for url in (question, need, reverse("question_history", args=["need.support"]), "/paspoort/"):
        assert WHY not in text(page.get(url))
    row = NEED | {"how_often": "altijd", "why": ""}
    stale = {"status": "answered", "value": [row], "revision": 0}
    conflict = page.put(put, stale, content_type="application/json")
    assert conflict.status_code == 409 and conflict.json()["current"]["value"][0]["why"] == ""
    saved = page.put(put, stale | {"revision": 1}, content_type="application/json")
    assert saved.status_code == 200 and saved.json()["value"][0]["why"] == ""
    kept = passport.open_answer(sam.passport, key_of(sam), "need.support")
    assert kept.value[0] == NEED | {"how_often": "altijd"}
    page.post("/samen/", {"answer": "off"})
    assert WHY in text(page.get(need))


def test_no_school_log_in_is_tied_meanwhile(client, settings, monkeypatch, sam, mentor):
    from allauth.socialaccount.models import SocialAccount

    from tests.accounts import coming_in

    school = coming_in.FakeSchool()
    coming_in.use_schools(settings, monkeypatch, ("entree", school))
    coming_in.come_in(client, coming_in.card_of(sam, mentor))
    left = coming_in.leave_for_school(client, school)["state"]
    client.post("/samen/", {"answer": "on"})
    assert client.post("/inloggen/school/entree/").status_code == 409
    assert coming_in.back_from_school(client, left).status_code == 409
    assert not SocialAccount.objects.exists()
    client.post("/samen/", {"answer": "off"})
    coming_in.back_from_school(client, coming_in.leave_for_school(client, school)["state"])
    assert SocialAccount.objects.get().user == sam.user


def test_the_services_of_a_school_log_in_refuse_too(rf, settings, beside):
    settings.OIDC_PROVIDERS = [{"id": "entree", "name": "Entree"}]
    request = rf.post("/")
    request.user = beside.user
    for act in (school_login.leave_for, school_login.come_back):
        with pytest.raises(Refusal, match="together"):
            act(request, "entree")
