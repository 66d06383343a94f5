"""The papers a school asks for: what they name exists, what is made is fresh, and none claims more than was done.

Links, `file:symbol` and test names in them are held by tests/test_docs.py, as in every paper of the project.
"""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command, get_commands, load_command_class
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.demo import ACCOUNTS
from consent.models import Purpose
from intake import data_map
from school import paperwork
from school.paperwork import hours, processings, register, words
from tests.test_docs import read_by_settings

ROOT = Path(__file__).parent.parent
PAPERS = list(paperwork.papers())
SCHOOL = sorted((ROOT / "docs" / "papers").glob("*.md"))
HEADED = [*SCHOOL, *(ROOT / "docs" / "beheer" / name for name in ("README.md", "datalek.md", "school-stopt.md"))]
TOLD = [*PAPERS, *(ROOT / name for name in ("README.md", "SECURITY.md", "publiccode.yaml", "CHANGELOG.md"))]
TOLD += [ROOT / "templates" / "accounts" / name for name in ("privacy.html", "accessibility.html")]
MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()
NOT_FOR_REAL = "concept, niet getoetst door een FG; niet voor echte leerlingen"
# What nobody showed: no lawyer, auditor or expert looked.
CLAIMS = re.compile(
    r"AVG-proof|AVG-bestendig|GDPR-proof|(?<!on)gecertificeerd|certified|voldoet aan (?:de )?(?:AVG|WCAG|wet)"
    r"|(?:fully|volledig) (?:accessible|toegankelijk)|volledig veilig|100 ?% veilig|WCAG[- ]compliant|conform WCAG",
    re.I,
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def head_of(text: str) -> dict[str, str]:
    """The table at the top of a paper."""
    top = text.partition("\n\n")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| (\w[^|]+) \| ([^|]+) \|$", top, re.M))


def day_in(words: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2}) (\w+) (\d{4})", words)
    return date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1])) if found and found[2] in MONTHS else None


# --- What stands at the top ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", HEADED, ids=name_of)
def test_a_paper_says_what_it_is_for_whom_its_state_and_when_it_was_held_to_the_code(path):
    head = head_of(path.read_text(encoding="utf-8"))
    assert list(head) == ["Wat dit is", "Voor wie", "Stand", "Naast de code gelegd"]
    held = day_in(head["Naast de code gelegd"])
    assert held and held <= timezone.localdate()


@pytest.mark.parametrize(
    "name", ["dpia", "register", "privacybijsluiter", "beveiligingsbijlage", "rosa", "bestuur", "README"]
)
def test_what_a_privacy_officer_gets_says_that_none_looked_at_it(name):
    assert head_of(text_of(f"docs/papers/{name}.md"))["Stand"].startswith(NOT_FOR_REAL)


@pytest.mark.parametrize("path", TOLD, ids=name_of)
def test_no_paper_claims_what_nobody_showed(path):
    assert CLAIMS.findall(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("words", ["Wij zijn AVG-proof.", "een gecertificeerd product", "Het voldoet aan de AVG"])
def test_the_guard_sees_a_claim(words):
    assert CLAIMS.search(words)


# --- What is made -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_what_is_made_is_what_the_code_makes(path):
    text = path.read_text(encoding="utf-8")
    assert text == paperwork.fill(text), "run manage.py make_papers"


def test_every_part_that_can_be_made_stands_in_a_paper():
    asked = {name for path in PAPERS for _, name, _ in paperwork.MARKED.findall(path.read_text(encoding="utf-8"))}
    assert asked == set(paperwork.PARTS)


def test_the_command_writes_what_lags_behind_and_nothing_else(tmp_path, settings, capsys):
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs" / "papers").mkdir(parents=True)
    paper = tmp_path / "docs" / "papers" / "les.md"
    paper.write_text(
        "Voor.\n<!-- make_papers: uren -->\nverlopen tekst\n<!-- /make_papers -->\nNa.\n", encoding="utf-8"
    )
    call_command("make_papers")
    once = paper.read_text(encoding="utf-8")
    assert "verlopen tekst" not in once and once.startswith("Voor.\n") and once.endswith("Na.\n")
    assert f"**{hours.in_hours(sum(one.in_all for one in hours.rows()))}**" in once
    call_command("make_papers")
    assert paper.read_text(encoding="utf-8") == once and capsys.readouterr().out.count("written") == 1


def test_an_unknown_part_is_refused():
    with pytest.raises(paperwork.UnknownPart, match="verzonnen"):
        paperwork.fill("<!-- make_papers: verzonnen -->\n<!-- /make_papers -->")


def test_every_table_stands_in_exactly_one_processing():
    processings.check()
    one = processings.PROCESSINGS[0]
    with pytest.raises(processings.Misplaced, match=one.tables[0]):
        processings.check(processings.PROCESSINGS[1:])
    with pytest.raises(processings.Misplaced, match="two processings"):
        processings.check((*processings.PROCESSINGS, one))


def test_every_term_of_the_data_map_has_dutch_words():
    assert words.how_long(line.how_long for line in data_map.FIELDS.values())
    with pytest.raises(words.Untranslated, match="for a while"):
        words.how_long(["for a while"])


@pytest.mark.parametrize("name", ["dpia", "privacybijsluiter", "register"])
def test_every_table_of_the_data_map_is_named(name):
    text = text_of(f"docs/papers/{name}.md")
    tables = [model._meta.label for model in data_map.our_models()] + list(data_map.LIBRARY)
    assert [label for label in tables if f"`{label}`" not in text] == []


def test_the_dpia_names_every_place_beside_the_databases():
    text = text_of("docs/papers/dpia.md")
    rows = words.places(place for place, *_ in data_map.BESIDE)
    assert len(rows) >= 8 and [row for row in rows if f"| {row[0]} | {row[1]} |" not in text] == []
    with pytest.raises(words.Untranslated, match="a drawer"):
        words.places(["a drawer"])


@pytest.mark.parametrize("name", ["dpia", "privacybijsluiter", "register"])
def test_every_purpose_is_named_with_its_ground_as_it_stands_in_the_file(name):
    text = text_of(f"docs/papers/{name}.md")
    rows = yaml.safe_load(text_of("consent/purposes.yaml"))["settings"]
    assert {row["purpose"] for row in rows} == set(Purpose.values)
    for row in rows:
        assert Purpose(row["purpose"]).label in text and row["special_ground"] in text and row["longest"] in text


def test_a_workplace_gets_the_small_set_in_the_register_too():
    assert register.units_of(Purpose.WORK).startswith("26 van 81") and "0 extra gevoelig" in register.units_of("work")
    assert register.units_of(Purpose.INTAKE).startswith("81 van 81")


# --- What is named exists -----------------------------------------------------------------------------------


def commands_in(text: str) -> list[tuple[str, list[str]]]:
    """Every `manage.py name` of a text with the options on its line."""
    found = re.findall(r"manage\.py ([a-z_]+)([^\n`]*)", text)
    return [(name, re.findall(r"(?<!\S)(--[a-z-]+)", rest)) for name, rest in found]


def wrong_commands(text: str) -> list[str]:
    known, wrong = get_commands(), []
    for name, options in commands_in(text):
        if name not in known:
            wrong.append(name)
            continue
        app = known[name]
        command = load_command_class(app, name) if isinstance(app, str) else app
        has = command.create_parser("manage.py", name)._option_string_actions
        wrong += [f"{name} {option}" for option in options if option not in has]
    return wrong


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_every_command_and_option_exists(path):
    assert wrong_commands(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("line", ["`manage.py make_coffee`", "    manage.py who_read X --until 1 --colour"])
def test_the_guard_sees_a_command_that_is_not_there(line):
    assert wrong_commands(line)


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_every_setting_exists(path):
    named = {
        name.removesuffix("_FILE") for name in re.findall(r"`([A-Z][A-Z_]{3,})`", path.read_text(encoding="utf-8"))
    }
    assert named - read_by_settings() - {"ERROR", "NAAM"} == set()


def wrong_addresses(text: str) -> list[str]:
    wrong = []
    for path in re.findall(r"`(/[\w./-]*)`", text):
        try:
            resolve(path)
        except Resolver404:
            wrong.append(path)
    return wrong


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_every_address_exists(path):
    assert wrong_addresses(path.read_text(encoding="utf-8")) == []


def test_the_guard_sees_an_address_that_is_not_there():
    assert wrong_addresses("Kijk op `/klas/` en `/koffie/`.") == ["/koffie/"]


@pytest.mark.parametrize("path", PAPERS, ids=name_of)
def test_every_demo_account_exists(path):
    kinds = "|".join(sorted({account.username.split(".")[0] for account in ACCOUNTS}))
    named = set(re.findall(rf"`((?:{kinds})\.[a-z]+)`", path.read_text(encoding="utf-8")))
    assert named <= {account.username for account in ACCOUNTS}


def test_every_paper_stands_on_the_list():
    text = text_of("docs/papers/README.md")
    assert [path.name for path in SCHOOL if path.name != "README.md" and f"({path.name})" not in text] == []
    beheer = text_of("docs/beheer/README.md")
    assert [path.name for path in (ROOT / "docs" / "beheer").glob("*.md") if f"({path.name})" not in beheer] == [
        "README.md"
    ]


# --- The papers themselves ----------------------------------------------------------------------------------


def risks(column: str) -> dict[str, str]:
    section = text_of("docs/papers/dpia.md").partition(column)[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (R\d+) \| (.*) \|$", section, re.M))


def test_every_risk_has_a_measure_that_names_a_test_and_is_weighed_before_and_after():
    weighed, measures = risks("### 16. Risico's"), risks("### 17. Maatregelen")
    assert list(weighed) == list(measures) == [f"R{number}" for number in range(1, len(weighed) + 1)]
    assert len(weighed) >= 15
    for number, row in weighed.items():
        before, after = [tuple(map(int, pair)) for pair in re.findall(r"([1-3]) × ([1-3])", row)]
        assert after[0] <= before[0] and after[1] <= before[1], number
        high = after[0] * after[1] >= 6
        assert ("**" in row) is high and (not high or f" {number}" in text_of("docs/papers/dpia.md")), number
        assert "`tests/" in measures[number], number


def test_the_dpia_names_every_risk_that_stays_high():
    high = [number for number, row in risks("### 16. Risico's").items() if "**" in row]
    line = text_of("docs/papers/dpia.md").partition("**Wat hoog blijft.**")[2].partition("\n\n")[0]
    assert re.findall(r"R\d+", line) == high


def test_every_source_is_used_and_every_use_has_a_source():
    text = text_of("docs/papers/dpia.md")
    assert set(re.findall(r"\[(B\d)\]", text)) == set(re.findall(r"^\| (B\d) \|", text, re.M))


def test_the_hours_add_up_to_what_the_board_reads():
    lessons = yaml.safe_load(text_of("school/lessons.yaml"))["lessons"]
    first = next(iter(hours.rows()))
    assert first.in_all == sum(one["minutes"] for one in lessons)
    cells = re.findall(
        r"^\| (\w+) \| [^|]+ \| \d+ \| \d+ \| (\d+) u (\d\d) \|", text_of("docs/papers/bestuur.md"), re.M
    )
    total = re.findall(r"\*\*school\*\*.*\*\*(\d+) u (\d\d)\*\*", text_of("docs/papers/bestuur.md"))
    assert sum(int(h) * 60 + int(m) for _, h, m in cells) == int(total[0][0]) * 60 + int(total[0][1])
    training = text_of("docs/papers/training.md")
    assert sum(map(int, re.findall(r"^\| (\d+) \| ", training, re.M))) == hours.TRAINING


def test_the_guide_asks_what_the_questionnaire_asks():
    newest = max((ROOT / "passport" / "questionnaires").glob("*.yaml"))
    text = text_of("docs/papers/gesprekshandleiding.md")
    lines = [line for one in yaml.safe_load(newest.read_text(encoding="utf-8"))["sections"] for line in one["talk"]]
    assert lines and [line for line in lines if f"- {line}" not in text] == []


PAGE = """@page{size:A4;margin:16mm 15mm} body{font:9.5pt/1.3 sans-serif} h1{font-size:15pt;margin:0 0 2mm}
p{margin:1.5mm 0} table{border-collapse:collapse;width:100%;font-size:8pt}
td,th{border-bottom:.5pt solid #999;padding:1.2mm 1mm;text-align:left;vertical-align:top;overflow-wrap:anywhere}"""


@pytest.mark.parametrize(("name", "most"), [("bestuur", 1), ("dpia", 12), ("training", 2), ("gesprekshandleiding", 3)])
def test_a_paper_is_short(name, most):
    markdown = pytest.importorskip("markdown_it").MarkdownIt("commonmark").enable("table")
    from weasyprint import CSS, HTML

    html = markdown.render(text_of(f"docs/papers/{name}.md"))
    assert len(HTML(string=html).render(stylesheets=[CSS(string=PAGE)]).pages) <= most


# --- Papers for who finds this on the internet --------------------------------------------------------------


def test_publiccode_has_what_the_standard_asks():
    """The keys that are mandatory in the core of the standard, and its limits (yml.publiccode.tools)."""
    file = yaml.safe_load(text_of("publiccode.yaml"))
    wanted = "publiccodeYmlVersion name url platforms categories developmentStatus softwareType description legal"
    assert [key for key in (*wanted.split(), "maintenance", "localisation") if not file.get(key)] == []
    assert file["developmentStatus"] in {"concept", "development"}  # nobody uses it with real students
    assert file["softwareType"] == "standalone/web" and file["platforms"] == ["web"]
    assert file["legal"]["license"] == "EUPL-1.2" and "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text_of("LICENSE")
    for text in file["description"].values():
        assert len(text["shortDescription"]) <= 150 and 150 <= len(text["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in text["features"])
    assert (
        file["maintenance"]["type"] in {"internal", "community", "none"} and file["maintenance"]["contacts"][0]["name"]
    )
    assert file["localisation"]["localisationReady"] is True
    assert set(file["localisation"]["availableLanguages"]) == {"nl", "en"}


def test_the_changelog_keeps_to_its_format():
    text = text_of("CHANGELOG.md")
    assert re.findall(r"^## (.+)$", text, re.M)[0] == "Unreleased"
    parts = set(re.findall(r"^### (.+)$", text, re.M))
    assert parts <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"} and "Added" in parts
