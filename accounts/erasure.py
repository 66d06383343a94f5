"""Erased is erased: the list of who asked for it, outside both databases, so that no backup brings anybody back.

One line per destroyed key: "<time> <id of the student or guardian>", never a name. The line is on disk before the key
is destroyed (house.md), so a list that is ahead of a database means an older backup was put back, or an erasure
stopped halfway. Until `manage.py replay_erasures` has run the site answers nothing but «We zijn even bezig…».

`script/restore` also leaves a mark beside the list, before it touches anything: it keeps every process closed, also
one that was open already, until the replay takes it away.
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts import vault
from accounts.models import Guardian, Student

KEY_BACKUPS_KEPT = timedelta(days=7)  # contract, rule 8
MANY = 500
LOOK_AGAIN = 2.0  # seconds between two looks while the site is closed


class Waits(StrEnum):
    """What the site waits for after a backup: a restore that is not finished, or the replay after it."""

    NOTHING = ""
    RESTORE = "restore"
    REPLAY = "replay"


# Whether this process may answer: looked up at its first request, then kept. While it may not, it looks again.
_open: bool = False
_looked: float = float("-inf")


def write_down(owners: Iterable[UUID]) -> None:
    """Puts owners of keys on the list, on disk when this returns. Repeatable: nobody stands there twice."""
    path, known = Path(settings.ERASURE_LIST), set(listed())
    now = timezone.now().isoformat(timespec="seconds")
    lines = "".join(f"{now} {owner}\n" for owner in owners if owner not in known)
    if not lines:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # A line that a crash cut short stays a line of its own.
        size = os.fstat(file).st_size
        cut = size and os.pread(file, 1, size - 1) != b"\n"
        _write(file, ("\n" if cut else "") + lines)
        os.fsync(file)
    finally:
        os.close(file)
    _sync_folder(path.parent)


def listed(path: Path | None = None) -> list[UUID]:
    """Everybody on the list, or on a copy of it, oldest first.

    A line that was cut short says nothing: its key was not destroyed yet.
    """
    return list(dict.fromkeys(_lines(path or Path(settings.ERASURE_LIST))))


def is_behind(db: str) -> bool:
    """Whether this database still holds somebody who is on the list."""
    return bool(left_in(db))


def left_in(db: str) -> list[UUID]:
    """Who is on the list and still has a key (`keys`) or a row (`default`), in the order of the list."""
    owners, found = listed(), set[UUID]()
    for at in range(0, len(owners), MANY):
        part = owners[at : at + MANY]
        if db == "keys":
            found |= vault.with_a_key(part)
        else:
            found |= set(Student.objects.filter(pk__in=part).values_list("pk", flat=True))
            found |= set(Guardian.objects.filter(pk__in=part).values_list("pk", flat=True))
    return [owner for owner in owners if owner in found]


def are_replayed() -> bool:
    """Whether no restore waits and nobody on the list is left in either database."""
    return not mark_path().exists() and not any(is_behind(db) for db in ("default", "keys"))


def site_is_open() -> bool:
    """Whether this process may answer. Once it may that costs one look at a folder; raises when a database is away."""
    global _open, _looked
    if mark_path().exists():
        _open = False
        return False
    if not _open and time.monotonic() - _looked > LOOK_AGAIN:
        _open = are_replayed()
        _looked = time.monotonic()
    return _open


def mark_path() -> Path:
    """The mark of a restore, beside the list."""
    path = Path(settings.ERASURE_LIST)
    return path.with_name(f"{path.name}.restored")


def waits_for() -> Waits:
    """What the mark says. One that cannot be read stands for a restore that stopped halfway."""
    try:
        return Waits(mark_path().read_text(encoding="ascii", errors="replace").strip()) or Waits.RESTORE
    except FileNotFoundError:
        return Waits.NOTHING
    except ValueError:
        return Waits.RESTORE


def close_site(waits: Waits) -> None:
    """Leaves the mark, on disk when this returns: from the next request on nobody gets an answer."""
    path = mark_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(file, f"{waits}\n")
        os.fsync(file)
    finally:
        os.close(file)
    part.replace(path)
    _sync_folder(path.parent)


def open_site() -> None:
    """Takes the mark away: everything was replayed."""
    mark_path().unlink(missing_ok=True)


def gone_from(erased_on: date) -> date:
    """The day from which no backup can bring back what was erased on a day: the last key backup is gone."""
    return erased_on + KEY_BACKUPS_KEPT


def _lines(path: Path) -> Iterator[UUID]:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield UUID(line.partition(" ")[2].strip())
        except ValueError:
            continue


def _write(file: int, text: str) -> None:
    rest = text.encode("ascii")
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync_folder(folder: Path) -> None:
    """The name of a new file is on disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
