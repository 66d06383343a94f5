"""The day that a share with somebody tied to the student hangs on."""

from datetime import date, timedelta
from uuid import UUID

from accounts.models import Student, Tie
from consent.models import RecipientKind


def day_with(student: Student, kind: str, person_id: UUID | None) -> date | None:
    """The day a buddy goes along on, which says how long a share with them may last; None without such a day.

    Their tie ends a week after it (intake/services/taster_buddies.py); it is the tie a share of today is given in.
    """
    if kind != RecipientKind.BUDDY or person_id is None:
        return None
    ties = Tie.objects.current().filter(student=student, person=person_id, kind=kind, confirmed_at__isnull=False)
    ends_on = ties.order_by("-starts_on", "pk").values_list("ends_on", flat=True).first()
    return ends_on - timedelta(days=7) if ends_on else None
