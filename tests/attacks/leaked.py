"""Looks for keys and passwords in the files of the house, and with --history in every line git ever added.

    python -m tests.attacks.leaked [--history]

Known shapes (private keys, tokens of the usual services, our own) and long random strings given to a name that says
secret. What is no secret says so in NO_SECRET, with the reason. Exit code 1 when something was found; what was found is
never printed whole.
"""

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHAPES = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    "cloud key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "token of a code host": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{60,}|glpat-[\w-]{20,})"),
    "token of a registry": re.compile(r"\b(?:pypi-AgE[\w-]{50,}|npm_[A-Za-z0-9]{36})\b"),
    "token of a chat": re.compile(r"\bxox[abposr]-[\w-]{10,}"),
    "payment key": re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}"),
    "signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "our own token": re.compile(r"\bop_[\w-]{43}\b"),
    "address with a password": re.compile(
        r"\b(?:postgres(?:ql)?|rediss?|smtps?|https?|s3)://[^\s:/@\"'{}$]+:([^\s@/\"'{}$]{6,})@"
    ),
    "named secret": re.compile(
        r"(?i)\b\w*(?:secret|passwd|password|token|api_?key|field_keys|ledger_key|receipt_key)\w*[\"']?\s*[:=]\s*"
        r"[\"']?([A-Za-z0-9+/_=:-]{20,})[\"']?"
    ),
}
# What looks like one and is none, with the reason. Matched against the line.
NO_SECRET = {
    r"--hash=sha256:": "the hashes of requirements*.txt",
    r"p%2Fw%40rd|(?:key|user|naam|sleutel):(?:secret|a\+b|geheim|wachtwoord)@": "made-up addresses in tests and papers",
    r"a long enough password|paspoort-demo": "the passwords of tests and of the demo, which everybody knows",
}
MIXED, BITS = 3, 3.5
SKIPPED = (".png", ".jpg", ".woff2", ".mo", ".ico", ".sqlite3")


def entropy(text: str) -> float:
    """Bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def is_random(text: str) -> bool:
    """Whether a value looks made by chance: many different characters of several kinds, and no words."""
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = sum(any(kind(one) for one in text) for kind in kinds)
    return mixed >= MIXED and entropy(text) >= BITS and not re.search(r"[a-z_]{12,}|^[\d.:-]+$", text)


def found_in(line: str) -> list[str]:
    """The kinds of secret that a line holds."""
    if any(re.search(pattern, line) for pattern in NO_SECRET):
        return []
    kinds = []
    for kind, shape in SHAPES.items():
        for match in shape.finditer(line):
            if kind != "named secret" or is_random(match[1]):
                kinds.append(kind)
    return kinds


def in_tree() -> Iterator[tuple[str, str]]:
    """Every line of every file git knows or would add, with where it stands."""
    listed = _git("ls-files", "--cached", "--others", "--exclude-standard")
    for name in sorted(set(listed.splitlines())):
        path = ROOT / name
        if path.is_file() and not name.endswith(SKIPPED):
            for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
                yield f"{name}:{number}", line


def in_history() -> Iterator[tuple[str, str]]:
    """Every line that any commit of any branch added."""
    log = ["git", "log", "--all", "--no-color", "--unified=0", "--format=commit %h", "-p", "--no-ext-diff"]
    where, name = "", ""
    with subprocess.Popen(log, cwd=ROOT, stdout=subprocess.PIPE, text=True, errors="replace") as running:
        assert running.stdout
        for line in running.stdout:
            if line.startswith("commit "):
                where = line.split()[1]
            elif line.startswith("+++ "):
                name = line[6:].strip()
            elif line.startswith("+") and not name.endswith(SKIPPED):
                yield f"{where} {name}", line[1:]


def secrets_of(lines: Iterable[tuple[str, str]]) -> list[str]:
    """`where: kind` for each line that holds one; never the value."""
    return [f"{where}: {kind}" for where, line in lines for kind in found_in(line)]


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def main() -> int:
    lines = in_history() if "--history" in sys.argv[1:] else in_tree()
    found = sorted(set(secrets_of(lines)))
    for one in found:
        sys.stdout.write(f"{one}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
