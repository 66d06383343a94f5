"""The region looks at its figures: the table, the drawing and the file say the same; and staff make a key."""

import csv
import io
from typing import Any

import pytest

from tests.journeys.conftest import LAPTOP

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
CELLS = "(all, name) => Object.fromEntries(all.map(one => [one.getAttribute(name), one.textContent]))"


def test_the_region_sees_one_set_of_numbers(person: Any) -> None:
    region = person(LAPTOP).log_in("region.one")
    region.page.get_by_role("link", name="Bekijk de cijfers").click()
    region.in_all_ways("figures")
    table = region.page.locator("[data-figure]").evaluate_all(CELLS, "data-figure")
    drawn = region.page.locator("[data-bar]").evaluate_all(CELLS, "data-bar")
    assert drawn and drawn == {key: table[key] for key in drawn}
    assert table["all all started"].isdigit() and table["support without shared"] == "niet getoond"
    with region.page.expect_download() as download:
        region.page.get_by_role("link", name="Download als CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))[1:]
    assert sorted(row[3] or "niet getoond" for row in rows) == sorted(table.values())


def test_staff_make_a_key_and_take_it_away(person: Any) -> None:
    reader = person(LAPTOP).log_in("intaker.other")
    reader.page.goto("/instellingen/sleutels/")
    reader.in_all_ways("own_tokens")
    reader.page.get_by_role("link", name="Maak een sleutel").click()
    reader.page.get_by_label("Hoe noemt u deze sleutel?").fill("Ons systeem")
    reader.page.get_by_label("Lezen wat met u is gedeeld").check()
    until = reader.page.get_by_label("Tot en met welke dag?")
    until.fill(until.get_attribute("max"))
    reader.in_all_ways("own_token_new")
    reader.page.get_by_role("button", name="Maak de sleutel").click()
    assert reader.page.get_by_label("Sleutel «Ons systeem»").input_value().startswith("op_")
    reader.page.get_by_role("link", name="Klaar").click()
    reader.page.get_by_role("button", name="Haal weg").click()
    assert reader.page.get_by_text("U hebt nog geen sleutels.").is_visible()
