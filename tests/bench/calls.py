"""A call of the site beside its floor: the same statements first, then the clock."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import Client

from accounts.models import User
from tests.bench import recorded
from tests.bench.load import Call, Connection, in_turns
from tests.bench.report import Line
from tests.bench.world import World

MOST = 2.0  # times the floor, at the median


@dataclass(frozen=True)
class Bench:
    """What every subject needs."""

    folder: Path
    port: int
    world: World
    quick: bool


@dataclass(frozen=True)
class Pair:
    """One call of the site and its floor, as somebody. Made anew each time: an autosave is never the same twice."""

    name: str
    user: User
    floor: Callable[[], Call]
    real: Callable[[], Call]
    samples: int = 150


def measure(pair: Pair, bench: Bench) -> Line:
    """Both in this process to see what they ask of the databases, then in turns on the server."""
    real = recorded.record(lambda: _here(bench.world, pair.user, pair.real()))
    recorded.leave(pair.name, real)  # some floors repeat the site's SQL
    floor = recorded.record(lambda: _here(bench.world, pair.user, pair.floor()))
    connection, samples = Connection(bench.port), pair.samples // (5 if bench.quick else 1)
    times = in_turns(samples, lambda: connection.send(pair.floor())[0], lambda: connection.send(pair.real())[0])
    connection.close()
    return Line(
        pair.name,
        floor=times.floor_median,
        real=times.real_median,
        at_most=MOST,
        problems=recorded.differences(real, floor),
        note=f"statements {floor.count} and {real.count}, n={samples}",
    )


def leave_for_the_floor(name: str, user: User, call: Callable[[], Call], bench: Bench) -> None:
    """Does the site's call here, so that a floor can repeat its SQL and answer as much."""
    recorded.leave(name, recorded.record(lambda: _here(bench.world, user, call())))


def count_statements(world: World, user: User, path: str) -> int:
    return recorded.record(lambda: _here(world, user, Call(path))).count


def _here(world: World, user: User, call: Call) -> Any:
    client: Client = world.client(user)
    response: Any = client.generic(call.method, call.path, call.body, content_type="application/json")
    if response.status_code != 200:
        raise RuntimeError(f"{call.method} {call.path}: {response.status_code}")
    return response
