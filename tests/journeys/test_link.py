"""A link, as its people walk it: Romy gives it, somebody at the placement reads without an account, Romy stops."""

import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from tests.journeys.conftest import LAPTOP, PHONE, Person, Site

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]


def given_a_link_for_a_placement(student: Person, label: str, address: str) -> str:
    """The five screens and the yes; returns the code that stands there once."""
    student.page.goto("/delen/")
    student.link("Deel met iemand").screen("link-who").link("Mijn stage")
    student.tap("Verder").sees("Schrijf op wie het is.").screen("link-to-wrong")
    student.page.get_by_label("Naam en plaats").fill(label)
    student.page.get_by_label("E-mailadres").fill(address)
    student.screen("link-to").tap("Verder")
    assert student.page.locator("input:checked").count() == 0
    student.page.get_by_label(re.compile("goed in")).first.check()
    student.page.get_by_label(re.compile("stage of werk\\?")).last.check()
    student.screen("link-what").tap("Verder")
    today = localdate()
    student.page.get_by_label("De eerste dag").fill(today.isoformat())
    student.page.get_by_label("De laatste dag").fill((today + timedelta(days=60)).isoformat())
    student.screen("link-placement").tap("Verder")
    student.screen("link-preview").tap("Dit is goed")
    student.sees(address).screen("link-confirm").tap("Ja, deel dit")
    student.sees("Je ziet deze code maar één keer.").screen("link-code")
    code = re.sub(r"\D", "", student.page.locator(".code [aria-hidden]").inner_text())
    assert len(code) == 6
    student.link("Ik heb de code").screen("link-share")
    assert code not in student.page.inner_text("body")
    return code


def then_a_mail_came(reader: Person, site: Site, address: str) -> str:
    """The path in the newest mail to this address; the mail itself is on the console (contract, Settings)."""
    for _ in range(100):
        said = site.output.read_text(errors="replace").replace("=\n", "")
        mails = said.split("Subject: ")
        own = [mail for mail in mails if f"To: {address}" in mail and "/inzage/" in mail]
        if own:
            assert own[-1].startswith("Iemand wil iets met u delen") and "Romy" not in own[-1]
            return re.findall(r"/inzage/[\w-]+/", own[-1])[0]
        reader.page.wait_for_timeout(200)
    raise AssertionError("no mail came")


def when_they_open_it_with_the_code(reader: Person, path: str, code: str) -> None:
    for _ in range(20):  # a mail scanner
        assert reader.get(path).status == 200
    reader.page.goto(path)
    reader.sees("wil iets met u delen").sees_not("Romy").in_all_ways("link").tap("Ik heb de code")
    reader.page.get_by_label("De code van zes cijfers").fill(f"{(int(code) + 1) % 1_000_000:06}")
    reader.screen("link-ask").tap("Bekijk")
    reader.sees("nog 2 keer").screen("link-wrong")
    reader.page.get_by_label("De code van zes cijfers").fill(code)
    reader.tap("Bekijk").sees("Romy S.").sees("Waar ben je goed in?").in_all_ways("link-read")
    assert reader.page.url.endswith(path)


def then_nothing_leaks_from_the_page(reader: Person, path: str) -> None:
    assert "Romy" not in reader.page.title() and path not in reader.page.content()
    assert reader.page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    with reader.page.expect_request("**/privacy/") as asked:
        reader.link("Privacy")
    assert "referer" not in asked.value.headers
    reader.page.go_back()
    reader.sees("Romy S.")


def then_the_student_sees_who_looked_and_stops(student: Person, reader: Person, path: str, label: str) -> None:
    student.page.goto("/wie-keek/")
    student.sees(label).sees("met een link").screen("link-looks")
    reader.tap("Stop met bekijken").sees_not("Romy").screen("link-stopped")
    student.page.goto("/delen/")
    student.page.locator("li.card", has_text=label).get_by_role("link", name="Stop met delen").click()
    student.tap("Ja, stop").sees("Gestopt")
    assert reader.page.goto(path).status == 404
    reader.sees("Deze link werkt niet (meer)").screen("link-closed")


@pytest.mark.services
@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_link_for_a_placement(person, site, scripts):
    label = f"Manege Het Hoefijzer, {'Oudermade' if scripts else 'Linderhaven'}"
    address = f"manege-{scripts}@hoefijzer.example".lower()
    student = person(PHONE, java_script_enabled=scripts, has_touch=True).log_in("student.work")
    reader = person(PHONE, java_script_enabled=scripts)
    code = given_a_link_for_a_placement(student, label, address)
    path = then_a_mail_came(reader, site, address)
    when_they_open_it_with_the_code(reader, path, code)
    if scripts:
        then_nothing_leaks_from_the_page(reader, path)
    then_the_student_sees_who_looked_and_stops(student, reader, path, label)
    said = site.output.read_text(errors="replace")
    lines = [line for line in said.splitlines() if line.startswith("{")]
    assert not [line for line in lines if path.strip("/").split("/")[1] in line or code in line]


def type_a_code(url: str, code: str) -> int:
    data = urllib.parse.urlencode({"code": code}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.services
def test_ten_wrong_codes_at_the_same_time_are_three(person, site):
    """Two processes with four threads each answer them; no more than three may be compared with the code."""
    student = person(LAPTOP).log_in("student.work")
    code = given_a_link_for_a_placement(student, "Kwekerij De Tuin, Oudermade", "kwekerij@detuin.example")
    path = then_a_mail_came(student, site, "kwekerij@detuin.example")
    share = student.page.url
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    with ThreadPoolExecutor(10) as people:
        answers = sorted(people.map(lambda _: type_a_code(site.address + path, wrong), range(10)))
    assert answers == [400, 400, *[404] * 8]
    assert type_a_code(site.address + path, code) == 404
    student.page.goto(share)
    student.sees("Er is drie keer een foute code ingevuld.").screen("link-locked")
    student.tap("Maak een nieuwe code").sees("Dit is de code")
    assert student.get(path).status == 200
