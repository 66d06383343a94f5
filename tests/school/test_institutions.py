"""The lists of schools that DUO publishes: columns move, and twice is no error."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Institution, InstitutionIdentifier, Region, Role
from school.models import OfficeEvent
from tests import factories

OLD = (
    "BEVOEGD GEZAG NUMMER;BRIN NUMMER;VESTIGINGSNUMMER;VESTIGINGSNAAM;PLAATSNAAM;ONDERWIJSSTRUCTUUR;"
    "RMC-REGIO CODE;RMC-REGIO NAAM\n"
    "12345;99SW;99SW03;Het Wijdeland;OUDERMADE;PRO;36;Regio Lindestreek\n"
    "12345;99SW;4;Het Zwarte Água;OUDERMADE;VMBO/HAVO;36;Regio Lindestreek\n"
)
NEW = (
    "Instellingscode,Vestigingscode,Vestigingsnaam,Plaatsnaam,Onderwijsstructuur,RMC-regio code,RMC-regio naam\n"
    "99SW,99SW03,Het Wijdeland,OUDERMADE,PRO,36,Regio Lindestreek\n"
    "99SW,99SW04,Het Zwarte Água,OUDERMADE,VMBO/HAVO,36,Regio Lindestreek\n"
)


@pytest.fixture
def run(tmp_path):
    def command(text: str, kind: str = "vo", encoding: str = "cp1252") -> str:
        file, said = tmp_path / "lijst.csv", StringIO()
        file.write_bytes(text.encode(encoding))
        call_command("import_institutions", str(file), kind=kind, stdout=said)
        return said.getvalue()

    return command


def codes() -> dict[str, str]:
    return dict(InstitutionIdentifier.objects.order_by("value").values_list("value", "institution__name"))


def test_a_list_with_last_years_columns_and_one_with_this_years_are_the_same_schools(run):
    assert run(OLD).startswith("2 made")
    assert codes() == {"99SW03": "Het Wijdeland", "99SW04": "Het Zwarte Água"}
    assert run(NEW, encoding="utf-8-sig").startswith("0 made, 0 changed, 2 the same")
    assert Institution.objects.count() == 2 and Region.objects.get().name == "Regio Lindestreek"


def test_what_changed_is_written_over_and_nobody_is_removed(run):
    run(OLD)
    one = OLD.replace("Het Wijdeland", "De Brug").rsplit("\n", 2)[0]
    assert run(one).startswith("0 made, 1 changed, 0 the same")
    assert codes() == {"99SW03": "De Brug", "99SW04": "Het Zwarte Água"}


def test_every_change_stands_in_the_log_of_its_place_and_nothing_else_does(run, browser_of):
    run(OLD)
    brug = Institution.objects.get(name="Het Wijdeland")
    assert {one.institution_id: one.what for one in OfficeEvent.objects.all()} == dict.fromkeys(
        Institution.objects.values_list("pk", flat=True), "duo_made"
    )
    run(NEW, encoding="utf-8-sig")
    assert OfficeEvent.objects.count() == 2
    run(OLD.replace("Het Wijdeland", "De Brug"))
    last = OfficeEvent.objects.get(what="duo_changed")
    assert (last.institution, last.by, last.detail) == (brug, None, "naam Het Wijdeland → De Brug")
    boss = factories.make_staff(Role.COORDINATOR, institution=brug)
    page = browser_of(boss).get(reverse("office_log", args=[brug.pk])).content.decode()
    assert page.count("De lijst van DUO") == 2 and "niet meer is" not in page


def test_a_list_that_fails_leaves_no_line(run, monkeypatch):
    monkeypatch.setattr("school.institutions._region", lambda row, regions: 1 / 0 if row.branch == "99SW04" else None)
    with pytest.raises(ZeroDivisionError):
        run(OLD)
    assert not OfficeEvent.objects.exists() and not Institution.objects.exists()


def test_of_a_list_with_more_kinds_only_the_one_asked_for_comes_in(run):
    assert "1 made" in run(OLD, kind="pro") and list(codes()) == ["99SW03"]
    assert Institution.objects.get().kind == "pro"


def test_a_college_has_a_code_without_a_branch(run):
    run("INSTELLINGSCODE;INSTELLINGSNAAM;PLAATSNAAM\n99MA;Linderhaven College;LINDERHAVEN\n", kind="mbo")
    assert codes() == {"99MA": "Linderhaven College"}


def test_a_row_without_a_code_is_named_by_its_number(run):
    said = run(OLD + "12345;;;Zonder code;X;PRO;;\n")
    assert "2 made" in said and "1 rows without a usable code or name: 4" in said


def test_a_row_with_a_bsn_in_a_name_comes_in_nowhere(run):
    """Contract, rule 12: no list brings one in, and the row is named by its number alone."""
    said = run(OLD.replace("Het Wijdeland", "Het Wijdeland 111222333"))
    assert "1 made" in said and "1 rows without a usable code or name: 2" in said and "111222333" not in said
    assert not Institution.objects.filter(name__contains="111222333").exists()


@pytest.mark.parametrize("text", ["een;twee\n1;2\n", "", "%PDF-1.7\x00\x01"])
def test_an_unknown_list_is_refused_whole(run, text):
    with pytest.raises(CommandError):
        run(text)
    assert not Institution.objects.exists()


def test_its_headings_are_named(run):
    with pytest.raises(CommandError, match="een, twee"):
        run("een;twee\n1;2\n")
