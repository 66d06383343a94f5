"""What stands with a no to one need: that it is none to the student, what to ask, who helps, which rights."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("no_card.yaml")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class NoCard:
    """`fixed` stands above every no, the parts below it; `sources` are names, for who wants to look it up."""

    checked: date
    fixed: str
    parts: tuple[Part, ...]
    sources: tuple[str, ...]


@cache
def no_card() -> NoCard:
    """The card, the same for everybody."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    parts = tuple(Part(part["title"], tuple(_line(line) for line in part["lines"])) for part in content["parts"])
    return NoCard(content["checked"], content["fixed"], parts, tuple(content["sources"]))


def _line(line: str | dict[str, str]) -> Line:
    return Line(line) if isinstance(line, str) else Line(**line)
