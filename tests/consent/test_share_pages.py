"""Sharing as a student does it on the pages: five screens to give, two taps to stop, no choice left in the open."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Programme, Student, User
from consent import access
from consent.drafts import make_draft, read_draft
from consent.ledger import Action
from consent.looks import looks_of
from consent.models import Share, ShareDraft, ShareState
from consent.services import units_of, write_reply
from intake.forms import sensible_days
from intake.views.today import next_question
from passport.services import open_sheet
from tests import factories
from tests.factories import key_of

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')  # random, and says nothing

PLAIN = ("me.free_time", "need.support.quiet")


def page(client: Client, name: str, *args: Any, **data: Any) -> Any:
    """A GET, or a POST when there is something to send."""
    url = reverse(name, args=args)
    return client.post(url, data) if data else client.get(url)


def html(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def seen_in(response: Any) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', html(response))
    assert found
    return found[1]


def ticked(text: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="units" value="([^"]+)"[^>]* checked', text)


@pytest.fixture
def client(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


@pytest.fixture
def draft(sam: Student, care: Programme) -> UUID:
    """With whom, what and until when are chosen; the preview was not seen yet."""
    until = timezone.localdate() + timedelta(days=30)
    kind = {"kind": "programme", "recipient_id": care.pk, "units": PLAIN, "valid_until": until}
    return make_draft(student=sam, key=key_of(sam), **kind).id


def say_good(client: Client, draft: UUID) -> str:
    """Reads the preview and says it is good; returns the digest that the yes carries."""
    page(client, "share_preview", draft, seen=seen_in(page(client, "share_preview", draft)))
    return seen_in(page(client, "share_confirm", draft))


# --- The five screens --------------------------------------------------------------------------------------


def test_a_student_gives_a_share_in_five_screens(client, sam, care, imke):
    page(client, "share_who", to=f"programme:{care.pk}")
    draft = ShareDraft.objects.get(student=sam).pk
    page(client, "share_what", draft, units=list(PLAIN))
    until = timezone.localdate() + timedelta(weeks=5)
    page(client, "share_until", draft, until=until.isoformat())
    answer = page(client, "share_confirm", draft, answer="yes", seen=say_good(client, draft))
    share = Share.objects.get(student=sam)
    assert answer.url == reverse("share", args=[share.pk])
    assert (share.state, share.valid_until, share.warm_transfer) == (ShareState.ACTIVE, until, False)
    assert set(units_of(share, key_of(sam))) == set(PLAIN)
    assert "Gedeeld met" in html(client.get(answer.url))
    assert access.read(share_id=share.pk, by=imke, action=Action.READ).said


def test_nothing_is_ticked_at_the_start(client, sam, care):
    page(client, "share_who", to=f"programme:{care.pk}")
    draft = ShareDraft.objects.get(student=sam).pk
    for screen in ("share_what", "share_why", "share_until"):
        assert " checked" not in html(page(client, screen, draft)), screen


def test_what_is_delicate_stands_on_a_screen_of_its_own(client, draft):
    first, second = html(page(client, "share_what", draft)), html(page(client, "share_why", draft))
    for unit in ("need.why.quiet", "need.diagnosis"):
        assert f'value="{unit}"' not in first
        assert f'value="{unit}"' in second
    assert 'value="need.support.quiet"' not in second


def test_each_half_of_the_second_screen_keeps_what_the_other_chose(client, sam, draft):
    page(client, "share_why", draft, units=["need.why.quiet"])
    page(client, "share_what", draft, units=["me.free_time"], why="1")
    assert set(read_draft(sam, key_of(sam), draft).units) == {"me.free_time", "need.why.quiet"}


def test_the_delicate_half_is_only_reached_by_asking_for_it(client, draft):
    assert "waarom" in page(client, "share_what", draft, units=["me.free_time"], why="1").url
    assert "tot-wanneer" in page(client, "share_what", draft, units=["me.free_time"]).url


def test_an_empty_answer_cannot_be_ticked_for_an_intake(client, sam, draft):
    assert 'value="me.proud"' not in html(page(client, "share_what", draft))
    answer = page(client, "share_what", draft, units=["me.proud"])
    assert "Dit kun je nu niet delen" in html(answer)


def test_an_empty_answer_can_be_ticked_for_the_mentor(client, sam, class_a):
    page(client, "share_who", to=f"school_team:{class_a.institution_id}")
    draft = ShareDraft.objects.get(student=sam).pk
    assert 'value="me.proud"' in html(page(client, "share_what", draft))


def test_nothing_chosen_is_a_kind_error_at_the_field(client, draft):
    answer = html(page(client, "share_what", draft, nothing="1"))
    assert "Kies eerst wat je wilt delen." in answer
    assert "<title>Fout: " in answer
    assert 'href="#id_units_0"' in answer
    assert 'id="id_units_0"' in answer


def test_a_day_too_late_is_refused_at_the_field(client, draft):
    late = timezone.localdate() + timedelta(days=900)
    answer = page(client, "share_until", draft, until="own", own=late.isoformat())
    assert "Kies een dag eerder" in html(answer)


@pytest.mark.parametrize("days", [3, 20, 60, 400])
def test_there_are_a_few_days_to_choose_from_and_the_longest_is_last(days):
    today = timezone.localdate()
    found = list(sensible_days(today, today + timedelta(days=days)))
    assert 1 <= len(found) <= 3
    assert found[-1] == today + timedelta(days=days)


def test_the_preview_shows_the_text_and_what_stays_with_the_student(client, draft):
    shown = html(page(client, "share_preview", draft))
    assert "Voorbeeld. Nog niet gedeeld." in shown
    assert "Een hoek bij het raam" in shown
    assert "Ik heb autisme." not in shown
    assert "Wil je iets zeggen over een diagnose?" in shown.split("Dit ziet")[1]


def test_the_confirmation_comes_only_after_the_preview(client, draft):
    assert "voorbeeld" in page(client, "share_confirm", draft).url


def test_no_is_as_easy_as_yes_and_leaves_nothing(client, sam, draft):
    say_good(client, draft)
    buttons = re.findall(r'<button class="([^"]+)" name="answer"', html(page(client, "share_confirm", draft)))
    assert buttons == ["btn btn-even", "btn btn-even"]
    page(client, "share_confirm", draft, answer="no")
    assert not ShareDraft.objects.exists()
    assert not Share.objects.exists()


def test_a_text_that_moved_since_the_preview_goes_back_to_it(client, sam, draft):
    seen = say_good(client, draft)
    factories.write(sam, "me.free_time", ["lezen"])
    answer = client.post(reverse("share_confirm", args=[draft]), {"answer": "yes", "seen": seen}, follow=True)
    assert "voorbeeld" in answer.redirect_chain[-1][0]
    assert "Er is iets veranderd. Kijk nog een keer." in html(answer)
    assert not Share.objects.exists()


def test_a_yes_without_the_digest_gives_nothing(client, draft):
    say_good(client, draft)
    page(client, "share_confirm", draft, answer="yes")
    assert not Share.objects.exists()


def test_another_choice_after_the_preview_asks_for_the_preview_again(client, draft):
    say_good(client, draft)
    page(client, "share_what", draft, units=["me.free_time"])
    assert "voorbeeld" in page(client, "share_confirm", draft).url


def test_a_second_tap_on_yes_finds_the_share(client, draft):
    seen = say_good(client, draft)
    first = page(client, "share_confirm", draft, answer="yes", seen=seen)
    assert page(client, "share_confirm", draft, answer="yes", seen=seen).url == first.url
    assert Share.objects.count() == 1


def test_an_emptied_answer_falls_out_of_the_draft(client, sam, draft):
    factories.write(sam, "me.free_time", status="private")
    assert "/wat/" in page(client, "share_preview", draft).url
    page(client, "share_what", draft, units=["need.support.quiet"])
    assert read_draft(sam, key_of(sam), draft).units == ("need.support.quiet",)


def test_under_16_waits_for_a_parent_and_says_so(browser_of, care, imke):
    young = factories.make_pupil(age=15)
    factories.write(young, "me.free_time", ["muziek"])
    until = timezone.localdate() + timedelta(days=30)
    wish = {"kind": "programme", "recipient_id": care.pk, "units": ["me.free_time"], "valid_until": until}
    draft = make_draft(student=young, key=key_of(young), **wish).id
    client = browser_of(young)
    seen = say_good(client, draft)
    assert "Jij bent nog geen 16." in html(page(client, "share_confirm", draft))
    answer = client.get(page(client, "share_confirm", draft, answer="yes", seen=seen).url)
    assert "Nog niet gedeeld. We wachten op je ouder." in html(answer)
    assert not access.open_shares(imke).exists()


def test_the_confirmation_says_whether_later_texts_follow(client, sam, draft, class_a):
    say_good(client, draft)
    assert "ziet precies deze tekst" in html(page(client, "share_confirm", draft))
    near = {"kind": "school_team", "recipient_id": class_a.institution_id, "units": PLAIN}
    live = make_draft(student=sam, key=key_of(sam), valid_until=timezone.localdate(), **near).id
    say_good(client, live)
    assert "zien steeds je nieuwste tekst" in html(page(client, "share_confirm", live))


def test_what_is_chosen_is_in_no_url_session_or_open_column(client, sam, draft):
    row = ShareDraft.objects.get(pk=draft)
    assert b"need.support" not in bytes(row.sealed)
    assert "need.support" not in str(dict(client.session))
    confirm = html(page(client, "share_preview", draft))
    assert 'type="hidden" name="units"' not in confirm


@pytest.mark.parametrize("screen", ["share_what", "share_why", "share_until", "share_preview", "share_confirm"])
def test_a_draft_of_somebody_else_is_not_there(screen, noor, browser_of, draft):
    stranger = browser_of(noor)
    assert page(stranger, screen, draft).status_code == 404
    assert page(stranger, screen, draft, answer="yes", seen="x").status_code == 404
    nothing, somebodys = (TOKEN.sub("", page(stranger, screen, one).content.decode()) for one in (uuid4(), draft))
    assert nothing == somebodys


def test_recipients_are_found_by_a_word(client, care):
    found = html(client.get(reverse("share_who"), {"q": care.institution.name}))
    assert f"programme:{care.pk}" in found
    assert "Niets gevonden" in html(client.get(reverse("share_who"), {"q": "bestaat niet"}))


def test_a_recipient_that_does_not_exist_is_a_kind_error(client):
    for to in (f"programme:{uuid4()}", "programme:x", "x"):
        assert "Deze ontvanger kennen we niet." in html(page(client, "share_who", to=to))
    assert not ShareDraft.objects.exists()


def test_somebody_you_share_with_leads_to_that_share(client, given, care):
    assert page(client, "share_who", to=f"programme:{care.pk}").url == reverse("share", args=[given.pk])


# --- What is shared ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["share", "share_stop", "share_change", "share_release"])
def test_a_share_of_somebody_else_is_not_there(name, noor, browser_of, given):
    stranger = browser_of(noor)
    assert page(stranger, name, given.pk).status_code == 404
    assert page(stranger, name, given.pk, answer="yes").status_code in {404, 405}
    given.refresh_from_db()
    assert given.is_open


def test_stopping_takes_two_taps_and_holds_at_once(client, given, imke):
    assert reverse("share_stop", args=[given.pk]) in html(page(client, "share_list"))
    assert "blijft daar" in html(page(client, "share_stop", given.pk))
    answer = client.post(reverse("share_stop", args=[given.pk]), follow=True)
    assert "ziet je paspoort niet meer" in html(answer)
    assert not access.open_shares(imke).exists()
    assert "Vroeger gedeeld" in html(page(client, "share_list"))


def test_a_newer_text_is_shared_with_one_tap(client, sam, given, imke):
    factories.write(sam, "me.free_time", ["lezen"])
    seen = seen_in(page(client, "share_list"))
    page(client, "share_release", given.pk, answer="yes", seen=seen)
    said = access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert {one.unit.key: one.value for one in said}["me.free_time"] == ["lezen"]


def test_a_text_that_moved_again_is_not_shared_unseen(client, sam, given, imke):
    factories.write(sam, "me.free_time", ["lezen"])
    seen = seen_in(page(client, "share_release", given.pk))
    factories.write(sam, "me.free_time", ["slapen"])
    page(client, "share_release", given.pk, answer="yes", seen=seen)
    said = access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert {one.unit.key: one.value for one in said}["me.free_time"] == ["muziek", "koken"]


def test_old_and_new_stand_side_by_side(client, sam, given):
    factories.write(sam, "me.free_time", ["lezen"])
    shown = html(page(client, "share_release", given.pk))
    assert "muziek" in shown
    assert "lezen" in shown
    page(client, "share_release", given.pk, answer="no")
    given.refresh_from_db()
    assert given.release == 1


def change(client: Client, share: Share, *units: str, **extra: Any) -> Any:
    return page(client, "share_change", share.pk, units=list(units), until=share.valid_until.isoformat(), **extra)


def test_the_change_page_shows_what_is_shared_now(client, given):
    assert set(ticked(html(page(client, "share_change", given.pk)))) == set(PLAIN)


def test_taking_away_holds_at_once(client, sam, given):
    assert change(client, given, "me.free_time").url == reverse("share", args=[given.pk])
    assert units_of(given, key_of(sam)) == ["me.free_time"]


def test_adding_waits_for_a_yes_to_the_preview(client, sam, given):
    url = change(client, given, *PLAIN, "can.strengths").url
    assert set(units_of(given, key_of(sam))) == set(PLAIN)
    seen = seen_in(client.get(url))
    client.post(url, {"answer": "yes", "seen": seen})
    assert set(units_of(given, key_of(sam))) == {*PLAIN, "can.strengths"}


def test_adding_does_not_release_another_text(client, sam, given, imke):
    factories.write(sam, "me.free_time", ["lezen"])
    url = change(client, given, *PLAIN, "can.strengths").url
    client.post(url, {"answer": "yes", "seen": seen_in(client.get(url))})
    said = access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert {one.unit.key: one.value for one in said}["me.free_time"] == ["muziek", "koken"]


def test_added_text_that_moved_is_not_shared_unseen(client, sam, given):
    url = change(client, given, *PLAIN, "can.strengths").url
    seen = seen_in(client.get(url))
    factories.write(sam, "can.strengths", ["koken"])
    client.post(url, {"answer": "yes", "seen": seen})
    assert set(units_of(given, key_of(sam))) == set(PLAIN)


def test_no_to_the_change_leaves_it_as_it_is(client, sam, given):
    url = change(client, given, *PLAIN, "can.strengths").url
    client.post(url, {"answer": "no"})
    assert set(units_of(given, key_of(sam))) == set(PLAIN)
    assert not ShareDraft.objects.exists()


def test_taking_everything_away_points_to_stopping(client, given):
    answer = html(page(client, "share_change", given.pk, until=given.valid_until.isoformat()))
    assert "Wil je stoppen met delen?" in answer


def test_the_list_does_not_read_more_for_more_units(client, sam, care, django_assert_max_num_queries):
    factories.share_with_programme(sam, care, "me.free_time", "can.strengths", "need.support.quiet")
    with django_assert_max_num_queries(20):
        page(client, "share_list")


# --- Who sees, who looked, today ---------------------------------------------------------------------------


def sees(student: Student, rf: Any, *keys: str) -> dict[str, Any]:
    request = rf.get("/")
    request.user = User.objects.get(pk=student.user_id)
    words = " ".join(f'"{key}"' for key in keys)
    source = "{% load consent %}{% who_sees " + words + " as seen %}{{ seen.text }}|{{ seen.shared }}"
    text, shared = Template(source).render(Context({"request": request})).split("|")
    return {"text": text, "shared": shared == "True"}


def test_without_a_share_only_you_see_it(sam, rf):
    assert sees(sam, rf, "me.free_time") == {"text": "Alleen jij ziet dit nu.", "shared": False}


def test_who_sees_names_the_recipients_of_a_question_a_unit_and_a_section(sam, rf, given, class_a, mentor):
    factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    both = "Je mentor en decaan en ook Zorg, niveau 3 zien dit."
    assert sees(sam, rf, "me.free_time") == {"text": both, "shared": True}
    assert sees(sam, rf, "need.support.quiet")["text"] == "Zorg, niveau 3 ziet dit."
    assert sees(sam, rf, "need")["text"] == "Zorg, niveau 3 ziet een deel."
    assert sees(sam, rf, "need.diagnosis")["shared"] is False


def test_who_sees_names_the_mentor_of_a_warm_transfer(sam, rf, care):
    factories.share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert sees(sam, rf, "me.free_time")["text"] == "Zorg, niveau 3 en ook je mentor en decaan zien dit."


def test_what_ended_is_seen_by_nobody(sam, rf, given, client):
    page(client, "share_stop", given.pk, stop="1")
    assert sees(sam, rf, "me.free_time")["shared"] is False


def test_who_sees_asks_once_a_request(sam, rf, given, django_assert_num_queries):
    source = '{% load consent %}{% who_sees "me.free_time" as a %}{% who_sees "need" as b %}{{ b.text }}'
    request = rf.get("/")
    request.user = User.objects.get(pk=sam.user_id)
    with django_assert_num_queries(1):
        Template(source).render(Context({"request": request}))


def test_nobody_looked_yet(client):
    assert "Er heeft nog niemand gekeken." in html(page(client, "looks"))


def test_a_look_names_who_where_and_what(client, given, imke, care):
    access.read(share_id=given.pk, by=imke, action=Action.DOWNLOAD)
    shown = html(page(client, "looks"))
    for words in ("Imke Bos", care.institution.name, "haalde het bestand op", "Een rustige plek om te werken"):
        assert words in shown


def test_looks_are_plain_dicts_for_the_api(sam, given, imke):
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    (look,) = looks_of(sam.passport, key_of(sam))[0:50]
    assert look["units"] == list(PLAIN)
    assert (look["by"], look["action"], look["share"]) == ("Imke Bos", "read", str(given.pk))


def test_forty_looks_cost_as_many_queries_as_two(client, given, imke):
    def queries(looks: int) -> int:
        for _ in range(looks):
            access.read(share_id=given.pk, by=imke, action=Action.READ)
        with CaptureQueriesContext(connection) as found:
            page(client, "looks")
        return len(found)

    page(client, "looks")
    assert queries(2) == queries(38)


def test_looks_of_somebody_else_are_not_shown(noor, browser_of, given, imke):
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert "Imke Bos" not in html(page(browser_of(noor), "looks"))


def test_today_has_one_question_and_what_came_back(client, given, imke):
    write_reply(share_id=given.pk, text="Gelezen, dank je.", by=imke)
    shown = html(page(client, "today"))
    assert "Hoi Sam" in shown
    assert "Zorg, niveau 3 heeft gelezen." in shown
    assert shown.count("Maak deze vraag") == 1
    assert "Gelezen, dank je." not in shown


def test_today_never_asks_what_is_delicate(sam, client):
    for question in open_sheet(sam.passport, key_of(sam)).questions.questions.values():
        if not question.sensitive and question.written_by == "student":
            factories.write(sam, question.key, status="later")
    assert next_question(open_sheet(sam.passport, key_of(sam))) is None
    assert "Klaar voor nu" in html(page(client, "today"))


def test_an_empty_passport_begins_at_the_start(noor, browser_of):
    assert page(browser_of(noor), "today").url == reverse("passport_start")


@pytest.mark.parametrize("name", ["today", "looks", "share_list", "share_who"])
def test_these_pages_are_for_students(name, imke, browser_of):
    assert page(browser_of(imke), name).status_code == 404


def test_no_name_or_answer_in_a_title_or_message(client, sam, draft):
    seen = say_good(client, draft)
    for name in ("share_what", "share_preview", "share_confirm"):
        title = re.search(r"<title>(.*?)</title>", html(page(client, name, draft)))
        assert title
        assert not re.search("Sam|Vos|Zorg|College|rustig", title[1])
    answer = client.post(reverse("share_confirm", args=[draft]), {"answer": "yes", "seen": seen}, follow=True)
    assert list(answer.context["messages"]) == []
