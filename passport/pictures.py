"""Pictures beside options (passport/drawn/): of options by their Dutch text, as translations are; of needs by key."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

DRAWN = Path(__file__).parent / "drawn"
NEEDS_SHEET = "icons/needs.svg"


@cache
def pictures() -> Mapping[str, str]:
    """The icon of each option that has one."""
    return _read("options.yaml")


@cache
def need_pictures() -> Mapping[str, str]:
    """The icon of each support need that has one, in the sheet of the needs."""
    return _read("needs.yaml")


def picture_of(text: str) -> str:
    """The icon beside an option; none beside own words and beside what one cannot draw."""
    return pictures().get(text, "")


def _read(name: str) -> dict[str, str]:
    rows = yaml.safe_load((DRAWN / name).read_text(encoding="utf-8"))
    return {str(text): str(icon) for text, icon in rows.items()}
