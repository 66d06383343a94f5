"""Giving, changing and ending a share. Only the student gives (contract, rule 11); every act is in the ledger.

Lock order: student, share, ledger. The student's data key is opened before any transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together
from consent import access, ledger
from consent.ledger import Event
from consent.models import Release, Share, ShareState
from consent.reviews import renewed
from consent.services.linking import make_link
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
    waits_today,
)
from consent.services.proof import prove
from consent.services.waiting import GIVEN, WAITING, WAITING_FIELDS, drop_waiting, save_items, something_waits
from consent.texts import shareable_units
from passport.models import Answer
from passport.services import ensure_answer_places

# What a plan is made on: when one of these moved before the lock, the student looks again.
PLANNED_ON = ["release", "state", "valid_until", "warm_transfer"]

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
    _the_student_alone(student, by)
    if student.frozen_at:
        raise Refusal("frozen", "Je paspoort staat stil. Zet het eerst weer aan.", status=409)
    for old in student.shares.may_have_lapsed():
        lapse_share(share=old, key=key)
    plan = plan_share(student=student, key=key, wish=wish, placed=placed)
    dossier = plan.dossier(key)
    digest = digest_of(dossier, key)
    if seen and seen != digest.hex():
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")
    places = _places_for_empty(plan, key)
    plan.share.sealed_reviews = renewed(plan.share, key, dossier.said)
    try:
        with transaction.atomic():
            _refuse_other_identity(student)
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

    Under 16 whatever widens an approved share waits for a guardian; the recipient keeps what was approved. `seen` is
    the digest (hex) of `plan_change`, when the student saw it. Raises Refusal; 409 when the share has ended or
    `changed`.
    """
    _the_student_alone(share.student, by)
    share.refresh_from_db(fields=PLANNED_ON)
    share = lapse_share(share=share, key=key, also=also)
    refuse_ended(share)
    plan, wish = plan_for_change(share, key, units, valid_until, warm_transfer)
    check_seen(seen, lay_over(share, plan), key)
    places = _places_for_empty(plan, key)
    waits = waits_today(share.student, key, share.recipient_kind)
    with transaction.atomic():
        locked = _lock_as_planned(share)
        waits = waits and locked.state == ShareState.ACTIVE
        there = {bytes(item.slot) for item in locked.items.all()}
        gone = locked.items.exclude(slot__in=list(plan.slots))
        narrows = gone.filter(state=GIVEN).exists()
        gone.delete()
        new = [item for item in plan.items if bytes(item.slot) not in there]
        slots = save_items(locked, new, places, WAITING if waits else GIVEN)
        if not waits:
            locked.valid_until, locked.warm_transfer = wish.valid_until, wish.warm_transfer
            return next_release(locked, key, Event.CHANGED, by, plan.slots, also, only_less=narrows and not slots)
        shorter, asks = _split_terms(locked, wish)
        if narrows or shorter:
            next_release(locked, key, Event.CHANGED, by, plan.slots.keys() - set(slots), also, only_less=narrows)
        if slots or asks or not (narrows or shorter):
            _ask_guardian(locked, key, slots, by)
        return locked


def clear_share(
    *,
    share: Share,
    key: vault.Key,
    by: User,
    valid_until: date,
    warm_transfer: bool,
    also: Also = nothing_else,
) -> Share:
    """Takes every unit away at once, while the student still looks at what comes in their place.

    The share stays open and says nothing, as when every answer was emptied; its end and warm transfer only get less.
    Raises as `change_share`.
    """
    _only_the_student(share.student, by)
    share.refresh_from_db(fields=PLANNED_ON)
    share = lapse_share(share=share, key=key, also=also)
    refuse_ended(share)
    with transaction.atomic():
        locked = _lock_as_planned(share)
        drop_waiting(locked)
        locked.items.all().delete()
        locked.valid_until = min(locked.valid_until, valid_until)
        locked.warm_transfer = locked.warm_transfer and warm_transfer
        return next_release(locked, key, Event.CHANGED, by, (), also, only_less=True)


def release_units(
    *, share: Share, key: vault.Key, units: Iterable[str], by: User, seen: str = "", also: Also = nothing_else
) -> Share:
    """Lets the recipient see the newest text of these units from now on; under 16 from a guardian's yes on.

    `seen` is the digest (hex) of `plan_release`, when the student saw it: 409 `changed`. Raises Refusal.
    """
    _the_student_alone(share.student, by)
    share.refresh_from_db(fields=PLANNED_ON)
    share = lapse_share(share=share, key=key, also=also)
    refuse_ended(share)
    plan = plan_for_release(share, key, tuple(units))
    check_seen(seen, lay_over(share, plan, replaced=set(plan.slots)), key)
    waits = waits_today(share.student, key, share.recipient_kind)
    with transaction.atomic():
        locked = _lock_as_planned(share)
        if waits and locked.state == ShareState.ACTIVE:
            _ask_guardian(locked, key, save_items(locked, plan.items, {}, WAITING), by)
            return locked
        locked.items.filter(slot__in=list(plan.slots)).delete()
        save_items(locked, plan.items, {})
        return next_release(locked, key, Event.RELEASED, by, plan.slots, also)


def withdraw_share(*, share: Share, by: User, also: Also = nothing_else) -> Share:
    """Ends a share at once: the next request of anyone is refused. Withdrawing twice is no error.

    Raises NotHere for anybody but the student.
    """
    _only_the_student(share.student, by)
    return end_share(share, ShareState.WITHDRAWN, Event.WITHDRAWN, by, also)


def expire_share(*, share: Share, also: Also = nothing_else) -> Share:
    """Ends a share whose last day is over; reading it was refused from midnight on."""
    return end_share(share, ShareState.EXPIRED, Event.EXPIRED, None, also)


def lapse_share(*, share: Share, key: vault.Key, also: Also = nothing_else) -> Share:
    """Ends what is over: a share past its day, or of a tie of before while that person is tied anew; and what waits
    for a yes that nobody can give any more.

    From the 16th birthday the student decides alone. A waiting share expires; of an approved one only what waited on
    top goes. Raises nothing; may run twice.
    """
    if share.is_open and (share.is_past or _is_of_a_tie_of_before(share)):
        return end_share(share, ShareState.EXPIRED, Event.EXPIRED, None, also)
    waiting = share.state == ShareState.AWAITING_GUARDIAN
    if not (waiting or something_waits(share)) or waits_today(share.student, key, share.recipient_kind):
        return share
    if waiting:
        return end_share(share, ShareState.EXPIRED, Event.EXPIRED, None, also)
    with transaction.atomic():
        locked = lock_open(share)
        drop_waiting(locked)
        return locked


def keep_share(*, share: Share, key: vault.Key, by: User) -> Share:
    """From 16 the student is asked once about what a guardian approved: this is «Houd het zo». Twice is no error."""
    _the_student_alone(share.student, by)
    with transaction.atomic():
        locked = lock_open(share)
        if not ledger.has_reconfirmed(locked):
            prove(Event.RECONFIRMED, share=locked, actor=by, key=key)
        return locked


def open_share_to(
    student: Student, key: vault.Key, kind: str, recipient_id: UUID, also: Also = nothing_else
) -> Share | None:
    """The share, live or waiting, that a student has with this recipient now; what is over is ended, with `also`."""
    shares = Share.objects.open_ended().filter(student=student, recipient_kind=kind)
    there = next((share for share in shares if share.recipient_id == recipient_id), None)
    there = lapse_share(share=there, key=key, also=also) if there else None
    return there if there and there.is_open else None


def _is_of_a_tie_of_before(share: Share) -> bool:
    """Whether its person has a tie today that is not the one this was given in: it opens nothing, and takes a place."""
    if share.person_id is None:
        return False
    ties = Tie.objects.current().filter(student=share.student_id, person=share.person_id, kind=share.recipient_kind)
    now = set(ties.filter(confirmed_at__isnull=False).values_list("pk", flat=True))
    return bool(now) and share.tie_id not in now


def _only_the_student(student: Student, by: User) -> None:
    if student.user_id != by.pk:
        raise NotHere()


def _the_student_alone(student: Student, by: User) -> None:
    """What widens or keeps a share waits until nobody sits beside the student; taking away never waits."""
    _only_the_student(student, by)
    refuse_together(student)


def _refuse_other_identity(student: Student) -> None:
    """The student, locked; with another birth date than planned on somebody else's yes may be needed (rule 10)."""
    locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    if bytes(locked.sealed_identity) != bytes(student.sealed_identity):
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")


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
    share = plan.share
    share.save(force_insert=True)
    if plan.link:
        make_link(share, key, plan.link)
    save_items(share, plan.items, places)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    if share.state == ShareState.ACTIVE:
        access.open_door(share)
    also(share)
    event = Event.ASSENTED if share.approval_required else Event.GIVEN
    prove(event, share=share, actor=by, key=key, slots=plan.slots)
    return share


def lock_open(share: Share) -> Share:
    """The share, locked and read again, after its student: it may have ended meanwhile."""
    Student.objects.select_for_update(no_key=True).get(pk=share.student_id)
    locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
    refuse_ended(locked)
    return locked


def _lock_as_planned(share: Share) -> Share:
    """The share, locked, when nothing changed since the plan was made: what was just taken away never comes back."""
    locked = lock_open(share)
    if locked.release != share.release:
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")
    return locked


def _split_terms(share: Share, wish: Wish) -> tuple[bool, bool]:
    """Sets what holds at once and what waits of the end and the warm transfer; says of both whether there is any."""
    later = wish.valid_until if wish.valid_until > share.valid_until else None
    warmer = wish.warm_transfer and not share.warm_transfer
    shorter = wish.valid_until < share.valid_until or (share.warm_transfer and not wish.warm_transfer)
    asks = (later, warmer) != (share.waiting_valid_until, share.waiting_warm_transfer) and bool(later or warmer)
    share.waiting_valid_until, share.waiting_warm_transfer = later, warmer
    share.valid_until = min(share.valid_until, wish.valid_until)
    share.warm_transfer = share.warm_transfer and wish.warm_transfer
    return shorter, asks


def _ask_guardian(share: Share, key: vault.Key, slots: Iterable[bytes], by: User) -> None:
    """The student's own yes to what waits; the recipient sees nothing of it."""
    share.save(update_fields=WAITING_FIELDS)
    prove(Event.ASSENTED, share=share, actor=by, key=key, slots=slots)


def next_release(
    share: Share, key: vault.Key, event: Event, by: User, slots: Iterable[bytes], also: Also, *, only_less: bool = False
) -> Share:
    """Saves a share whose recipient sees something else from now on, with the digest of that and the proof.

    `only_less`: something was taken away and nothing added. Then the date the reader sees stays, as it does when an
    answer is emptied: silence does not tell which of the two it was (contract, rule 4).
    """
    share.release += 1
    share.released_at = share.released_at if only_less else timezone.now()
    items = share.items.select_related("answer__newest", "revision")
    dossier = access.preview(share=share, items=items, key=key)
    # A change names every unit that stays; only a release says that the student looked at each it names.
    looked_at = () if event is Event.CHANGED else {bytes(slot) for slot in slots}
    share.sealed_reviews = renewed(share, key, dossier.said, looked_at)
    share.save(
        update_fields=["release", "released_at", "valid_until", "warm_transfer", "sealed_reviews", *WAITING_FIELDS]
    )
    digest = digest_of(dossier, key)
    Release.objects.create(share=share, number=share.release, at=share.released_at, digest=digest)
    also(share)
    prove(event, share=share, actor=by, key=key, slots=slots)
    return share


def end_share(share: Share, state: ShareState, event: Event, by: User | None, also: Also) -> Share:
    """Ends a share for good; one that ended already stays as it is."""
    key = vault.open_keys([share.student_id]).get(share.student_id)
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=share.student_id)
        locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        return end_locked(locked, key, state, event, by, also) if locked.is_open else locked


def end_locked(
    share: Share, key: vault.Key | None, state: ShareState, event: Event, by: User | None, also: Also
) -> Share:
    """Ends an open share that is locked: no door, nothing that waits, and the files go with `also`."""
    drop_waiting(share)
    share.state, share.ended_at, share.release = state, timezone.now(), share.release + 1
    share.save(update_fields=["state", "ended_at", "release"])
    access.close_door(share)
    also(share)
    prove(event, share=share, actor=by, key=key)
    return share
