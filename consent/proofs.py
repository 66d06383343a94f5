"""The consent records of a share, opened for who may read them: the student, and a guardian who approved."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere
from consent.ledger import Event
from consent.models import ConsentRecord, LedgerEntry, Share
from consent.receipts import RECORD_FIELD, SUPERSEDED
from consent.services.approving import has_say, ties_with_authority


@dataclass(frozen=True, slots=True)
class Proof:
    """One record, opened for who may read it."""

    id: UUID
    event: str
    at: datetime
    record: dict[str, Any] = field(repr=False)

    @property
    def until(self) -> date:
        return date.fromisoformat(self.record["event"]["valid_until"])

    @property
    def is_own(self) -> bool:
        """Whether the student did it, and not a guardian or the calendar."""
        return bool(self.record["event"]["entity_role"] == "self")

    @property
    def as_file(self) -> str:
        """The record as a file that verify_receipt reads."""
        return json.dumps(self.record, ensure_ascii=False, indent=2) + "\n"


def proofs_of(share: Share, key: vault.Key) -> list[Proof]:
    """Every record of a share, newest first; of one act the new before the old. Raises Tampered or Shredded."""
    rows = sorted(share.records.all(), key=lambda row: (row.at, row.event != SUPERSEDED), reverse=True)
    return [_opened(row, key) for row in rows]


def newest_proof_or_404(share: Share, key: vault.Key) -> Proof:
    """The newest record of a share. Raises NotHere for a share of before there were records."""
    row = share.records.exclude(event=SUPERSEDED).first()
    if row is None:
        raise NotHere()
    return _opened(row, key)


def get_proof_or_404(share: Share, key: vault.Key, record_id: UUID) -> Proof:
    """One record of a share. Raises NotHere."""
    row = share.records.filter(pk=record_id).first()
    if row is None:
        raise NotHere()
    return _opened(row, key)


def get_share_for_proof_or_404(share_id: UUID, user: User) -> tuple[Share, vault.Key]:
    """A share whose record this user may have: the student, or a guardian who approved it and still has a say.

    From 16 on a guardian's rights over it are over (contract, rule 10). Raises NotHere.
    """
    shares = Share.objects.select_related("student__user").filter(pk=share_id)
    share = shares.filter(Q(student__user=user.pk) | Q(student__in=ties_with_authority(user).values("student"))).first()
    if share is None:
        raise NotHere()
    key = vault.open_key(share.student_id)
    if share.student.user_id == user.pk or (_approved(share, user) and has_say(user, share.student, key)):
        return share, key
    raise NotHere()


def _approved(share: Share, user: User) -> bool:
    """Whether this person ever said yes to it. The ledger knows: a later no stands in the place of the yes."""
    entries = LedgerEntry.objects.filter(student_id=share.student_id, event=Event.APPROVED)
    return entries.filter(share_id=share.pk, actor_id=user.pk).exists()


def _opened(row: ConsentRecord, key: vault.Key) -> Proof:
    return Proof(row.pk, row.event, row.at, key.open(row.sealed_record, field=RECORD_FIELD, row=row.pk))
