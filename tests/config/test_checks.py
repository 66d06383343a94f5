"""A database of the demo behind a real site: the start refuses it."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import DatabaseError

from accounts.models import User
from config import checks, env
from intake.demo.people import PASSWORD
from tests import factories


@pytest.fixture(autouse=True)
def real_site(settings):
    settings.DEMO = False


def known_by(password: str | None) -> User:
    user = factories.make_user("mentor.one")
    User.objects.filter(pk=user.pk).update(password=make_password(password))
    return User.objects.get(pk=user.pk)


def test_the_start_refuses_demo_accounts_with_the_password_everybody_knows(db):
    known_by(PASSWORD)
    with pytest.raises(env.WrongSetting) as no:
        checks.refuse_demo_accounts()
    said = str(no.value)
    assert said.startswith("DEMO: ") and "\n" not in said and PASSWORD not in said and "mentor" not in said


def test_the_demo_itself_starts(db, settings):
    settings.DEMO = True
    known_by(PASSWORD)
    checks.refuse_demo_accounts()


@pytest.mark.parametrize("password", ["vier-paarden-op-een-dak", None])
def test_who_has_another_password_stops_nothing(db, password):
    known_by(password)
    checks.refuse_demo_accounts()


def test_who_is_stopped_or_is_not_there_stops_nothing(db):
    checks.refuse_demo_accounts()
    User.objects.filter(pk=known_by(PASSWORD).pk).update(is_active=False)
    checks.refuse_demo_accounts()


def test_a_database_that_is_not_there_yet_stops_nothing(monkeypatch):
    def broken(**_):
        raise DatabaseError

    monkeypatch.setattr(User.objects, "filter", broken)
    checks.refuse_demo_accounts()
