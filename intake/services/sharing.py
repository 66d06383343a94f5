"""Giving and ending a share as a student does it: consent decides, and the case and the files follow at once."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from accounts import vault
from accounts.models import Student, User
from consent import anchor, links
from consent import services as consent
from consent.models import RecipientKind, Share
from consent.services import Also, Plan, Wish
from intake.models import Event
from intake.services import agreement_keeping, mail, tally
from intake.services.cases import open_case, placed_programmes
from intake.services.handovers import void_handovers
from intake.services.talks import end_talk


def plan(*, student: Student, key: vault.Key, wish: Wish) -> Plan:
    """What would be shared, for the preview. Raises Refusal."""
    return consent.plan_share(student=student, key=key, wish=wish, placed=placed_programmes(student.pk))


def give(
    *, student: Student, key: vault.Key, wish: Wish, by: User, seen: str = "", named: Iterable[UUID] = ()
) -> Share:
    """Gives a share and, when it is live, opens its case in the same transaction or mails its link after it.

    `named`: care coordinators who read along with the school team (consent/services/naming.py). Raises Refusal.
    """
    _end_lapsed(student, key)
    if wish.kind == RecipientKind.LINK:
        links.refuse_more_today(student.pk)
    placed = placed_programmes(student.pk)
    also = _naming(_open, named or None)
    return consent.give_share(student=student, key=key, wish=wish, by=by, seen=seen, placed=placed, also=also)


def change(
    *,
    share: Share,
    key: vault.Key,
    by: User,
    units: Iterable[str] | None = None,
    valid_until: date | None = None,
    warm_transfer: bool | None = None,
    seen: str = "",
    named: Iterable[UUID] | None = None,
) -> Share:
    """Changes a share, or who reads along with the school team; every file made before is void. Raises Refusal.

    When the warm transfer goes off its talk is wiped. Nobody is told: a mail on taking away and none on emptying an
    answer would tell the two apart (contract, rule 4).
    """
    share = consent.lapse_share(share=share, key=key, also=end)
    return consent.change_share(
        share=share,
        key=key,
        by=by,
        units=units,
        valid_until=valid_until,
        warm_transfer=warm_transfer,
        seen=seen,
        also=_naming(_after_change, named),
    )


def clear(*, share: Share, key: vault.Key, by: User, valid_until: date, warm_transfer: bool) -> Share:
    """Takes everything away that a share shows, at once; files are void and who looked gets a mail. Raises Refusal."""
    share = consent.lapse_share(share=share, key=key, also=end)
    terms = {"valid_until": valid_until, "warm_transfer": warm_transfer}
    return consent.clear_share(share=share, key=key, by=by, also=_end_with_talk, **terms)  # type: ignore[arg-type]  # as the form made it


def release(*, share: Share, key: vault.Key, units: Iterable[str], by: User, seen: str = "") -> Share:
    """Lets the recipient see the newest text of these units; files of before are void. Raises Refusal."""
    share = consent.lapse_share(share=share, key=key, also=end)
    return consent.release_units(share=share, key=key, units=units, by=by, seen=seen, also=void_handovers)


def withdraw(*, share: Share, by: User) -> Share:
    """Ends a share at once, with its files: the student, or under 16 a guardian with authority. Raises NotHere."""
    if share.student.user_id == by.pk:
        return consent.withdraw_share(share=share, by=by, also=end)
    return consent.withdraw_with_say(share_id=share.pk, by=by, also=end)


def approve(*, share_id: UUID, by: User, seen: str = "") -> Share:
    """A guardian's yes: the case opens, and files of what was seen before are void. Raises NotHere or Refusal."""
    return consent.approve_share(share_id=share_id, by=by, seen=seen, also=_open_anew)


def decline(*, share_id: UUID, by: User, note: str = "", seen: str = "") -> Share:
    """A guardian's no. Raises NotHere or Refusal."""
    return consent.decline_share(share_id=share_id, by=by, note=note, seen=seen, also=end)


def end_what_waited() -> int:
    """Ends what waits for a guardian who has no say any more, after a birthday; returns how many. May run twice."""
    ended = 0
    for share in consent.shares_that_wait():
        try:
            key = vault.open_key(share.student_id)
        except vault.Shredded:
            continue
        after = consent.lapse_share(share=share, key=key, also=end)
        ended += after is not share
    return ended


def end(share: Share) -> None:
    """What follows when nothing of a share is left to read, whatever did it: no files, and a mail to who looked."""
    void_handovers(share)
    agreement_keeping.end_unsigned(share)
    mail.tell_recipients_soon(share)


def _end_lapsed(student: Student, key: vault.Key) -> None:
    """Ends what is over and still takes a place: the night's work, where a new share needs it done."""
    for share in student.shares.may_have_lapsed():
        consent.lapse_share(share=share, key=key, also=end)


def _naming(also: Also, named: Iterable[UUID] | None) -> Also:
    """What a higher room does, and before it who is added by name; None: nobody is added or taken off."""

    def both(share: Share) -> None:
        if named is not None:
            consent.set_named(share, named)
        also(share)

    return both


def _after_change(share: Share) -> None:
    void_handovers(share)
    agreement_keeping.end_unsigned(share)
    end_talk(share)


def _end_with_talk(share: Share) -> None:
    end(share)
    end_talk(share)


def _open(share: Share) -> None:
    """What follows once somebody may read: the case of a programme, or the mail with a link that nobody has yet."""
    if case := open_case(share):
        tally.count_soon(Event.SHARED, case.pk)
    if not links.has_code(share):
        mail.send_link_soon(share)


def _open_anew(share: Share) -> None:
    _open(share)
    void_handovers(share)


def expire_ended() -> int:
    """Ends the shares whose last day is over; returns how many. May run twice."""
    shares = list(consent.shares_past_their_day())
    for share in shares:
        consent.expire_share(share=share, also=end)
    return len(shares)


def end_again() -> int:
    """Ends what ended or became less after the backup that was put back; returns how many. Repeatable.

    The backup shows it as it was before: then somebody would read what the student took away. A share that only changed
    ends too, because what changed went with the backup; the student can give it anew.
    """
    shares = Share.objects.open_ended().filter(pk__in=anchor.ended_since_backup())
    for share in (found := list(shares)):
        consent.expire_share(share=share, also=end)
    return len(found)
