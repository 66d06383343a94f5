"""What each purpose allows: who may be the recipient, how long, which units, live or released (contract)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from consent.models import Purpose, RecipientKind

DISPLAY_IDENTITY = {
    "identity.official_name": "Mijn hele naam",
    "identity.birth_date": "De dag dat ik ben geboren",
    "identity.school": "Mijn school nu",
    "identity.application_ref": "Het nummer van mijn aanmelding",
}
WORKPLACES = {Purpose.INTERNSHIP, Purpose.WORK}
WORKPLACE_UNITS = ("me.name", "me.words", "need.internship", "need.what_to_do", "need.talk_with_me")
SAFETY = "need.safety"
# What is often enough for a placement: shown as a hint, ticked by nobody but the student (contract, rule 7).
SUGGESTED_AT_WORK = ("me.name", "can.strengths", "need.internship", "need.talk_with_me", "need.what_to_do")


def end_of_school_year(on: date) -> date:
    """31 July of the school year that a day is in."""
    return date(on.year + (on.month >= 8), 7, 31)


def first_of_october(on: date) -> date:
    """1 October of the starting year: the next summer's start, or this one's while it is before October."""
    return date(on.year + ((on.month, on.day) > (10, 1)), 10, 1)


def half_a_year_after_the_start(on: date) -> date:
    """1 February of the first year at the mbo, which starts after this school year."""
    return date(end_of_school_year(on).year + 1, 2, 1)


def a_school_year_from(first: date) -> date:
    """The last day a placement may have: at most one school year after its first, so a year less a day.

    The student gives both days. Who stays longer is asked again.
    """
    return first + timedelta(days=364)


@dataclass(frozen=True, slots=True)
class PurposeRule:
    """`live` = the reader sees the newest text; else the text the student released (contract, rule 2).

    `longest` gets today, or the first day of a placement.
    """

    live: bool
    longest: Callable[[date], date]


# One line for each purpose with each kind of recipient it may have; a pair that is not here cannot be given or read.
RULES: dict[tuple[str, str], PurposeRule] = {
    (Purpose.LOB, RecipientKind.SCHOOL_TEAM): PurposeRule(True, end_of_school_year),
    (Purpose.HOME, RecipientKind.GUARDIAN): PurposeRule(True, end_of_school_year),
    (Purpose.COACHING, RecipientKind.COACH): PurposeRule(True, half_a_year_after_the_start),
    (Purpose.ORIENTATION, RecipientKind.BUDDY): PurposeRule(False, lambda on: on + timedelta(days=7)),
    (Purpose.INTAKE, RecipientKind.PROGRAMME): PurposeRule(False, first_of_october),
    (Purpose.GUIDANCE, RecipientKind.COLLEGE_TEAM): PurposeRule(False, end_of_school_year),
    (Purpose.INTERNSHIP, RecipientKind.LINK): PurposeRule(False, a_school_year_from),
    (Purpose.WORK, RecipientKind.LINK): PurposeRule(False, a_school_year_from),
    (Purpose.INTAKE, RecipientKind.LINK): PurposeRule(False, lambda on: on + timedelta(days=30)),
}
# What a kind of recipient is there for; of a link the student says it.
PURPOSE_OF: dict[str, str] = {kind: purpose for purpose, kind in RULES if kind != RecipientKind.LINK}
LINK_PURPOSES: tuple[str, ...] = tuple(purpose for purpose, kind in RULES if kind == RecipientKind.LINK)
OUTSIDE_SCHOOL = set(RecipientKind) - {RecipientKind.SCHOOL_TEAM, RecipientKind.GUARDIAN}
MAY_BE_EMPTY = {Purpose.LOB, Purpose.HOME}
ORIENTATION_UNITS = ("want.seen", "want.nervous")


def fits(purpose: str, recipient_kind: str) -> bool:
    """Whether this purpose belongs to this kind of recipient."""
    return (purpose, recipient_kind) in RULES


def is_live(purpose: str, recipient_kind: str) -> bool:
    """Whether this reader always sees the newest text. A pair that does not fit is never live."""
    return fits(purpose, recipient_kind) and RULES[purpose, recipient_kind].live


def longest_until(purpose: str, recipient_kind: str, on: date, starts_on: date | None = None) -> date:
    """The last day a share given today (`on`) may have; of a placement that starts on `starts_on`."""
    return RULES[purpose, recipient_kind].longest(starts_on or on)


def allows_unit(purpose: str, unit: str, *, sensitive: bool, started: bool = False) -> bool:
    """Whether a unit may be shared for a purpose at all, whoever agrees (contract, rule 1).

    An employer may not hold health data, whatever the student says (AVG art. 9, Autoriteit Persoonsgegevens). What
    people at a placement must know to keep the student safe comes only once it has `started`.
    """
    if purpose == Purpose.ORIENTATION:
        return unit.startswith("me.") or unit in ORIENTATION_UNITS
    if purpose in WORKPLACES:
        help_unit = unit.startswith("need.support.") and not sensitive
        safety = unit == SAFETY and started
        return unit in WORKPLACE_UNITS or unit.startswith("can.") or help_unit or safety
    return True
