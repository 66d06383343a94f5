"""The proof of every act on a share, written last in its transaction."""

from collections.abc import Iterable

from accounts import vault
from accounts.models import User
from consent import ledger
from consent.ledger import Event
from consent.models import Share


def prove(
    event: Event, *, share: Share, actor: User | None, key: vault.Key | None, slots: Iterable[bytes] = ()
) -> None:
    """Writes the ledger entry of an act on a share. Call it last in the transaction of the act."""
    ledger.record(event, share=share, actor=actor, slots=slots)
