"""The inbox with 200 cases, as a page and as a list; and whether its statements grow with the cases."""

from tests.bench import calls
from tests.bench.calls import Bench, Pair
from tests.bench.load import Call
from tests.bench.report import Line
from tests.bench.world import CASES, FEW, World

PLACES = {"inbox page": ("/floor/inbox/", "/intake/"), "inbox list": ("/floor/inbox/api/", "/api/v1/intake/cases/")}


def measure(bench: Bench) -> list[Line]:
    world = bench.world
    call = lambda path: lambda: Call(path, world.sessions[world.intaker.pk])  # noqa: E731
    pairs = [Pair(name, world.intaker, call(floor), call(real), 75) for name, (floor, real) in PLACES.items()]
    lines = [calls.measure(pair, bench) for pair in pairs]
    return lines + [_growth(world, name, real) for name, (_, real) in PLACES.items()]


def _growth(world: World, name: str, path: str) -> Line:
    """The same number of statements, however many cases there are."""
    few = calls.count_statements(world, world.intaker_of_few, path)
    many = calls.count_statements(world, world.intaker, path)
    return Line(f"{name}, {FEW} and {CASES} cases", unit="sql", floor=few, real=many, at_most=1.0)
