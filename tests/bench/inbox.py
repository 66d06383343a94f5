"""The inbox with 200 cases, as a page and as a list; and whether its statements grow with the cases."""

from tests.bench.calls import Bench, Pair, count_statements
from tests.bench.load import Call
from tests.bench.report import Line
from tests.bench.world import CASES, FEW, World

PLACES = {"inbox page": "/intake/", "inbox list": "/api/v1/intake/cases/"}
FLOORS = {"inbox page": "/floor/inbox/", "inbox list": "/floor/inbox/api/"}


def pairs(world: World) -> list[Pair]:
    user, session = world.intaker, world.sessions[world.intaker.pk]
    call = lambda path: lambda: Call(path, session)  # noqa: E731
    return [Pair(name, user, call(FLOORS[name]), call(path)) for name, path in PLACES.items()]


def growth(bench: Bench) -> list[Line]:
    """The same number of statements, however many cases there are."""
    return [_growth(bench.world, name, path) for name, path in PLACES.items()]


def _growth(world: World, name: str, path: str) -> Line:
    few = count_statements(world, world.intaker_of_few, path)
    many = count_statements(world, world.intaker, path)
    problems = [] if few == many else [f"{many - few:+} statements"]
    return Line(f"{name}, {FEW} and {CASES} cases", unit="sql", floor=few, real=many, at_most=1.0, problems=problems)
