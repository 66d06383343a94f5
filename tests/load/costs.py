"""What one act costs the servers: each act again and again on a site where nobody else is, less what it does anyway."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from tests.bench.load import Call
from tests.load.acts import (
    ASSET,
    SAVES,
    Act,
    Answer,
    Batch,
    Student,
    Unexpected,
    get,
    of_intaker,
    of_mentor,
    post,
    reply,
)
from tests.load.meter import Reading
from tests.load.phone import Phone
from tests.load.site import Running

QUIET, IDLE = 6.0, 8.0  # seconds until nothing that was started is busy with itself, and that nobody is there
SETTLE = 0.3
HANDOVERS = 4  # batches of which the handovers are counted


@dataclass(frozen=True)
class Cost:
    """One act, as the servers themselves counted it; times are milliseconds of one processor."""

    name: str
    times: int
    wall: float
    web: float
    postgres: float
    db: float  # what PostgreSQL says its statements took
    redis_cpu: float
    statements: float
    wal: float
    grown: float  # bytes that the databases grew by
    redis: float
    sent: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Costs:
    """One connection, one act after another: no act waits for another, so what is spent is its own."""

    def __init__(self, site: Running, times: int) -> None:
        self.meter, self.phone, self.times = site.meter, Phone(site.port), times
        self.idle = Reading()

    def measure_idle(self) -> None:
        """What the servers do with nobody there, per second: polling, beat, autovacuum."""
        time.sleep(QUIET)
        before = self.meter.read()
        time.sleep(IDLE)
        self.idle = self.meter.read().since(before).per(IDLE)

    def of(
        self, name: str, make: Callable[[], Act], heard: Callable[[Answer], None] = lambda _: None, more: int = 1
    ) -> Cost:
        """Does it so many times, or so many times more. Raises Unexpected for a wrong answer."""
        times = self.times * more
        for _ in range(8):
            heard(self._do(make())[0])  # both processes have been there
        time.sleep(SETTLE)
        before, started, took, sent = self.meter.read(), time.monotonic(), 0.0, 0
        for _ in range(times):
            answer, milliseconds, size = self._do(make())
            heard(answer)
            took += milliseconds
            sent += size
        time.sleep(SETTLE)
        spent = self.meter.read().since(before).less(self.idle, time.monotonic() - started).per(times)
        return Cost(
            name,
            times,
            took / times,
            spent["cpu web"] * 1000,
            spent["cpu postgres"] * 1000,
            spent["db ms"],
            spent["cpu redis"] * 1000,
            spent["statements"],
            spent["wal"],
            spent["bytes"],
            spent["redis"],
            sent / times,
        )

    def again(self, act: Act) -> Cost:
        """The cost of an act that is the same every time."""
        return self.of(act.name, lambda: act)

    def _do(self, act: Act) -> tuple[Answer, float, int]:
        took, status, answer, size = self.phone.ask(act.call)
        if status != act.expect:
            raise Unexpected(f"{act.name or act.call.path}: {status} {answer.body[:200]!r}")
        return answer, took, size


def measure(site: Running, times: int) -> tuple[list[Cost], Reading]:
    """Every act of a lesson day, and what comes before it: the log-in and the files of a first visit.

    Beside it what the servers do with nobody there, per second.
    """
    costs, people = Costs(site, times), site.people
    costs.measure_idle()
    pupils = cycle(people["log-ins"])
    found = [costs.of("log in with a password", lambda: post("", "/inloggen/", "", next(pupils)))]
    found += _of_student(costs, people)
    mentor, intaker = people["mentors"][0], people["intakers"][0]
    steps = of_mentor(mentor["session"], mentor["class"], mentor["lesson"], mentor["shares"])
    round_ = {act.name: act for _ in range(3) for act in next(steps)}
    steps = of_intaker(intaker["session"], intaker["cases"])
    round_ |= {act.name: act for _ in range(2) for act in next(steps)}
    found += [costs.again(act) for act in round_.values()]
    found.append(costs.of("intaker: reply", lambda: reply(intaker["session"], intaker["cases"][0])))
    return found, costs.idle


def _of_student(costs: Costs, people: dict[str, Any]) -> list[Cost]:
    """Of a student who answered everything, so that the pages are as full as they get; and one who writes."""
    reader, student = people["reader"], Student(people["students"][-1])
    page = costs._do(Act("", Call("/vandaag/", reader)))[0]
    files = sorted({found.decode() for found in ASSET.findall(page.body)})
    shown = cycle(files)
    found = [costs.of(f"a file ({len(files)} on a first visit)", lambda: Act("", Call(next(shown), packed=True)))]
    pages = {"vandaag": "/vandaag/", "passport": "/paspoort/", "shares": "/delen/", "who looked": "/wie-keek/"}
    found += [costs.again(get(f"student: {name}", path, reader)) for name, path in pages.items()]
    found.append(costs.of("student: question", student.open_next, student.opened))
    student.open_next()
    student.opened(costs._do(get("", f"/paspoort/vraag/{student.key}/", student.session))[0])

    def save() -> Act:
        student.saved %= SAVES
        return student.save()

    found.append(costs.of("student: save", save, student.kept, more=4))
    found.append(costs.of("student: verder", student.go_on))
    return found


def of_handovers(site: Running, day: int, files: Path, idle: Reading) -> dict[str, float]:
    """What the worker spends on a handover: some batches asked for on a site where nobody else is."""
    costs = Costs(site, 1)
    before, started = costs.meter.read(), time.monotonic()
    for person in [one for one in site.people["intakers"] if one["batches"]][:HANDOVERS]:
        batch = Batch(person["session"], person["batches"][day])
        batch.asked(costs._do(batch.ask())[0])
        while not batch.is_over(costs._do(batch.look())[0]):
            time.sleep(1.0)
    took = time.monotonic() - started
    stored = [one.stat().st_size for one in files.rglob("*") if one.is_file()]
    spent = costs.meter.read().since(before).less(idle, took).per(len(stored))
    return {
        "made": len(stored),
        "per minute": 60 * len(stored) / took,
        "worker ms": spent["cpu worker"] * 1000,
        "postgres ms": spent["cpu postgres"] * 1000,
        "statements": spent["statements"],
        "wal": spent["wal"],
        "redis": spent["redis"],
        "file bytes": sum(stored) / len(stored),
    }
