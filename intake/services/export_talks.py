"""What talks left and what was written at home, in the student's export (intake/services/export.py)."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from consent.models import Share
from intake.services.coaching import own_moments
from intake.services.intake_talk import own_plan
from intake.services.notes import own_notes
from intake.services.remarks import remarks_for


def notes_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """What was agreed in talks at school, and what is done of it; newest first."""
    return [
        {
            "on": note.held_on.isoformat(),
            "kind": str(note.kind),
            "by": note.by,
            "text": note.text,
            "points": [{"text": point.text, "done": point.is_done} for point in note.points],
        }
        for note in own_notes(student, key)
    ]


def coach_moments_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """Every moment with a coach, with what was promised by whom and what is done of it; newest first."""
    return [
        {
            "on": one.on.isoformat(),
            "planned": one.is_planned,
            "by": one.by,
            "text": one.text,
            "promises": [
                {
                    "who": "coach" if each.is_of_coach else "jij",
                    "text": each.text,
                    "on": each.on.isoformat() if each.on else None,
                    "done": each.is_done,
                }
                for each in one.promises
            ],
        }
        for moments in own_moments(student, key).values()
        for one in moments
    ]


def intake_talk_in(share: Share, key: vault.Key) -> dict[str, Any] | None:
    """The talk of an intake, with all that was planned and what the student said of it."""
    plan = own_plan(share, key, whole=True)
    if plan is None:
        return None
    answer = asdict(plan.answer) | {"at": _moment(plan.answer.at)} if plan.answer else None
    return asdict(plan) | {"at": _moment(plan.at), "answer": answer}


def _moment(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def remarks_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """What somebody from home wrote beside a text, never by name; newest first."""
    return [
        {
            "at": timezone.localtime(one.at).isoformat(timespec="seconds"),
            "about": one.label,
            "hidden": one.hidden,
            "text": one.text,
        }
        for one in remarks_for(student, key)
    ]
