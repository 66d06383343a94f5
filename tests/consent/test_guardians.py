"""A guardian's yes and no (contract, rule 10): the yes, the no and the no-longer, and who never has a say."""

from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.identity import identity_of
from accounts.models import Tie
from accounts.refusals import NotHere, Refusal
from consent import access, services
from consent.asked import asked_of
from consent.given import get_given_or_404
from consent.ledger import Action, Event, looks_at
from consent.models import Approval, LedgerEntry, Share, ShareItem
from consent.notices import setting_of
from intake.models import Case
from intake.services import sharing
from tests import factories
from tests.factories import change_identity, key_of, share_with_programme, write

TODAY = timezone.localdate


@pytest.fixture
def young(class_a):
    """15, with two answers."""
    student = factories.make_pupil(age=15, school_class=class_a)
    for question in ("me.free_time", "can.strengths"):
        write(student, question, ["muziek"])
    return student


@pytest.fixture
def parent(young):
    return factories.make_parent(young).user


@pytest.fixture
def other_parent(young):
    return factories.make_parent(young).user


@pytest.fixture
def waiting(young, care):
    """What `young` wants to share with `care`, before anybody said yes."""
    return share_with_programme(young, care, "me.free_time")


@pytest.fixture
def approved(waiting, parent):
    return sharing.approve(share_id=waiting.pk, by=parent)


def units(share, by):
    said = access.read(share_id=share.pk, by=by, action=Action.READ).said
    return {one.unit.key: one.value for one in said}


def closed(share, by):
    with pytest.raises(NotHere):
        access.read(share_id=share.pk, by=by, action=Action.READ)
    return not access.open_shares(by).filter(pk=share.pk).exists()


def has_no_say(share, by):
    """Every way in says that nothing is here."""
    acts = [
        lambda: services.preview_for_yes(share_id=share.pk, by=by),
        lambda: sharing.approve(share_id=share.pk, by=by),
        lambda: sharing.decline(share_id=share.pk, by=by),
        lambda: services.withdraw_with_say(share_id=share.pk, by=by),
    ]
    for act in acts:
        with pytest.raises(NotHere):
            act()
    return asked_of(by) == []


def tie_of(person):
    return Tie.objects.filter(person=person)


def is_born(student, day):
    key = key_of(student)
    known = identity_of(student, key)
    fields = {name: getattr(known, name) for name in known.__slots__}
    change_identity(student=student, key=key, identity=type(known)(**{**fields, "birth_date": day and str(day)}))


def status(api, share):
    return api(share.student).get(f"/api/v1/shares/{share.pk}/").json()["status"]


def events(share):
    return list(LedgerEntry.objects.filter(share_id=share.pk).order_by("seq").values_list("event", flat=True))


# --- Yes ---------------------------------------------------------------------------------------------------


def test_a_yes_opens_the_door_and_the_case(waiting, parent, imke):
    assert closed(waiting, imke) and not Case.objects.exists()
    share = sharing.approve(share_id=waiting.pk, by=parent)
    assert share.state == "active" and units(share, imke) == {"me.free_time": ["muziek"]}
    assert Case.objects.get(share=share).status == "new"
    assert events(share)[:2] == [Event.ASSENTED, Event.APPROVED]


def test_a_second_yes_changes_nothing(approved, parent, other_parent):
    for person in (parent, other_parent):
        assert sharing.approve(share_id=approved.pk, by=person).release == approved.release
    assert Approval.objects.count() == 1 and events(approved).count(Event.APPROVED) == 1


def test_the_guardian_sees_what_the_recipient_gets_and_the_student_sees_that_look(waiting, parent, imke, young):
    dossier, seen = services.preview_for_yes(share_id=waiting.pk, by=parent)
    look = looks_at(young.pk).get()
    assert look.actor_id == parent.pk and look.detail["slots"] == [key_of(young).slot("me.free_time").hex()]
    share = sharing.approve(share_id=waiting.pk, by=parent, seen=seen)
    assert {one.unit.key: one.value for one in dossier.said} == units(share, imke)


@pytest.mark.parametrize(
    "change",
    [
        {"units": ["me.free_time", "can.strengths"]},
        {"valid_until": TODAY() + timedelta(days=3)},
        {"warm_transfer": True},
    ],
    ids=["units", "end", "warm"],
)
def test_a_yes_to_what_moved_since_is_refused(waiting, parent, young, change):
    _, seen = services.preview_for_yes(share_id=waiting.pk, by=parent)
    sharing.change(share=waiting, key=key_of(young), by=young.user, **change)
    for act in (sharing.approve, sharing.decline):
        with pytest.raises(Refusal, match="changed") as refusal:
            act(share_id=waiting.pk, by=parent, seen=seen)
        assert refusal.value.status == 409


# --- No ----------------------------------------------------------------------------------------------------


def test_a_no_ends_it_with_a_note_only_the_student_reads(waiting, parent, young, imke):
    share = sharing.decline(share_id=waiting.pk, by=parent, note="Zullen we er eerst over praten?")
    row = Approval.objects.get()
    assert share.state == "declined" and closed(share, imke) and not Case.objects.exists()
    assert b"praten" not in bytes(row.sealed_note)
    assert services.note_of(row, key_of(young)) == "Zullen we er eerst over praten?"
    with pytest.raises(Refusal, match="ended"):
        sharing.approve(share_id=share.pk, by=parent)


def test_one_no_is_no_whoever_said_yes(approved, other_parent, imke):
    assert units(approved, imke)
    share = sharing.decline(share_id=approved.pk, by=other_parent)
    assert share.state == "declined" and closed(share, imke)


def test_after_a_no_nobody_else_can_say_yes(waiting, parent, other_parent):
    sharing.decline(share_id=waiting.pk, by=parent)
    with pytest.raises(Refusal, match="ended"):
        sharing.approve(share_id=waiting.pk, by=other_parent)


def test_after_a_no_the_student_may_ask_again(waiting, parent, young, care, imke):
    sharing.decline(share_id=waiting.pk, by=parent)
    again = share_with_programme(young, care, "me.free_time")
    assert again.state == "awaiting_guardian"
    assert units(sharing.approve(share_id=again.pk, by=parent), imke)


def test_the_students_own_no_always_counts(waiting, approved, young, parent, imke):
    sharing.withdraw(share=waiting, by=young.user)
    assert closed(waiting, imke)
    with pytest.raises(Refusal, match="ended"):
        sharing.approve(share_id=waiting.pk, by=parent)


def test_a_student_who_stopped_waiting_is_not_asked_for(waiting, young, parent):
    sharing.withdraw(share=waiting, by=young.user)
    assert asked_of(parent) == []
    with pytest.raises(Refusal, match="ended"):
        sharing.approve(share_id=waiting.pk, by=parent)


@pytest.mark.parametrize("who", ["parent", "other_parent"])
def test_any_guardian_with_authority_stops_it(request, approved, imke, who):
    by = request.getfixturevalue(who)
    assert sharing.withdraw(share=approved, by=by).state == "withdrawn"
    assert closed(approved, imke)
    assert sharing.withdraw(share=approved, by=by).state == "withdrawn"


@pytest.mark.parametrize(("note", "code"), [("x" * 301, "too_long"), ("Zijn BSN is 111222333", "bsn")])
def test_a_note_fits(waiting, parent, note, code):
    with pytest.raises(Refusal, match=code) as refusal:
        sharing.decline(share_id=waiting.pk, by=parent, note=note)
    waiting.refresh_from_db()
    assert refusal.value.field == "note" and waiting.state == "awaiting_guardian"


# --- Who has no say ----------------------------------------------------------------------------------------


def test_the_student_never_approves_for_themselves(waiting, young):
    tie = factories.make_tie(young, young.user, Tie.Kind.GUARDIAN)
    Tie.objects.filter(pk=tie.pk).update(authority_checked_at=timezone.now())
    assert has_no_say(waiting, young.user)


def test_staff_superusers_and_strangers_have_no_say(waiting, imke, mentor, noor):
    coordinator = factories.make_staff("coordinator", institution=mentor.memberships.get().school_class.institution)
    for by in (imke, mentor, coordinator, noor.user, factories.make_user(is_superuser=True)):
        assert has_no_say(waiting, by)


def test_the_parent_of_another_student_has_no_say(waiting, noor):
    assert has_no_say(waiting, factories.make_parent(noor).user)


@pytest.mark.parametrize(
    "lacking",
    [
        {"authority_checked_at": None},
        {"confirmed_at": None},
        {"ends_on": TODAY() - timedelta(days=1)},
        {"starts_on": TODAY() + timedelta(days=1)},
        {"kind": "coach"},
        {"kind": "representative"},
    ],
    ids=["no authority", "not confirmed", "ended", "not begun", "a coach", "a representative of a child"],
)
def test_a_tie_that_does_not_count_has_no_say(waiting, approved, parent, lacking):
    tie_of(parent).update(**lacking)
    assert has_no_say(approved, parent)


def test_what_was_approved_runs_on_when_that_guardian_goes(approved, parent, imke):
    tie_of(parent).update(ends_on=TODAY() - timedelta(days=1))
    assert units(approved, imke)


@pytest.mark.parametrize("kind", ["school_team", "guardian"])
def test_sharing_inside_school_is_not_theirs(young, parent, class_a, kind):
    recipient = class_a.institution_id if kind == "school_team" else factories.make_parent(young).user_id
    assert has_no_say(factories.share(young, kind, recipient, "me.free_time"), parent)


def test_a_frozen_passport_is_shown_to_no_guardian(waiting, parent, young):
    type(young).objects.filter(pk=young.pk).update(frozen_at=timezone.now())
    assert has_no_say(waiting, parent)


# --- What widens waits -------------------------------------------------------------------------------------


def change(share, **what):
    return sharing.change(share=share, key=key_of(share.student), by=share.student.user, **what)


BOTH = ["me.free_time", "can.strengths"]


def test_an_added_unit_waits_and_comes_with_the_yes(approved, parent, imke, young):
    after = change(approved, units=BOTH)
    assert services.waiting_units(after, key_of(young)) == ["can.strengths"]
    assert list(units(after, imke)) == ["me.free_time"] and after.release == approved.release
    dossier, seen = services.preview_for_yes(share_id=approved.pk, by=parent)
    assert {one.unit.key for one in dossier.said} == set(BOTH)
    done = sharing.approve(share_id=approved.pk, by=parent, seen=seen)
    assert set(units(done, imke)) == set(BOTH) and done.release == approved.release + 1
    assert services.waiting_units(done, key_of(young)) == []


def test_a_newer_text_waits_and_comes_with_the_yes(approved, parent, imke, young):
    write(young, "me.free_time", ["lezen"])
    assert services.newer_units(approved, key_of(young)) == ["me.free_time"]
    after = sharing.release(share=approved, key=key_of(young), units=["me.free_time"], by=young.user)
    assert units(after, imke) == {"me.free_time": ["muziek"]}
    assert services.newer_units(after, key_of(young)) == []
    sharing.approve(share_id=approved.pk, by=parent)
    assert units(after, imke) == {"me.free_time": ["lezen"]}


def test_the_newest_that_was_asked_is_what_is_approved(approved, parent, imke, young):
    for text in ("lezen", "dansen"):
        write(young, "me.free_time", [text])
        sharing.release(share=approved, key=key_of(young), units=["me.free_time"], by=young.user)
    write(young, "me.free_time", ["slapen"])
    sharing.approve(share_id=approved.pk, by=parent)
    assert units(approved, imke) == {"me.free_time": ["dansen"]}


def test_a_later_end_and_a_warm_transfer_wait(young, care, parent, mentor):
    share = share_with_programme(young, care, "me.free_time", valid_until=TODAY() + timedelta(days=2))
    sharing.approve(share_id=share.pk, by=parent)
    later = TODAY() + timedelta(days=9)
    after = change(share, valid_until=later, warm_transfer=True)
    assert (after.valid_until, after.warm_transfer) == (share.valid_until, False) and closed(after, mentor)
    done = sharing.approve(share_id=share.pk, by=parent)
    assert (done.valid_until, done.warm_transfer) == (later, True) and units(done, mentor)


def test_a_no_to_what_was_added_leaves_what_was_approved(approved, parent, imke, young):
    change(approved, units=BOTH)
    after = sharing.decline(share_id=approved.pk, by=parent, note="Dit liever niet.")
    assert after.state == "active" and list(units(after, imke)) == ["me.free_time"]
    assert services.waiting_units(after, key_of(young)) == []
    given = get_given_or_404(young.passport, key_of(young), approved.pk)
    assert given.refused and given.refused.note == "Dit liever niet."
    change(approved, units=BOTH)
    assert get_given_or_404(young.passport, key_of(young), approved.pk).refused is None
    sharing.approve(share_id=approved.pk, by=parent)
    assert set(units(after, imke)) == set(BOTH)


def test_a_share_the_student_stopped_is_no_parents_no(approved, parent, young):
    change(approved, units=BOTH)
    sharing.decline(share_id=approved.pk, by=parent)
    sharing.withdraw(share=approved, by=young.user)
    assert get_given_or_404(young.passport, key_of(young), approved.pk).refused is None


def test_taking_away_never_waits_and_takes_what_waits_too(approved, parent, imke, young):
    change(approved, units=BOTH)
    sharing.approve(share_id=approved.pk, by=parent)
    write(young, "can.strengths", ["helpen"])
    sharing.release(share=approved, key=key_of(young), units=["can.strengths"], by=young.user)
    change(approved, units=["me.free_time"])
    assert list(units(approved, imke)) == ["me.free_time"]
    assert not ShareItem.objects.filter(share=approved, state="waiting").exists()


def test_an_earlier_end_holds_at_once_while_a_unit_waits(approved, imke, young):
    sooner = TODAY() + timedelta(days=1)
    after = change(approved, units=BOTH, valid_until=sooner)
    assert after.valid_until == sooner and list(units(after, imke)) == ["me.free_time"]
    assert services.waiting_units(after, key_of(young)) == ["can.strengths"]


def test_taking_back_a_wish_leaves_nothing_that_waits(approved, parent):
    change(approved, units=BOTH, warm_transfer=True)
    after = change(approved, units=["me.free_time"], warm_transfer=False)
    assert not services.something_waits(after) and asked_of(parent)[0].waits is False


def test_what_nobody_approved_yet_is_changed_at_once(waiting, parent, imke, young):
    after = change(waiting, units=BOTH)
    assert after.state == "awaiting_guardian" and services.waiting_units(after, key_of(young)) == BOTH
    sharing.approve(share_id=waiting.pk, by=parent)
    assert set(units(waiting, imke)) == set(BOTH)


# --- Birthdays, at midnight in Amsterdam -------------------------------------------------------------------

# The last moment of being 15 and the first of being 16: in winter, in summer, and in the two nights of the clock.
MIDNIGHTS = [
    ("2027-01-14T22:59:59Z", "2027-01-14T23:00:00Z", date(2011, 1, 15)),
    ("2027-06-09T21:59:59Z", "2027-06-09T22:00:00Z", date(2011, 6, 10)),
    ("2027-03-27T22:59:59Z", "2027-03-27T23:00:00Z", date(2011, 3, 28)),
    ("2027-03-28T21:59:59Z", "2027-03-28T22:00:00Z", date(2011, 3, 29)),
    ("2027-10-30T21:59:59Z", "2027-10-30T22:00:00Z", date(2011, 10, 31)),
    ("2027-10-31T22:59:59Z", "2027-10-31T23:00:00Z", date(2011, 11, 1)),
    ("2027-02-28T22:59:59Z", "2027-02-28T23:00:00Z", date(2011, 3, 1)),
]


@pytest.fixture
def widened(young, parent):
    """A function: a share that was approved, with a unit that waits on top of it."""

    def make(programme):
        share = share_with_programme(young, programme, "me.free_time")
        sharing.approve(share_id=share.pk, by=parent)
        return change(share, units=BOTH)

    return make


@pytest.mark.parametrize(("before", "after", "born"), MIDNIGHTS)
def test_from_the_birthday_on_guardians_have_no_say(young, parent, care, imke, widened, before, after, born):
    is_born(young, born)
    Tie.objects.update(starts_on=date(2026, 1, 1))
    imke.memberships.update(starts_on=date(2026, 1, 1))
    with time_machine.travel(before, tick=False):
        waiting = share_with_programme(young, factories.make_programme(), "me.free_time")
        running = widened(care)
        assert services.preview_for_yes(share_id=waiting.pk, by=parent)
    with time_machine.travel(after, tick=False):
        assert has_no_say(waiting, parent) and has_no_say(running, parent)
        assert list(units(running, imke)) == ["me.free_time"]


@pytest.fixture
def turns_16(young, care, parent, widened):
    """A waiting and a widened share of yesterday, on the morning of the 16th birthday."""
    waiting = share_with_programme(young, factories.make_programme(), "me.free_time")
    running = widened(care)
    today = TODAY()
    is_born(young, date(today.year - 16, today.month, today.day))
    return Share.objects.get(pk=waiting.pk), Share.objects.get(pk=running.pk)


def test_what_waits_is_over_at_once_and_the_task_ends_it(turns_16, young, api):
    waiting, running = turns_16
    assert status(api, waiting) == "expired" and status(api, running) == "active"
    assert api(young).get(f"/api/v1/shares/{running.pk}/").json()["waiting"] == []
    assert sharing.end_what_waited() == 2
    assert sharing.end_what_waited() == 0
    waiting.refresh_from_db()
    running.refresh_from_db()
    assert (waiting.state, running.state) == ("expired", "active")
    assert not ShareItem.objects.filter(state="waiting").exists()


def test_an_act_before_the_task_ran_is_refused_too(turns_16, young):
    waiting, running = turns_16
    for act in (sharing.change, sharing.release):
        with pytest.raises(Refusal, match="ended"):
            act(share=waiting, key=key_of(young), units=["me.free_time"], by=young.user)
    write(young, "me.free_time", ["lezen"])
    after = sharing.release(share=running, key=key_of(young), units=["me.free_time"], by=young.user)
    assert not after.items.filter(state="waiting").exists()


def test_a_waiting_share_is_not_in_the_way_of_a_new_one(turns_16, young):
    waiting, _ = turns_16
    assert share_with_programme(young, waiting.programme, "me.free_time").state == "active"


def test_from_16_the_student_widens_alone(turns_16, young, imke):
    _, running = turns_16
    assert set(units(change(running, units=BOTH), imke)) == set(BOTH)


def test_a_coach_who_was_given_texts_keeps_texts(young, parent):
    coach = factories.make_staff("coach", institution=factories.make_programme().institution)
    factories.make_tie(young, coach, "coach")
    share = factories.share(young, "coach", coach.pk, "me.free_time")
    sharing.approve(share_id=share.pk, by=parent)
    is_born(young, date(TODAY().year - 17, 1, 1))
    change(Share.objects.get(pk=share.pk), units=BOTH)
    write(young, "can.strengths", ["nieuw"])
    assert units(share, coach)["can.strengths"] == ["muziek"]


def test_an_unknown_age_counts_as_under_16(care):
    student = factories.make_pupil(age=None)
    write(student, "me.free_time", ["muziek"])
    parent = factories.make_parent(student).user
    share = share_with_programme(student, care, "me.free_time")
    assert sharing.approve(share_id=share.pk, by=parent).state == "active"


@pytest.mark.parametrize(("age", "state"), [(17, "active"), (18, "awaiting_guardian")])
def test_a_representative_has_a_say_from_18_on(care, imke, age, state):
    student = factories.make_pupil(age=age)
    write(student, "me.free_time", ["muziek"])
    person = factories.make_user()
    factories.make_tie(student, person, Tie.Kind.REPRESENTATIVE)
    tie_of(person).update(authority_checked_at=timezone.now())
    share = share_with_programme(student, care, "me.free_time")
    assert share.state == state
    if age == 17:
        assert has_no_say(share, person)
        return
    assert has_no_say(share, factories.make_parent(student).user)
    assert units(sharing.approve(share_id=share.pk, by=person), imke)


@pytest.mark.parametrize(("before", "after", "born"), MIDNIGHTS)
def test_from_the_18th_birthday_on_a_representative_has_a_say(care, imke, before, after, born):
    student = factories.make_pupil(age=17)
    write(student, "me.free_time", ["muziek"])
    is_born(student, born.replace(year=2009))
    person = factories.make_user()
    factories.make_tie(student, person, Tie.Kind.REPRESENTATIVE)
    tie_of(person).update(authority_checked_at=timezone.now(), starts_on=date(2026, 1, 1))
    imke.memberships.update(starts_on=date(2026, 1, 1))
    with time_machine.travel(before, tick=False):
        alone = share_with_programme(student, care, "me.free_time")
        assert alone.state == "active" and has_no_say(alone, person)
    with time_machine.travel(after, tick=False):
        assert units(alone, imke)
        waits = share_with_programme(student, factories.make_programme(), "me.free_time")
        assert waits.state == "awaiting_guardian" and [one.share for one in asked_of(person)] == [waits, alone]
        assert sharing.approve(share_id=waits.pk, by=person).state == "active"
        assert sharing.withdraw(share=alone, by=person).state == "withdrawn" and closed(alone, imke)


# --- Who only reads ----------------------------------------------------------------------------------------


def test_a_guardian_who_only_reads_needs_no_authority_and_has_no_say(young, care):
    reader = factories.make_parent(young, authority=False).user
    home = factories.share(young, "guardian", reader.pk, "me.free_time")
    assert home.state == "active" and units(home, reader) == {"me.free_time": ["muziek"]}
    assert has_no_say(share_with_programme(young, care, "me.free_time"), reader)


def test_the_student_reads_the_name_of_a_guardian_who_looked(young, waiting, parent, browser_of, api):
    home = factories.share(young, "guardian", parent.pk, "me.free_time")
    units(home, parent)
    services.preview_for_yes(share_id=waiting.pk, by=parent)
    assert [look["by"] for look in api(young).get("/api/v1/views/").json()["results"]] == ["Noor Vos", "Noor Vos"]
    assert "Noor Vos" in browser_of(young).get("/wie-keek/").content.decode()


def test_from_16_a_guardian_without_a_share_sees_nothing(turns_16, young, parent, browser_of, api):
    client = browser_of(parent)
    page = client.get("/thuis/").content.decode()
    assert "We vragen u nu niets." in page and "Er is nu niets met u gedeeld." in page
    assert "Sam" not in page and "Zorg" not in page and "Dit mag nu" not in page
    for share in turns_16:
        assert client.get(reverse("approval", args=[share.pk])).status_code == 404
        assert client.post(reverse("approval_stop", args=[share.pk])).status_code == 404
        assert api(parent).get(f"/api/v1/shares/{share.pk}/preview/").status_code == 404
        assert api(parent).get(f"/api/v1/shares/{share.pk}/receipt/").status_code == 404


# --- The student is asked once -----------------------------------------------------------------------------


def test_from_16_the_student_is_asked_once_to_keep_or_stop(approved, young, browser_of, imke):
    client = browser_of(young)
    assert "Houd het zo" not in client.get("/vandaag/").content.decode()
    is_born(young, date(TODAY().year - 17, 1, 1))
    assert "Houd het zo" in client.get("/vandaag/").content.decode()
    for _ in range(2):
        assert client.post(reverse("share_keep", args=[approved.pk])).url == reverse("today")
    assert "Houd het zo" not in client.get("/vandaag/").content.decode()
    assert events(approved).count(Event.RECONFIRMED) == 1 and units(approved, imke)


def test_only_the_student_keeps(approved, parent, noor, browser_of):
    for by in (parent, noor.user):
        assert browser_of(by).post(reverse("share_keep", args=[approved.pk])).status_code == 404


# --- Over the API ------------------------------------------------------------------------------------------


def call(api: Any, who: Any, share: Any, what: str, **body: Any) -> Any:
    return api(who).post(f"/api/v1/shares/{share.pk}/{what}/", body, format="json")


def test_the_road_of_a_guardian_over_the_api(waiting, young, parent, api, imke):
    found = api(parent).get(f"/api/v1/shares/{waiting.pk}/preview/")
    assert [one["unit"] for one in found.json()["fields"]] == ["me.free_time"]
    done = call(api, parent, waiting, "approve", seen=found["ETag"].strip('"')).json()
    assert (done["status"], done["waiting"], done["newer"]) == ("active", [], [])
    more = api(young).patch(f"/api/v1/shares/{waiting.pk}/", {"units": BOTH}, format="json")
    assert (more.status_code, more.json()["waiting"]) == (200, ["can.strengths"])
    assert call(api, parent, waiting, "decline", note="Nee.").json()["waiting"] == []
    assert call(api, parent, waiting, "withdraw").json()["status"] == "withdrawn"
    assert api(imke).get(f"/api/v1/dossiers/{waiting.pk}/").status_code == 404


def test_everything_else_is_not_there_for_a_guardian(approved, parent, api):
    nothing = api(parent).get("/api/v1/shares/2c4b6a52-95f1-4a43-9a64-000000000000/").json()
    where = f"/api/v1/shares/{approved.pk}/"
    answers = [
        api(parent).get(where),
        api(parent).patch(where, {"units": BOTH}, format="json"),
        call(api, parent, approved, "release", units=BOTH),
        api(parent).get(f"{where}replies/"),
        api(parent).get(f"/api/v1/dossiers/{approved.pk}/"),
    ]
    assert [one.status_code for one in answers] == [404] * 5 and all(one.json() == nothing for one in answers)


@pytest.mark.parametrize("what", ["approve", "decline"])
def test_a_body_that_does_not_fit_is_refused(waiting, parent, api, what):
    assert call(api, parent, waiting, what, units=["x"]).status_code == 400
    assert call(api, parent, waiting, what, seen="old").status_code == 409


# --- The pages ---------------------------------------------------------------------------------------------


def test_the_page_at_home_asks_shows_and_remembers(waiting, parent, young, browser_of, imke):
    client = browser_of(parent)
    assert reverse("approval", args=[waiting.pk]) in client.get("/thuis/").content.decode()
    page = client.get(reverse("approval", args=[waiting.pk])).content.decode()
    assert "Sam wil dit delen met Zorg, niveau 3" in page and "muziek" in page
    assert page.count('class="btn btn-even" name="answer"') == 2 and "btn-main" not in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    client.post(reverse("approval", args=[waiting.pk]), {"answer": "yes", "seen": seen})
    assert units(waiting, imke)
    assert "Dit mag nu" in client.get("/thuis/").content.decode()
    client.post(reverse("approval_stop", args=[waiting.pk]))
    assert closed(waiting, imke) and "Dit mag nu" not in client.get("/thuis/").content.decode()


def test_a_parent_sees_where_a_link_goes(young, parent, waiting, browser_of):
    write(young, "can.strengths", ["netjes werken"])
    by_link = factories.share_by_link(young, "can.strengths")
    page = browser_of(parent).get(reverse("approval", args=[by_link.pk])).content.decode()
    assert "Bakkerij Jansen, Zwolle" in page
    assert "De mail met de link gaat naar baas@bakkerij.example." in page
    other = browser_of(parent).get(reverse("approval", args=[waiting.pk])).content.decode()
    assert "De mail met de link" not in other


def test_the_notice_and_the_preview_come_before_the_answer(waiting, parent, browser_of):
    page = browser_of(parent).get(reverse("approval", args=[waiting.pk])).content.decode()
    notice = setting_of(waiting)
    places = [page.index(text) for text in ("muziek", "De afspraken bij dit delen", 'name="answer"')]
    assert places == sorted(places) and notice.controller[1:] in page and f"Versie {notice.notice_version}" in page


def test_abuse_11_one_parent_says_yes_and_one_no(approved, parent, other_parent, young, imke, mentor, browser_of, api):
    """Blocked; staff and student learn that it does not go on, never who said what."""
    case = Case.objects.get(share=approved)
    sharing.decline(share_id=approved.pk, by=other_parent, note="Liever niet.")
    for by in (imke, mentor):
        assert closed(approved, by)
    for client, where in ((browser_of(imke), "/intake/"), (browser_of(mentor), "/gedeeld/")):
        page = client.get(where).content.decode()
        assert not [word for word in ("Sam", "een ouder zei", "Noor", "Liever niet") if word in page]
    assert api(imke).get(f"/api/v1/intake/cases/{case.pk}/").json()["status"] == "ended"
    own = browser_of(young).get(reverse("share", args=[approved.pk])).content.decode()
    assert "Een ouder zei nee." in own and "Noor" not in own
    told = browser_of(parent).get("/thuis/").content.decode()
    assert "Zorg" not in told and "Liever niet" not in told


@pytest.mark.parametrize(("yes", "told"), [(True, True), (False, False)])
def test_the_school_team_hears_that_home_does_not_agree_and_no_more(
    yes, told, young, parent, other_parent, care, mentor, browser_of
):
    """Both a yes and a no, to a share the mentor reads along with: no name, nobody who said it (issue 3)."""
    factories.share(young, "school_team", mentor.memberships.get().school_class.institution_id, "can.strengths")
    warm = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    if yes:
        sharing.approve(share_id=warm.pk, by=parent)
    sharing.decline(share_id=warm.pk, by=other_parent, note="Liever niet.")
    page = browser_of(mentor).get("/gedeeld/").content.decode()
    assert ("het niet eens over een warme overdracht" in page) is told
    assert "Liever niet" not in page and "een ouder zei" not in page
    with time_machine.travel(timezone.now() + timedelta(days=61)):
        assert "het niet eens" not in browser_of(mentor).get("/gedeeld/").content.decode()


def test_who_has_nothing_of_the_student_hears_nothing_of_home(young, parent, other_parent, care, mentor, browser_of):
    warm = share_with_programme(young, care, "me.free_time", warm_transfer=True)
    sharing.approve(share_id=warm.pk, by=parent)
    sharing.decline(share_id=warm.pk, by=other_parent)
    assert "het niet eens" not in browser_of(mentor).get("/gedeeld/").content.decode()


def test_a_yes_without_what_was_seen_is_no_yes(waiting, parent, browser_of):
    client = browser_of(parent)
    for body in ({"answer": "yes"}, {}, {"answer": "maybe"}):
        client.post(reverse("approval", args=[waiting.pk]), body)
    waiting.refresh_from_db()
    assert waiting.state == "awaiting_guardian"


def test_a_note_that_does_not_fit_is_kept_on_the_page(waiting, parent, browser_of):
    client = browser_of(parent)
    page = client.get(reverse("approval", args=[waiting.pk])).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    answer = client.post(reverse("approval", args=[waiting.pk]), {"answer": "no", "seen": seen, "note": "x" * 301})
    assert answer.status_code == 400 and "x" * 301 in answer.content.decode()


def test_the_student_reads_that_a_parent_said_no_and_never_which(waiting, parent, young, browser_of):
    client = browser_of(young)
    assert "We wachten op je ouder." in client.get("/delen/").content.decode()
    sharing.decline(share_id=waiting.pk, by=parent, note="Later misschien.")
    for where in ("/delen/", reverse("share", args=[waiting.pk])):
        page = client.get(where).content.decode()
        assert "Een ouder zei nee." in page and "Later misschien." in page and "Noor" not in page


def test_the_student_sees_what_waits_on_top_and_changes_it(approved, young, browser_of):
    change(approved, units=BOTH)
    client = browser_of(young)
    page = client.get("/delen/").content.decode()
    assert "We wachten op je ouder." in page and "Tot die tijd blijft het zoals het was." in page
    form = {"units": ["me.free_time"], "until": approved.valid_until.isoformat()}
    client.post(reverse("share_change", args=[approved.pk]), form)
    assert "We wachten op je ouder." not in client.get("/delen/").content.decode()


def test_a_student_adds_on_the_page_and_it_waits(approved, young, browser_of, parent):
    client = browser_of(young)
    form = {"units": BOTH, "until": approved.valid_until.isoformat()}
    where = client.post(reverse("share_change", args=[approved.pk]), form).url
    page = client.get(where).content.decode()
    assert "Een ouder moet ook ja zeggen." in page
    client.post(where, {"answer": "yes", "seen": page.split('name="seen" value="')[1].split('"')[0]})
    assert asked_of(parent)[0].waits
    at_home = browser_of(parent)
    assert "Sam wil meer delen" in at_home.get("/thuis/").content.decode()
    new = at_home.get(reverse("approval", args=[approved.pk])).content.decode().split("Dit is nieuw")[1]
    assert "Waar ben je goed in?" in new.split("</section>")[0] and "vrije tijd" not in new.split("</section>")[0]


def test_home_is_for_guardians_alone(waiting, parent, young, imke, mentor, browser_of):
    assert browser_of(parent).get("/thuis/").status_code == 200
    for by in (young.user, imke, mentor):
        assert browser_of(by).get("/thuis/").status_code == 404
        assert browser_of(by).get(reverse("approval", args=[waiting.pk])).status_code == 404


def test_the_list_at_home_does_not_read_more_for_more_shares(young, parent, django_assert_num_queries):
    for _ in range(2):
        for _ in range(2):
            share_with_programme(young, factories.make_programme(), "me.free_time")
        with django_assert_num_queries(4):  # the ties' students, whose say counts, the shares, their items
            asked_of(parent)


# --- The school's check ------------------------------------------------------------------------------------


def test_the_school_records_its_check(young, class_a, waiting):
    parent = factories.make_parent(young, authority=False).user
    care = factories.make_staff("care", institution=class_a.institution)
    names = (young.user.username, parent.username)
    assert has_no_say(waiting, parent)
    call_command("record_authority", *names, "--by", care.username, stdout=StringIO())
    assert sharing.approve(share_id=waiting.pk, by=parent).state == "active"


@pytest.mark.parametrize("who", ["mentor", "imke", "noor"])
def test_nobody_else_records_it(request, young, who):
    parent = factories.make_parent(young, authority=False).user
    found = request.getfixturevalue(who)
    by = getattr(found, "user", found)
    with pytest.raises(CommandError):
        call_command("record_authority", young.user.username, parent.username, "--by", by.username)
    assert tie_of(parent).get().authority_checked_at is None


def test_a_stranger_gets_no_authority(young, class_a, noor):
    care = factories.make_staff("care", institution=class_a.institution)
    for names in ((young.user.username, noor.user.username), ("x", "y")):
        with pytest.raises(CommandError):
            call_command("record_authority", *names, "--by", care.username)
