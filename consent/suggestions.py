"""What is suggested in the what-step of sharing: «Voorstel» beside a row. It ticks nothing; the student taps.

Every set stands here. A reason for a need and what is sensitive are in none of them, whatever a set says.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.choices import Choices, Group, Row
from consent.models import Purpose
from consent.purposes import SUGGESTED_AT_WORK
from passport.questionnaire import Unit

# «Alleen wat helpt»: these sections, as far as an intaker's two-minute brief has a place for them.
WHAT_HELPS = {"need", "transition"}


@dataclass(frozen=True, slots=True)
class SuggestionSet:
    """Which units, and in one sentence why these."""

    holds: Callable[[Unit], bool]
    because: str | Promise


def _helps_a_programme(unit: Unit) -> bool:
    """The chosen needs, what helps in a talk and when it is too much, and the student's own questions."""
    return unit.question.section in WHAT_HELPS and unit.question.brief is not None


def _helps_at_work(unit: Unit) -> bool:
    return unit.key in SUGGESTED_AT_WORK


AT_WORK = SuggestionSet(_helps_at_work, _("Voor stage of werk is dit vaak genoeg."))
# A purpose that is not here has no set: school and home know the student, who chooses without a nudge.
SETS: Mapping[str, SuggestionSet] = {
    Purpose.INTAKE: SuggestionSet(_helps_a_programme, _("Dit helpt een opleiding om je start te regelen.")),
    Purpose.INTERNSHIP: AT_WORK,
    Purpose.WORK: AT_WORK,
}


def suggested(purpose: str, units: Iterable[Unit]) -> frozenset[str]:
    """Which of these units are suggested for a purpose; never a reason for a need, never what is sensitive."""
    chosen = SETS.get(purpose)
    if chosen is None:
        return frozenset()
    return frozenset(unit.key for unit in units if unit.part != "why" and not unit.sensitive and chosen.holds(unit))


def because(purpose: str) -> str | Promise:
    """Why these, in one sentence to the student; empty when nothing is suggested for this purpose."""
    return SETS[purpose].because if purpose in SETS else ""


def with_suggestions(choices: Choices, units: Collection[str]) -> Choices:
    """The same rows, those that are suggested and say something marked. None is ticked by it."""
    groups = tuple(replace(group, rows=tuple(_marked(row, units) for row in group.rows)) for group in choices.plain)
    return replace(choices, plain=groups)


def only_suggested(choices: Choices, ticked: Collection[str]) -> Choices:
    """The suggested rows, and whatever is on already: nobody shares what they cannot see."""
    groups = (_narrowed(group, ticked) for group in choices.plain)
    return replace(choices, plain=tuple(group for group in groups if group.rows or group.blanks))


def has_suggestions(choices: Choices) -> bool:
    return any(row.suggested for group in choices.plain for row in group.rows)


def _marked(row: Row, units: Collection[str]) -> Row:
    return replace(row, suggested=row.unit in units)


def _narrowed(group: Group, ticked: Collection[str]) -> Group:
    rows = tuple(row for row in group.rows if row.suggested or row.unit in ticked)
    return replace(group, rows=rows, blanks=tuple(row for row in group.blanks if row.unit in ticked))
