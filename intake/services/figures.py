"""Reading the published figures: a region its own, a coordinator their own school or college, nobody else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Institution, Membership, Programme, Region, Role, User
from accounts.places import Place, places_today
from accounts.refusals import NotHere
from intake.models import Event, Publication
from intake.services.publishing import SHAPE
from intake.services.rounding import as_json
from intake.services.tally import ALL, LEVEL, ROUTE, SECTOR, SUPPORT, WITH, WITHOUT

TITLES = {
    ALL: "Alle studenten",
    LEVEL: "Per niveau",
    SECTOR: "Per sector",
    ROUTE: "Per route",
    SUPPORT: "Met en zonder hulp",
}
ROWS = {
    ALL: {ALL: "Alle studenten"},
    LEVEL: {str(level): f"Niveau {level}" for level in range(1, 5)},
    SECTOR: {str(value): str(label) for value, label in Programme.Sector.choices},
    ROUTE: {"mbo": "Naar het mbo", "work": "Naar werk"},
    SUPPORT: {WITH: "Deelde een vraag om hulp", WITHOUT: "Deelde geen vraag om hulp"},
}
REST = "Anders of niet bekend"
BAR, WIDE, EDGE = 30, 190, 2  # of the drawing: the height of a step, the longest bar, and where it begins


@dataclass(frozen=True, slots=True)
class Bar:
    """One number: a cell of the table and a bar of the drawing. None: it is left out."""

    event: str
    label: str
    value: int | None
    y: int = 0
    width: int = 0

    @property
    def text_y(self) -> int:
        return self.y + 12

    @property
    def bar_y(self) -> int:
        return self.y + 17

    @property
    def end(self) -> int:
        return EDGE + self.width + 4


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    label: str
    bars: tuple[Bar, ...]
    is_never_shown: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its drawings, one for each row that is shown: the same numbers, from the same bars."""

    key: str
    title: str
    rows: tuple[Row, ...]

    @property
    def height(self) -> int:
        return len(self.rows[0].bars) * BAR

    @property
    def steps(self) -> list[tuple[str, list[tuple[Row, Bar]]]]:
        """As the page shows it: a line for each step, the rows side by side."""
        columns = list(zip(*(row.bars for row in self.rows), strict=True))
        return [(bars[0].label, list(zip(self.rows, bars, strict=True))) for bars in columns]

    @property
    def drawn(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.is_never_shown)


def places_of(by: User) -> tuple[QuerySet[Region], QuerySet[Institution]]:
    """The regions and the schools and colleges whose figures somebody may see today."""
    mine = Membership.objects.current().filter(user=by)
    regions = mine.filter(role=Role.REGION, region__isnull=False)
    offices = mine.filter(role=Role.COORDINATOR, institution__isnull=False)
    return (
        Region.objects.filter(pk__in=regions.values("region")),
        Institution.objects.filter(pk__in=offices.values("institution")),
    )


def sees_figures(mine: Iterable[Place]) -> bool:
    """Whether there is a page of figures for somebody with these places."""
    return any(
        (one.role == Role.REGION and one.region_id) or (one.role == Role.COORDINATOR and one.institution_id)
        for one in mine
    )


def publications_of(by: User) -> list[Publication]:
    """What is published of the places of this user, newest year first; a region before an institution.

    Raises NotHere for whoever has no such place.
    """
    regions, institutions = places_of(by)
    found = Publication.objects.filter(Q(region__in=regions) | Q(institution__in=institutions))
    rows = list(found.select_related("region", "institution"))
    if not rows and not sees_figures(places_today(by)):
        raise NotHere()
    rows.sort(key=name_of)
    rows.sort(key=lambda one: (one.school_year, one.region_id is not None), reverse=True)
    return rows


def get_publication_or_404(by: User, publication_id: UUID) -> Publication:
    """One publication of a place of this user. Raises NotHere."""
    for one in publications_of(by):
        if one.pk == publication_id:
            return one
    raise NotHere()


def find(by: User, *, region: str = "", year: str = "") -> Publication | None:
    """The newest publication that fits; None while nothing is published. Raises NotHere for what is not theirs."""
    rows = publications_of(by)
    regions, _ = places_of(by)
    if region and not regions.filter(code=region).exists():
        raise NotHere()
    fits = [one for one in rows if not region or (one.region and one.region.code == region)]
    if year and not (fits := [one for one in fits if one.school_year == year]):
        raise NotHere()
    return fits[0] if fits else None


def name_of(publication: Publication) -> str:
    place = publication.region or publication.institution
    return place.name if place else ""


def tables_of(publication: Publication) -> list[Table]:
    """The tables in their order, ready to be shown and drawn."""
    return [_table(key, publication.tables[key]) for key in (ALL, *SHAPE) if key in publication.tables]


def _table(key: str, rows: dict[str, dict[str, int | None]]) -> Table:
    biggest = max([value or 0 for cells in rows.values() for value in cells.values()] or [0]) or 1
    never = SHAPE[key][1] if key in SHAPE else ""
    ordered = [*(SHAPE[key][0] if key in SHAPE else (ALL,)), *([never] if never else [])]
    made = []
    for row in ordered:
        found = [(event, rows[row][event]) for event in Event if event in rows[row]]
        bars = [
            Bar(str(event), str(event.label), value, place * BAR, round((value or 0) / biggest * WIDE))
            for place, (event, value) in enumerate(found)
        ]
        made.append(Row(row, ROWS[key].get(row, REST), tuple(bars), row == never))
    return Table(key, TITLES[key], tuple(made))


def as_answer(publication: Publication | None) -> dict[str, Any]:
    """What the API says; without a publication there are no tables yet."""
    if publication is None:
        return {"region": None, "institution": None, "year": None, "published_on": None, "tables": []}
    return {
        "region": publication.region.code if publication.region else None,
        "institution": publication.institution.name if publication.institution else None,
        "year": publication.school_year,
        "published_on": publication.published_on.isoformat(),
        "tables": [
            {
                "table": table.key,
                "rows": [
                    {"row": row.key, "figures": {bar.event: as_json(bar.value) for bar in row.bars}}
                    for row in table.rows
                ],
            }
            for table in tables_of(publication)
        ],
    }


def csv_rows(publication: Publication) -> Iterator[tuple[str, str, str, str]]:
    """Table, row, what is counted, number; empty where it is left out."""
    yield ("tabel", "rij", "wat", "aantal")
    for table in tables_of(publication):
        for row in table.rows:
            for bar in row.bars:
                yield (table.title, row.label, bar.label, "" if bar.value is None else str(bar.value))
