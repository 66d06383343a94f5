"""What a guardian is asked, and what they approved, as they read it: about whom, with whom, until when."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from accounts import vault
from accounts.identity import Identity, identity_of
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent.models import Approval, Share, ShareState
from consent.purposes import OUTSIDE_SCHOOL
from consent.recipients import Recipient, recipient_of
from consent.services import (
    NEVER_RELEASED,
    get_share_with_say,
    has_say,
    note_of,
    something_waits,
    ties_with_authority,
    waiting_units,
)


@dataclass(frozen=True)
class Asked:
    """One share outside school over which somebody has a say today. Personal: never in a log or a URL."""

    share: Share
    recipient: Recipient
    identity: Identity = field(repr=False)
    waits: bool
    waiting: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def name(self) -> str:
        return self.identity.calling_name

    @property
    def is_new(self) -> bool:
        """Nothing of it was ever approved."""
        return self.share.state == ShareState.AWAITING_GUARDIAN

    @property
    def until(self) -> object:
        """The last day that is asked for."""
        return self.share.waiting_valid_until or self.share.valid_until


def asked_of(by: User) -> list[Asked]:
    """Everything this person has a say over today, oldest first; what waits for a yes before what has it."""
    students = Student.objects.filter(pk__in=ties_with_authority(by).values("student")).select_related("user")
    keys = vault.open_keys(student.pk for student in students)
    theirs = [one.pk for one in students if one.pk in keys and has_say(by, one, keys[one.pk])]
    shares = Share.objects.open_ended().filter(student__in=theirs, recipient_kind__in=OUTSIDE_SCHOOL)
    shares = shares.select_related("student", "programme__institution", "institution").order_by("created_at", "pk")
    shares = shares.prefetch_related("items")
    found = [_asked(share, keys[share.student_id]) for share in shares if not share.is_past]
    return sorted(found, key=lambda one: not one.waits)


def get_asked_or_404(share_id: UUID, by: User) -> Asked:
    """One share this person has a say over, open still. Raises NotHere."""
    share, key = get_share_with_say(share_id, by)
    if not share.is_open or share.is_past:
        raise NotHere()
    return replace(_asked(share, key), waiting=frozenset(waiting_units(share, key)))


def _asked(share: Share, key: vault.Key) -> Asked:
    waits = share.state == ShareState.AWAITING_GUARDIAN or something_waits(share)
    return Asked(share, recipient_of(share), identity_of(share.student, key), waits)


@dataclass(frozen=True, slots=True)
class No:
    """A guardian's no, as the student reads it: never whose it was."""

    note: str = field(repr=False)


def no_to(share: Share, approvals: list[Approval], key: vault.Key) -> No | None:
    """The no that stands, with what was written to the student: to the share, or to what they last added."""
    noes = [one for one in approvals if not one.yes and (one.release == NEVER_RELEASED) == share.is_open]
    if share.is_open:
        noes = [one for one in noes if one.at > share.released_at]
    newest = max(noes, key=lambda one: one.at, default=None)
    return No(note_of(newest, key)) if newest else None
