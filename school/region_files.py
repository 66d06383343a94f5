"""A region's own files in the place of ours: a setting with YAML (or `…_FILE`, its path), in the shape of our file.

They are read at the start (apps.py), so that a wrong one stops it with its name and what is wrong, not a reader later.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any

import yaml
from django.conf import settings

from passport import help_now, stories

# Which setting puts a file in the place of school/known/<name>.yaml.
OF_THIS_ROOM: Mapping[str, str] = {"headings": "HEADINGS", "moments": "MOMENTS", "support": "SUPPORT", "seven": "SEVEN"}
SENTENCES = 7


class WrongFile(Exception):
    """The file cannot be used: the message says where and what is wrong."""


def check_all() -> None:
    """Reads every file that was set. Raises SystemExit with a line per wrong one, never with what it holds."""
    wrong = []
    for name, read in {**_readers(), "STORIES": stories.all_stories, "HELP_NUMBERS": help_now.all_numbers}.items():
        if not getattr(settings, name):
            continue
        try:
            read()
        except (WrongFile, stories.WrongStories, help_now.WrongNumbers) as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise SystemExit("\n".join(wrong))


def own(name: str) -> Any:
    """What the region set for a file of this room, or None. Raises WrongFile."""
    raw = getattr(settings, OF_THIS_ROOM[name]) if name in OF_THIS_ROOM else ""
    return parsed(name, raw) if raw else None


@cache
def parsed(name: str, raw: str) -> Any:
    """A file, whole and checked. Raises WrongFile."""
    try:
        content = yaml.safe_load(raw)
    except yaml.YAMLError:
        raise WrongFile("this is no YAML") from None
    try:
        CHECKS[name](content)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        missing = f"{error} is missing" if isinstance(error, KeyError) else "something has another shape"
        raise WrongFile(f"{missing}; see docs/beheer/install.md") from None
    return content


def _readers() -> dict[str, Callable[[], Any]]:
    return {setting: lambda name=name: own(name) for name, setting in OF_THIS_ROOM.items()}  # type: ignore[misc]  # one each


def _headings(content: Any) -> None:
    for code, one in {"default": content["default"], **content["regions"]}.items():
        if not isinstance(code, str):
            raise WrongFile(f'{code}: the code of a region stands in quotes, as "36"')
        _text(one["rest"], f"{code}: rest")
        _list(one["headings"], f"{code}: headings")
        for place, row in enumerate(one["headings"], 1):
            _text(row["title"], f"{code}, {place}: title")
            for unit in _list(row["units"], f"{code}, {place}: units"):
                _text(unit, f"{code}, {place}: unit")


def _moments(content: Any) -> None:
    for place, row in enumerate(_list(content, "moments"), 1):
        if True in row:  # YAML reads a bare `on` as yes
            row["on"] = row.pop(True)
        for name in {"text", *({"parents"} & set(row))}:
            _text(row[name], f"{place}: {name}")
        if not isinstance(row["remind"], int) or row["remind"] < 0:
            raise WrongFile(f"{place}: remind is a number of days")
        try:
            # Of a year without 29 February: a day that comes every year.
            date.fromisoformat(str(row["on"])) if "on" in row else date(2025, row["month"], row["day"])
        except ValueError:
            raise WrongFile(f"{place}: there is no such day") from None


def _support(content: Any) -> None:
    for what in ("points", "sources"):
        for place, row in enumerate(content[what], 1):
            _text(row["name"], f"{what}, {place}: name")
            if not re.match(r"https?://[^\s]+$", str(row["url"])):
                raise WrongFile(f"{what}, {place}: url begins with https://")
    for place, row in enumerate(content["points"], 1):
        _text(row["area"], f"points, {place}: area")
        for name in ("days", "telephone"):
            if name in row:
                _text(row[name], f"points, {place}: {name}")
        if not all(isinstance(code, str) for code in row.get("regions", ())):
            raise WrongFile(f'points, {place}: regions is a list of codes, as ["36"]')


def _seven(content: Any) -> None:
    for code in {"nl", *content}:
        if len(_list(content[code], code)) != SENTENCES:
            raise WrongFile(f"{code}: has {len(content[code])} sentences, must be {SENTENCES}")
        for place, line in enumerate(content[code], 1):
            _text(line, f"{code}, {place}")


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "headings": _headings,
    "moments": _moments,
    "support": _support,
    "seven": _seven,
}


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or not value.strip():
        raise WrongFile(f"{where} must be a text")


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise WrongFile(f"{where} must be a list")
    return value
