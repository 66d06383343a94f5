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
from django.utils import translation

from accounts import vault
from accounts.identity import age_band, identity_of
from accounts.models import Role, Tie, User
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
# What holds between recipient and student; whatever takes its place leaves a record that it no longer does.
IN_FORCE = [name for name, state in STATES.items() if state in {"given", "reconfirmed"}]
SUPERSEDED = "superseded"
WHO = "entity_id entity_role on_behalf_of gezag_evidence_id expression_method auth_strength age_band".split()
# After these nothing new is read, so their record opens no text: stopping works with a broken seal too.
ENDS = {Event.REFUSED, Event.WITHDRAWN, Event.EXPIRED}
RIGHTS = (
    "Je mag altijd vragen wat er over jou is bewaard. Je mag het laten verbeteren, laten wissen, of meenemen."
    " Je mag altijd stoppen, zonder reden. Je mag klagen bij de Autoriteit Persoonsgegevens."
)
AUTHORITY = "Autoriteit Persoonsgegevens, https://autoriteitpersoonsgegevens.nl"
CODE_OF_CONDUCT = "Privacyconvenant Onderwijs 4.0"
NOT_SIGNED_YET = "nog niet vastgesteld"  # no controller made an impact assessment (DPIA) yet


def draft_record(
    event: Event, *, share: Share, actor: User | None, key: vault.Key, slots: Iterable[bytes]
) -> dict[str, Any]:
    """All of a record but what its ledger entry adds. Made before the ledger is locked. Raises WrongPurposes.

    A record is in Dutch whatever language its maker reads; the notice is named in the language it was shown in.
    """
    setting = notices.setting_of(share)
    shown = notices.notice_of(setting) if actor else notices.notice_of(setting, setting.notice_language)
    known = {key.slot(unit.key): unit for unit in shareable_units(questions_of(share.student.passport)).values()}
    about = {bytes(slot) for slot in slots}
    opened = event not in ENDS
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "header": _header(share, _before(share)),
            "event": {
                "event_type": "explicit",
                "event_state": STATES[event],
                "event_name": str(event),
                "valid_until": share.valid_until.isoformat(),
                "release": share.release,
                "units": [unit.key for slot, unit in known.items() if slot in about],
                **_entity(share, actor),
                "age_band": str(age_band(identity_of(share.student, key).born)) if opened else None,
                "age_policy_version": str(setting),
            },
            "notice": _notice(setting, shown),
            "processing": _processing(share, setting) | {"units": _units(share, key, known, opened=opened)},
            "parties": [_controller(setting), *_recipients(share)],
        }


def draft_superseded(draft: dict[str, Any], *, share: Share, key: vault.Key) -> dict[str, Any] | None:
    """What this act takes the place of, as it was agreed then, to be kept as no longer in force. None without any."""
    if draft["event"]["event_state"] != STATES[Event.GIVEN]:
        return None
    row = share.records.filter(event__in=IN_FORCE).first()
    if row is None:
        return None
    old = key.open(row.sealed_record, field=RECORD_FIELD, row=row.pk)
    return {
        "header": _header(share, str(row.pk)) | {"superseded_by": draft["header"]["record_id"]},
        "event": {
            **old["event"],
            **{name: draft["event"][name] for name in WHO},
            "event_state": SUPERSEDED,
            "event_name": SUPERSEDED,
        },
        **{part: old[part] for part in ("notice", "processing", "parties")},
    }


def keep_record(draft: dict[str, Any], *, entry: LedgerEntry, share: Share, key: vault.Key) -> ConsentRecord:
    """Completes a record with its place in the ledger, signs it and seals it, in the transaction of the act."""
    draft["header"] |= {
        "seq": entry.seq,
        "ledger_mac": bytes(entry.mac).hex(),
        "previous_ledger_mac": entry.previous_mac.hex(),
    }
    draft["event"]["event_time"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = ConsentRecord(pk=UUID(draft["header"]["record_id"]), share=share, at=entry.at)
    row.event = draft["event"]["event_name"]
    signed = signing.sign(draft, settings.RECEIPT_KEY)
    row.sealed_record = key.seal_bytes(signing.canonical(signed), field=RECORD_FIELD, row=row.pk, block=BLOCK)
    row.save(force_insert=True)
    return row


# --- The parts of a record ---------------------------------------------------------------------------------


def _header(share: Share, supersedes: str | None) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA,
        "record_id": str(uuid4()),
        "receipt_id": str(uuid4()),
        "pii_principal_id": str(share.student_id),
        "share_id": str(share.pk),
        "supersedes": supersedes,
    }


def _before(share: Share) -> str | None:
    """The record of the act before this one."""
    before = share.records.exclude(event=SUPERSEDED).values_list("pk", flat=True).first()
    return str(before) if before else None


def _entity(share: Share, actor: User | None) -> dict[str, Any]:
    """Who did it, for whom and how: a log-in, never a name. Of a guardian also which check of authority counted."""
    own = actor is not None and actor.pk == share.student.user_id
    if actor is None:
        who, role, how, strength = "system", "system", "automatic", "none"
    else:
        who, role, how, strength = str(actor.pk), "self" if own else "legal_rep", "logged-in act", "logged in"
    represents = actor is not None and not own
    return {
        "entity_id": who,
        "entity_role": role,
        "on_behalf_of": str(share.student_id) if represents else None,
        "gezag_evidence_id": _authority_of(share, actor) if represents else None,
        "expression_method": how,
        "auth_strength": strength,
    }


def _authority_of(share: Share, actor: User | None) -> str | None:
    """The tie on which a school recorded its check of authority."""
    ties = Tie.objects.filter(student=share.student_id, person=actor, authority_checked_at__isnull=False)
    tie = ties.order_by("-authority_checked_at").values_list("pk", flat=True).first()
    return str(tie) if tie else None


def _notice(setting: PurposeSetting, shown: notices.Notice) -> dict[str, Any]:
    return {
        "notice_id": str(setting.pk),
        "version": setting.notice_version,
        "sha256": shown.sha256,
        "language": shown.notice_language,
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
        "dpia_ref": NOT_SIGNED_YET,
        "code_of_conduct": CODE_OF_CONDUCT,
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
    named = share.named_readers.values_list("person", flat=True) if kind is RecipientKind.SCHOOL_TEAM else ()
    for person in named:
        yield _party("recipient", str(person), str(Role.CARE.label), str(Role.CARE), address, contact)
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
        "content_version": _version(item),
        "content_digest": digest,
        "pii_type": "identity" if unit.key in IDENTITY_UNITS else "health" if special else "personal",
        "pii_optional": True,
        "special_category": special,
    }


def _version(item: ShareItem) -> int | None:
    """Which text of the answer it is; who the student is has no numbers."""
    text = item.revision or (item.answer.newest if item.answer else None)
    return text.number if text else None


def is_special(unit: Unit) -> bool:
    """Every need counts as special data for basis and log, `sensitive` or not (contract, Purposes)."""
    return unit.sensitive or unit.key.startswith("need.")
