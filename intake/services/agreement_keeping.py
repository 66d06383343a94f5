"""How long an agreement stays: unsigned until the share ends, signed until its term is over. The key goes first.

A signed one outlives the share and the passport; nothing here ever destroys its key because a student was erased.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.models import Student
from consent.models import Share
from intake.models import Agreement, AgreementReview, Case
from intake.services.agreement_life import ended_since, lost

BATCH = 200


def end_unsigned(share: Share) -> None:
    """What is not signed yet ends with its share, or with what it was built on: gone at the next request, and destroyed
    after the commit."""
    for owner in Agreement.objects.unsigned().filter(case__share=share).values_list("key_owner", flat=True):
        transaction.on_commit(partial(drop_ended_of, owner), robust=True)


def drop_ended_of(key_owner: UUID) -> None:
    drop_ended(Agreement.objects.unsigned().filter(key_owner=key_owner))


def drop_ended(rows: QuerySet[Agreement]) -> int:
    """Destroys those of these unsigned agreements that ended: the share, or what they were built on, is over, or the
    student is gone. Returns how many."""
    found = list(rows.select_related("case__share__student"))
    ended = {row.pk for row in found if ended_since(row, row.case.share)} | lost(found)
    return destroy(row for row in found if row.pk in ended)


def destroy(rows: Iterable[Agreement]) -> int:
    """The keys first, then the rows, with their files: from here on nothing of them opens. Repeatable; never in a
    transaction."""
    rows = list(rows)
    for row in rows:
        vault.shred(row.key_owner)
    Agreement.objects.filter(pk__in=[row.pk for row in rows]).delete()
    if rows:
        vault.scrub()
    return len(rows)


def sweep() -> int:
    """What a crash left: ended drafts, and the keys of what was refused. Returns how many went. May run twice."""
    gone = drop_ended(Agreement.objects.unsigned())
    refused = dict(Agreement.objects.filter(status=Agreement.Status.REFUSED).values_list("key_owner", "pk"))
    for owner in vault.with_a_key(refused) if refused else ():
        vault.shred(owner)
        gone += 1
    return gone


def kept_until(agreement: Agreement) -> date:
    """The last day the college keeps what is in force, as known now: AGREEMENT_YEARS after its day to look back."""
    return agreement.review_date + _term()


def _term() -> timedelta:
    return timedelta(days=365 * settings.AGREEMENT_YEARS)


def drop_past_their_term() -> int:
    """Destroys every version of a case whose last day to look back is AGREEMENT_YEARS ago. Returns how many cases."""
    last_day = timezone.localdate() - _term()
    cases = Case.objects.filter(agreements__in=Agreement.objects.in_force().filter(review_date__lt=last_day))
    for case in list(cases.distinct()[:BATCH]):
        destroy(case.agreements.all())
    return len(cases)


# --- Erasing and renewing ----------------------------------------------------------------------------------


def keys_of_unsigned(student: Student) -> list[UUID]:
    """The keys that go when this student is erased: of everything but what is signed."""
    rows = Agreement.objects.filter(case__share__student=student)
    return list(rows.exclude(status__in=Agreement.KEPT).values_list("key_owner", flat=True))


def delete_unsigned(shares: QuerySet[Share]) -> None:
    """The rows of what nobody signed, and what was said when looking back; in the transaction that erases."""
    AgreementReview.objects.filter(agreement__case__share__in=shares).delete()
    rows = Agreement.objects.filter(case__share__in=shares)
    rows.filter(Q(status=Agreement.Status.DRAFT) | Q(status=Agreement.Status.OFFERED)).delete()


def key_owners(student_ids: Iterable[UUID] | None = None) -> list[UUID]:
    """Whose keys are of agreements: all of them, or those of some students."""
    rows = Agreement.objects.exclude(status=Agreement.Status.REFUSED)
    if student_ids is not None:
        rows = rows.filter(case__share__student__in=list(student_ids))
    return list(rows.values_list("key_owner", flat=True))
