"""What was measured: one line each with its floor, budget and verdict; a table for people and JSON for machines."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HEADINGS = ("what", "floor", "site", "ratio", "budget", "verdict", "")


@dataclass
class Line:
    """One measurement. With `at_most` lower is better, with `at_least` higher; with neither it is only shown.

    What is held to the budget is the ratio site / floor, or with `absolute` the site's figure itself. `problems`
    says why a number would mean nothing: then no ratio is given.
    """

    name: str
    unit: str = "ms"
    floor: float | None = None
    real: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    absolute: bool = False
    note: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def ratio(self) -> float | None:
        if self.problems or not self.floor or self.real is None:
            return None
        return self.real / self.floor

    @property
    def verdict(self) -> str:
        held = self.real if self.absolute else self.ratio
        if self.problems or held is None:
            return "NOT COMPARABLE"
        if self.at_most is None and self.at_least is None:
            return "shown"
        holds = held <= self.at_most if self.at_most is not None else held >= (self.at_least or 0)
        return "holds" if holds else "MISSED"

    @property
    def budget(self) -> str:
        unit = f" {self.unit}" if self.absolute else ""
        if self.at_most is not None:
            return f"≤ {self.at_most:g}{unit}"
        return "" if self.at_least is None else f"≥ {self.at_least:g}{unit}"

    def cells(self) -> tuple[str, ...]:
        figure = lambda number: "" if number is None else f"{number:.4g} {self.unit}"  # noqa: E731
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        said = "; ".join([*self.problems, self.note] if self.note else self.problems)
        return self.name, figure(self.floor), figure(self.real), ratio, self.budget, self.verdict, said

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


def table(lines: Iterable[Line]) -> str:
    rows = [HEADINGS, *(line.cells() for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    widths[-1] = 0
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in {1, 2, 3} else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def write(lines: Iterable[Line], path: Path, engine: str, seconds: float, quick: bool) -> None:
    """Leaves the figures where the next run can be held against them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  (Django may not be up after an error)
        "engine": engine,
        "quick": quick,
        "seconds": round(seconds),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        "lines": [line.as_json() for line in lines],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
