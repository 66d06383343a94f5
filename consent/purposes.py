"""What each purpose allows: who may be the recipient, how long, which units, live or released (contract)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from consent.models import Purpose, RecipientKind

DISPLAY_IDENTITY = {
    "identity.official_name": "Mijn hele naam",
    "identity.birth_date": "Mijn geboortedatum",
    "identity.school": "Mijn school nu",
    "identity.application_ref": "Het nummer van mijn aanmelding",
}
WORKPLACE_UNITS = ("me.name", "me.words", "need.internship", "need.what_to_do", "need.talk_with_me")


def end_of_school_year(on: date) -> date:
    """31 July of the school year that a day is in."""
    return date(on.year + (on.month >= 8), 7, 31)


def first_of_october(on: date) -> date:
    """1 October of the starting year: the next summer's start, or this one's while it is before October."""
    return date(on.year + ((on.month, on.day) > (10, 1)), 10, 1)


def half_a_year_after_the_start(on: date) -> date:
    """1 February of the first year at the mbo, which starts after this school year."""
    return date(end_of_school_year(on).year + 1, 2, 1)


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """`live` = the reader sees the newest text; else the text the student released (contract, rule 2)."""

    recipient: RecipientKind
    live: bool
    longest: Callable[[date], date]


RULES: dict[str, PurposeRule] = {
    Purpose.LOB: PurposeRule(RecipientKind.SCHOOL_TEAM, True, end_of_school_year),
    Purpose.HOME: PurposeRule(RecipientKind.GUARDIAN, True, end_of_school_year),
    Purpose.COACHING: PurposeRule(RecipientKind.COACH, True, half_a_year_after_the_start),
    Purpose.ORIENTATION: PurposeRule(RecipientKind.BUDDY, False, lambda on: on + timedelta(days=7)),
    Purpose.INTAKE: PurposeRule(RecipientKind.PROGRAMME, False, first_of_october),
    Purpose.GUIDANCE: PurposeRule(RecipientKind.COLLEGE_TEAM, False, end_of_school_year),
}
PURPOSE_OF: dict[str, str] = {rule.recipient: purpose for purpose, rule in RULES.items()}
OUTSIDE_SCHOOL = set(RecipientKind) - {RecipientKind.SCHOOL_TEAM, RecipientKind.GUARDIAN}
MAY_BE_EMPTY = {Purpose.LOB, Purpose.HOME}
ORIENTATION_UNITS = ("want.seen", "want.nervous")


def fits(purpose: str, recipient_kind: str) -> bool:
    """Whether this purpose belongs to this kind of recipient."""
    return purpose in RULES and RULES[purpose].recipient == recipient_kind


def allows_unit(purpose: str, unit: str, *, sensitive: bool) -> bool:
    """Whether a unit may be shared for a purpose at all, whoever agrees (contract, rule 1)."""
    if purpose == Purpose.ORIENTATION:
        return unit.startswith("me.") or unit in ORIENTATION_UNITS
    if purpose in {Purpose.INTERNSHIP, Purpose.WORK}:
        help_unit = unit.startswith("need.support.") and not sensitive
        return unit in WORKPLACE_UNITS or unit.startswith("can.") or help_unit
    return True
