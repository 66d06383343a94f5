"""A call of the site beside its floor: the same statements first, then the clock."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.bench import recorded
from tests.bench.load import Call, Connection, in_turns
from tests.bench.recorded import Recording
from tests.bench.report import Line
from tests.bench.world import World


@dataclass
class Bench:
    """What every subject needs."""

    folder: Path
    port: int
    world: World
    quick: bool

    @property
    def samples(self) -> int:
        return 60 if self.quick else 300


@dataclass
class Pair:
    """One call of the site and its floor. Both are made anew each time: an autosave is never the same twice."""

    name: str
    user: User
    floor: Callable[[], Call]
    real: Callable[[], Call]
    at_most: float = 2.0
    recorded: list[Recording] = field(default_factory=list)


def hold_to_the_same_statements(pairs: Iterable[Pair], world: World) -> None:
    """Records every call in this process: the site's first, because some floors repeat its SQL."""
    pairs = list(pairs)
    recordings = {pair.name: recorded.record(lambda pair=pair: _here(world, pair.user, pair.real())) for pair in pairs}
    recorded.leave(recordings)
    for pair in pairs:
        pair.recorded = [recordings[pair.name]]
        pair.recorded.append(recorded.record(lambda pair=pair: _here(world, pair.user, pair.floor())))


def measure(pair: Pair, bench: Bench) -> Line:
    real, floor = pair.recorded
    problems = recorded.differences(real, floor)
    connection = Connection(bench.port)
    times = in_turns(
        bench.samples, lambda: connection.send(pair.floor())[0], lambda: connection.send(pair.real())[0]
    )
    connection.close()
    return Line(
        pair.name,
        floor=times.floor_median,
        real=times.real_median,
        at_most=pair.at_most,
        problems=problems,
        note=f"statements {floor.count} and {real.count}, n={bench.samples}",
    )


def count_statements(world: World, user: User, path: str) -> int:
    return recorded.record(lambda: _here(world, user, Call(path))).count


def _here(world: World, user: User, call: Call) -> HttpResponse:
    client: Client = world.client(user)
    response: HttpResponse = client.generic(call.method, call.path, call.body, content_type="application/json")
    if response.status_code != 200:
        raise RuntimeError(f"{call.method} {call.path}: {response.status_code}")
    return response
