"""Answers put in the database without a student at a screen: sealed like any other, many at a time.

The models of the student's own texts are asked from the app registry on purpose: nothing here reads them, and
the import contract keeps `passport.models` out of this room for everything that does.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import User
from passport.questionnaire import Question
from passport.services import REVISION_BLOCK, REVISION_FIELD, ROUTE_FIELD, questions_of
from passport.values import Status, units_in

Answer = apps.get_model("passport", "Answer")
AnswerRevision = apps.get_model("passport", "AnswerRevision")
Passport = apps.get_model("passport", "Passport")


def first_text(
    student_id: UUID,
    key: vault.Key,
    question: Question,
    value: Any,
    version: UUID,
    *,
    by: User,
    author: str = "student",
) -> tuple[Any, Any]:
    """An answer and its first revision, sealed and not saved yet; a value of None is "weet ik nog niet"."""
    now = timezone.now()
    answer = Answer(student_id=student_id, slot=key.slot(question.key), revision=1, updated_at=now)
    row = AnswerRevision(answer_id=answer.pk, number=1, questionnaire_id=version, by=by, created_at=now)
    status = Status.LATER if value is None else Status.ANSWERED
    content = {
        "status": status,
        "value": value,
        "since": dict.fromkeys(units_in(question, value), 1),
        "by": author,
    }
    place = {"field": REVISION_FIELD, "row": row.pk, "unit": question.key, "revision": 1}
    row.sealed = key.seal(content, **place, block=REVISION_BLOCK)
    answer.newest = row
    return answer, row


def passport_for(student_id: UUID, key: vault.Key, version: UUID, route: str | None) -> Any:
    """A passport on one version of the questions, not saved yet."""
    passport = Passport(student_id=student_id, questionnaire_id=version)
    if route:
        passport.sealed_route = key.seal(route, field=ROUTE_FIELD, row=student_id)
    return passport


def keep(answers: list[Any], revisions: list[Any]) -> None:
    """Saves answers with their first revisions; inside a transaction, because they point at each other."""
    Answer.objects.bulk_create(answers)
    AnswerRevision.objects.bulk_create(revisions)


@transaction.atomic
def write_for_mentor(passport: Any, key: vault.Key, question_key: str, value: Any, mentor: User) -> None:
    """What a mentor proposed and the student accepted: the one text a student cannot write."""
    question = questions_of(passport).questions[question_key]
    answer, row = first_text(
        passport.student_id, key, question, value, passport.questionnaire_id, by=mentor, author="mentor"
    )
    keep([answer], [row])


def date_back(student_id: UUID, key: vault.Key, question_key: str, by: timedelta) -> None:
    """What was just written in one answer was written earlier: history cannot be written on a day in the past."""
    rows = AnswerRevision.objects.filter(answer__student=student_id, answer__slot=key.slot(question_key))
    rows.update(created_at=timezone.now() - by)


def keep_passports(passports: Mapping[UUID, Any]) -> None:
    Passport.objects.bulk_create(passports.values())
