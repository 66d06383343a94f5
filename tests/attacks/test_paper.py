"""docs/attacks.md has all twenty, each with what runs it; that those tests exist is held by tests/test_docs.py."""

import re
from pathlib import Path

import pytest

from tests.test_docs import TEST

ROOT = Path(__file__).parents[2]


def attacks() -> dict[int, str]:
    parts = re.split(r"^## T(\d+)\. ", (ROOT / "docs/attacks.md").read_text(encoding="utf-8"), flags=re.M)[1:]
    return {int(number): text.partition("\n## ")[0] for number, text in zip(parts[::2], parts[1::2], strict=True)}


def test_all_twenty_are_there():
    assert list(attacks()) == list(range(1, 21))


@pytest.mark.parametrize("number", range(1, 21))
def test_every_attack_names_what_runs_it(number):
    assert TEST.search(attacks()[number])


def test_every_attack_of_this_folder_stands_in_the_paper():
    paper = (ROOT / "docs/attacks.md").read_text(encoding="utf-8")
    files = [path.relative_to(ROOT).as_posix() for path in Path(__file__).parent.rglob("test_*.py")]
    assert [name for name in files if name not in paper and name != "tests/attacks/test_paper.py"] == []
