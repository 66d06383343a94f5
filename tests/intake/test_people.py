"""«Mensen bij jou»: the student ends a tie, and what was said in it never comes back."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Action, Event
from consent.models import ConsentRecord, LedgerEntry, Share
from consent.recipients import recipients_for
from intake.models import CoachSignal
from intake.services import people, signals
from intake.services.mail import tell_recipients
from tests import factories
from tests.factories import key_of

KINDS = ["coach", "buddy", "guardian"]


@pytest.fixture
def coach(sam) -> User:
    user = factories.make_user(staff_name="Anna Smit", email="anna@coach.example")
    factories.make_tie(sam, user, "coach")
    return user


def reads(share: Share, by: User) -> bool:
    try:
        access.read(share_id=share.pk, by=by, action=Action.READ)
    except NotHere:
        return False
    return True


def tie_of(student, person) -> Tie:
    return Tie.objects.current().get(student=student, person=person)


def end(student, person) -> None:
    tie = tie_of(student, person)
    people.end_tie(student=student, key=key_of(student), tie_id=tie.pk, by=student.user)


def same_again(tie: Tie) -> Tie:
    """Another row with the dates, the confirmation and the check of the old one."""
    names = [field.attname for field in Tie._meta.fields if field.name not in {"id", "ends_on"}]
    return Tie.objects.create(**{name: getattr(tie, name) for name in names})


# --- The yes, the no, the no longer ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_ended_reads_nothing_from_the_next_request_on(sam, kind):
    person = factories.make_parent(sam).user if kind == "guardian" else factories.make_user(staff_name="Anna Smit")
    if kind != "guardian":
        factories.make_tie(sam, person, kind)
    share = factories.share(sam, kind, person.pk, "me.free_time")
    assert reads(share, person)
    end(sam, person)
    assert not reads(share, person) and not access.open_shares(person).exists()
    assert kind not in {one.kind for one in recipients_for(sam)}
    share.refresh_from_db()
    assert share.state == "withdrawn" and ConsentRecord.objects.filter(share=share, event=Event.WITHDRAWN).count() == 1
    assert LedgerEntry.objects.filter(share_id=share.pk, event=Event.WITHDRAWN, actor_id=sam.user.pk).exists()
    assert ledger.verify() is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_old_yes_does_not_come_back_with_the_same_tie_in_another_row(sam, kind):
    """Also where nothing ended the share: dates, confirmation and check are those of before."""
    person = factories.make_parent(sam).user
    old = factories.make_tie(sam, person, kind) if kind != "guardian" else tie_of(sam, person)
    share = factories.share(sam, kind, person.pk, "me.free_time")
    Tie.objects.filter(pk=old.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    same_again(old)
    assert not reads(share, person) and share not in access.open_shares(person)
    anew = factories.share(sam, kind, person.pk, "me.free_time")
    share.refresh_from_db()
    assert reads(anew, person) and not reads(share, person) and share.state == "expired"


def test_a_tie_that_is_gone_opens_nothing_whatever_takes_its_place(sam, coach):
    share = factories.share(sam, "coach", coach.pk, "me.free_time")
    old = tie_of(sam, coach)
    same = same_again(Tie(**{f.attname: getattr(old, f.attname) for f in Tie._meta.fields})) if old.delete() else None
    assert same and not reads(share, coach) and not access.open_shares(coach).exists()


def test_a_sign_does_not_come_back_either(sam, coach):
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    old = tie_of(sam, coach)
    Tie.objects.filter(pk=old.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    same_again(old)
    assert signals.signals_for(coach) == [] and CoachSignal.objects.count() == 1
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    assert signals.signals_for(coach)
    end(sam, coach)
    assert not CoachSignal.objects.exists()


def test_other_ties_and_shares_stay(sam, coach, noor, given, imke):
    other = factories.make_user(staff_name="Bert")
    for student, person in ((sam, other), (noor, coach)):
        factories.write(student, "me.free_time", ["muziek"])
        factories.make_tie(student, person, "coach")
    kept = [
        factories.share(sam, "coach", other.pk, "me.free_time"),
        factories.share(noor, "coach", coach.pk, "me.free_time"),
    ]
    end(sam, coach)
    assert reads(kept[0], other) and reads(kept[1], coach) and reads(given, imke)


# --- Who may -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [14, None])
def test_under_sixteen_a_parent_with_authority_stays(age, care):
    young = factories.make_pupil(age=age)
    parent = factories.make_parent(young).user
    with pytest.raises(Refusal, match="has_say"):
        end(young, parent)
    reader = factories.make_parent(young, authority=False).user
    end(young, reader)
    assert [tie.person for tie in Tie.objects.current()] == [parent]


def test_an_adult_keeps_the_representative_the_school_checked():
    adult = factories.make_pupil(age=18)
    person = factories.make_user(staff_name="Rita")
    tie = factories.make_tie(adult, person, "representative")
    Tie.objects.filter(pk=tie.pk).update(authority_checked_at=timezone.now())
    with pytest.raises(Refusal, match="has_say"):
        end(adult, person)


def test_only_the_student_and_only_an_own_tie(sam, noor, coach, mentor, browser_of):
    tie = tie_of(sam, coach)
    for by in (coach, mentor, noor.user):
        with pytest.raises(NotHere):
            people.end_tie(student=sam, key=key_of(sam), tie_id=tie.pk, by=by)
    where = reverse("person_end", args=[tie.pk])
    for by in (noor, coach, mentor):
        assert [browser_of(by).get(where).status_code, browser_of(by).post(where).status_code] == [404, 404]
    assert tie_of(sam, coach) == tie


# --- The pages ---------------------------------------------------------------------------------------------


def test_what_stops_is_said_before_and_the_mail_says_nothing(sam, coach, browser_of):
    share = factories.share(sam, "coach", coach.pk, "me.free_time")
    assert reads(share, coach)
    signals.send(student=sam, coaches=[coach.pk], by=sam.user)
    client, where = browser_of(sam), reverse("person_end", args=[tie_of(sam, coach).pk])
    assert where in client.get(reverse("people")).content.decode()
    assert reverse("people") in client.get(reverse("share_list")).content.decode()
    page = client.get(where).content.decode()
    assert "Anna Smit" in page and "Hulp van je coach" in page and "Je seintje gaat weg." in page
    assert "Anna" not in page.split("<title>")[1].split("</title>")[0]
    assert Tie.objects.current().count() == 1  # looking changes nothing
    assert client.post(where).url == reverse("people")
    assert "Anna" not in client.get(reverse("people")).content.decode()
    assert client.get(where).status_code == client.post(where).status_code == 404
    tell_recipients(share.pk)
    assert not [word for word in ("Sam", "coach", "muziek") if word in mail.outbox[-1].body]


def test_who_decides_along_has_no_button(browser_of):
    young = factories.make_pupil(age=14)
    tie = tie_of(young, factories.make_parent(young).user)
    client = browser_of(young)
    assert reverse("person_end", args=[tie.pk]) not in client.get(reverse("people")).content.decode()
    page = client.get(reverse("person_end", args=[tie.pk])).content.decode()
    assert "beslist met je mee" in page and "Ja, stop" not in page
    client.post(reverse("person_end", args=[tie.pk]))
    assert tie_of(young, tie.person) == tie


def test_the_list_does_not_read_more_for_more_people(sam, django_assert_num_queries):
    for _ in range(2):
        for kind in KINDS:
            person = factories.make_parent(sam).user if kind == "guardian" else factories.make_user(staff_name="A")
            if kind != "guardian":
                factories.make_tie(sam, person, kind)
        key = key_of(sam)
        with django_assert_num_queries(3):  # the ties with their people; guardians and students among them
            people.people_of(sam, key)


def test_who_gets_a_say_at_that_very_moment_keeps_it(monkeypatch):
    young = factories.make_pupil(age=14)
    parent = factories.make_parent(young).user
    Tie.objects.filter(person=parent).update(authority_checked_at=None)
    real = people.get_near_or_404

    def and_then_the_school_checks(*about):
        near = real(*about)
        Tie.objects.filter(person=parent).update(authority_checked_at=timezone.now())
        return near

    monkeypatch.setattr(people, "get_near_or_404", and_then_the_school_checks)
    with pytest.raises(Refusal, match="has_say"):
        end(young, parent)
    assert tie_of(young, parent)
