"""The papers point at what is there: files, symbols, tests, settings and demo accounts."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from accounts.demo import ACCOUNTS

ROOT = Path(__file__).parent.parent
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in PAPERS]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SYMBOL = re.compile(r"`((?:[\w-]+/)*[\w-]+\.py):([A-Za-z_][\w.]*)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROOMS = "accounts|passport|consent|intake|school|config|templates|tests|docs|script|static"
PLACE = re.compile(rf"`((?:{ROOMS})/[\w./-]*\w)/?`")
# What a paper may not hold: a path of somebody's machine, or the name of a package host.
BETRAYS = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp)/|pypi|index-url|npmjs", re.I)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def symbols_in(name: str) -> frozenset[str]:
    """Everything a module names at its top, and `Class.member` for what its classes name."""
    return frozenset(_named(ast.parse(text_of(name)).body))


def _named(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{prefix}{node.name}.")
        if isinstance(node, ast.If):
            yield from _named([*node.body, *node.orelse], prefix)
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for target in targets:
            yield from (prefix + each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def wrong_references(text: str) -> list[str]:
    """The `file.py:symbol`, `tests/file.py::test` and `room/path` of a text that do not exist."""
    found = [(file, symbol) for pattern in (SYMBOL, TEST) for file, symbol in pattern.findall(text)]
    wrong = [
        f"{file}:{symbol}" for file, symbol in found if not (ROOT / file).is_file() or symbol not in symbols_in(file)
    ]
    return wrong + [place for place in PLACE.findall(text) if "…" not in place and not (ROOT / place).exists()]


def slug(heading: str) -> str:
    """The anchor of a heading, as the usual renderers make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


def anchors_of(path: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)}


def wrong_links(text: str, folder: Path, own: Path) -> list[str]:
    """The links of a text to files, and to headings, that are not there."""
    wrong = []
    for link in LINK.findall(text):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = folder / target if target else own
        if not path.exists() or (anchor and anchor not in anchors_of(path)):
            wrong.append(link)
    return wrong


# --- Links and references -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file_and_a_heading(name):
    path = ROOT / name
    assert wrong_links(path.read_text(encoding="utf-8"), path.parent, path) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_symbol_test_and_path_that_is_named_exists(name):
    assert wrong_references(text_of(name)) == []


@pytest.mark.parametrize(
    "link", ["[x](docs/nowhere.md)", "![x](no.png)", "[x](docs/rules.md#rule-99)", "[x](#nowhere)"]
)
def test_the_guard_sees_a_dead_link(link):
    assert wrong_links(link, ROOT, ROOT / "README.md")


@pytest.mark.parametrize(
    "reference",
    [
        "`consent/access.py:allow_all`",
        "`consent/nowhere.py:read`",
        "`tests/test_docs.py::test_nothing`",
        "`intake/nowhere/`",
    ],
)
def test_the_guard_sees_a_symbol_that_is_not_there(reference):
    assert wrong_references(reference)


@pytest.mark.parametrize(
    "reference", ["`consent/access.py:decide`", "`consent/models.py:Share.release`", "`config/celery.py:app`"]
)
def test_the_guard_knows_functions_members_and_names(reference):
    assert not wrong_references(reference)


@pytest.mark.parametrize("name", NAMES)
def test_no_paper_holds_a_machine_path_or_a_package_host(name):
    assert BETRAYS.findall(text_of(name)) == []


@pytest.mark.parametrize("words", ["in /home/somebody/x", "`/tmp/x`", "--index-url https://x"])
def test_the_guard_sees_a_machine_path(words):
    assert BETRAYS.search(words)


# --- The rules ----------------------------------------------------------------------------------------------


def rules() -> dict[int, str]:
    parts = re.split(r"^## (\d+)\. ", text_of("docs/rules.md"), flags=re.M)[1:]
    return {int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}


def test_all_twelve_rules_are_there():
    assert list(rules()) == list(range(1, 13))


@pytest.mark.parametrize("number", range(1, 13))
def test_every_rule_names_the_line_that_decides_it_a_test_and_what_is_missing(number):
    text = rules()[number]
    assert SYMBOL.search(text) and TEST.search(text)
    assert "**Not built yet.**" in text


# --- Settings and demo accounts -----------------------------------------------------------------------------


def read_by_settings() -> set[str]:
    text = "".join(text_of(f"config/{name}.py") for name in ("settings", "login_settings", "log_settings"))
    readers = r"env\.(?:text|flag|words|number|contact|address|day_of_year|oidc_providers)|_secret|_raw_key"
    return set(re.findall(rf'(?:{readers})\(\s*"([A-Z_]+)"', text))


def test_the_install_guide_lists_exactly_the_settings_that_are_read():
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of("docs/beheer/install.md"), re.M))
    assert len(listed) > 15 and listed == read_by_settings()


def test_the_readme_lists_exactly_the_demo_accounts():
    section = text_of("README.md").partition("## Demo accounts")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.M)
    listed = [name for cell in cells for name in re.findall(r"`([a-z.]+)`", cell)]
    assert sorted(listed) == sorted(account.username for account in ACCOUNTS)


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md", "docs/map.md"])
def test_every_room_stands_on_the_map(paper):
    rooms = [line.strip() for line in text_of("pyproject.toml").splitlines() if line.startswith("layers = ")]
    named = rooms[0].removeprefix("layers = ").strip('[]"').split('", "')
    assert (
        len(named) == 6
        and [room for room in named if f"**{room}**" not in text_of(paper) and f"{room}/" not in text_of(paper)] == []
    )
