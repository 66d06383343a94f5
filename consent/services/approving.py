"""A guardian's yes and no to sharing outside school (contract, rule 10; UAVG art. 5).

Whose yes counts is asked on the day of the act: a guardian of somebody under 16 (or whose age nobody knows), or the
legal representative of an adult; the tie confirmed, current, and with the school's check of authority. One yes is
enough, any no blocks, taking away never waits. Everybody else, staff and the student too, hears that nothing is here.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand, age_band, identity_of
from accounts.models import DatedQuerySet, Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Action, Event
from consent.models import Approval, Share, ShareState
from consent.purposes import OUTSIDE_SCHOOL
from consent.reviews import renewed
from consent.services.giving import Also, end_locked, lock_open, next_release, nothing_else
from consent.services.planning import digest_of
from consent.services.proof import prove
from consent.services.waiting import as_asked, drop_waiting, something_waits, take_waiting
from consent.texts import Dossier
from passport.texts import clean_text

NOTE_FIELD = "consent.Approval.sealed_note"
LONGEST_NOTE = 300
# A no to what waited on top of an approved share: it belongs to no release, because it never became one.
NEVER_RELEASED = 0
WHOSE_YES = {
    AgeBand.UNDER_16: Tie.Kind.GUARDIAN,
    AgeBand.UNKNOWN: Tie.Kind.GUARDIAN,
    AgeBand.ADULT: Tie.Kind.REPRESENTATIVE,
}


def ties_with_authority(by: User) -> DatedQuerySet:
    """The ties through which somebody may have a say today; the student's age decides which of them count."""
    return with_authority(Tie.objects.current().filter(person=by))


def with_authority(ties: DatedQuerySet) -> DatedQuerySet:
    """Of these ties those that were confirmed, with the school's check, of a kind that may have a say."""
    ties = ties.filter(kind__in=set(WHOSE_YES.values()))
    return ties.filter(confirmed_at__isnull=False, authority_checked_at__isnull=False)


def has_say(by: User, student: Student, key: vault.Key) -> bool:
    """Whether this person's yes or no counts for this student today."""
    return bool(whose_say(by, [student], {student.pk: key}))


def whose_say(by: User, students: Iterable[Student], keys: Mapping[UUID, vault.Key]) -> set[UUID]:
    """The set-wise `has_say`: for whom of these, of whom a key is given, this person's yes or no counts today."""
    here = [
        one
        for one in students
        if one.pk in keys and one.user_id != by.pk and one.frozen_at is None and one.user.is_active
    ]
    if not here:
        return set()
    ties = set(ties_with_authority(by).filter(student__in=here).values_list("student_id", "kind"))
    return {one.pk for one in here if (one.pk, whose_yes(one, keys[one.pk])) in ties}


def get_share_with_say(share_id: UUID, by: User) -> tuple[Share, vault.Key]:
    """A share outside school over which this person has a say today, with the student's key. Raises NotHere."""
    shares = Share.objects.filter(pk=share_id, recipient_kind__in=OUTSIDE_SCHOOL)
    shares = shares.select_related("student__user", "student__passport", "programme__institution", "institution")
    share = shares.filter(student__in=ties_with_authority(by).values("student")).first()
    if share is None:
        raise NotHere()
    try:
        key = vault.open_key(share.student_id)
    except vault.Shredded:
        raise NotHere() from None
    if not has_say(by, share.student, key):
        raise NotHere()
    return share, key


def preview_for_yes(*, share_id: UUID, by: User) -> tuple[Dossier, str]:
    """What the recipient would see after a yes, and the digest that the yes carries. The student sees this look.

    Raises NotHere, also for a share that is over.
    """
    share, key = get_share_with_say(share_id, by)
    if not share.is_open or share.is_past:
        raise NotHere()
    with transaction.atomic():
        dossier, seen = _as_seen(share, key)
        identity = [f"identity.{name}" for name in dossier.student if name != "display_name"]
        slots = [key.slot(unit) for unit in (*(one.unit.key for one in dossier.said), *identity)]
        ledger.record(Event.LOOK, share=share, actor=by, slots=slots, action=Action.READ)
    return dossier, seen


def approve_share(*, share_id: UUID, by: User, seen: str = "", also: Also = nothing_else) -> Share:
    """A guardian's yes: to a waiting share, or to what waits on top of an approved one. Twice is no error.

    `seen` is the digest of `preview_for_yes`. Raises NotHere; Refusal (409) when the share ended or `changed`.
    """
    share, key = get_share_with_say(share_id, by)
    with transaction.atomic():
        locked = _lock_with_say(share, by, key, seen)
        if locked.state == ShareState.AWAITING_GUARDIAN:
            return _open(locked, key, by, also)
        if not something_waits(locked):
            return locked
        slots = take_waiting(locked)
        _write_down(locked, by, yes=True, release=locked.release + 1)
        return next_release(locked, key, Event.APPROVED, by, slots, also)


def decline_share(*, share_id: UUID, by: User, note: str = "", seen: str = "", also: Also = nothing_else) -> Share:
    """A guardian's no, with a few words to the student if they like. It blocks, whoever said yes.

    Of an approved share that was widened only what waits goes; else the share itself. Raises as `approve_share`.
    """
    share, key = get_share_with_say(share_id, by)
    cleaned = clean_text(note, longest=LONGEST_NOTE, field="note")
    with transaction.atomic():
        locked = _lock_with_say(share, by, key, seen)
        if something_waits(locked):
            slots = drop_waiting(locked)
            _write_down(locked, by, yes=False, release=NEVER_RELEASED, note=cleaned, key=key)
            prove(Event.REFUSED, share=locked, actor=by, key=key, slots=slots)
            return locked
        _write_down(locked, by, yes=False, release=locked.release, note=cleaned, key=key)
        return end_locked(locked, key, ShareState.DECLINED, Event.REFUSED, by, also)


def withdraw_with_say(*, share_id: UUID, by: User, also: Also = nothing_else) -> Share:
    """A guardian takes back what was approved; holds at the next request. Twice is no error. Raises NotHere."""
    share, key = get_share_with_say(share_id, by)
    if not share.is_open:
        return share
    with transaction.atomic():
        locked = _lock_with_say(share, by, key)
        _write_down(locked, by, yes=False, release=locked.release)
        return end_locked(locked, key, ShareState.WITHDRAWN, Event.WITHDRAWN, by, also)


def note_of(approval: Approval, key: vault.Key) -> str:
    """What a guardian wrote to the student with a no; empty when they wrote nothing."""
    if approval.sealed_note is None:
        return ""
    text: str = key.open(approval.sealed_note, **_place(approval))
    return text


def whose_yes(student: Student, key: vault.Key) -> Tie.Kind | None:
    """The kind of tie whose yes counts beside this student's today; None for who decides alone."""
    return WHOSE_YES.get(age_band(identity_of(student, key).born))


def _lock_with_say(share: Share, by: User, key: vault.Key, seen: str = "") -> Share:
    """The share, locked, with everything asked again: the tie or the share may have ended meanwhile."""
    locked = lock_open(share)
    if locked.is_past:
        raise Refusal("ended", "Dit vragen we niet meer.", status=409)
    if not has_say(by, locked.student, key):
        raise NotHere()
    if seen and seen != _as_seen(locked, key)[1]:
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")
    return locked


def _as_seen(share: Share, key: vault.Key) -> tuple[Dossier, str]:
    asked, items = as_asked(share)
    dossier = access.preview(share=asked, items=items, key=key)
    terms = f"{asked.valid_until} {asked.warm_transfer}".encode()
    return dossier, key.mac("approval", digest_of(dossier, key) + terms).hex()


def _open(share: Share, key: vault.Key, by: User, also: Also) -> Share:
    items = list(share.items.select_related("answer__newest", "revision"))
    slots = [bytes(item.slot) for item in items]
    share.state, share.released_at = ShareState.ACTIVE, timezone.now()
    said = access.preview(share=share, items=items, key=key).said
    share.sealed_reviews = renewed(share, key, said, looked_at=slots)
    share.save(update_fields=["state", "released_at", "sealed_reviews"])
    _write_down(share, by, yes=True, release=share.release)
    access.open_door(share)
    also(share)
    prove(Event.APPROVED, share=share, actor=by, key=key, slots=slots)
    return share


def _write_down(
    share: Share, by: User, *, yes: bool, release: int, note: str = "", key: vault.Key | None = None
) -> None:
    """One row per person and release: who changes their mind stands there with the last word; the ledger has both."""
    row = Approval(share=share, person=by, release=release)
    sealed = key.seal(note, **_place(row)) if note and key else None
    said = {"yes": yes, "at": timezone.now(), "sealed_note": sealed}
    Approval.objects.update_or_create(share=share, person=by, release=release, defaults=said)


def _place(approval: Approval) -> dict[str, object]:
    return {
        "field": NOTE_FIELD,
        "row": approval.share_id,
        "unit": str(approval.person_id),
        "revision": approval.release,
    }
