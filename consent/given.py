"""What a student shares and shared before, as they read it: with whom, which units, what is newer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.utils.translation import gettext

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent import access
from consent.asked import No, no_to
from consent.facts import items_of
from consent.models import Approval, RecipientKind, Reply, Share, ShareItem, ShareState
from consent.purposes import OUTSIDE_SCHOOL
from consent.recipients import Recipient, names_of, recipients_of
from consent.services import REPLY_FIELD, digest_of, has_reconfirmed, newer_units, waits_today
from consent.texts import IDENTITY_UNITS, Dossier, shareable_units
from passport.models import Passport
from passport.questionnaire import QuestionType, Unit
from passport.services import Sheet, open_sheet
from passport.translations import joined
from passport.wording import lines_of, programme_names

SIDE_BY_SIDE = 40
ENDED_SHOWN = 20
SEVERAL = {RecipientKind.SCHOOL_TEAM, RecipientKind.COLLEGE_TEAM}


@dataclass(frozen=True, slots=True)
class Called:
    """How a recipient is named in a sentence. `count` is 2 for a team («zien», not «ziet»).

    `public` holds the name of no person, so it may stand in a message.
    """

    name: str = field(repr=False)
    public: str
    full: str = field(repr=False)
    count: int = 1

    @property
    def start(self) -> str:
        """At the start of a sentence."""
        return self.name[:1].upper() + self.name[1:]


def called(recipient: Recipient) -> Called:
    """A college by its name, a team by what it is to the student, a person by their name."""
    full = ", ".join(part for part in (recipient.label, recipient.institution) if part)
    if recipient.kind == RecipientKind.PROGRAMME:
        return Called(recipient.institution, recipient.institution, full)
    if recipient.kind in SEVERAL:
        own = recipient.kind == RecipientKind.SCHOOL_TEAM
        name = gettext("je mentor en decaan") if own else gettext("je mentoren op het mbo")
        return Called(name, name[:1].upper() + name[1:], full, 2)
    if recipient.kind == RecipientKind.LINK:
        return Called(recipient.label, gettext("Wie de link heeft"), full)
    return Called(recipient.label, gettext("Deze persoon"), full)


@dataclass(frozen=True, slots=True)
class Newer:
    """A unit of which the student has another text than the recipient sees."""

    unit: Unit
    old: str = field(repr=False)
    new: str = field(repr=False)

    @property
    def is_short(self) -> bool:
        """Short texts stand side by side, also on a phone; long ones under each other."""
        return max(len(self.old), len(self.new)) <= SIDE_BY_SIDE


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recipient wrote back."""

    reply: Reply
    by: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True)
class Given:
    """One share, for its student. Personal: never in a log or a URL."""

    share: Share
    recipient: Recipient
    called: Called
    units: tuple[Unit, ...] = field(repr=False)
    said: frozenset[str] = field(repr=False)
    newer: tuple[Newer, ...] = field(repr=False)
    seen_after: str
    replies: tuple[Heard, ...] = field(repr=False)
    waiting: tuple[Unit, ...] = field(repr=False)
    refused: No | None
    needs_yes: bool

    @property
    def is_now(self) -> bool:
        """Live, or waiting for a guardian who may still say yes."""
        return _is_now(self.share, self.needs_yes)

    @property
    def is_waiting(self) -> bool:
        return self.share.state == ShareState.AWAITING_GUARDIAN

    @property
    def asks_more(self) -> bool:
        """Approved, and something on top of it waits for a guardian."""
        later = self.share.waiting_valid_until is not None or self.share.waiting_warm_transfer
        return self.needs_yes and not self.is_waiting and bool(self.waiting or later)

    @property
    def wished(self) -> dict[str, Any]:
        """What the student asked for in all: what is shared and what waits on top of it."""
        until, warm = self.share.waiting_valid_until, self.share.waiting_warm_transfer
        return {
            "units": list(dict.fromkeys(unit.key for unit in (*self.units, *self.waiting))),
            "until": until or self.share.valid_until,
            "warm": warm or self.share.warm_transfer,
        }

    @property
    def silent(self) -> list[Unit]:
        """Shared, but with nothing in it yet."""
        return [unit for unit in self.units if unit.key not in self.said]


@dataclass(frozen=True)
class GivenPage:
    """What is shared now, what a guardian said no to lately, and one page of what ended before."""

    now: list[Given]
    refused: list[Given]
    ended: list[Given]
    is_more: bool


class ShareList:
    """Shares of one student with all that a list tells of them, opened once: no query more for more shares."""

    def __init__(self, shares: Sequence[Share], key: vault.Key) -> None:
        items = ShareItem.objects.select_related("answer__newest", "revision")
        prefetch_related_objects(shares, "student__passport", "named_readers", Prefetch("items", items))
        student = shares[0].student
        self.key = key
        self.sheet = open_sheet(student.passport, key)
        self.recipients = recipients_of(shares)
        self.needs_yes = _asks(student, key)
        self._units = {key.slot(unit.key): unit for unit in shareable_units(self.sheet.questions).values()}

    def units(self, share: Share, state: str = ShareItem.State.GIVEN) -> tuple[Unit, ...]:
        """The units a share names, or those that wait on top of it, in reading order."""
        slots = {bytes(item.slot) for item in share.items.all() if item.state == state}
        return tuple(unit for slot, unit in self._units.items() if slot in slots)

    def shown(self, share: Share) -> dict[str, Any]:
        """What the recipient sees, by unit."""
        dossier = access.preview(share=share, items=share.items.all(), key=self.key)
        return {one.unit.key: one.value for one in dossier.said}

    def newer(self, share: Share) -> list[str]:
        return newer_units(share, self.key, sheet=self.sheet, items=share.items.all()) if share.is_open else []

    def seen_after(self, share: Share, newer: Iterable[str]) -> str:
        """The digest of what the recipient sees once these newest texts are released: the same as `plan_release`."""
        released = {self.key.slot(unit) for unit in newer}
        # What waits for a guardian comes in the place of what was approved of that unit.
        stored = sorted(share.items.all(), key=lambda item: item.state == ShareItem.State.WAITING)
        after = [copy(item) for item in {bytes(item.slot): item for item in stored}.values()]
        for item in after:
            item.state = ShareItem.State.GIVEN
            if bytes(item.slot) in released and item.answer:
                item.revision = item.answer.newest
        return digest_of(access.preview(share=share, items=after, key=self.key), self.key).hex() if released else ""


def given_page(passport: Passport, key: vault.Key, *, news: datetime, page: int = 0) -> GivenPage:
    """The shares of a student, newest first. The queries do not grow with shares, units, texts or replies.

    `news`: since when a guardian's no stands apart. What ended comes in pages of ENDED_SHOWN, from nought.
    """
    asks = _asks(passport.student, key)
    noes = Approval.objects.filter(share=OuterRef("pk"), yes=False)
    rows: list[Any] = list(passport.student.shares.order_by("-created_at", "pk").annotate(was_refused=Exists(noes)))
    now = {row.pk for row in rows if _is_now(row, row.is_open and asks(row.recipient_kind))}
    before = [row for row in rows if row.pk not in now]
    lately = {row.pk for row in before if row.was_refused and row.ended_at and row.ended_at > news}
    start = page * ENDED_SHOWN
    ended = {row.pk for row in before[start : start + ENDED_SHOWN]}
    given = _read(passport, key, _shares(passport).filter(pk__in=now | lately | ended))
    return GivenPage(
        now=[one for one in given if one.share.pk in now],
        refused=[one for one in given if one.share.pk in lately and one.refused],
        ended=[one for one in given if one.share.pk in ended],
        is_more=len(before) > start + ENDED_SHOWN,
    )


def get_own_share_or_404(share_id: UUID, by: User) -> tuple[Share, vault.Key]:
    """A share of this student with the student's key. Raises NotHere."""
    own = find_own_share(share_id, by)
    if own is None:
        raise NotHere()
    return own


def find_own_share(share_id: UUID, by: User) -> tuple[Share, vault.Key] | None:
    """The same, or None: for what somebody else may have a say in too."""
    share = with_recipient(Share.objects.filter(student__user=by.pk, pk=share_id)).first()
    return (share, vault.open_key(share.student_id)) if share else None


def own_preview(share: Share, key: vault.Key) -> Dossier:
    """What the recipient of one's own share gets now, as `consent/access.py:preview` composes it."""
    return access.preview(share=share, items=items_of(share.pk), key=key)


def own_shares(passport: Passport) -> QuerySet[Share]:
    """Every share of this student, newest first."""
    return with_recipient(passport.student.shares.order_by("-created_at", "pk"))


def with_recipient(shares: QuerySet[Share]) -> QuerySet[Share]:
    return shares.select_related("student__passport", "student__user", "programme__institution", "institution")


def get_given_or_404(passport: Passport, key: vault.Key, share_id: UUID) -> Given:
    """One share of this student. Raises NotHere."""
    found = _read(passport, key, _shares(passport).filter(pk=share_id))
    if not found:
        raise NotHere()
    return found[0]


def to_reconfirm(passport: Passport, key: vault.Key) -> list[tuple[Share, Called]]:
    """What a guardian approved before the student decided alone, and the student was not asked about since."""
    asks = _asks(passport.student, key)
    rows = own_shares(passport).live().filter(approval_required=True).order_by("created_at")  # type: ignore[attr-defined]  # our own manager
    shares = [share for share in rows if not asks(share.recipient_kind) and not has_reconfirmed(share)]
    recipients = recipients_of(shares)
    return [(share, called(recipients[share.pk])) for share in shares]


def _is_now(share: Share, needs_yes: bool) -> bool:
    waits = share.state == ShareState.AWAITING_GUARDIAN
    return share.is_open and not share.is_past and (needs_yes or not waits)


def _asks(student: Student, key: vault.Key) -> Callable[[str], bool]:
    """`waits_today` for a list: it is the same for every recipient outside school, so it is asked once."""
    outside = cache(lambda: waits_today(student, key, RecipientKind.PROGRAMME))
    return lambda kind: kind in OUTSIDE_SCHOOL and outside()


def _shares(passport: Passport) -> QuerySet[Share]:
    return own_shares(passport).prefetch_related("replies__by", "approvals")


def _read(passport: Passport, key: vault.Key, shares: QuerySet[Share]) -> list[Given]:
    rows = list(shares)
    if not rows:
        return []
    opened = ShareList(rows, key)
    shown = {share.pk: opened.shown(share) for share in rows}
    newer = {share.pk: opened.newer(share) for share in rows}
    told = opened.sheet.said
    pairs = [(unit, (shown[pk].get(unit), told[unit])) for pk, units in newer.items() for unit in units]
    names = _programme_names(opened.sheet, pairs)
    writers = names_of(reply.by for share in rows for reply in share.replies.all())

    def one(share: Share) -> Given:
        fresh = newer[share.pk]
        before = shown[share.pk]
        needs_yes = share.is_open and opened.needs_yes(share.recipient_kind)
        waiting = opened.units(share, ShareItem.State.WAITING)
        recipient = opened.recipients[share.pk]
        return Given(
            share=share,
            recipient=recipient,
            called=called(recipient),
            units=opened.units(share),
            said=frozenset(before) | set(IDENTITY_UNITS),
            newer=tuple(_newer(opened.sheet, unit, before.get(unit), told[unit], names) for unit in fresh),
            seen_after=opened.seen_after(share, fresh),
            replies=tuple(Heard(reply, writers[reply.by_id], _text(reply, key)) for reply in share.replies.all()),
            waiting=waiting if needs_yes else (),
            refused=None if waiting else no_to(share, list(share.approvals.all()), key),
            needs_yes=needs_yes,
        )

    return [one(share) for share in rows]


def _text(reply: Reply, key: vault.Key) -> str:
    text: str = key.open(reply.sealed_text, field=REPLY_FIELD, row=reply.pk)
    return text


def _programme_names(sheet: Sheet, pairs: Iterable[tuple[str, tuple[Any, Any]]]) -> dict[str, str]:
    """The names of every programme in these texts, in one query."""
    listed = (values for unit, values in pairs if sheet.questions.units[unit].question.type is QuestionType.PROGRAMMES)
    return programme_names({code for values in listed for value in values for code in value or ()})


def _newer(sheet: Sheet, unit_key: str, old: Any, new: Any, names: Mapping[str, str]) -> Newer:
    unit = sheet.questions.units[unit_key]
    return Newer(unit, _lines(unit, old, names), _lines(unit, new, names))


def _lines(unit: Unit, value: Any, names: Mapping[str, str]) -> str:
    return "" if value is None else joined("\n", lines_of(unit, value, names))
