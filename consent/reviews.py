"""When to look again at a need that is shared: what helps somebody changes, so each need has its day, half a year on.

The days stand sealed on every share, whatever it shares: the database does not tell which units are needs. With each
day stands a digest of the text that was looked at. A text that is another one now (a live share) was looked at when it
was written, so nobody is asked about what they wrote last week.
"""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Protocol

from django.utils import timezone

from accounts import vault
from consent.models import Share, ShareItem
from passport.questionnaire import Unit

REVIEWS_FIELD = "consent.Share.sealed_reviews"
# Room for every need and every reason there is: a share of none is as long as a share of all.
REVIEWS_BLOCK = 2048
LOOK_AGAIN = timedelta(days=183)
LATER = "later"
NEEDS = {"support", "why"}


@dataclass(frozen=True, slots=True)
class Review:
    """One need: the day to look again, which text that is about, and whether the student said «Later» to that day."""

    on: date
    text: str
    later: bool = False


class SaidNeed(Protocol):
    """What is needed here of consent/texts.py:Said."""

    @property
    def unit(self) -> Unit: ...
    @property
    def value(self) -> Any: ...
    @property
    def look_again_on(self) -> date | None: ...


def is_need(unit: Unit) -> bool:
    """Whether a unit is a need or the reason for one: a part of a question of type `needs`."""
    return unit.part in NEEDS


def will_be_asked(units: Iterable[str], known: Mapping[str, Unit], until: date) -> bool:
    """Whether a student who shares these units today is asked again: one is a need, and it runs half a year."""
    runs = until >= timezone.localdate() + LOOK_AGAIN
    return runs and any(unit in known and is_need(known[unit]) for unit in units)


def reviews_of(share: Share, key: vault.Key) -> dict[str, Review]:
    """The review of each shared need, by unit. Raises Tampered or Shredded."""
    if share.sealed_reviews is None:
        return {}
    kept: dict[str, str] = key.open(share.sealed_reviews, field=REVIEWS_FIELD, row=share.pk)
    return {unit: _opened(*line.split()) for unit, line in kept.items()}


def seal_reviews(share: Share, key: vault.Key, reviews: dict[str, Review]) -> bytes:
    """What stands on the share, of one length whatever it holds."""
    lines = {unit: _line(one) for unit, one in reviews.items()}
    return key.seal(lines, field=REVIEWS_FIELD, row=share.pk, block=REVIEWS_BLOCK)


def renewed(share: Share, key: vault.Key, said: Iterable[SaidNeed], looked_at: Container[bytes] = ()) -> bytes:
    """The reviews of a share whose recipient sees something else from now on, sealed.

    `said`: what the recipient will see; `looked_at`: the slots of what the student looked at now. What is new counts
    from today, what stays keeps its day, what is gone is forgotten.
    """
    kept, reviews = reviews_of(share, key), {}
    for one in said:
        if not is_need(one.unit):
            continue
        unit, text = one.unit.key, digest_of_text(key, one.unit.key, one.value)
        if unit not in kept or one.look_again_on is None or key.slot(unit) in looked_at:
            reviews[unit] = Review(timezone.localdate() + LOOK_AGAIN, text)
        else:
            reviews[unit] = Review(one.look_again_on, text, kept[unit].later and kept[unit].on == one.look_again_on)
    return seal_reviews(share, key, reviews)


def put_off(share: Share, key: vault.Key, said: Iterable[SaidNeed]) -> bytes:
    """The reviews of a share after «Later» to these needs, sealed: the same days, not asked on the start page."""
    reviews = reviews_of(share, key)
    for one in said:
        if one.look_again_on is not None:
            text = digest_of_text(key, one.unit.key, one.value)
            reviews[one.unit.key] = Review(one.look_again_on, text, later=True)
    return seal_reviews(share, key, reviews)


def digest_of_text(key: vault.Key, unit: str, value: Any) -> str:
    """Which text of a unit this is, in eight characters that die with the key."""
    text = json.dumps([unit, value], sort_keys=True, ensure_ascii=False)
    return key.mac("review", text.encode()).hex()[:8]


class Days:
    """The days of one share while it is read; its seal is opened when the first need comes by."""

    def __init__(self, share: Share, key: vault.Key) -> None:
        self.share, self.key = share, key

    @cached_property
    def _kept(self) -> dict[str, Review]:
        return reviews_of(self.share, self.key)

    def of(self, item: ShareItem, unit: Unit, value: Any) -> date | None:
        """The day to look again at what an item says; None for what is no need."""
        if not is_need(unit):
            return None
        if item._state.adding:  # a plan: it is looked at with the yes
            return timezone.localdate() + LOOK_AGAIN
        known = self._kept.get(unit.key)
        if known and known.text == digest_of_text(self.key, unit.key, value):
            return known.on
        written = item.revision or (item.answer.newest if item.answer else None)
        moments = [written.created_at] if written else []
        if not known:
            moments.append(self.share.released_at)
        return timezone.localdate(max(moments)) + LOOK_AGAIN


def may_be_due(share: Share, key: vault.Key, on: date, *, may_be_empty: bool) -> bool:
    """Whether it is worth opening the texts of a share to see what is due: never no when something is."""
    kept = reviews_of(share, key)
    is_old = timezone.localdate(share.released_at) + LOOK_AGAIN <= on
    # What was empty when it was shared has no day of its own.
    without_day = share.sealed_reviews is None or may_be_empty
    return any(one.on <= on for one in kept.values()) or (is_old and without_day)


def is_put_off(kept: Review | None, day: date | None) -> bool:
    """Whether the student said «Later» to this very day."""
    return kept is not None and kept.later and kept.on == day


def _line(one: Review) -> str:
    return " ".join([one.on.isoformat(), one.text, *([LATER] if one.later else [])])


def _opened(on: str, text: str, later: str = "") -> Review:
    return Review(date.fromisoformat(on), text, later == LATER)
