"""The student's page of their first day: where and when, who waits, what was agreed, and one person to call.

The college writes place, time and person; sealed with the student's key, because together they tell of one student.
What was agreed comes from the signed agreement (intake/services/agreements.py) and is not written over here.
"""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from accounts.together import is_together
from intake.models import Agreement, Case, FirstDay, Side
from intake.services import agreements, hearing, placements
from passport.texts import clean_text

FIELD = "intake.FirstDay.sealed_page"
LONGEST = {"time": 20, "where": 160, "who": 120, "bring": 300, "contact": 80, "telephone": 30}


@dataclass(frozen=True, slots=True)
class Page:
    """What the college says of the first day. Personal: never in a log or a URL."""

    day: date
    time: str = field(repr=False)
    where: str = field(repr=False)
    who: str = field(repr=False)
    bring: str = field(repr=False)
    contact: str = field(repr=False)
    telephone: str = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"day": self.day.isoformat()}

    @property
    def is_past(self) -> bool:
        return self.day < timezone.localdate()

    @property
    def things(self) -> list[str]:
        """What to bring, one a line."""
        return [line for line in self.bring.splitlines() if line]


def write_page(*, case_id: UUID, by: User, page: Page) -> FirstDay:
    """Keeps the page and the first day of the case; the student sees it at once.

    Raises NotHere for whoever has nothing of this student shared with them at this college, Refusal at the field.
    """
    case, key = _of_college(case_id, by)
    cleaned = Page(page.day, **{name: _clean(getattr(page, name), name) for name in LONGEST})
    for name, sentence in (("where", "Schrijf waar het is."), ("contact", "Schrijf wie de student kan bellen.")):
        if not getattr(cleaned, name):
            raise Refusal("blank", sentence, field=name)
    with transaction.atomic():
        student = Student.objects.select_for_update(no_key=True).get(pk=key.owner)
        _of_college(case_id, by, key)
        row = FirstDay.objects.filter(case=case).first() or FirstDay(case=case, student=student)
        row.sealed_page = key.seal(cleaned.as_json(), field=FIELD, row=row.pk)
        row.written_by = by
        row.save()
        Case.objects.filter(pk=case.pk).update(starts_on=page.day)
    return row


def page_for_college(*, case_id: UUID, by: User) -> tuple[Case, Page | None]:
    """What the college wrote itself, to change it; nothing of the student's. Raises NotHere."""
    case, key = _of_college(case_id, by)
    return case, page_of(case, key)


def own_page(student: Student, key: vault.Key) -> tuple[Case, Page | None]:
    """The student's own first day. Raises NotHere for who did not start anywhere."""
    case = placements.get_own_case_or_404(student)
    return case, page_of(case, key)


def agreed_for_student(student: Student, case: Case) -> list[str]:
    """What was signed at this start, each in the college's own words; nothing while nothing is signed.

    Nothing either while somebody sits beside the student.
    """
    if is_together(student):
        return []
    row = next((one for one in agreements.own_rows(student) if one.case_id == case.pk), None)
    if row is None or row.status != Agreement.Status.SIGNED:
        return []
    content = agreements.open_one(row, vault.open_keys([row.key_owner])).content
    return [one.what for one in content.rows] if content else []


def _of_college(case_id: UUID, by: User, key: vault.Key | None = None) -> tuple[Case, vault.Key]:
    case, place = hearing.get_case_or_404(case_id, by)
    if place.side is not Side.COLLEGE:
        raise NotHere()
    return case, key or hearing.key_of(case)


def page_of(case: Case, key: vault.Key) -> Page | None:
    """The page of one start, opened with the student's key; None when the college wrote none."""
    row = FirstDay.objects.filter(case=case).first()
    if row is None:
        return None
    found: dict[str, Any] = key.open(row.sealed_page, field=FIELD, row=row.pk)
    return Page(**{**found, "day": date.fromisoformat(found["day"])})


def _clean(text: str, name: str) -> str:
    return clean_text(text, longest=LONGEST[name], field=name, numbers=name == "telephone")
