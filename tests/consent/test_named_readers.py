"""A care coordinator reads with the school team only where the student added them, by name (contract, recipients)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.refusals import NotHere, Refusal
from consent import access, proofs
from consent.ledger import Action, Event, looks_at
from consent.models import LedgerEntry, NamedReader
from intake.services import sharing
from tests import factories
from tests.factories import key_of

YESTERDAY = timedelta(days=1)


@pytest.fixture
def school(class_a):
    return class_a.institution


@pytest.fixture
def anna(school):
    """Care coordinator of Sam's school."""
    return factories.make_staff("care", institution=school, name="Anna Care")


@pytest.fixture
def bram(school):
    """The other care coordinator there, whom nobody adds."""
    return factories.make_staff("care", institution=school, name="Bram Care")


@pytest.fixture
def lob(sam, school):
    return factories.share(sam, "school_team", school.pk, "me.free_time")


def name(share, *people):
    return sharing.change(
        share=share, key=key_of(share.student), by=share.student.user, named=[one.pk for one in people]
    )


def reads(share, by):
    """The door and the list agree."""
    listed = access.open_shares(by).filter(pk=share.pk).exists()
    assert listed == access.open_shares(by, kind=share.recipient_kind).filter(pk=share.pk).exists()
    try:
        access.read(share_id=share.pk, by=by, action=Action.READ)
    except NotHere:
        assert not listed
        return False
    assert listed
    return True


def over(memberships):
    memberships.update(ends_on=timezone.localdate() - YESTERDAY)


# --- Yes and no --------------------------------------------------------------------------------------------


def test_nobody_of_care_reads_by_themselves(lob, anna, mentor):
    assert reads(lob, mentor) and not reads(lob, anna)


def test_who_is_added_reads_and_nobody_else(lob, anna, bram, mentor):
    name(lob, anna)
    assert reads(lob, anna) and reads(lob, mentor) and not reads(lob, bram)


def test_the_student_sees_the_look(lob, anna, sam):
    name(lob, anna)
    reads(lob, anna)
    assert looks_at(sam.pk).get().actor_id == anna.pk


def test_being_added_to_one_share_opens_no_other(lob, anna, sam, care):
    warm = factories.share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    NamedReader.objects.create(share=warm, person=anna)
    name(lob, anna)
    assert not reads(warm, anna)


# --- No longer ---------------------------------------------------------------------------------------------


def test_taken_off_holds_at_once(lob, anna):
    name(lob, anna)
    name(lob)
    assert not reads(lob, anna) and not NamedReader.objects.exists()


@pytest.mark.parametrize("whose", ["anna", "sam"])
def test_it_ends_when_either_leaves_the_school(request, lob, anna, whose):
    name(lob, anna)
    who = request.getfixturevalue(whose)
    over(Membership.objects.filter(user=getattr(who, "user", who)))
    assert not reads(lob, anna)


def test_a_membership_that_has_to_begin_does_not_count(lob, anna):
    name(lob, anna)
    anna.memberships.update(starts_on=timezone.localdate() + YESTERDAY)
    assert not reads(lob, anna)


def test_a_care_coordinator_who_goes_to_another_school_reads_nothing(lob, anna):
    name(lob, anna)
    anna.memberships.update(institution=factories.make_class("B").institution)
    assert not reads(lob, anna)


def test_another_role_there_is_not_enough(lob, anna):
    name(lob, anna)
    anna.memberships.update(role="coordinator")
    assert not reads(lob, anna)


def test_when_the_student_moves_to_another_school_it_is_over(lob, anna, sam):
    name(lob, anna)
    sam.user.memberships.update(school_class=factories.make_class("B"))
    assert not reads(lob, anna)


def test_it_ends_with_the_share_and_a_new_one_starts_without(lob, anna, sam, school):
    name(lob, anna)
    sharing.withdraw(share=lob, by=sam.user)
    again = factories.share(sam, "school_team", school.pk, "me.free_time")
    assert not reads(lob, anna) and not reads(again, anna)


def test_a_frozen_passport_is_closed_to_them_too(lob, anna, sam):
    name(lob, anna)
    type(sam).objects.update(frozen_at=timezone.now())
    assert not reads(lob, anna)


# --- Who can be added, by whom -----------------------------------------------------------------------------


def test_under_sixteen_it_does_not_wait(class_a, school, anna):
    young = factories.make_pupil(age=15, school_class=class_a)
    factories.write(young, "me.free_time", ["muziek"])
    share = factories.share(young, "school_team", school.pk, "me.free_time")
    name(share, anna)
    assert reads(share, anna)


@pytest.mark.parametrize("who", ["mentor", "imke", "stranger", "elsewhere", "was_care"])
def test_only_a_care_coordinator_of_this_school_today_can_be_added(request, lob, who, anna):
    if who == "was_care":
        over(anna.memberships)
        person = anna
    elif who == "elsewhere":
        person = factories.make_staff("care", institution=factories.make_class("B").institution)
    else:
        person = factories.make_user() if who == "stranger" else request.getfixturevalue(who)
    with pytest.raises(Refusal, match="unknown_reader"):
        name(lob, person)
    assert not NamedReader.objects.exists()


def test_only_for_the_school_team(given, anna):
    with pytest.raises(Refusal, match="no_named_readers"):
        name(given, anna)


@pytest.mark.parametrize("who", ["mentor", "anna", "noor"])
def test_nobody_but_the_student_adds(request, lob, anna, who):
    found = request.getfixturevalue(who)
    by = getattr(found, "user", found)
    with pytest.raises(NotHere):
        sharing.change(share=lob, key=key_of(lob.student), by=by, named=[anna.pk])
    assert not NamedReader.objects.exists()


def test_after_the_share_ended_nobody_is_added(lob, anna, sam):
    sharing.withdraw(share=lob, by=sam.user)
    with pytest.raises(Refusal, match="ended"):
        name(lob, anna)


# --- What is written down ----------------------------------------------------------------------------------


def test_the_ledger_and_the_receipt_have_it(lob, anna):
    name(lob, anna)
    assert LedgerEntry.objects.order_by("-seq").first().event == Event.CHANGED
    record = proofs.newest_proof_or_404(lob, key_of(lob.student)).record
    assert str(anna.pk) in [party["party_id"] for party in record["parties"]]
    name(lob)
    record = proofs.newest_proof_or_404(lob, key_of(lob.student)).record
    assert str(anna.pk) not in [party["party_id"] for party in record["parties"]]
    assert "Anna" not in str(record)


# --- Over the API ------------------------------------------------------------------------------------------


def test_over_the_api(lob, anna, sam, api):
    where = f"/api/v1/shares/{lob.pk}/"
    assert api(sam).get(where).json()["named"] == []
    done = api(sam).patch(where, {"named": [str(anna.pk)]}, format="json")
    assert (done.status_code, done.json()["named"]) == (200, [str(anna.pk)]) and reads(lob, anna)
    assert api(anna).get(f"/api/v1/dossiers/{lob.pk}/").status_code == 200
    assert api(sam).patch(where, {"named": []}, format="json").json()["named"] == []
    assert api(anna).get(f"/api/v1/dossiers/{lob.pk}/").status_code == 404


def test_another_change_leaves_who_was_added(lob, anna, sam, api):
    name(lob, anna)
    body = {"units": ["me.free_time", "can.strengths"]}
    assert api(sam).patch(f"/api/v1/shares/{lob.pk}/", body, format="json").json()["named"] == [str(anna.pk)]


def test_at_the_giving_too(sam, school, anna, bram, api):
    until = timezone.localdate() + YESTERDAY
    body = {"recipient": {"kind": "school_team", "id": str(school.pk)}, "purpose": "lob", "units": ["me.free_time"]}
    body |= {"valid_until": until.isoformat(), "named": [str(anna.pk)]}
    made = api(sam).post("/api/v1/shares/", body, format="json")
    share = sam.shares.get()
    assert made.status_code == 201 and made.json()["named"] == [str(anna.pk)]
    assert reads(share, anna) and not reads(share, bram)


@pytest.mark.parametrize("named", [[str(uuid4())], ["x"], "x", None], ids=["unknown", "no id", "no list", "null"])
def test_what_does_not_fit_is_400_and_changes_nothing(lob, anna, sam, school, api, named):
    name(lob, anna)
    answer = api(sam).patch(f"/api/v1/shares/{lob.pk}/", {"named": named}, format="json")
    assert answer.status_code == 400 and answer.json()["code"]
    assert [row.person_id for row in NamedReader.objects.all()] == [anna.pk]


def test_a_share_with_an_unknown_name_is_not_given(sam, school, api):
    until = timezone.localdate() + YESTERDAY
    body = {"recipient": {"kind": "school_team", "id": str(school.pk)}, "purpose": "lob", "units": ["me.free_time"]}
    body |= {"valid_until": until.isoformat(), "named": [str(uuid4())]}
    assert api(sam).post("/api/v1/shares/", body, format="json").status_code == 400
    assert not sam.shares.exists()


# --- The page ----------------------------------------------------------------------------------------------


def test_the_page_adds_and_takes_off(lob, anna, bram, sam, browser_of):
    client, where = browser_of(sam), reverse("share_readers", args=[lob.pk])
    assert where in client.get(reverse("share", args=[lob.pk])).content.decode()
    page = client.get(where).content.decode()
    assert "Anna Care" in page and "Bram Care" in page and "checked" not in page
    client.post(where, {"add": str(anna.pk)})
    assert reads(lob, anna) and not reads(lob, bram)
    assert "Anna Care" in client.get(reverse("share", args=[lob.pk])).content.decode()
    client.post(where, {"remove": str(anna.pk)})
    assert not reads(lob, anna)


@pytest.mark.parametrize("body", [{}, {"add": "x"}, {"add": "00000000-0000-0000-0000-000000000000"}, {"remove": "x"}])
def test_an_odd_form_changes_nothing(lob, anna, sam, browser_of, body):
    name(lob, anna)
    assert browser_of(sam).post(reverse("share_readers", args=[lob.pk]), body).status_code in (302, 200)
    assert reads(lob, anna) and NamedReader.objects.count() == 1


def test_the_page_is_the_students_alone_and_of_a_school_share(lob, given, sam, mentor, anna, noor, browser_of):
    for by in (mentor, anna, noor):
        assert browser_of(by).get(reverse("share_readers", args=[lob.pk])).status_code == 404
    assert browser_of(sam).get(reverse("share_readers", args=[given.pk])).status_code == 404


def test_the_passport_says_who_sees_it(lob, anna, sam, browser_of):
    where = reverse("question", args=["me.free_time"])
    assert "zorgcoördinator" not in browser_of(sam).get(where).content.decode()
    name(lob, anna)
    assert "je zorgcoördinator" in browser_of(sam).get(where).content.decode()
