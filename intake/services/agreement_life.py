"""How long what is not signed lives: while its share does, and while that says what it was built on.

A draft is written by somebody who reads the share: the name in it, and the needs its words answer. When one of those is
taken away, or falls silent, the text ends with it, signed by some or by nobody (docs/decisions/0016).
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from uuid import UUID

from django.utils import timezone

from accounts import vault
from consent import access
from consent.models import Share, ShareItem, ShareState
from consent.texts import Dossier
from intake.models import Agreement, Case

SLOT = 16  # bytes
NEEDS = "need."  # and the reasons for them, and a diagnosis
Keys = Mapping[UUID, vault.Key]


def is_workable(case: Case) -> bool:
    """Whether something may be drafted, offered and signed: the student is here, and shares or has an agreement."""
    return _is_here(case.share) and (_is_live(case.share) or case.agreements.in_force().exists())  # type: ignore[arg-type]  # a live share


def is_alive(agreement: Agreement, case: Case, keys: Keys | None = None) -> bool:
    """Whether this version may be seen now. `keys`: of the student, when they were opened before a transaction."""
    agreement.case = case
    return bool(alive([agreement], keys))


def alive(rows: Iterable[Agreement], keys: Keys | None = None) -> list[Agreement]:
    """Those that may be seen now: signed always; unsigned only while what it was drafted on still stands.

    Constant in queries, when the rows come with their case, its share and the student.
    """
    rows = list(rows)
    unsigned = [row for row in rows if row.is_unsigned]
    here = [row for row in unsigned if _is_here(row.case.share) and not ended_since(row, row.case.share)]
    ended = [row.case_id for row in here if not _is_live(row.case.share)]  # type: ignore[arg-type]  # a live share
    agreed: Container[UUID] = ()
    if ended:
        agreed = set(Agreement.objects.in_force().filter(case__in=ended).values_list("case_id", flat=True))
    there = [row for row in here if row.case_id not in ended or row.case_id in agreed]
    gone = {row.pk for row in unsigned} - ({row.pk for row in there} - lost(there, keys))
    return [row for row in rows if row.pk not in gone]


def ended_since(agreement: Agreement, share: Share | None) -> bool:
    """Whether the share an unsigned agreement was drafted on ended after that, or is gone."""
    if share is None or (share.ended_at is not None and agreement.drafted_at <= share.ended_at):
        return True
    return share.is_past and timezone.localdate(agreement.drafted_at) <= share.valid_until


def lost(rows: Iterable[Agreement], keys: Keys | None = None) -> set[UUID]:
    """Those of these unsigned agreements whose share says something no more that they were built on.

    The college never learns what: taken away, emptied, private and later are the same (contract, rule 4).
    """
    rows = [row for row in rows if row.built_on and row.case.share]
    shares = {row.case.share.pk: row.case.share for row in rows if row.case.share}
    if not shares:
        return set()
    keys = vault.open_keys({one.student_id for one in shares.values()}) if keys is None else keys
    items = defaultdict(list)
    for item in ShareItem.objects.filter(share__in=shares).select_related("answer__newest", "revision"):
        items[item.share_id].append(item)
    said: dict[UUID, set[bytes]] = {}
    for pk, share in shares.items():
        key = keys.get(share.student_id)
        said[pk] = _slots(access.preview(share=share, items=items[pk], key=key), key) if key else set()
    return {row.pk for row in rows if row.case.share and not split(row.built_on) <= said[row.case.share.pk]}


def keys_of(case: Case) -> Keys:
    """The key of the student of a case, opened before a transaction; empty when there is none."""
    return vault.open_keys([case.share.student_id]) if case.share else {}


def built_on(dossier: Dossier, key: vault.Key, before: bytes | memoryview = b"") -> bytes:
    """What a draft is built on: the needs and the name that its writer reads now, and what it was built on before."""
    return b"".join(sorted(_slots(dossier, key) | split(before)))


# --- The parts ---------------------------------------------------------------------------------------------


def _slots(dossier: Dossier, key: vault.Key) -> set[bytes]:
    needs = [said.unit.key for said in dossier.said if said.unit.key.startswith(NEEDS)]
    return set(key.slots([*needs, *(f"identity.{name}" for name in dossier.student if name != "display_name")]))


def split(slots: bytes | memoryview) -> set[bytes]:
    """The slots that `built_on` holds."""
    slots = bytes(slots)
    return {slots[place : place + SLOT] for place in range(0, len(slots), SLOT)}


def _is_here(share: Share | None) -> bool:
    return share is not None and share.student.frozen_at is None and share.student.user.is_active


def _is_live(share: Share) -> bool:
    return share.state == ShareState.ACTIVE and not share.is_past
