"""Where a backup goes: folders of ours alone, whole or not there at all, gone again when their time is over."""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

MANIFEST = "manifest.json"
NAME = re.compile(r"(\d{8}T\d{6}Z)-(data|keys)(\.part)?")
DAY = timedelta(days=1)
SPARE = 200 << 20  # bytes that stay free on a disk the site itself writes to


class Refused(Exception):
    """A sentence for who runs it; nothing was touched, or what was is named."""


def folder_name(at: datetime, part: str) -> str:
    """The name of one backup of one part; it tells when, nothing else."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{part}"


def moment_of(folder: Path) -> datetime | None:
    """When a folder with such a name was made; None for anybody else's."""
    match = NAME.fullmatch(folder.name)
    return datetime.strptime(f"{match[1]}+0000", "%Y%m%dT%H%M%SZ%z") if match else None


def refuse_places(data: Path, keys: Path, *, together: bool) -> None:
    """Raises Refused for a folder of the site itself, and for keys on the same disk as the data."""
    ours = [settings.BASE_DIR, settings.VAR_DIR, settings.STATIC_ROOT, getattr(default_storage, "location", "")]
    for target in (data, keys):
        if any(target.resolve().is_relative_to(Path(one).resolve()) for one in ours if one):
            raise Refused(f"{target}: a backup belongs outside the project and its data")
    if not together and _disk(data) == _disk(keys):
        raise Refused(
            "data and keys would stand on one disk: whoever takes it has both. Give --keys a folder on another one,"
            " or say --together"
        )


def refuse_when_full(target: Path, needed: int) -> None:
    """Raises Refused when this does not fit; on the disk of the site something stays free for the site."""
    spare = SPARE if _disk(target) == _disk(Path(settings.VAR_DIR)) else 0
    free = shutil.disk_usage(_there(target)).free
    if free < needed + spare:
        raise Refused(f"{target}: {free >> 20} MB free, {(needed + spare) >> 20} MB needed; nothing was written")


def newest(folder: Path, part: str) -> Path:
    """The backup a folder is, or the newest whole one in it. Raises Refused."""
    if (folder / MANIFEST).is_file():
        return folder
    found = sorted(one for one in _ours(folder, part) if (one / MANIFEST).is_file())
    if not found:
        raise Refused(f"{folder}: no whole backup of the {part} is here")
    return found[-1]


def prune(folder: Path, part: str, keep_days: int) -> list[Path]:
    """Removes what would become older than `keep_days` before this runs tomorrow, and halves of yesterday.

    Only folders with our own names. Returns what went.
    """
    now, gone = timezone.now(), []
    for one in _ours(folder, part, halves=True):
        made = moment_of(one) or now
        is_half = one.name.endswith(".part")
        if now - made > (DAY if is_half else timedelta(days=keep_days) - DAY):
            shutil.rmtree(one)
            gone.append(one)
    return gone


def sync(path: Path) -> None:
    """On disk when this returns; of a folder: the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _ours(folder: Path, part: str, *, halves: bool = False) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for one in list(folder.iterdir()):
        match = NAME.fullmatch(one.name)
        if match and match[2] == part and (halves or not match[3]) and one.is_dir() and not one.is_symlink():
            yield one


def _disk(path: Path) -> int:
    return _there(path).stat().st_dev


def _there(path: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path
