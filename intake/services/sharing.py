"""Giving and ending a share as a student does it: consent decides, and the case and the files follow at once."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from accounts import vault
from accounts.models import Student, User
from consent import services as consent
from consent.models import Share
from consent.services import Plan, Wish
from intake.services.cases import open_case, placed_programmes
from intake.services.handovers import void_handovers


def plan(*, student: Student, key: vault.Key, wish: Wish) -> Plan:
    """What would be shared, for the preview. Raises Refusal."""
    return consent.plan_share(student=student, key=key, wish=wish, placed=placed_programmes(student.pk))


def give(*, student: Student, key: vault.Key, wish: Wish, by: User, seen: str = "") -> Share:
    """Gives a share and, when it is live, opens its case in the same transaction. Raises Refusal."""
    placed = placed_programmes(student.pk)
    return consent.give_share(student=student, key=key, wish=wish, by=by, seen=seen, placed=placed, also=open_case)


def change(
    *,
    share: Share,
    key: vault.Key,
    by: User,
    units: Iterable[str] | None = None,
    valid_until: date | None = None,
    warm_transfer: bool | None = None,
    seen: str = "",
) -> Share:
    """Changes a share; every file made of it before is void. Raises Refusal."""
    return consent.change_share(
        share=share,
        key=key,
        by=by,
        units=units,
        valid_until=valid_until,
        warm_transfer=warm_transfer,
        seen=seen,
        also=void_handovers,
    )


def release(*, share: Share, key: vault.Key, units: Iterable[str], by: User, seen: str = "") -> Share:
    """Lets the recipient see the newest text of these units; files of before are void. Raises Refusal."""
    return consent.release_units(share=share, key=key, units=units, by=by, seen=seen, also=void_handovers)


def withdraw(*, share: Share, by: User) -> Share:
    """Ends a share at once, with its files: the student, or under 16 a guardian with authority. Raises NotHere."""
    if share.student.user_id == by.pk:
        return consent.withdraw_share(share=share, by=by, also=void_handovers)
    return consent.withdraw_with_say(share_id=share.pk, by=by, also=void_handovers)


def approve(*, share_id: UUID, by: User, seen: str = "") -> Share:
    """A guardian's yes: the case opens, and files of what was seen before are void. Raises NotHere or Refusal."""
    return consent.approve_share(share_id=share_id, by=by, seen=seen, also=_open_case_anew)


def decline(*, share_id: UUID, by: User, note: str = "", seen: str = "") -> Share:
    """A guardian's no. Raises NotHere or Refusal."""
    return consent.decline_share(share_id=share_id, by=by, note=note, seen=seen, also=void_handovers)


def end_what_waited() -> int:
    """Ends what waits for a guardian who has no say any more, after a birthday; returns how many. May run twice."""
    ended = 0
    for share in consent.shares_that_wait():
        try:
            key = vault.open_key(share.student_id)
        except vault.Shredded:
            continue
        after = consent.lapse_share(share=share, key=key, also=void_handovers)
        ended += after is not share
    return ended


def _open_case_anew(share: Share) -> None:
    open_case(share)
    void_handovers(share)


def expire_ended() -> int:
    """Ends the shares whose last day is over; returns how many. May run twice."""
    shares = list(consent.shares_past_their_day())
    for share in shares:
        consent.expire_share(share=share, also=void_handovers)
    return len(shares)
