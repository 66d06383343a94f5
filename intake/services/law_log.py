"""The requests by law that were answered, as the student reads them (docs/rules.md, rule 6). See law.py."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from consent import ledger
from consent.models import LedgerEntry
from intake.models import LawAnswer

DETAIL_FIELD = "intake.LawAnswer.sealed_detail"
BLOCK = 1024  # the length must not tell whether it is hidden


class Kind(StrEnum):
    """Why the law asks."""

    ACCESS = "access"
    COURT = "court"
    MELDCODE = "meldcode"


@dataclass(frozen=True, slots=True)
class Told:
    """One request as the student reads it. Of a row that is gone only that there was one."""

    at: datetime
    kind: str = ""
    number: str = ""
    student_present: bool = False
    officers: tuple[str, ...] = ()
    law: str = field(default="", repr=False)


def requests_of(student: Student, key: vault.Key) -> list[Told]:
    """Every request by law that may be known today, newest first, as the ledger has them."""
    entries = list(ledger.law_requests_of(student.pk))
    rows = {row.pk: row for row in LawAnswer.objects.filter(student=student)} if entries else {}
    return [told for entry in entries if (told := _told(entry, rows, key))]


def _told(entry: LedgerEntry, rows: Mapping[UUID, LawAnswer], key: vault.Key) -> Told | None:
    row = rows.get(UUID(entry.detail["answer"]))
    if row is None:
        return Told(entry.at)
    detail = key.open(row.sealed_detail, field=DETAIL_FIELD, row=row.pk)
    if digest_of(key, row.pk, detail) != entry.detail["digest"]:
        return Told(entry.at)
    if detail["hidden_until"] and timezone.localdate() <= date.fromisoformat(detail["hidden_until"]):
        return None
    return Told(
        at=entry.at,
        kind=detail["kind"],
        number=detail["number"],
        student_present=detail["student_present"],
        officers=tuple(detail["officers"]),
        law=detail["law"],
    )


def digest_of(key: vault.Key, row: UUID, detail: Mapping[str, Any]) -> str:
    """Ties the sealed row to its entry in the ledger, which cannot be changed."""
    return key.mac("law", row.bytes + json.dumps(detail, sort_keys=True).encode()).hex()
