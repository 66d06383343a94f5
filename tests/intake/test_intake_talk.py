"""The talk of an intake: who plans it, what the student sees and says, and an invitation that says nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Membership, Role
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action, looks_at
from intake.models import Case, IntakeTalk
from intake.services import cases, export, fits, intake_talk, leaving, mail, sharing
from tests import factories
from tests.factories import key_of, share_with_programme, write

WITH_ME, STYLE, QUESTIONS = "transition.with_me", "transition.talk_style", "transition.my_questions"


@pytest.fixture
def asks(sam):
    write(sam, WITH_ME, ["mijn coach"])
    write(sam, STYLE, ["een rustige kamer"])
    write(sam, QUESTIONS, ["Hoe groot is de klas?"])
    return sam


@pytest.fixture
def share(asks, care):
    return share_with_programme(asks, care, "me.free_time", "need.support.quiet", WITH_ME, STYLE, QUESTIONS)


@pytest.fixture
def case(share):
    return Case.objects.get(share=share)


@pytest.fixture
def moment():
    return (timezone.now() + timedelta(days=9)).replace(hour=9, minute=30, second=0, microsecond=0)


@pytest.fixture
def planned(case, imke, moment):
    lines = {
        "who": ["mijn coach", "de mentor"],
        "how": ["een rustige kamer"],
        "agenda": ["Hoe groot is de klas?", "Hulp: Een rustige plek om te werken", "De proefdag"],
    }
    said = {"at": moment, "assigned_to": imke, "where": "Lokaal 4", "lines": lines}
    return intake_talk.plan_talk(case_id=case.pk, by=imke, **said)


def seen_by(case, by):
    return intake_talk.plan_of(*cases.read_case(case_id=case.pk, by=by))


def own(student, share):
    return intake_talk.own_plan(type(share).objects.get(pk=share.pk), key_of(student))


def text(answer: Any) -> str:
    return answer.content.decode()


# --- Planning ----------------------------------------------------------------------------------------------


def test_the_page_starts_from_both_sides(case, imke, browser_of):
    shown = browser_of(imke).get(reverse("case_plan", args=[case.pk]))
    form = shown.context["form"]
    assert form["who"].value() == "mijn coach" and form["how"].value() == "een rustige kamer"
    assert form["agenda"].value() == "Hoe groot is de klas?\nHulp: Een rustige plek om te werken"


def test_a_need_that_was_answered_is_not_put_on_the_agenda(case, imke):
    fits.put_fit(case_id=case.pk, by=imke, need="quiet", answer="yes")
    dossier = access.read(share_id=case.share_id, by=imke, action=Action.READ)
    assert intake_talk.wanted(dossier).agenda == ["Hoe groot is de klas?"]


def test_what_is_not_shared_is_suggested_nowhere(asks, care, imke):
    share = share_with_programme(asks, care, "me.free_time")
    said = intake_talk.wanted(access.read(share_id=share.pk, by=imke, action=Action.READ))
    assert (said.who, said.how, said.agenda) == ((), (), [])


def test_seeing_the_page_is_a_look(case, imke, sam, browser_of):
    before = len(looks_at(sam.pk))
    browser_of(imke).get(reverse("case_plan", args=[case.pk]))
    assert len(looks_at(sam.pk)) == before + 1


def test_the_student_sees_the_plan_at_once(planned, sam, share, moment):
    plan = own(sam, share)
    assert (plan.at, plan.where, plan.planned_by) == (moment, "Lokaal 4", "Imke Bos")
    assert plan.agenda[-1] == "De proefdag" and plan.who == ("mijn coach", "de mentor")


def test_the_case_holds_the_moment_and_becomes_invited(case, imke, moment):
    cases.read_case(case_id=case.pk, by=imke)
    now = intake_talk.plan_talk(case_id=case.pk, by=imke, at=moment)
    assert (now.intake_at, now.status) == (moment, Case.Status.INVITED)


def test_another_moment_over_the_api_is_the_moment_of_the_talk(planned, sam, share, imke, api, moment):
    later = (moment + timedelta(days=1)).isoformat()
    before = IntakeTalk.objects.get().version
    api(imke).patch(reverse("api_case", args=[planned.pk]), {"intake_at": later}, format="json")
    assert own(sam, share).at == moment + timedelta(days=1)
    assert IntakeTalk.objects.get().version == before + 1


def test_planned_over_the_api_alone_the_student_sees_the_moment(case, imke, api, sam, share, moment):
    api(imke).patch(reverse("api_case", args=[case.pk]), {"intake_at": moment.isoformat()}, format="json")
    assert own(sam, share).at == moment and own(sam, share).agenda == ()


def test_the_plan_is_sealed(planned):
    row = IntakeTalk.objects.get()
    assert b"Lokaal" not in bytes(row.sealed_plan) and b"coach" not in bytes(row.sealed_plan)


@pytest.mark.parametrize("who", ["otto", "mentor", "noor"])
def test_nobody_else_plans_or_reads(request, planned, share, browser_of, who):
    other = request.getfixturevalue(who)
    client = browser_of(other)
    for name in ("case_plan", "case_talk_file"):
        assert client.get(reverse(name, args=[planned.pk])).status_code == 404
    for name in ("share_intake_talk", "share_talk_file"):
        assert client.get(reverse(name, args=[share.pk])).status_code == 404
    with pytest.raises(NotHere):
        intake_talk.plan_talk(case_id=planned.pk, by=getattr(other, "user", other))


@pytest.mark.parametrize("end", ["stop", "freeze", "membership"])
def test_afterwards_the_intaker_sees_and_plans_nothing_and_the_student_still_does(planned, share, sam, imke, end):
    if end == "stop":
        sharing.withdraw(share=share, by=sam.user)
    elif end == "freeze":
        leaving.freeze(student=sam, by=sam.user)
    else:
        Membership.objects.filter(user=imke).delete()
    for act in (seen_by, lambda case, by: intake_talk.plan_talk(case_id=case.pk, by=by)):
        with pytest.raises(NotHere):
            act(planned, imke)
    assert own(sam, share).where == "Lokaal 4"


def test_what_the_student_takes_out_of_the_share_is_out_of_the_plan(planned, share, sam, imke):
    sharing.change(share=share, key=key_of(sam), by=sam.user, units=["me.free_time"])
    plan = seen_by(planned, imke)
    assert (plan.who, plan.how, plan.agenda) == (("de mentor",), (), ("De proefdag",))


def test_a_need_that_was_answered_since_stays_on_the_agenda(planned, imke):
    fits.put_fit(case_id=planned.pk, by=imke, need="quiet", answer="yes")
    assert "Hulp: Een rustige plek om te werken" in seen_by(planned, imke).agenda


# --- The student answers -----------------------------------------------------------------------------------


def answer(share, sam, **said):
    return intake_talk.answer_talk(share=share, key=key_of(sam), by=sam.user, **said)


def test_the_intaker_reads_what_the_student_says(planned, share, sam, imke, browser_of):
    answer(share, sam, other_time=True, bring="mijn oom", text="Liever na twaalf uur")
    said = seen_by(planned, imke).answer
    assert (said.other_time, said.bring, said.text) == (True, "mijn oom", "Liever na twaalf uur")
    assert "Ik wil een andere tijd" in text(browser_of(imke).get(reverse("case_brief", args=[planned.pk])))


def test_another_time_is_heard_when_the_moment_changes(planned, share, sam, imke, moment):
    answer(share, sam, other_time=True, bring="mijn oom")
    intake_talk.plan_talk(case_id=planned.pk, by=imke, at=moment + timedelta(days=2))
    said = seen_by(planned, imke).answer
    assert (said.other_time, said.bring) == (False, "mijn oom")


def test_nothing_said_takes_it_away(planned, share, sam, imke):
    answer(share, sam, bring="mijn oom")
    answer(share, sam)
    assert seen_by(planned, imke).answer is None and own(sam, share).answer is None


def test_only_the_student_answers_and_only_while_somebody_reads_it(planned, share, sam, noor):
    with pytest.raises(NotHere):
        intake_talk.answer_talk(share=share, key=key_of(sam), by=noor.user, bring="x")
    sharing.withdraw(share=share, by=sam.user)
    share.refresh_from_db()
    with pytest.raises(Refusal) as no:
        answer(share, sam, bring="x")
    assert no.value.status == 409


def test_without_a_plan_there_is_nothing_to_answer(share, sam, browser_of):
    with pytest.raises(NotHere):
        answer(share, sam, bring="x")
    assert browser_of(sam).get(reverse("share_intake_talk", args=[share.pk])).status_code == 404


def test_the_students_page(planned, share, sam, browser_of):
    client, address = browser_of(sam), reverse("share_intake_talk", args=[share.pk])
    shown = text(client.get(address))
    assert "Lokaal 4" in shown and "De proefdag" in shown and "<title>Je gesprek op het mbo" in shown
    assert client.post(address, {"other_time": "on", "text": "Liever na twaalf uur"}).status_code == 302
    assert "Liever na twaalf uur" in text(client.get(address))
    wrong = client.post(address, {"text": "Mijn BSN is 111222333"})
    assert wrong.status_code == 400 and "BSN" in text(wrong)
    for name in ("today", "share"):
        page = client.get(reverse(name, args=[share.pk] if name == "share" else []))
        assert address in text(page)


# --- The invitation and the mail ---------------------------------------------------------------------------


def test_the_invitation_says_a_time_and_a_town_and_nothing_else(planned, share, sam, care, imke, moment, browser_of):
    care.place = "Zwolle"
    care.save()
    files = [
        browser_of(sam).get(reverse("share_talk_file", args=[share.pk])),
        browser_of(imke).get(reverse("case_talk_file", args=[planned.pk])),
    ]
    for file in files:
        assert (
            file["Content-Type"].startswith("text/calendar") and 'filename="gesprek.ics"' in file["Content-Disposition"]
        )
        [event] = Calendar.from_ical(file.content).walk("VEVENT")
        assert {name: str(event[name]) for name in ("SUMMARY", "LOCATION")} == {
            "SUMMARY": "Gesprek",
            "LOCATION": "Zwolle",
        }
        assert event["DTSTART"].dt == moment and event["DTEND"].dt == moment + timedelta(minutes=45)
        said = {"UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND", "CLASS", "LOCATION"}
        assert set(event) == said
    assert files[0].content.split(b"DTSTAMP")[0] == files[1].content.split(b"DTSTAMP")[0]


def test_a_changed_plan_is_a_newer_version_of_the_same_invitation(planned, share, sam, imke, moment):
    first = Calendar.from_ical(intake_talk.invitation_of(share)).walk("VEVENT")[0]
    intake_talk.plan_talk(case_id=planned.pk, by=imke, at=moment + timedelta(hours=1))
    second = Calendar.from_ical(intake_talk.invitation_of(share)).walk("VEVENT")[0]
    assert first["UID"] == second["UID"] and second["SEQUENCE"] > first["SEQUENCE"]


def test_a_plan_made_over_the_api_is_one_invitation_with_versions(case, share, sam, imke, api, moment):
    def made():
        [event] = Calendar.from_ical(intake_talk.invitation_of(share)).walk("VEVENT")
        return event["UID"], event["SEQUENCE"]

    client, address = api(imke), reverse("api_case", args=[case.pk])
    versions = []
    for days in range(2):
        client.patch(address, {"intake_at": (moment + timedelta(days=days)).isoformat()}, format="json")
        versions.append(made())
    answer(share, sam, bring="mijn moeder")
    assert versions[0][1] < versions[1][1] and {made()[0], versions[0][0]} == {versions[1][0]}


def test_a_moment_from_before_there_was_a_plan_keeps_its_id(case, share, sam, moment):
    Case.objects.filter(pk=case.pk).update(intake_at=moment)
    before = intake_talk.invitation_of(share).split(b"UID:")[1].split()[0]
    answer(share, sam, bring="mijn moeder")
    assert before in intake_talk.invitation_of(share)
    assert str(case.pk).encode() not in before and str(share.pk).encode() not in before


def test_without_a_moment_there_is_no_invitation(case, share, sam, browser_of):
    assert browser_of(sam).get(reverse("share_talk_file", args=[share.pk])).status_code == 404


def test_the_mail_to_the_student_says_nothing_and_leads_to_the_talk(planned, share, sam, care, browser_of):
    sam.user.email = "sam@example.nl"
    sam.user.save()
    assert mail.tell_of_talk(share.pk)
    [sent] = outbox.outbox
    said = f"{sent.subject} {sent.body}"
    assert not re.search(r"Sam|Imke|gesprek|intake|Zorg|Lokaal|[0-9a-f]{8}-", said.replace("mijn-gesprek", ""))
    path = re.search(r"https?://[^/\s]+(\S+)", sent.body)[1]
    assert browser_of(sam).get(path).url == reverse("share_intake_talk", args=[share.pk])
    sharing.withdraw(share=share, by=sam.user)
    assert not mail.tell_of_talk(share.pk)
    assert browser_of(sam).get(path).url == reverse("share_list")


def test_a_new_moment_wakes_one_mail_and_the_same_moment_none(
    case, imke, moment, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(mail, "_wake", lambda task, one: woken.append((task, one)))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            intake_talk.plan_talk(case_id=case.pk, by=imke, at=moment)
    assert woken == [("intake.tasks.tell_of_talk", str(case.share_id))]


def test_the_intaker_hears_that_something_changed(
    planned, share, sam, imke, monkeypatch, django_capture_on_commit_callbacks
):
    imke.email = "imke@example.nl"
    imke.save()
    monkeypatch.setattr(mail, "_wake", lambda task, one: mail.tell_staff(one))
    with django_capture_on_commit_callbacks(execute=True):
        answer(share, sam, other_time=True)
    assert [sent.to for sent in outbox.outbox] == [["imke@example.nl"]]
    assert "Sam" not in outbox.outbox[0].body and "tijd" not in outbox.outbox[0].body


@pytest.mark.parametrize("left", ["assignee", "everybody"])
def test_only_who_still_does_the_intake_hears_it(
    planned, share, sam, imke, care, left, monkeypatch, django_capture_on_commit_callbacks
):
    bo = factories.make_staff(Role.INTAKER, programme=care, name="Bo Prins")
    cases.change_case(case=planned, by=imke, assigned_to=bo, fields=["assigned_to"])
    gone = Membership.objects.filter(user=bo) if left == "assignee" else Membership.objects.filter(programme=care)
    gone.update(starts_on=timezone.localdate() - timedelta(days=2), ends_on=timezone.localdate() - timedelta(days=1))
    told = []
    monkeypatch.setattr(mail, "tell_staff_soon", told.append)
    with django_capture_on_commit_callbacks(execute=True):
        answer(share, sam, bring="mijn oom")
    assert told == ([imke.pk] if left == "assignee" else [])


# --- Taking along and going away ---------------------------------------------------------------------------


def test_the_talk_is_in_the_export_whole(planned, share, sam):
    answer(share, sam, bring="mijn oom")
    sharing.withdraw(share=share, by=sam.user)
    [found] = [one["intake_talk"] for one in export.export_of(sam, key_of(sam))["shares"] if one["intake_talk"]]
    assert (
        found["where"] == "Lokaal 4" and found["answer"]["bring"] == "mijn oom" and found["agenda"][2] == "De proefdag"
    )


def test_erased_is_erased(planned, sam):
    sam.delete()
    assert not IntakeTalk.objects.exists()


def test_a_colleague_of_the_programme_sees_the_plan_too(planned, care):
    colleague = factories.make_staff(Role.INTAKER, programme=care)
    assert seen_by(planned, colleague).where == "Lokaal 4"
