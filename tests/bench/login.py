"""A class that logs in at nine o'clock: 30 at once, argon2id."""

import statistics
from collections.abc import Callable
from urllib.parse import urlencode

from tests import factories
from tests.bench.calls import Bench
from tests.bench.load import CSRF, Call, Connection, together
from tests.bench.report import Line
from tests.bench.world import make_class_that_logs_in


def measure(bench: Bench) -> list[Line]:
    names = make_class_that_logs_in()
    _all_in("/inloggen/", names[:4], bench.port)  # both processes have opened their connections
    _all_in("/floor/login/", names[:4], bench.port)
    floor, real = [], []
    for _ in range(1 if bench.quick else 3):
        floor.append(_all_in("/floor/login/", names, bench.port))
        real.append(_all_in("/inloggen/", names, bench.port))
    return [
        Line(
            f"log-in, {len(names)} at once",
            unit="s",
            floor=statistics.median(floor),
            real=statistics.median(real),
            at_most=2.0,
            absolute=True,
            note="floor: Django's own log-in, same hash",
        )
    ]


def _all_in(path: str, names: list[str], port: int) -> float:
    """Seconds until the last of them is in."""
    return together([_comes_in(path, name, port) for name in names])


def _comes_in(path: str, name: str, port: int) -> Callable[[], None]:
    form = {"login": name, "password": factories.PASSWORD, "csrfmiddlewaretoken": CSRF}
    call = Call(path, method="POST", body=urlencode(form).encode())

    def come_in() -> None:
        connection = Connection(port)
        connection.send(call, expect=302)
        connection.close()

    return come_in
