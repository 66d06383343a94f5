"""Who and what is measured: made through tests/factories.py in a database of the bench's own."""

from dataclasses import dataclass
from io import StringIO
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from accounts.models import Programme, Role, Student, User
from consent.models import Share
from intake.models import Case, Handover, Offer
from tests import factories

QUICK_HASH = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}
NEEDS = ("quiet", "steps", "time", "planning")
TEXT = "Op mijn stage bij de bakker leerde ik op tijd komen, ook als de nacht kort was. Dat wil ik graag zo houden. "
ANSWERS: dict[str, Any] = {
    "me.free_time": ["muziek", "koken", "dieren"],
    "me.words": ["rustig", "eerlijk", "precies"],
    "me.others_say": TEXT,
    "me.proud": TEXT * 2,
    "can.strengths": ["netjes werken", "koken", "goed luisteren"],
    "can.skills": {"on_time": "alone", "plan": "help", "start": "alone", "instruct": "alone", "finish": "not_yet"},
    "can.learned_at_work": TEXT,
    "want.dream": TEXT,
    "want.why": ["ik vind het leuk", "ik deed het op stage"],
    "need.talk_with_me": ["korte zinnen", "één ding tegelijk"],
    "need.support": [
        {"need": need, "how_often": "vaak", "what_works": "Een vaste plek bij het raam en eerst uitleg.", "why": ""}
        for need in NEEDS
    ],
    "transition.talk_style": ["vragen vooraf krijgen", "een rustige kamer"],
}
UNITS = [*(key for key in ANSWERS if key != "need.support"), *(f"need.support.{need}" for need in NEEDS)]
CASES, FEW, RICH, CLASS = 200, 2, 20, 30
USERNAME = "leerling-{}"


@dataclass
class World:
    """The people whose pages are asked for, and their sessions."""

    student: Student
    share: Share
    case: Case
    intaker: User
    intaker_of_few: User
    handovers: list[UUID]
    sessions: dict[UUID, str]

    def client(self, user: User) -> Client:
        """The same log-in in this process, to see what a call asks of the database."""
        client = Client(SERVER_NAME="127.0.0.1")
        client.cookies["session"] = self.sessions[user.pk]
        return client


def migrate() -> None:
    call_command("migrate", verbosity=0)
    call_command("migrate", database="keys", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("load_questionnaire", stdout=StringIO())
    call_command("load_purposes", "consent/purposes.yaml", stdout=StringIO())


@override_settings(**QUICK_HASH)
def make_world() -> World:
    """An intaker with 200 cases of which 20 are rich, one with 2, and a class of 30 that can log in."""
    care, *others = (factories.make_programme(f"bench{number}") for number in range(12))
    few = factories.make_programme("bench-few")
    intaker = factories.make_staff(Role.INTAKER, programme=care)
    intaker_of_few = factories.make_staff(Role.INTAKER, programme=few)
    Offer.objects.bulk_create(
        Offer(programme=care, need=need, layer="basic", text="Elke klas heeft een stille plek.") for need in NEEDS
    )
    school_class = factories.make_class()
    with transaction.atomic():
        rich = [_rich_student(school_class) for _ in range(RICH)]
        shares = [factories.share_with_programme(one, care, *UNITS) for one in rich]
        more = [factories.share_with_programme(one, two, *UNITS) for two in others[:2] for one in rich]
        for _ in range(CASES - RICH):
            _plain_share(care, school_class)
        for _ in range(FEW):
            _plain_share(few, school_class)
    handovers = [Handover.objects.create(share=share, release=share.release).pk for share in (*shares, *more)]
    case = Case.objects.get(share=shares[0])
    sessions = {user.pk: session_of(user) for user in (rich[0].user, intaker, intaker_of_few)}
    return World(rich[0], shares[0], case, intaker, intaker_of_few, handovers, sessions)


def make_class_that_logs_in() -> list[str]:
    """Thirty students with the real hash, made once: checking it costs each of them the same."""
    password = make_password(factories.PASSWORD)
    with override_settings(**QUICK_HASH):
        names = [factories.make_pupil(USERNAME.format(number)).user.username for number in range(CLASS)]
    User.objects.filter(username__in=names).update(password=password)
    return names


@override_settings(**QUICK_HASH)
def make_batch(number: int) -> User:
    """An intaker whose programme so many rich students shared with."""
    programme, school_class = factories.make_programme("bench-batch"), factories.make_class()
    with transaction.atomic():
        for _ in range(number):
            factories.share_with_programme(_rich_student(school_class), programme, *UNITS)
    return factories.make_staff(Role.INTAKER, programme=programme)


@override_settings(**QUICK_HASH)
def make_savers(number: int) -> dict[Student, str]:
    """A class in which everybody is logged in: each student with their session."""
    school_class = factories.make_class()
    students = [factories.make_pupil(school_class=school_class) for _ in range(number)]
    return {student: session_of(student.user) for student in students}


def _rich_student(school_class: Any) -> Student:
    student = factories.make_pupil(school_class=school_class)
    for question, value in ANSWERS.items():
        factories.write(student, question, value)
    return student


def _plain_share(programme: Programme, school_class: Any) -> Share:
    student = factories.make_pupil(school_class=school_class)
    factories.write(student, "me.free_time", ["muziek"])
    return factories.share_with_programme(student, programme, "me.free_time")


def session_of(user: User) -> str:
    """The id of a new log-in of somebody."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    return str(client.cookies["session"].value)
