"""Counting what happens, without persons, for the figures of a year (docs/decisions/0018).

A service calls `count_soon` right after the act, inside or outside its transaction: it counts once that is committed,
so an act never waits for a count and never fails by one. A crash in between loses one tick, which rounding hides.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Institution, Membership, Programme, Role, Student
from accounts.services import school_of
from consent.services import units_of
from intake.models import Case, Counted, Event, Tally, Tick
from intake.services.need_tally import school_year_of
from passport.services import route_of

# The owner of the key that seals ticks and counts; of nobody, so no erasure takes it away.
FIGURES = UUID("0b6c0a7e-8f3f-4f5e-9d0a-5a1f3c9f7a18")
TICK_FIELD, TALLY_FIELD = "intake.Tick.sealed", "intake.Tally.sealed"
TICK_BLOCK, TALLY_BLOCK = 512, 4096
AT_ONCE = 500
ALL, LEVEL, SECTOR, ROUTE, SUPPORT = "all", "level", "sector", "route", "support"
OTHER, WITH, WITHOUT = "other", "with", "without"
# What a follow-up counts as; that somebody finished, or that nobody knows, is not one of the figures.
OF_STATUS = {"enrolled": Event.STILL_THERE, "switched": Event.SWITCHED, "stopped": Event.STOPPED}

Counts = dict[str, dict[str, dict[str, dict[str, int]]]]
"""{place: {table: {row: {event: count}}}}, a place as «region <id>» or «institution <id>»."""


@dataclass(frozen=True, slots=True)
class What:
    """What a tick counts for: the region and school a student comes from, and the programme it is about."""

    region: str = ""
    school: str = ""
    college: str = ""
    rows: dict[str, str] = field(default_factory=dict)


# --- At the act --------------------------------------------------------------------------------------------


def count_soon(event: Event, case_id: UUID) -> None:
    """Counts that this happened in a case (shared, read, answered, agreed), after the transaction that is open.

    Each student counts once per school year and event, and once more for each college; again is no harm.
    """
    transaction.on_commit(partial(count, event, case_id), robust=True)


def count_follow_up_soon(status: str, case_id: UUID) -> None:
    """The same for the `status` of a follow-up: `enrolled`, `switched` and `stopped` are counted, others are not."""
    if event := OF_STATUS.get(status):
        count_soon(event, case_id)


def count(event: Event, case_id: UUID) -> None:
    """Counts now. What has no student any more counts nothing."""
    case = Case.objects.filter(pk=case_id, share__isnull=False)
    found = case.select_related("share__student__user", "share__student__passport", "programme__institution").first()
    if found is None or found.share is None:
        return
    student, year = found.share.student, school_year_of(timezone.now())
    with suppress(vault.Shredded, IntegrityError):  # erased meanwhile
        key, figures = vault.open_key(student.pk), figures_key()
        what = _what(
            student, key, found.programme, any(u.startswith("need.support.") for u in units_of(found.share, key))
        )
        with transaction.atomic():
            _count_start(student, key, figures, what, year)
            first = _is_first(student, key, f"{year}/{event}", year)
            first_here = _is_first(student, key, f"{year}/{event}/{what.college}", year)
            if first or first_here:
                add_tick(figures, event, year, what, home=first, college=first_here)


def count_started(on: date | None = None) -> int:
    """Counts who kept a first answer since the last time, under the school year of yesterday; returns how many.

    At night and not at the answer: saving in a lesson does no work for the figures. May run twice.
    """
    year = school_year_of((on or timezone.localdate()) - timedelta(days=1))
    waiting = Student.objects.filter(answers__revision__gt=0, counted=None, passport__isnull=False).distinct()
    ids, done = list(waiting.values_list("pk", flat=True)), 0
    for start in range(0, len(ids), AT_ONCE):
        some = Student.objects.filter(pk__in=ids[start : start + AT_ONCE]).select_related("user", "passport")
        done += _count_starts(list(some), year)
    return done


def _count_starts(students: list[Student], year: str) -> int:
    keys, figures = vault.open_keys(one.pk for one in students), figures_key()
    ready = [(one, keys[one.pk], _what(one, keys[one.pk])) for one in students if one.pk in keys]
    with transaction.atomic():
        return sum(_count_start(one, key, figures, what, year) for one, key, what in ready)


def _count_start(student: Student, key: vault.Key, figures: vault.Key, what: What, year: str) -> bool:
    """Once in a life here, in the year of the first answer; a programme is not known then."""
    if not _is_first(student, key, Event.STARTED, ""):
        return False
    home = What(what.region, what.school, "", {ROUTE: what.rows[ROUTE]})
    add_tick(figures, Event.STARTED, year, home, home=True, college=False)
    return True


def _is_first(student: Student, key: vault.Key, what: str, year: str) -> bool:
    row = {"student": student, "slot": key.slot(f"figures/{what}")}
    return Counted.objects.get_or_create(**row, defaults={"school_year": year})[1]


def _what(student: Student, key: vault.Key, programme: Programme | None = None, support: bool = False) -> What:
    school = school_of(student)
    rows = {ROUTE: route_of(student.passport, key) or OTHER}
    if programme:
        rows |= rows_of(programme) | {SUPPORT: WITH if support else WITHOUT}
    college = str(programme.institution_id) if programme else ""
    return What(_region(student, school), str(school.pk) if school else "", college, rows)


def rows_of(programme: Programme) -> dict[str, str]:
    """In which row of the tables a programme counts."""
    return {LEVEL: str(programme.level or OTHER), SECTOR: programme.sector or OTHER}


def _region(student: Student, school: Institution | None) -> str:
    """Of the school, else of the school somebody left last: who left counts for the region and for no school."""
    if school is None:
        ever = Membership.objects.filter(user=student.user_id, role=Role.STUDENT, school_class__isnull=False)
        last = ever.select_related("school_class__institution").order_by("-starts_on").first()
        school = last.school_class.institution if last and last.school_class else None
    return str(school.region_id or "") if school else ""


def add_tick(figures: vault.Key, event: str, year: str, what: What, *, home: bool, college: bool) -> Tick:
    """Writes one tick. `home`: it counts for region and school; `college`: for the college."""
    tick = Tick(school_year=year)
    content = {"event": str(event), "home": home, "at": college, **asdict(what)}
    tick.sealed = figures.seal(content, field=TICK_FIELD, row=tick.pk, block=TICK_BLOCK)
    tick.save(force_insert=True)
    return tick


def figures_key() -> vault.Key:
    """The site's own key of the figures, made when it is not there yet."""
    key = vault.open_keys([FIGURES]).get(FIGURES)
    if key is None:
        try:
            key = vault.create_key(FIGURES)
        except IntegrityError:
            key = vault.open_key(FIGURES)  # another process was first
    return key


# --- At night ----------------------------------------------------------------------------------------------


def fold() -> int:
    """Adds the ticks to the counts of their year and destroys them, so not even an order is left; returns how many."""
    done = 0
    for year in list(Tick.objects.values_list("school_year", flat=True).distinct()):
        while some := _fold_some(year):
            done += some
    return done


def _fold_some(year: str) -> int:
    key = figures_key()
    with transaction.atomic():
        tally, _ = Tally.objects.select_for_update().get_or_create(school_year=year)
        ticks = list(Tick.objects.filter(school_year=year)[:AT_ONCE])
        if not ticks:
            return 0
        counts = _opened(tally, key)
        for tick in ticks:
            _add(counts, key.open(tick.sealed, field=TICK_FIELD, row=tick.pk))
        tally.sealed = key.seal(counts, field=TALLY_FIELD, row=tally.pk, block=TALLY_BLOCK)
        tally.save(update_fields=["sealed"])
        Tick.objects.filter(pk__in=[tick.pk for tick in ticks]).delete()
    return len(ticks)


def counts_of(year: str) -> Counts:
    """The exact counts of a year. Only publishing asks for them: nobody ever sees them."""
    tally = Tally.objects.filter(school_year=year).first()
    return _opened(tally, figures_key()) if tally else {}


def _opened(tally: Tally, key: vault.Key) -> Counts:
    return key.open(tally.sealed, field=TALLY_FIELD, row=tally.pk) if tally.sealed else {}


def _add(counts: Counts, tick: dict[str, Any]) -> None:
    for place, rows in _places(tick):
        for table, row in rows:
            of = counts.setdefault(place, {}).setdefault(table, {}).setdefault(row, {})
            of[tick["event"]] = of.get(tick["event"], 0) + 1


def _places(tick: dict[str, Any]) -> Iterator[tuple[str, Iterable[tuple[str, str]]]]:
    """Where a tick counts. A school and a college get totals alone: their tables could be taken off a region's."""
    total = (ALL, ALL)
    if tick["home"] and tick["region"]:
        yield f"region {tick['region']}", [total, *tick["rows"].items()]
    if tick["home"] and tick["school"]:
        yield f"institution {tick['school']}", [total]
    if tick["at"] and tick["college"]:
        yield f"institution {tick['college']}", [total]
