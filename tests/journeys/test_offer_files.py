"""The help of a college as a file: fetched, changed in a program of its own, looked at and taken in; and put back."""

import pytest

from tests.journeys.conftest import LAPTOP, Person

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("site")]
NEW = "Op maandag kookt een oudere student met je mee."


def uploaded(boss: Person, content: bytes) -> Person:
    boss.page.get_by_label("Het bestand").set_input_files(
        {"name": "hulp.csv", "mimeType": "text/csv", "buffer": content}
    )
    return boss.tap("Verder")


def fetched(boss: Person) -> bytes:
    link = boss.page.get_by_role("link", name="Haal het bestand op (csv)")
    answer = boss.page.request.get(str(link.get_attribute("href")))
    assert answer.ok
    return answer.body()


def test_a_college_takes_its_file_out_and_in_again(person) -> None:
    boss = person(LAPTOP).log_in("college.coordinator")
    boss.link("Opleidingen").link("De hulp van alle opleidingen als bestand")
    before = fetched(boss)
    boss.in_all_ways("office_offers_upload")
    uploaded(boss, before).sees("Er verandert niets").screen("office_offers_check-same")

    boss.link("Naar de opleidingen").link("De hulp van alle opleidingen als bestand")
    head, first, *rest = before.decode("utf-8-sig").splitlines()
    changed = ";".join([*first.split(";")[:5], NEW])
    uploaded(boss, "\n".join([head, changed, *rest[1:], "zomaar;;quiet;;Voor iedereen;Iets"]).encode())
    boss.sees("1 rij met een fout").sees("geen opleiding met deze code").in_all_ways("office_offers_check-wrong")

    boss.link("Kies het bestand opnieuw")
    uploaded(boss, "\n".join([head, changed, *rest[1:]]).encode())
    boss.sees("Anders: 1").sees("Niet in het bestand: 1").sees(NEW).in_all_ways("office_offers_check")
    boss.page.get_by_label("Haal ook weg wat niet in het bestand staat").check()
    boss.tap("Ja, lees dit in").sees("2 teksten zijn nu anders.")

    boss.link("De hulp van alle opleidingen als bestand")
    assert NEW in fetched(boss).decode()
    uploaded(boss, before).sees("Nieuw: 1").tap("Ja, lees dit in").sees("2 teksten zijn nu anders.")
    boss.link("De hulp van alle opleidingen als bestand")
    assert fetched(boss) == before
