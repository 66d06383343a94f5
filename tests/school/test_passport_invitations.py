"""A passport for somebody without a school: made by their own yes, and whoever invited sees nothing of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone, translation
from django.utils.translation import gettext

from accounts import vault
from accounts.identity import Identity, identity_of
from accounts.models import Role, Student, User
from accounts.refusals import NotHere, Refusal
from school.models import PassportInvitation
from school.services import passports
from tests import factories

WHO = {"calling_name": "Filmon", "surname": "Ghebrewold", "birth_date": "2007-05-04"}


@pytest.fixture
def coach() -> User:
    student = factories.make_pupil(calling_name="Ander")
    person = factories.make_user(email="coach@x.example", staff_name="meneer Aydemirci")
    factories.make_tie(student, person, "coach")
    return person


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """The worker's work, done when it is asked for."""
    tasks = {"send_passport_invitation": passports.send_invitation, "send_passport_code": passports.send_code}
    monkeypatch.setattr(passports, "_wake", lambda task, pk: tasks[task.rsplit(".", 1)[1]](pk))


def in_mail(pattern: str) -> str:
    return re.search(pattern, mail.outbox[-1].body)[1]


def through_the_code(email="f@x.example") -> Client:
    """Somebody who opened the link and typed the code."""
    client = Client()
    client.post(in_mail(r"(/paspoort-voor-jou/\S+)"))
    assert client.post("/paspoort-voor-jou/code/", {"code": in_mail(r"code is (\d{6})")}).status_code == 302
    return client


def test_from_an_invitation_to_an_empty_passport_of_ones_own(browser_of, coach):
    assert browser_of(coach).post("/paspoort-voor/", {"email": "F@x.example"}).status_code == 302
    assert mail.outbox[-1].to == ["f@x.example"] and "Aydemirci" not in mail.outbox[-1].body
    client = through_the_code()
    done = client.post("/paspoort-voor-jou/antwoord/", WHO)
    student = Student.objects.get(user__email="f@x.example")
    who = identity_of(student, vault.open_key(student.pk))
    assert (who.calling_name, who.birth_date) == ("Filmon", "2007-05-04")
    assert done.status_code == 302 and client.get("/paspoort/").status_code == 200
    assert not PassportInvitation.objects.exists()  # nothing leads back to who invited


@pytest.mark.parametrize(("said", "code"), [("en", "en"), ("nl", "nl"), ("", "nl"), ("tr", "nl")])
def test_the_mail_and_the_page_are_in_the_language_of_the_choice(coach, said, code):
    passports.invite(email="f@x.example", by=coach, language=said)
    with translation.override(code):
        assert mail.outbox[-1].subject == gettext(passports.INVITED)
    page = Client().get(in_mail(r"(/paspoort-voor-jou/\S+)"))
    assert page.headers["Content-Language"] == code and f'<html lang="{code}"' in page.content.decode()


def test_the_inviter_sees_nothing_of_it(browser_of, coach):
    passports.invite(email="f@x.example", by=coach)
    before = browser_of(coach).get("/paspoort-voor/").content
    through_the_code().post("/paspoort-voor-jou/antwoord/", WHO)
    after = browser_of(coach).get("/paspoort-voor/").content
    assert b"f@x.example" not in before + after and len(before) == len(after)
    again = passports.invite(email="f@x.example", by=coach)  # the same answer for who has a passport
    assert again.pk and len(mail.outbox) == 3


def test_no_leaves_nothing_and_no_key(coach):
    row = passports.invite(email="f@x.example", by=coach)
    client = through_the_code()
    assert "gewist" in client.post("/paspoort-voor-jou/antwoord/", {"no": "1"}).content.decode()
    assert not PassportInvitation.objects.exists() and not vault.with_a_key([row.pk])
    assert not Student.objects.filter(pk=row.pk).exists()


def test_who_may_invite(browser_of, coach, sam, mentor, imke, care):
    region = factories.make_staff(Role.REGION, region=factories_region())
    college = factories.make_staff(Role.COORDINATOR, institution=care.institution)
    school = factories.make_staff(Role.COORDINATOR, institution=factories.make_class().institution)
    assert [passports.may_invite(one) for one in (coach, region, college)] == [True] * 3
    for who in (sam.user, mentor, imke, school):
        assert browser_of(who).get("/paspoort-voor/").status_code == 404
        with pytest.raises(NotHere):
            passports.invite(email="f@x.example", by=who)


def factories_region():
    from accounts.models import Region

    return Region.objects.create(code="99", name="Regio")


def test_five_wrong_codes_or_two_weeks_and_it_is_gone(coach):
    row = passports.invite(email="f@x.example", by=coach)
    token = in_mail(r"/paspoort-voor-jou/(\S+)/")
    passports.ask_code(passports.find_invitation(token)[0])
    for _ in range(5):
        assert not passports.try_code(invitation_id=row.pk, typed="0000000")
    with pytest.raises(NotHere):
        passports.find_invitation(token)
    old = passports.invite(email="g@x.example", by=coach)
    PassportInvitation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    assert Client().get(f"/paspoort-voor-jou/{in_mail(r'/paspoort-voor-jou/([^/]+)/')}/").status_code == 404
    assert passports.drop_old_invitations() == 2 and not vault.with_a_key([row.pk, old.pk])


def test_an_address_of_somebody_else_here_is_refused_to_who_reads_its_mail(coach, mentor):
    User.objects.filter(pk=mentor.pk).update(email="f@x.example")
    row = passports.invite(email="f@x.example", by=coach)
    page = through_the_code().post("/paspoort-voor-jou/antwoord/", WHO)
    assert page.status_code == 400 and "hoort hier al bij iemand anders" in page.content.decode()
    assert PassportInvitation.objects.filter(pk=row.pk).exists()


def test_the_link_alone_and_a_code_of_another_browser_open_nothing(coach):
    passports.invite(email="f@x.example", by=coach)
    client = Client()
    path = in_mail(r"(/paspoort-voor-jou/\S+)")
    assert client.get(path).status_code == 200 and len(mail.outbox) == 1  # a scanner uses nothing up
    client.post(path)
    assert client.get("/paspoort-voor-jou/antwoord/").status_code == 302
    other = Client()
    other.post(path)
    assert other.post("/paspoort-voor-jou/code/", {"code": in_mail(r"code is (\d{6})")}).status_code == 302
    assert client.post("/paspoort-voor-jou/antwoord/", WHO).status_code == 302
    assert not Student.objects.filter(user__email="f@x.example").exists()


def test_ten_an_hour_and_no_more(coach):
    for at in range(10):
        passports.invite(email=f"f{at}@x.example", by=coach)
    with pytest.raises(Refusal, match="too_often"):
        passports.invite(email="g@x.example", by=coach)


def test_a_name_holds_no_bsn_and_a_day_can_be(coach):
    passports.invite(email="f@x.example", by=coach)
    client = through_the_code()
    for wrong in ({"surname": "111222333"}, {"calling_name": ""}, {"birth_date": "2099-01-01"}):
        assert client.post("/paspoort-voor-jou/antwoord/", WHO | wrong).status_code == 400
    assert client.post("/paspoort-voor-jou/antwoord/", WHO | {"birth_date": ""}).status_code == 302


# --- What a hostile review came in by ------------------------------------------------------------------------


def test_tries_at_the_same_moment_are_counted_one_by_one(coach, monkeypatch):
    """Another request had the last wrong try between the look at the invitation and the lock on it."""
    row = passports.invite(email="filmon@example.nl", by=coach)
    passports.ask_code(row)
    code, before = in_mail(r"(\d{6})"), passports.get_invitation

    def meanwhile(invitation_id):
        found = before(invitation_id)
        PassportInvitation.objects.filter(pk=invitation_id).update(wrong_codes=passports.MOST_WRONG)
        return found

    monkeypatch.setattr(passports, "get_invitation", meanwhile)
    with pytest.raises(NotHere):
        passports.try_code(invitation_id=row.pk, typed=code)


@pytest.mark.parametrize("verified", [False, True])
def test_an_address_is_taken_by_who_proved_it_alone(coach, verified):
    """Whoever types the address of another keeps nobody out with it."""
    other = factories.make_pupil(calling_name="Ander").user
    other.emailaddress_set.create(email="filmon@example.nl", verified=verified, primary=verified)
    row = passports.invite(email="filmon@example.nl", by=coach)
    who = Identity("Filmon", "Ghebrewold", "2007-05-04")
    if verified:
        with pytest.raises(Refusal, match="taken"):
            passports.accept(invitation_id=row.pk, identity=who)
    else:
        assert passports.accept(invitation_id=row.pk, identity=who).email == "filmon@example.nl"


def test_an_hour_is_an_hour_also_where_the_cache_is_in_files(coach, settings):
    cache.clear()
    for number in range(passports.MOST_AN_HOUR):
        passports.invite(email=f"h{number}@x.example", by=coach)
    for minutes, is_free in ((6, False), (50, False), (120, True)):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            if is_free and settings.REDIS_URL:
                continue  # Redis forgets by its own clock, which nobody here can move
            if is_free:
                assert passports.invite(email="later@x.example", by=coach).pk
            else:
                with pytest.raises(Refusal, match="too_often"):
                    passports.invite(email="later@x.example", by=coach)
