"""How it goes after the start: who may say it, who may hear it, and that it ends when the student says so."""

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.identity import Identity
from accounts.models import Institution, Membership, Role, SchoolClass, Tie
from accounts.refusals import NotHere, Refusal
from consent import ledger
from consent.ledger import looks_at
from consent.models import Share
from intake.models import Ask, Case, FollowUp, FollowUpGrant, Side
from intake.services import after, cases, export, follow_ups, hearing, leaving, placements, sharing, signals
from intake.services.follow_ups import Answers
from intake.services.hearing import Kind, Place
from school.services import digest
from tests import factories
from tests.factories import key_of
from tests.intake.after import guide, make_coach, make_mentor, start

SAID = Answers(
    status="stopped", destination="work", goes="bad", fits="changed", talk="yes", note="Te druk", worked="Rust"
)


@pytest.fixture
def started(sam, care) -> Case:
    return start(sam, care)


@pytest.fixture
def smit(care):
    """Mentor at the college."""
    return make_mentor(care)


@pytest.fixture
def told(sam, started):
    """Sam told how it goes after two weeks."""
    return follow_ups.answer(case_id=started.pk, by=sam.user, moment="w2", answers=SAID)


def let(sam, kind, listener=None):
    hearing.let_hear(student=sam, key=key_of(sam), kind=kind, listener=listener, by=sam.user)


def stop(sam, kind, listener=None):
    hearing.stop_hearing(student=sam, key=key_of(sam), kind=kind, listener=listener, by=sam.user)


def heard(started, by):
    return [(one.side, one.answers) for one in follow_ups.read(case_id=started.pk, by=by)]


def refused(started, by):
    with pytest.raises(NotHere):
        follow_ups.read(case_id=started.pk, by=by)
    return True


# --- When --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "moment"),
    [
        (0, None),
        (13, None),
        (14, "w2"),
        (41, "w2"),
        (42, "w6"),
        (91, "m3"),
        (182, "m6"),
        (364, "y1"),
        (454, "y1"),
        (455, None),
    ],
)
def test_one_moment_is_open_at_a_time(sam, care, days, moment):
    now = placements.moment_now(start(sam, care, days_ago=days))
    assert (now.moment if now else None) == moment


def test_a_moment_that_is_past_may_be_told_and_one_to_come_not(sam, started):
    assert follow_ups.answer(case_id=started.pk, by=sam.user, moment="w2", answers=SAID)
    with pytest.raises(Refusal, match="too_early"):
        follow_ups.answer(case_id=started.pk, by=sam.user, moment="m3", answers=SAID)


@pytest.mark.parametrize(("placed", "first"), [("2027-04-20", "2027-09-01"), ("2027-11-03", "2027-11-03")])
def test_the_first_day_is_guessed_until_the_college_says_it(given, imke, placed, first):
    case = Case.objects.get(share=given)
    Case.objects.filter(pk=case.pk).update(status=Case.Status.DONE)
    Share.objects.filter(pk=given.pk).update(valid_until="2027-12-31")
    with time_machine.travel(placed):
        cases.change_case(case=case, by=imke, status=Case.Status.PLACED, fields=["status"])
    case.refresh_from_db()
    assert case.starts_on.isoformat() == first


def test_an_entree_talks_every_five_weeks(sam, care):
    care.kind = "entree"
    care.save()
    case = start(sam, care, days_ago=36)
    assert placements.next_talk(case) == timezone.localdate() + timedelta(days=34)


# --- Who ---------------------------------------------------------------------------------------------------


def test_the_student_reads_everything(sam, started, told):
    assert heard(started, sam.user) == [("student", SAID)]
    assert not looks_at(sam.pk).exists()


@pytest.mark.parametrize("who", ["imke", "otto", "mentor", "noor"])
def test_nobody_hears_it_by_itself(request, started, told, who):
    found = request.getfixturevalue(who)
    by = getattr(found, "user", found)
    answers = [] if who == "imke" else None  # the intake share is live: the college has its own answers, none of Sam's
    assert heard(started, by) == answers if who == "imke" else refused(started, by)


def test_the_college_hears_it_when_the_student_lets_it_and_shares(sam, care, started, told, smit):
    assert refused(started, smit)
    share = guide(sam, care)
    assert heard(started, smit) == []
    let(sam, Kind.COLLEGE)
    [(side, answers)] = heard(started, smit)
    assert side == "student" and answers.note == "Te druk" and answers.worked == ""
    stop(sam, Kind.COLLEGE)
    assert heard(started, smit) == []
    let(sam, Kind.COLLEGE)
    sharing.withdraw(share=share, by=sam.user)
    assert refused(started, smit)


def test_nothing_after_the_last_day_of_the_share(sam, care, started, told, smit):
    share = guide(sam, care)
    let(sam, Kind.COLLEGE)
    with time_machine.travel(timezone.now() + (share.valid_until - timezone.localdate()) + timedelta(days=2)):
        assert refused(started, smit)


def test_a_mentor_of_another_programme_hears_nothing(sam, care, started, told):
    guide(sam, care)
    let(sam, Kind.COLLEGE)
    assert refused(started, make_mentor(factories.make_programme()))


def test_the_coach_needs_the_yes_and_the_share_and_the_tie(sam, started, told):
    coach = make_coach(sam)
    let(sam, Kind.COACH, coach.pk)
    assert refused(started, coach)
    factories.share(sam, "coach", coach.pk, "me.free_time")
    assert heard(started, coach)[0][1].goes == "bad"
    Tie.objects.filter(person=coach).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert refused(started, coach)


def test_a_coach_without_the_yes_hears_nothing(sam, started, told):
    coach = make_coach(sam)
    factories.share(sam, "coach", coach.pk, "me.free_time")
    assert refused(started, coach)


def two_coaches(sam):
    found = make_coach(sam, "Anna"), make_coach(sam, "Bert")
    for coach in found:
        factories.share(sam, "coach", coach.pk, "me.free_time")
        let(sam, Kind.COACH, coach.pk)
    return found


def test_two_coaches_neither_read_nor_overwrite_each_other(sam, started):
    anna, bert = two_coaches(sam)
    for by, note in ((anna, "van Anna"), (bert, "van Bert"), (anna, "weer van Anna")):
        follow_ups.answer(case_id=started.pk, by=by, moment="w2", answers=Answers(note=note))
    assert heard(started, anna) == [("coach", Answers(note="weer van Anna"))]
    assert heard(started, bert) == [("coach", Answers(note="van Bert"))]
    told = follow_ups.own_follow_ups(sam, key_of(sam), started)
    assert {(one.by, one.answers.note) for one in told} == {("Anna", "weer van Anna"), ("Bert", "van Bert")}


def test_an_answer_that_says_nothing_to_this_reader_is_not_there(sam, started, left, tess, browser_of):
    coach, _ = two_coaches(sam)
    let(sam, Kind.SCHOOL, left.pk)
    for moment, said in (("w2", Answers(goes="bad", note="Ik slaap slecht")), ("w6", Answers(worked="Rust"))):
        follow_ups.answer(case_id=started.pk, by=sam.user, moment=moment, answers=said)
    page = browser_of(tess).get(reverse("back_to_school_one", args=[started.pk])).content.decode()
    assert "Na twee weken" not in page and "Rust" in page
    assert heard(started, tess) == [("student", Answers(note="Rust"))]
    assert heard(started, coach) == [("student", Answers(goes="bad", note="Ik slaap slecht"))]


def test_the_switch_of_the_mentors_lets_no_intaker_hear(sam, care, started, told, imke):
    let(sam, Kind.COLLEGE)
    guide(sam, care)
    follow_ups.answer(case_id=started.pk, by=imke, moment="w2", answers=Answers(status="enrolled"))
    assert heard(started, imke) == [("college", Answers(status="enrolled"))]
    assert not looks_at(sam.pk).exists()


def test_an_old_yes_does_not_come_back_with_a_new_tie(sam, started, told):
    coach, _ = two_coaches(sam)
    assert heard(started, coach)
    tie = Tie.objects.filter(person=coach)
    tie.update(ends_on=timezone.localdate() - timedelta(days=1))
    tie.update(ends_on=None, confirmed_at=timezone.now())
    assert refused(started, coach)
    assert [one.is_on for one in hearing.listeners_of(sam, started) if one.id == coach.pk] == [False]
    let(sam, Kind.COACH, coach.pk)
    assert heard(started, coach)


def test_one_step_back_ends_every_yes_and_keeps_the_students_words(sam, care, started, told, left, imke, browser_of):
    let(sam, Kind.COLLEGE)
    let(sam, Kind.SCHOOL, left.pk)
    cases.change_case(case=started, by=imke, status=Case.Status.DONE, fields=["status"])
    assert not FollowUpGrant.objects.open().exists() and ledger.verify() is None
    page = browser_of(sam).get(reverse("after_start")).content.decode()
    assert "Te druk" in page and reverse("follow_up", args=["w6"]) not in page
    assert reverse("after_start") in today(browser_of, sam)
    assert "Niemand hoort dit nu" in browser_of(sam).get(reverse("follow_up_hears")).content.decode()
    with pytest.raises(NotHere):
        let(sam, Kind.COLLEGE)
    [found] = export.export_of(sam, key_of(sam))["after_start"]
    assert found["told"][0]["note"] == "Te druk" and all(one["until"] for one in found["heard_by"])
    cases.change_case(case=started, by=imke, status=Case.Status.PLACED, fields=["status"])
    assert not hearing.is_heard_by_college(started)


# --- Back to school ------------------------------------------------------------------------------------------


@pytest.fixture
def left(sam, class_a):
    """Sam left school a while ago."""
    Membership.objects.filter(user=sam.user).update(ends_on=timezone.localdate() - timedelta(days=20))
    return class_a.institution


@pytest.fixture
def tess(class_a):
    return factories.make_staff(Role.COUNSELLOR, institution=class_a.institution, name="Tess")


def test_the_school_of_before_hears_where_i_am_and_what_worked(sam, started, told, left, tess, mentor):
    assert refused(started, tess)
    let(sam, Kind.SCHOOL, left.pk)
    for who in (tess, mentor):
        [(_, answers)] = heard(started, who)
        assert answers == Answers(status="stopped", destination="work", note="Rust")


def test_it_stops_at_once(sam, started, told, left, tess, browser_of):
    let(sam, Kind.SCHOOL, left.pk)
    page = reverse("back_to_school_one", args=[started.pk])
    assert browser_of(tess).get(page).status_code == 200
    stop(sam, Kind.SCHOOL, left.pk)
    assert browser_of(tess).get(page).status_code == 404 and refused(started, tess)


def test_only_the_school_that_was_picked(sam, started, told, left):
    other = factories.make_class("Z")
    Membership.objects.create(
        user=sam.user, role=Role.STUDENT, school_class=other, ends_on=timezone.localdate() + timedelta(days=1)
    )
    elsewhere = factories.make_staff(Role.COUNSELLOR, institution=other.institution)
    let(sam, Kind.SCHOOL, left.pk)
    assert refused(started, elsewhere)
    with pytest.raises(NotHere):
        let(sam, Kind.SCHOOL, Institution.objects.create(name="Vreemd", kind="vso").pk)


def test_a_school_does_not_read_what_another_school_told(sam, started, left, tess):
    other = factories.make_class("Z")
    Membership.objects.create(user=sam.user, role=Role.STUDENT, school_class=other)
    elsewhere = factories.make_staff(Role.COUNSELLOR, institution=other.institution, name="Tom")
    colleague = factories.make_staff(Role.COUNSELLOR, institution=left)
    for school in (left, other.institution):
        let(sam, Kind.SCHOOL, school.pk)
    for by, note in ((tess, "van Tess"), (elsewhere, "van Tom")):
        follow_ups.answer(case_id=started.pk, by=by, moment="w2", answers=Answers(note=note))
    assert heard(started, elsewhere) == [("school", Answers(note="van Tom"))]
    assert heard(started, tess) == heard(started, colleague) == [("school", Answers(note="van Tess"))]
    assert len(heard(started, sam.user)) == 2


def test_a_coach_finds_no_page_of_a_school_and_leaves_no_look(sam, started, told, browser_of):
    coach, _ = two_coaches(sam)
    assert browser_of(coach).get(reverse("back_to_school_one", args=[started.pk])).status_code == 404
    assert not looks_at(sam.pk).exists()


def test_a_mentor_of_another_class_of_that_school_hears_nothing(sam, started, told, left):
    other = SchoolClass.objects.create(institution=left, name="B", school_year="2026-2027")
    let(sam, Kind.SCHOOL, left.pk)
    assert refused(started, factories.make_staff(Role.MENTOR, school_class=other))


def test_a_counsellor_who_left_hears_nothing(sam, started, told, left, tess):
    let(sam, Kind.SCHOOL, left.pk)
    tess.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert refused(started, tess)


@pytest.mark.parametrize("state", ["frozen", "not_placed"])
def test_nobody_hears_of_who_stands_still_or_did_not_start(sam, started, told, left, tess, state):
    let(sam, Kind.SCHOOL, left.pk)
    if state == "frozen":
        leaving.freeze(student=sam, by=sam.user)
    else:
        Case.objects.filter(pk=started.pk).update(status=Case.Status.NOT_PLACED)
    assert refused(started, tess)


def test_a_new_start_is_asked_anew(sam, started, told, left, tess):
    let(sam, Kind.SCHOOL, left.pk)
    Case.objects.filter(pk=started.pk).update(received_at=timezone.now() - timedelta(days=300))
    newer = start(sam, factories.make_programme())
    assert refused(started, tess) and refused(newer, tess)
    assert not any(one.is_on for one in hearing.listeners_of(sam, newer))


def test_giving_and_stopping_are_in_the_ledger(sam, started, left):
    let(sam, Kind.SCHOOL, left.pk)
    let(sam, Kind.SCHOOL, left.pk)
    stop(sam, Kind.SCHOOL, left.pk)
    stop(sam, Kind.SCHOOL, left.pk)
    entries = ledger.LedgerEntry.objects.filter(student_id=sam.pk, event__startswith="hearing_")
    assert [one.event for one in entries.order_by("seq")] == ["hearing_given", "hearing_ended"]
    assert FollowUpGrant.objects.open().count() == 0 and ledger.verify() is None


@pytest.mark.parametrize("age", [15, None])
def test_who_may_not_decide_alone_has_no_such_switch(sam, started, age):
    known = Identity(calling_name="Sam", surname="Vos", official_name="", birth_date=factories.born(age) if age else "")
    factories.change_identity(student=sam, key=key_of(sam), identity=known)
    with pytest.raises(Refusal, match="not_alone"):
        let(sam, Kind.COLLEGE)
    assert not FollowUpGrant.objects.filter(case=started).exists()


@pytest.mark.parametrize("who", ["imke", "mentor", "noor"])
def test_only_the_student_turns_a_switch(request, sam, started, left, who):
    found = request.getfixturevalue(who)
    with pytest.raises(NotHere):
        hearing.let_hear(
            student=sam, key=key_of(sam), kind=Kind.SCHOOL, listener=left.pk, by=getattr(found, "user", found)
        )


@pytest.mark.parametrize(("side", "hears"), list(product(Side, (True, False))))
def test_who_may_answer_is_a_table(side, hears):
    assert Place(side, hears).may_answer is (hears or side is Side.COLLEGE)


# --- What is written down ------------------------------------------------------------------------------------


def test_every_look_is_in_the_students_log(api, browser_of, sam, care, started, told, smit):
    guide(sam, care)
    let(sam, Kind.COLLEGE)
    follow_ups.read(case_id=started.pk, by=smit)
    [look] = looks_at(sam.pk)
    assert look.actor_id == smit.pk and look.detail["slots"] == [key_of(sam).slot("follow_ups").hex()]
    [as_json] = api(sam).get(reverse("api_views")).json()["results"]
    assert as_json["share"] is None and as_json["by"] == "mevrouw Smit"
    page = browser_of(sam).get(reverse("looks")).content.decode()
    assert "Hoe het gaat op het mbo" in page and "mevrouw Smit" in page


def test_who_hears_nothing_leaves_no_look(browser_of, sam, care, started, told, smit):
    share = guide(sam, care)
    assert browser_of(smit).get(reverse("college_student", args=[share.pk])).status_code == 200
    slot = key_of(sam).slot("follow_ups").hex()
    assert not [look for look in looks_at(sam.pk) if slot in look.detail["slots"]]
    let(sam, Kind.COLLEGE)
    browser_of(smit).get(reverse("college_student", args=[share.pk]))
    assert [look for look in looks_at(sam.pk) if slot in look.detail["slots"]]


def test_the_database_holds_no_answer(sam, started, told):
    row = FollowUp.objects.get()
    assert b"Te druk" not in bytes(row.sealed_answers) and b"stopped" not in bytes(row.sealed_answers)
    assert (row.moment, row.side) == ("w2", "student")


def test_an_answer_of_somebody_else_does_not_open(sam, noor, told):
    with pytest.raises(vault.Tampered):
        key_of(noor).open(told.sealed_answers, field=follow_ups.FIELD, row=told.pk)


def test_said_again_it_takes_the_place(sam, started, told):
    follow_ups.answer(case_id=started.pk, by=sam.user, moment="w2", answers=Answers(goes="good"))
    assert heard(started, sam.user) == [("student", Answers(goes="good"))]


def test_the_form_comes_back_filled_in_and_the_api_changes_only_what_it_names(browser_of, api, sam, started):
    page, url = reverse("follow_up", args=["w2"]), reverse("api_follow_ups", args=[started.pk])
    browser_of(sam).post(page, {"goes": "good", "worked": "Rust hielp"})
    again = browser_of(sam).get(page).content.decode()
    assert "Rust hielp" in again and again.count(" checked") == 1 and "<details open" in again
    body = {"moment": "w2", "status": "switched", "to_programme": "Techniek"}
    assert api(sam).post(url, body, format="json").status_code == 201
    browser_of(sam).post(page, {"goes": "some", "status": "switched", "worked": ""})
    said = follow_ups.said_at(sam, key_of(sam), started, "w2")
    assert said == Answers(goes="some", status="switched", to_programme="Techniek")
    api(sam).post(url, {"moment": "w2", "status": "unknown"}, format="json")
    said = follow_ups.said_at(sam, key_of(sam), started, "w2")
    assert said == Answers(goes="some", to_programme="Techniek")


def test_only_the_first_telling_of_a_moment_is_counted(sam, care, started, smit, monkeypatch):
    counted = []
    monkeypatch.setattr(follow_ups.tally, "count_follow_up_soon", lambda status, case: counted.append(status))
    guide(sam, care)
    for by, status in ((sam.user, "unknown"), (smit, "enrolled"), (sam.user, "stopped"), (smit, "stopped")):
        follow_ups.answer(case_id=started.pk, by=by, moment="w2", answers=Answers(status=status, goes="good"))
    assert counted == ["unknown", "enrolled"]


def test_the_export_holds_it(sam, started, told, left):
    let(sam, Kind.SCHOOL, left.pk)
    [found] = export.export_of(sam, key_of(sam))["after_start"]
    assert found["told"][0]["note"] == "Te druk" and found["told"][0]["worked"] == "Rust"
    assert found["heard_by"][0]["name"] == left.name


def test_erased_it_is_gone_for_everybody(sam, started, told, left, tess):
    let(sam, Kind.SCHOOL, left.pk)
    leaving.erase_student(sam.pk)
    assert not FollowUp.objects.exists() and not FollowUpGrant.objects.exists()
    assert refused(started, tess)


# --- The API -------------------------------------------------------------------------------------------------

BODY = {"moment": "w2", "status": "switched", "destination": "mbo", "to_programme": "Techniek", "note": "Beter zo"}


def calls(api, who, case):
    return api(who), reverse("api_follow_ups", args=[case.pk])


def test_the_student_posts_and_gets(api, sam, started):
    client, url = calls(api, sam, started)
    answer = client.post(url, BODY, format="json")
    assert answer.status_code == 201 and answer.json()["by"] == "student"
    [found] = client.get(url).json()["results"]
    assert {name: found[name] for name in BODY} == BODY


def test_the_college_posts_its_own_and_the_student_reads_it(api, sam, care, started, smit):
    client, url = calls(api, smit, started)
    assert client.post(url, BODY, format="json").status_code == 404
    guide(sam, care)
    assert client.post(url, BODY, format="json").status_code == 201
    assert [one["by"] for one in api(sam).get(url).json()["results"]] == ["college"]


def test_a_school_posts_only_while_the_student_allows(api, sam, started, left, tess):
    client, url = calls(api, tess, started)
    assert client.post(url, BODY, format="json").status_code == 404
    let(sam, Kind.SCHOOL, left.pk)
    assert client.post(url, BODY, format="json").status_code == 201
    stop(sam, Kind.SCHOOL, left.pk)
    assert client.post(url, BODY, format="json").status_code == client.get(url).status_code == 404


@pytest.mark.parametrize(
    "change", [{"moment": "w3"}, {"status": "gone"}, {"destination": "x"}, {"note": "n" * 301}, {"extra": 1}]
)
def test_what_does_not_fit_is_400(api, sam, started, change):
    client, url = calls(api, sam, started)
    assert client.post(url, BODY | change, format="json").status_code == 400


def test_what_does_not_exist_is_404_in_the_same_words(api, noor, started):
    client, url = calls(api, noor, started)
    nowhere = client.get(reverse("api_follow_ups", args=[uuid4()]))
    assert client.get(url).json() == nowhere.json()


# --- On the first page ---------------------------------------------------------------------------------------


def today(browser_of, student):
    return browser_of(student).get(reverse("today")).content.decode()


def test_guidance_is_asked_and_a_no_stays_a_no(browser_of, sam, started):
    assert "Niets staat al aan" in today(browser_of, sam)
    assert browser_of(sam).post(reverse("after_asked", args=["guidance"]), {"answer": "no"}).status_code == 302
    assert "Niets staat al aan" not in today(browser_of, sam)
    assert Share.objects.filter(purpose="guidance").count() == 0


def test_a_yes_leads_to_the_screens_of_sharing_with_nothing_ticked(browser_of, sam, started):
    answer = browser_of(sam).post(reverse("after_asked", args=["guidance"]), {"answer": "yes"}, follow=True)
    page = answer.content.decode()
    assert answer.resolver_match.url_name == "share_what" and 'name="units"' in page and " checked" not in page
    assert not Share.objects.filter(purpose="guidance").exists()


def test_who_did_not_start_is_asked_nothing(browser_of, sam, given):
    page = today(browser_of, sam)
    assert "Niets staat al aan" not in page and reverse("after_start") not in page
    assert browser_of(sam).get(reverse("after_start")).status_code == 404


def test_the_moment_waits_until_told_or_not_now(browser_of, sam, started):
    url = reverse("follow_up", args=["w6"])
    assert url in today(browser_of, sam)
    browser_of(sam).post(reverse("after_asked", args=["w6"]), {"answer": "no"})
    assert url not in today(browser_of, sam)


def test_three_taps_are_kept_and_nothing_is_ticked_before(browser_of, sam, started):
    url = reverse("follow_up", args=["w6"])
    assert " checked" not in browser_of(sam).get(url).content.decode()
    assert browser_of(sam).post(url, {}).status_code == 400
    answer = browser_of(sam).post(url, {"goes": "good", "fits": "yes", "talk": "no"})
    assert answer.url == reverse("after_start") and url not in today(browser_of, sam)


def test_changed_leads_to_the_question_and_then_asks_about_the_release(browser_of, sam, care, started):
    guide(sam, care)
    answer = browser_of(sam).post(reverse("follow_up", args=["w6"]), {"fits": "changed"}, follow=True)
    assert answer.resolver_match.url_name == "follow_up_next"
    assert reverse("question", args=["need.support"]) in answer.content.decode()
    assert "ziet nog het oude" not in today(browser_of, sam)
    factories.write(sam, "need.support", [{"need": "quiet", "how_often": "altijd", "what_works": "Een eigen plek"}])
    assert "ziet nog het oude" in today(browser_of, sam)


def test_work_is_asked_once_at_a_diploma_and_after_a_year(browser_of, sam, care):
    case = start(sam, care, days_ago=200)
    assert "Op weg naar werk" not in today(browser_of, sam)
    follow_ups.answer(case_id=case.pk, by=sam.user, moment="m6", answers=Answers(status="graduated"))
    assert "Op weg naar werk" in today(browser_of, sam)
    answer = browser_of(sam).post(reverse("after_asked", args=["work"]), {"answer": "yes"})
    assert answer.url == reverse("share_link_to", args=["werk"])
    Case.objects.filter(pk=case.pk).update(starts_on=timezone.localdate() - timedelta(days=370))
    assert "Op weg naar werk" not in today(browser_of, sam)


def test_after_a_year_work_is_asked_too(browser_of, sam, care):
    start(sam, care, days_ago=365)
    assert "Op weg naar werk" in today(browser_of, sam)


def test_the_mentor_asks_and_the_student_decides(browser_of, sam, care, started, smit):
    url = reverse("college_review", args=[started.pk])
    assert browser_of(smit).post(url).status_code == 404
    guide(sam, care)
    assert browser_of(smit).post(url).status_code == 302
    assert "Je mentor op het mbo vraagt het" in today(browser_of, sam)
    browser_of(sam).post(reverse("after_asked", args=["review"]), {"answer": "no"})
    assert "Je mentor op het mbo vraagt het" not in today(browser_of, sam)
    assert Ask.objects.get(about="review").answered_at
    browser_of(smit).post(url)
    assert "Je mentor op het mbo vraagt het" not in today(browser_of, sam)
    with time_machine.travel(timezone.now() + timedelta(days=36)):
        browser_of(smit).post(url)
        assert "Je mentor op het mbo vraagt het" in today(browser_of, sam)


# --- A sign to the coach -------------------------------------------------------------------------------------


def test_a_sign_is_sent_only_when_ticked_and_holds_no_words(browser_of, sam, started):
    coach = make_coach(sam)
    url = reverse("follow_up", args=["w6"])
    browser_of(sam).post(url, {"talk": "yes", "note": "Ik slaap slecht"})
    assert signals.signals_for(coach) == []
    browser_of(sam).post(url, {"talk": "yes", "note": "Ik slaap slecht", "coach": str(coach.pk)})
    page = browser_of(coach).get(reverse("dossier_list")).content.decode()
    assert "Sam V." in page and "wil praten" in page and "slaap" not in page


def test_a_sign_goes_when_heard_taken_back_or_after_a_month(sam, started):
    coach = make_coach(sam)
    send = lambda: signals.send(student=sam, coaches=[coach.pk], by=sam.user)  # noqa: E731
    send()
    [one] = signals.signals_for(coach)
    signals.hear(signal_id=one.id, by=coach)
    assert signals.signals_for(coach) == []
    send()
    signals.take_back(student=sam, by=sam.user)
    assert signals.signals_for(coach) == []
    send()
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert signals.signals_for(coach) == [] and signals.drop_old() == 1


@pytest.mark.parametrize("end", ["tie", "frozen", "not_confirmed"])
def test_a_sign_is_not_seen_without_a_live_tie(sam, started, end):
    coach = make_coach(sam)
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    assert signals.signals_for(coach)
    if end == "tie":
        Tie.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    elif end == "not_confirmed":
        Tie.objects.update(confirmed_at=None)
    else:
        leaving.freeze(student=sam, by=sam.user)
    assert signals.signals_for(coach) == []


def test_no_sign_to_somebody_elses_coach_and_no_other_hears_it(sam, noor, started):
    other = make_coach(noor)
    with pytest.raises(NotHere):
        signals.send(student=sam, coaches=[other.pk], by=sam.user)
    coach = make_coach(sam)
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    with pytest.raises(NotHere):
        signals.hear(signal_id=signals.signals_for(coach)[0].id, by=other)


@pytest.mark.parametrize("age", [15, None])
def test_who_may_not_decide_alone_sends_no_sign(browser_of, sam, started, age):
    coach, url = make_coach(sam), reverse("follow_up", args=["w6"])
    assert "seintje" in browser_of(sam).get(url).content.decode()
    known = Identity(calling_name="Sam", surname="Vos", official_name="", birth_date=factories.born(age) if age else "")
    factories.change_identity(student=sam, key=key_of(sam), identity=known)
    with pytest.raises(Refusal, match="not_alone"):
        signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    assert "seintje" not in browser_of(sam).get(url).content.decode()
    assert browser_of(sam).post(url, {"talk": "yes", "coach": str(coach.pk)}).status_code == 302
    assert signals.signals_for(coach) == []


# --- Reminding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "reminded"), [(41, False), (42, True), (48, True), (49, False)])
def test_a_moment_reminds_for_a_week(sam, care, days, reminded):
    start(sam, care, days_ago=days)
    assert (list(after.to_remind()) == [sam.user_id]) is reminded


@pytest.mark.parametrize("seen", ["told", "not now", "came", "frozen"])
def test_it_does_not_remind_who_told_or_came(sam, care, seen):
    case = start(sam, care, days_ago=43)
    if seen == "told":
        follow_ups.answer(case_id=case.pk, by=sam.user, moment="w6", answers=SAID)
    elif seen == "not now":
        follow_ups.later(student=sam, case=case, about="w6", by=sam.user)
    elif seen == "came":
        sam.user.last_login = timezone.now()
        sam.user.save()
    else:
        leaving.freeze(student=sam, by=sam.user)
    assert list(after.to_remind()) == []


def test_the_daily_mail_reminds_student_and_coach_without_content(sam, care, mailoutbox, browser_of):
    start(sam, care, days_ago=42)
    coach = make_coach(sam)
    for user, address in ((sam.user, "sam@example.nl"), (coach, "coach@example.nl")):
        user.email = address
        user.save()
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    assert digest.send_digests() == 2
    assert {mail.to[0] for mail in mailoutbox} == {"sam@example.nl", "coach@example.nl"}
    for mail in mailoutbox:
        assert "met opzet niets anders" in mail.body
        assert not any(word in mail.subject + mail.body for word in ("Sam V", "praten", "Zorg", "zes weken"))
    assert digest.send_digests() == 0
