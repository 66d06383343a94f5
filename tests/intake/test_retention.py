"""How long a passport stays: the decision as a truth table, the mail, the thirty days and the dry run."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import time_machine
from django.core import mail as outbox
from django.utils import timezone

from accounts.models import Membership, Role, Student, User
from intake import tasks
from intake.services import mail, retention
from intake.services.retention import Facts, Step
from tests import factories
from tests.factories import make_pupil
from tests.intake.test_leaving import OWN, left_of, on_its_own, run  # noqa: F401

TODAY = date(2026, 11, 22)
LONG_AGO, JUST_NOT = date(2024, 11, 22), date(2024, 11, 23)
SEEN, NOT_SEEN = date(2025, 11, 23), date(2025, 11, 22)
YOUNG, OLD = date(1999, 11, 23), date(1999, 11, 22)


@pytest.mark.parametrize("at_school", [True, False])
@pytest.mark.parametrize("left_on", [LONG_AGO, JUST_NOT])
@pytest.mark.parametrize("last_seen", [None, SEEN, NOT_SEEN])
@pytest.mark.parametrize("born", [None, YOUNG, OLD])
@pytest.mark.parametrize("erase_on", [None, TODAY, TODAY + timedelta(days=1)])
def test_the_truth_table_of_retention(at_school, left_on, last_seen, born, erase_on):
    if erase_on:
        expected = Step.ERASE if erase_on == TODAY else Step.WAIT
    elif at_school or left_on == JUST_NOT:
        expected = Step.KEEP
    else:
        expected = Step.KEEP if last_seen == SEEN and born != OLD else Step.WARN
    assert retention.decide(Facts(at_school, left_on, last_seen, born, erase_on), TODAY) is expected


@pytest.fixture
def gone() -> Student:
    """Left school three years ago and never came back."""
    student = make_pupil(age=20)
    today = timezone.localdate()
    Membership.objects.create(
        user=student.user,
        role=Role.STUDENT,
        school_class=factories.make_class("Z"),
        starts_on=today - timedelta(days=2000),
        ends_on=today - timedelta(days=1100),
    )
    return student


def steps() -> dict[UUID, str]:
    return {one.student_id: str(one.step) for one in retention.due()}


def test_who_left_long_ago_is_listed_and_nobody_else(gone, sam, noor):
    assert steps() == {gone.pk: "warn"}


def test_a_dry_run_lists_ids_and_changes_nothing(gone):
    text = run("retention", "--dry-run")
    assert f"{gone.pk}\twarn\t-" in text and "1 listed, nothing changed" in text and "Vos" not in text
    assert Student.objects.get(pk=gone.pk).erase_after is None


def test_a_mail_first_then_thirty_days_then_gone(gone):
    User.objects.filter(pk=gone.user_id).update(email="sam@example.nl")
    assert "warned: 1, erased: 0" in run("retention")
    tasks.tell_leaver(str(gone.pk))
    [message] = outbox.outbox
    assert message.to == ["sam@example.nl"] and "Vos" not in message.body and "Sam" not in message.body
    tasks.warn_leavers()
    assert steps() == {gone.pk: "wait"}
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert "erased: 1" in run("retention")
    assert left_of(gone.pk) == {}


def test_no_address_no_mail(gone):
    retention.warn_leavers()
    assert mail.tell_leaver(gone.pk) is False and outbox.outbox == []


def test_not_erasing_keeps_it_for_a_year(gone, browser_of):
    retention.warn_leavers()
    page = browser_of(gone)
    assert "We wissen je paspoort" in page.get(OWN).content.decode()
    page.post(f"{OWN}niet-wissen/")
    assert steps() == {}
    with time_machine.travel(timezone.now() + timedelta(days=366)):
        assert steps() == {gone.pk: "warn"}


def test_from_27_it_cannot_be_kept_longer(gone, browser_of, monkeypatch):
    retention.warn_leavers()
    monkeypatch.setattr(retention, "OLDEST", 20)
    page = browser_of(gone)
    page.post(f"{OWN}niet-wissen/")
    assert steps() == {gone.pk: "wait"} and "Download het" in page.get(OWN).content.decode()
