"""The style sheets say start and end, never left and right: an Arabic page is laid out from the right by itself.

How it then looks is in tests/journeys/test_languages.py.
"""

import re

import pytest

from tests.languages.collect import ROOT

SIDES = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)|left|right"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)


def sides_in(css: str) -> list[str]:
    return SIDES.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.S))


def test_no_style_sheet_names_a_side():
    sheets = sorted((ROOT / "static" / "css").rglob("*.css"))
    assert len(sheets) > 3
    assert {sheet.name: found for sheet in sheets if (found := sides_in(sheet.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize("css", ["p{margin-left:1px}", "p{left:0}", "p{text-align: right}", "p{float:left}"])
def test_a_side_is_found(css):
    assert sides_in(css)


@pytest.mark.parametrize(
    "css", ["p{margin-inline-start:1px}", "/* left: */p{inset-inline-end:0}", "p{text-align:start}"]
)
def test_a_start_and_an_end_are_not(css):
    assert not sides_in(css)
