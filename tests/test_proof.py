"""docs/proof.md, docs/asvs.md and docs/mutants.md say nothing that cannot be asked again."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.celery import app
from tests import mutants
from tests.test_docs import SYMBOL, TEST

ROOT = Path(__file__).parent.parent
OPTION = re.compile(r"^--?[a-z]")
# Every requirement of levels 1 and 2 of OWASP ASVS 5.0.0: chapter and section, then the numbers in it.
LEVELS_1_AND_2 = {
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2", "2.1": "1-3", "2.2": "1-3", "2.3": "1-4",
    "2.4": "1", "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2", "4.1": "1-3", "4.2": "1",
    "4.3": "1-2", "4.4": "1-4", "5.1": "1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3", "6.1": "1-3", "6.2": "1-12",
    "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4", "7.1": "1-3", "7.2": "1-4", "7.3": "1-2",
    "7.4": "1-5", "7.5": "1-2", "7.6": "1-2", "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1", "9.1": "1-3",
    "9.2": "1-4", "10.1": "1-2", "10.2": "1-2", "10.3": "1-4", "10.4": "1-11", "10.5": "1-5", "10.6": "1-2",
    "10.7": "1-3", "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1",
    "12.1": "1-3", "12.2": "1-2", "12.3": "1-4", "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3", "15.1": "1-3", "15.2": "1-3", "15.3": "1-7", "16.1": "1",
    "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3", "17.1": "1", "17.2": "1-4", "17.3": "1-2",
}  # fmt: skip


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows_of(paper: str, heading: str) -> list[list[str]]:
    """The cells of every line of the tables that begin with this heading."""
    rows, inside = [], False
    for line in text_of(paper).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or cells[0] == heading:
            inside = bool(cells)
        elif inside and not set(cells[0]) <= set("- "):
            rows.append(cells)
    return rows


# --- docs/proof.md ------------------------------------------------------------------------------------------

CLAIMS = rows_of("docs/proof.md", "Claim")


def wrong_in(command: str) -> list[str]:
    """What of a command is not there: its program, an option it does not know, or a file."""
    program, *arguments = shlex.split(command)
    if not (ROOT / program).is_file():
        return [program]
    known = text_of(program) if program.startswith("script/") else ""
    wrong = [one for one in arguments if OPTION.match(one) and one.split("=")[0] not in known]
    wrong += [one for one in arguments if "/" in one and not (ROOT / one.split("::")[0]).exists()]
    if "--only" in arguments and program == "script/bench":
        named = arguments[arguments.index("--only") + 1].split(",")
        wrong += [one for one in named if not re.search(rf"\b{one}\b", known)]
    return wrong


def commands_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_there_is_a_line_for_every_part_of_the_plan():
    assert len(CLAIMS) > 50 and {len(row) for row in CLAIMS} == {4}


@pytest.mark.parametrize("row", CLAIMS, ids=lambda row: row[0][:50])
def test_every_claim_has_a_command_that_exists_and_says_what_it_printed(row):
    commands = commands_in(row[1])
    assert commands and [wrong for command in commands for wrong in wrong_in(command)] == []
    day = re.search(r"\d{1,2} [A-Z][a-z]+ 20\d\d", row[2])
    assert row[2].startswith("to be filled") or (day and re.search(r"\b[0-9a-f]{7}\b", row[2]))


@pytest.mark.parametrize(
    "command",
    ["script/nothing", "script/test tests/nowhere.py", "script/bench --fast", "script/bench --only nowhere"],
)
def test_the_guard_sees_a_command_that_is_not_there(command):
    assert wrong_in(command)


@pytest.mark.parametrize("paper", ["CONTRIBUTING.md", "README.md", "docs/scale.md", "docs/mutants.md"])
def test_every_script_a_paper_names_exists(paper):
    named = set(re.findall(r"\bscript/(\w+)", text_of(paper))) if (ROOT / paper).exists() else set()
    assert [name for name in named if not (ROOT / "script" / name).is_file()] == []


# --- docs/asvs.md -------------------------------------------------------------------------------------------

LINES = rows_of("docs/asvs.md", "Req")


def required() -> Iterator[str]:
    for section, numbers in LEVELS_1_AND_2.items():
        for part in numbers.split(","):
            first, _, last = part.partition("-")
            yield from (f"{section}.{number}" for number in range(int(first), int(last or first) + 1))


def test_every_requirement_of_level_1_and_2_has_a_line():
    named = {number for row in LINES for number in re.findall(r"\d+\.\d+\.\d+", row[0])}
    assert set(required()) - named == set() and len(set(required())) == 253


@pytest.mark.parametrize("row", LINES, ids=lambda row: row[0])
def test_every_line_shows_itself_or_says_that_it_cannot(row):
    _, level, what, shown = row
    assert set(level) <= set("123, ") and what
    shows = TEST.search(shown) or SYMBOL.search(shown) or re.search(r"\]\([^)]+\)|`[\w./-]+`", shown)
    assert shows or what.startswith("Not here") or "**Gap**" in what or "](" in what


# --- docs/map.md --------------------------------------------------------------------------------------------


def test_the_map_names_exactly_what_runs_by_itself():
    named = [row[0].strip("`") for row in rows_of("docs/map.md", "name")]
    assert sorted(named) == sorted(app.conf.beat_schedule)


# --- Types ---------------------------------------------------------------------------------------------------

IGNORES = re.compile(r"# type: ignore(?!\[[a-z-]+(?:, ?[a-z-]+)*\]  # \S)")


def test_whatever_mypy_may_not_see_has_a_code_and_a_reason():
    rooms = [
        path
        for room in ("accounts", "passport", "consent", "intake", "school", "config")
        for path in sorted((ROOT / room).rglob("*.py"))
    ]
    vague = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in rooms
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if IGNORES.search(line)
    ]
    assert rooms and vague == []


@pytest.mark.parametrize(
    ("line", "vague"),
    [("x  # type: ignore", True), ("x  # type: ignore[misc]", True), ("x  # type: ignore[misc]  # no types", False)],
)
def test_the_guard_sees_a_vague_one(line, vague):
    assert bool(IGNORES.search(line)) is vague


# --- docs/mutants.md ----------------------------------------------------------------------------------------


def test_every_survivor_is_one_of_the_two_files_and_of_code_that_stands_there():
    for one in mutants.explained(text_of("docs/mutants.md")):
        assert one.file in mutants.FILES
        code = {line.strip() for line in text_of(one.file).splitlines()}
        assert [line for line in one.went if line not in code] == []


@pytest.mark.parametrize("file", mutants.FILES)
def test_the_tests_a_mutant_meets_exist(file):
    assert [test for test in mutants.FILES[file] if not (ROOT / test).is_file()] == []


def test_a_change_is_read_from_a_diff_by_its_lines_alone():
    paper = "```diff\n# accounts/vault.py: Key.seal\n-    a = 1\n+    a = 2\n```\n\nNo matter.\n"
    [one] = mutants.explained(paper)
    assert one == mutants.read_change(
        "accounts/vault.py", "Key.seal", "--- a\n+++ b\n@@ -1 +1 @@\n-  a = 1\n+  a = 2\n"
    )
    assert one.went == ("a = 1",) and mutants.explained(str(one)) == {one}
