"""Counting back: whoever has every published table, and knows how they hang together, pins nobody (issue 6, done 3).

A linear programme finds the lowest and highest count every cell can have, published or not, given all tables of all
regions, schools and colleges, and all steps at once: who is read was shared with, so no place has more of a later step.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy import array, maximum, minimum, ones, zeros
from scipy.optimize import linprog
from scipy.sparse import lil_array

from accounts.models import Institution
from intake.services import tally
from intake.services.publishing import AT_A_PROGRAMME, EVENTS, SHAPE, STEPS, institution_tables, region_tables
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
    """What is published of every step, as somebody who wants to count back writes it down."""

    bounds: dict[Cell, tuple[int, int]] = field(default_factory=dict)
    equal: list[dict[Cell, int]] = field(default_factory=list)
    at_most: list[dict[Cell, int]] = field(default_factory=list)

    def narrow(self) -> list[tuple[Cell, int, int]]:
        """The cells that are pinned to fewer than five counts, with the lowest and highest that fits with everything.

        Every answer is a way it may have been, for all cells at once: who is wide enough by then is not asked for.
        """
        cells = list(self.bounds)
        place = {cell: number for number, cell in enumerate(cells)}
        known: dict[str, Any] = {"bounds": list(self.bounds.values()), "method": "highs"}
        for name, rows in (("eq", self.equal), ("ub", self.at_most)):
            if rows:
                known |= {f"A_{name}": self._matrix(rows, place), f"b_{name}": zeros(len(rows))}

        def way(goal: Any) -> Any:
            found = linprog(goal, **known)
            assert found.status == 0, found.message
            return found.x

        ways = array([way(ones(len(cells))), way(-ones(len(cells)))])
        low, high = ways.min(axis=0), ways.max(axis=0)
        narrow = []
        for number, cell in enumerate(cells):
            for sign in (1, -1):
                if _whole(low[number], high[number]) < 4:
                    goal = zeros(len(cells))
                    goal[number] = sign
                    found = way(goal)
                    low, high = minimum(low, found), maximum(high, found)
            if _whole(low[number], high[number]) < 4:
                narrow.append((cell, ceil(low[number] - 1e-6), floor(high[number] + 1e-6)))
        return narrow

    def _matrix(self, rows: list[dict[Cell, int]], place: dict[Cell, int]) -> Any:
        matrix = lil_array((len(rows), len(place)))
        for number, row in enumerate(rows):
            for cell, weight in row.items():
                matrix[number, place[cell]] = weight
        return matrix.tocsr()


def _whole(low: float, high: float) -> int:
    return floor(high + 1e-6) - ceil(low - 1e-6)


def tick(event: str, region: int, school: int | None, colleges: list[int], rows: dict[str, str]) -> Iterator[Any]:
    """What one student leaves: once for region and school, once for each college."""
    at = str(SCHOOL_OF[region][school % len(SCHOOL_OF[region])]) if school is not None else ""
    for place, college in enumerate(colleges):
        where = {"region": str(REGIONS[region]), "school": at, "college": str(COLLEGES[college])}
        yield {"event": event, "home": place == 0, "at": True, "rows": rows, **where}


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
        st.tuples(*[st.just(0) | st.integers(0, 3)] * (len(STEPS) - 1)),
    ),
    min_size=1,
    max_size=14,
)


def counted(groups: Any) -> tally.Counts:
    """The counts of groups alike; `lost` says how many of a group do not come to each next step."""
    counts: tally.Counts = {}
    for region, school, colleges, rows, times, *lost in groups:
        for place, event in enumerate(STEPS):
            times = max(0, times - ((0, *lost[0])[place] if lost else 0))
            for _ in range(times):
                for one in tick(event, region, school, colleges, rows):
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
    one = Attack()
    published = dict(institution_tables(counts, PLACES))
    regions = regions or {pk: region_tables(counts, pk, PLACES) for pk in REGIONS}
    for event in STEPS:
        _one_step(one, event, counts, published, regions, knows_why=knows_why, colleges=colleges)
    for before, after in pairwise(STEPS):
        one.at_most += [{cell: 1, (before, *cell[1:]): -1} for cell in one.bounds if cell[0] == after]
    return one


def _one_step(
    one: Attack, event: str, counts: tally.Counts, published: Any, regions: Any, *, knows_why: bool, colleges: bool
) -> None:
    def put(cell: Cell, value: int | None, place: str, table: str = ALL, row: str = ALL, *, free: bool = False) -> None:
        truth = counts.get(place, {}).get(table, {}).get(row, {}).get(event, 0)
        one.bounds[event, *cell] = (0, MANY) if free else bound(value, truth, knows_why=knows_why)

    for pk, tables in regions.items():
        total = (event, pk, ALL)
        put((pk, ALL), tables[ALL][ALL][event], f"region {pk}")
        for table in SHAPE:
            for row, cells in tables[table].items():
                always = row == SHAPE[table][1] and cells[event] is None
                put((pk, table, row), cells[event], f"region {pk}", table, row, free=always)
            one.equal.append({total: -1, **{(event, pk, table, row): 1 for row in tables[table]}})
    for pk in [*SCHOOLS, *(COLLEGES if colleges else [])]:
        put((pk,), published[pk][ALL][ALL][event], f"institution {pk}")
    for place, pk in enumerate(REGIONS):
        one.bounds[event, pk, "left"] = (0, MANY) if knows_why or _somebody_left(counts, pk, event) else (0, 0)
        schools = {(event, school): 1 for school in SCHOOL_OF[place]}
        one.equal.append({(event, pk, ALL): -1, (event, pk, "left"): 1, **schools})
    if colleges:
        # Who counts for a region counts for a college too; and no college has more students than all regions.
        everybody = {(event, pk, ALL): 1 for pk in REGIONS}
        one.at_most.append({**everybody, **{(event, pk): -1 for pk in COLLEGES}})
        one.at_most += [{(event, pk): 1, **dict.fromkeys(everybody, -1)} for pk in COLLEGES]


def _somebody_left(counts: tally.Counts, region: UUID, event: str) -> bool:
    total = counts.get(f"region {region}", {}).get(ALL, {}).get(ALL, {}).get(event, 0)
    schools = [pk for pk, where in SCHOOLS.items() if where == region]
    return sum(counts.get(f"institution {pk}", {}).get(ALL, {}).get(ALL, {}).get(event, 0) for pk in schools) < total


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
    tables = [region_tables(counts, pk, PLACES) for pk in REGIONS] + [
        one for _, one in institution_tables(counts, PLACES)
    ]
    numbers = [n for one in tables for rows in one.values() for cells in rows.values() for n in cells.values()]
    assert all(n is None or (n >= 5 and n % 5 == 0) for n in numbers)


@SLOW
@given(groups=GROUPS)
def test_a_total_is_computed_before_rounding(groups):
    counts = counted(groups)
    for pk in REGIONS:
        true = counts.get(f"region {pk}", {}).get(ALL, {}).get(ALL, {}).get(EVENT, 0)
        assert region_tables(counts, pk, PLACES)[ALL][ALL][EVENT] in (rounded(true), None)


# --- The attack itself works ---------------------------------------------------------------------------------

TWELVE = {"level": "1", "sector": "care", "route": "mbo", "support": WITH}
THIRTEEN = {"level": "2", "sector": "green", "route": "work", "support": WITHOUT}


@pytest.mark.parametrize("table", ["level", "support"])
def test_the_attack_sees_what_a_full_table_tells(table):
    """12 and 13 shown as 10 and 10, with their total of 25: each is at least 11 then."""
    counts = counted([(0, None, [0], TWELVE, 12), (0, None, [0], THIRTEEN, 13)])
    rows = counts[f"region {REGIONS[0]}"][table]
    full = {pk: region_tables(counts, pk, PLACES) for pk in REGIONS}
    full[REGIONS[0]][table] = {row: {one: rounded(cells[one]) for one in STEPS} for row, cells in rows.items()}
    assert [cell for cell, low, _ in attack(counts, regions=full).narrow() if cell[2:3] == (table,) and low == 11]


def test_the_attack_sees_what_two_schools_tell(monkeypatch):
    """The same for two schools of a region: without leaving the smallest out, both would be pinned."""
    counts = counted([(1, 0, [0], TWELVE, 12), (1, 1, [0], TWELVE, 13)])
    assert pinned(attack(counts)) == []
    shown = [one[ALL][ALL][EVENT] for _, one in institution_tables(counts, PLACES)]
    assert shown.count(10) == 1
    monkeypatch.setattr("intake.services.publishing._tells", lambda *_: False)
    assert pinned(attack(counts))


def of_schools(**steps: list[int]) -> tally.Counts:
    """Counts of the three schools of a region, for the steps that are named."""
    there = SCHOOL_OF[0]
    counts: tally.Counts = {
        f"institution {pk}": {ALL: {ALL: {event: row[place] for event, row in steps.items()}}}
        for place, pk in enumerate(there)
    }
    total = {event: sum(row) for event, row in steps.items()}
    counts[f"region {REGIONS[0]}"] = {
        ALL: {ALL: total},
        **{table: {OTHER: total} for table in SHAPE if table != "support"},
    }
    return counts


@pytest.mark.parametrize(
    "steps",
    [
        {"shared": [9, 9, 10], "read": [9, 9, 9]},
        {"shared": [9, 9, 5], "read": [9, 9, 4]},
        {"shared": [12, 12, 12], "read": [12, 12, 9]},
        {"shared": [14, 14, 14], "read": [14, 14, 14], "answered": [14, 14, 9], "agreed": [12, 12, 9]},
    ],
)
def test_two_steps_together_pin_no_school(steps):
    counts = of_schools(**steps)
    assert pinned(attack(counts, colleges=False)) == []
    assert pinned(attack(counts, colleges=False, knows_why=True)) == []


def test_the_attack_sees_what_two_steps_tell(monkeypatch):
    """48 and 45, shown as 45 and 45: a row of 12 and 9 cannot be read by five then."""
    kinds = [{"level": one, "sector": "care", "route": "mbo", "support": WITH} for one in "1234"]
    lost = [(0, None, [0], kinds[0], 12, (3, 0, 0)), *((0, None, [0], kind, 12) for kind in kinds[1:])]
    counts = counted(lost)
    assert pinned(attack(counts, colleges=False)) == []
    assert region_tables(counts, REGIONS[0], PLACES)["level"]["1"] == dict.fromkeys(AT_A_PROGRAMME)
    monkeypatch.setattr("intake.services.publishing._short", lambda *_: 0)
    assert ("read", REGIONS[0], "level", "1") in {cell for cell, _, _ in attack(counts, colleges=False).narrow()}


def test_what_is_left_out_of_one_step_is_left_out_of_all():
    counts = of_schools(shared=[9, 9, 5], read=[9, 9, 4], answered=[9, 9, 4])
    for _, tables in institution_tables(counts, PLACES[:3]):
        shown = [tables[ALL][ALL][event] is not None for event in ("shared", "read")]
        assert shown in ([False, False], [True, True], [True, False])
    assert None in [tables[ALL][ALL]["shared"] for _, tables in institution_tables(counts, PLACES[:3])]


def test_every_shown_number_stands_for_five_counts():
    """To the nearest a shown 5 would be 5, 6 or 7: that is why it is down."""
    stands_for = Counter(rounded(count) for count in range(100))
    assert set(stands_for.values()) == {5} and stands_for[None] == 5


def test_the_last_row_of_every_table_is_never_shown():
    counts = counted([(0, 0, [0], {"level": OTHER, "sector": OTHER, "route": OTHER, "support": WITHOUT}, 60)])
    tables = region_tables(counts, REGIONS[0], PLACES)
    for table, (_, never, _events) in SHAPE.items():
        assert set(tables[table][never].values()) == {None}
    assert tables[ALL][ALL][EVENT] == 60
    assert EVENTS[0] == "started" and "started" not in AT_A_PROGRAMME


def test_no_table_has_a_cluster_or_a_free_cross():
    assert set(SHAPE) == {"level", "sector", "route", "support"}
