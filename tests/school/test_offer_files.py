"""The help of a college as a file: what goes out comes in the same, and nothing is ever half imported."""

import csv
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Membership, Programme, Role, User
from accounts.refusals import Refusal
from intake.models import Layer, Offer
from intake.services.offers import fit_text, known_needs
from school.models import OfficeEvent
from school.offer_files import COLUMNS, FORMULA, Row, read_file, write_rows
from school.services import offer_import
from tests import factories

HEAD = ";".join(COLUMNS.values())


@pytest.fixture
def boss(care) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="meneer Achtereekte")


def offer(programme, need="quiet", layer="basic", text="Er is een stille kamer.") -> Offer:
    return Offer.objects.create(programme=programme, need=need, layer=layer, text=text)


def row(programme, text, need="quiet", layer="Voor iedereen") -> str:
    return f"{programme.code};;{need};;{layer};{text}"


def page_of(programme) -> str:
    return reverse("office_offers_upload", args=[programme.institution_id])


def upload(browser, programme, *rows, head=HEAD):
    content = "\n".join([head, *rows]).encode() if rows and isinstance(rows[0], str) else rows[0]
    return browser.post(page_of(programme), {"file": SimpleUploadedFile("hulp.csv", content)})


def say_yes(browser, programme, page, **more):
    seen = {name: page.context["form"].initial[name] for name in ("waiting", "seen")}
    return browser.post(page_of(programme), {**seen, **more})


def texts() -> set[tuple[str, str, str]]:
    return set(Offer.objects.values_list("need", "layer", "text"))


# --- The yes ------------------------------------------------------------------------------------------------------


def test_what_is_fetched_and_sent_back_changes_nothing(browser_of, care, boss):
    offer(care)
    offer(care, "time", "extra", 'Zeg "hallo"; en wacht, rustig.')
    offer(care, "travel", "external", "=1+1 is twee.")
    browser = browser_of(boss)
    file = browser.get(reverse("office_offers_file", args=[care.institution_id]))
    assert file.content.startswith("\ufeff".encode()) and file["Content-Type"].startswith("text/csv")
    page = upload(browser, care, file.content)
    assert (page.context["plan"].lines, page.context["plan"].same) == ((), 3)
    assert "Er verandert niets" in page.content.decode()


def test_new_and_changed_are_shown_and_come_in_after_a_yes(browser_of, care, boss):
    offer(care)
    browser = browser_of(boss)
    page = upload(browser, care, row(care, "Lokaal 2 is stil."), row(care, "Een vaste plek.", layer="extra"))
    html = page.content.decode()
    assert "Nieuw: 1" in html and "Anders: 1" in html and "Er is een stille kamer." in html
    assert texts() == {("quiet", "basic", "Er is een stille kamer.")}  # a look changes nothing
    assert say_yes(browser, care, page).status_code == 302
    assert texts() == {("quiet", "basic", "Lokaal 2 is stil."), ("quiet", "extra", "Een vaste plek.")}
    what = OfficeEvent.objects.filter(institution=care.institution, by=boss).values_list("what", flat=True)
    assert sorted(what) == ["offer_changed", "offer_written"]


def test_what_is_not_in_the_file_goes_only_by_a_tick(browser_of, care, boss):
    offer(care)
    offer(care, "time", "basic", "Wij helpen bij medicijnen.")
    browser = browser_of(boss)
    page = upload(browser, care, row(care, "Lokaal 2 is stil."))
    assert "Niet in het bestand: 1" in page.content.decode() and "checked" not in page.content.decode()
    say_yes(browser, care, page)
    assert len(texts()) == 2
    page = upload(browser, care, row(care, "Lokaal 2 is stil."))
    say_yes(browser, care, page, take_away="on")
    assert texts() == {("quiet", "basic", "Lokaal 2 is stil.")}


def test_a_programme_that_is_not_in_the_file_stays_as_it_is(browser_of, care, boss):
    other = Programme.objects.create(institution=care.institution, code="kok", name="Kok", level=2)
    offer(other, text="De keuken is klein.")
    page = upload(browser_of(boss), care, row(care, "Lokaal 2 is stil."))
    say_yes(browser_of(boss), care, page, take_away="on")
    assert Offer.objects.filter(programme=other).exists()


def test_a_spreadsheet_that_kept_it_as_xlsx_changes_nothing(browser_of, care, boss):
    offer(care)
    offer(care, "time", "extra", "- een half uur meer; altijd")
    file = browser_of(boss).get(reverse("office_offers_file", args=[care.institution_id]))
    book = openpyxl.Workbook()
    for cells in csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"):
        book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    plan = upload(browser_of(boss), care, out.getvalue()).context["plan"]
    assert (plan.lines, plan.wrong, plan.same) == ((), (), 2)


def test_the_names_of_the_api_are_understood_too(browser_of, care, boss):
    page = upload(browser_of(boss), care, f"{care.code};quiet;extra;Een plek.", head="programme;need;layer;text")
    assert [one.new for one in page.context["plan"].lines] == ["Een plek."]


# --- The no -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("{other};;quiet;;Voor iedereen;Een plek.", "geen opleiding met deze code"),
        ("{own};;nothing;;Voor iedereen;Een plek.", "Deze soort hulp kennen we niet."),
        ("{own};;time;;Zomaar;Een plek.", "De laag is"),
        ("{own};;time;;Voor iedereen;=SOM(A1)", "Er staat een formule."),
        ("{own};;time;;Voor iedereen;Vraag [naam].", "Haal de haken weg."),
        ("{own};;time;;Voor iedereen;" + "a" * 401, "Dit is te lang."),
        ("{own};;quiet;;Voor iedereen;Nog een.", "Deze hulp staat ook in rij 2."),
    ],
)
def test_a_wrong_row_has_a_sentence_and_nothing_comes_in(browser_of, care, boss, wrong, sentence):
    other = factories.make_programme()
    said = wrong.format(own=care.code, other=other.code)
    page = upload(browser_of(boss), care, row(care, "Goed."), said)
    assert page.status_code == 400 and sentence in page.content.decode()
    assert [number for number, _ in page.context["plan"].wrong] == [3]
    answer = say_yes(browser_of(boss), care, page)
    assert answer.status_code != 302 and not Offer.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Naam;Iets\nA;B", "geen rij met deze kopjes"),
        (HEAD.encode(), "Onder de kopjes staat niets."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "kunnen wij niet lezen"),
    ],
)
def test_a_file_that_is_none_is_refused(browser_of, care, boss, content, sentence):
    page = upload(browser_of(boss), care, content)
    assert page.status_code == 400 and sentence in page.content.decode()


def test_more_than_fits_on_a_page_is_refused_before_anything_waits(browser_of, care, boss):
    more = [
        Programme.objects.create(institution=care.institution, code=f"p{n}", name=f"P{n}", level=2) for n in range(12)
    ]
    needs = [one.key for one in known_needs()]
    rows = [row(one, "a" * 390, need, layer) for one in more for need in needs for layer in Layer.labels]
    page = upload(browser_of(boss), care, *rows)
    assert page.status_code == 400 and "te veel anders in één keer" in page.content.decode()


def test_six_hundred_texts_at_once_cost_a_bounded_number_of_statements(care, boss):
    more = [
        Programme.objects.create(institution=care.institution, code=f"p{n}", name=f"P{n}", level=2) for n in range(12)
    ]
    needs = [one.key for one in known_needs()]
    rows = [row(one, "Een plek.", need, layer) for one in more for need in needs for layer in Layer.labels]
    plan = offer_import.make_plan(care.institution, "\n".join([HEAD, *rows]).encode())
    with CaptureQueriesContext(connection) as asked:
        assert offer_import.import_offers(plan=plan, take_away=False, by=boss) == len(rows) == Offer.objects.count()
    assert len(asked) < 9 * len(rows)


def test_only_the_coordinator_of_this_college(browser_of, client, care, imke, boss):
    stranger = factories.make_staff(Role.COORDINATOR, institution=factories.make_programme().institution)
    places = [page_of(care), reverse("office_offers_file", args=[care.institution_id])]
    assert [browser_of(boss).get(place).status_code for place in places] == [200, 200]
    for who in (imke, stranger):
        assert [browser_of(who).get(place).status_code for place in places] == [404, 404]
        assert upload(browser_of(who), care, row(care, "Een plek.")).status_code == 404
    assert client.get(places[0]).status_code == 302


def test_a_forged_yes_reaches_no_other_college(browser_of, care, boss):
    other = factories.make_programme()
    plan = offer_import.make_plan(other.institution, f"{HEAD}\n{row(other, 'Gekaapt.')}".encode())
    forged = {"waiting": offer_import.waiting(plan), "seen": plan.digest}
    assert browser_of(boss).post(page_of(care), forged).status_code == 400
    with pytest.raises(Refusal, match="forbidden"):
        offer_import.import_offers(plan=plan, take_away=True, by=boss)
    assert not Offer.objects.exists()


# --- The no longer ------------------------------------------------------------------------------------------------


def test_a_text_that_moved_in_between_stops_the_whole_file(browser_of, care, boss):
    mine = offer(care)
    page = upload(browser_of(boss), care, row(care, "Anders."), row(care, "Nieuw.", layer="extra"))
    Offer.objects.filter(pk=mine.pk).update(text="Een collega was eerder.")
    answer = say_yes(browser_of(boss), care, page)
    assert answer.status_code == 400 and "Intussen is er iets veranderd." in answer.content.decode()
    assert texts() == {("quiet", "basic", "Een collega was eerder.")}


def test_a_text_that_moves_at_the_very_last_moment_stops_it_too(care, boss):
    mine = offer(care)
    content = "\n".join([HEAD, row(care, "Anders."), row(care, "Nieuw.", layer="extra")]).encode()
    plan = offer_import.make_plan(care.institution, content)
    Offer.objects.filter(pk=mine.pk).update(text="Een collega was eerder.")
    with pytest.raises(Refusal, match="changed"):
        offer_import.import_offers(plan=plan, take_away=False, by=boss)
    assert texts() == {("quiet", "basic", "Een collega was eerder.")}


def test_who_is_no_coordinator_any_more_says_no_yes(browser_of, care, boss):
    page = upload(browser_of(boss), care, row(care, "Een plek."))
    Membership.objects.filter(user=boss).delete()
    assert say_yes(browser_of(boss), care, page).status_code == 404 and not Offer.objects.exists()


# --- Round trip, on any text --------------------------------------------------------------------------------------

ANY = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")) | st.sampled_from("\n;,\"'=+-@\t|"), max_size=60
)


def kept(raw: str) -> str:
    """The text as a college could have written it; empty when it could not."""
    try:
        return fit_text(raw)
    except Refusal:
        return ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(ANY.map(kept).filter(bool), min_size=1, max_size=6))
@example(["=1+1", "'=1", "''-x", '="0012"', 'a "b"; c', "- een, twee, drie", "'", '"', ";;;;;", "@naam"])
@example(["a" * 400])
def test_what_is_written_is_read_the_same_and_is_no_formula(texts):
    written = write_rows(Row(0, "care3", "quiet", "basic", text) for text in texts)
    assert [one.text for one in read_file(f"\ufeff{written}".encode())] == texts
    assert not any(one.is_formula for one in read_file(written.encode()))
    cells = [cell for line in csv.reader(io.StringIO(written, newline=""), delimiter=";") for cell in line]
    assert not [cell for cell in cells if FORMULA.match(cell) and not cell.startswith("'")]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANY.map(kept).filter(bool), min_size=1, max_size=3))
def test_a_college_that_sends_its_own_file_back_changes_nothing(care, texts):
    Offer.objects.all().delete()
    for text, layer in zip(texts, Layer.values, strict=False):
        offer(care, layer=layer, text=text)
    plan = offer_import.make_plan(care.institution, offer_import.own_file(care.institution).encode())
    assert (plan.lines, plan.wrong, plan.same) == ((), (), len(texts))
