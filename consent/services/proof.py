"""The proof of every act on a share, written last in its transaction."""

import logging
from collections.abc import Iterable
from typing import Any

from accounts import vault
from accounts.models import User
from consent import ledger, receipts
from consent.ledger import Event
from consent.models import Share
from consent.notices import WrongPurposes

log = logging.getLogger("paspoort.proof")


def prove(
    event: Event, *, share: Share, actor: User | None, key: vault.Key | None, slots: Iterable[bytes] = ()
) -> None:
    """Writes the ledger entry of an act on a share, then its signed record. Call it last in the transaction.

    Without a key (erased) nothing can be sealed, so there is no record. Raises WrongPurposes when nobody said yet what
    the purpose means in law; an end is never stopped by that.
    """
    slots = [bytes(slot) for slot in slots]
    draft = _draft(event, share, actor, key, slots) if key else None
    entry = ledger.record(event, share=share, actor=actor, slots=slots)
    if key and draft:
        receipts.keep_record(draft, entry=entry, share=share, key=key)


def _draft(event: Event, share: Share, actor: User | None, key: vault.Key, slots: list[bytes]) -> dict[str, Any] | None:
    if event not in receipts.STATES:
        return None
    try:
        return receipts.draft_record(event, share=share, actor=actor, key=key, slots=slots)
    except WrongPurposes:
        if event not in receipts.ENDS:
            raise
        log.error("no_purpose_setting")
        return None
