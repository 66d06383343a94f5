"""Taking a backup while the site runs.

The data first, then the files, then the keys: a key is there before anything is sealed with it, so keys that are read
later miss nobody. Who is erased meanwhile stands in the data without a key, and on the erasure list, which is copied
last. Each part is written under another name and gets its own when it is whole.
"""

import platform
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import django
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import erasure, vault
from config.backup import key_lists, manifest, places
from config.backup.engines import Engine, engine_of
from config.backup.manifest import Manifest
from config.backup.places import Refused
from consent import ledger

DATA_DAYS, KEYS_DAYS = 35, erasure.KEY_BACKUPS_KEPT.days
STORAGE, LIST, ANCHOR = "storage", "erasures.list", "ledger.anchor"


@dataclass(frozen=True)
class Asked:
    """Where to, and for how long."""

    data: Path
    keys: Path
    together: bool = False
    with_files: bool = True
    data_days: int = DATA_DAYS
    keys_days: int = KEYS_DAYS


@dataclass(frozen=True)
class Taken:
    data: Path
    keys: Path
    files: int
    removed: list[Path]


def take(asked: Asked) -> Taken:
    """Makes one backup, and only then removes data whose time is over. Raises Refused; the site is as it was.

    Keys whose time is over go first, whatever comes of the rest: students were told on which day (contract, rule 8).
    """
    if not 1 <= asked.keys_days <= KEYS_DAYS or asked.data_days < 1:
        raise Refused(f"backups of the keys live 1 to {KEYS_DAYS} days: so long is what was erased not wholly gone")
    if not erasure.are_replayed():
        raise Refused("a backup was put back: run manage.py replay_erasures first")
    places.refuse_places(asked.data, asked.keys, together=asked.together)
    removed = places.prune(asked.keys, "keys", asked.keys_days)
    data, keys = engine_of("default"), engine_of("keys")
    places.refuse_when_full(asked.data, data.bytes() + (_bytes_of_files() if asked.with_files else 0))
    places.refuse_when_full(asked.keys, keys.bytes())
    at, pair = timezone.now(), secrets.token_hex(8)
    with _half(asked.data, at, "data") as data_half, _half(asked.keys, at, "keys") as keys_half:
        needed, head, files = _take_data(data_half, data, with_files=asked.with_files)
        _take_keys(keys_half, keys, needed)
        _copy(Path(settings.ERASURE_LIST), data_half / LIST)
        _copy(Path(settings.ERASURE_LIST), keys_half / LIST)
        _copy(ledger.anchor_path(), data_half / ANCHOR)
        manifest.write(data_half, _manifest("data", pair, at, data, head))
        manifest.write(keys_half, _manifest("keys", pair, at, keys))
    return Taken(_whole(data_half), _whole(keys_half), files, removed + remove_old(asked))


def remove_old(asked: Asked) -> list[Path]:
    """Removes the backups whose time is over; returns which."""
    data = places.prune(asked.data, "data", asked.data_days)
    return data + places.prune(asked.keys, "keys", asked.keys_days)


def _take_data(folder: Path, engine: Engine, *, with_files: bool) -> tuple[key_lists.Versions, tuple[int, str], int]:
    before, head = key_lists.here(), ledger.head()
    engine.dump(folder / engine.file)
    # Both sides of that moment: a key that was made or destroyed meanwhile counts as needed.
    needed = {**before, **dict.fromkeys(key_lists.living(before) | key_lists.living(key_lists.here()), True)}
    key_lists.write(folder / key_lists.NEEDED, needed)
    return needed, head, _copy_files(folder / STORAGE) if with_files else 0


def _take_keys(folder: Path, engine: Engine, needed: key_lists.Versions) -> None:
    before = key_lists.here()
    engine.dump(folder / engine.file)
    # What was destroyed meanwhile counts as destroyed, and what was made meanwhile as not there.
    held = {one: lives for one, lives in key_lists.here().items() if one in before}
    if key_lists.renewed(key_lists.living(needed), held):
        raise Refused("keys were renewed meanwhile: the data of this backup would not open. Take it again")
    key_lists.write(folder / key_lists.HELD, held)


def _copy_files(folder: Path) -> int:
    """The sealed files as they are. One that goes meanwhile is no loss: its handover is void, or it is made again."""
    folder.mkdir(mode=0o700)
    done = 0
    for name in _names_of_files():
        with suppress(FileNotFoundError):
            with default_storage.open(name, "rb") as source, (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target)
            done += 1
    return done


def _names_of_files() -> list[str]:
    return sorted(default_storage.listdir("")[1]) if default_storage.exists("") else []


def _bytes_of_files() -> int:
    found = 0
    for name in _names_of_files():
        with suppress(FileNotFoundError):
            found += default_storage.size(name)
    return found


def _copy(source: Path, target: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.copyfile(source, target)


def _manifest(part: str, pair: str, at: datetime, engine: Engine, head: tuple[int, str] = (0, "")) -> Manifest:
    keks = vault.fingerprints() if part == "keys" else {}
    return Manifest(
        part=part,
        pair=pair,
        taken=at.isoformat(timespec="seconds"),
        engine=engine.kind,
        migrations=manifest.applied("default" if part == "data" else "keys"),
        ledger=head,
        keks={kek_id: keks[kek_id] for kek_id in sorted(vault.keks_in_use() & keks.keys())},
        software={"django": django.get_version(), "python": platform.python_version()},
    )


@contextmanager
def _half(folder: Path, at: datetime, part: str) -> Iterator[Path]:
    """A folder that is no backup yet; it gets its name when all went well, and goes at once when it did not."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = folder / f"{places.folder_name(at, part)}.part"
    try:
        half.mkdir(mode=0o700)
        yield half
        half.rename(_whole(half))
        places.sync(folder)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise


def _whole(half: Path) -> Path:
    return half.with_name(half.name.removesuffix(".part"))
