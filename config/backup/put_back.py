"""Putting a backup back while the site is off. All is checked before anything is touched.

The site is closed first and stays so until `manage.py replay_erasures` (accounts/erasure.py). The erasure list and the
anchor of the ledger never go back in time: the list takes over what it lacks, the anchor gets a line that explains the
gap.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import connections

from accounts import erasure, vault
from config.backup import key_lists, manifest, places
from config.backup.engines import Engine, engine_of, nobody_else
from config.backup.manifest import Manifest
from config.backup.places import Refused
from config.backup.take import ANCHOR, LIST, STORAGE
from consent import anchor, ledger

NAMED = 20


@dataclass(frozen=True)
class Asked:
    """What to put back. `keys` None: the keys that are here stay, as is best when only the data is lost."""

    data: Path
    keys: Path | None
    replace: bool = False
    erasures: tuple[Path, ...] = ()
    nobody_erased_since: bool = False
    accept_missing_keys: bool = False


@dataclass(frozen=True)
class Done:
    """For who runs it: when it was taken, what of the ledger went, how many were taken over on the erasure list."""

    taken: str
    gap: anchor.Gap
    files: int
    missing: list[UUID]
    broken: ledger.Broken | None


@dataclass(frozen=True)
class Found:
    """A backup that was read and fits here."""

    data: Path
    keys: Path | None
    manifest: Manifest
    erased: list[UUID]
    missing: list[UUID]
    engines: list[tuple[Engine, Path]]


def put_back(asked: Asked) -> Done:
    """Checks, closes the site, and puts back. Raises Refused; what was touched is then named."""
    found = _check(asked)
    with ExitStack() as stack:
        stack.enter_context(nobody_else([engine_of("default"), engine_of("keys")]))
        _refuse_full(found, replace=asked.replace)
        erasure.close_site(erasure.Waits.RESTORE)
        try:
            return _put_back(found)
        except BaseException as error:
            reason = str(error) if isinstance(error, Refused) else type(error).__name__
            raise Refused(f"{reason}. The site stays closed: run script/restore again") from error


def _check(asked: Asked) -> Found:
    data = places.newest(asked.data, "data")
    about = manifest.read(data, "data")
    manifest.refuse_other_version(about)
    keys = places.newest(asked.keys, "keys") if asked.keys else None
    engines = [(engine_of("default"), data)]
    held = key_lists.here() if keys is None else _check_keys(keys, about)
    if keys:
        engines.insert(0, (engine_of("keys"), keys))  # keys first, as always
    for engine, _ in engines:
        if engine.kind != about.engine:
            raise Refused(f"this is a backup of {about.engine}, and here is {engine.kind}")
    needed = key_lists.living(key_lists.read(data / key_lists.NEEDED))
    if late := key_lists.renewed(needed, held):
        raise Refused(f"the keys of {_some(late)} were renewed after this backup of the data: they no longer open it")
    erased = _erased(asked, [data, *([keys] if keys else [])])
    missing = [owner for owner in key_lists.missing(needed, held) if owner not in set(erased)]
    if missing and not asked.accept_missing_keys:
        raise Refused(
            f"these keys are older than the data: there is no key of {_some(missing)}. Nothing was touched. Give a"
            " backup of the keys from the same time or later, or say --accept-missing-keys: theirs is then lost"
        )
    return Found(data, keys, about, erased, missing, engines)


def _check_keys(keys: Path, data: Manifest) -> key_lists.Versions:
    about = manifest.read(keys, "keys")
    manifest.refuse_other_version(about)
    if about.engine != data.engine:
        raise Refused("data and keys are of two kinds of database")
    here = vault.fingerprints()
    if other := sorted(kek_id for kek_id, print_ in about.keks.items() if here.get(kek_id) != print_):
        raise Refused(
            f"{vault.SETTING} here lacks {', '.join(other)}, or has another under that name: no key would open"
        )
    return key_lists.read(keys / key_lists.HELD)


def _erased(asked: Asked, folders: Iterable[Path]) -> list[UUID]:
    """Everybody who is known to be erased. Raises Refused where nobody can know who was erased since."""
    lists = [folder / LIST for folder in folders if (folder / LIST).exists()]
    is_known = Path(settings.ERASURE_LIST).exists() or asked.erasures or asked.nobody_erased_since
    if not is_known:
        raise Refused(
            "there is no erasure list here: who was erased since this backup would come back. Give the newest copy"
            " with --erasures FILE, or say --nobody-erased-since"
        )
    for path in (*lists, *asked.erasures):
        if not path.is_file():
            raise Refused(f"{path}: no such erasure list")
    known = [*erasure.listed(), *(owner for path in (*lists, *asked.erasures) for owner in erasure.listed(path))]
    return list(dict.fromkeys(known))


def _refuse_full(found: Found, *, replace: bool) -> None:
    """There is room for all of it, and what is there may go. Raises Refused."""
    for engine, folder in found.engines:
        if not replace and not engine.is_empty():
            raise Refused(f"there is a database here already ({engine.file}); say --replace to put this in its place")
        if engine.kind == "sqlite":
            places.refuse_when_full(Path(settings.VAR_DIR), 2 * (folder / engine.file).stat().st_size)


def _put_back(found: Found) -> Done:
    erasure.write_down(found.erased)
    for engine, folder in found.engines:
        engine.load(folder / engine.file)
    files = sum(_restored(path) for path in _files_of(found.data))
    if not ledger.anchor_path().exists() and (found.data / ANCHOR).exists():
        shutil.copyfile(found.data / ANCHOR, ledger.anchor_path())
        ledger.anchor_path().chmod(0o600)
    # Who logged out since would be in again.
    Session.objects.all().delete()
    seq, mac = found.manifest.ledger
    if ledger.mac_of(seq) != mac:
        raise Refused("the ledger that came back is not the one of the manifest")
    head, mac = ledger.head()
    gap = anchor.note_restore(head=head, mac=mac, taken=datetime.fromisoformat(found.manifest.taken))
    broken = ledger.verify()
    erasure.close_site(erasure.Waits.REPLAY)
    connections.close_all()
    return Done(found.manifest.taken, gap, files, found.missing, broken)


def _files_of(folder: Path) -> Iterator[Path]:
    return (folder / STORAGE).iterdir() if (folder / STORAGE).is_dir() else iter(())


def _restored(path: Path) -> bool:
    """Puts one sealed file back when it is not there: a name is used once, so one that is there is the same."""
    if default_storage.exists(path.name):
        return False
    with path.open("rb") as file:
        default_storage.save(path.name, File(file))
    return True


def _some(owners: list[UUID]) -> str:
    more = f" and {len(owners) - NAMED} more" if len(owners) > NAMED else ""
    return f"{len(owners)} people ({', '.join(str(one) for one in owners[:NAMED])}{more})"
