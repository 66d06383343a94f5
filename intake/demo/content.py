"""The content of the demo, read from the YAML files beside this module."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils import timezone

FOLDER = Path(__file__).resolve().parent


@cache
def load(name: str) -> Any:
    """One file of the demo, e.g. `load("people")`."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def school_year_start(on: date | None = None) -> date:
    """1 August of the school year that a day (today) is in."""
    on = on or timezone.localdate()
    return date(on.year - (on.month < 8), 8, 1)


def school_year() -> str:
    start = school_year_start()
    return f"{start.year}-{start.year + 1}"


def born(age: int, *, days_ago: int) -> date:
    """A birth date of somebody who turned `age` so many days ago, so that the age stays right for months."""
    birthday = timezone.localdate() - timedelta(days=days_ago)
    return date(birthday.year - age, birthday.month, min(birthday.day, 28))
