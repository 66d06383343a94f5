"""Standing still, downloading and erasing, as a student does it: phone and laptop, light and dark."""

import os
import subprocess
import sys

import pytest

from tests.journeys.conftest import LAPTOP, PHONE, ROOT, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
OWN = "/instellingen/mijn-gegevens/"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("size", "viewport"), [("phone", PHONE), ("laptop", LAPTOP)])
def test_the_screens_of_own_data(person, size, viewport, scheme):
    student = person(viewport, color_scheme=scheme).log_in("student.adult")
    name = f"{size}-{scheme}"
    student.page.goto("/instellingen/")
    student.link("Mijn gegevens").screen(f"own-data-{name}")
    student.tap("Zet stil").sees("Je paspoort staat stil").screen(f"own-data-frozen-{name}")
    student.tap("Zet weer aan").sees("Je paspoort staat weer aan")
    student.link("Lees eerst wat er gebeurt").screen(f"own-data-erase-{name}")
    student.tap("Wis alles").sees("Schrijf je wachtwoord op.").screen(f"own-data-erase-wrong-{name}")
    student.tick("Ja, wis alles wat over mij gaat").page.get_by_label("Je wachtwoord").fill("paspoort-demo")
    student.tap("Wis alles").sees("We wissen je paspoort").screen(f"own-data-waits-{name}")
    student.tap("Niet wissen").sees("Alles is er nog")
    student.tap("Zet weer aan")


def test_the_download_opens_as_one_page(person):
    student = person(PHONE).log_in("student.adult")
    student.page.goto(OWN)
    with student.page.expect_download() as found:
        student.page.get_by_role("link", name="Om te lezen").click()
    assert found.value.suggested_filename == "paspoort.html"
    student.page.set_content(found.value.path().read_text(encoding="utf-8"))
    student.sees("Wat je schreef").screen("own-data-download")


@pytest.fixture
def somebody_comes_back(site: Site):
    """The account that leaves is there again afterwards: other journeys on this site need it, in any order."""
    yield
    env = {**os.environ, **site.settings}
    subprocess.run([sys.executable, "manage.py", "seed_demo"], cwd=ROOT, env=env, check=True, capture_output=True)


def test_erased_at_once_is_out_and_gone(person, site, somebody_comes_back):
    student = person(PHONE).log_in("student.work")
    student.page.goto(f"{OWN}wissen/")
    student.tick("Ja, wis alles wat over mij gaat").tick("Ik wil geen 7 dagen wachten. Wis het nu meteen.")
    student.page.get_by_label("Je wachtwoord").fill("paspoort-demo")
    student.tap("Wis alles").sees("komt het uit geen back-up meer terug").in_all_ways("erased")
    assert student.context.cookies() == []
    student.page.goto("/demo/")
    assert student.page.get_by_role("button", name="student.work").count() == 0
    assert len((site.var / "erasures.list").read_text().splitlines()) >= 1
