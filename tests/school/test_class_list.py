"""A class list: twenty awkward files, what is refused, and that nothing is ever half imported."""

import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import DataKey, Institution, Membership, Role, SchoolClass, Student, User
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of
from consent.models import Share
from passport.models import Passport
from passport.services import open_sheet
from school import classlist_draft
from school.models import ClassListDraft, OfficeEvent, SchoolNumber
from school.services.importing import Fate, import_list, make_plan
from school.services.years import year_of
from school.tasks import tell
from tests import factories

HEAD = "Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Klas"
ANNA = "1234;Anna;van der;Berg;14-03-2010;B1"
BRAM = "1235;Bram;;Çelik;02-11-2009;B1"
PLAIN = "\n".join([HEAD, ANNA, BRAM])
BOTH = [("Anna", "van der", "Berg", "2010-03-14", "B1"), ("Bram", "", "Çelik", "2009-11-02", "B1")]
BSN = "111222333"  # passes the eleven-test, and is nobody's


@pytest.fixture
def school() -> Institution:
    return Institution.objects.create(name="De Veerstoep", kind=Institution.Kind.VSO)


@pytest.fixture
def boss(school) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=school, name="mevrouw Oseikan")


def taken(content: bytes | str, school, boss, *, columns=None, one_class="", year=""):
    """A file through the first two steps."""
    raw = content.encode() if isinstance(content, str) else content
    pk = classlist_draft.take_in(raw, institution=school, school_year=year or year_of(), by=boss)
    opened = classlist_draft.get_list_or_404(pk, boss)
    return classlist_draft.set_columns(opened, opened.columns if columns is None else columns, one_class)


def brought_in(content, school, boss, *, left=(), skip=False, **more):
    opened = taken(content, school, boss, **more)
    return import_list(opened, left=set(left), skip_wrong=skip, by=boss)


def people() -> list[tuple[str, str, str, str, str]]:
    found = []
    for student in Student.objects.select_related("user"):
        who, where = identity_of(student, vault.open_key(student.pk)), class_of(student)
        found.append((who.calling_name, who.prefix, who.surname, who.birth_date, where.name if where else ""))
    return sorted(found)


def sheet(*rows, title="Blad1", **more) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    for place, value in more.get("cells", {}).items():
        page[place] = value
    for area in more.get("merged", ()):
        page.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEADS = HEAD.split(";")
EXCEL = [HEADS, ["1234", "Anna", "van der", "Berg", date(2010, 3, 14), "B1"],
         [1235, "Bram", None, "Çelik", "2-11-2009", "B1"]]  # fmt: skip


# --- Twenty awkward files: the same two students out of each ------------------------------------------------

AWKWARD = {
    "excel in dutch, cp1252": PLAIN.replace("\n", "\r\n").encode("cp1252"),
    "utf-8 with a mark": b"\xef\xbb\xbf" + PLAIN.encode(),
    "utf-16 with a mark": PLAIN.encode("utf-16"),
    "utf-16 without a mark": PLAIN.encode("utf-16-le"),
    "old mac, newlines and letters": PLAIN.replace("\n", "\r").encode("mac_roman"),
    "tabs": PLAIN.replace(";", "\t"),
    "commas and quotes": PLAIN.replace(";", ","),
    "a line that names the mark": "sep=;\n" + PLAIN,
    "a title above, blank lines between": "De Veerstoep;;;;;\nKlassenlijst;;;;;\n;;;;;\n" + PLAIN.replace("\n", "\n\n"),
    "headings twice, as a printed page": "\n".join([HEAD, ANNA, HEAD, BRAM]),
    "other headings, in capitals": PLAIN.replace(HEAD, "STAMNR;VOORNAAM;VOORVOEGSEL;GESLACHTSNAAM;GEB.DATUM;STAMGROEP"),
    "columns we do not know": "\n".join(
        [HEAD + ";Lokaal;E-mail", ANNA + ";A12;a@x.example", BRAM + ";A12;b@x.example"]
    ),
    "prefix with the surname": "Roepnaam;Achternaam;Geboortedatum;Klas\nAnna;van der Berg;2010-03-14;B1\n"
    "Bram;Çelik;2009-11-02;B1",
    "prefix behind the surname": "Roepnaam;Achternaam;Geboortedatum;Klas\nAnna;Berg, van der;14/03/2010;B1\n"
    "Bram;Çelik;2.11.2009;B1",
    "prefix in two columns": "Roepnaam;Tussenvoegsel;Tussenvoegsel 2;Achternaam;Geboortedatum;Klas\n"
    "Anna;van;der;Berg;14-03-2010;B1\nBram;;;Çelik;02-11-2009;B1",
    "the whole name in one column": "Naam;Geboortedatum;Klas\nBerg, Anna van der;14-03-2010;B1\n"
    "Bram Çelik;02-11-2009;B1",
    "excel's own nought": PLAIN.replace("1234;", '="001234";'),
    "xlsx with dates and numbers": sheet(*EXCEL),
    "xlsx with merged titles": sheet(["De Veerstoep"], ["Lijst van vandaag"], [], *EXCEL, merged=["A1:F1", "A2:F2"]),
    "xlsx with an empty first row and column": sheet([], *[[None, *row] for row in EXCEL]),
}


def test_there_are_twenty_of_them():
    assert len(AWKWARD) >= 20


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_file_gives_all_its_rows(school, boss, name):
    plan = brought_in(AWKWARD[name], school, boss)
    assert people() == BOTH and not plan.wrong


def test_five_thousand_rows(school, boss):
    rows = [f"{number:06};{_word(number)};;Jansen;14-03-2010;K{number % 40}" for number in range(1, 5001)]
    plan = make_plan(taken("\n".join([HEAD, *rows]), school, boss))
    assert len(plan.of(Fate.NEW)) == 5000 and not plan.wrong
    with pytest.raises(Refusal, match="too_many"):
        taken("\n".join([HEAD, *rows, *rows[:100]]), school, boss)


def test_five_thousand_rows_come_in_with_a_bounded_number_of_statements(school, boss):
    rows = [f"{number:06};{_word(number)};;Jansen;14-03-2010;K{number % 40}" for number in range(1, 5001)]
    opened = taken("\n".join([HEAD, *rows]), school, boss)
    with CaptureQueriesContext(connections["default"]) as here, CaptureQueriesContext(connections["keys"]) as keys:
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    # A statement per class and per batch, which SQLite keeps small; never one per student.
    assert len(here) + len(keys) <= 320
    counts = [model.objects.count() for model in (Student, SchoolNumber, DataKey, Passport)]
    assert counts[:2] == [5000, 5000] and counts[2] >= 5000 and counts[3] == 5000
    places = Membership.objects.filter(role=Role.STUDENT).values("school_class").annotate(many=Count("pk"))
    assert [row["many"] for row in places] == [125] * 40
    one = SchoolNumber.objects.select_related("student").order_by("?").first().student
    assert identity_of(one, vault.open_key(one.pk)).surname == "Jansen"


def _word(number: int) -> str:
    return "".join("abcdefghij"[int(one)] for one in str(number))


def test_formula_cells_are_never_run_and_come_in_as_the_value_they_had(school, boss):
    book = sheet(*EXCEL, cells={"B2": "=WEBSERVICE(A1)"})
    plan = make_plan(taken(book, school, boss))
    assert [one.errors for one in plan.wrong] == [("De roepnaam is leeg.",)]  # nobody computed it
    text = PLAIN.replace("Anna", "=cmd|' /C calc'!A").replace("Bram", "@SUM")
    plan = make_plan(taken(text, school, boss))
    assert [one.row for one in plan.wrong] == [2, 3] and "formule" in plan.wrong[0].errors[0]


# --- A clear sentence for what cannot be read ---------------------------------------------------------------


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


def with_part(book: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """A workbook with something in one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for part in before.infolist():
            text = before.read(part)
            assert part.filename != name or old in text
            after.writestr(part.filename, text.replace(old, new, 1) if part.filename == name else text)
    return out.getvalue()


def and_part(book: bytes, name: str, content: bytes) -> bytes:
    """A workbook with a part more."""
    out = io.BytesIO(book)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr(name, content)
    return out.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FIRST = "xl/worksheets/sheet1.xml"
REFUSED = {
    "empty": (b"", "empty"),
    "only separators": (b";;;\r\n;;;\r\n", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "unreadable"),
    "a pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 4, "unreadable"),
    "excel of 1997, or with a password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
    "a zip that is no workbook": (packed(mimetype=b"application/vnd.oasis"), "unreadable"),
    "half a workbook": (sheet(*EXCEL)[:2000], "unreadable"),
    "a zip bomb": (packed(xl__workbook_xml=b"0" * (65 << 20)), "too_big"),
    "a bomb in the styles": (with_part(sheet(*EXCEL), "xl/styles.xml", b"</styleSheet>",
                             b" " * (5 << 20) + b"</styleSheet>"), "too_big"),
    "a bomb beside the sheets": (with_part(sheet(*EXCEL), "[Content_Types].xml", b"</Types>",
                                 b" " * (5 << 20) + b"</Types>"), "too_big"),
    "a bomb in a sheet": (with_part(sheet(*EXCEL), FIRST, b"</worksheet>",
                          b" " * (17 << 20) + b"</worksheet>"), "too_big"),
    "texts that are together too much": (
        and_part(sheet(*EXCEL), "xl/sharedStrings.xml", b"<si><t>Anna</t></si>" * (1 << 20)), "too_big"),
    "entities that grow": (with_part(sheet(*EXCEL), FIRST, b"<worksheet", LAUGHS + b"<worksheet"), "unreadable"),
    "a row far below": (with_part(sheet(*EXCEL), FIRST, b'<row r="3"', b'<row r="999999999"'), "too_many"),
    "too big": (b"x" * ((5 << 20) + 1), "too_big"),
    "no headings": ("\n".join([ANNA, BRAM]).encode(), "no_headings"),
    "headings and nobody": (HEAD.encode(), "no_rows"),
    "a quote that does not close": (PLAIN.replace("Anna", '"Anna').encode() + b"\nx\nx\nx\nx\nx", "quote"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_gets_a_sentence_and_leaves_nothing(school, boss, name):
    content, code = REFUSED[name]
    with pytest.raises(Refusal) as refused:
        taken(content, school, boss)
    assert refused.value.code == code and refused.value.sentence.endswith(".") and refused.value.field == "file"
    assert not ClassListDraft.objects.exists()


def test_a_bomb_in_a_part_that_is_read_whole_is_refused_before_it_is_opened(school, boss, monkeypatch):
    bomb = REFUSED["a bomb in the styles"][0]
    assert len(bomb) < 40_000
    monkeypatch.setattr("school.classlist_files.openpyxl.load_workbook", lambda *args, **more: pytest.fail("opened"))
    with pytest.raises(Refusal, match="too_big"):
        taken(bomb, school, boss)


# --- What never comes in (contract, rule 12) ----------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    ["BSN", "Burgerservicenummer", "b.s.n.", "Onderwijsnummer", "PGN", "ECK iD", "Cluster", "Diagnose", "DSM-5",
     "Indicatie", "TLV nummer", "Beperking", "IQ", "Medicatie", "Sofinummer"],
)  # fmt: skip
def test_a_column_is_refused_by_its_heading(school, boss, heading):
    with pytest.raises(Refusal) as refused:
        taken(f"{HEAD};{heading}\n{ANNA};x\n{BRAM};x", school, boss)
    assert refused.value.code == "never" and "Kolom G" in refused.value.sentence
    assert not ClassListDraft.objects.exists() and not Student.objects.exists()


@pytest.mark.parametrize("heading", ["Nummer", "Extern id", ""])
@pytest.mark.parametrize("shape", ["111222333", "'111222333", "111.22.2333"])
def test_a_column_is_refused_by_the_numbers_in_it(school, boss, heading, shape):
    text = f"{heading};Roepnaam;Achternaam;Klas\n{shape};Anna;Berg;B1\n{shape};Bram;Bos;B1"
    with pytest.raises(Refusal, match="bsn"):
        taken(text, school, boss)


def test_one_bsn_among_other_numbers_is_a_wrong_row(school, boss):
    rows = [f"{number};Anna;;Berg;;B{number}" for number in range(100_000_001, 100_000_030, 5)]
    plan = make_plan(taken("\n".join([HEAD, f"{BSN};Bram;;Bos;;B1", *rows]), school, boss))
    assert BSN not in str([one.errors for one in plan.wrong])
    assert "BSN" in next(one for one in plan.wrong if one.row == 2).errors[0]


def test_telephones_dates_and_numbers_of_a_school_are_no_bsn(school, boss):
    rows = [f"{10_000_000 + at * 7};Kind{'abc'[at]};;Berg;0{at + 1}032010;B1;06{at}2345678" for at in range(3)]
    text = "\n".join([HEAD + ";Telefoon", *rows]).replace("Kind", "K")
    assert len(make_plan(taken(text, school, boss)).of(Fate.NEW)) == 3


# --- Rows that are wrong ------------------------------------------------------------------------------------


def test_the_same_number_with_noughts_is_one_student(school, boss):
    plan = make_plan(taken("\n".join([HEAD, ANNA, "001234;Bram;;Bos;;B1"]), school, boss))
    assert [one.entry.number for one in plan.rows] == ["1234"]
    assert plan.wrong[0].errors == ("Dit leerlingnummer staat ook in rij 2. Een 0 ervoor telt niet mee.",)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1;;;Berg;;B1", "De roepnaam is leeg."),
        ("1;Anna;;;;B1", "De achternaam is leeg."),
        ("1;Anna;;Berg;31-02-2010;B1", "begrijpen wij niet"),
        ("1;Anna;;Berg;14-03-1950;B1", "9 tot 30 jaar"),
        ("1;Anna;;Berg;;", "De klas is leeg."),
        ("1;An4na;;Berg;;B1", "geen naam"),
        ("1;" + "A" * 90 + ";;Berg;;B1", "te lang"),
        ("1;An\u202ena;;Berg;;B1", "kunnen wij niet lezen"),
        ("{1};Anna;;Berg;;B1", "tekens die wij niet kennen"),
        ("Totaal: 30;;;;;", "De roepnaam is leeg."),
    ],
)
def test_a_wrong_row_says_what_is_wrong_and_nothing_comes_in(school, boss, row, said):
    opened = taken("\n".join([HEAD, ANNA, row]), school, boss)
    plan = make_plan(opened)
    assert [one.row for one in plan.wrong] == [3] and said in " ".join(plan.wrong[0].errors)
    with pytest.raises(Refusal, match="wrong_rows"):
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert not Student.objects.exists()
    import_list(opened, left=set(), skip_wrong=True, by=boss)
    assert [one[0] for one in people()] == ["Anna"]


def test_without_a_birth_date_somebody_counts_as_under_sixteen(school, boss):
    plan = brought_in("Roepnaam;Achternaam;Klas\nAnna;Berg;B1", school, boss)
    assert plan.without_birth_date == 1 and people()[0][3] == ""


def test_a_class_can_be_written_for_the_whole_list(school, boss):
    brought_in("Roepnaam;Achternaam\nAnna;Berg", school, boss, one_class="C3")
    assert people()[0][4] == "C3"
    with pytest.raises(Refusal, match="no_class"):
        taken("Roepnaam;Achternaam\nAnna;Berg", school, boss)


# --- Once more, and a year on -------------------------------------------------------------------------------


def test_the_same_list_twice_changes_nothing(school, boss):
    brought_in(PLAIN, school, boss)
    before = set(Membership.objects.values_list("pk", "starts_on", "ends_on")), set(User.objects.values_list("pk"))
    plan = brought_in(PLAIN.replace("1234", "01234"), school, boss)
    assert len(plan.of(Fate.SAME)) == 2 and not plan.missing
    assert before == (
        set(Membership.objects.values_list("pk", "starts_on", "ends_on")),
        set(User.objects.values_list("pk")),
    )


def test_without_a_number_name_and_birth_date_tell_who_it_is(school, boss):
    without = "\n".join(line.partition(";")[2] for line in PLAIN.split("\n"))
    brought_in(without, school, boss)
    assert len(brought_in(PLAIN, school, boss).of(Fate.SAME)) == 2 and SchoolNumber.objects.count() == 2
    assert len(brought_in(without.replace("ç", "Ç").replace("Anna", "ANNA"), school, boss).of(Fate.SAME)) == 2
    assert Student.objects.count() == 2


def test_two_of_one_name_without_anything_else_is_asked_about(school, boss):
    two = f"{HEAD}\n1;Anna;;Berg;;B1\n2;Anna;;Berg;;B2"
    brought_in(two, school, boss)
    plan = make_plan(taken("Roepnaam;Achternaam;Klas\nAnna;Berg;B1", school, boss))
    assert "twee studenten met deze naam" in plan.wrong[0].errors[0]


def age(school, days=40):
    """As if everybody came in some weeks ago."""
    Membership.objects.filter(school_class__institution=school).update(
        starts_on=timezone.localdate() - timedelta(days=days)
    )


def test_moved_left_and_back_again(school, boss):
    brought_in(PLAIN, school, boss)
    age(school)
    moved = brought_in(PLAIN.replace("B1", "B2", 1), school, boss)
    assert [one.entry.calling_name for one in moved.of(Fate.MOVED)] == ["Anna"]
    anna = next(one.known.student for one in moved.of(Fate.MOVED))
    ended, now = Membership.objects.filter(user=anna.user).order_by("starts_on")
    assert ended.ends_on == timezone.localdate() - timedelta(days=1) and now.ends_on is None
    age(school)
    without_bram = "\n".join([HEAD, ANNA.replace("B1", "B2"), "9;Cato;;Bos;;B1"])
    plan = make_plan(taken(without_bram, school, boss))
    bram = [one.student.pk for one in plan.missing]
    assert len(bram) == 1
    brought_in(without_bram, school, boss)
    assert class_of(Student.objects.get(pk=bram[0])).name == "B1"  # nobody leaves by not being on a list
    brought_in(without_bram, school, boss, left=bram)
    assert class_of(Student.objects.get(pk=bram[0])) is None
    back = brought_in(BRAM.join([HEAD + "\n", ""]), school, boss)
    assert [one.known.student.pk for one in back.of(Fate.BACK)] == bram
    assert Student.objects.count() == 3


def test_a_corrected_name_is_written_over_and_a_reused_number_is_not(school, boss):
    brought_in(PLAIN, school, boss)
    plan = brought_in(PLAIN.replace("Anna", "Annabel"), school, boss)
    assert [one.renamed for one in plan.rows] == [True, False] and people()[0][0] == "Annabel"
    other = make_plan(taken(f"{HEAD}\n1234;Cato;;Bos;01-01-2011;B1", school, boss))
    assert "iemand anders" in other.wrong[0].errors[0]


def test_a_list_for_the_next_year_begins_on_its_first_day(school, boss):
    brought_in(PLAIN, school, boss)
    age(school)
    start = int(year_of()[:4]) + 1
    brought_in(PLAIN.replace("B1", "C1"), school, boss, year=f"{start}-{start + 1}")
    assert {one[4] for one in people()} == {"B1"}
    first = date(start, 8, 1)
    assert {class_of(one, first).name for one in Student.objects.all()} == {"C1"}
    assert {class_of(one, first - timedelta(days=1)).name for one in Student.objects.all()} == {"B1"}


def test_columns_are_remembered_for_the_school_and_unreadable(school, boss):
    text = "Kolom een;Kolom twee;Groepje\nAnna;Berg;B1"
    with pytest.raises(Refusal, match="no_headings"):
        taken(text, school, boss)
    known = "Roepnaam;Kolom twee;Groepje;Klas\nAnna;Berg;B1;x"
    taken(known, school, boss, columns={0: "calling_name", 1: "surname", 2: "class_name"})
    again = taken(known, school, boss)
    assert again.columns == {0: "calling_name", 1: "surname", 2: "class_name"}
    kept = str(classlist_draft.ClassListColumns.objects.values_list("columns", flat=True)[0])
    assert "Kolom" not in kept and "kolom" not in kept


def left_school(school, days=400):
    Membership.objects.filter(school_class__institution=school).update(
        starts_on=timezone.localdate() - timedelta(days=days + 100),
        ends_on=timezone.localdate() - timedelta(days=days),
    )


@pytest.mark.parametrize("row", ["Anna;van der;Berg;;B2", "ANNA;;van der Berg;01-01-2012;B2"])
def test_a_name_alone_never_finds_somebody_who_left(school, boss, row):
    brought_in(f"{HEAD}\n77;Anna;van der;Berg;;B1", school, boss)
    old = Student.objects.get()
    left_school(school)
    plan = brought_in(f"Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Klas\n{row}", school, boss)
    assert [one.fate for one in plan.rows] == [Fate.NEW] and class_of(old) is None
    assert Student.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "is_same"),
    [
        ("1234;Anna;van der;Berg;15-03-2010;B1", False),  # another day: another child, whatever the name
        ("1234;Bram;van der;Berg;02-11-2009;B1", False),
        ("1234;Anna;;Bos;;B1", False),  # no day to compare, and one part of a name is not enough
        ("1234;Annabel;van der;Berg;;B1", True),
        ("1234;Annabel;;Bos;14-03-2010;B1", True),
    ],
)
def test_a_mistyped_number_swaps_nobody(school, boss, row, is_same):
    brought_in(PLAIN, school, boss)
    plan = make_plan(taken(f"{HEAD}\n{row}", school, boss))
    assert (len(plan.rows), len(plan.wrong)) == ((1, 0) if is_same else (0, 1))
    if not is_same:
        assert "iemand anders" in plan.wrong[0].errors[0]
        with pytest.raises(Refusal, match="no_rows"):
            brought_in(f"{HEAD}\n{row}", school, boss, skip=True)
    else:
        assert plan.rows[0].old_name == "Anna van der Berg"
    assert people() == BOTH


def test_a_changed_name_shows_what_it_was_and_becomes(browser_of, school, boss):
    brought_in(PLAIN, school, boss)
    opened = taken(PLAIN.replace("Anna", "Annabel"), school, boss)
    page = browser_of(boss).get(f"/beheer/klassenlijst/{opened.id}/nakijken/").content.decode()
    assert "Anna van der Berg → Annabel van der Berg" in page


@pytest.mark.parametrize("way", ["address", "passkey", "school"])
def test_who_left_and_has_an_own_log_in_is_not_put_back(school, boss, way):
    brought_in(f"{HEAD}\n{ANNA}", school, boss)
    old = Student.objects.get()
    own = {
        "address": lambda: EmailAddress.objects.create(user=old.user, email="a@x.example", verified=True),
        "passkey": lambda: Authenticator.objects.create(user=old.user, type=Authenticator.Type.WEBAUTHN, data={}),
        "school": lambda: SocialAccount.objects.create(user=old.user, provider="x", uid="x"),
    }[way]()
    assert len(make_plan(taken(f"{HEAD}\n{ANNA}", school, boss)).of(Fate.SAME)) == 1  # while here nothing changes
    left_school(school, days=1)
    for row in (ANNA, ANNA.replace("1234", "")):  # by number, and then by name and birth date
        brought_in(f"{HEAD}\n{row}", school, boss)
    assert class_of(old) is None and Student.objects.count() == 2
    assert set(SchoolNumber.objects.values_list("student", flat=True)) == {Student.objects.exclude(pk=old.pk).get().pk}
    own.delete()
    left_school(school, days=1)
    with pytest.raises(Refusal, match="wrong_rows"):  # two of them now: by the number alone it is clear
        brought_in(f"{HEAD}\n{ANNA.replace('1234', '')}", school, boss)


def test_an_address_that_was_not_proved_is_no_own_log_in(school, boss):
    brought_in(f"{HEAD}\n{ANNA}", school, boss)
    EmailAddress.objects.create(user=Student.objects.get().user, email="a@x.example", verified=False)
    left_school(school, days=1)
    assert len(brought_in(f"{HEAD}\n{ANNA}", school, boss).of(Fate.BACK)) == 1


def test_another_age_band_needs_its_own_yes_and_is_told(browser_of, school, boss, monkeypatch, mailoutbox):
    brought_in(f"{HEAD}\n1234;Anna;;Berg;;B1\n1235;Bram;;Bos;;B1", school, boss)
    anna = next(one for one in Student.objects.all() if identity_of(one, vault.open_key(one.pk)).calling_name == "Anna")
    parent = factories.make_parent(anna).user
    User.objects.filter(pk=anna.user_id).update(email="anna@x.example")
    User.objects.filter(pk=parent.pk).update(email="thuis@x.example")
    monkeypatch.setattr("intake.services.birth_dates.current_app.send_task", lambda name, args: tell(*args))
    opened = taken(f"{HEAD}\n1234;Anna;;Berg;14-03-2006;B1\n1235;Bram;;Bos;14-03-2014;B1", school, boss)
    address = f"/beheer/klassenlijst/{opened.id}/nakijken/"
    page = browser_of(boss).get(address).content.decode()
    assert "telt als jonger dan 16" in page and "18 of ouder" in page and "Leeftijden die veranderen: 1" in page
    answer = browser_of(boss).post(address, {})
    assert answer.status_code == 400 and identity_of(anna, vault.open_key(anna.pk)).birth_date == ""
    assert not mailoutbox
    assert browser_of(boss).post(address, {"new_bands": "on"}).status_code == 302
    anna.refresh_from_db()
    assert identity_of(anna, vault.open_key(anna.pk)).birth_date == "2006-03-14"
    assert {to for mail in mailoutbox for to in mail.to} == {"anna@x.example", "thuis@x.example"}
    assert "18" not in mailoutbox[0].subject + mailoutbox[0].body.split("http")[0]


def test_who_runs_the_school_no_more_finishes_no_list(school, boss):
    opened = taken(PLAIN, school, boss)
    Membership.objects.filter(user=boss).update(
        starts_on=timezone.localdate() - timedelta(days=2), ends_on=timezone.localdate() - timedelta(days=1)
    )
    with pytest.raises(NotHere):
        classlist_draft.get_list_or_404(opened.id, boss)
    with pytest.raises(NotHere):
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert not Student.objects.exists() and ClassListDraft.objects.count() == 1


# --- Nothing half, nothing left lying, nothing given --------------------------------------------------------


def test_a_list_fills_nothing_in_and_shares_nothing(school, boss):
    brought_in(PLAIN, school, boss)
    assert not Share.objects.exists()
    student = Student.objects.select_related("passport", "user").first()
    assert not student.user.has_usable_password() and "nna" not in student.user.username
    sheet_now = open_sheet(student.passport, vault.open_key(student.pk))
    assert not [text for text in sheet_now.texts.values() if text.status != "empty"]


def test_what_goes_wrong_halfway_leaves_no_row_and_no_key(school, boss, monkeypatch):
    opened = taken(PLAIN, school, boss)
    keys = set(DataKey.objects.filter(destroyed_at=None).values_list("owner_id", flat=True)) | {school.pk}

    def break_down(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("school.services.importing.record", break_down)
    with pytest.raises(RuntimeError):
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert not Student.objects.exists() and not SchoolClass.objects.exists() and not SchoolNumber.objects.exists()
    assert set(DataKey.objects.filter(destroyed_at=None).values_list("owner_id", flat=True)) <= keys
    monkeypatch.undo()
    import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert len(people()) == 2


def test_the_yes_twice_is_once(school, boss):
    opened = taken(PLAIN, school, boss)
    import_list(opened, left=set(), skip_wrong=False, by=boss)
    with pytest.raises(NotHere):
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert Student.objects.count() == 2


def test_who_changed_the_classes_meanwhile_is_not_written_over(school, boss, monkeypatch):
    opened = taken(PLAIN, school, boss)
    stamp = iter([frozenset(), frozenset({"moved"})])
    monkeypatch.setattr("school.services.importing._stamp", lambda pk: next(stamp))
    with pytest.raises(Refusal, match="changed"):
        import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert not Student.objects.exists()


def test_between_the_steps_nothing_can_be_read_and_after_an_hour_nothing_can_be_opened(school, boss, time_machine):
    time_machine.move_to(timezone.now(), tick=False)
    opened = taken(PLAIN, school, boss)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT * FROM school_classlistdraft")
        assert b"Anna" not in b"".join(bytes(str(cell), "utf-8") for row in cursor.fetchall() for cell in row)
    assert b"Anna" not in bytes(ClassListDraft.objects.get().sealed_rows)
    with pytest.raises(NotHere):
        classlist_draft.get_list_or_404(opened.id, factories.make_staff(Role.COORDINATOR, institution=school))
    time_machine.shift(3601)
    with pytest.raises(NotHere):
        classlist_draft.get_list_or_404(opened.id, boss)
    assert classlist_draft.throw_away_old() == 1 and not vault.with_a_key([opened.id])
    assert not ClassListDraft.objects.exists()


def test_after_the_yes_the_list_is_gone_with_its_key_and_the_log_names_nobody(school, boss):
    opened = taken(PLAIN, school, boss)
    import_list(opened, left=set(), skip_wrong=False, by=boss)
    assert not ClassListDraft.objects.exists() and not vault.with_a_key([opened.id])
    line = OfficeEvent.objects.get()
    assert line.by == boss and "2 nieuw" in line.detail and "Anna" not in line.detail


# --- The pages ----------------------------------------------------------------------------------------------


def upload(client, school, content, name="klas.csv"):
    file = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return client.post(f"/beheer/{school.pk}/klassenlijst/", {"school_year": year_of(), "file": file})


def test_three_steps_over_the_pages(browser_of, school, boss):
    client = browser_of(boss)
    step = upload(client, school, PLAIN)
    assert step.status_code == 302
    page = client.get(step.url).content.decode()
    assert "Kolom A: Leerlingnummer" in page and "van der" in page
    found = client.get(step.url).context["form"]
    chosen = {name: found[name].value() or "" for name in found.fields}
    check = client.post(step.url, chosen)
    page = client.get(check.url).content.decode()
    assert "Anna van der Berg" in page and not Student.objects.exists()
    done = client.post(check.url, {}, follow=True)
    assert "2 studenten staan nu in hun klas" in done.content.decode() and len(people()) == 2
    assert client.get(check.url).status_code == 404


def test_a_big_upload_never_touches_a_disk(browser_of, school, boss, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    touched = []
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    import tempfile

    real = tempfile.NamedTemporaryFile
    tempfile.NamedTemporaryFile = lambda *args, **more: touched.append(1) or real(*args, **more)
    try:
        assert upload(browser_of(boss), school, PLAIN + "\n" * 3_000_000).status_code == 302
        answer = upload(browser_of(boss), school, "x" * (6 << 20))
    finally:
        tempfile.NamedTemporaryFile = real
    assert answer.status_code == 400 and "5 MB" in answer.content.decode()
    assert not touched and list(tmp_path.iterdir()) == []


def test_the_upload_is_held_to_csrf(school, boss):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    assert upload(client, school, PLAIN).status_code == 403 and not ClassListDraft.objects.exists()


def test_nobody_else_comes_to_these_pages(browser_of, school, boss, mentor, sam, imke):
    opened = taken(PLAIN, school, boss)
    other = factories.make_staff(Role.COORDINATOR, institution=factories.make_class("Z").institution)
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=school)
    ended = factories.make_staff(Role.COORDINATOR, institution=school, ends_on=timezone.localdate() - timedelta(days=1))
    for who in (mentor, sam, imke, other, counsellor, ended):
        client = browser_of(who)
        assert upload(client, school, PLAIN).status_code == 404
        for path in (f"/beheer/klassenlijst/{opened.id}/", f"/beheer/klassenlijst/{opened.id}/nakijken/"):
            assert client.get(path).status_code == 404 and client.post(path).status_code == 404
    assert ClassListDraft.objects.count() == 1
