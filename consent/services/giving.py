"""Giving, changing and ending a share. Only the student gives (contract, rule 11); every act is in the ledger.

Lock order: student, share, ledger. The student's data key is opened before any transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Event
from consent.models import Release, Share, ShareItem, ShareState
from consent.services.planning import (
    Plan,
    Wish,
    check_seen,
    digest_of,
    lay_over,
    plan_for_change,
    plan_for_release,
    plan_share,
    refuse_ended,
)
from consent.services.proof import prove
from consent.texts import shareable_units
from passport.models import Answer
from passport.services import ensure_answer_places

# What a higher room does in the same transaction, e.g. open the case of a share (no signals).
Also = Callable[[Share], object]


def nothing_else(share: Share) -> None:
    """The default of `also`."""


def give_share(
    *,
    student: Student,
    key: vault.Key,
    wish: Wish,
    by: User,
    seen: str = "",
    placed: Iterable[UUID] = (),
    also: Also = nothing_else,
) -> Share:
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
            return _store(plan, key, digest, places, by, also)
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
    seen: str = "",
    also: Also = nothing_else,
) -> Share:
    """Takes units away at once, adds units with their newest text, moves the end, or the warm transfer.

    `seen` is the digest (hex) of `plan_change`, when the student saw it. Raises Refusal; 409 when the share has
    ended or `changed`.
    """
    _only_the_student(share.student, by)
    refuse_ended(share)
    plan, wish = plan_for_change(share, key, units, valid_until, warm_transfer)
    check_seen(seen, lay_over(share, plan), key)
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
    *, share: Share, key: vault.Key, units: Iterable[str], by: User, seen: str = "", also: Also = nothing_else
) -> Share:
    """Lets the recipient see the newest text of these units from now on. Raises Refusal.

    `seen` is the digest (hex) of `plan_release`, when the student saw it: 409 `changed`.
    """
    _only_the_student(share.student, by)
    refuse_ended(share)
    plan = plan_for_release(share, key, tuple(units))
    wanted, items = plan.slots, plan.items
    check_seen(seen, lay_over(share, plan, replaced=set(wanted)), key)
    with transaction.atomic():
        locked = _lock(share)
        if locked.approval_required:
            raise Refusal("guardian_needed", "Nieuwe tekst wacht op een ouder. Dat kan hier nog niet.", status=409)
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


def open_share_to(student: Student, kind: str, recipient_id: UUID) -> Share | None:
    """The share, live or waiting, that a student has with this recipient now."""
    shares = Share.objects.open_ended().filter(student=student, recipient_kind=kind)
    return next((share for share in shares if share.recipient_id == recipient_id), None)


def _only_the_student(student: Student, by: User) -> None:
    if student.user_id != by.pk:
        raise NotHere()


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


def _store(plan: Plan, key: vault.Key, digest: bytes, places: Mapping[bytes, Answer], by: User, also: Also) -> Share:
    Student.objects.select_for_update(no_key=True).get(pk=plan.share.student_id)
    share = plan.share
    share.save(force_insert=True)
    _save_items(share, plan.items, places)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    if share.state == ShareState.ACTIVE:
        access.open_door(share)
    also(share)
    event = Event.ASSENTED if share.approval_required else Event.GIVEN
    prove(event, share=share, actor=by, key=key, slots=plan.slots)
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
    refuse_ended(locked)
    return locked


def _widens(share: Share, wish: Wish, added: set[bytes]) -> bool:
    return bool(added) or wish.valid_until > share.valid_until or (wish.warm_transfer and not share.warm_transfer)


def _next_release(share: Share, key: vault.Key, event: Event, by: User, slots: Iterable[bytes], also: Also) -> Share:
    share.release += 1
    share.released_at = timezone.now()
    share.save(update_fields=["release", "released_at", "valid_until", "warm_transfer"])
    items = share.items.select_related("answer__newest", "revision")
    digest = digest_of(access.preview(share=share, items=items, key=key), key)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    also(share)
    prove(event, share=share, actor=by, key=key, slots=slots)
    return share


def _end(share: Share, state: ShareState, event: Event, by: User | None, also: Also) -> Share:
    # A key that is gone stops no end: then the ledger alone proves it.
    key = vault.open_keys([share.student_id]).get(share.student_id)
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=share.student_id)
        locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        if not locked.is_open:
            return locked
        locked.state, locked.ended_at, locked.release = state, timezone.now(), locked.release + 1
        locked.save(update_fields=["state", "ended_at", "release"])
        access.close_door(locked)
        also(locked)
        prove(event, share=locked, actor=by, key=key)
        return locked
