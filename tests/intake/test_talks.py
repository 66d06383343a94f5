"""The talk of a warm transfer: who plans it, who sees it, when that ends, and that it never says more than a share."""

import re
from contextlib import suppress
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Membership
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action, looks_at
from consent.models import LedgerEntry, Share
from intake.models import Case, WarmTalk
from intake.services import export, leaving, sharing, talks
from tests import factories
from tests.factories import key_of, share_with_programme, write

WITH_ME, QUESTIONS = "transition.with_me", "transition.my_questions"
BSN = "Mijn BSN is 111222333"


@pytest.fixture
def asks(sam):
    """Sam says whom he wants beside him and what he wants to ask."""
    write(sam, WITH_ME, ["mijn mentor", "iemand van thuis"])
    write(sam, QUESTIONS, ["Krijg ik extra tijd bij toetsen?", "Hoe groot is de klas?"])
    return sam


@pytest.fixture
def warm(asks, care):
    """Sam's warm share, with both of those in it."""
    return share_with_programme(asks, care, "me.free_time", WITH_ME, QUESTIONS, warm_transfer=True)


@pytest.fixture
def counsellor(class_a):
    return factories.make_staff("counsellor", institution=class_a.institution)


@pytest.fixture
def planned(warm, mentor):
    at = timezone.now() + timedelta(days=5)
    who, agenda = ["mijn mentor", "mevrouw Bos"], ["Krijg ik extra tijd bij toetsen?", "De eerste dag"]
    return talks.plan_talk(share_id=warm.pk, by=mentor, planned_for=at, where="Lokaal 12", who=who, agenda=agenda)


def seen_by(share, by):
    """The talk as somebody reads it who opens the share; NotHere when they may not."""
    return talks.talk_of(access.read(share_id=share.pk, by=by, action=Action.READ))


def page(client: Any, name: str, *args: Any) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def is_hidden(share, *readers):
    """Nobody finds the talk any more: not on a page, not by any act; the student still does."""
    for by in readers:
        with suppress(NotHere):
            assert seen_by(share, by) is None
        for act in (talks.plan_talk, lambda **who: talks.write_outcome(text="x", **who)):
            with pytest.raises(NotHere):
                act(share_id=share.pk, by=by)
    return talks.own_talk(Share.objects.get(pk=share.pk), key_of(share.student)) is not None


# --- Planning ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["mentor", "counsellor"])
def test_the_school_team_plans(request, warm, who, imke):
    by = request.getfixturevalue(who)
    talks.plan_talk(share_id=warm.pk, by=by, where="Lokaal 12", who=["de opleiding"])
    talk = seen_by(warm, imke)
    assert (talk.where, talk.who, talk.planned_by) == ("Lokaal 12", ("de opleiding",), by.staff_name)


def test_nobody_else_plans_or_writes(warm, planned, imke, otto, noor, sam, class_a):
    others = [
        imke, otto, noor.user, sam.user, factories.make_user(is_superuser=True),
        factories.make_staff("mentor", school_class=factories.make_class("B")),
        factories.make_staff("counsellor", institution=factories.make_class("C").institution),
        factories.make_staff("care", institution=class_a.institution),
        factories.make_staff("coordinator", institution=class_a.institution),
        factories.make_staff("mentor", programme=warm.programme),
        factories.make_parent(sam).user,
    ]  # fmt: skip
    for by in others:
        with pytest.raises(NotHere):
            talks.plan_talk(share_id=warm.pk, by=by, where="elders")
        with pytest.raises(NotHere):
            talks.write_outcome(share_id=warm.pk, by=by, text="anders")
    assert talks.own_talk(warm, key_of(sam)).where == "Lokaal 12"


def test_a_mentor_who_also_does_the_intake_plans(warm, mentor):
    Membership.objects.create(user=mentor, role="intaker", programme=warm.programme)
    assert talks.plan_talk(share_id=warm.pk, by=mentor)


def test_without_a_warm_transfer_there_is_no_talk(given, mentor, imke):
    for by in (mentor, imke):
        with pytest.raises(NotHere):
            talks.plan_talk(share_id=given.pk, by=by)
    assert seen_by(given, imke) is None and not WarmTalk.objects.exists()


def test_a_new_plan_takes_the_place_of_the_old(planned, warm, mentor, counsellor, imke):
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Een vaste plek.")
    talks.plan_talk(share_id=warm.pk, by=counsellor, where="Aula")
    talk = seen_by(warm, imke)
    assert (talk.where, talk.outcome, talk.planned_by) == ("Aula", "Een vaste plek.", counsellor.staff_name)
    assert WarmTalk.objects.count() == 1


def test_there_is_no_outcome_before_a_plan(warm, mentor):
    with pytest.raises(NotHere):
        talks.write_outcome(share_id=warm.pk, by=mentor, text="Een vaste plek.")


@pytest.mark.parametrize(
    ("plan", "field", "code"),
    [
        ({"where": BSN}, "where", "bsn"),
        ({"who": [BSN]}, "who", "bsn"),
        ({"agenda": [BSN]}, "agenda", "bsn"),
        ({"where": "x" * 121}, "where", "too_long"),
        ({"agenda": ["x" * 121]}, "agenda", "too_long"),
        ({"who": [f"persoon {n}" for n in range(13)]}, "who", "too_many"),
        ({"agenda": ["a\u202eb"]}, "agenda", "bad_characters"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(warm, mentor, plan, field, code):
    with pytest.raises(Refusal, match=code) as refusal:
        talks.plan_talk(share_id=warm.pk, by=mentor, **plan)
    assert refusal.value.field == field and not WarmTalk.objects.exists()


@pytest.mark.parametrize(("text", "code"), [(BSN, "bsn"), ("x" * 1001, "too_long")])
def test_an_outcome_that_does_not_fit_is_refused(planned, warm, mentor, text, code):
    with pytest.raises(Refusal, match=code):
        talks.write_outcome(share_id=warm.pk, by=mentor, text=text)


def test_planning_gives_and_widens_nothing(warm, mentor, imke):
    """Abuse: a plan is no way to let anybody read more (contract, rule 11)."""
    before = (Share.objects.values().get(), LedgerEntry.objects.count(), set(warm.items.values_list("slot", flat=True)))
    talks.plan_talk(share_id=warm.pk, by=mentor, who=["iedereen"], agenda=["alles"])
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Alles delen.")
    after = (Share.objects.values().get(), LedgerEntry.objects.count(), set(warm.items.values_list("slot", flat=True)))
    assert before == after


# --- The student's own words -------------------------------------------------------------------------------


def test_the_form_starts_with_what_the_student_shares(warm, mentor, browser_of):
    shown = page(browser_of(mentor), "dossier", warm.pk)
    assert "mijn mentor\niemand van thuis</textarea>" in shown and "Hoe groot is de klas?</textarea>" in shown


@pytest.mark.parametrize("unit", [WITH_ME, QUESTIONS])
def test_what_is_not_shared_is_not_suggested(asks, care, mentor, unit, browser_of):
    kept = {WITH_ME, QUESTIONS} - {unit}
    share = share_with_programme(asks, care, *kept, warm_transfer=True)
    hidden = {WITH_ME: "iemand van thuis", QUESTIONS: "Hoe groot is de klas?"}
    shown = page(browser_of(mentor), "dossier", share.pk)
    assert hidden[unit] not in shown and hidden[kept.pop()] in shown


def test_what_is_emptied_is_not_suggested(warm, asks, mentor, browser_of):
    write(asks, QUESTIONS, status="private")
    assert "Hoe groot is de klas?" not in page(browser_of(mentor), "dossier", warm.pk)


def test_an_emptied_answer_leaves_the_plan_at_once(planned, warm, asks, mentor, imke):
    assert seen_by(warm, imke).agenda == ("Krijg ik extra tijd bij toetsen?", "De eerste dag")
    write(asks, QUESTIONS, status="later")
    for by in (mentor, imke):
        assert seen_by(warm, by).agenda == ("De eerste dag",)
    assert talks.own_talk(warm, key_of(asks)).agenda == ("De eerste dag",)


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send back from the plan form as it stands on a page."""
    form = page[page.index('id="talk_day"') - 4000 :].split('class="stack-s" novalidate>')[1].split("</form>")[0]
    lines = re.findall(r'<textarea name="(\w+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    return {name: unescape(value) for name, value in lines + re.findall(r'name="(own_\w+)" value="([^"]*)"', form)}


@pytest.mark.parametrize("first", ["planned", "never planned"])
@pytest.mark.parametrize("how", ["private", "untick"])
def test_a_page_of_before_brings_no_withdrawn_answer_back(warm, asks, mentor, imke, browser_of, first, how):
    """Abuse: the mentor's page was open before the answer went, and is saved after."""
    own, client = "Krijg ik extra tijd bij toetsen?", browser_of(mentor)
    if first == "planned":
        talks.plan_talk(share_id=warm.pk, by=mentor, who=["mijn mentor"], agenda=[own])
    before = fields_of(page(client, "dossier", warm.pk))
    assert own in before["agenda"]
    if how == "private":
        write(asks, QUESTIONS, status="private")
    else:
        sharing.change(share=warm, key=key_of(asks), by=asks.user, units=["me.free_time", WITH_ME])
    where = reverse("talk_plan", args=[warm.pk])
    for place in ("Lokaal 13", "Lokaal 14"):
        changed = before | {"where": place, "agenda": before["agenda"] + "\nDe eerste dag"}
        assert client.post(where, changed).status_code == 302
        assert seen_by(warm, imke).agenda == seen_by(warm, mentor).agenda == ("De eerste dag",)
        assert seen_by(warm, imke).where == place and seen_by(warm, imke).who[0] == "mijn mentor"
        assert own not in page(browser_of(imke), "case_brief", Case.objects.get(share=warm).pk)


def test_a_line_that_was_the_students_own_in_the_plan_stays_so(planned, warm, asks, mentor, imke):
    """Also for a caller that says nothing of what stood in the form."""
    write(asks, QUESTIONS, status="private")
    for _ in range(2):
        agenda = ["Krijg ik extra tijd bij toetsen?", "De eerste dag"]
        talks.plan_talk(share_id=warm.pk, by=mentor, agenda=agenda)
        assert seen_by(warm, imke).agenda == ("De eerste dag",)


def test_a_forged_field_can_only_hide(warm, mentor, imke, browser_of):
    sent = form_for(agenda="Stage\nHoe groot is de klas?", own_agenda="Stage")
    browser_of(mentor).post(reverse("talk_plan", args=[warm.pk]), sent)
    assert seen_by(warm, imke).agenda == ("Hoe groot is de klas?",)


def test_a_unit_taken_from_the_share_leaves_the_plan_at_once(planned, warm, asks, imke):
    sharing.change(share=warm, key=key_of(asks), by=asks.user, units=["me.free_time", QUESTIONS])
    assert seen_by(warm, imke).who == ("mevrouw Bos",)


def test_what_the_student_did_not_release_does_not_come_in(planned, warm, asks, mentor):
    write(asks, QUESTIONS, ["Mag ik een dag komen kijken?"])
    dossier = access.read(share_id=warm.pk, by=mentor, action=Action.READ)
    assert "Mag ik een dag komen kijken?" not in talks.suggested(dossier)[1]


# --- The student -------------------------------------------------------------------------------------------


def test_the_student_sees_plan_and_outcome_at_once(planned, warm, sam, mentor, browser_of):
    client = browser_of(sam)
    assert "Lokaal 12" in client.get("/vandaag/").content.decode()
    assert reverse("share_talk", args=[warm.pk]) in page(client, "share", warm.pk)
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Een vaste plek bij het raam.")
    own = page(client, "share_talk", warm.pk)
    assert "Een vaste plek bij het raam." in own and "mevrouw Bos" in own and "meneer Kaya" in own
    assert "Je mentor, je decaan en de opleiding lezen dit." in own


def test_the_comment_reaches_school_and_college(planned, warm, sam, mentor, imke, browser_of):
    where = reverse("share_talk", args=[warm.pk])
    browser_of(sam).post(where, {"comment": "Ik wil liever in de ochtend."})
    case = Case.objects.get(share=warm)
    assert "Ik wil liever in de ochtend." in page(browser_of(mentor), "dossier", warm.pk)
    assert "Ik wil liever in de ochtend." in page(browser_of(imke), "case_brief", case.pk)
    browser_of(sam).post(where, {"comment": ""})
    assert WarmTalk.objects.get().sealed_comment is None and seen_by(warm, mentor).comment == ""


@pytest.mark.parametrize("text", [BSN, "x" * 1001])
def test_a_comment_that_does_not_fit_stands_in_the_form(planned, warm, sam, browser_of, text):
    answer = browser_of(sam).post(reverse("share_talk", args=[warm.pk]), {"comment": text})
    assert answer.status_code == 400 and text in answer.content.decode()
    assert WarmTalk.objects.get().sealed_comment is None


@pytest.mark.parametrize("who", ["mentor", "imke", "noor"])
def test_nobody_else_comments(request, planned, warm, who, browser_of):
    found = request.getfixturevalue(who)
    by = getattr(found, "user", found)
    with pytest.raises(NotHere):
        talks.comment_on_talk(share=warm, key=key_of(warm.student), by=by, text="nee")
    assert browser_of(by).post(reverse("share_talk", args=[warm.pk]), {"comment": "nee"}).status_code == 404


def test_without_a_talk_there_is_no_page(warm, sam, browser_of):
    assert browser_of(sam).get(reverse("share_talk", args=[warm.pk])).status_code == 404
    assert "Gesprek over je overstap" not in browser_of(sam).get("/vandaag/").content.decode()


def test_an_old_talk_leaves_the_start_page(planned, sam, browser_of):
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        assert talks.coming_talks(sam, key_of(sam)) == []


# --- No longer ---------------------------------------------------------------------------------------------


def test_it_ends_with_the_students_word(planned, warm, sam, mentor, counsellor, imke, browser_of):
    sharing.change(share=warm, key=key_of(sam), warm_transfer=False, by=sam.user)
    assert not is_hidden(warm, mentor, counsellor, imke) and not WarmTalk.objects.exists()
    case = Case.objects.get(share=warm)
    shown = page(browser_of(imke), "case_brief", case.pk)
    assert "Lokaal 12" not in shown and "Gesprek over de overstap" not in shown
    assert "Lokaal 12" not in page(browser_of(imke), "dossier", warm.pk)
    assert browser_of(sam).get(reverse("share_talk", args=[warm.pk])).status_code == 404


def test_a_warm_transfer_that_is_on_again_starts_without_a_talk(planned, warm, sam, mentor, imke):
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Een vaste plek.")
    talks.comment_on_talk(share=warm, key=key_of(sam), by=sam.user, text="Fijn.")
    for on in (False, True):
        sharing.change(share=Share.objects.get(pk=warm.pk), key=key_of(sam), by=sam.user, warm_transfer=on)
    assert seen_by(warm, imke) is None
    talks.plan_talk(share_id=warm.pk, by=mentor, where="Aula")
    talk = seen_by(warm, imke)
    assert (talk.where, talk.outcome, talk.comment) == ("Aula", "", "")


def test_taking_everything_away_ends_it_only_with_the_warm_transfer(planned, warm, sam):
    until = warm.valid_until
    sharing.clear(share=warm, key=key_of(sam), by=sam.user, valid_until=until, warm_transfer=True)
    assert WarmTalk.objects.exists()
    warm = Share.objects.get()
    sharing.clear(share=warm, key=key_of(sam), by=sam.user, valid_until=until, warm_transfer=False)
    assert not WarmTalk.objects.exists()


def test_a_change_that_leaves_the_warm_transfer_leaves_the_talk(planned, warm, sam, imke):
    sharing.change(share=warm, key=key_of(sam), by=sam.user, units=["me.free_time"])
    assert seen_by(warm, imke).where == "Lokaal 12"


def test_under_sixteen_a_second_yes_brings_no_old_talk_back(class_a, care, mentor, imke):
    young = factories.make_pupil(age=15, school_class=class_a)
    write(young, "me.free_time", ["muziek"])
    parent, key = factories.make_parent(young).user, key_of(young)
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    sharing.approve(share_id=share.pk, by=parent)
    talks.plan_talk(share_id=share.pk, by=mentor, where="Lokaal 12")
    for on in (False, True):
        sharing.change(share=Share.objects.get(pk=share.pk), key=key, by=young.user, warm_transfer=on)
        assert not WarmTalk.objects.exists()
    sharing.approve(share_id=share.pk, by=parent)
    assert seen_by(share, imke) is None and talks.plan_talk(share_id=share.pk, by=mentor)


def test_a_guardian_who_stops_it_leaves_it_to_the_student(class_a, care, mentor):
    young = factories.make_pupil(age=15, school_class=class_a)
    write(young, "me.free_time", ["muziek"])
    parent = factories.make_parent(young).user
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    sharing.approve(share_id=share.pk, by=parent)
    talks.plan_talk(share_id=share.pk, by=mentor, where="Lokaal 12")
    sharing.withdraw(share=Share.objects.get(pk=share.pk), by=parent)
    assert is_hidden(share, mentor)


def test_the_change_screen_says_that_the_talk_goes_too(planned, warm, sam, browser_of):
    says = "Zet je dit uit? Dan wissen we wat er over het gesprek staat."
    assert says in page(browser_of(sam), "share_change", warm.pk)
    WarmTalk.objects.all().delete()
    assert says not in page(browser_of(sam), "share_change", warm.pk)


def test_it_ends_with_the_share(planned, warm, sam, mentor, imke, browser_of):
    sharing.withdraw(share=warm, by=sam.user)
    assert is_hidden(warm, mentor, imke)
    assert "Lokaal 12" in page(browser_of(sam), "share_talk", warm.pk)
    assert "Lokaal 12" not in browser_of(sam).get("/vandaag/").content.decode()


def test_it_ends_at_the_last_day(warm, planned, sam, mentor, imke):
    Share.objects.filter(pk=warm.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    assert is_hidden(warm, mentor, imke)


def test_a_passport_that_stands_still_hides_it(planned, warm, sam, mentor, imke):
    leaving.freeze(student=sam, by=sam.user)
    assert is_hidden(warm, mentor, imke)


def test_it_ends_when_the_mentor_or_the_student_leaves(planned, warm, sam, mentor, counsellor):
    over = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=mentor).update(ends_on=over)
    assert is_hidden(warm, mentor) and seen_by(warm, counsellor)
    Membership.objects.filter(user=sam.user).update(ends_on=over)
    assert is_hidden(warm, counsellor)


def test_nobody_reads_so_nothing_is_said(planned, warm, sam, browser_of):
    sharing.withdraw(share=warm, by=sam.user)
    with pytest.raises(Refusal, match="ended"):
        talks.comment_on_talk(share=warm, key=key_of(sam), by=sam.user, text="Hallo?")


def test_a_new_share_starts_without_a_talk(planned, warm, sam, care, mentor):
    sharing.withdraw(share=warm, by=sam.user)
    again = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert seen_by(again, mentor) is None


def test_under_sixteen_there_is_no_talk_before_a_yes(class_a, care, mentor):
    young = factories.make_pupil(age=15, school_class=class_a)
    write(young, "me.free_time", ["muziek"])
    share = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    with pytest.raises(NotHere):
        talks.plan_talk(share_id=share.pk, by=mentor)
    sharing.approve(share_id=share.pk, by=factories.make_parent(young).user)
    assert talks.plan_talk(share_id=share.pk, by=mentor)


# --- The pages of school and college -----------------------------------------------------------------------


YEAR = timezone.localdate().year + 1


def form_for(**more: str) -> dict[str, str]:
    return {
        "day": f"{YEAR}-03-03",
        "time": "10:30",
        "where": "Aula",
        "who": "mijn mentor\nSam",
        "agenda": "Stage",
        **more,
    }


def test_the_mentor_plans_on_the_dossiers_page(warm, mentor, imke, browser_of):
    client = browser_of(mentor)
    assert client.post(reverse("talk_plan", args=[warm.pk]), form_for()).url == reverse("dossier", args=[warm.pk])
    talk = seen_by(warm, imke)
    assert timezone.localtime(talk.planned_for).isoformat() == f"{YEAR}-03-03T10:30:00+01:00"
    assert talk.who == ("mijn mentor", "Sam")
    client.post(reverse("talk_outcome", args=[warm.pk]), {"outcome": "Start in augustus."})
    shown = page(browser_of(imke), "case_brief", Case.objects.get(share=warm).pk)
    for text in ("Aula", f"3 maart {YEAR}", "Stage", "Start in augustus."):
        assert text in shown
    assert "talk_where" not in shown and "Plan het gesprek" not in shown


@pytest.mark.parametrize("wrong", [{"day": ""}, {"time": ""}, {"day": "gisteren"}, {"where": BSN}, {"who": "x" * 200}])
def test_a_mistake_comes_back_in_the_form_and_keeps_what_was_typed(warm, mentor, browser_of, wrong):
    answer = browser_of(mentor).post(reverse("talk_plan", args=[warm.pk]), form_for(**wrong))
    shown = answer.content.decode()
    assert answer.status_code == 400 and "Stage</textarea>" in shown and not WarmTalk.objects.exists()


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01", "9999-12-31", "day too soon", "day too late"])
def test_a_day_too_far_away_is_a_mistake_at_the_day(warm, mentor, browser_of, day):
    far = {"day too soon": -367, "day too late": 733}
    day = (timezone.localdate() + timedelta(days=far[day])).isoformat() if day in far else day
    time = "23:59" if day[0] == "9" else "00:00"
    answer = browser_of(mentor).post(reverse("talk_plan", args=[warm.pk]), form_for(day=day, time=time))
    assert answer.status_code == 400 and not WarmTalk.objects.exists()
    assert answer.context["plan_form"].errors["day"] == ["Deze dag is te ver weg. Kies een andere dag."]


@pytest.mark.parametrize("days", [-364, 729])
def test_a_day_of_last_year_or_the_year_after_next_fits(warm, mentor, browser_of, days):
    day = (timezone.localdate() + timedelta(days=days)).isoformat()
    assert browser_of(mentor).post(reverse("talk_plan", args=[warm.pk]), form_for(day=day)).status_code == 302


@pytest.mark.parametrize("name", ["talk_plan", "talk_outcome"])
def test_for_everybody_else_there_is_nothing_to_post(warm, planned, imke, otto, sam, noor, browser_of, name):
    for by in (imke, otto, sam, noor):
        assert browser_of(by).post(reverse(name, args=[warm.pk]), form_for(outcome="x")).status_code == 404


def test_the_recipient_sees_no_form(warm, planned, imke, browser_of):
    shown = page(browser_of(imke), "dossier", warm.pk)
    assert "Lokaal 12" in shown and "Plan het gesprek" not in shown and "Verander het gesprek" not in shown


def test_printing_is_a_look_of_its_own(warm, mentor, sam, browser_of):
    browser_of(mentor).get(reverse("dossier", args=[warm.pk]) + "?print=1")
    assert [look.detail["action"] for look in looks_at(sam.pk)] == ["print"]


def test_without_a_warm_transfer_no_reader_sees_a_word_of_it(given, imke, browser_of):
    for name, at in (("dossier", given.pk), ("case_brief", Case.objects.get(share=given).pk)):
        assert "Gesprek over de overstap" not in page(browser_of(imke), name, at)


# --- Kept ------------------------------------------------------------------------------------------------------


def test_nothing_of_it_is_readable_in_the_database(planned, warm, sam, mentor):
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Een geheime plek.")
    talks.comment_on_talk(share=warm, key=key_of(sam), by=sam.user, text="Een geheime wens.")
    row = str(WarmTalk.objects.values_list().get()).encode() + b"".join(
        bytes(getattr(WarmTalk.objects.get(), name)) for name in ("sealed_plan", "sealed_outcome", "sealed_comment")
    )
    assert not [word for word in (b"geheim", b"Lokaal", b"mentor", b"toetsen") if word in row]


def test_the_export_has_it_whole(planned, warm, sam, mentor):
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Een vaste plek.")
    talks.comment_on_talk(share=warm, key=key_of(sam), by=sam.user, text="Fijn.")
    sharing.withdraw(share=warm, by=sam.user)
    kept = export.export_of(sam, key_of(sam))["shares"][0]["talk"]
    assert (kept["where"], kept["outcome"], kept["comment"]) == ("Lokaal 12", "Een vaste plek.", "Fijn.")
    assert kept["who"] == ("mijn mentor", "mevrouw Bos")


def test_a_plan_outlives_the_account_of_its_planner(planned, warm, mentor, sam):
    mentor.delete()
    talk = talks.own_talk(warm, key_of(sam))
    assert (talk.where, talk.planned_by) == ("Lokaal 12", "")


def test_erased_is_erased(planned, warm, sam):
    key = vault.open_key(sam.pk)
    row = WarmTalk.objects.get()
    assert key.open(row.sealed_plan, field=talks.PLAN_FIELD, row=row.pk)
    leaving.erase_student(sam.pk)
    assert not WarmTalk.objects.exists() and vault.open_keys([sam.pk]) == {}
