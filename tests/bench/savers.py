"""A lesson: 40 students whose telephones save at the very same moment, again and again."""

import json
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

from accounts import vault
from accounts.models import Student, User
from tests import factories
from tests.bench import calls
from tests.bench.calls import Bench
from tests.bench.load import Call, Connection
from tests.bench.report import Line
from tests.bench.world import TEXT, make_savers

SAVERS = 40
REAL, FLOOR = "want.expect", "school.different"


def measure(bench: Bench) -> list[Line]:
    savers = make_savers(SAVERS)
    calls.leave_for_the_floor("autosave", *_spare(bench), bench)
    bare = {student.pk: _slot_of_what_the_floor_keeps(student) for student in savers}
    floor: list[float] = []
    real: list[float] = []
    connections = [Connection(bench.port) for _ in savers]
    for turn in range(-2, 5 if bench.quick else 20):
        text = _text(turn + 3)  # the first text is written; every student is as far as the others
        one = _at_once(
            connections, [_put(f"/api/floor/autosave/{bare[who.pk]}/", at, text) for who, at in savers.items()]
        )
        other = _at_once(connections, [_put(f"/api/v1/passport/answers/{REAL}/", at, text) for at in savers.values()])
        if turn >= 0:
            floor += one
            real += other
    for connection in connections:
        connection.close()
    return [
        Line(
            f"{SAVERS} students save at once, p95",
            floor=_p95(floor),
            real=_p95(real),
            at_most=250,
            absolute=True,
            note=f"median {statistics.median(real):.0f} ms, slowest {max(real):.0f} ms; floor: the same statements",
        )
    ]


def _spare(bench: Bench) -> tuple[User, Callable[[], Call]]:
    """One student more, whose save shows the floor how large an answer is."""
    ((student, session),) = make_savers(1).items()
    factories.write(student, REAL, TEXT)
    bench.world.sessions[student.user_id] = session
    seen = count(1)
    return student.user, lambda: _put(f"/api/v1/passport/answers/{REAL}/", session, _text(next(seen)))


def _slot_of_what_the_floor_keeps(student: Student) -> str:
    for question in (REAL, FLOOR):
        factories.write(student, question, TEXT)
    return vault.open_key(student.pk).slot(FLOOR).hex()


def _put(path: str, session: str, text: bytes) -> Call:
    return Call(path, session, "PUT", text)


def _text(number: int) -> bytes:
    return json.dumps({"status": "answered", "value": f"{TEXT * 2}{number}", "revision": number}).encode()


def _at_once(connections: list[Connection], saves: list[Call]) -> list[float]:
    """What each waited, in milliseconds. Raises WrongAnswer when one of them did not get its 200."""
    gate = Barrier(len(saves))

    def save(connection: Connection, call: Call) -> float:
        gate.wait()
        return connection.send(call)[0]

    with ThreadPoolExecutor(len(saves)) as people:
        return list(people.map(save, connections, saves))


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
