"""What the school team proposes: written on a live share, seen by the student alone, an answer by the student's tap."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, Student, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent import services as consent
from consent.ledger import Action
from consent.models import LedgerEntry, Share
from intake.services import export, leaving
from passport import services, suggestions
from passport.models import AnswerRevision, Suggestion
from passport.services import Conflict, open_answer
from passport.suggestions import Proposal
from tests import factories
from tests.factories import key_of, share_with_programme, write
from tests.test_privacy import CANARY, dump_of, hits

V1 = "/api/v1"
MENTOR_ADDS = "school.mentor_adds"


@pytest.fixture
def lob(sam: Student, class_a: Any) -> Share:
    """Sam shares three things with the school team; not why, and not what is empty."""
    units = ("me.free_time", "can.strengths", "need.support.quiet", "me.proud")
    return factories.share(sam, "school_team", class_a.institution_id, *units)


def propose(share: Share, by: User, unit: str = "me.free_time", value: Any = None) -> Proposal:
    return consent.suggest(share_id=share.pk, unit=unit, value=value or ["dieren"], by=by)


def said(student: Student, question: str) -> services.Text:
    return open_answer(student.passport, key_of(student), question)


def accept(student: Student, one: Proposal, revision: int | None = None) -> services.Text:
    return suggestions.accept_suggestion(
        passport=student.passport, key=key_of(student), suggestion_id=one.id, by=student.user, revision=revision
    )


def waiting(student: Student) -> list[Proposal]:
    return suggestions.open_suggestions(student.passport, key_of(student))


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- Who may write -------------------------------------------------------------------------------------------


def team(school_class: Any, share: Share) -> dict[str, User]:
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=school_class.institution, name="Decaan")
    care = factories.make_staff(Role.CARE, institution=school_class.institution, name="Zorg")
    consent.set_named(share, {care.pk})
    return {"counsellor": counsellor, "care": care}


def test_the_mentor_the_counsellor_and_a_named_care_coordinator_may(lob, mentor, class_a, sam):
    for person in (mentor, *team(class_a, lob).values()):
        propose(lob, person)
    assert {one.by for one in waiting(sam)} == {"meneer Kaya", "Decaan", "Zorg"}


def test_nobody_else_may(lob, given, sam, imke, noor, class_a):
    parent, coach = factories.make_parent(sam).user, factories.make_user(staff_name="Coach")
    factories.make_tie(sam, coach, "coach")
    stranger = factories.make_staff(Role.MENTOR, school_class=factories.make_class("B"))
    unnamed = factories.make_staff(Role.CARE, institution=class_a.institution)
    shares = [lob, given, factories.share(sam, "guardian", parent.pk, "me.free_time")]
    shares.append(factories.share(sam, "coach", coach.pk, "me.free_time"))
    for share in shares:
        for person in (parent, coach, stranger, unnamed, imke, noor.user, sam.user):
            with pytest.raises(NotHere):
                propose(share, person)
    assert not Suggestion.objects.exists()


def test_a_mentor_may_not_by_a_share_they_only_read_along_with(sam, mentor, care):
    warm = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert access.get_share_or_404(warm.pk, mentor)
    with pytest.raises(NotHere):
        propose(warm, mentor)


def test_no_longer_once_the_share_the_role_or_the_day_is_over(lob, mentor, sam):
    propose(lob, mentor)
    Membership.objects.filter(user=mentor).update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotHere):
        propose(lob, mentor)
    Membership.objects.filter(user=mentor).update(ends_on=None)
    leaving.freeze(student=sam, by=sam.user)
    with pytest.raises(NotHere):
        propose(lob, mentor)
    leaving.unfreeze(student=sam, by=sam.user)
    consent.withdraw_share(share=lob, by=sam.user)
    with pytest.raises(NotHere):
        propose(lob, mentor)
    assert len(waiting(sam)) == 1


@pytest.mark.parametrize("unit", ["me.proud", "me.name", "need.diagnosis", "need.support.steps", "nothing.here"])
def test_what_says_nothing_there_is_as_absent_as_what_does_not_exist(lob, mentor, api, unit):
    value = {"what_works": "Rustig aan"} if unit.startswith("need.support") else "Iets"
    answers = [
        api(mentor).post(f"{V1}/dossiers/{lob.pk}/suggestions/", {"unit": one, "value": value}, format="json")
        for one in (unit, "zo.maar")
    ]
    assert {answer.status_code for answer in answers} == {404} and answers[0].json() == answers[1].json()


def test_nobody_proposes_a_reason_for_a_need(sam, mentor, class_a):
    share = factories.share(sam, "school_team", class_a.institution_id, "need.support.quiet", "need.why.quiet")
    with pytest.raises(Refusal) as caught:
        propose(share, mentor, "need.why.quiet", "Door iets anders")
    assert caught.value.code == "not_for_others" and waiting(sam) == []


@pytest.mark.parametrize(
    ("unit", "value", "code"),
    [
        ("me.free_time", ["x" * 81], "too_long"),
        ("me.free_time", ["111222333"], "bsn"),
        ("me.free_time", "muziek", "invalid_type"),
        ("me.free_time", [], "blank"),
        ("need.support.quiet", {"what_works": "BSN 111222333"}, "bsn"),
        ("need.support.quiet", {"why": "Door iets"}, "invalid_type"),
        ("need.support.quiet", {"need": "steps", "what_works": "Iets"}, "unknown_need"),
        ("need.support.quiet", {"how_often": "nooit van zijn leven"}, "unknown_option"),
        ("need.support.quiet", {}, "blank"),
        (MENTOR_ADDS, "Bel 111222333", "bsn"),
    ],
)
def test_a_suggestion_fits_as_an_answer_would(lob, mentor, unit, value, code):
    with pytest.raises(Refusal) as caught:
        consent.suggest(share_id=lob.pk, unit=unit, value=value, by=mentor)
    assert caught.value.code == code and not Suggestion.objects.exists()


def test_a_newer_one_of_the_same_writer_takes_the_place_of_the_older(lob, mentor, class_a, sam):
    propose(lob, mentor, value=["dieren"])
    propose(lob, mentor, value=["koken"])
    propose(lob, team(class_a, lob)["care"], value=["lezen"])
    assert [one.value for one in waiting(sam)] == [["lezen"], ["koken"]]


def test_it_is_written_down_who_proposed_something_where(lob, mentor, sam):
    propose(lob, mentor)
    [entry] = LedgerEntry.objects.filter(event="suggested")
    assert (entry.actor_id, entry.share_id) == (mentor.pk, lob.pk)
    assert entry.detail["slots"] == [key_of(sam).slot("me.free_time").hex()] and ledger.verify() is None


# --- No part of an answer ------------------------------------------------------------------------------------


def test_until_the_tap_nothing_changes_for_anybody(lob, given, mentor, imke, sam):
    before = said(sam, "me.free_time")
    propose(lob, mentor)
    assert said(sam, "me.free_time") == before
    for share, reader in ((lob, mentor), (given, imke)):
        read = access.read(share_id=share.pk, by=reader, action=Action.READ)
        assert {one.unit.key: one.value for one in read.said}["me.free_time"] == ["muziek", "koken"]


def test_accepting_is_a_revision_like_any_other_that_tells_where_it_came_from(lob, given, mentor, imke, sam):
    one = propose(lob, mentor)
    text = accept(sam, one)
    assert (text.value, text.by, text.suggested_by) == (["dieren"], "student", "meneer Kaya")
    kept = services.history(sam.passport, key_of(sam), "me.free_time")
    assert [(row.revision, row.suggested_by) for row in kept] == [(2, "meneer Kaya"), (1, "")]
    live = access.read(share_id=lob.pk, by=mentor, action=Action.READ).said
    assert {one.unit.key: one.value for one in live}["me.free_time"] == ["dieren"]
    released = access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert {one.unit.key: one.value for one in released}["me.free_time"] == ["muziek", "koken"]


def test_accepting_a_stale_page_is_a_conflict_and_decides_nothing(lob, mentor, sam):
    one = propose(lob, mentor)
    write(sam, "me.free_time", ["sporten"])
    with pytest.raises(Conflict):
        accept(sam, one, revision=1)
    assert said(sam, "me.free_time").value == ["sporten"] and len(waiting(sam)) == 1
    assert accept(sam, one, revision=2).value == ["dieren"]


def test_of_a_need_only_that_need_changes_and_its_reason_stays(lob, mentor, sam):
    rows = [*said(sam, "need.support").value, {"need": "steps", "what_works": "Een lijst", "why": "Omdat"}]
    write(sam, "need.support", rows)
    one = propose(lob, mentor, "need.support.quiet", {"how_often": "soms", "what_works": "Een koptelefoon"})
    quiet, steps = accept(sam, one).value
    assert (quiet["what_works"], quiet["why"]) == ("Een koptelefoon", "Door mijn autisme")
    assert (steps["what_works"], steps["why"]) == ("Een lijst", "Omdat")


def test_what_was_decided_stays_decided(lob, mentor, sam):
    first, second = propose(lob, mentor), propose(lob, mentor, "can.strengths", ["koken"])
    accept(sam, first)
    for _ in range(2):
        suggestions.decline_suggestion(passport=sam.passport, key=key_of(sam), suggestion_id=second.id, by=sam.user)
    for one in (first, second):
        with pytest.raises(Refusal) as caught:
            accept(sam, one)
        assert caught.value.code == "already_decided"
    assert said(sam, "can.strengths").value == ["netjes werken"] and waiting(sam) == []


def test_only_the_student_decides(lob, mentor, noor, sam):
    one = propose(lob, mentor)
    for person in (mentor, noor.user):
        with pytest.raises(NotHere):
            suggestions.accept_suggestion(passport=sam.passport, key=key_of(sam), suggestion_id=one.id, by=person)
    with pytest.raises(NotHere):
        accept(noor, one)


def test_what_a_mentor_adds_comes_in_by_this_road_alone(lob, mentor, sam, api):
    one = propose(lob, mentor, MENTOR_ADDS, "Sam vraagt zelf om hulp.")
    own = {"status": "answered", "value": "Sam vraagt zelf om hulp.", "revision": 0}
    assert api(sam).put(f"{V1}/passport/answers/{MENTOR_ADDS}/", own, format="json").status_code == 400
    assert accept(sam, one).value == "Sam vraagt zelf om hulp."
    emptied = {"status": "empty", "revision": 1}
    assert api(sam).put(f"{V1}/passport/answers/{MENTOR_ADDS}/", emptied, format="json").status_code == 200


# --- What goes and what stays --------------------------------------------------------------------------------


def test_when_the_share_ends_the_student_keeps_it_and_the_writer_loses_it(lob, mentor, sam, api):
    one = propose(lob, mentor)
    assert api(mentor).get(f"{V1}/dossiers/{lob.pk}/suggestions/").json()["count"] == 1
    consent.withdraw_share(share=lob, by=sam.user)
    assert api(mentor).get(f"{V1}/dossiers/{lob.pk}/suggestions/").status_code == 404
    assert accept(sam, one).value == ["dieren"]


def test_the_writer_sees_it_only_beside_what_they_still_read_and_never_what_was_decided(lob, mentor, sam, api):
    one = propose(lob, mentor)
    url = f"{V1}/dossiers/{lob.pk}/suggestions/"
    before = api(mentor).get(url).json()
    suggestions.decline_suggestion(passport=sam.passport, key=key_of(sam), suggestion_id=one.id, by=sam.user)
    assert api(mentor).get(url).json() == before and set(before["results"][0]) == {"id", "unit", "value", "at"}
    write(sam, "me.free_time", None, "private")
    assert api(mentor).get(url).json()["results"] == []


def test_the_text_it_was_written_beside_stays_while_it_waits(lob, mentor, sam):
    write(sam, "me.free_time", ["sporten"])
    one = propose(lob, mentor)
    write(sam, "me.free_time", ["lezen"])
    later = timezone.now() + timedelta(days=2)
    consent.drop_in_between_revisions(before=later)
    numbers = AnswerRevision.objects.filter(answer__slot=key_of(sam).slot("me.free_time"))
    assert set(numbers.values_list("number", flat=True)) == {2, 3}
    suggestions.decline_suggestion(passport=sam.passport, key=key_of(sam), suggestion_id=one.id, by=sam.user)
    consent.drop_in_between_revisions(before=later)
    assert set(numbers.values_list("number", flat=True)) == {3}


def test_the_text_that_made_way_stays_and_can_come_back_also_within_one_sitting(lob, mentor, sam):
    write(sam, "me.free_time", ["mijn eigen woorden"])
    accept(sam, propose(lob, mentor))
    consent.drop_in_between_revisions(before=timezone.now() + timedelta(days=2))
    shown = services.last_of_sittings(services.history(sam.passport, key_of(sam), "me.free_time"))
    assert [text.value for text in shown] == [["dieren"], ["mijn eigen woorden"]]


def test_a_month_after_it_was_decided_it_is_gone(lob, mentor, sam):
    decided, open_one = propose(lob, mentor), propose(lob, mentor, "can.strengths", ["koken"])
    accept(sam, decided)
    Suggestion.objects.filter(pk=decided.id).update(decided_at=timezone.now() - timedelta(days=31))
    assert suggestions.drop_decided_suggestions() == 1
    assert [one.id for one in waiting(sam)] == [open_one.id]
    assert services.history(sam.passport, key_of(sam), "me.free_time")[0].suggested_by == "meneer Kaya"


def test_it_is_sealed_and_in_the_students_own_export(lob, mentor, sam):
    propose(lob, mentor, value=[CANARY])
    assert hits(dump_of("default")) == []
    [one] = export.export_of(sam, key_of(sam))["suggestions"]
    assert (one["unit"], one["by"], one["lines"]) == ("me.free_time", "meneer Kaya", [CANARY])


# --- The API -------------------------------------------------------------------------------------------------


def test_the_calls_of_the_contract(lob, mentor, sam, api):
    written = api(mentor).post(
        f"{V1}/dossiers/{lob.pk}/suggestions/", {"unit": "me.free_time", "value": ["dieren"]}, format="json"
    )
    assert written.status_code == 201
    url = f"{V1}/passport/answers/me.free_time/suggestions/"
    [one] = api(sam).get(url).json()["results"]
    assert (one["unit"], one["value"], one["by"], one["state"]) == ("me.free_time", ["dieren"], "meneer Kaya", "open")
    taken = api(sam).post(f"{url}{one['id']}/accept/", {"revision": 1}, format="json")
    assert taken.status_code == 200 and taken.json()["value"] == ["dieren"]
    assert api(sam).post(f"{url}{one['id']}/accept/").json()["code"] == "already_decided"
    [newest, oldest] = api(sam).get(f"{V1}/passport/answers/me.free_time/history/").json()["results"]
    assert (newest["by"], newest["suggested_by"], "suggested_by" in oldest) == ("student", "meneer Kaya", False)


def test_a_stale_accept_answers_409_with_the_newest(lob, mentor, sam, api):
    one = propose(lob, mentor)
    write(sam, "me.free_time", ["sporten"])
    url = f"{V1}/passport/answers/me.free_time/suggestions/{one.id}"
    answer = api(sam).post(f"{url}/accept/", {"revision": 1}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["current"]["value"] == ["sporten"]
    assert api(sam).post(f"{url}/decline/").json()["state"] == "declined"


def test_elsewhere_a_suggestion_is_not_there(lob, mentor, sam, noor, api):
    one = propose(lob, mentor)
    here = f"{V1}/passport/answers/me.free_time/suggestions/"
    assert api(noor).get(here).json()["results"] == []
    for who, url in ((noor, here), (mentor, here), (sam, here.replace("free_time", "proud"))):
        for act in ("accept", "decline"):
            assert api(who).post(f"{url}{one.id}/{act}/").status_code == 404
    assert api(sam).post(f"{here}{uuid4()}/accept/").status_code == 404
    assert api(mentor).get(here).status_code == 404
    assert api(sam).post(here, {"value": ["dieren"]}, format="json").status_code == 405


# --- The student's pages -------------------------------------------------------------------------------------


@pytest.fixture
def page(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


def acts(html: str) -> dict[str, str]:
    """Where the buttons of the one suggestion on the page lead."""
    return {act: url for url, act in re.findall(r'formaction="([^"]*/(overnemen|nee)/)"', html)}


def test_the_question_shows_it_apart_and_puts_nothing_in(lob, mentor, page):
    one = propose(lob, mentor, value=["iets eigens"])
    html = text_of(page.get("/paspoort/vraag/me.free_time/"))
    assert "Meneer Kaya stelt dit voor" in html and html.count("iets eigens") == 1
    beside = text_of(page.get(f"/paspoort/vraag/me.free_time/?voorstel={one.id}"))
    assert beside.count("iets eigens") == 1 and "Neem over" not in beside


def test_take_over_and_undo_without_script(lob, mentor, page, sam):
    propose(lob, mentor)
    html = text_of(page.get("/paspoort/vraag/me.free_time/"))
    after = text_of(page.post(acts(html)["overnemen"], {"revision": 1, "value": "typed"}, follow=True))
    assert said(sam, "me.free_time").value == ["dieren"] and "Maak ongedaan" in after
    assert "stelt dit voor" not in after
    assert "Een voorstel van meneer Kaya. Jij nam het over." in text_of(
        page.get("/paspoort/vraag/me.free_time/eerder/")
    )
    page.post("/paspoort/vraag/me.free_time/terug/", {"revision": 2, "before": 1})
    assert said(sam, "me.free_time").value == ["muziek", "koken"]


def test_no_thank_you_leaves_the_answer(lob, mentor, page, sam):
    propose(lob, mentor)
    html = text_of(page.get("/paspoort/vraag/me.free_time/"))
    after = text_of(page.post(acts(html)["nee"], {"revision": 1}, follow=True))
    assert "Je antwoord blijft zoals het is." in after and "stelt" not in after
    assert said(sam, "me.free_time").revision == 1


def test_a_page_from_before_another_save_takes_nothing_over(lob, mentor, page, sam):
    propose(lob, mentor)
    html = text_of(page.get("/paspoort/vraag/me.free_time/"))
    write(sam, "me.free_time", ["sporten"])
    after = text_of(page.post(acts(html)["overnemen"], {"revision": 1}, follow=True))
    assert "Je antwoord is net veranderd. Kijk het na." in after and "Neem over" in after
    assert said(sam, "me.free_time").value == ["sporten"]


def test_change_it_means_writing_with_it_beside(lob, mentor, page, sam):
    one = propose(lob, mentor)
    sent = {"value": "lezen", "revision": 1, "before": 1, "suggestion": str(one.id)}
    page.post("/paspoort/vraag/me.free_time/", sent)
    text = said(sam, "me.free_time")
    assert (text.value, text.suggested_by) == (["lezen"], "") and waiting(sam) == []


def test_change_it_for_a_need_opens_that_need(lob, mentor, page, sam):
    one = propose(lob, mentor, "need.support.quiet", {"what_works": "Een koptelefoon"})
    html = text_of(page.get("/paspoort/vraag/need.support/"))
    assert f'href="/paspoort/vraag/need.support/1/?voorstel={one.id}"' in html
    beside = text_of(page.get(f"/paspoort/vraag/need.support/1/?voorstel={one.id}"))
    assert beside.count("Een koptelefoon") == 1 and "Een hoek bij het raam" in beside
    page.post("/paspoort/vraag/need.support/1/", {
        "need": "quiet", "what_works": "Oordopjes", "revision": 1, "suggestion": str(one.id),
    })  # fmt: skip
    assert said(sam, "need.support").value[0]["what_works"] == "Oordopjes" and waiting(sam) == []


def test_what_a_mentor_adds_is_taken_or_not_but_not_rewritten(lob, mentor, page, sam):
    propose(lob, mentor, MENTOR_ADDS, "Sam vraagt zelf om hulp.")
    html = text_of(page.get(f"/paspoort/vraag/{MENTOR_ADDS}/"))
    assert "Verander het" not in html and "<textarea" not in html
    page.post(acts(html)["overnemen"], {"revision": 0})
    assert said(sam, MENTOR_ADDS).value == "Sam vraagt zelf om hulp."


@pytest.mark.parametrize("url", ["/vandaag/", "/paspoort/"])
def test_the_home_page_says_who_and_not_about_what(lob, mentor, page, url):
    assert "stelt iets voor" not in text_of(page.get(url))
    propose(lob, mentor, "need.support.quiet", {"what_works": "Een koptelefoon"})
    html = text_of(page.get(url))
    assert "Meneer Kaya stelt iets voor." in html and "koptelefoon" not in html and "rustige plek" not in html


# --- The staff's pages ---------------------------------------------------------------------------------------


def form_url(html: str, label: str) -> str:
    found = re.search(rf'href="([^"]*/voorstel/\d+/)"[^>]*>(?:(?!</a>).)*bij: {re.escape(label)}', html)
    assert found, label
    return found.group(1)


def test_a_mentor_proposes_from_the_dossier_and_the_student_is_told(lob, mentor, sam, browser_of):
    browser, dossier = browser_of(mentor), reverse("dossier", args=[lob.pk])
    html = text_of(browser.get(dossier))
    url = form_url(html, "Wat doe je graag in je vrije tijd?")
    assert re.search(r'value="muziek"[^>]* checked', text_of(browser.get(url)))
    answer = browser.post(url, {"unit": "me.free_time", "value": ["muziek", "dieren"], "own": "varen"}, follow=True)
    assert "Uw voorstel is verstuurd." in text_of(answer)
    assert [one.value for one in waiting(sam)] == [["muziek", "dieren", "varen"]]
    assert "varen" in text_of(browser.get(dossier)).split("Voorstellen")[1]


@pytest.mark.parametrize(
    ("unit", "sent", "value"),
    [
        ("me.proud", {"value": "Ik help graag."}, "Ik help graag."),
        ("can.skills", {"value_on_time": "help"}, {"on_time": "help"}),
        ("can.digital", {"value": "Met hulp lukt het"}, "Met hulp lukt het"),
        (
            "need.support.quiet",
            {"how_often": "soms", "what_works": "Oordopjes"},
            {"need": "quiet", "how_often": "soms", "what_works": "Oordopjes"},
        ),
    ],
)
def test_every_kind_of_answer_has_its_form(sam, mentor, class_a, browser_of, unit, sent, value):
    write(sam, "me.proud", "Ik kom op tijd.")
    write(sam, "can.skills", {"on_time": "alone"})
    write(sam, "can.digital", "Dat kan ik zelf")
    share = factories.share(sam, "school_team", class_a.institution_id, unit)
    url = reverse("dossier_suggest", args=[share.pk, 1])
    page = text_of(browser_of(mentor).get(url))
    assert f'name="unit" value="{unit}"' in page
    browser_of(mentor).post(url, {"unit": unit, **sent})
    assert [one.value for one in waiting(sam)] == [value]


def test_a_mentor_adds_something_where_nothing_is_shared(lob, mentor, sam, browser_of):
    html = text_of(browser_of(mentor).get(reverse("dossier", args=[lob.pk])))
    url = re.search(r'href="([^"]*)">Schrijf iets bij', html)
    assert url
    browser_of(mentor).post(url.group(1), {"unit": MENTOR_ADDS, "value": "Sam vraagt zelf om hulp."})
    assert [one.unit.key for one in waiting(sam)] == [MENTOR_ADDS]


@pytest.mark.parametrize(
    ("typed", "sentence"), [("", "Schrijf of kies eerst iets."), ("BSN 111222333", "Dit lijkt een BSN.")]
)
def test_what_does_not_fit_comes_back_as_it_was_typed(sam, mentor, class_a, browser_of, typed, sentence):
    write(sam, "me.proud", "Ik kom op tijd.")
    share = factories.share(sam, "school_team", class_a.institution_id, "me.proud")
    url = reverse("dossier_suggest", args=[share.pk, 1])
    answer = browser_of(mentor).post(url, {"unit": "me.proud", "value": typed})
    assert answer.status_code == 400 and sentence in text_of(answer) and typed in text_of(answer)
    assert waiting(sam) == []


def test_other_readers_have_no_such_form(lob, given, imke, browser_of):
    html = text_of(browser_of(imke).get(reverse("dossier", args=[given.pk])))
    assert "Stel iets voor" not in html
    for share in (lob, given):
        assert browser_of(imke).get(reverse("dossier_suggest", args=[share.pk, 1])).status_code == 404


def test_a_look_at_the_form_is_a_look(lob, mentor, browser_of):
    before = LedgerEntry.objects.filter(event="look").count()
    browser_of(mentor).get(reverse("dossier_suggest", args=[lob.pk, 1]))
    assert LedgerEntry.objects.filter(event="look").count() == before + 1
