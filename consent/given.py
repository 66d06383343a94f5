"""What a student shares and shared before, as they read it: with whom, which units, what is newer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from accounts import vault
from accounts.refusals import NotHere
from consent import access
from consent.models import RecipientKind, Reply, Share, ShareState
from consent.recipients import Recipient, recipient_of
from consent.services import REPLY_FIELD, newer_units
from consent.texts import IDENTITY_UNITS, shareable_units
from passport.models import Passport
from passport.questionnaire import QuestionType, Unit
from passport.services import Sheet, open_sheet
from passport.wording import lines_of, programme_names

SIDE_BY_SIDE = 40
SEVERAL = {RecipientKind.SCHOOL_TEAM, RecipientKind.COLLEGE_TEAM}
PERSONS = {RecipientKind.GUARDIAN, RecipientKind.COACH, RecipientKind.BUDDY}


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
    replies: tuple[Heard, ...] = field(repr=False)

    @property
    def is_now(self) -> bool:
        """Live, or waiting for a guardian."""
        return self.share.is_open and not self.share.is_past

    @property
    def is_waiting(self) -> bool:
        return self.share.state == ShareState.AWAITING_GUARDIAN

    @property
    def silent(self) -> list[Unit]:
        """Shared, but with nothing in it yet."""
        return [unit for unit in self.units if unit.key not in self.said]


def given_by(passport: Passport, key: vault.Key) -> list[Given]:
    """Every share of a student, newest first. The queries do not grow with units, texts or replies."""
    return _read(passport, key, _shares(passport))


def get_given_or_404(passport: Passport, key: vault.Key, share_id: UUID) -> Given:
    """One share of this student. Raises NotHere."""
    found = _read(passport, key, _shares(passport).filter(pk=share_id))
    if not found:
        raise NotHere()
    return found[0]


def _shares(passport: Passport) -> Any:
    return (
        passport.student.shares.select_related("student__passport", "student__user")
        .select_related("programme__institution", "institution")
        .prefetch_related("items__answer__newest", "items__revision", "replies__by")
        .order_by("-created_at")
    )


def _read(passport: Passport, key: vault.Key, shares: Any) -> list[Given]:
    shares = list(shares)
    return [_given(share, key, sheet) for sheet in [open_sheet(passport, key)] for share in shares] if shares else []


def _given(share: Share, key: vault.Key, sheet: Sheet) -> Given:
    items = list(share.items.all())
    slots = {bytes(item.slot) for item in items}
    recipient = recipient_of(share)
    shown = {one.unit.key: one.value for one in access.preview(share=share, items=items, key=key).said}
    units = tuple(unit for unit in shareable_units(sheet.questions).values() if key.slot(unit.key) in slots)
    fresh: list[str] = []
    if share.is_open and not share.approval_required:
        fresh = newer_units(share, key, sheet=sheet, items=items)
    return Given(
        share=share,
        recipient=recipient,
        called=called(recipient),
        units=units,
        said=frozenset(shown) | set(IDENTITY_UNITS),
        newer=tuple(_newer(sheet, unit, shown) for unit in fresh),
        replies=tuple(Heard(reply, _text(reply, key)) for reply in share.replies.all()),
    )


def _text(reply: Reply, key: vault.Key) -> str:
    text: str = key.open(reply.sealed_text, field=REPLY_FIELD, row=reply.pk)
    return text


def _newer(sheet: Sheet, unit_key: str, shown: Mapping[str, Any]) -> Newer:
    unit = sheet.questions.units[unit_key]
    return Newer(unit, _lines(unit, shown.get(unit_key)), _lines(unit, sheet.said[unit_key]))


def _lines(unit: Unit, value: Any) -> str:
    if value is None:
        return ""
    codes = value if unit.question.type is QuestionType.PROGRAMMES else ()
    return "\n".join(lines_of(unit, value, programme_names(codes)))
