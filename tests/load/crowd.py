"""The people of one lesson day, as locust runs them: `python -m tests.load.crowd PORT STUDENTS SECONDS DAY`.

Who they are comes in as JSON. A process of its own: gevent changes sockets and threads for everything in it. Says a
line when everybody is there and one when the time is over; what was measured in between is on the last line, as JSON.
"""

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import gevent  # type: ignore[import-untyped]
import locust.stats
from locust import User, between, constant_pacing, task
from locust.env import Environment

from tests.load.acts import SAVES, Act, Answer, Batch, Student, Unexpected, of_intaker, of_mentor
from tests.load.phone import Phone

EVERY = 10.0  # seconds between two saves of one student
COME_IN, SETTLE = 12.0, 8.0  # how long they take to come in, and until all are at their own moment
LOOK = 2.0
PATIENCE = 240.0  # for the last batch, after the time is over
NOTHING: tuple[Any, ...] = ()


class Person(User):
    """Somebody with one connection, who tells locust how each act went. A wrong answer ends nobody's day."""

    abstract = True
    people: Sequence[Any] = NOTHING
    seats: Iterator[int]
    port = 0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.phone = Phone(self.port)
        self.seat = next(type(self).seats)
        self.is_(self.people[self.seat % len(self.people)])

    def is_(self, person: Any) -> None:
        """Takes the place of this person."""

    def do(self, act: Act) -> Answer:
        """Does it and hears the answer. Raises Unexpected for a wrong one, which is counted."""
        started, wrong, answer = time.perf_counter(), None, Answer(b"", b"")
        try:
            _, status, answer, _ = self.phone.ask(act.call)
            if status != act.expect:
                wrong = Unexpected(f"{status} for {act.expect}")
        except Exception as error:
            wrong = Unexpected(f"{type(error).__name__}: {error}"[:120])
        self.tell(act.name, (time.perf_counter() - started) * 1000, len(answer.body), wrong)
        if wrong:
            raise wrong
        return answer

    def tell(self, name: str, took: float, size: int = 0, wrong: Exception | None = None) -> None:
        """A line in locust's table."""
        self.environment.events.request.fire(
            request_type="", name=name, response_time=took, response_length=size, exception=wrong, context={}
        )

    def on_stop(self) -> None:
        self.phone.hang_up()


class Writes(Person):
    """A student: comes in, and saves every ten seconds."""

    wait_time = constant_pacing(EVERY)

    def is_(self, person: str) -> None:
        self.student, self.opened = Student(person, self.seat), random.randrange(2)

    def on_start(self) -> None:
        gevent.sleep(random.random() * SETTLE)

    @task
    def write(self) -> None:
        student = self.student
        try:
            if not student.key or student.saved >= SAVES:
                self.turn_over()
            student.kept(self.do(student.save()))
        except Unexpected:
            student.key = ""  # the page again, as somebody would

    def turn_over(self) -> None:
        """The next question; after every second one the start page comes in between. A class is not all as far."""
        is_first = not self.student.key
        if not is_first:
            self.do(self.student.go_on())
        if self.opened % 2 == 0:
            self.do(self.student.today())
        self.student.opened(self.do(self.student.open_next()))
        self.student.saved = random.randrange(SAVES) if is_first else 0
        self.opened += 1


class Looks(Person):
    """Somebody at school or at the college: one step of their round at a time."""

    abstract = True
    steps: Iterator[list[Act]]

    @task
    def look(self) -> None:
        try:
            for act in next(self.steps):
                self.do(act)
        except Unexpected:
            return


class Mentors(Looks):
    wait_time = constant_pacing(EVERY)

    def is_(self, person: dict[str, Any]) -> None:
        self.steps = of_mentor(person["session"], person["class"], person["lesson"], person["shares"])


class Intakers(Looks):
    wait_time = between(3, 9)

    def is_(self, person: dict[str, Any]) -> None:
        self.steps = of_intaker(person["session"], person["cases"])


class Batches(Person):
    """Asks once for the handovers of a programme, at some moment in the first half, and waits until they are there."""

    wait_time = between(LOOK, LOOK)
    until = 0.0
    ready = 0

    def is_(self, person: dict[str, Any]) -> None:
        self.batch = Batch(person["session"], person["batch"])

    @task
    def bring(self) -> None:
        gevent.sleep(SETTLE + COME_IN + random.random() * self.until)
        try:
            asked, started = self.do(self.batch.ask()), time.perf_counter()
            self.batch.asked(asked)
            while not self.batch.is_over(self.do(self.batch.look())):
                gevent.sleep(LOOK)
            self.tell("batch: all ready", (time.perf_counter() - started) * 1000)
            self.do(self.batch.file(self.do(self.batch.word())))
            type(self).ready += 1
        except Unexpected as wrong:
            self.tell("batch: all ready", 0, wrong=wrong)
        while True:
            gevent.sleep(3600)  # done for today; locust ends it


def run(port: int, students: int, seconds: float, day: int, people: dict[str, Any]) -> dict[str, Any]:
    """One lesson day; says on stdout when the measured time begins and ends."""
    locust.stats.PERCENTILES_TO_REPORT = [0.5, 0.95]
    batches = [{**one, "batch": one["batches"][day]} for one in people["intakers"] if one["batches"]]
    who: dict[type[Person], Sequence[Any]] = {
        Writes: people["students"][:students],
        Mentors: people["mentors"],
        Intakers: people["intakers"],
        Batches: batches,
    }
    Batches.until = seconds / 2
    for kind, persons in who.items():
        kind.people, kind.fixed_count, kind.seats, kind.port = persons, len(persons), count(), port
    environment = Environment(user_classes=list(who), catch_exceptions=False)
    runner, everybody = environment.create_local_runner(), sum(map(len, who.values()))
    runner.start(everybody, spawn_rate=everybody / COME_IN)
    gevent.sleep(COME_IN + SETTLE)
    while runner.user_count < everybody:
        gevent.sleep(0.2)
    early = environment.stats.total.num_failures
    environment.stats.reset_all()
    _say("begin")
    started = time.monotonic()
    gevent.sleep(seconds)
    took, rows = time.monotonic() - started, [_row(one, seconds) for one in environment.stats.entries.values()]
    _say("end")
    late = _finish(environment, len(batches))
    runner.quit()
    errors = [{"name": one.name, "error": str(one.error), "times": one.occurrences} for one in late]
    said = {"seconds": took, "rows": rows, "early_errors": early, "errors": errors}
    return said | {"batches": Batches.ready, "batches asked": len(batches)}


def _finish(environment: Environment, batches: int) -> list[Any]:
    """Waits for the batches that still run, with everybody else at work; what went wrong from the beginning on."""
    end = time.monotonic() + PATIENCE
    while Batches.ready < batches and time.monotonic() < end:
        if "batch: all ready" in {one.name for one in environment.stats.errors.values()}:
            break
        gevent.sleep(0.5)
    return list(environment.stats.errors.values())


def _row(entry: Any, seconds: float) -> dict[str, Any]:
    return {
        "name": entry.name,
        "count": entry.num_requests,
        "rate": entry.num_requests / seconds,
        "p50": entry.get_response_time_percentile(0.5),
        "p95": entry.get_response_time_percentile(0.95),
        "max": entry.max_response_time,
        "errors": entry.num_failures,
        "bytes": entry.avg_content_length,
    }


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    port, students, seconds, day = sys.argv[1:5]
    _say(json.dumps(run(int(port), int(students), float(seconds), int(day), json.load(sys.stdin))))
