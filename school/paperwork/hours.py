"""The hours of staff in a year, for school boards: the lessons from the year plan, the rest said to be assumed."""

from collections.abc import Iterator
from dataclasses import dataclass

from school.services.plan import year_plan

PUPILS = 12  # in a class of special education; the reader puts their own number here
PREPARING = 10  # minutes for each lesson
TRAINING = 2 * 90
RATE = 60  # euro an hour of staff, all in: an assumption; the reader puts their own


@dataclass(frozen=True, slots=True)
class Row:
    who: str
    what: str
    times: int
    minutes: int
    source: str

    @property
    def in_all(self) -> int:
        return self.times * self.minutes


def rows() -> Iterator[Row]:
    lessons = year_plan().lessons
    total = sum(one.minutes for one in lessons)
    yield Row("mentor", f"{len(lessons)} lessen met de klas", 1, total, "`school/lessons.yaml`")
    yield Row("mentor", "lessen voorbereiden", len(lessons), PREPARING, "aanname")
    yield Row("mentor", "training", 2, TRAINING // 2, "[training](training.md), alleen het eerste jaar")
    yield Row("mentor", f"gesprek met elk van {PUPILS} studenten", PUPILS, 30, "aanname: één keer per jaar")
    yield Row("mentor", "ouderavond", 1, 90, "aanname")
    yield Row("mentor", "warme overdracht met een mbo", PUPILS // 3, 30, "aanname: een derde van de klas")
    yield Row("decaan", "voortgang bekijken, overdrachten maken", 10, 30, "aanname, per klas")
    yield Row("zorgcoördinator", "meelezen waar een student dat vraagt", 3, 30, "aanname, per klas")
    yield Row("coördinator", "klassenlijst, kaarten, rollen, nieuw schooljaar", 4, 45, "aanname, per klas")
    yield Row("coördinator", "gezag van ouders nakijken", PUPILS // 3, 10, "aanname: een derde is jonger dan 16")


def table() -> str:
    """The rows, and per kind of staff the sum in hours."""
    found = list(rows())
    lines = [
        "| Wie | Wat | Keer | Minuten | Samen | Waar het getal vandaan komt |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one.who} | {one.what} | {one.times} | {one.minutes} | {in_hours(one.in_all)} | {one.source} |"
        for one in found
    ]
    sums = {who: sum(one.in_all for one in found if one.who == who) for who in dict.fromkeys(one.who for one in found)}
    lines += [
        f"| **{who}** | **samen, per klas en jaar** | | | **{in_hours(minutes)}** | |" for who, minutes in sums.items()
    ]
    total = sum(sums.values())
    money = f"{RATE} euro per uur (aanname) is {total * RATE // 60} euro"
    lines.append(f"| **school** | **samen, per klas en jaar** | | | **{in_hours(total)}** | {money} |")
    return "\n".join(lines)


def in_hours(minutes: int) -> str:
    return f"{minutes // 60} u {minutes % 60:02d}"
