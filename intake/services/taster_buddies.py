"""A buddy for one day: an older mbo student, tied by staff, and only with the student's own yes.

Until that yes the buddy knows of no day and no student. After it they see the day; of the student only what is shared
with them for `orientation`. The tie has a last day, a week after the day: from then on no share opens (contract,
Purposes), whatever its own last day says, and nobody can make it later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Institution, Membership, Role, Student, Tie, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from accounts.services import staff_places
from consent import access
from consent import services as consent
from consent.models import RecipientKind, Share
from consent.recipients import names_of
from intake.models import TasterDay, TasterSignUp
from intake.services import people, sharing

State = TasterSignUp.State


@dataclass(frozen=True, slots=True)
class Buddy:
    """Somebody who can go along, as staff and the student read it. Personal."""

    person_id: UUID
    name: str = field(repr=False)
    school: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Who goes along with one student, and whether the student said yes."""

    tie: Tie
    buddy: Buddy
    is_asked: bool


@dataclass(frozen=True, slots=True)
class BuddyDay:
    """One line on a buddy's page. `share_id` and `name` only while the student shares."""

    day: TasterDay
    share_id: UUID | None
    name: str = field(repr=False)


# --- Staff -------------------------------------------------------------------------------------------------


def buddies_for(day: TasterDay) -> list[Buddy]:
    """Who can go along on this day: the buddies of today at the college that put it up, or at one in its region."""
    place = day.institution
    near = Q(institution=place)
    if place.region_id:
        near |= Q(institution__region=place.region_id)
    rows = Membership.objects.current().filter(near, role=Role.BUDDY, institution__kind=Institution.Kind.MBO)
    rows = rows.filter(user__is_active=True).select_related("user", "institution")
    names = names_of(row.user for row in rows)
    found = {row.user_id: Buddy(row.user_id, names[row.user_id], row.institution.name) for row in rows}
    return sorted((one for one in found.values() if one.name), key=lambda one: one.name.casefold())


def tie_buddy(*, row: TasterSignUp, person_id: UUID, by: User) -> TasterSignUp:
    """Asks the student whether this buddy may go along; the caller asked whether `by` may do so.

    Raises Refusal when the day is no more to come or not confirmed, for somebody who is no buddy here, for the student
    in person, and when this buddy goes along with this student already.
    """
    day = row.day
    if not day.is_coming or row.state != State.CONFIRMED:
        raise Refusal("not_now", "Een buddy kan pas mee als de dag doorgaat en nog komt.", status=409)
    if all(one.person_id != person_id for one in buddies_for(day)) or person_id == row.student.user_id:
        raise Refusal("no_buddy", "Kies een buddy uit de lijst.", field="buddy")
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=row.student_id)
        locked = TasterSignUp.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
        same = Tie.objects.current().filter(student=row.student_id, person=person_id, kind=Tie.Kind.BUDDY)
        if locked.tie_id or same.exists():
            raise Refusal("tied", "Er gaat al een buddy mee. Of deze buddy hoort al bij deze student.", status=409)
        locked.tie = Tie.objects.create(
            student=row.student,
            person_id=person_id,
            kind=Tie.Kind.BUDDY,
            invited_by=by,
            ends_on=day.last_day_of_buddy,
        )
        locked.buddy_asked_at = timezone.now()
        locked.save(update_fields=["tie", "buddy_asked_at"])
    return locked


@transaction.atomic
def untie(row: TasterSignUp) -> None:
    """Staff takes a buddy off a day: from the next request on the buddy reads nothing of this student."""
    Student.objects.select_for_update(no_key=True).get(pk=row.student_id)
    end_ties([row.tie_id] if row.tie_id else [])
    TasterSignUp.objects.filter(pk=row.pk).update(tie=None, buddy_asked_at=None)


def end_ties(ties: Iterable[UUID]) -> None:
    """Ends these ties as of yesterday, since a last day counts; what waited for a yes goes. In a transaction."""
    rows = Tie.objects.filter(pk__in=list(ties))
    rows.filter(confirmed_at=None).delete()
    Tie.objects.current().filter(pk__in=rows.values("pk")).update(ends_on=timezone.localdate() - timedelta(days=1))


def let_go() -> int:
    """Ends what was shared in a tie with a buddy that is over, and drops what was never answered; returns the shares.

    Reading was refused from that midnight on. Repeatable.
    """
    over = Tie.objects.filter(kind=Tie.Kind.BUDDY, ends_on__lt=timezone.localdate())
    shares = list(Share.objects.open_ended().filter(tie__in=over))
    for share in shares:
        consent.expire_share(share=share, also=sharing.end)
    over.filter(confirmed_at=None).delete()
    return len(shares)


# --- The student -------------------------------------------------------------------------------------------


def beside(row: TasterSignUp) -> Beside | None:
    """Who goes along on this day, by name and school; None when nobody does any more."""
    return beside_all([row]).get(row.pk)


def beside_all(rows: Iterable[TasterSignUp]) -> dict[UUID, Beside]:
    """The same for many, by sign-up: constant in queries, none without a buddy. Needs `tie__person`."""
    today = timezone.localdate()
    ties = {row.pk: row.tie for row in rows if row.tie and row.tie.ends_on and row.tie.ends_on >= today}
    if not ties:
        return {}
    names, schools = names_of(tie.person for tie in ties.values()), staff_places(tie.person_id for tie in ties.values())
    return {
        pk: Beside(
            tie, Buddy(tie.person_id, names[tie.person_id], schools.get(tie.person_id, "")), not tie.confirmed_at
        )
        for pk, tie in ties.items()
    }


def accept(*, row: TasterSignUp, by: User) -> None:
    """The student's yes: from now on the buddy sees the day. Twice is no error. Raises Refusal once it is over."""
    if row.student.user_id != by.pk:
        raise NotHere()
    waiting = Tie.objects.current().filter(pk=row.tie_id, confirmed_at=None)
    if not waiting.update(confirmed_at=timezone.now()) and beside(row) is None:
        raise Refusal("over", gettext("Deze buddy gaat niet meer mee."), status=409)


def part(*, student: Student, key: vault.Key, row: TasterSignUp, by: User) -> None:
    """The student's no, now or later: the tie ends at once, and every share given in it with its record."""
    if student.user_id != by.pk:
        raise NotHere()
    tie = row.tie
    if tie is None:
        return
    if tie.confirmed_at is not None and Tie.objects.current().filter(pk=tie.pk).exists():
        people.end_tie(student=student, key=key, tie_id=tie.pk, by=by)
    else:
        Tie.objects.filter(pk=tie.pk, confirmed_at=None).delete()
    TasterSignUp.objects.filter(pk=row.pk).update(tie=None, buddy_asked_at=None)


# --- The buddy ---------------------------------------------------------------------------------------------


def goes_along(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places is a buddy somewhere."""
    return any(one.role == Role.BUDDY for one in mine)


def days_of(by: User) -> list[BuddyDay]:
    """The days this buddy goes along on, until a week after each; a name only of who shares with them now.

    Constant in queries; a list shows names without a row in the log (contract, `views/`).
    """
    ties = Tie.objects.current().filter(person=by, kind=Tie.Kind.BUDDY, confirmed_at__isnull=False)
    rows = TasterSignUp.objects.filter(tie__in=ties, state=State.CONFIRMED, day__cancelled_at=None)
    rows = rows.select_related("day", "student").order_by("day__starts_at", "pk")
    shares = {share.tie_id: share for share in access.open_shares(by, kind=RecipientKind.BUDDY)}
    keys = vault.open_keys({share.student_id for share in shares.values()}) if shares else {}
    found = []
    for row in rows:
        share = shares.get(row.tie_id)
        key = keys.get(row.student_id) if share else None
        name = identity_of(row.student, key).display_name if key else ""
        found.append(BuddyDay(row.day, share.pk if share and key else None, name))
    return found
