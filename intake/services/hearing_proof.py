"""The signed record of «Wie hoort hoe het gaat?»: who said yes or stopped, when, and the text that was read.

It has the fields and the signature of a share's record (consent/receipts.py), and `verify_receipt` checks it too. It
holds no name of a person and nothing of what was told. The notice stands in it whole: this switch is no purpose of
sharing, so no dated setting keeps its text.
"""

import hashlib
import logging
from datetime import UTC
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from accounts import vault
from accounts.identity import age_band, identity_of
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent import ledger, notices, receipts, signing
from consent.ledger import Event
from consent.models import LedgerEntry, Purpose
from consent.notices import WrongPurposes
from consent.proofs import Proof
from intake.models import FollowUpGrant, HearingRecord

log = logging.getLogger("paspoort.proof")
RECORD_FIELD = "intake.HearingRecord.sealed_record"
Kind = FollowUpGrant.Kind
# The text of the switch. Whoever changes a word gives it another version: a test holds both together.
NOTICE_VERSION = "hoe-gaat-het-2026-1"
CHOICE = _("Jij kiest. Alles staat uit tot jij het aanzet.")
WHO = {
    Kind.COLLEGE: _(
        "Je mentoren op het mbo. Zij horen wat jij tikt en schrijft. Dit werkt alleen als je ook met hen deelt."
    ),
    Kind.COACH: _("Je coach. Die hoort wat jij tikt en schrijft. Dit werkt alleen als je ook met je coach deelt."),
    Kind.SCHOOL: _("Je school van vroeger. Die hoort waar je nu bent en wat hielp. Niet hoe je je voelt."),
}
STOPPING = _("Zet je iets uit? Dat werkt meteen. Wat iemand al las, weet die nog.")
# Whose setting says who is responsible, and on which ground somebody of that kind reads.
PURPOSES = {Kind.COLLEGE: Purpose.GUIDANCE, Kind.COACH: Purpose.COACHING, Kind.SCHOOL: Purpose.LOB}
STATES = {Event.HEARING_GIVEN: "given", Event.HEARING_ENDED: "withdrawn"}
AGE_RULE = "alleen wie zelf beslist over delen buiten school"
RETENTION = "tot je stopt. Of tot het delen met deze lezer stopt. Of tot het mbo zegt: nog niet begonnen."


def notice_for(kind: str) -> str:
    """What somebody reads before they turn a switch on, in the language of the page."""
    return "\n".join(gettext(line) for line in (CHOICE, WHO[Kind(kind)], STOPPING))


def prove(event: Event, grant: FollowUpGrant, *, by: User | None, key: vault.Key | None) -> None:
    """Writes the ledger entry of a switch, then its signed record. Call it last in the transaction.

    Without a key at hand (the college took the start back) the record follows after the commit. Raises WrongPurposes
    when nobody said yet what reading means in law; an end is never stopped by that.
    """
    draft = _draft(event, grant, by, key) if key else None
    slot = key.slot(ledger.FOLLOW_UPS) if key else None
    entry = ledger.record_hearing(event, student_id=grant.student_id, actor=by, case_id=grant.case_id, slot=slot)
    if key is None:
        transaction.on_commit(partial(_prove_after, event, grant.pk, by, entry), robust=True)
    elif draft:
        _keep(draft, entry, grant, key)


def proofs_of(student: Student, key: vault.Key) -> list[tuple[FollowUpGrant, Proof]]:
    """Every record of this student with the switch it is about, newest first. Raises Tampered or Shredded."""
    rows = HearingRecord.objects.filter(student=student)
    rows = rows.select_related("grant__institution", "grant__person", "grant__case__programme__institution")
    return [(row.grant, _opened(row, key)) for row in rows]


def has_proofs(student: Student) -> bool:
    """Whether there is any record, without opening one."""
    return HearingRecord.objects.filter(student=student).exists()


def get_proof_or_404(student: Student, key: vault.Key, record_id: UUID) -> Proof:
    """One record of this student. Raises NotHere."""
    row = HearingRecord.objects.filter(student=student, pk=record_id).first()
    if row is None:
        raise NotHere()
    return _opened(row, key)


# --- The parts ---------------------------------------------------------------------------------------------


def _prove_after(event: Event, grant_id: UUID, by: User | None, entry: LedgerEntry) -> None:
    """The record of an end by the college; none when the student is gone by now."""
    grant = FollowUpGrant.objects.select_related("student").filter(pk=grant_id).first()
    key = vault.open_keys([grant.student_id]).get(grant.student_id) if grant else None
    draft = _draft(event, grant, by, key) if grant and key else None
    if grant and key and draft:
        with transaction.atomic():
            _keep(draft, entry, grant, key)


def _draft(event: Event, grant: FollowUpGrant, by: User | None, key: vault.Key) -> dict[str, Any] | None:
    """All of a record but what its ledger entry adds. A record is in Dutch; its notice as it was read."""
    given = event == Event.HEARING_GIVEN
    notice = notice_for(grant.kind)
    language = get_language() or settings.LANGUAGE_CODE
    who, role = ("system", "system") if by is None else (str(by.pk), "recipient")
    own = by is not None and by.pk == grant.student.user_id
    try:
        with translation.override(settings.LANGUAGE_CODE):
            return {
                "header": _header(grant),
                "event": {
                    "event_type": "explicit",
                    "event_state": STATES[event],
                    "event_name": str(event),
                    "valid_until": "-",
                    "entity_id": who,
                    "entity_role": "self" if own else role,
                    "on_behalf_of": None,
                    "expression_method": "logged-in act" if by else "automatic",
                    "auth_strength": "logged in" if by else "none",
                    "age_band": str(age_band(identity_of(grant.student, key).born)) if given else None,
                    "age_policy_version": NOTICE_VERSION,
                },
                "notice": _notice(notice, language),
                "processing": _processing(grant),
                "parties": _parties(grant),
            }
    except WrongPurposes:
        if given:
            raise
        log.error("no_purpose_setting")
        return None


def _header(grant: FollowUpGrant) -> dict[str, Any]:
    before = grant.records.values_list("pk", flat=True).first()
    return {
        "schema_version": receipts.SCHEMA,
        "record_id": str(uuid4()),
        "receipt_id": str(uuid4()),
        "pii_principal_id": str(grant.student_id),
        "switch_id": str(grant.pk),
        "supersedes": str(before) if before else None,
    }


def _notice(text: str, language: str) -> dict[str, str]:
    return {
        "notice_id": NOTICE_VERSION,
        "version": NOTICE_VERSION,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "language": language,
        "format": "text",
        "text": text,
    }


def _processing(grant: FollowUpGrant) -> dict[str, Any]:
    setting = _setting(grant)
    return {
        "purpose": "follow_up",
        "purpose_label": "Horen hoe het gaat na de start",
        "lawful_basis": setting.legal_basis,
        "art9_basis": setting.special_ground,
        "age_rule": AGE_RULE,
        "storage_location": f"{settings.BASE_URL}; op slot met een eigen sleutel van de student",
        "retention": RETENTION,
        "jurisdiction": "NL",
        "withdrawal_method": f"{settings.BASE_URL}{reverse('follow_up_hears')} werkt meteen",
        "rights_notice": receipts.RIGHTS,
        "rights_url": f"{settings.BASE_URL}{reverse('privacy')}",
        "authority": receipts.AUTHORITY,
        "dpia_ref": receipts.NOT_SIGNED_YET,
        "code_of_conduct": receipts.CODE_OF_CONDUCT,
        "units": [
            {
                "unit": "after.follow_ups",
                "label": "Hoe het gaat na de start",
                "state": "given" if grant.ended_at is None else "ended",
                "pii_type": "health",
                "pii_optional": True,
                "special_category": True,
            }
        ],
    }


def _setting(grant: FollowUpGrant) -> Any:
    """The setting of the day of the yes: a ground is never swapped afterwards."""
    return notices.setting_on(PURPOSES[Kind(grant.kind)], timezone.localdate(grant.given_at))


def _parties(grant: FollowUpGrant) -> list[dict[str, str]]:
    """A place by its name, a person only by what they are to the student."""
    privacy = f"{settings.BASE_URL}{reverse('privacy')}"
    place = grant.case.programme.institution if grant.kind == Kind.COLLEGE else grant.institution
    label, kind = str(Kind(grant.kind).label), str(grant.kind)
    return [
        {
            "party_id": "controller",
            "role": "controller",
            "name": _setting(grant).controller,
            "type": "organisation",
            "address": privacy,
            "contact": privacy,
        },
        {
            "party_id": str(place.pk if place else grant.person_id),
            "role": "recipient",
            "name": f"{place.name}: {label}" if place else label,
            "type": kind,
            "address": (place.place if place else "") or "niet vastgelegd",
            "contact": f"{settings.BASE_URL}{reverse('follow_up_hears')}",
        },
    ]


def _keep(draft: dict[str, Any], entry: LedgerEntry, grant: FollowUpGrant, key: vault.Key) -> None:
    """Completes a record with its place in the ledger, signs it and seals it."""
    draft["header"] |= {
        "seq": entry.seq,
        "ledger_mac": bytes(entry.mac).hex(),
        "previous_ledger_mac": entry.previous_mac.hex(),
    }
    draft["event"]["event_time"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = HearingRecord(pk=UUID(draft["header"]["record_id"]), student_id=grant.student_id, grant=grant, at=entry.at)
    row.event = draft["event"]["event_name"]
    signed = signing.canonical(signing.sign(draft, settings.RECEIPT_KEY))
    row.sealed_record = key.seal_bytes(signed, field=RECORD_FIELD, row=row.pk, block=receipts.BLOCK)
    row.save(force_insert=True)


def _opened(row: HearingRecord, key: vault.Key) -> Proof:
    return Proof(row.pk, row.event, row.at, key.open(row.sealed_record, field=RECORD_FIELD, row=row.pk))
