"""Counting back: whoever has every published table, and knows how they hang together, pins nobody (issue 6, done 3).

The attack is exact: a linear programme finds the lowest and highest count every cell can have, published or not, given
all tables of all regions, schools and colleges at once. The sets are convex with whole corners, so nothing finds more.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy import array, zeros
from scipy.optimize import linprog

from accounts.models import Institution
from intake.services import tally
from intake.services.publishing import AT_A_PROGRAMME, EVENTS, SHAPE, institution_tables, region_tables
from intake.services.rounding import rounded
from intake.services.tally import ALL, OTHER, WITH, WITHOUT

EVENT = "shared"
MANY = 10_000  # more than anybody counted: no upper end
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
REGIONS = [UUID(int=number) for number in (1, 2)]
SCHOOLS = {UUID(int=10 + number): REGIONS[number // 3] for number in range(5)}
COLLEGES = [UUID(int=20 + number) for number in range(3)]
PLACES = [Institution(pk=pk, kind="vso", region_id=region) for pk, region in SCHOOLS.items()]
PLACES += [Institution(pk=pk, kind="mbo", region_id=REGIONS[0]) for pk in COLLEGES]
Cell = tuple[Any, ...]


@dataclass
class Attack:
    """What is published of one event, as somebody who wants to count back writes it down."""

    bounds: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    equal: list[dict[Cell, int]] = field(default_factory=list)
    at_most: list[dict[Cell, int]] = field(default_factory=list)

    def ranges(self) -> Iterator[tuple[Cell, int, int]]:
        """Per cell the lowest and highest whole count that fits with everything."""
        cells = list(self.bounds)
        place = {cell: number for number, cell in enumerate(cells)}
        known: dict[str, Any] = {"bounds": list(self.bounds.values()), "method": "highs"}
        for name, rows in (("eq", self.equal), ("ub", self.at_most)):
            if rows:
                known |= {f"A_{name}": array([self._row(row, place) for row in rows]), f"b_{name}": zeros(len(rows))}
        for cell in cells:
            ends = []
            for sign in (1, -1):
                goal = [0] * len(cells)
                goal[place[cell]] = sign
                found = linprog(goal, **known)
                assert found.status == 0, found.message
                ends.append(sign * found.fun)
            yield cell, ceil(ends[0] - 1e-6), floor(ends[1] + 1e-6)

    def _row(self, row: dict[Cell, int], place: dict[Cell, int]) -> list[int]:
        line = [0] * len(place)
        for cell, weight in row.items():
            line[place[cell]] = weight
        return line

    def narrow(self) -> list[tuple[Cell, int, int]]:
        """The cells that are pinned to fewer than five counts."""
        return [(cell, low, high) for cell, low, high in self.ranges() if high - low < 4]


def tick(region: int, school: int | None, colleges: list[int], rows: dict[str, str]) -> Iterator[dict[str, Any]]:
    """What one student leaves: once for region and school, once for each college."""
    at = str(SCHOOL_OF[region][school % len(SCHOOL_OF[region])]) if school is not None else ""
    for place, college in enumerate(colleges):
        where = {"region": str(REGIONS[region]), "school": at, "college": str(COLLEGES[college])}
        yield {"event": EVENT, "home": place == 0, "at": True, "rows": rows, **where}


SCHOOL_OF = [[pk for pk, region in SCHOOLS.items() if region == one] for one in REGIONS]
ROWS = st.fixed_dictionaries(
    {table: st.sampled_from([*shown, never]) for table, (shown, never, _) in SHAPE.items()},
)
GROUPS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.none() | st.integers(0, 2),
        st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True),
        ROWS,
        st.integers(1, 14),
    ),
    min_size=1,
    max_size=14,
)


def counted(groups: Any) -> tally.Counts:
    counts: tally.Counts = {}
    for region, school, colleges, rows, times in groups:
        for one in tick(region, school, colleges, rows):
            for _ in range(times):
                tally._add(counts, one)
    return counts


def bound(value: int | None, truth: int, *, knows_why: bool) -> tuple[int, int]:
    if value is not None:
        return (value, value + 4)
    if not knows_why:
        return (0, MANY)
    return (0, 4) if truth < 5 else (5, MANY)


def attack(
    counts: tally.Counts, *, regions: dict[UUID, Any] | None = None, knows_why: bool = False, colleges: bool = True
) -> Attack:
    """Everything that is published at once. `knows_why`: they know which number is left out because it is small."""
    published = dict(institution_tables(counts, PLACES))
    one = Attack()
    regions = regions or {pk: region_tables(counts, pk) for pk in REGIONS}
    for pk, tables in regions.items():
        true = counts.get(f"region {pk}", {})
        total = (pk, ALL)
        one.bounds[total] = bound(
            tables[ALL][ALL][EVENT], true.get(ALL, {}).get(ALL, {}).get(EVENT, 0), knows_why=knows_why
        )
        for table, rows in tables.items():
            if table == ALL:
                continue
            for row, cells in rows.items():
                count = true.get(table, {}).get(row, {}).get(EVENT, 0)
                always = row == SHAPE[table][1] and cells[EVENT] is None
                one.bounds[pk, table, row] = (0, MANY) if always else bound(cells[EVENT], count, knows_why=knows_why)
            one.equal.append({total: -1, **{(pk, table, row): 1 for row in rows}})
    for pk in [*SCHOOLS, *(COLLEGES if colleges else [])]:
        true_total = counts.get(f"institution {pk}", {}).get(ALL, {}).get(ALL, {}).get(EVENT, 0)
        one.bounds[pk,] = bound(published[pk][ALL][ALL][EVENT], true_total, knows_why=knows_why)
    for place, pk in enumerate(REGIONS):
        nobody_left = all(school is not None for school in _schools_seen(counts, pk))
        one.bounds[pk, "left"] = (0, MANY) if not nobody_left or knows_why else (0, 0)
        one.equal.append({(pk, ALL): -1, (pk, "left"): 1, **{(school,): 1 for school in SCHOOL_OF[place]}})
    if colleges:
        # Who counts for a region counts for a college too; and no college has more students than all regions.
        everybody = {(pk, ALL): 1 for pk in REGIONS}
        one.at_most.append({**everybody, **{(pk,): -1 for pk in COLLEGES}})
        one.at_most += [{(pk,): 1, **dict.fromkeys(everybody, -1)} for pk in COLLEGES]
    return one


def _schools_seen(counts: tally.Counts, region: UUID) -> list[Any]:
    """[None] when somebody of a region is at no school now."""
    total = counts.get(f"region {region}", {}).get(ALL, {}).get(ALL, {}).get(EVENT, 0)
    schools = [pk for pk, where in SCHOOLS.items() if where == region]
    at = sum(counts.get(f"institution {pk}", {}).get(ALL, {}).get(ALL, {}).get(EVENT, 0) for pk in schools)
    return [None] if at < total else ["all"]


def pinned(found: Attack) -> list[Any]:
    """What is narrower than five, apart from what the attacker brought along."""
    return [cell for cell in found.narrow() if cell[0][-1] != "left"]


@SLOW
@given(groups=GROUPS)
@example(groups=[(0, 0, [0], {"level": "1", "sector": "care", "route": "mbo", "support": WITH}, 9)] * 2)
def test_nothing_can_be_counted_back_from_all_tables_at_once(groups):
    assert pinned(attack(counted(groups))) == []


@SLOW
@given(groups=GROUPS)
def test_nor_by_who_knows_which_number_is_left_out_because_it_is_small(groups):
    assert pinned(attack(counted(groups), knows_why=True, colleges=False)) == []


@SLOW
@given(groups=GROUPS)
def test_no_published_number_is_small_or_not_a_five(groups):
    counts = counted(groups)
    tables = [region_tables(counts, pk) for pk in REGIONS] + [one for _, one in institution_tables(counts, PLACES)]
    numbers = [n for one in tables for rows in one.values() for cells in rows.values() for n in cells.values()]
    assert all(n is None or (n >= 5 and n % 5 == 0) for n in numbers)


@SLOW
@given(groups=GROUPS)
def test_a_total_is_computed_before_rounding(groups):
    counts = counted(groups)
    for pk in REGIONS:
        true = counts.get(f"region {pk}", {}).get(ALL, {}).get(ALL, {}).get(EVENT, 0)
        assert region_tables(counts, pk)[ALL][ALL][EVENT] == rounded(true)


# --- The attack itself works ---------------------------------------------------------------------------------

TWELVE = {"level": "1", "sector": "care", "route": "mbo", "support": WITH}
THIRTEEN = {"level": "2", "sector": "green", "route": "work", "support": WITHOUT}


@pytest.mark.parametrize("table", ["level", "support"])
def test_the_attack_sees_what_a_full_table_tells(table):
    """12 and 13 shown as 10 and 10, with their total of 25: each is at least 11 then."""
    counts = counted([(0, None, [0], TWELVE, 12), (0, None, [0], THIRTEEN, 13)])
    rows = counts[f"region {REGIONS[0]}"][table]
    full = {pk: region_tables(counts, pk) for pk in REGIONS}
    full[REGIONS[0]][table] = {row: {EVENT: rounded(cells[EVENT])} for row, cells in rows.items()}
    assert [cell for cell, low, _ in attack(counts, regions=full).narrow() if cell[1:2] == (table,) and low == 11]


def test_the_attack_sees_what_two_schools_tell(monkeypatch):
    """The same for two schools of a region: without leaving the smallest out, both would be pinned."""
    counts = counted([(1, 0, [0], TWELVE, 12), (1, 1, [0], TWELVE, 13)])
    assert pinned(attack(counts)) == []
    shown = [one[ALL][ALL][EVENT] for _, one in institution_tables(counts, PLACES)]
    assert shown.count(10) == 1
    monkeypatch.setattr("intake.services.publishing._tells", lambda *_: False)
    assert pinned(attack(counts))


def test_every_shown_number_stands_for_five_counts():
    """To the nearest a shown 5 would be 5, 6 or 7: that is why it is down."""
    stands_for = Counter(rounded(count) for count in range(100))
    assert set(stands_for.values()) == {5} and stands_for[None] == 5


def test_the_last_row_of_every_table_is_never_shown():
    counts = counted([(0, 0, [0], {"level": OTHER, "sector": OTHER, "route": OTHER, "support": WITHOUT}, 60)])
    tables = region_tables(counts, REGIONS[0])
    for table, (_, never, _events) in SHAPE.items():
        assert set(tables[table][never].values()) == {None}
    assert tables[ALL][ALL][EVENT] == 60
    assert EVENTS[0] == "started" and "started" not in AT_A_PROGRAMME


def test_no_table_has_a_cluster_or_a_free_cross():
    assert set(SHAPE) == {"level", "sector", "route", "support"}
