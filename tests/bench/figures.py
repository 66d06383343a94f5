"""The page with the figures of a region among those of other places: 60 with --quick, else 6,000."""

from datetime import date
from statistics import median

from accounts.models import Institution, Region, Role
from intake.models import Publication
from intake.services.publishing import region_tables
from intake.services.tally import ALL
from tests import factories
from tests.bench import calls
from tests.bench.calls import Bench
from tests.bench.load import Call, Connection
from tests.bench.report import Line
from tests.bench.world import session_of

FEW, MANY, PAGE, AT_MOST = 60, 6_000, "/cijfers/", 300.0


def measure(bench: Bench) -> list[Line]:
    """The page itself within 300 ms, and as many statements however many places there are."""
    region = Region.objects.create(code="bench", name="Bench")
    reader = factories.make_staff(Role.REGION, region=region)
    bench.world.sessions[reader.pk] = session_of(reader)
    tables = region_tables({f"region {region.pk}": {ALL: {ALL: {"shared": 400, "read": 60}}}}, region.pk, [])
    _publish([Publication(region=region)], tables)
    before = calls.count_statements(bench.world, reader, PAGE)
    places = FEW if bench.quick else MANY
    schools = [Institution(name=f"Bench {number}", kind=Institution.Kind.VSO) for number in range(places)]
    Institution.objects.bulk_create(schools, batch_size=500)
    _publish([Publication(institution=one) for one in schools], {ALL: tables[ALL]})
    after = calls.count_statements(bench.world, reader, PAGE)
    connection, call = Connection(bench.port), Call(PAGE, bench.world.sessions[reader.pk])
    times = [connection.send(call)[0] for _ in range(15 if bench.quick else 75)]
    connection.close()
    name = f"figures page, {places} places"
    return [
        Line(name, real=median(times), at_most=AT_MOST, absolute=True),
        Line(f"{name} or none", unit="sql", floor=before, real=after, at_most=1.0),
    ]


def _publish(rows: list[Publication], tables: object) -> None:
    for one in rows:
        one.school_year, one.published_on, one.tables = "2024-2025", date(2025, 9, 1), tables
    Publication.objects.bulk_create(rows, batch_size=500)
