"""«Gezag nakijken»: who sees whom, the check that makes a yes count, and who may not (contract, rule 10)."""

from datetime import timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import authority
from accounts.models import Tie
from accounts.refusals import NotHere
from intake.services import sharing
from tests import factories
from tests.factories import share_with_programme, write

PAGE = "/gezag/"


@pytest.fixture
def young(class_a):
    student = factories.make_pupil(age=15, school_class=class_a)
    write(student, "me.free_time", ["muziek"])
    return student


@pytest.fixture
def parent(young):
    """Accepted, and nobody checked yet."""
    return factories.make_parent(young, authority=False).user


@pytest.fixture
def care_person(class_a):
    return factories.make_staff("care", institution=class_a.institution)


def test_the_school_sees_who_waits_and_the_yes_counts_after_the_check(
    young, parent, care_person, care, browser_of, django_assert_max_num_queries
):
    waiting = share_with_programme(young, care, "me.free_time")
    assert browser_of(parent).get(reverse("approval", args=[waiting.pk])).status_code == 404
    client = browser_of(care_person)
    with django_assert_max_num_queries(16):
        page = client.get(PAGE).content.decode()
    assert "Noor" in page and "klas A" in page and "muziek" not in page
    tie = Tie.objects.get(student=young)
    assert client.post(reverse("authority_check", args=[tie.pk])).status_code == 302
    assert "Er wacht nu niemand" in client.get(PAGE).content.decode()
    assert browser_of(parent).get(reverse("approval", args=[waiting.pk])).status_code == 200


def test_more_who_wait_cost_no_more_queries(class_a, care_person):
    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as asked:
            rows = authority.unchecked_for(care_person)
        return len(asked) if rows else 0

    factories.make_parent(factories.make_pupil(age=15, school_class=class_a), authority=False)
    one = queries()
    for _ in range(5):
        factories.make_parent(factories.make_pupil(age=15, school_class=class_a), authority=False)
    assert queries() == one > 0


@pytest.mark.parametrize("who", ["mentor", "imke", "sam", "parent"])
def test_nobody_else_has_this_page(who, request, parent, browser_of):
    person = request.getfixturevalue(who)
    client = browser_of(getattr(person, "user", person))
    tie = Tie.objects.get()
    assert client.get(PAGE).status_code == 404
    assert client.post(reverse("authority_check", args=[tie.pk])).status_code == 404
    assert Tie.objects.get().authority_checked_at is None


def test_another_school_neither(young, parent):
    elsewhere = factories.make_staff("care", institution=factories.make_class("Z").institution)
    assert authority.unchecked_for(elsewhere) == []
    with pytest.raises(NotHere):
        authority.check(tie_id=Tie.objects.get().pk, by=elsewhere)


def test_who_asked_them_does_not_check_them(young, parent, care_person):
    Tie.objects.update(invited_by=care_person)
    assert authority.unchecked_for(care_person) == []
    with pytest.raises(NotHere):
        authority.check(tie_id=Tie.objects.get().pk, by=care_person)


@pytest.mark.parametrize(
    ("age", "kind", "waits"),
    [(15, "guardian", True), (16, "guardian", False), (18, "guardian", False), (18, "representative", True),
     (15, "representative", False)],
)  # fmt: skip
def test_only_of_whom_a_check_means_something(age, kind, waits, class_a, care_person):
    student = factories.make_pupil(age=age, school_class=class_a)
    factories.make_parent(student, authority=False)
    Tie.objects.update(kind=kind)
    assert bool(authority.unchecked_for(care_person)) is waits


def test_a_student_who_left_is_nobody_to_check(young, parent, care_person):
    young.user.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert authority.unchecked_for(care_person) == []


# --- No authority any more ---------------------------------------------------------------------------------


@pytest.fixture
def checked(young, parent):
    Tie.objects.update(authority_checked_at=timezone.now())
    return Tie.objects.get()


def test_without_authority_a_yes_counts_no_more_and_what_was_approved_runs_on(
    young, parent, checked, care_person, care, imke, browser_of
):
    waiting = share_with_programme(young, care, "me.free_time")
    approved = share_with_programme(young, factories.make_programme(), "me.free_time")
    sharing.approve(share_id=approved.pk, by=parent)
    client, where = browser_of(care_person), reverse("authority_end", args=[checked.pk])
    assert where in client.get(PAGE).content.decode()
    page = client.get(where).content.decode()
    assert "Noor" in page and "muziek" not in page and "Noor" not in page.split("<title>")[1].split("</title>")[0]
    assert Tie.objects.get().authority_checked_at
    assert client.post(where).url == PAGE
    assert browser_of(parent).get(reverse("approval", args=[waiting.pk])).status_code == 404
    with pytest.raises(NotHere):
        sharing.approve(share_id=waiting.pk, by=parent)
    approved.refresh_from_db()
    assert approved.state == "active"
    assert reverse("authority_check", args=[checked.pk]) in client.get(PAGE).content.decode()  # and back, by mistake
    assert client.post(where).status_code == 404


@pytest.mark.parametrize("who", ["mentor", "imke", "sam", "parent"])
def test_nobody_else_takes_it_back(who, request, checked, browser_of):
    person = request.getfixturevalue(who)
    client, where = browser_of(getattr(person, "user", person)), reverse("authority_end", args=[checked.pk])
    assert client.get(where).status_code == client.post(where).status_code == 404
    elsewhere = factories.make_staff("coordinator", institution=factories.make_class("Z").institution)
    with pytest.raises(NotHere):
        authority.take_back(tie_id=checked.pk, by=elsewhere)
    assert Tie.objects.get().authority_checked_at


def test_the_list_of_who_was_checked_costs_no_more_for_more(class_a, care_person):
    def queries() -> int:
        with CaptureQueriesContext(connections["default"]) as asked:
            rows = authority.checked_for(care_person)
        return len(asked) if rows else 0

    factories.make_parent(factories.make_pupil(age=15, school_class=class_a))
    one = queries()
    for _ in range(5):
        factories.make_parent(factories.make_pupil(age=15, school_class=class_a))
    assert queries() == one > 0
