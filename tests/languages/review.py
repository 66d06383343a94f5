"""Marks a language for parents as reviewed, so that it can be chosen from the next start; or takes that away.

`python -m tests.languages.review tr --by "A. Yilmaz, tolk"` after everything was read; `--away` to withdraw it.
"""

import argparse
import os
import sys
from datetime import date
from pathlib import Path

import polib
from django.utils.timezone import localdate

from tests.languages import collect


def mark(path: Path, by: str, day: date) -> list[str]:
    """Writes who reviewed a catalogue; an empty `by` takes it away. Returns what is wrong, and changes nothing then."""
    file = polib.pofile(str(path), wrapwidth=0)
    wrong = collect.faults_in(file) if by else []
    if not wrong:
        file.metadata = {**file.metadata, collect.BY: by, collect.ON: day.isoformat() if by else ""}
        collect.keep(file, path)
    return wrong


def main(arguments: list[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description="Marks a language for parents as reviewed.")
    asked.add_argument("language", choices=[path.parents[1].name for path in collect.catalogues()])
    what = asked.add_mutually_exclusive_group(required=True)
    what.add_argument("--by", help="name and function of who read every text")
    what.add_argument("--away", action="store_true", help="nobody reviewed it any more")
    said = asked.parse_args(arguments)
    path = collect.ROOT / "locale" / said.language / "LC_MESSAGES" / "django.po"
    wrong = mark(path, said.by or "", localdate())
    print("\n".join([*wrong, f"{len(wrong)} texts first." if wrong else "Written. It holds from the next start."]))
    return 1 if wrong else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
