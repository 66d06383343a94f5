"""People, places and shares for a test, made through the services a real one goes through."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.identity import Identity, seal_identity
from accounts.models import (
    Guardian,
    Institution,
    Membership,
    Programme,
    Role,
    SchoolClass,
    Student,
    Tie,
    User,
)
from accounts.services import make_guardian, make_student
from consent.links import LinkTo
from consent.models import Share
from consent.purposes import PURPOSE_OF, longest_until
from consent.services import Wish
from intake.models import Expectation
from intake.services import sharing
from passport.services import Text, make_passport, open_answer, save_answer

PASSWORD = "a long enough password"
PARENT = "Noor Vos"
numbers = count(1)


def born(years: int, days: int = 40) -> str:
    """The birth date of somebody who turned so many years old `days` ago."""
    today = timezone.localdate()
    return (date(today.year - years, today.month, min(today.day, 28)) - timedelta(days=days)).isoformat()


def make_user(username: str = "", **fields: Any) -> User:
    return User.objects.create_user(username or f"user-{next(numbers)}", PASSWORD, **fields)


def make_staff(role: str, username: str = "", name: str = "mevrouw De Vries", **place: Any) -> User:
    user = make_user(username, staff_name=name)
    starts = place.pop("starts_on", timezone.localdate() - timedelta(days=30))
    Membership.objects.create(user=user, role=role, starts_on=starts, **place)
    return user


def make_pupil(
    username: str = "", *, age: int | None = 17, school_class: SchoolClass | None = None, **identity: str
) -> Student:
    """A student with a passport; `age=None` is a birth date nobody knows."""
    known = {"calling_name": "Sam", "surname": "Vos", "official_name": "Samuel Vos", **identity}
    person = Identity(**known, birth_date=born(age) if age is not None else "")
    student = make_student(user=make_user(username), identity=person)
    make_passport(student=student)
    if school_class:
        Membership.objects.create(
            user=student.user,
            role=Role.STUDENT,
            school_class=school_class,
            starts_on=timezone.localdate() - timedelta(days=60),
        )
    return student


def make_class(name: str = "A") -> SchoolClass:
    school = Institution.objects.create(name=f"School {next(numbers)}", kind=Institution.Kind.VSO)
    return SchoolClass.objects.create(institution=school, name=name, school_year="2026-2027")


def make_programme(code: str = "", **fields: Any) -> Programme:
    college = Institution.objects.create(name=f"College {next(numbers)}", kind=Institution.Kind.MBO)
    known = {"name": "Zorg", "level": 3, **fields}
    return Programme.objects.create(institution=college, code=code or f"prog{next(numbers)}", **known)


def say_of_a_day(programme: Programme, *texts: str, reviewed: bool = True) -> list[Expectation]:
    """What a day at this programme asks, each with a question about it; seen by students once it was reviewed."""
    at = timezone.now() if reviewed else None
    start = programme.expectations.count() + 1
    return [
        Expectation.objects.create(
            programme=programme, order=order, text=text, question=f"Hoe vaak? ({text})"[:80], reviewed_at=at
        )
        for order, text in enumerate(texts, start)
    ]


def make_parent(student: Student, *, authority: bool = True, **fields: Any) -> Guardian:
    guardian = make_guardian(user=make_user(), name=PARENT)
    now = timezone.now()
    Tie.objects.create(
        student=student,
        person=guardian.user,
        kind=Tie.Kind.GUARDIAN,
        label="moeder",
        confirmed_at=now,
        authority_checked_at=now if authority else None,
        starts_on=timezone.localdate() - timedelta(days=30),
        **fields,
    )
    return guardian


def make_tie(student: Student, person: User, kind: str) -> Tie:
    return Tie.objects.create(
        student=student,
        person=person,
        kind=kind,
        label="",
        confirmed_at=timezone.now(),
        starts_on=timezone.localdate() - timedelta(days=30),
    )


def change_identity(*, student: Student, key: vault.Key, identity: Identity) -> Student:
    """Other names or another birth date, as a corrected class list brings them."""
    student.sealed_identity = seal_identity(key, student.pk, identity)
    student.save(update_fields=["sealed_identity"])
    return student


def key_of(student: Student) -> vault.Key:
    return vault.open_key(student.pk)


def write(student: Student, question: str, value: Any = None, status: str = "answered") -> Text:
    """Saves a new text on top of whatever stands there."""
    key = key_of(student)
    now = open_answer(student.passport, key, question).revision
    return save_answer(
        passport=student.passport,
        key=key,
        question_key=question,
        status=status,
        value=value,
        revision=now,
        by=student.user,
    )


def share(student: Student, kind: str, recipient_id: Any, *units: str, **extra: Any) -> Share:
    """The student shares these units until the longest day the purpose allows."""
    purpose = PURPOSE_OF[kind]
    until = extra.pop("valid_until", longest_until(purpose, kind, timezone.localdate()))
    wish = Wish(kind, recipient_id, purpose, units, until, extra.pop("warm_transfer", False))
    return sharing.give(student=student, key=key_of(student), wish=wish, by=student.user, **extra)


def share_with_programme(student: Student, programme: Programme, *units: str, **extra: Any) -> Share:
    return share(student, "programme", programme.pk, *units, **extra)


def share_by_link(student: Student, *units: str, **extra: Any) -> Share:
    """The student shares these units by link, for a placement that began a week ago unless it says otherwise."""
    purpose = extra.pop("purpose", "internship")
    today, at_work = timezone.localdate(), purpose != "intake"
    starts_on = extra.pop("starts_on", today - timedelta(days=7) if at_work else None)
    to = LinkTo(extra.pop("email", "baas@bakkerij.example"), extra.pop("label", "Bakkerij Jansen, Zwolle"), starts_on)
    until = extra.pop("valid_until", today + timedelta(days=20))
    wish = Wish("link", None, purpose, units, until, link=to)
    return sharing.give(student=student, key=key_of(student), wish=wish, by=student.user, **extra)
