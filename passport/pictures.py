"""Pictures beside options (passport/drawn/options.yaml). They hang on the Dutch text, as translations do."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "drawn" / "options.yaml"


@cache
def pictures() -> Mapping[str, str]:
    """The icon of each option that has one."""
    return {str(text): str(icon) for text, icon in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}


def picture_of(text: str) -> str:
    """The icon beside an option; none beside own words and beside what one cannot draw."""
    return pictures().get(text, "")
