"""The anchor of the ledger: a file outside the database that says how far the chain came.

`12 <mac>`: entry 12 was committed. `12 <mac> <id>`: this share, or a yes to hear at this start (a case), ended or
changed with it, so that who puts an older backup back can end it again. `restored <head> <lost> <taken> <at> <mac>`: a
backup was put back whose newest entry is `head`; the entries after it, up to `lost`, are gone and their numbers are
used anew. That line carries a MAC under LEDGER_KEY: who can cut the chain in the database cannot explain the cut away.
"""

import hmac
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

TAIL_BYTES = 64 * 1024
RESTORED = "restored"
GREW_AGAIN, NOT_OURS = "the tail was cut and grew again", "the anchor tells of a restore that nobody did here"


@dataclass(frozen=True, slots=True)
class Gap:
    """A backup was put back: the entries after `head`, up to `lost`, are gone. `lost` = `head`: nobody knows of any."""

    head: int
    lost: int
    taken: str
    at: str


@dataclass(slots=True)
class Anchor:
    """What the file says: the entries that must be there, the gaps, the first line that does not hold."""

    known: dict[int, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)
    wrong: tuple[int, str] | None = None

    @property
    def head(self) -> int:
        """The newest entry that must be there."""
        return max(self.known, default=0)


def path() -> Path:
    return settings.VAR_DIR / "ledger.anchor"


def add(line: str) -> None:
    """Appends one line, after the commit of what it tells."""
    _append(line)


def read(*, only_the_end: bool = False) -> Anchor:
    """The whole file, or its last lines: enough to see whether a database is behind."""
    found = Anchor()
    for words in _lines(TAIL_BYTES if only_the_end else 0):
        if gap := _gap(words):
            found.gaps.append(gap)
            found.known = {seq: mac for seq, mac in found.known.items() if seq <= gap.head}
            if not hmac.compare_digest(words[-1].encode(), _sign(words[:-1]).encode()):
                found.wrong = found.wrong or (gap.head + 1, NOT_OURS)
        elif entry := _entry(words):
            seq, mac = entry
            if found.known.setdefault(seq, mac) != mac:
                found.wrong = found.wrong or (seq, GREW_AGAIN)
    return found


def note_restore(*, head: int, mac: str = "", taken: datetime) -> Gap:
    """Writes down that a backup was put back whose newest entry is `head`, with this mac; `taken` is when it was made.

    Was it taken before an older one was put back and used? Then only what came before both is the same: all that the
    anchor knows after that counts as lost.
    """
    lost = max(read().head, head)
    gap = Gap(_in_common(head, mac), lost, _moment(taken), _moment(timezone.now()))
    words = [RESTORED, str(gap.head), str(gap.lost), gap.taken, gap.at]
    _append(" ".join([*words, _sign(words)]) + "\n", is_synced=True)
    return gap


def ended_since_backup() -> list[UUID]:
    """What ended or changed in the entries that the newest restore lost: shares, and starts somebody heard of.

    Empty without a restore.
    """
    written: list[tuple[int, str]] = []
    lost: list[str] = []
    for words in _lines():
        if gap := _gap(words):  # what was lost with an older restore and came after this head is lost again
            lost = [share for seq, share in written if seq > gap.head]
        elif len(words) == 3 and (entry := _entry(words)):
            written.append((entry[0], words[2]))
    return [UUID(share) for share in dict.fromkeys(lost)]


def _in_common(head: int, mac: str) -> int:
    """How far the chain that came back is the one of today: `head`, unless a restore since took from before it."""
    common: int | None = None
    for words in _lines():
        if gap := _gap(words):
            common = None if common is None else min(common, gap.head)
        elif _entry(words) == (head, mac):
            common = head
    return head if common is None else common


def _lines(last_bytes: int = 0) -> Iterator[list[str]]:
    try:
        file = path().open("rb")
    except FileNotFoundError:
        return
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - last_bytes) if last_bytes else 0)
        if last_bytes and size > last_bytes:
            file.readline()  # of this one the beginning is not there
        for line in file:
            yield line.decode("ascii", "replace").split()


def _append(line: str, *, is_synced: bool = False) -> None:
    """What a full disk or a crash cut short stays a line of its own: with the next behind it, it would be a number that
    was never given out, and the database behind its anchor.
    """
    with path().open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        cut = size and file.read(1) != b"\n"
        file.write((b"\n" if cut else b"") + line.encode("ascii"))
        if is_synced:
            file.flush()
            os.fsync(file.fileno())


def _entry(words: list[str]) -> tuple[int, str] | None:
    """Number and mac. A line cut short by a crash says nothing; the one after it does."""
    if len(words) not in {2, 3} or not words[0].isdigit() or len(words[1]) != 64:
        return None
    if len(words) == 3 and len(words[2]) != 36:
        return None
    return int(words[0]), words[1]


def _gap(words: list[str]) -> Gap | None:
    if len(words) != 6 or words[0] != RESTORED or not (words[1].isdigit() and words[2].isdigit()):
        return None
    return Gap(int(words[1]), int(words[2]), words[3], words[4])


def _sign(words: list[str]) -> str:
    return hmac.digest(settings.LEDGER_KEY, b"op/v1 restored " + " ".join(words).encode("ascii"), "sha256").hex()


def _moment(at: datetime) -> str:
    return at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="seconds")
