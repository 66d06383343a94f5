"""The demo accounts of the contract: users, students, guardians, where they belong and what they answered."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import vault
from accounts.identity import Identity
from accounts.models import Membership, Student, Tie, User
from accounts.services import make_guardian, make_student
from intake.demo import writing
from intake.demo.content import born, load, school_year_start
from intake.demo.places import Places
from intake.services.coach_ties import time_with
from passport.experiences import cards_of, save_card
from passport.services import choose_route, make_passport, open_sheet, save_answer

PASSWORD = "paspoort-demo"  # noqa: S105 the demo's, printed on its start page
HALF_A_YEAR = timedelta(days=182)
FIRST_BIRTHDAY, BETWEEN = 70, 11  # days ago: ages stay right for more than half a year


def make_people(places: Places) -> dict[str, User]:
    """Makes every account that is missing, with its roles and ties; returns all of them by username."""
    people = load("people")
    users = {username: _staff(username, row) for username, row in people["staff"].items()}
    users |= {username: _guardian(username, row) for username, row in people["guardians"].items()}
    for place, (username, row) in enumerate(people["students"].items()):
        users[username] = _student(username, row, days_ago=FIRST_BIRTHDAY + place * BETWEEN)
    for row in load("world")["memberships"]:
        _membership(users[row["username"]], row["role"], places.of(row))
    for row in load("world")["ties"]:
        _tie(users[row["username"]], users[row["student"]].student, row)
    for username, answers in load("answers").items():
        _answers(users[username], answers, mentor=users["mentor.one"])
    for username, rows in load("experiences").items():
        _experiences(users[username], rows)
    return users


def _user(username: str, **fields: Any) -> User:
    known = User.objects.filter(username=username).first()
    return known or User.objects.create(username=username, password=make_password(PASSWORD), **fields)


def _staff(username: str, row: Mapping[str, str]) -> User:
    return _user(
        username,
        staff_name=f"{row['title']} {row['name']}".strip(),
        staff_function=row["function"],
        staff_telephone=row["telephone"],
        is_superuser=username == "admin",
    )


def _guardian(username: str, row: Mapping[str, str]) -> User:
    user = _user(username)
    if not hasattr(user, "guardian"):
        make_guardian(user=user, name=row["name"])
    return user


def _student(username: str, row: Mapping[str, Any], *, days_ago: int) -> User:
    user = _user(username)
    if not user.is_student:
        identity = Identity(
            calling_name=row["calling_name"],
            prefix=row["prefix"],
            surname=row["surname"],
            official_name=row["official_name"],
            birth_date=born(row["age"], days_ago=days_ago).isoformat(),
            application_ref=row.get("application_ref", ""),
        )
        make_student(user=user, identity=identity)
    if not hasattr(user.student, "passport"):
        passport = make_passport(student=user.student)
        choose_route(passport=passport, key=vault.open_key(user.student.pk), route=row["route"], by=user)
    return user


def _membership(user: User, role: str, place: Mapping[str, Any]) -> None:
    Membership.objects.get_or_create(user=user, role=role, **place, defaults={"starts_on": school_year_start()})


def _tie(person: User, student: Student, row: Mapping[str, Any]) -> None:
    accepted = timezone.now() - timedelta(days=60)
    fields = {
        "label": row["label"],
        "confirmed_at": accepted,
        "authority_checked_at": accepted if row.get("authority") else None,
        "starts_on": timezone.localdate(accepted),
        "ends_on": time_with(student, timezone.localdate())[1] if row["role"] == Tie.Kind.COACH else None,
    }
    ties = Tie.objects.filter(student=student, person=person, kind=row["role"])
    if not ties.exists():  # a tie that was ended on a screen stays ended
        Tie.objects.create(student=student, person=person, kind=row["role"], **fields)


def _answers(user: User, answers: Mapping[str, Mapping[str, Any]], *, mentor: User) -> None:
    """Keeps what has no text yet; what somebody wrote in the demo meanwhile stays."""
    passport, key = user.student.passport, vault.open_key(user.student.pk)
    sheet = open_sheet(passport, key)
    for question_key, answer in answers.items():
        if sheet.text(question_key).revision:
            continue
        if sheet.questions.questions[question_key].written_by != "student":
            writing.write_for_mentor(passport, key, question_key, answer["value"], mentor)
            continue
        place: dict[str, Any] = {"passport": passport, "key": key, "question_key": question_key, "by": user}
        earlier = [answer["before"]] if "before" in answer else []
        for value in earlier:
            save_answer(**place, status=answer["status"], value=value, revision=0)
            writing.date_back(passport.student_id, key, question_key, HALF_A_YEAR)
        save_answer(**place, status=answer["status"], value=answer["value"], revision=len(earlier))


def _experiences(user: User, rows: Sequence[Mapping[str, Any]]) -> None:
    """Makes the cards of who has none; what somebody wrote in the demo meanwhile stays."""
    passport, key = user.student.passport, vault.open_key(user.student.pk)
    if cards_of(passport, key):
        return
    for row in rows:
        content = {**row, "on": timezone.localdate() - timedelta(days=row["days_ago"])}
        save_card(passport=passport, key=key, card_id=uuid4(), revision=0, content=content, by=user)
