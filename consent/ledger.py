"""What is written down: one append-only hash chain of consent events and looks.

Every entry is written last in the transaction of what it proves, under one lock, with a gapless `seq` and
`mac = HMAC-SHA256(LEDGER_KEY, previous mac | entry)`. After commit "seq mac" goes to VAR_DIR/ledger.anchor
(consent/anchor.py): a database that is behind its anchor lost its tail, or an older backup of it was put back.
"""

import hmac
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.prepared import insert, prepared
from consent import anchor
from consent.anchor import Gap
from consent.models import LedgerEntry, Share

log = logging.getLogger("paspoort.ledger")
GENESIS = bytes(32)
PG_LOCK = 0x6F70_6C65  # "ople": the advisory lock of the chain


class Event(StrEnum):
    """The states of a consent record (ISO/IEC TS 27560) and the looks."""

    REQUESTED = "requested"
    ASSENTED = "assented"
    GIVEN = "given"
    APPROVED = "approved"
    REFUSED = "refused"
    CHANGED = "changed"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RECONFIRMED = "reconfirmed"
    REPLIED = "replied"
    SUGGESTED = "suggested"
    LOOK = "look"
    LAW_REQUEST = "law_request"
    # Who may hear how it goes after the start (docs/decisions/0017); about no share.
    HEARING_GIVEN = "hearing_given"
    HEARING_ENDED = "hearing_ended"


# After these a reader may see less than before: a backup from before one of them may not open it again.
# «Requested» is of a share that was open, of somebody who turned out to be under 16.
LESS = {Event.WITHDRAWN, Event.EXPIRED, Event.REFUSED, Event.CHANGED, Event.REQUESTED}
FOLLOW_UPS = "follow_ups"  # the slot of a look at how it goes; no unit of the passport


class Action(StrEnum):
    """How somebody looked (contract, views/)."""

    READ = "read"
    DOWNLOAD = "download"
    LINK = "link"
    PRINT = "print"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that does not hold, and why."""

    seq: int
    reason: str


def record(
    event: Event,
    *,
    share: Share,
    actor: User | None,
    slots: Iterable[bytes] = (),
    action: Action | None = None,
) -> LedgerEntry:
    """Appends one entry; call it last in the transaction of what it proves.

    Raises RuntimeError outside a transaction: an entry without its act, or an act without its entry, may not be.
    """
    detail: dict[str, Any] = {
        "slots": sorted(slot.hex() for slot in slots),
        "purpose": str(share.purpose),
        "recipient_kind": str(share.recipient_kind),
        "recipient_id": str(share.recipient_id or share.pk),
        "valid_until": share.valid_until.isoformat(),
        "release": share.release,
    }
    if action:
        detail["action"] = str(action)
    return _append(event, detail, student_id=share.student_id, share_id=share.pk, actor_id=actor.pk if actor else None)


def record_law_request(*, student_id: UUID, answer_id: UUID, officers: Iterable[UUID], digest: str) -> LedgerEntry:
    """Appends that a request by law was answered; without a share, and without why: that is sealed. See `record`."""
    detail = {"slots": [], "answer": str(answer_id), "officers": sorted(map(str, officers)), "digest": digest}
    return _append(Event.LAW_REQUEST, detail, student_id=student_id)


def record_hearing(
    event: Event,
    *,
    student_id: UUID,
    actor: User | None,
    case_id: UUID,
    slot: bytes | None,
    action: Action | None = None,
) -> LedgerEntry:
    """Appends that somebody may or may no more hear how it goes, or looked at it; about no share. See `record`."""
    detail: dict[str, Any] = {"slots": [slot.hex()] if slot else [], "case": str(case_id)}
    if action:
        detail["action"] = str(action)
    ended = case_id if event is Event.HEARING_ENDED else None
    return _append(event, detail, student_id=student_id, actor_id=actor.pk if actor else None, ended=ended)


def _append(
    event: Event,
    detail: dict[str, Any],
    *,
    student_id: UUID,
    share_id: UUID | None = None,
    actor_id: UUID | None = None,
    ended: UUID | None = None,
) -> LedgerEntry:
    if not connection.in_atomic_block:
        raise RuntimeError("a ledger entry belongs in the transaction of what it proves")
    seq, previous = _lock_tail()
    entry = LedgerEntry(
        seq=seq + 1,
        at=timezone.now(),
        event=str(event),
        actor_id=actor_id,
        student_id=student_id,
        share_id=share_id,
        detail=detail,
    )
    entry.mac, entry.previous_mac = _mac(previous, entry), previous
    insert(entry)
    ended = share_id if event in LESS else ended
    line = f"{entry.seq} {entry.mac.hex()}{f' {ended}' if ended else ''}\n"
    transaction.on_commit(lambda: anchor.add(line), robust=True)
    return entry


def looks_at(student_id: UUID) -> QuerySet[LedgerEntry]:
    """Every look at what this student shared, newest first."""
    return LedgerEntry.objects.filter(student_id=student_id, event=Event.LOOK).order_by("-seq")


def has_looked(*, share: Share, actor: User, slots: Iterable[bytes], since: datetime) -> bool:
    """Whether somebody looked at all of these slots of a share in one look, since a moment."""
    wanted = {slot.hex() for slot in slots}
    looks = looks_at(share.student_id).filter(share_id=share.pk, actor_id=actor.pk, at__gte=since)
    return any(wanted.issubset(detail["slots"]) for detail in looks.values_list("detail", flat=True))


def law_requests_of(student_id: UUID) -> QuerySet[LedgerEntry]:
    """Every request by law that was answered with this student's export, newest first, the hidden ones too."""
    return LedgerEntry.objects.filter(student_id=student_id, event=Event.LAW_REQUEST).order_by("-seq")


def has_reconfirmed(share: Share) -> bool:
    """Whether the student said once more, after the 16th birthday, that this share stays.

    That entry is about the share and names no slot; one about a text that was looked at again does.
    """
    entries = LedgerEntry.objects.filter(student_id=share.student_id, event=Event.RECONFIRMED)
    return entries.filter(share_id=share.pk, detail__slots=[]).exists()


def verify() -> Broken | None:
    """Walks the whole chain and compares it with the anchor. None when everything holds; see `gaps`."""
    anchored, head = anchor.read(), 0
    if anchored.wrong:
        return Broken(*anchored.wrong)
    previous = GENESIS
    for entry in LedgerEntry.objects.order_by("seq").iterator(chunk_size=2000):
        head += 1
        if entry.seq != head:
            return Broken(head, "missing")
        if not hmac.compare_digest(bytes(entry.mac), _mac(previous, entry)):
            return Broken(entry.seq, "changed")
        if anchored.known.get(entry.seq, entry.mac.hex()) != entry.mac.hex():
            return Broken(entry.seq, "differs from the anchor")
        previous = bytes(entry.mac)
    if anchored.head > head:
        return Broken(head + 1, "the tail was cut")
    return None


def gaps() -> list[Gap]:
    """The backups that were put back, oldest first: what the chain does not hold, and why."""
    return anchor.read().gaps


def head() -> tuple[int, str]:
    """Number and mac of the newest entry; 0 of an empty ledger."""
    newest = _newest().first()
    return (newest.seq, bytes(newest.mac).hex()) if newest else (0, GENESIS.hex())


def mac_of(seq: int) -> str:
    """The mac of one entry; empty when it is not there, that of the beginning for 0."""
    if seq == 0:
        return GENESIS.hex()
    entry = LedgerEntry.objects.filter(seq=seq).only("mac").first()
    return bytes(entry.mac).hex() if entry else ""


def stands() -> bool:
    """Cheap: the database is not behind the end of its anchor, and its newest entry is the one that is written there.

    The anchor first: what is committed meanwhile makes the database newer, never older.
    """
    anchored = anchor.read(only_the_end=True)
    seq, mac = head()
    return anchored.wrong is None and anchored.head <= seq and anchored.known.get(seq, mac) == mac


def anchor_path() -> Path:
    return anchor.path()


def _lock_tail() -> tuple[int, bytes]:
    """The newest seq and mac, with the chain locked until the end of the transaction.

    On SQLite the immediate transaction already holds the one write lock.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PG_LOCK])
    tail = prepared(_newest, ()).rows()
    return (tail[0].seq, bytes(tail[0].mac)) if tail else (0, GENESIS)


def _newest() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.order_by("-seq").only("seq", "mac")[:1]


def _mac(previous: bytes, entry: LedgerEntry) -> bytes:
    fields = [
        entry.seq,
        _moment(entry.at),
        entry.event,
        str(entry.actor_id),
        str(entry.student_id),
        str(entry.share_id),
        entry.detail,
    ]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(settings.LEDGER_KEY, previous + text.encode(), "sha256")


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds")
