"""What a student and a college agreed on, in the student's export (intake/services/export.py)."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from intake.models import Agreement, SignatureRole
from intake.services.agreement_life import alive
from intake.services.agreement_reviews import answers_of
from intake.services.agreements import Opened, open_one

FROM_HOME = "Iemand van thuis"


def agreements_in(student: Student) -> list[dict[str, Any]]:
    """Every version the student may see, newest first; of a refused one its dates. A draft is not theirs yet."""
    rows = Agreement.objects.filter(case__share__student=student).exclude(status=Agreement.Status.DRAFT)
    rows = rows.select_related("case__share__student__user", "case__programme__institution")
    rows = rows.prefetch_related("signatures", "reviews").order_by("-drafted_at")
    seen = alive(rows)
    keys = vault.open_keys(row.key_owner for row in seen)
    return [_version(open_one(row, keys), keys) for row in seen if row.sealed_content is None or row.key_owner in keys]


def _version(one: Opened, keys: dict[Any, vault.Key]) -> dict[str, Any]:
    row = one.agreement
    content = one.content.as_json() if one.content else {}
    reviews = answers_of(row, keys[row.key_owner]) if row.key_owner in keys else []
    return {
        "programme": row.case.programme.label,
        "institution": row.case.programme.institution.name,
        "version": row.version,
        "status": str(row.get_status_display()),
        "offered_at": _moment(row.offered_at),
        "decided_at": _moment(row.decided_at),
        "review_date": row.review_date.isoformat(),
        "name": content.get("name", ""),
        "rows": content.get("rows", []),
        "signatures": [
            {
                "role": str(signed.role.label),
                "name": FROM_HOME if signed.role == SignatureRole.GUARDIAN else signed.name,
                "at": _moment(signed.at),
            }
            for signed in one.signatures
        ],
        "reviews": [
            {"by": str(said.role.label), "at": _moment(said.at), "said": said.labels, "note": said.note}
            for said in reviews
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
