"""Somebody turns out to be younger than their passport said: a birth date was corrected (contract, rule 10).

What such a student gave alone outside school was never theirs to give alone. It closes in the transaction of the
correction, and opens again by a guardian's yes to the preview, as every share under 16 does.
"""

from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand, age_band, identity_of
from accounts.models import Student
from consent import access
from consent.ledger import Event
from consent.models import LedgerEntry, Release, Share, ShareState
from consent.purposes import OUTSIDE_SCHOOL
from consent.services.giving import Also
from consent.services.planning import digest_of
from consent.services.proof import prove
from consent.services.waiting import drop_waiting

WAITS_FOR_A_GUARDIAN = {AgeBand.UNDER_16, AgeBand.UNKNOWN}


def ask_guardian_after_all(*, student_id: UUID, key: vault.Key, before: AgeBand, also: Also) -> list[Share]:
    """Lets every live share outside school that nobody approved wait for a guardian; returns which.

    Also one that a guardian approved and that the student changed alone since, as far as by the birth date of `before`
    nobody was asked: that is asked as a whole.

    Called in the transaction that saves the new birth date. Reading is refused from the commit on: the door is closed,
    and `decide` misses a yes. From 16 nothing changes. Twice is no error.
    """
    student = Student.objects.select_for_update(no_key=True).get(pk=student_id)
    if age_band(identity_of(student, key).born) not in WAITS_FOR_A_GUARDIAN:
        return []
    rows = student.shares.open_ended().filter(recipient_kind__in=OUTSIDE_SCHOOL)
    rows = rows.select_for_update(no_key=True, of=("self",)).select_related("student__passport")
    asked_nobody = before not in WAITS_FOR_A_GUARDIAN
    shares = [share for share in rows if not share.approval_required or (asked_nobody and _changed_alone(share))]
    for share in shares:
        _ask(share, key, also)
    return shares


def _changed_alone(share: Share) -> bool:
    """Whether an approved share was changed or released since a guardian's last yes, by what is written down of it."""
    if share.state != ShareState.ACTIVE:
        return False
    entries = LedgerEntry.objects.filter(student_id=share.student_id, share_id=share.pk)
    approved = entries.filter(event=Event.APPROVED).aggregate(last=Max("seq"))["last"] or 0
    return entries.filter(event__in=[Event.CHANGED, Event.RELEASED], seq__gt=approved).exists()


def _ask(share: Share, key: vault.Key, also: Also) -> None:
    drop_waiting(share)
    _pin(share)
    share.approval_required, share.state, share.release = True, ShareState.AWAITING_GUARDIAN, share.release + 1
    share.save(update_fields=["approval_required", "state", "release"])
    access.close_door(share)
    items = list(share.items.select_related("answer__newest", "revision"))
    dossier = access.preview(share=share, items=items, key=key)
    Release.objects.create(share=share, number=share.release, at=timezone.now(), digest=digest_of(dossier, key))
    also(share)
    prove(Event.REQUESTED, share=share, actor=None, key=key, slots=[bytes(item.slot) for item in items])


def _pin(share: Share) -> None:
    """What was live (coaching) is from now on the text a guardian will see, as it is for everybody under 16."""
    for item in share.items.filter(answer__isnull=False, revision=None).select_related("answer"):
        item.revision_id = item.answer.newest_id  # type: ignore[union-attr]  # a text is there
        item.save(update_fields=["revision"])
