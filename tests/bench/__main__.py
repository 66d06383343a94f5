"""script/bench [--quick] [--postgres] [--only NAME,NAME] [--keep DIR] [--strict]: how the site does beside its floors.

Machines drift by 20–40 % (floor.md), so only the ratios of one run say something: floor and site are measured in turns.
"""

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.bench import report, server, sizes
from tests.bench.report import Line

SUBJECTS = ("autosave", "reading", "inbox", "figures", "rendering", "workers", "batch", "login", "readers", "savers")
ALONE = ("sizes",)  # twenty minutes and sites of its own: only when it is named


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--quick", action="store_true", help="few samples, within a minute")
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL")
    parser.add_argument(
        "--only", default="", help=f"some of {', '.join(SUBJECTS)}; else all, with --quick no batch; or {ALONE[0]}"
    )
    parser.add_argument("--keep", type=Path, help="where `sizes` leaves its sites and finds them again")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a budget is missed")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    chosen = wanted.only.split(",") if wanted.only else [one for one in SUBJECTS if one != "batch" or not wanted.quick]
    only = [name for name in SUBJECTS if name in chosen]
    out = Path(os.environ.get("VAR_DIR") or server.ROOT / "var") / "bench" / "latest.json"
    started, lines = time.monotonic(), list[Line]()
    engine = "PostgreSQL" if wanted.postgres else "SQLite"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = server.free_port()
        server.own_environment(folder, port)
        for name in (name for name in ALONE if name in chosen):
            say(name)
            lines += measured(name, sizes.Place(wanted.keep or folder / name, wanted.postgres, wanted.quick))
        if wanted.postgres and only and not server.start_postgres(stack, folder):
            print("--postgres: skipped, PostgreSQL is not installed.")
            return 0
        if only:
            lines += measure_all(stack, folder, port, only, quick=wanted.quick)
    seconds = time.monotonic() - started
    report.write(lines, out, engine, seconds, wanted.quick)
    print(report.table(lines))
    print(f"{engine}, {seconds:.0f} s, load {os.getloadavg()[0]:.1f}; {out}")
    wrong = {"NOT COMPARABLE", "MISSED"} if wanted.strict else {"NOT COMPARABLE"}
    return int(any(line.verdict in wrong for line in lines))


def measure_all(stack: ExitStack, folder: Path, port: int, only: list[str], *, quick: bool) -> list[Line]:
    import django

    django.setup()
    logging.getLogger("paspoort").setLevel(logging.WARNING)  # the lines of the calls in this process
    from tests.bench import calls, world

    say("making a database and who is in it")
    world.migrate()
    bench = calls.Bench(folder, port, world.make_world(), quick)
    server.start_site(stack, folder, port)
    lines = []
    for name in only:
        say(name)
        lines += measured(name, bench)
    return lines


def measured(name: str, bench: Any) -> list[Line]:
    """The lines of one subject. What goes wrong in one does not cost the others their numbers."""
    subject = import_module(f"tests.bench.{name}")
    try:
        lines: list[Line] = subject.measure(bench)
    except Exception as error:
        traceback.print_exc()
        return [Line(name, problems=[f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"])]
    return lines


def say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
