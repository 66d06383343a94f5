"""The floors: bare Django views that run the same statements as a call of the site, and nothing besides.

Plain statements are plain Django. The long ones (who may read what) are the site's own SQL, word for word, so the
floor pays what the database does and not how the site composes it. The answer is a constant of the same size.
"""

import json
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone

from accounts.models import DataKey, Programme
from consent.models import LedgerEntry, Share, ShareItem
from intake.models import Case, Fit, Offer
from passport.models import Answer, AnswerRevision, Passport
from tests.bench.recorded import recording, statement


@cache
def _body(name: str) -> bytes:
    return b'{"floor": "' + b"x" * (recording(name).size - 13) + b'"}'


def same_size(name: str) -> HttpResponse:
    return HttpResponse(_body(name), content_type="application/json")


def as_the_site(model: Any, name: str, beside: str = "") -> list[Any]:
    """The rows of the site's own statement on this model's table; columns of other tables are plain attributes."""
    asked = statement(name, model._meta.db_table, beside)
    # A column may be called as a relation or a property of ours is: `revision` of an answer, for one.
    taken = [field.name for field in model._meta.fields if field.is_relation]
    taken += [name for name, one in vars(model).items() if isinstance(one, property)]
    apart = {name: f"column_{name}" for name in taken}
    return list(model.objects.raw(asked.sql, asked.params, translations=apart))


def values_as_the_site(model: Any, name: str) -> list[tuple[Any, ...]]:
    """The same for what the site asks as bare values: no objects are made of it."""
    asked = statement(name, model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        return list(cursor.fetchall())


def student_of(share: UUID) -> Any:
    return Share.objects.filter(pk=share).values_list("student_id", flat=True).first()


def key_row(owner: UUID) -> list[DataKey]:
    return list(DataKey.objects.filter(owner_id__in=[owner], destroyed_at=None))


def ledger_row(share: UUID, student: UUID, user: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [1])
    tail = LedgerEntry.objects.order_by("-seq").values_list("seq", "mac").first()
    LedgerEntry(
        seq=tail[0] + 1 if tail else 1,
        at=timezone.now(),
        event="look",
        actor_id=user.pk,
        student_id=student,
        share_id=share,
        detail={"slots": ["0" * 32] * 15, "action": "read"},
        mac=bytes(32),
    ).save(force_insert=True)


def autosave(request: Any, slot: str) -> HttpResponse:
    json.loads(request.body)
    place = {"slot": bytes.fromhex(slot)}
    passport: Any = Passport.objects.select_related("student__user").filter(student__user=request.user.pk).first()
    key_row(passport.student_id)
    answer: Any = Answer.objects.filter(student=passport.student_id, **place).select_related("newest").first()
    now = timezone.now()
    with transaction.atomic():
        pk: Any = Answer.objects.filter(student=passport.student_id, **place).values_list("pk", flat=True).first()
        row = AnswerRevision(
            id=uuid4(),
            answer_id=pk,
            number=answer.revision + 1,
            questionnaire_id=passport.questionnaire_id,
            sealed=answer.newest.sealed,
            by=request.user,
            created_at=now,
        )
        row.save(force_insert=True)
        Answer.objects.filter(pk=pk).update(revision=row.number, newest=row, updated_at=now)
    return same_size("autosave")


def dossier(request: Any, share_id: UUID) -> HttpResponse:
    student = student_of(share_id)
    key_row(student)
    with transaction.atomic():
        as_the_site(Share, "dossier")
        as_the_site(ShareItem, "dossier")
        ledger_row(share_id, student, request.user)
    return same_size("dossier")


def brief(request: Any, case_id: UUID) -> HttpResponse:
    case = as_the_site(Case, "brief")[0]
    student = student_of(case.share_id)
    key_row(student)
    with transaction.atomic():
        as_the_site(Share, "brief")
        items = as_the_site(ShareItem, "brief")
        ledger_row(case.share_id, student, request.user)
    list(Offer.objects.filter(programme=case.programme_id))
    as_the_site(Fit, "brief")
    return same_size("brief") if items else HttpResponse(status=404)


def inbox_api(request: Any) -> HttpResponse:
    Case.objects.filter(programme__in=intake_of(request.user)).count()
    keys_of(as_the_site(Case, "inbox list"))
    return same_size("inbox list")


def intake_of(user: Any) -> Any:
    """The programmes somebody does the intake of, plainly."""
    today = Q(memberships__ends_on=None) | Q(memberships__ends_on__gte=timezone.localdate())
    return Programme.objects.filter(today, memberships__user=user, memberships__role="intaker")


def keys_of(cases: list[Any]) -> list[DataKey]:
    """The key rows of everybody on the list, as the site reads them to open the names."""
    return list(DataKey.objects.filter(owner_id__in=[case.student_id for case in cases], destroyed_at=None))
