"""Erased is erased: the list of who asked for it, outside both databases, so that no backup brings anybody back.

One line per destroyed key: "<time> <id of the student or guardian>", never a name. The line is on disk before the key
is destroyed (house.md), so a list that is ahead of a database means an older backup was put back, or an erasure
stopped halfway. Until `manage.py replay_erasures` has run the site answers nothing but «We zijn even bezig…».
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts import vault
from accounts.models import Guardian, Student

KEY_BACKUPS_KEPT = timedelta(days=7)  # contract, rule 8
MANY = 500
LOOK_AGAIN = 2.0  # seconds between two looks while the site is closed

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


def listed() -> list[UUID]:
    """Everybody on the list, oldest first. A line that was cut short says nothing: its key was not destroyed yet."""
    return list(dict.fromkeys(_lines()))


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
    """Whether nobody on the list is left in either database."""
    return not any(is_behind(db) for db in ("default", "keys"))


def site_is_open() -> bool:
    """Whether this process may answer. Costs nothing once it may; raises when a database does not answer."""
    global _open, _looked
    if not _open and time.monotonic() - _looked > LOOK_AGAIN:
        _open = are_replayed()
        _looked = time.monotonic()
    return _open


def gone_from(erased_on: date) -> date:
    """The day from which no backup can bring back what was erased on a day: the last key backup is gone."""
    return erased_on + KEY_BACKUPS_KEPT


def _lines() -> Iterator[UUID]:
    try:
        text = Path(settings.ERASURE_LIST).read_text(encoding="ascii", errors="replace")
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
