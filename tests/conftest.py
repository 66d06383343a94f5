"""The cast: who the tests are about. Names say what they may and may not see."""

import gc
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.middleware import csrf
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Programme, Role, Student, User
from config import health
from consent.models import Share
from consent.notices import load_purposes
from passport.questionnaire import newest_file, publish
from tests import factories

# A random token on a page must never happen to spell a name that a test says is not there («Sam», once in some 2,000).
csrf.CSRF_ALLOWED_CHARS = string.ascii_uppercase + string.digits


# What leans on locks, constraints, triggers or long statements: script/test asks it of PostgreSQL too, each time.
# The rest does so in script/test --all.
ON_BOTH_ENGINES = (
    "accounts/test_badges", "accounts/test_mail_codes", "accounts/test_vault", "consent/test_access",
    "consent/test_door", "consent/test_giving", "consent/test_golden", "consent/test_guardians", "consent/test_ledger",
    "consent/test_news", "consent/test_prepared", "consent/test_races", "consent/test_reading",
    "consent/test_state_machine", "consent/test_swapping", "consent/test_warm_transfer", "intake/test_agreements",
    "intake/test_coach", "intake/test_figures.", "intake/test_fits", "intake/test_follow_ups", "intake/test_handover",
    "intake/test_inbox", "intake/test_leaving", "intake/test_retention", "intake/test_taster_days",
    "passport/test_answers", "school/test_questionnaire_editor", "test_bad_input",
)  # fmt: skip
# The rules themselves, within a minute and a half: script/test --quick.
QUICK = (
    "accounts/test_vault", "consent/test_abuse_cases", "consent/test_access", "consent/test_door",
    "consent/test_giving", "consent/test_golden", "consent/test_ledger", "consent/test_reading",
    "passport/test_answers", "test_data_map", "test_house_rules", "words/test_lint",
)  # fmt: skip
TESTS = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test but a browser's may use both databases; each runs in a transaction that is rolled back."""
    for item in items:
        place = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else ""
        if place.startswith(ON_BOTH_ENGINES):
            item.add_marker(pytest.mark.both_engines)
        if place.startswith(QUICK):
            item.add_marker(pytest.mark.quick)
        if "journey" not in item.keywords and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default", "keys"]))


def pytest_collection_finish() -> None:
    """What is there by now stays: looking through it for garbage again and again took a seventh of every run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        publish(newest_file())
        load_purposes(Path(__file__).parent.parent / "consent" / "purposes.yaml")
    yield
    with django_db_blocker.unblock():
        _end_other_sessions()


def _end_other_sessions() -> None:
    """PostgreSQL drops no test database that a thread of some test still holds a connection to."""
    for alias in ("default", "keys"):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
                )


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Pages in the tests do not need collectstatic; the journeys run with the hashed names."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def clean_anchor(settings: Any) -> Iterator[None]:
    """The chain starts anew in every test, so its anchor does too."""
    anchor = settings.VAR_DIR / "ledger.anchor"
    anchor.unlink(missing_ok=True)
    yield
    anchor.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def fresh_readiness() -> None:
    """/readyz keeps its answer for some seconds; not from one test to the next."""
    health.forget()


@pytest.fixture
def care() -> Programme:
    """The programme Sam shares with."""
    return factories.make_programme("care3")


@pytest.fixture
def imke(care: Programme) -> User:
    """Intaker of `care`."""
    return factories.make_staff(Role.INTAKER, programme=care, name="Imke Bos")


@pytest.fixture
def otto() -> User:
    """Intaker at another college: sees nothing of Sam."""
    return factories.make_staff(Role.INTAKER, programme=factories.make_programme(), name="Otto Haan")


@pytest.fixture
def class_a() -> Any:
    return factories.make_class("A")


@pytest.fixture
def mentor(class_a: Any) -> User:
    """Mentor of Sam's class; sees nothing without a share."""
    return factories.make_staff(Role.MENTOR, school_class=class_a, name="meneer Kaya")


@pytest.fixture
def sam(class_a: Any) -> Student:
    """17, with three answers: free time, one need with a reason, and a diagnosis."""
    student = factories.make_pupil(age=17, school_class=class_a)
    factories.write(student, "me.free_time", ["muziek", "koken"])
    factories.write(student, "can.strengths", ["netjes werken"])
    need = {
        "need": "quiet",
        "how_often": "vaak",
        "what_works": "Een hoek bij het raam",
        "why": "Door mijn autisme",
    }
    factories.write(student, "need.support", [need])
    factories.write(student, "need.diagnosis", "Ik heb autisme.")
    return student


@pytest.fixture
def noor() -> Student:
    """Another student, who is nobody to Sam."""
    return factories.make_pupil(calling_name="Noor", surname="Bakker")


@pytest.fixture
def given(sam: Student, care: Programme) -> Share:
    """Sam's live share with `care`: free time and the quiet place, not why and not the diagnosis."""
    return factories.share_with_programme(sam, care, "me.free_time", "need.support.quiet")


@pytest.fixture
def api() -> Callable[[Any], APIClient]:
    """The API as somebody: `api(sam)`; a student or a user."""

    def as_somebody(who: Any) -> APIClient:
        client = APIClient()
        user = getattr(who, "user", who)
        if user is not None:
            client.force_login(user)
        return client

    return as_somebody


@pytest.fixture
def browser_of() -> Callable[[Any], Client]:
    """Pages as somebody, without a real browser: `browser_of(sam)`."""

    def as_somebody(who: Any) -> Client:
        client = Client()
        client.force_login(getattr(who, "user", who))
        return client

    return as_somebody
