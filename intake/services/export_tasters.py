"""The days to look around that a student put a name down for, in the student's export (intake/services/export.py)."""

from typing import Any

from django.utils import timezone

from accounts.models import Student
from intake.models import TasterSignUp


def taster_days_in(student: Student) -> list[dict[str, Any]]:
    """Each day with how far it is, who may know the name, whether they were there, and who went along."""
    rows = TasterSignUp.objects.filter(student=student).select_related("day__institution", "tie__person")
    return [
        {
            "name": row.day.name,
            "town": row.day.town,
            "institution": row.day.institution.name,
            "on": row.day.on.isoformat(),
            "status": str(row.get_state_display()),
            "host_sees_name": "ja" if row.name_to_host else "",
            "came": {True: "ja", False: "nee", None: ""}[row.came],
            "buddy": row.tie.person.staff_name if row.tie else "",
            "buddy_asked_at": _moment(row.buddy_asked_at),
            "at": _moment(row.asked_at),
            "decided_at": _moment(row.decided_at),
        }
        for row in rows.order_by("day__starts_at")
    ]


def _moment(at: Any) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
