"""A class that logs in at nine o'clock: 30 at once with a password, 60 at once with their card and PIN; argon2id."""

import re
import statistics
from collections.abc import Callable
from urllib.parse import urlencode

from accounts import badges
from accounts.models import Role
from tests import factories
from tests.bench.calls import Bench
from tests.bench.load import CSRF, Call, Connection, WrongAnswer, together
from tests.bench.report import Line
from tests.bench.world import make_class_that_logs_in

CARDS, PIN = 60, "5829"
SESSION = re.compile(rb"(?i)set-cookie: (?:__Host-)?session=([^;]+)")


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
        ),
        _with_cards(bench.port, CARDS // 4 if bench.quick else CARDS),
    ]


def _with_cards(port: int, number: int) -> Line:
    """Issue 5: a class of 60 behind one address is in within two minutes. Show the card, type the PIN, see a page."""
    here = factories.make_class()
    mentor = factories.make_staff(Role.MENTOR, school_class=here)
    tokens = [badges.make_badge(factories.make_pupil(school_class=here), by=mentor) for _ in range(number)]
    for token in tokens:
        badges.choose_pin(token, PIN)
    took = together([_shows_card(token, port) for token in tokens])
    return Line(
        f"log-in by card and PIN, {number} at once",
        unit="s",
        real=took,
        at_most=120.0,
        absolute=True,
        note="one address; card, PIN and the first page",
    )


def _all_in(path: str, names: list[str], port: int) -> float:
    """Seconds until the last of them is in."""
    return together([_comes_in(path, name, port) for name in names])


def _shows_card(token: str, port: int) -> Callable[[], None]:
    def come_in() -> None:
        connection = Connection(port)
        session = ""
        for path, form in ((f"/kaart/{token}/", {}), ("/inloggen/pincode/", {"pin": PIN})):
            body = urlencode({**form, "csrfmiddlewaretoken": CSRF}).encode()
            _, status, head, _ = connection.ask(Call(path, session, "POST", body))
            found = SESSION.search(head)
            if status != 302 or not found:
                raise WrongAnswer(f"{path.split('/')[1]}: {status}")
            session = found[1].decode()
        connection.send(Call("/instellingen/", session))
        connection.close()

    return come_in


def _comes_in(path: str, name: str, port: int) -> Callable[[], None]:
    form = {"login": name, "password": factories.PASSWORD, "csrfmiddlewaretoken": CSRF}
    call = Call(path, method="POST", body=urlencode(form).encode())

    def come_in() -> None:
        connection = Connection(port)
        connection.send(call, expect=302)
        connection.close()

    return come_in
