"""Of the export (intake/services/export.py): what a student practises, and what the school team proposed."""

from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.models import Student
from passport.goals import goals_of
from passport.suggestions import all_suggestions


def goals_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """The goal of now first, then what was reached."""
    now, done = goals_of(student.passport, key)
    return [
        {
            "label": aim.label,
            "step": aim.step,
            "on": aim.on.isoformat() if aim.on else None,
            "done_on": aim.done_on.isoformat() if aim.done_on else None,
        }
        for aim in [*([now] if now else []), *done]
    ]


def suggestions_in(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """Every suggestion that is still kept, newest first, with who wrote it and what the student did with it."""
    return [
        {
            "unit": one.unit.key,
            "label": one.unit.label,
            "by": one.by,
            "at": timezone.localtime(one.at).isoformat(timespec="seconds"),
            "state": str(one.state.label),
            "value": one.value,
            "lines": one.lines,
        }
        for one in all_suggestions(student.passport, key)
    ]
