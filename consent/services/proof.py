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
    event: Event,
    *,
    share: Share,
    actor: User | None,
    key: vault.Key | None,
    slots: Iterable[bytes] = (),
    about: Iterable[bytes] | None = None,
) -> None:
    """Writes the ledger entry of an act on a share, then its signed record. Call it last in the transaction.

    `about`: which slots the sealed record names, where the readable ledger may not tell them apart from the others.
    Without a key (erased) nothing can be sealed, so there is no record. Raises WrongPurposes when nobody said yet what
    the purpose means in law; an end is never stopped by that.
    """
    slots = [bytes(slot) for slot in slots]
    named = slots if about is None else [bytes(slot) for slot in about]
    draft = _draft(event, share, actor, key, named) if key else None
    old = receipts.draft_superseded(draft, share=share, key=key) if key and draft else None
    entry = ledger.record(event, share=share, actor=actor, slots=slots)
    for record in (old, draft):
        if key and record:
            receipts.keep_record(record, entry=entry, share=share, key=key)


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
