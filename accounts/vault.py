"""How it is locked: the only module that touches keys.

KEK (settings.FIELD_KEYS) -> one data key per student and guardian (wrapped, in the key database) -> values.
AES-256-GCM, a random 96-bit nonce per write. A sealed value is `0x01 | key version (2) | nonce (12) | text+tag`;
the text is padded to 64 bytes, so its length tells little. What a value belongs to is bound as length-prefixed
AAD, so a blob moved to another student, row, unit or revision does not open.

A renewed key has one version more. Slots and keyed digests stay as they were: from then on their key stands beside the
versions as SLOTS, and the first version can be destroyed (docs/decisions/0011).
"""

import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connections, router, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import DataKey
from accounts.prepared import prepared

FORMAT = 0x01
BLOCK = 64
SLOT_BYTES = 16
SETTING = "FIELD_KEYS"
SLOTS = 0  # in the place of a version: the key of the slots, kept when the first version goes. Seals nothing.


class Tampered(Exception):
    """A sealed value does not belong where it was found, or was changed. Never swallowed: nothing is shown."""


class Shredded(Exception):
    """The data key is gone: what it sealed can never be read again."""


def _aad(*parts: str | int | UUID) -> bytes:
    encoded = [str(part).encode() for part in ("op/v1", *parts)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


_label = cache(_aad)  # of a few fixed words only; a page of a dossier names a hundred slots


def _pad(text: bytes, block: int) -> bytes:
    marked = text + b"\x80"
    return marked + bytes(-len(marked) % block)


def _unpad(padded: bytes) -> bytes:
    return padded.rstrip(b"\x00")[:-1]


@dataclass(frozen=True)
class Key:
    """The opened data key of one person: seals, opens, and names units by slots. Never stored, never printed."""

    owner: UUID
    _secrets: Mapping[int, bytes] = field(repr=False)

    @cached_property
    def _slot_key(self) -> bytes:
        # Slots hang on the first version: they name units in rows that a new version must still find.
        kept = self._secrets.get(SLOTS)
        return kept or HKDF(SHA256(), 32, None, b"op/v1 slot").derive(self._secrets[min(self._secrets)])

    @cached_property
    def _ciphers(self) -> Mapping[int, AESGCM]:
        return {version: AESGCM(secret) for version, secret in self._secrets.items()}

    @property
    def version(self) -> int:
        return max(self._secrets)

    def seal_bytes(
        self, content: bytes, *, field: str, row: UUID, unit: str = "", revision: int = 0, block: int = BLOCK
    ) -> bytes:
        """Seals bytes for one place: `field` is "app.Model.field", `row` the id of its row."""
        return self._encrypt(_pad(content, block), field, row, unit, revision)

    def open_bytes(
        self, blob: bytes | memoryview, *, field: str, row: UUID, unit: str = "", revision: int = 0
    ) -> bytes:
        """Opens what `seal_bytes` sealed for the same place. Raises Tampered, or Shredded for a destroyed version."""
        return _unpad(self._decrypt(blob, field, row, unit, revision))

    def is_stale(self, blob: bytes | memoryview) -> bool:
        """Whether this was sealed with another version than the newest."""
        return bytes(blob[1:3]) != self.version.to_bytes(2, "big")

    def reseal(self, blob: bytes | memoryview, *, field: str, row: UUID, unit: str = "", revision: int = 0) -> bytes:
        """The same text in the same place and of the same length, sealed with the newest version."""
        return self._encrypt(self._decrypt(blob, field, row, unit, revision), field, row, unit, revision)

    def _encrypt(self, padded: bytes, *place: str | int | UUID) -> bytes:
        version, nonce = self.version, os.urandom(12)
        sealed = self._ciphers[version].encrypt(nonce, padded, _aad("val", self.owner, version, *place))
        return bytes([FORMAT]) + version.to_bytes(2, "big") + nonce + sealed

    def _decrypt(self, blob: bytes | memoryview, field: str, *place: str | int | UUID) -> bytes:
        blob = bytes(blob)
        if len(blob) < 31 or blob[0] != FORMAT:
            raise Tampered(field)
        version = int.from_bytes(blob[1:3], "big")
        if version == SLOTS or version not in self._secrets:
            raise Shredded(field)
        bound = _aad("val", self.owner, version, field, *place)
        try:
            return self._ciphers[version].decrypt(blob[3:15], blob[15:], bound)
        except InvalidTag:
            raise Tampered(field) from None

    def seal(self, value: Any, **place: Any) -> bytes:
        """Seals anything JSON can hold; see `seal_bytes` for the place."""
        return self.seal_bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), **place)

    def open(self, blob: bytes | memoryview, **place: Any) -> Any:
        """Opens what `seal` sealed. Raises Tampered or Shredded."""
        return json.loads(self.open_bytes(blob, **place))

    def slot(self, unit: str) -> bytes:
        """The name of a unit in the database: an HMAC that only this student's key can make (contract, rule 6)."""
        return self.slots((unit,))[0]

    def slots(self, units: Iterable[str]) -> list[bytes]:
        """The slots of many units, in their order: who reads a share needs those of the whole questionnaire."""
        key, label = self._slot_key, _label("slot")
        return [hmac.digest(key, label + unit.encode(), "sha256")[:SLOT_BYTES] for unit in units]

    def mac(self, label: str, content: bytes) -> bytes:
        """A keyed digest that dies with the key: 32 bytes."""
        return hmac.digest(self._slot_key, _label(label) + content, "sha256")


def create_key(owner: UUID) -> Key:
    """Makes the first data key of a person; committed in the key database before anything is sealed with it."""
    return create_keys([owner])[owner]


def create_keys(owners: Iterable[UUID]) -> dict[UUID, Key]:
    """Makes the first data key of many people in one statement."""
    secrets = {owner: os.urandom(32) for owner in owners}
    DataKey.objects.bulk_create([_row(owner, 1, secret) for owner, secret in secrets.items()], batch_size=500)
    return {owner: Key(owner, {1: secret}) for owner, secret in secrets.items()}


def open_key(owner: UUID) -> Key:
    """The key of one person. Raises Shredded when it was destroyed or never made."""
    keys = open_keys([owner])
    if owner not in keys:
        raise Shredded("no key")
    return keys[owner]


def open_keys(owners: Iterable[UUID]) -> dict[UUID, Key]:
    """The keys of many people in one query; whoever has none left is absent. Raises Tampered."""
    secrets: dict[UUID, dict[int, bytes]] = {}
    owners = list(owners)
    rows = prepared(_live, (UUID,)).rows(owners[0]) if len(owners) == 1 else _live(*owners)
    for row in rows:
        secrets.setdefault(row.owner_id, {})[row.version] = _unwrap(row)
    return {owner: Key(owner, versions) for owner, versions in secrets.items()}


def _live(*owners: UUID) -> QuerySet[DataKey]:
    return DataKey.objects.filter(owner_id__in=owners, destroyed_at=None)


def shred(owner: UUID) -> None:
    """Destroys every version of a person's key. Repeatable."""
    with _locked(owner) as rows:
        rows.update(wrapped=None, destroyed_at=timezone.now())


def add_version(owner: UUID) -> datetime:
    """Makes one version more than the person has; what is written from now on is sealed with it.

    One that was added and did not take the place of the old yet is kept. Returns when it was made. Raises Shredded.
    """
    with _locked(owner) as rows:
        found = {row.version: row for row in rows if row.version != SLOTS}
        if not found:
            raise Shredded("no key")
        newest = found[max(found)]
        if len(found) > 1:
            return newest.created_at
        secrets = {newest.version + 1: os.urandom(32)}
        if not rows.filter(version=SLOTS).exists():
            secrets[SLOTS] = Key(owner, {newest.version: _unwrap(newest)})._slot_key
        made = DataKey.objects.bulk_create([_row(owner, version, one) for version, one in secrets.items()])
        return made[0].created_at


def drop_old_versions(owner: UUID) -> int:
    """Destroys every version but the newest: what still hangs on them opens never again. Returns how many went."""
    with _locked(owner) as rows:
        old = sorted(rows.exclude(version=SLOTS).values_list("version", flat=True))[:-1]
        return rows.filter(version__in=old).update(wrapped=None, destroyed_at=timezone.now())


@contextmanager
def _locked(owner: UUID) -> Iterator[QuerySet[DataKey]]:
    """The versions that live, locked: who erases and who renews wait for each other, so no key outlives an erasure."""
    with transaction.atomic(using=router.db_for_write(DataKey)):
        rows = DataKey.objects.filter(owner_id=owner, destroyed_at=None)
        list(rows.select_for_update().values_list("pk"))
        yield rows


def with_a_key(owners: Iterable[UUID]) -> set[UUID]:
    """Which of these owners still have a key; opens none."""
    rows = DataKey.objects.filter(owner_id__in=list(owners), destroyed_at=None)
    return set(rows.values_list("owner_id", flat=True))


def every_version() -> Iterator[tuple[UUID, int, bool]]:
    """Owner, version, and whether it lives, of every key row there is; opens none. For backups."""
    rows = DataKey.objects.order_by("owner_id", "version").values_list("owner_id", "version", "destroyed_at")
    for owner, version, destroyed_at in rows.iterator(chunk_size=5000):
        yield owner, version, destroyed_at is None


def destroyed() -> set[UUID]:
    """Whose key was made and destroyed, in all its versions."""
    lives: dict[UUID, bool] = {}
    for owner, _, is_living in every_version():
        lives[owner] = lives.get(owner, False) or is_living
    return {owner for owner, is_living in lives.items() if not is_living}


def fingerprints() -> dict[str, str]:
    """Of every key-encryption key here its id and eight bytes that tell nothing of it: is it the same as there?"""
    keks = settings.FIELD_KEYS.items()
    return {kek_id: hmac.digest(kek, _label("fingerprint"), "sha256")[:8].hex() for kek_id, kek in keks}


def keks_in_use() -> set[str]:
    """The ids of the key-encryption keys that living data keys are wrapped with."""
    return set(DataKey.objects.filter(destroyed_at=None).values_list("kek_id", flat=True).distinct())


def scrub() -> None:
    """Clears what destroyed keys leave behind in the files of the key database. Repeatable; never in a transaction.

    SQLite: with secure_delete the pages hold nothing, its write-ahead log may until it is cut off. PostgreSQL: the old
    row waits for a vacuum.
    """
    connection = connections[DataKey.objects.db]
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM {connection.ops.quote_name(DataKey._meta.db_table)}")


def rewrap(batch: int = 500) -> int:
    """Wraps up to `batch` data keys that hang on an older KEK with the newest; returns how many. Restartable."""
    rows = list(DataKey.objects.filter(destroyed_at=None).exclude(kek_id=newest_kek())[:batch])
    for row in rows:
        wrapped = _wrap(row.owner_id, row.version, _unwrap(row))
        # Conditional: a key that was destroyed meanwhile stays destroyed.
        DataKey.objects.filter(pk=row.pk, destroyed_at=None).update(wrapped=wrapped, kek_id=newest_kek())
    return len(rows)


def newest_kek() -> str:
    """The id of the key-encryption key that new data keys are wrapped with."""
    return next(iter(settings.FIELD_KEYS))


def _row(owner: UUID, version: int, secret: bytes) -> DataKey:
    return DataKey(owner_id=owner, version=version, kek_id=newest_kek(), wrapped=_wrap(owner, version, secret))


def _wrap(owner: UUID, version: int, secret: bytes) -> bytes:
    nonce, kek_id = os.urandom(12), newest_kek()
    return nonce + AESGCM(settings.FIELD_KEYS[kek_id]).encrypt(nonce, secret, _aad("dek", kek_id, owner, version))


def _unwrap(row: DataKey) -> bytes:
    wrapped = bytes(row.wrapped or b"")
    bound = _aad("dek", row.kek_id, row.owner_id, row.version)
    try:
        return AESGCM(settings.FIELD_KEYS[row.kek_id]).decrypt(wrapped[:12], wrapped[12:], bound)
    except (InvalidTag, KeyError, ValueError):
        raise Tampered("accounts.DataKey.wrapped") from None
