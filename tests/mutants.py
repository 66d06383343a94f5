"""What script/mutants runs: mutmut in a copy of the tree, and its survivors held against docs/mutants.md.

mutmut changes what stands in functions and methods without a decorator. The rules of `consent/access.py:RULES` stand
outside one: `tests/consent/test_access.py::test_flipping_any_one_rule_is_noticed` flips those.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PAPER = ROOT / "docs" / "mutants.md"
# The file, and the tests of it: a survivor runs them all, so only those that concern it.
FILES = {
    "accounts/vault.py": ["tests/accounts/test_vault.py", "tests/intake/test_renew_key.py"],
    "consent/access.py": [
        f"tests/consent/test_{name}.py"
        for name in (
            "access",
            "door",
            "reading",
            "giving",
            "named_readers",
            "warm_transfer",
            "prepared",
            "guardians",
            "links",
        )
    ],
}
SURVIVED, NO_TEST = 0, 33  # as mutmut writes them down; the rest was noticed
BLOCK = re.compile(r"^```diff\n# (\S+): (\S+)\n(.*?)^```", re.M | re.S)


class Mutant(NamedTuple):
    """One change: where, and which lines went and came. Its number moves with the code, so that is no name."""

    file: str
    function: str
    went: tuple[str, ...]
    came: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"-{line}" for line in self.went] + [f"+{line}" for line in self.came]
        return "\n".join(["```diff", f"# {self.file}: {self.function}", *lines, "```"])


def read_change(file: str, function: str, diff: str) -> Mutant:
    """A mutant from the lines of a diff, without its two heads."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    went = tuple(line[1:].strip() for line in lines if line.startswith("-"))
    came = tuple(line[1:].strip() for line in lines if line.startswith("+"))
    return Mutant(file, function, went, came)


def explained(paper: str) -> set[Mutant]:
    """Every survivor that docs/mutants.md gives a reason for."""
    return {read_change(*found) for found in BLOCK.findall(paper)}


def copy_tree(to: Path) -> None:
    """What git knows or would take: no database, no secret, no environment."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    for name in names:
        if name and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def choose(folder: Path, file: str) -> None:
    """Names one file, and its tests, in the copy's pyproject.toml: the runs are apart, and so are their databases."""
    pyproject, said = (
        folder / "pyproject.toml",
        {"only_mutate": [file], "pytest_add_cli_args_test_selection": FILES[file]},
    )
    text = pyproject.read_text("utf-8")
    for name, value in said.items():
        text = re.sub(rf"^{name} = .*$", f"{name} = {json.dumps(value)}", text, flags=re.M)
    pyproject.write_text(text, "utf-8")


def run_mutmut(folder: Path, *arguments: str, log: Path | None = None) -> str:
    """Runs mutmut in the copy. With a log its output goes there; without, it is returned."""
    (folder / "var").mkdir(exist_ok=True)
    env = {**os.environ, "VAR_DIR": str(folder / "var"), "DEMO": "1"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    if not log:
        return subprocess.run(command, cwd=folder, env=env, capture_output=True, check=True, text=True).stdout
    with log.open("w", encoding="utf-8") as out:
        code = subprocess.run(
            command, cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        sys.exit(f"mutmut did not run:\n{log.read_text('utf-8')[-3000:]}")
    return ""


def named(mutant: str, file: str) -> str:
    """`accounts.vault.xǁKeyǁseal__mutmut_3` to `Key.seal`."""
    name = mutant.removeprefix(file.removesuffix(".py").replace("/", ".") + ".").rpartition("__mutmut_")[0]
    return name.removeprefix("xǁ").replace("ǁ", ".") if name.startswith("xǁ") else name.removeprefix("x_")


def results(folder: Path, file: str) -> dict[str, int | None]:
    """What became of every mutant of a file."""
    return json.loads((folder / "mutants" / f"{file}.meta").read_text("utf-8"))["exit_code_by_key"]


def survivors(folder: Path, file: str) -> Iterator[Mutant]:
    """The mutants that every test let pass, and those that no test reached."""
    for name, code in results(folder, file).items():
        if code in {SURVIVED, NO_TEST, None}:
            yield read_change(file, named(name, file), run_mutmut(folder, "show", name))


def judge(file: str, left: list[Mutant], counted: Counter[bool], seconds: float) -> bool:
    """Prints one file's figures and what is not explained. True when nothing is."""
    known = {one for one in explained(PAPER.read_text("utf-8")) if one.file == file}
    new, gone = [one for one in left if one not in known], known - set(left)
    print(
        f"{file}: {counted.total()} mutants, {counted[False]} noticed, {len(left)} survived"
        f" ({len(left) - len(new)} explained in docs/mutants.md), {seconds / 60:.0f} minutes"
    )
    for one in new:
        print(f"\nNot explained:\n{one}")
    for one in sorted(gone):
        print(f"\nExplained, but noticed or not there now:\n{one}")
    return not new and not gone


def main() -> int:
    """Runs each file in a copy of its own. Returns 1 when a survivor is not explained, or an explanation has none."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=FILES)
    parser.add_argument("--children", default="1", help="how many at once; they share a database, so 1")
    parser.add_argument("--keep", type=Path, help="work here and leave it, to look with mutmut browse")
    chosen = parser.parse_args()
    good = True
    for file in [chosen.only] if chosen.only else FILES:
        with tempfile.TemporaryDirectory() as made:
            folder, started = (chosen.keep or Path(made)) / Path(file).stem, time.monotonic()
            copy_tree(folder)
            choose(folder, file)
            run_mutmut(folder, "run", "--max-children", chosen.children, log=folder / "mutmut.log")
            counted = Counter(code in {SURVIVED, NO_TEST, None} for code in results(folder, file).values())
            good &= judge(file, list(survivors(folder, file)), counted, time.monotonic() - started)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
