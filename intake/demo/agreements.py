"""The agreements of the demo: one that was signed last spring, one that is still a draft."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import Student, User
from consent.models import Share
from intake.demo.content import load
from intake.models import Agreement, Case
from intake.services import agreement_drafting, agreement_signing, agreements
from intake.services.agreement_texts import Row


def draft(share: Share, student: Student, intaker: User, *, offer: bool = False) -> Agreement:
    """The text of the demo for this student, with a day to look back next spring."""
    rows = [
        Row(one["what"], one["who"], _start(), one["works"], one.get("need", ""), one.get("internship", False))
        for one in load("agreements")[student.user.username]
    ]
    case = Case.objects.get(share=share)
    return agreement_drafting.put_draft(case_id=case.pk, by=intaker, rows=rows, review_date=_review(), offer=offer)


def sign(share: Share, student: Student, intaker: User, at: datetime) -> None:
    """Offered, and signed by the student and the college, on a day in the past."""
    row = draft(share, student, intaker, offer=True)
    for by in (student.user, intaker):
        seen = agreements.read(agreements.standing_or_404(by, row.case_id), by)[0].digest
        agreement_signing.sign(case_id=row.case_id, by=by, seen=seen)
    Agreement.objects.filter(pk=row.pk).update(drafted_at=at, offered_at=at, decided_at=at)
    row.signatures.update(at=at)


def _start() -> date:
    today = timezone.localdate()
    return date(today.year, 9, 1)


def _review() -> date:
    today = timezone.localdate()
    spring = date(today.year + (today.month > 2), 3, 11)
    return max(spring, today + timedelta(days=30))
