"""The parts of docs/papers/ and docs/beheer/ that the code knows best, and how they get into those papers.

A paper holds a part between two marks; `manage.py make_papers` writes what stands between them, and a test fails when
it is not what the code makes. What is around them people write.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

from django.conf import settings

from school.paperwork import hours, register, talks

PARTS: Mapping[str, Callable[[], str]] = {
    "doelen": register.purposes,
    "doelen-kort": register.purposes_in_short,
    "verwerkingen": register.processings,
    "gegevens": register.tables_in_short,
    "naast": register.beside,
    "uren": hours.table,
    "gesprek": talks.booklet,
}
MARKED = re.compile(r"(<!-- make_papers: ([\w-]+) -->\n).*?(<!-- /make_papers -->)", re.S)


class UnknownPart(Exception):
    """A paper asks for a part that is not made here; the message names it."""


def papers() -> Iterator[Path]:
    """Every paper that may hold a part that is made."""
    for folder in ("papers", "beheer"):
        yield from sorted((settings.BASE_DIR / "docs" / folder).glob("*.md"))


def fill(text: str) -> str:
    """The same paper with its made parts made anew. Raises UnknownPart."""
    return MARKED.sub(lambda found: f"{found[1]}\n{_made(found[2])}\n\n{found[3]}", text)


@cache
def _made(name: str) -> str:
    if name not in PARTS:
        raise UnknownPart(f"{name}: is none of {', '.join(PARTS)}")
    return PARTS[name]().strip()
