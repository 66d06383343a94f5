"""«Klopt dit nog?»: looking back at what was agreed, at least once a year (WEB art. 8.1.3a).

The student and the college each say of every agreement: it works, it does not, or something changed. The college then
keeps it as it is with a new day to look back, or drafts a new version. What was signed is not touched by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together
from intake.models import Agreement, AgreementReview, SignatureRole
from intake.services import tips
from intake.services.agreement_texts import ANSWERS_FIELD, Content, check_review_date, open_content
from intake.services.agreements import COLLEGE, STUDENT, Standing, is_due, standing_or_404
from passport.texts import clean_text

VERDICTS = {"works": "Werkt", "not": "Werkt niet", "changed": "Is veranderd"}
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Answers:
    """What one side said on one day to look back. Personal: never in a log or a URL."""

    role: SignatureRole
    about: date
    at: datetime
    verdicts: tuple[str, ...] = field(repr=False)
    note: str = field(default="", repr=False)

    @property
    def labels(self) -> list[str]:
        return [VERDICTS[one] for one in self.verdicts]


def answer(
    *, case_id: UUID, by: User, verdicts: Mapping[int, str], note: str = "", keep_until: date | None = None
) -> AgreementReview:
    """What the student or the college says of each agreement, by its place; a second time takes the place of the first.

    `keep_until`: the college keeps it as it is and looks again on that day, at most a year away. Raises NotHere for
    anybody else, Refusal at the field that does not fit, and before its time (409).
    """
    standing = _reviewing(by, case_id)
    if standing.role == STUDENT and standing.case.share is not None:
        refuse_together(standing.case.share.student)
    row, key, content = in_force(standing)
    if not is_due(row):
        raise Refusal("not_yet", "Deze dag komt nog.", status=409)
    said = {"verdicts": _clean(verdicts, content), "note": clean_text(note, longest=LONGEST_NOTE, field="note")}
    if keep_until is not None:
        check_review_date(keep_until)
    with transaction.atomic():
        locked = Agreement.objects.in_force().select_for_update().filter(pk=row.pk).first()
        if locked is None:
            raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409)
        known = {"agreement": locked, "role": standing.role, "about": locked.review_date}
        found = AgreementReview.objects.filter(**known).first() or AgreementReview(**known)
        found.by, found.at = by, timezone.now()
        found.sealed_answers = key.seal(said, field=ANSWERS_FIELD, row=found.pk)
        found.save()
        if keep_until is not None and standing.role == COLLEGE:
            locked.review_date = keep_until
            locked.save(update_fields=["review_date"])
    return found


def worked(*, case_id: UUID, by: User, place: int, sentence: str) -> None:
    """«Werkte goed»: one sentence about nobody, that the region may put among the tips for this need.

    Only the college, of an agreement that came from a need. Raises NotHere, Refusal at `sentence`.
    """
    standing = _reviewing(by, case_id)
    if standing.role != COLLEGE:
        raise NotHere()
    _, _, content = in_force(standing)
    if not 0 <= place < len(content.rows) or not content.rows[place].need:
        raise NotHere()
    row, place_of = content.rows[place], standing.case.programme.institution
    tips.note_worked(need=row.need, sentence=sentence, institution=place_of, names=[content.name, row.who])


def in_force(standing: Standing) -> tuple[Agreement, vault.Key, Content]:
    """What is agreed now, opened. Raises NotHere when nothing is."""
    row = standing.case.agreements.in_force().first()
    key = vault.open_keys([row.key_owner]).get(row.key_owner) if row else None
    if row is None or key is None:
        raise NotHere()
    return row, key, open_content(key, row)


def answers_of(row: Agreement, key: vault.Key) -> list[Answers]:
    """Everything that was said of this version, the newest day first."""
    return [_opened(one, key) for one in row.reviews.all()]


def said_across(standing: Standing, row: Agreement, key: vault.Key) -> list[Answers]:
    """What the other side said of the day that is asked about now."""
    return [one for one in answers_of(row, key) if one.about == row.review_date and one.role != standing.role]


# --- The parts ---------------------------------------------------------------------------------------------


def _reviewing(by: User, case_id: UUID) -> Standing:
    """The student of the case or its college, while there is a student: alone nobody looks back. Raises NotHere."""
    standing = standing_or_404(by, case_id)
    share = standing.case.share
    if share is None or share.student.frozen_at is not None or standing.is_coordinator:
        raise NotHere()
    if standing.role not in {STUDENT, COLLEGE}:
        raise NotHere()
    return standing


def _clean(verdicts: Mapping[int, str], content: Content) -> list[str]:
    for place in range(len(content.rows)):
        if verdicts.get(place) not in VERDICTS:
            raise Refusal("required", "Kies wat klopt.", field=f"verdict-{place}")
    return [verdicts[place] for place in range(len(content.rows))]


def _opened(one: AgreementReview, key: vault.Key) -> Answers:
    said = key.open(one.sealed_answers, field=ANSWERS_FIELD, row=one.pk)
    return Answers(SignatureRole(one.role), one.about, one.at, tuple(said["verdicts"]), said["note"])
