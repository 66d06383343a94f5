"""What a student is asked to look at again: one text at a time, with everybody who reads that very text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils import timezone

from accounts import vault
from consent.given import Called, called, own_shares
from consent.models import Share
from consent.purposes import MAY_BE_EMPTY
from consent.recipients import recipients_of
from consent.reviews import digest_of_text, is_put_off, may_be_due, reviews_of
from consent.services.reviewing import due
from consent.texts import Said
from passport.models import Passport
from passport.questionnaire import Unit
from passport.services import open_sheet
from passport.translations import joined
from passport.wording import lines_of


@dataclass(frozen=True)
class AskedAgain:
    """One text whose day came. Personal: never in a log or a URL.

    `seen` names the text on the screen; `days`: since when it is due in each of `shares`; `newer`: the student has
    another text now, which these readers do not see; `place`: which need of the question it is, counted from one, for
    the page where it can be changed.
    """

    unit: Unit
    seen: str
    lines: tuple[str, ...] = field(repr=False)
    shares: tuple[Share, ...] = field(repr=False)
    days: tuple[date, ...]
    readers: tuple[Called, ...] = field(repr=False)
    newer: bool
    place: int | None
    put_off: bool

    @property
    def text(self) -> str:
        return joined("\n", (line for line in self.lines if line != self.unit.label))

    @property
    def is_why(self) -> bool:
        return self.unit.part == "why"


def asked_again(passport: Passport, key: vault.Key, share_id: UUID | None = None) -> list[AskedAgain]:
    """Every text a student is asked about today, in reading order: of one share, or of all shared now."""
    today = timezone.localdate()
    live = own_shares(passport).live(today)  # type: ignore[attr-defined]  # our own manager
    shares = [share for share in live if _is_candidate(share, key, today)]
    found: dict[tuple[str, str], list[tuple[Share, Said]]] = {}
    for share in shares:
        for said in due(share, key, today):
            seen = digest_of_text(key, said.unit.key, said.value)
            found.setdefault((said.unit.key, seen), []).append((share, said))
    groups = {text: rows for text, rows in found.items() if share_id in {None, *(share.pk for share, _ in rows)}}
    return _asked(passport, key, groups) if groups else []


def is_asked_again(passport: Passport, key: vault.Key) -> bool:
    """Whether the start page asks: something is due that the student did not say «Later» to."""
    return any(not one.put_off for one in asked_again(passport, key))


def _is_candidate(share: Share, key: vault.Key, today: date) -> bool:
    return may_be_due(share, key, today, may_be_empty=share.purpose in MAY_BE_EMPTY)


def _asked(
    passport: Passport, key: vault.Key, groups: dict[tuple[str, str], list[tuple[Share, Said]]]
) -> list[AskedAgain]:
    sheet = open_sheet(passport, key)
    told = sheet.said
    recipients = recipients_of([share for rows in groups.values() for share, _ in rows])
    order = {unit: place for place, unit in enumerate(sheet.questions.units)}

    def one(seen: str, rows: list[tuple[Share, Said]]) -> AskedAgain:
        said = rows[0][1]
        unit = said.unit
        needs = [row["need"] for row in sheet.text(unit.question.key).value or ()]
        return AskedAgain(
            unit=unit,
            seen=seen,
            lines=tuple(lines_of(unit, said.value)),
            shares=tuple(share for share, _ in rows),
            days=tuple(said.look_again_on for _, said in rows if said.look_again_on),
            readers=tuple(called(recipients[share.pk]) for share, _ in rows),
            newer=told.get(unit.key) != said.value,
            place=needs.index(unit.need) + 1 if unit.need in needs else None,
            put_off=_all_put_off(rows, key),
        )

    asked = [one(seen, rows) for (_, seen), rows in groups.items()]
    return sorted(asked, key=lambda asked: order.get(asked.unit.key, len(order)))


def _all_put_off(rows: Iterable[tuple[Share, Said]], key: vault.Key) -> bool:
    return all(is_put_off(reviews_of(share, key).get(said.unit.key), said.look_again_on) for share, said in rows)
