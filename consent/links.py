"""How somebody without an account reads one share: a link in a mail, and a code the student passes on in person.

Whoever holds the link and proves the code reads for thirty minutes in that browser session, through
consent/access.py like everybody else. Every no is the same no: a link that never existed, ended, stands on its lock or
waits looks the same (contract, rule 4). The writes are in consent/services/linking.py.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts import vault
from accounts.refusals import NotHere, Refusal
from consent.models import RecipientKind, Share, ShareLink
from passport.texts import clean_text

TO_FIELD = "consent.ShareLink.sealed_to"
TOKEN_BYTES = 16  # 128 bits: nobody guesses one
CODE_DIGITS = 6
MOST_WRONG = 3
MOST_A_DAY = 10
READING = timedelta(minutes=30)
CLOCKS_DIFFER = timedelta(minutes=2)  # more than that was another clock, which was set back
LONGEST_LABEL, LONGEST_EMAIL = 80, 254
NO_CODE = b""  # no six digits have this as their digest


@dataclass(frozen=True, slots=True)
class LinkTo:
    """To whom a link goes, and of a placement its first day. Personal: sealed, never in a log."""

    email: str = field(repr=False)
    label: str = field(repr=False)
    starts_on: date | None = None

    def is_same_person(self, email: str) -> bool:
        """One live share per address and purpose: capitals do not make it another one."""
        return self.email.casefold() == email.strip().casefold()


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What stands sealed in the row of a link."""

    to: LinkTo
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A code that was proven in one browser session: for one link, that code, and half an hour."""

    share: UUID
    code_made_at: datetime
    until: datetime

    def as_json(self) -> dict[str, str]:
        """For the session: random ids and times, nothing of a person."""
        return {
            "share": str(self.share),
            "code_made_at": self.code_made_at.isoformat(),
            "until": self.until.isoformat(),
        }


def check_to(to: LinkTo) -> LinkTo:
    """To whom, tidied. Raises Refusal at `label` or `email`."""
    label = " ".join(clean_text(to.label, longest=LONGEST_LABEL, field="label").split())
    if not label:
        raise Refusal("no_label", "Schrijf op wie het is.", field="label")
    email = to.email.strip()
    try:
        validate_email(email)
    except ValidationError:
        email = ""
    if not email or len(email) > LONGEST_EMAIL:
        raise Refusal("no_email", "Dit is geen mailadres. Kijk het na.", field="email")
    return LinkTo(email, label, to.starts_on)


def refuse_more_today(student_id: UUID) -> None:
    """Raises Refusal when the student gave as many links today as fit in a day: each is a mail to somebody else."""
    given = Share.objects.filter(student=student_id, recipient_kind=RecipientKind.LINK)
    if given.filter(created_at__date=timezone.localdate()).count() >= MOST_A_DAY:
        raise Refusal("too_many_links", "Je stuurde vandaag al tien links. Morgen kan het weer.", status=409)


def new_link(share: Share, key: vault.Key, to: LinkTo) -> ShareLink:
    """The link of a share, not saved yet. It has no code: the student makes that once somebody may read."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return ShareLink(
        share=share,
        token_sha256=token_digest(token),
        sealed_to=seal_to(share.pk, key, to, token),
        code_mac=NO_CODE,
        code_made_at=timezone.now(),
        starts_on=to.starts_on,
    )


def seal_to(share_id: UUID, key: vault.Key, to: LinkTo, token: str) -> bytes:
    return key.seal({"email": to.email, "label": to.label, "token": token}, field=TO_FIELD, row=share_id)


def open_link(link: ShareLink, key: vault.Key) -> OpenedLink:
    """To whom a link goes, and its token. Raises Tampered or Shredded."""
    content = key.open(link.sealed_to, field=TO_FIELD, row=link.share_id)
    return OpenedLink(LinkTo(content["email"], content["label"], link.starts_on), content["token"])


def opened_of(shares: Iterable[UUID]) -> dict[UUID, OpenedLink]:
    """The links of these shares, opened: one query for the links and one for the keys; whose key is gone is absent."""
    rows = list(ShareLink.objects.filter(share__in=list(shares)).select_related("share"))
    keys = vault.open_keys({row.share.student_id for row in rows}) if rows else {}
    return {row.share_id: open_link(row, keys[row.share.student_id]) for row in rows if row.share.student_id in keys}


def labels_of(shares: Iterable[UUID]) -> dict[UUID | None, str]:
    """Who holds the links of these shares, as the student named them; no query without a share."""
    shares = list(shares)
    return {share: opened.to.label for share, opened in opened_of(shares).items()} if shares else {}


def to_of(share: Share, key: vault.Key) -> LinkTo | None:
    """To whom the link of a share goes; None for every other share."""
    if share.recipient_kind != RecipientKind.LINK:
        return None
    return open_link(share.link, key).to


def new_code() -> str:
    """Six digits, from the system's own random source."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def code_digest(share_id: UUID, key: vault.Key, code: str) -> bytes:
    """A code as a keyed digest: six digits alone would be guessed from a plain one."""
    return key.mac("link code", share_id.bytes + code.encode())


def is_code(link: ShareLink, key: vault.Key, code: str) -> bool:
    """Whether this is the code of a link, in constant time."""
    return hmac.compare_digest(bytes(link.code_mac), code_digest(link.share_id, key, code))


def token_digest(token: str) -> bytes:
    """A token is kept hashed; 128 random bits need no salt."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def find_live(token: str) -> tuple[ShareLink, vault.Key]:
    """The link with this token while a code can open it, with the student's key. Changes nothing.

    Raises NotHere, the same for every no. What may be read consent/access.py decides at every reading.
    """
    rows = ShareLink.objects.filter(token_sha256=token_digest(token), wrong_codes__lt=MOST_WRONG)
    rows = rows.filter(share__in=Share.objects.live(), share__recipient_kind=RecipientKind.LINK)
    rows = rows.filter(share__student__frozen_at=None, share__student__user__is_active=True)
    link = rows.select_related("share").first()
    key = vault.open_keys([link.share.student_id]).get(link.share.student_id) if link else None
    if link is None or key is None:
        raise NotHere()
    return link, key


def new_sitting(link: ShareLink) -> Sitting:
    """Half an hour of reading, from now."""
    return Sitting(link.share_id, link.code_made_at, timezone.now() + READING)


def is_sitting(link: ShareLink, kept: Any) -> bool:
    """Whether a session holds a sitting of this link that still counts: the same code, and its time is not over."""
    if not isinstance(kept, Mapping):
        return False
    try:
        until = datetime.fromisoformat(kept["until"])
    except (KeyError, TypeError, ValueError):
        return False
    own = (str(link.share_id), link.code_made_at.isoformat()) == (kept.get("share"), kept.get("code_made_at"))
    now = timezone.now()
    return own and now < until < now + READING + CLOCKS_DIFFER


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link as its student sees it: to whom it went, whether there is a code, and whether it is on its lock."""

    to: LinkTo
    has_code: bool
    is_locked: bool


def has_code(share: Share) -> bool:
    """Whether the student made a code for this link yet; of a share without a link there is none."""
    return share.recipient_kind == RecipientKind.LINK and bytes(share.link.code_mac) != NO_CODE


def state_of(share: Share, key: vault.Key) -> LinkState | None:
    """How the link of a share stands; None for every other share."""
    if share.recipient_kind != RecipientKind.LINK:
        return None
    link = share.link
    return LinkState(open_link(link, key).to, has_code(share), link.wrong_codes >= MOST_WRONG)
