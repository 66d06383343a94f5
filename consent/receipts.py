"""The consent record of every act on a share: ISO/IEC TS 27560 fields, signed, sealed for the student.

A record holds no name of a person and no text: units by key and label, and of what they said a digest under the
student's key. The fields follow the profile https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from datetime import UTC
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.urls import reverse

from accounts import vault
from accounts.models import User
from consent import notices, signing
from consent.ledger import Event
from consent.models import ConsentRecord, LedgerEntry, PurposeSetting, RecipientKind, Share, ShareItem
from consent.texts import IDENTITY_UNITS, Said, all_say, shareable_units
from passport.questionnaire import Unit
from passport.services import questions_of

RECORD_FIELD = "consent.ConsentRecord.sealed_record"
SCHEMA = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
BLOCK = 4096  # the length of a record must not tell which units it names
# What an act is called in the standard. An act that is not here leaves no record.
STATES = {
    "requested": "requested",
    "assented": "assented",
    "given": "given",
    "approved": "given",
    "changed": "given",
    "released": "given",
    "reconfirmed": "reconfirmed",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "expired": "expired",
}
# After these nothing new is read, so their record opens no text: stopping works with a broken seal too.
ENDS = {Event.REFUSED, Event.WITHDRAWN, Event.EXPIRED}
RIGHTS = (
    "Je mag altijd vragen wat er over jou is bewaard. Je mag het laten verbeteren, laten wissen, of meenemen."
    " Je mag altijd stoppen, zonder reden. Je mag klagen bij de Autoriteit Persoonsgegevens."
)
AUTHORITY = "Autoriteit Persoonsgegevens, https://autoriteitpersoonsgegevens.nl"


def draft_record(
    event: Event, *, share: Share, actor: User | None, key: vault.Key, slots: Iterable[bytes]
) -> dict[str, Any]:
    """All of a record but what its ledger entry adds. Made before the ledger is locked. Raises WrongPurposes."""
    setting = notices.setting_of(share)
    known = {key.slot(unit.key): unit for unit in shareable_units(questions_of(share.student.passport)).values()}
    about = {bytes(slot) for slot in slots}
    return {
        "header": {
            "schema_version": SCHEMA,
            "record_id": str(uuid4()),
            "receipt_id": str(uuid4()),
            "pii_principal_id": str(share.student_id),
            "share_id": str(share.pk),
            "supersedes": _supersedes(share),
        },
        "event": {
            "event_type": "explicit",
            "event_state": STATES[event],
            "event_name": str(event),
            "valid_until": share.valid_until.isoformat(),
            "release": share.release,
            "units": [unit.key for slot, unit in known.items() if slot in about],
            **_entity(share, actor),
        },
        "notice": _notice(setting),
        "processing": _processing(share, setting) | {"units": _units(share, key, known, opened=event not in ENDS)},
        "parties": [_controller(setting), *_recipients(share)],
    }


def keep_record(draft: dict[str, Any], *, entry: LedgerEntry, share: Share, key: vault.Key) -> ConsentRecord:
    """Completes a record with its place in the ledger, signs it and seals it, in the transaction of the act."""
    draft["header"] |= {"seq": entry.seq, "ledger_mac": bytes(entry.mac).hex()}
    draft["event"]["event_time"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = ConsentRecord(pk=UUID(draft["header"]["record_id"]), share=share, event=entry.event, at=entry.at)
    signed = signing.sign(draft, settings.RECEIPT_KEY)
    row.sealed_record = key.seal_bytes(signing.canonical(signed), field=RECORD_FIELD, row=row.pk, block=BLOCK)
    row.save(force_insert=True)
    return row


# --- The parts of a record ---------------------------------------------------------------------------------


def _supersedes(share: Share) -> str | None:
    before = share.records.values_list("pk", flat=True).first()
    return str(before) if before else None


def _entity(share: Share, actor: User | None) -> dict[str, Any]:
    if actor is None:
        return {"entity_id": "system", "entity_role": "system", "expression_method": "automatic"}
    own = actor.pk == share.student.user_id
    return {
        "entity_id": str(actor.pk),
        "entity_role": "self" if own else "legal_rep",
        "on_behalf_of": None if own else str(share.student_id),
        "expression_method": "logged-in act",
    }


def _notice(setting: PurposeSetting) -> dict[str, Any]:
    return {
        "notice_id": str(setting.pk),
        "version": setting.notice_version,
        "sha256": notices.notice_sha256(setting),
        "language": setting.notice_language,
        "format": "text",
    }


def _processing(share: Share, setting: PurposeSetting) -> dict[str, Any]:
    return {
        "purpose": share.purpose,
        "purpose_label": share.get_purpose_display(),
        "lawful_basis": setting.legal_basis,
        "art9_basis": setting.special_ground,
        "age_rule": setting.age_rule,
        "warm_transfer": share.warm_transfer,
        "waiting": _waiting(share),
        "storage_location": f"{settings.BASE_URL}; op slot met een eigen sleutel van de student",
        "retention": setting.longest,
        "jurisdiction": "NL",
        "withdrawal_method": f"{settings.BASE_URL}{reverse('share_stop', args=[share.pk])} werkt meteen",
        "rights_notice": RIGHTS,
        "rights_url": f"{settings.BASE_URL}{reverse('privacy')}",
        "authority": AUTHORITY,
    }


def _waiting(share: Share) -> dict[str, Any] | None:
    """What was asked for and waits for a guardian's yes."""
    if not share.waiting_valid_until and not share.waiting_warm_transfer:
        return None
    until = share.waiting_valid_until
    return {"valid_until": until.isoformat() if until else None, "warm_transfer": share.waiting_warm_transfer}


def _controller(setting: PurposeSetting) -> dict[str, Any]:
    where = f"{settings.BASE_URL}{reverse('privacy')}"
    return _party("controller", "controller", setting.controller, "organisation", where, where)


def _recipients(share: Share) -> Iterator[dict[str, Any]]:
    """A place by its name; a person only by what they are to the student. With a warm transfer also the school team."""
    kind = RecipientKind(share.recipient_kind)
    place = share.programme.institution if share.programme else share.institution
    name, address = str(kind.label), "niet vastgelegd"
    if place:
        what = share.programme.label if share.programme else kind.label
        name, address = f"{place.name}: {what}", place.place or address
    contact = f"{settings.BASE_URL}{reverse('share', args=[share.pk])}"
    yield _party("recipient", str(share.recipient_id or share.pk), name, str(kind), address, contact)
    if share.warm_transfer:
        team = RecipientKind.SCHOOL_TEAM
        yield _party("recipient", str(team), str(team.label), str(team), "niet vastgelegd", contact)


def _party(role: str, party_id: str, name: str, kind: str, address: str, contact: str) -> dict[str, Any]:
    return {"party_id": party_id, "role": role, "name": name, "type": kind, "address": address, "contact": contact}


def _units(share: Share, key: vault.Key, known: dict[bytes, Unit], *, opened: bool) -> list[dict[str, Any]]:
    """The units of a share after the act, in reading order, each with a digest of what it says now."""
    items = list(share.items.select_related("answer__newest", "revision"))
    said = {item.pk: one for item, one in all_say([_as_given(item) for item in items], key)} if opened else {}
    order = {slot: place for place, slot in enumerate(known)}
    items = sorted((item for item in items if bytes(item.slot) in order), key=lambda item: order[bytes(item.slot)])
    return [_unit(item, known[bytes(item.slot)], said.get(item.pk), key) for item in items]


def _as_given(item: ShareItem) -> ShareItem:
    """What waits for a guardian says here what it will say after the yes."""
    given = copy(item)
    given.state = ShareItem.State.GIVEN
    return given


def _unit(item: ShareItem, unit: Unit, said: Said | None, key: vault.Key) -> dict[str, Any]:
    special = is_special(unit)
    digest = key.mac("receipt", signing.canonical([unit.key, said.value])).hex() if said and said.speaks else None
    return {
        "unit": unit.key,
        "label": said.unit.label if said else unit.label,
        "state": str(item.state),
        "content_digest": digest,
        "pii_type": "identity" if unit.key in IDENTITY_UNITS else "health" if special else "personal",
        "pii_optional": True,
        "special_category": special,
    }


def is_special(unit: Unit) -> bool:
    """Every need counts as special data for basis and log, `sensitive` or not (contract, Purposes)."""
    return unit.sensitive or unit.key.startswith("need.")
