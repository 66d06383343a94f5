"""Publishing the figures of a school year: once, rounded, and so that nobody can count back (docs/decisions/0018).

Rounding down makes every number stand for five counts. What could narrow that is adding and subtracting, so
- the last row of every table is never shown, whatever is in it: what is left over is then always unknown;
- schools and colleges get totals alone, because their tables could be taken off the region's;
- where the totals of all schools of a region, or of all colleges, would still tell, the smallest is left out too;
- two events together tell more than one, because who is read was shared with: what is left out for that reason is left
  out for every event (`out_of`).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Institution, Programme, Region
from accounts.refusals import Refusal
from intake.models import Counted, Event, Publication, Tally
from intake.services import tally
from intake.services.need_tally import school_year_of
from intake.services.rounding import STEP, rounded
from intake.services.tally import ALL, LEVEL, OTHER, ROUTE, SECTOR, SUPPORT, WITH, WITHOUT, Counts

EVENTS = tuple(str(event) for event in Event)
AT_A_PROGRAMME = EVENTS[1:]  # at the start nobody knows a programme yet
STEPS = tuple(
    str(one) for one in (Event.SHARED, Event.READ, Event.ANSWERED, Event.AGREED)
)  # none has more than the one before
Tables = dict[str, dict[str, dict[str, int | None]]]
Totals = dict[UUID, dict[str, int]]
Part = TypeVar("Part", str, UUID)
# Table → the rows that are shown, the row that never is, and what is counted in it.
SHAPE: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    LEVEL: (("1", "2", "3", "4"), OTHER, AT_A_PROGRAMME),
    SECTOR: (tuple(str(one) for one in Programme.Sector), OTHER, AT_A_PROGRAMME),
    ROUTE: (("mbo", "work"), OTHER, EVENTS),
    SUPPORT: ((WITH,), WITHOUT, AT_A_PROGRAMME),
}
LAST_DAY, FIRST_DAY_OUT = (7, 31), (9, 1)  # of a school year, and from when its figures are published


def publish_due(today: date | None = None) -> int:
    """Publishes the school year that ended last, from 1 September on, when that was not done; returns how many."""
    today = today or timezone.localdate()
    year = last_year(today)
    if today < date(_end_of(year).year, *FIRST_DAY_OUT) or Publication.objects.filter(school_year=year).exists():
        return 0
    return publish(year, today)


def publish(year: str, today: date | None = None) -> int:
    """Makes the tables of a year for every region, school and college, and destroys its exact counts.

    Nothing is made of a year that nothing was counted in. Returns how many. Raises Refusal for a year that is not over
    or is published already.
    """
    today = today or timezone.localdate()
    if today <= _end_of(year):
        raise Refusal("not_over", "Dit schooljaar is nog niet voorbij.", status=409)
    tally.fold()
    regions = list(Region.objects.values_list("pk", flat=True))
    institutions = list(Institution.objects.exclude(kind=Institution.Kind.EMPLOYER))
    counts = tally.counts_of(year)
    made = [Publication(region_id=pk, tables=region_tables(counts, pk, institutions)) for pk in regions]
    made += [Publication(institution_id=pk, tables=tables) for pk, tables in institution_tables(counts, institutions)]
    for one in made:
        one.school_year, one.published_on = year, today
        refuse_unrounded(one.tables)
    with transaction.atomic():
        if not Tally.objects.select_for_update().filter(school_year=year).first():
            return 0
        if Publication.objects.filter(school_year=year).exists():
            raise Refusal("published", "De cijfers van dit schooljaar staan vast.", status=409)
        Publication.objects.bulk_create(made, batch_size=500)
        Tally.objects.filter(school_year=year).delete()
        Counted.objects.filter(school_year=year).delete()
    return len(made)


def is_year(text: str) -> bool:
    """Whether this is how a school year is written: «2025-2026»."""
    return bool(re.fullmatch(r"20\d\d-20\d\d", text)) and int(text[5:]) == int(text[:4]) + 1


def last_year(today: date) -> str:
    """The school year that ended last before a day."""
    this = school_year_of(today)
    return f"{int(this[:4]) - 1}-{this[:4]}"


def _end_of(year: str) -> date:
    return date(int(year[5:]), *LAST_DAY)


# --- The tables --------------------------------------------------------------------------------------------


def region_tables(counts: Counts, region: UUID, institutions: Iterable[Institution]) -> Tables:
    """Every table of a region; the totals come from the counts, never from what was rounded."""
    mine = counts.get(f"region {region}", {})
    tables = {ALL: _total(mine.get(ALL, {}).get(ALL, {}), out_of_region(counts, region, institutions)[1])}
    for table, (shown, never, events) in SHAPE.items():
        rows = {row: mine.get(table, {}).get(row, {}) for row in shown}
        without = out_of(mine.get(ALL, {}).get(ALL, {}), rows)[0]
        tables[table] = {
            row: {event: None if row in without else rounded(rows[row].get(event, 0)) for event in events}
            for row in shown
        }
        tables[table][never] = dict.fromkeys(events, None)
    return tables


def institution_tables(counts: Counts, institutions: Iterable[Institution]) -> list[tuple[UUID, Tables]]:
    """The totals of every school and college, without those that would tell what was rounded away."""
    institutions = list(institutions)
    colleges = _totals(counts, [one for one in institutions if one.kind == Institution.Kind.MBO])
    schools = _totals(counts, [one for one in institutions if one.kind != Institution.Kind.MBO])
    of_regions, told = {}, set()
    for place, rows in counts.items():
        if place.startswith("region "):
            region = UUID(place[7:])
            places, events = out_of_region(counts, region, institutions)
            told |= places
            of_regions[region] = {e: n for e, n in rows[ALL][ALL].items() if e not in events}
    for event in EVENTS:
        told |= colleges_that_tell(of_regions, colleges, event)
    return [(pk, {ALL: _total(row, EVENTS if pk in told else ())}) for pk, row in (schools | colleges).items()]


def out_of_region(counts: Counts, region: UUID, institutions: Iterable[Institution]) -> tuple[set[UUID], set[str]]:
    """The schools of a region that are left out for every event, and the events whose total is left out."""
    mine = counts.get(f"region {region}", {})
    total = mine.get(ALL, {}).get(ALL, {})
    there = [one for one in institutions if one.region_id == region and one.kind != Institution.Kind.MBO]
    schools = _totals(counts, there)
    told: set[UUID] = set()
    for event in EVENTS:
        if not any(_down(schools[pk], event) for pk in told):
            told |= smallest_that_tells(total, schools, event)
    told, events = out_of(total, schools, told)
    for table, (shown, _, _events) in SHAPE.items():
        events |= out_of(total, {row: mine.get(table, {}).get(row, {}) for row in shown})[1]
    return told, events


def out_of(
    total: Mapping[str, int], parts: Mapping[Part, Mapping[str, int]], out: Collection[Part] = ()
) -> tuple[set[Part], set[str]]:
    """The parts to leave out for every event, and the events whose total is to be left out, where two steps tell.

    A part cannot have more of a later step than of an earlier one. So room that the earlier step leaves is all the
    room the later one has, apart from four for each part that is shown lower there. Where that is too little, the
    smallest part that helps is left out of both; where none helps, the total of the earlier step is. (Without that of
    the later one, somebody may still know that it is no small one.)
    """
    out, without = set(out), set[str]()
    for pair in ((a, b) for place, b in enumerate(STEPS) for a in STEPS[:place]):
        while (short := _short(total, parts, out, pair)) > 0 and not without & set(pair):
            helps = [pk for pk in parts if pk not in out and _short(total, parts, out | {pk}, pair) < short]
            if helps:
                out.add(min(helps, key=lambda pk: (parts[pk].get(pair[0], 0), str(pk))))
            else:
                without.add(pair[0])
    return out, without


def _short(
    total: Mapping[str, int], parts: Mapping[Part, Mapping[str, int]], out: set[Part], pair: tuple[str, str]
) -> int:
    """How much room the later step of a pair lacks. Of what is left out, somebody may know that it is no small one."""
    drops = []
    for pk, one in parts.items():
        high, low = (_down(one, event) for event in pair)
        drops.append(min(high, STEP) - min(low, STEP) if pk in out else high - low)
    return sum(drops) - (_down(total, pair[0]) - _down(total, pair[1])) - (STEP - 1) * sum(drop > 0 for drop in drops)


def smallest_that_tells(total: Mapping[str, int], parts: Totals, event: str) -> set[UUID]:
    """The smallest shown part of a total, where the rounded parts together say more of each than five counts."""
    if not _tells(_down(total, event), [_down(one, event) for one in parts.values()], _known(parts, event)):
        return set()
    shown = sorted((one[event], str(pk), pk) for pk, one in parts.items() if _down(one, event))
    return {pk for _, _, pk in shown[:1]}


def colleges_that_tell(regions: Totals, colleges: Totals, event: str) -> set[UUID]:
    """The same for colleges. Who shares with two counts at both, so together they are at least all regions."""
    total = {event: sum(_down(one, event) for one in regions.values())}
    lows = [_down(one, event) for one in regions.values()]
    alone = {
        pk
        for pk, one in colleges.items()
        if _down(one, event) and _tells(_down(one, event), lows, _known(regions, event))
    }
    return alone | (smallest_that_tells(total, colleges, event) if not alone else set())


def _tells(total: int, parts: Collection[int], known: int) -> bool:
    """Whether rounded-down parts fall so short of their total that each of them must be near its top.

    Each of the `known` parts holds at most four more than is shown. A larger gap says that there is more than these.
    """
    gap, room = total - sum(parts), STEP - 1
    return room * (known - 1) < gap <= room * known


def _known(parts: Totals, event: str) -> int:
    return sum(1 for one in parts.values() if one.get(event))


def _down(row: Mapping[str, int], event: str) -> int:
    return rounded(row.get(event, 0)) or 0


def _totals(counts: Counts, institutions: Iterable[Institution]) -> Totals:
    return {one.pk: counts.get(f"institution {one.pk}", {}).get(ALL, {}).get(ALL, {}) for one in institutions}


def _total(row: Mapping[str, int], without: Collection[str] = ()) -> dict[str, dict[str, int | None]]:
    return {ALL: {event: None if event in without else rounded(row.get(event, 0)) for event in EVENTS}}


def refuse_unrounded(tables: Tables) -> None:
    """The last look before anything is published. Raises ValueError for a number that is no whole five above nought."""
    numbers = (value for rows in tables.values() for cells in rows.values() for value in cells.values())
    if any(value is not None and (value < STEP or value % STEP) for value in numbers):
        raise ValueError("a figure is not rounded")
