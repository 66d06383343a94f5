"""Where consent holds sealed values (accounts/sealed.py)."""

from typing import Any

from accounts import vault
from accounts.sealed import Place, Sealed, SealedColumn
from consent.models import Approval, ConsentRecord, Reply, Share, ShareDraft, ShareItem, ShareLink
from consent.texts import IDENTITY_UNITS


def _of_an_identity_unit(key: vault.Key) -> Place:
    by_slot = {key.slot(unit): unit for unit in IDENTITY_UNITS}

    def place(row: ShareItem) -> dict[str, Any]:
        # A slot of no unit: the place is wrong, so the value does not open.
        return {"row": row.pk, "unit": by_slot.get(bytes(row.slot), "")}

    return place


def _of_a_note(key: vault.Key) -> Place:
    return lambda row: {"row": row.share_id, "unit": str(row.person_id), "revision": row.release}


def _of_its_share(key: vault.Key) -> Place:
    return lambda row: {"row": row.share_id}


SEALED: tuple[Sealed, ...] = (
    SealedColumn(Share, "sealed_reviews", "student"),
    SealedColumn(ShareItem, "sealed_text", "share__student", _of_an_identity_unit),
    SealedColumn(Approval, "sealed_note", "share__student", _of_a_note),
    SealedColumn(ShareDraft, "sealed", "student"),
    SealedColumn(Reply, "sealed_text", "share__student"),
    SealedColumn(ConsentRecord, "sealed_record", "share__student"),
    SealedColumn(ShareLink, "sealed_to", "share__student", _of_its_share),
)
