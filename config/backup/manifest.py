"""What is in a backup, signed: read and checked before anything is put back.

Nothing of a person is in it: names of files, hashes, times, versions, ids of keys.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.backup.places import MANIFEST, Refused, sync

FORMAT = 1
FILE = re.compile(r"(storage/)?[\w-][\w.-]*")  # never a way out of the folder
CHUNK = 1 << 20


@dataclass
class Manifest:
    """One part of one backup. `pair` is the same for the data and the keys that were taken together."""

    part: str
    pair: str
    taken: str
    engine: str
    migrations: list[str]
    ledger: tuple[int, str] = (0, "")
    keks: dict[str, str] = field(default_factory=dict)
    software: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[int, str]] = field(default_factory=dict)
    format: int = FORMAT


def write(folder: Path, manifest: Manifest) -> None:
    """Hashes every file of the folder, signs, and writes; all on disk when this returns."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            manifest.files[str(path.relative_to(folder))] = (path.stat().st_size, digest(path))
            path.chmod(0o600)
            sync(path)
    said = asdict(manifest)
    text = json.dumps({**said, "mac": _sign(said)}, indent=1, sort_keys=True)
    file = os.open(folder / MANIFEST, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    sync(folder)


def read(folder: Path, part: str) -> Manifest:
    """The manifest of a whole and unchanged backup of this part. Raises Refused, and touches nothing."""
    try:
        said: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        mac = str(said.pop("mac"))
    except FileNotFoundError:
        raise Refused(f"{folder}: no manifest; a backup that was not finished is no backup") from None
    except (ValueError, KeyError, AttributeError):
        raise Refused(f"{folder}: the manifest cannot be read") from None
    if said.get("format") != FORMAT:
        raise Refused(f"{folder}: a backup of format {said.get('format')!r}; this version knows {FORMAT}")
    if not hmac.compare_digest(mac.encode(), _sign(said).encode()):
        raise Refused(f"{folder}: the manifest was changed, or LEDGER_KEY here is not the one of where it was made")
    found = Manifest(**said)
    if found.part != part:
        raise Refused(f"{folder}: this is a backup of the {found.part}, not of the {part}")
    _refuse_other_files(folder, found)
    return found


def _refuse_other_files(folder: Path, manifest: Manifest) -> None:
    for name, (size, expected) in manifest.files.items():
        path = folder / name
        if not FILE.fullmatch(name) or path.is_symlink():
            raise Refused(f"{folder}: {name!r} is no name of ours")
        if not path.is_file() or path.stat().st_size != size or digest(path) != expected:
            raise Refused(f"{folder}: {name} is missing or damaged; nothing was touched")
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()}
    if more := sorted(there - manifest.files.keys() - {MANIFEST}):
        raise Refused(f"{folder}: {more[0]!r} is not in the manifest: take it out")


def refuse_other_version(manifest: Manifest) -> None:
    """Raises Refused unless this code has exactly the migrations of the backup."""
    there, here = set(manifest.migrations), set(_known())
    if newer := sorted(there - here):
        raise Refused(f"the backup was made by a newer version (it has {newer[-1]}): put it back with that version")
    if older := sorted(here - there):
        raise Refused(
            f"the backup was made by an older version (without {older[0]}): put it back with that version, then upgrade"
        )


def applied(alias: str) -> list[str]:
    """Every migration that a database had."""
    return _names(MigrationRecorder(connections[alias]).applied_migrations())


def _known() -> list[str]:
    return _names(MigrationLoader(None).disk_migrations or {})


def _names(migrations: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in migrations)


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _sign(said: dict[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hmac.digest(settings.LEDGER_KEY, b"op/v1 backup " + text.encode(), "sha256").hex()
