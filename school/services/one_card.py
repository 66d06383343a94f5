"""A new log-in card for one student, by a mentor of the class (accounts/badges.py): shown once and kept nowhere."""

from dataclasses import dataclass, field

import segno

from accounts import badges, vault
from accounts.identity import identity_of
from accounts.models import Student, User


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card. Whoever holds it still needs the PIN."""

    name: str = field(repr=False)
    typed: str = field(repr=False)
    qr: str = field(repr=False)
    qr_size: int


def new_card(student: Student, *, by: User) -> Card:
    """A first card, or one that takes the place of the old one; the PIN stays. Raises NotHere."""
    has_card = badges.state_of([student])[student.pk].has_card
    token = badges.replace_badge(student, by=by) if has_card else badges.make_badge(student, by=by)
    return card_for(token, identity_of(student, vault.open_key(student.pk)).display_name)


def card_for(token: str, name: str) -> Card:
    """What to print for a token that was just made."""
    qr = segno.make(badges.link_to(token), error="m")
    return Card(name, badges.grouped(token), _path(qr), int(qr.symbol_size(border=2)[0]))


def _path(qr: segno.QRCode) -> str:
    """The dark squares as the path of a drawing in the page: the policy lets in no picture from elsewhere."""
    rows = enumerate(qr.matrix_iter(border=2))
    return "".join(f"M{x} {y}h1v1h-1z" for y, row in rows for x, dark in enumerate(row) if dark)
