"""Half a year on: «Klopt dit nog?» to the student, «Nog niet opnieuw bekeken» to the reader, and nothing else moves."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from consent import access, services
from consent.asked_again import asked_again, is_asked_again
from consent.drafts import change_draft, make_draft
from consent.ledger import Action, Event
from consent.models import LedgerEntry, Share
from consent.proofs import newest_proof_or_404, proofs_of
from consent.reviews import LOOK_AGAIN, reviews_of
from consent.services import digest_of, due, has_reconfirmed, look_again, look_later
from intake import handover
from intake.brief import MOST_WORDS, make_brief
from intake.models import Handover
from intake.reading import plain_text
from intake.services import handovers, leaving, reviewing, sharing
from intake.services.export import export_of
from passport.services import open_sheet, questions_of
from tests import factories
from tests.factories import key_of
from tests.words.check import page_faults
from tests.words.crawl import known

NOVEMBER = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Amsterdam"))
HALF_A_YEAR_ON = NOVEMBER + LOOK_AGAIN
NEED, WHY = "need.support.quiet", "need.why.quiet"
MARK = "Nog niet opnieuw bekeken"


@pytest.fixture(autouse=True)
def november() -> Any:
    """A fixed day in autumn: half a year on every purpose still runs."""
    with time_machine.travel(NOVEMBER):
        yield


def read(share: Share, by: User) -> dict[str, Any]:
    return {one.unit.key: one for one in access.read(share_id=share.pk, by=by, action=Action.READ).said}


def fresh(share: Share) -> Share:
    return Share.objects.select_related("student__passport", "student__user").get(pk=share.pk)


def need(**fields: str) -> list[dict[str, str]]:
    return [{"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam", "why": "x", **fields}]


# --- The days ----------------------------------------------------------------------------------------------


def test_each_shared_need_has_its_day_and_nothing_else_has(given, sam):
    day = timezone.localdate() + timedelta(days=183)
    assert {unit: one.on for unit, one in reviews_of(fresh(given), key_of(sam)).items()} == {NEED: day}
    [own] = export_of(sam, key_of(sam))["shares"]
    assert own["look_again"] == {NEED: day.isoformat()}


def test_every_share_has_days_of_one_length_whatever_it_shares(sam, care, class_a):
    everything = [
        {"need": one.key, "how_often": "altijd", "what_works": "x", "why": "y"}
        for one in questions_of(sam.passport).needs
    ]
    factories.write(sam, "need.support", everything)
    said = [unit for unit in open_sheet(sam.passport, key_of(sam)).said if unit.startswith("need.")]
    assert len(said) > 40
    most = factories.share_with_programme(sam, care, *said)
    none = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    assert reviews_of(fresh(none), key_of(sam)) == {}
    assert len(fresh(none).sealed_reviews) == len(fresh(most).sealed_reviews)
    with time_machine.travel(HALF_A_YEAR_ON):
        put_off = look_later(share=fresh(most), key=key_of(sam), by=sam.user)
    assert len(put_off.sealed_reviews) == len(fresh(none).sealed_reviews)


def test_a_change_keeps_the_days_of_what_stays_and_begins_those_of_what_comes(given, sam):
    with time_machine.travel(NOVEMBER + timedelta(days=100)):
        sharing.change(share=given, key=key_of(sam), by=sam.user, units=["me.free_time", NEED, WHY])
        days = reviews_of(fresh(given), key_of(sam))
    assert days[NEED].on == (NOVEMBER + LOOK_AGAIN).date()
    assert days[WHY].on == (NOVEMBER + LOOK_AGAIN + timedelta(days=100)).date()
    sharing.change(share=fresh(given), key=key_of(sam), by=sam.user, units=["me.free_time"])
    assert reviews_of(fresh(given), key_of(sam)) == {}


def test_a_release_begins_the_day_anew(given, sam, imke):
    with time_machine.travel(HALF_A_YEAR_ON):
        factories.write(sam, "need.support", need(what_works="Een eigen kamer"))
        assert read(given, imke)[NEED].is_outdated
        sharing.release(share=fresh(given), key=key_of(sam), units=[NEED], by=sam.user)
        assert not read(given, imke)[NEED].is_outdated
        assert due(fresh(given), key_of(sam)) == []


def test_under_16_the_day_begins_with_the_yes_of_a_parent(care):
    young = factories.make_pupil(age=15)
    parent = factories.make_parent(young).user
    factories.write(young, "need.support", need())
    share = factories.share_with_programme(young, care, NEED)
    with time_machine.travel(NOVEMBER + timedelta(days=30)):
        sharing.approve(share_id=share.pk, by=parent)
        on = reviews_of(fresh(share), key_of(young))[NEED].on
    assert on == (NOVEMBER + LOOK_AGAIN + timedelta(days=30)).date()


def test_what_waits_for_a_parent_is_not_asked_and_shows_no_mark_in_what_the_parent_sees(care):
    young = factories.make_pupil(age=14)
    parent = factories.make_parent(young).user
    factories.write(young, "need.support", need())
    share = sharing.approve(share_id=factories.share_with_programme(young, care, NEED).pk, by=parent)
    with time_machine.travel(HALF_A_YEAR_ON):
        assert [one.unit.key for one in due(fresh(share), key_of(young))] == [NEED]
        factories.write(young, "need.support", need(what_works="Een eigen kamer"))
        sharing.release(share=fresh(share), key=key_of(young), units=[NEED], by=young.user)
        assert due(fresh(share), key_of(young)) == []
        dossier, _ = services.preview_for_yes(share_id=share.pk, by=parent)
        assert [one.is_outdated for one in dossier.said] == [False]


# --- What the reader sees ----------------------------------------------------------------------------------


def test_the_mark_comes_on_the_day_and_stands_beside_the_need_alone(given, sam, imke):
    with time_machine.travel(HALF_A_YEAR_ON - timedelta(days=1)):
        assert not any(one.is_outdated for one in read(given, imke).values())
    with time_machine.travel(HALF_A_YEAR_ON):
        marked = {unit for unit, one in read(given, imke).items() if one.is_outdated}
    assert marked == {NEED}


def test_the_pages_the_text_and_the_paper_say_it_and_the_api_does_not(given, imke, browser_of, api):
    pages = [reverse("case_brief", args=[given.case.pk]), reverse("case_dossier", args=[given.case.pk])]
    assert not [page for page in pages if MARK in browser_of(imke).get(page).content.decode()]
    with time_machine.travel(HALF_A_YEAR_ON):
        assert not [page for page in pages if MARK not in browser_of(imke).get(page).content.decode()]
        dossier = access.read(share_id=given.pk, by=imke, action=Action.READ)
        assert MARK in plain_text(dossier)
        assert handover.render_html(dossier, "0000").count(MARK) == 2
        body = api(imke).get(f"/api/v1/dossiers/{given.pk}/").json()
        assert {frozenset(one) for one in body["fields"]} == {frozenset(["unit", "label", "section", "type", "value"])}


@pytest.mark.parametrize(("kind", "who"), [("school_team", "mentor"), ("guardian", "parent"), ("coach", "coach")])
def test_a_live_reader_sees_it_too(sam, mentor, class_a, browser_of, kind, who):
    people = {"mentor": lambda: mentor, "parent": lambda: factories.make_parent(sam).user, "coach": factories.make_user}
    reader = people[who]()
    if kind == "coach":
        factories.make_tie(sam, reader, "coach")
    place = class_a.institution_id if kind == "school_team" else reader.pk
    share = factories.share(sam, kind, place, "me.free_time", NEED, valid_until=date(2027, 7, 1))
    with time_machine.travel(HALF_A_YEAR_ON):
        assert read(share, reader)[NEED].is_outdated
        assert browser_of(reader).get(reverse("dossier", args=[share.pk])).content.decode().count(MARK) == 1


def test_a_live_text_that_was_written_since_is_not_old(sam, mentor, class_a):
    share = factories.share(sam, "school_team", class_a.institution_id, NEED, valid_until=date(2027, 7, 1))
    with time_machine.travel(NOVEMBER + timedelta(days=150)):
        factories.write(sam, "need.support", need(what_works="Een eigen kamer"))
    with time_machine.travel(HALF_A_YEAR_ON):
        assert not read(share, mentor)[NEED].is_outdated
        assert due(fresh(share), key_of(sam)) == []


def test_a_need_that_came_later_to_a_live_share_counts_from_then(sam, mentor, class_a):
    late = "need.support.maths"
    share = factories.share(sam, "school_team", class_a.institution_id, late, valid_until=date(2027, 7, 1))
    assert read(share, mentor) == {}
    with time_machine.travel(NOVEMBER + timedelta(days=20)):
        factories.write(sam, "need.support", need(need="maths"))
    with time_machine.travel(HALF_A_YEAR_ON):
        assert not read(share, mentor)[late].is_outdated
    with time_machine.travel(HALF_A_YEAR_ON + timedelta(days=20)):
        assert read(share, mentor)[late].is_outdated
        assert is_asked_again(sam.passport, key_of(sam))


def test_silence_is_not_marked(given, sam, imke, api):
    with time_machine.travel(HALF_A_YEAR_ON):
        factories.write(sam, "need.support", status="private")
        assert set(read(given, imke)) == {"me.free_time"}
        assert MARK not in handover.render_html(access.read(share_id=given.pk, by=imke, action=Action.READ), "0000")
        assert due(fresh(given), key_of(sam)) == []


def test_when_all_needs_are_old_the_brief_says_it_once(sam, care, imke, browser_of):
    factories.write(sam, "need.support", [*need(), *need(need="maths")])
    share = factories.share_with_programme(sam, care, NEED, "need.support.maths")
    url = reverse("case_brief", args=[share.case.pk])
    with time_machine.travel(HALF_A_YEAR_ON):
        assert browser_of(imke).get(url).content.decode().count(MARK) == 1
        look_again(share=fresh(share), key=key_of(sam), unit=NEED, by=sam.user)
        brief = make_brief(access.read(share_id=share.pk, by=imke, action=Action.READ))
        assert [(one.unit, one.is_outdated) for one in brief.needs] == [(NEED, False), ("need.support.maths", True)]
        shown = browser_of(imke).get(url).content.decode()
        assert shown.count(MARK) == 1 and shown.index(MARK) > shown.index("Een rustige plek om te werken")


def test_a_brief_full_of_marks_keeps_to_its_words(sam, care, imke):
    codes = [one.key for one in questions_of(sam.passport).needs][:6]
    long = " ".join(["woord"] * 60)
    rows = [{"need": code, "how_often": "vaak", "what_works": long, "why": ""} for code in codes]
    factories.write(sam, "need.support", rows)
    share = factories.share_with_programme(sam, care, *(f"need.support.{code}" for code in codes))
    with time_machine.travel(HALF_A_YEAR_ON):
        brief = make_brief(access.read(share_id=share.pk, by=imke, action=Action.READ))
    assert all(one.is_outdated for one in brief.needs)
    assert brief.words <= MOST_WORDS


# --- What you saw is what they see -------------------------------------------------------------------------


def test_a_day_that_passes_changes_no_digest(given, sam, imke):
    def seen() -> bytes:
        items = given.items.select_related("answer__newest", "revision")
        return digest_of(access.preview(share=fresh(given), items=items, key=key_of(sam)), key_of(sam))

    before = seen()
    with time_machine.travel(HALF_A_YEAR_ON):
        assert seen() == before
        plan = services.plan_change(share=fresh(given), key=key_of(sam), units=["me.free_time", NEED, "can.strengths"])
        digest = digest_of(plan.dossier(key_of(sam)), key_of(sam)).hex()
    with time_machine.travel(HALF_A_YEAR_ON + timedelta(days=1)):
        units = ["me.free_time", NEED, "can.strengths"]
        sharing.change(share=fresh(given), key=key_of(sam), by=sam.user, units=units, seen=digest)


def test_the_preview_of_a_change_shows_the_mark_where_it_will_stay(given, sam, imke, browser_of):
    with time_machine.travel(HALF_A_YEAR_ON):
        client = browser_of(sam)
        url = reverse("share_change", args=[given.pk])
        wanted = {"units": ["me.free_time", NEED, WHY], "until": given.valid_until.isoformat()}
        shown = client.post(url, wanted, follow=True).content.decode()
        # On the brief and on the whole: the need that stays, and not the reason that is new.
        assert shown.count(MARK) == 2
        plan = services.plan_release(share=fresh(given), key=key_of(sam), units=[NEED])
        assert not any(one.is_outdated for one in plan.dossier(key_of(sam)).said)


def test_a_ready_file_holds_on_when_the_day_comes(given, sam, imke):
    def ask() -> Handover:
        made, _ = handovers.request_handover(share_id=given.pk, by=imke)
        handovers.render_handover(made.pk)
        return Handover.objects.get(pk=made.pk)

    with time_machine.travel(HALF_A_YEAR_ON - timedelta(days=5)):
        before = ask()
    with time_machine.travel(HALF_A_YEAR_ON):
        assert not handovers.is_void(before)
        look_again_in_intake(sam)
        assert not handovers.is_void(Handover.objects.get(pk=before.pk))


def test_a_file_that_says_it_is_old_goes_with_the_yes(given, sam, imke):
    with time_machine.travel(HALF_A_YEAR_ON):
        made, _ = handovers.request_handover(share_id=given.pk, by=imke)
        handovers.render_handover(made.pk)
        assert not handovers.is_void(Handover.objects.get(pk=made.pk))
        look_again_in_intake(sam)
        assert handovers.is_void(Handover.objects.get(pk=made.pk))


def look_again_in_intake(student: Student) -> None:
    for one in asked_again(student.passport, key_of(student)):
        reviewing.look_again(asked=one, key=key_of(student), by=student.user)


# --- The student's answer ----------------------------------------------------------------------------------


def test_yes_gives_half_a_year_more_with_its_proof(given, sam, imke, browser_of):
    with time_machine.travel(HALF_A_YEAR_ON):
        release = fresh(given).release
        look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)
        after = fresh(given)
        assert not read(given, imke)[NEED].is_outdated
        assert reviews_of(after, key_of(sam))[NEED].on == timezone.localdate() + LOOK_AGAIN
        assert (after.release, after.released_at) == (release, given.released_at)
        proof = newest_proof_or_404(after, key_of(sam))
        assert (proof.record["event"]["event_state"], proof.record["event"]["units"]) == ("reconfirmed", [NEED])
        assert "Je zei: dit klopt nog." in page(browser_of, sam, "share_receipt", given.pk)


def test_the_ledger_does_not_tell_which_unit_is_a_need(given, sam):
    with time_machine.travel(HALF_A_YEAR_ON):
        look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)
    entry = LedgerEntry.objects.get(share_id=given.pk, event=Event.RECONFIRMED)
    assert entry.detail["slots"] == sorted(bytes(slot).hex() for slot in given.items.values_list("slot", flat=True))
    assert "quiet" not in str(entry.detail)


def test_a_yes_to_a_need_is_not_the_answer_to_keep_or_stop(given, sam):
    with time_machine.travel(HALF_A_YEAR_ON):
        look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)
        assert not has_reconfirmed(fresh(given))
        services.keep_share(share=fresh(given), key=key_of(sam), by=sam.user)
        assert has_reconfirmed(fresh(given))


def test_twice_is_no_error_and_before_the_day_nothing_happens(given, sam):
    look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)
    with time_machine.travel(HALF_A_YEAR_ON):
        for _ in range(2):
            look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)
    assert len([one for one in proofs_of(given, key_of(sam)) if one.event == Event.RECONFIRMED]) == 1


def test_nobody_else_looks_again(given, sam, imke, mentor, noor):
    with time_machine.travel(HALF_A_YEAR_ON):
        for who in (imke, mentor, noor.user):
            with pytest.raises(NotHere):
                look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=who)
            with pytest.raises(NotHere):
                look_later(share=fresh(given), key=key_of(sam), by=who)


def test_a_text_that_moved_or_a_share_that_ended_is_not_looked_at(sam, class_a, given):
    live = factories.share(sam, "school_team", class_a.institution_id, NEED, valid_until=date(2027, 7, 1))
    with time_machine.travel(HALF_A_YEAR_ON):
        with pytest.raises(Refusal, match="changed"):
            look_again(share=fresh(live), key=key_of(sam), unit=NEED, by=sam.user, seen="0" * 8)
        sharing.withdraw(share=given, by=sam.user)
        with pytest.raises(Refusal, match="ended"):
            look_again(share=fresh(given), key=key_of(sam), unit=NEED, by=sam.user)


# --- The screens -------------------------------------------------------------------------------------------


def page(browser_of: Any, sam: Student, name: str = "today", *args: Any) -> str:
    response = browser_of(sam).get(reverse(name, args=args))
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def answer(browser_of: Any, sam: Student, what: str, share: Share | None = None) -> Any:
    url = reverse("share_review", args=[share.pk]) if share else reverse("review")
    one = asked_again(sam.passport, key_of(sam))[0]
    return browser_of(sam).post(url, {"unit": one.unit.key, "seen": one.seen, "answer": what})


def test_the_start_page_asks_from_the_day_on_and_not_before(given, sam, browser_of):
    assert "Klopt dit nog?" not in page(browser_of, sam)
    assert browser_of(sam).get(reverse("review")).status_code == 302
    with time_machine.travel(HALF_A_YEAR_ON):
        assert page(browser_of, sam).count("Klopt dit nog?") == 1
        shown = page(browser_of, sam, "review")
        for words in ("Een rustige plek om te werken", "Een hoek bij het raam", given.programme.institution.name):
            assert words in shown
        assert "Door mijn autisme" not in shown


def test_yes_ends_the_question(given, sam, browser_of):
    with time_machine.travel(HALF_A_YEAR_ON):
        assert answer(browser_of, sam, "yes").url == reverse("today")
        assert "Klopt dit nog?" not in page(browser_of, sam)
        again = browser_of(sam).post(reverse("review"), {"unit": NEED, "seen": "", "answer": "yes"})
        assert again.url == reverse("review")


def test_one_yes_answers_for_everybody_who_reads_the_same_text(given, sam, class_a, mentor, imke, browser_of):
    live = factories.share(sam, "school_team", class_a.institution_id, NEED, valid_until=date(2027, 7, 1))
    with time_machine.travel(HALF_A_YEAR_ON):
        [one] = asked_again(sam.passport, key_of(sam))
        assert {share.pk for share in one.shares} == {given.pk, live.pk}
        answer(browser_of, sam, "yes")
        assert not read(given, imke)[NEED].is_outdated and not read(live, mentor)[NEED].is_outdated


def test_no_leads_to_the_question_and_then_to_the_new_text(given, sam, browser_of):
    with time_machine.travel(HALF_A_YEAR_ON):
        assert answer(browser_of, sam, "no").url == reverse("need", args=["need.support", 1])
        factories.write(sam, "need.support", need(what_works="Een eigen kamer"))
        assert "Je schreef al iets nieuws" in page(browser_of, sam, "review")
        assert answer(browser_of, sam, "no").url == reverse("share_release", args=[given.pk])


def test_later_is_asked_no_more_on_the_start_page_but_stays_on_the_share(given, sam, imke, browser_of):
    entries = LedgerEntry.objects.count
    with time_machine.travel(HALF_A_YEAR_ON):
        before = entries()
        assert answer(browser_of, sam, "later").url == reverse("today")
        assert entries() == before
        assert "Klopt dit nog?" not in page(browser_of, sam)
        assert browser_of(sam).get(reverse("review")).url == reverse("today")
        assert MARK in page(browser_of, sam, "share", given.pk)
        assert read(given, imke)[NEED].is_outdated
        assert answer(browser_of, sam, "yes", given).url == reverse("share", args=[given.pk])
        assert MARK not in page(browser_of, sam, "share", given.pk)


def test_later_counts_for_that_day_alone(sam):
    coach = factories.make_user()
    factories.make_tie(sam, coach, "coach")
    share = factories.share(sam, "coach", coach.pk, NEED)
    with time_machine.travel(HALF_A_YEAR_ON):
        look_later(share=fresh(share), key=key_of(sam), by=sam.user)
        assert not is_asked_again(sam.passport, key_of(sam))
        look_again(share=fresh(share), key=key_of(sam), unit=NEED, by=sam.user)
    with time_machine.travel(HALF_A_YEAR_ON + LOOK_AGAIN):
        assert is_asked_again(sam.passport, key_of(sam))


def test_while_it_stands_still_nobody_is_asked(given, sam, browser_of):
    with time_machine.travel(HALF_A_YEAR_ON):
        leaving.freeze(student=sam, by=sam.user)
        sam.refresh_from_db()
        assert asked_again(sam.passport, key_of(sam)) == []
        assert MARK not in page(browser_of, sam, "share", given.pk)


@pytest.mark.parametrize("name", ["review", "share_review"])
def test_these_screens_are_for_the_student_alone(name, given, noor, imke, mentor, browser_of):
    args = [given.pk] if name == "share_review" else []
    for who in (imke, mentor, noor):
        found = browser_of(who).get(reverse(name, args=args))
        assert found.status_code == (302 if who is noor and not args else 404)


def test_the_confirmation_says_beforehand_that_we_will_ask(sam, care, browser_of):
    cases = ((["me.free_time"], 200, False), (["me.free_time", NEED], 200, True), ([NEED], 100, False))
    for units, days, says in cases:
        until = timezone.localdate() + timedelta(days=days)
        draft = make_draft(
            student=sam, key=key_of(sam), kind="programme", recipient_id=care.pk, units=units, valid_until=until
        )
        plan = sharing.plan(student=sam, key=key_of(sam), wish=draft.wish())
        change_draft(draft, student=sam, key=key_of(sam), seen=digest_of(plan.dossier(key_of(sam)), key_of(sam)).hex())
        assert ("Na een half jaar vragen we" in page(browser_of, sam, "share_confirm", draft.id)) is says


def test_what_is_asked_costs_few_queries(given, sam, class_a, django_assert_max_num_queries):
    """The start page opens no text while nothing is due."""
    passport, key = sam.passport, key_of(sam)
    with django_assert_max_num_queries(1):
        assert asked_again(passport, key) == []


def test_the_new_screens_read_well(given, sam, browser_of):
    """What the crawl of the words never meets: half a year on, and the switch with an address."""
    User.objects.filter(pk=sam.user_id).update(email="sam@example.nl")
    factories.write(sam, "transition.my_questions", ["Hoe groot is de klas?"])
    draft = make_draft(student=sam, key=key_of(sam), kind="programme", recipient_id=given.programme_id).id
    with time_machine.travel(HALF_A_YEAR_ON):
        screens = [("today",), ("review",), ("share_review", given.pk), ("share", given.pk), ("settings",)]
        pages = [page(browser_of, sam, *screen) for screen in [*screens, ("share_what", draft)]]
        pages.append(browser_of(sam).get(reverse("share_what", args=[draft]) + "?voorstel=1").content.decode())
        factories.write(sam, "need.support", need(what_works="Een eigen kamer"))
        pages.append(page(browser_of, sam, "review"))
    found = [fault for html in pages for fault in page_faults(html, known())]
    assert found == []
