"""Who is there on a lesson day, made from within the site: `python -m tests.load.people SEEDED TYPING DAYS`.

The school, the colleges and the students come from seed_demo --students; on top of it come the mentors with a running
lesson and shares to read, the intakers, and the programmes whose handovers are asked for in batches. Prints as JSON who
they are and the session of each; the sessions are made here, because a class that logs in is a measurement of its own.
"""

import json
import os
import sys
from collections.abc import Sequence
from io import StringIO
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import Institution, Membership, Programme, Role, Student, User  # noqa: E402
from consent.models import ShareState  # noqa: E402
from intake.demo.crowd import CLASS_SIZE, username  # noqa: E402
from intake.models import Case  # noqa: E402
from school.services import lessons  # noqa: E402
from tests import factories  # noqa: E402
from tests.bench.world import QUICK_HASH, make_class_that_logs_in, migrate, session_of  # noqa: E402

MENTORS, INTAKERS, BATCHES, BATCH = 20, 20, 10, CLASS_SIZE
READ_PER_MENTOR, CASES_PER_INTAKER = 5, 10
QUESTIONS = ("want.expect", "school.different", "me.proud")
SHARED = {"me.free_time": ["muziek", "koken"], "can.strengths": ["netjes werken", "koken"]}


def make(seeded: int, typing: int, days: int) -> dict[str, Any]:
    """A site with so many students, and who does something on so many lesson days."""
    migrate()
    call_command("seed_demo", students=max(seeded, typing), stdout=StringIO())
    with override_settings(**QUICK_HASH), transaction.atomic():
        mentors = [_mentor(number) for number in range(MENTORS)]
        intakers = [_intaker(number, programme) for number, programme in enumerate(_busy_programmes())]
        batches = _batches([User.objects.get(pk=one["user"]) for one in intakers], days)
    for one in (*mentors, *intakers):
        one["session"] = session_of(User.objects.get(pk=one.pop("user")))
    for one, codes in zip(intakers, batches, strict=True):
        one["batches"] = codes
    _settle()
    return {
        "students": [session_of(user) for user in _crowd(range(1, typing + 1))],
        "reader": session_of(User.objects.get(username="student.full")),
        "mentors": mentors,
        "intakers": intakers,
        "log-ins": [{"login": name, "password": factories.PASSWORD} for name in make_class_that_logs_in()],
    }


def _crowd(numbers: Sequence[int]) -> Sequence[User]:
    users = {one.username: one for one in User.objects.filter(username__in=[username(number) for number in numbers])}
    return [users[username(number)] for number in numbers]


def _mentor(number: int) -> dict[str, Any]:
    """A mentor in a lesson, with five students who share with the school team."""
    [first] = _crowd([number * CLASS_SIZE + 1])
    school_class: Any = first.memberships.get(role=Role.STUDENT).school_class
    user = factories.make_staff(Role.MENTOR, f"load-mentor-{number}", school_class=school_class)
    lesson = lessons.start_own(class_id=school_class.pk, keys=QUESTIONS, by=user)
    members = Membership.objects.filter(school_class=school_class, role=Role.STUDENT).order_by("pk")
    students = Student.objects.filter(user__memberships__in=members[:READ_PER_MENTOR])
    shares = [_share(one, "school_team", school_class.institution_id) for one in students]
    return {"user": user.pk, "class": str(school_class.pk), "lesson": str(lesson.pk), "shares": shares}


def _share(student: Student, kind: str, to: UUID) -> str:
    for question, value in SHARED.items():
        factories.write(student, question, value)
    return str(factories.share(student, kind, to, *SHARED).pk)


def _busy_programmes() -> list[Programme]:
    """One for each intaker, the fullest inboxes first."""
    found = list(Programme.objects.filter(cases__isnull=False).annotate(n=Count("cases")).order_by("-n", "code"))
    return [found[number % len(found)] for number in range(INTAKERS)]


def _intaker(number: int, programme: Programme) -> dict[str, Any]:
    user = factories.make_staff(Role.INTAKER, f"load-intaker-{number}", programme=programme)
    live = Case.objects.filter(programme=programme, share__state=ShareState.ACTIVE).order_by("received_at")
    cases = [str(pk) for pk in live.values_list("pk", flat=True)[:CASES_PER_INTAKER]]
    return {"user": user.pk, "cases": cases}


def _batches(intakers: Sequence[User], days: int) -> list[list[str]]:
    """Per intaker a programme for each day, fourteen students each; nobody asks for the same handovers twice."""
    college = Institution.objects.create(name="Load College", kind=Institution.Kind.MBO)
    school_class = factories.make_class()
    codes: list[list[str]] = [[] for _ in intakers]
    for day in range(days):
        for number, user in enumerate(intakers[:BATCHES]):
            code = f"load-{day}-{number}"
            programme = Programme.objects.create(institution=college, code=code, name="Zorg", level=3)
            today = timezone.localdate()
            Membership.objects.create(user=user, role=Role.INTAKER, programme=programme, starts_on=today)
            for _ in range(BATCH):
                _share(factories.make_pupil(school_class=school_class), "programme", programme.pk)
            codes[number].append(code)
    return codes


def _settle() -> None:
    """What autovacuum does by itself within minutes."""
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make(*(int(word) for word in sys.argv[1:4])), default=str))
