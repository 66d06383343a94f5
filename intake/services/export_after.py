"""What there is after the start, in the student's export (intake/services/export.py)."""

from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from intake.models import Ask, Case, CoachSignal, FollowUpGrant
from intake.services import first_day, follow_ups, hearing_proof, placements


def after_start_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """Each start, also one that was taken back: its first day, what was told, who may hear that and what was asked."""
    signals = [
        {"to": row.person.staff_name, "at": _moment(row.at), "heard_at": _moment(row.heard_at)}
        for row in CoachSignal.objects.filter(student=student).select_related("person")
    ]
    starts = [_start(student, key, case) for case in placements.told_cases(student)]
    return [*starts, *([{"signals": signals}] if signals else [])]


def _start(student: Student, key: vault.Key, case: Case) -> dict[str, Any]:
    page, proofs = first_day.page_of(case, key), hearing_proof.proofs_of(student, key)
    grants = FollowUpGrant.objects.filter(student=student, case=case).select_related("institution", "person")
    return {
        "programme": case.programme.label,
        "institution": case.programme.institution.name,
        "starts_on": placements.start_of(case).isoformat(),
        "first_day": page.as_json() if page else None,
        "told": [
            one.as_json()
            | {"goes": one.went, "fits": one.fitted, "talk": one.wants_talk, "worked": one.answers.worked}
            | {"at": _moment(one.at), "name": one.by}
            for one in follow_ups.own_follow_ups(student, key, case)
        ],
        "heard_by": [
            {
                "who": row.get_kind_display(),
                "name": row.institution.name if row.institution else row.person.staff_name if row.person else "",
                "from": _moment(row.given_at),
                "until": _moment(row.ended_at),
                "receipts": [proof.record for grant, proof in proofs if grant.pk == row.pk],
            }
            for row in grants
        ],
        "asked": [
            {"about": row.get_about_display(), "at": _moment(row.asked_at), "answered_at": _moment(row.answered_at)}
            for row in Ask.objects.filter(student=student, case=case)
        ],
    }


def _moment(at: Any) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
