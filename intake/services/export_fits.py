"""What programmes answered to needs, and what the student said back, in the export (intake/services/export.py)."""

from typing import Any

from django.utils import timezone

from accounts import vault
from consent.models import Share
from intake.services.fits import fits_for_student


def fits_in(share: Share, key: vault.Key) -> list[dict[str, Any]]:
    """On one share; a no that waits for a second person is the college's draft and is not in it."""
    return [
        {
            "unit": one.unit,
            "label": one.label,
            "answer": one.answer_label,
            "comment": one.comment,
            "alternative": one.alternative,
            "by": one.by,
            "at": timezone.localtime(one.at).isoformat(timespec="seconds"),
            "you_said": one.reaction_label,
            "you_wrote": one.reaction_text,
        }
        for one in fits_for_student(share, key)
    ]
