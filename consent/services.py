"""Giving, changing and ending a share. Only the student gives (contract, rule 11); every act is in the ledger.

Lock order: student, share, ledger. The student's data key is opened before any transaction.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand, Identity, age_band, identity_of
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from accounts.services import school_of
from consent import access, ledger
from consent.ledger import Event
from consent.models import RecipientKind, Release, Reply, Share, ShareItem, ShareState
from consent.purposes import MAY_BE_EMPTY, OUTSIDE_SCHOOL, RULES, allows_unit, fits
from consent.recipients import find_recipient
from consent.texts import IDENTITY_UNITS, ITEM_FIELD, shareable_units
from passport.models import Answer, AnswerRevision
from passport.services import Sheet, ensure_answer_places, open_sheet, questions_of
from passport.texts import clean_text

REPLY_FIELD = "consent.Reply.sealed_text"
LONGEST_REPLY = 300

# What a higher room does in the same transaction, e.g. open the case of a share (no signals).
Also = Callable[[Share], object]


def nothing_else(share: Share) -> None:
    """The default of `also`."""



@dataclass(frozen=True)
class Wish:
    """What a student wants to share: with whom, for what, which units, until when."""

    kind: str
    recipient_id: UUID
    purpose: str
    units: tuple[str, ...]
    valid_until: date
    warm_transfer: bool = False


@dataclass(frozen=True)
class Plan:
    """A wish that fits: the share and items as they would be saved, and nothing saved yet."""

    share: Share
    items: tuple[ShareItem, ...]
    slots: Mapping[bytes, str]
    sheet: Sheet

    def dossier(self, key: vault.Key) -> access.Dossier:
        """What the recipient would see."""
        return access.preview(share=self.share, items=self.items, key=key)


def needs_guardian(age: AgeBand, kind: str, *, represented: bool) -> bool:
    """Whether a share waits for somebody else's yes, on the day of the act (contract, rule 10).

    UAVG art. 5: under 16 the legal representative decides with the student; no known birth date counts as under
    16. An adult with a legal representative likewise. School team and guardian are not outside school.
    """
    if kind not in OUTSIDE_SCHOOL:
        return False
    return represented or age in {AgeBand.UNDER_16, AgeBand.UNKNOWN}


def plan_share(*, student: Student, key: vault.Key, wish: Wish, placed: Iterable[UUID] = ()) -> Plan:
    """Checks a wish against every rule of giving. Raises Refusal at the field that is wrong."""
    if find_recipient(student, wish.kind, wish.recipient_id, placed) is None:
        raise Refusal("unknown_recipient", "Deze ontvanger kennen we niet.", field="recipient")
    if not fits(wish.purpose, wish.kind):
        raise Refusal("wrong_purpose", "Dit doel past niet bij deze ontvanger.", field="purpose")
    check_valid_until(wish.purpose, wish.valid_until)
    return _plan(student, key, wish, kept=())


def _plan(student: Student, key: vault.Key, wish: Wish, kept: Iterable[str]) -> Plan:
    sheet = open_sheet(student.passport, key)
    identity = identity_of(student, key)
    _check_units(wish, sheet, identity, student, set(kept))
    outside = needs_guardian(age_band(identity.born), wish.kind, represented=_is_represented(student))
    now = timezone.now()
    share = Share(
        student=student,
        recipient_kind=wish.kind,
        purpose=wish.purpose,
        state=ShareState.AWAITING_GUARDIAN if outside else ShareState.ACTIVE,
        valid_until=wish.valid_until,
        warm_transfer=wish.warm_transfer,
        approval_required=outside,
        created_at=now,
        released_at=now,
        **_recipient_field(wish),
    )
    items, slots = _plan_items(share, wish.units, sheet, identity, key)
    return Plan(share, items, slots, sheet)


def check_valid_until(purpose: str, valid_until: date) -> None:
    """Raises Refusal for a day in the past or later than the purpose allows."""
    today = timezone.localdate()
    if valid_until < today:
        raise Refusal("date_past", "Kies een dag die nog komt.", field="valid_until")
    if valid_until > RULES[purpose].longest(today):
        raise Refusal("date_too_late", "Zo lang mag dit niet. Kies een dag eerder.", field="valid_until")


def digest_of(dossier: access.Dossier, key: vault.Key) -> bytes:
    """What the recipient sees as a keyed digest: the student's yes carries it (contract, rule 2)."""
    said = [[one.unit.key, one.value] for one in dossier.said]
    text = json.dumps([dict(dossier.student), said], sort_keys=True, ensure_ascii=False)
    return key.mac("preview", text.encode())


def give_share(*, student: Student, key: vault.Key, wish: Wish, by: User, seen: str = "", placed: Iterable[UUID] = (), also: Also = nothing_else) -> Share:
    """Gives a share: the share, its items, the door and the ledger entry in one transaction.

    `seen` is the digest (hex) of the preview the student said yes to. Under 16 and outside school the share
    waits for a guardian and opens no door. Raises Refusal: `already_shared` and `changed` are 409.
    """
    _only_the_student(student, by)
    plan = plan_share(student=student, key=key, wish=wish, placed=placed)
    digest = digest_of(plan.dossier(key), key)
    if seen and seen != digest.hex():
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")
    places = _places_for_empty(plan, key)
    try:
        with transaction.atomic():
            return _store(plan, digest, places, by, also)
    except IntegrityError:
        raise Refusal("already_shared", "Je deelt dit al. Je kunt het daar veranderen.", status=409) from None


def change_share(
    *,
    share: Share,
    key: vault.Key,
    by: User,
    units: Iterable[str] | None = None,
    valid_until: date | None = None,
    warm_transfer: bool | None = None,
    also: Also = nothing_else,
) -> Share:
    """Takes units away at once, adds units with their newest text, moves the end, or the warm transfer.

    Raises Refusal; 409 when the share has ended.
    """
    _only_the_student(share.student, by)
    _refuse_ended(share)
    had = units_of(share, key)
    wish = Wish(
        share.recipient_kind,
        _recipient_id(share),
        share.purpose,
        tuple(had if units is None else units),
        valid_until or share.valid_until,
        share.warm_transfer if warm_transfer is None else warm_transfer,
    )
    if wish.valid_until != share.valid_until:
        check_valid_until(share.purpose, wish.valid_until)
    plan = _plan(share.student, key, wish, kept=had)
    places = _places_for_empty(plan, key)
    with transaction.atomic():
        locked = _lock(share)
        kept = {bytes(item.slot) for item in locked.items.all()}
        widens = _widens(locked, wish, set(plan.slots) - kept)
        if locked.approval_required and widens:
            raise Refusal("guardian_needed", "Meer delen wacht op een ouder. Dat kan hier nog niet.", status=409)
        locked.items.exclude(slot__in=list(plan.slots)).delete()
        _save_items(locked, [item for item in plan.items if bytes(item.slot) not in kept], places)
        locked.valid_until, locked.warm_transfer = wish.valid_until, wish.warm_transfer
        return _next_release(locked, key, Event.CHANGED, by, plan.slots, also)


def release_units(
    *, share: Share, key: vault.Key, units: Iterable[str], by: User, also: Also = nothing_else
) -> Share:
    """Lets the recipient see the newest text of these units from now on. Raises Refusal."""
    _only_the_student(share.student, by)
    _refuse_ended(share)
    wanted = {key.slot(unit): unit for unit in units}
    sheet = open_sheet(share.student.passport, key)
    identity = identity_of(share.student, key)
    if not wanted or set(wanted.values()) - set(units_of(share, key)):
        raise Refusal("unknown_unit", "Dit deel je niet met deze ontvanger.", field="units")
    if any(not _says(unit, sheet, identity, share.student) for unit in wanted.values()):
        raise Refusal("nothing_to_share", "Hier staat nog niets in.", field="units")
    with transaction.atomic():
        locked = _lock(share)
        if locked.approval_required:
            raise Refusal("guardian_needed", "Nieuwe tekst wacht op een ouder. Dat kan hier nog niet.", status=409)
        items, _ = _plan_items(locked, tuple(wanted.values()), sheet, identity, key)
        locked.items.filter(slot__in=list(wanted)).delete()
        _save_items(locked, items, {})
        return _next_release(locked, key, Event.RELEASED, by, wanted, also)


def withdraw_share(*, share: Share, by: User, also: Also = nothing_else) -> Share:
    """Ends a share at once: the next request of anyone is refused. Withdrawing twice is no error.

    Raises NotHere for anybody but the student.
    """
    _only_the_student(share.student, by)
    return _end(share, ShareState.WITHDRAWN, Event.WITHDRAWN, by, also)


def expire_share(*, share: Share, also: Also = nothing_else) -> Share:
    """Ends a share whose last day is over; reading it was refused from midnight on."""
    return _end(share, ShareState.EXPIRED, Event.EXPIRED, None, also)


def write_reply(*, share_id: UUID, text: str, by: User) -> Reply:
    """A recipient's answer to the student, e.g. "gelezen". Raises NotHere when the share is not open to them."""
    share = access.get_share_or_404(share_id, by)
    cleaned = clean_text(text, longest=LONGEST_REPLY, field="reply")
    if not cleaned:
        raise Refusal("blank", "Schrijf eerst iets.", field="reply")
    key = vault.open_key(share.student_id)
    reply = Reply(share=share, by=by, at=timezone.now())
    reply.sealed_text = key.seal(cleaned, field=REPLY_FIELD, row=reply.pk)
    with transaction.atomic():
        access.get_share_or_404(share_id, by)
        reply.save(force_insert=True)
        ledger.record(Event.REPLIED, share=share, actor=by)
    return reply


def replies_to(share: Share, key: vault.Key) -> list[tuple[Reply, str]]:
    """What recipients wrote back on a share, newest first, for its student."""
    rows = share.replies.select_related("by")
    return [(row, key.open(row.sealed_text, field=REPLY_FIELD, row=row.pk)) for row in rows]


def units_of(share: Share, key: vault.Key) -> list[str]:
    """The units a share names, for its student, in reading order."""
    slots = {bytes(slot) for slot in share.items.values_list("slot", flat=True)}
    return [unit for unit in shareable_units(questions_of(share.student.passport)) if key.slot(unit) in slots]


def newer_units(share: Share, key: vault.Key) -> list[str]:
    """The shared units of which the student now has another text than the recipient sees."""
    sheet = open_sheet(share.student.passport, key)
    items = list(share.items.select_related("answer__newest", "revision"))
    shown = {one.unit.key: one.value for one in access.preview(share=share, items=items, key=key).said}
    released = {bytes(item.slot) for item in items if item.revision_id}
    said = sheet.said
    return [
        unit
        for unit in units_of(share, key)
        if key.slot(unit) in released and unit in said and said[unit] != shown.get(unit)
    ]


# --- The parts ---------------------------------------------------------------------------------------------


def _only_the_student(student: Student, by: User) -> None:
    if student.user_id != by.pk:
        raise NotHere()


def _recipient_id(share: Share) -> UUID:
    if share.recipient_id is None:
        raise NotHere()
    return share.recipient_id


def _refuse_ended(share: Share) -> None:
    if not share.is_open:
        raise Refusal("ended", "Je deelt dit niet meer.", status=409)


def _is_represented(student: Student) -> bool:
    ties = Tie.objects.current().filter(student=student, kind=Tie.Kind.REPRESENTATIVE)
    return ties.filter(authority_checked_at__isnull=False).exists()


def _recipient_field(wish: Wish) -> dict[str, UUID]:
    if wish.kind == RecipientKind.SCHOOL_TEAM:
        return {"institution_id": wish.recipient_id}
    if wish.kind in {RecipientKind.PROGRAMME, RecipientKind.COLLEGE_TEAM}:
        return {"programme_id": wish.recipient_id}
    return {"person_id": wish.recipient_id}


def _check_units(wish: Wish, sheet: Sheet, identity: Identity, student: Student, kept: set[str]) -> None:
    known = shareable_units(sheet.questions)
    if not wish.units:
        raise Refusal("no_units", "Kies eerst wat je wilt delen.", field="units")
    if any(unit not in known for unit in wish.units):
        raise Refusal("unknown_unit", "Dit staat niet in jouw paspoort.", field="units")
    if any(not allows_unit(wish.purpose, unit, sensitive=known[unit].sensitive) for unit in wish.units):
        raise Refusal("unit_not_allowed", "Dit mag je met deze ontvanger niet delen.", field="units")
    if wish.purpose in MAY_BE_EMPTY:
        return
    if any(unit not in kept and not _says(unit, sheet, identity, student) for unit in wish.units):
        raise Refusal("nothing_to_share", "Hier staat nog niets in.", field="units")


def identity_text(unit: str, identity: Identity, student: Student) -> str:
    """The text of an identity unit, empty when it is not known."""
    school = school_of(student) if unit == "identity.school" else None
    return {
        "identity.official_name": identity.official_name,
        "identity.birth_date": identity.birth_date,
        "identity.school": school.name if school else "",
        "identity.application_ref": identity.application_ref,
    }[unit]


def _says(unit: str, sheet: Sheet, identity: Identity, student: Student) -> bool:
    if unit in IDENTITY_UNITS:
        return bool(identity_text(unit, identity, student))
    return unit in sheet.said


def _plan_items(
    share: Share, units: Iterable[str], sheet: Sheet, identity: Identity, key: vault.Key
) -> tuple[tuple[ShareItem, ...], dict[bytes, str]]:
    """The items of these units as they would be saved. A live purpose under 16 outside school is released too."""
    live = RULES[share.purpose].live and not share.approval_required
    answers = _newest_answers(share.student)
    known = shareable_units(sheet.questions)
    items, slots = [], {}
    for unit in dict.fromkeys(units):
        slot = key.slot(unit)
        slots[slot] = unit
        item = ShareItem(share=share, slot=slot)
        if unit in IDENTITY_UNITS:
            text = identity_text(unit, identity, share.student)
            item.sealed_text = key.seal(text, field=ITEM_FIELD, row=item.pk, unit=unit)
        else:
            item.answer = answers.get(key.slot(known[unit].question.key))
            item.revision = None if live or item.answer is None else item.answer.newest
        items.append(item)
    return tuple(items), slots


def _newest_answers(student: Student) -> dict[bytes, Answer]:
    rows = Answer.objects.filter(student=student).select_related("newest")
    return {bytes(row.slot): row for row in rows}


def _places_for_empty(plan: Plan, key: vault.Key) -> dict[bytes, Answer]:
    """For units that are still empty (lob, home): the places of their answers, by the unit's slot."""
    known = shareable_units(plan.sheet.questions)
    empty = {
        bytes(item.slot): key.slot(known[plan.slots[bytes(item.slot)]].question.key)
        for item in plan.items
        if item.answer is None and item.sealed_text is None
    }
    if not empty:
        return {}
    places = ensure_answer_places(student_id=plan.share.student_id, slots=set(empty.values()))
    return {unit_slot: places[answer_slot] for unit_slot, answer_slot in empty.items()}


def _store(plan: Plan, digest: bytes, places: Mapping[bytes, Answer], by: User, also: Also) -> Share:
    Student.objects.select_for_update(no_key=True).get(pk=plan.share.student_id)
    share = plan.share
    share.save(force_insert=True)
    _save_items(share, plan.items, places)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    if share.state == ShareState.ACTIVE:
        access.open_door(share)
    also(share)
    ledger.record(
        Event.ASSENTED if share.approval_required else Event.GIVEN, share=share, actor=by, slots=plan.slots
    )
    return share


def _save_items(share: Share, items: Iterable[ShareItem], places: Mapping[bytes, Answer]) -> None:
    items = list(items)
    for item in items:
        item.share = share
        if item.answer is None and item.sealed_text is None:
            item.answer = places[bytes(item.slot)]
    ShareItem.objects.bulk_create(items)


def _lock(share: Share) -> Share:
    """The share, locked and read again, after its student: it may have ended meanwhile."""
    Student.objects.select_for_update(no_key=True).get(pk=share.student_id)
    locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
    _refuse_ended(locked)
    return locked


def _widens(share: Share, wish: Wish, added: set[bytes]) -> bool:
    return bool(added) or wish.valid_until > share.valid_until or (wish.warm_transfer and not share.warm_transfer)


def _next_release(
    share: Share, key: vault.Key, event: Event, by: User, slots: Iterable[bytes], also: Also
) -> Share:
    share.release += 1
    share.released_at = timezone.now()
    share.save(update_fields=["release", "released_at", "valid_until", "warm_transfer"])
    items = share.items.select_related("answer__newest", "revision")
    digest = digest_of(access.preview(share=share, items=items, key=key), key)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    also(share)
    ledger.record(event, share=share, actor=by, slots=slots)
    return share


@transaction.atomic
def _end(share: Share, state: ShareState, event: Event, by: User | None, also: Also) -> Share:
    Student.objects.select_for_update(no_key=True).get(pk=share.student_id)
    locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
    if not locked.is_open:
        return locked
    locked.state, locked.ended_at, locked.release = state, timezone.now(), locked.release + 1
    locked.save(update_fields=["state", "ended_at", "release"])
    access.close_door(locked)
    also(locked)
    ledger.record(event, share=locked, actor=by)
    return locked


def shares_past_their_day() -> Any:
    """Shares whose last day is over but that were not ended yet."""
    return Share.objects.open_ended().filter(valid_until__lt=timezone.localdate())


@transaction.atomic
def drop_in_between_revisions(*, before: date | None = None, sitting: timedelta = timedelta(minutes=30)) -> int:
    """Drops revisions that a later one of the same sitting replaced and that no share points at; returns how many.

    A sitting ends after 30 minutes without a change; its last text stays (house.md, Sittings).
    """
    until = timezone.now() - timedelta(days=1) if before is None else before
    kept_by_shares = ShareItem.objects.filter(revision__isnull=False).values("revision")
    rows = AnswerRevision.objects.filter(created_at__lt=until).order_by("answer", "number")
    drop, last = [], None
    for row in rows.values_list("pk", "answer_id", "created_at"):
        if last and last[1] == row[1] and row[2] - last[2] < sitting:
            drop.append(last[0])
        last = row
    stale = AnswerRevision.objects.filter(pk__in=drop, newest_of=None).exclude(pk__in=kept_by_shares)
    return stale.delete()[0]

