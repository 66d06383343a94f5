"""How often a programme answered what to a need, per school year: counts of nobody, which stay after an erasure.

A student counts once per programme, need and year: another answer moves the count. The counts are sealed with the key
of the figures, so a database dump tells nothing of a small programme; whoever may see them gets whole fives, of a
school year that is over (intake/services/rounding.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Programme
from consent.purposes import end_of_school_year
from intake.models import FitAnswer, NeedTally
from intake.services.rounding import rounded

FIELD = "intake.NeedTally.sealed"
BLOCK = 4096  # its length does not tell how many needs were asked for
UNMET = (FitAnswer.NO, FitAnswer.PARTLY, FitAnswer.EXTERNAL)

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Unmet:
    """Help that students asked of a programme and did not get there, or not all of it: whole fives, None below five."""

    need: str
    no: int | None
    partly: int | None
    external: int | None


def school_year_of(moment: datetime | date) -> str:
    """The school year of a moment (in Amsterdam) or a day, as «2026-2027»."""
    day = timezone.localdate(moment) if isinstance(moment, datetime) else moment
    last = end_of_school_year(day).year
    return f"{last - 1}-{last}"


def count_answer(
    figures: vault.Key,
    *,
    programme_id: UUID,
    need: str,
    answer: str,
    at: datetime,
    was: tuple[str, datetime] | None = None,
) -> None:
    """Counts an answer that is sent at a moment; `was`, the one before it and its moment, gives its place.

    `figures`: intake/services/tally.py:figures_key, opened before the transaction that sends it.
    """
    year = school_year_of(at)
    with transaction.atomic():
        NeedTally.objects.get_or_create(programme_id=programme_id, school_year=year)
        row = NeedTally.objects.select_for_update(no_key=True).get(programme_id=programme_id, school_year=year)
        counts = _opened(row, figures)
        of = counts.setdefault(need, {})
        if was is not None and school_year_of(was[1]) == year:
            of[was[0]] = max(0, of.get(was[0], 0) - 1)
        of[answer] = of.get(answer, 0) + 1
        row.sealed = figures.seal(counts, field=FIELD, row=row.pk, block=BLOCK)
        row.save(update_fields=["sealed"])


def years_over(programmes: Iterable[Programme], today: date | None = None) -> list[str]:
    """The school years that are over and of which these programmes have counts, the newest first.

    A year that still runs is not shown: who looked every day would see a count grow past a five, and know it.
    """
    now = school_year_of(today or timezone.localdate())
    rows = NeedTally.objects.filter(programme__in=[one.pk for one in programmes], school_year__lt=now)
    return sorted(set(rows.values_list("school_year", flat=True)), reverse=True)


def unmet(programmes: Iterable[Programme], year: str, figures: vault.Key) -> dict[UUID, list[Unmet]]:
    """What these programmes could not give in a year that is over, by programme; rows that show nothing are left out.

    Raises ValueError for a year that is not over.
    """
    if year >= school_year_of(timezone.localdate()):
        raise ValueError("only a school year that is over may be shown")
    rows = NeedTally.objects.filter(programme__in=[one.pk for one in programmes], school_year=year)
    return {row.programme_id: _unmet(_opened(row, figures)) for row in rows}


def _unmet(counts: Counts) -> list[Unmet]:
    found = [Unmet(need, *(rounded(of.get(answer, 0)) for answer in UNMET)) for need, of in sorted(counts.items())]
    return [one for one in found if one.no or one.partly or one.external]


def _opened(row: NeedTally, figures: vault.Key) -> Counts:
    counts: Counts = figures.open(row.sealed, field=FIELD, row=row.pk) if row.sealed else {}
    return counts
