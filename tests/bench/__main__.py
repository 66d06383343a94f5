"""script/bench [--quick] [--postgres] [--only NAME,NAME] [--strict]: how the site does beside its floors.

Machines drift by 20–40 % (floor.md), so only the ratios of one run say something: floor and site are measured in turns.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench import report, server
from tests.bench.report import Line

SUBJECTS = ("autosave", "reading", "inbox", "handover", "workers", "login", "readers")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/bench", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--quick", action="store_true", help="few samples, within a minute")
    parser.add_argument("--postgres", action="store_true", help="on a private PostgreSQL")
    parser.add_argument("--only", default=",".join(SUBJECTS), help=f"some of {', '.join(SUBJECTS)}")
    parser.add_argument("--strict", action="store_true", help="end with 1 when a budget is missed")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    only = [name for name in SUBJECTS if name in wanted.only.split(",")]
    out = Path(os.environ.get("VAR_DIR") or server.ROOT / "var") / "bench" / "latest.json"
    started, lines, engine = time.monotonic(), [], "SQLite"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = server.free_port()
        server.own_environment(folder, port)
        if wanted.postgres:
            if not server.start_postgres(stack, folder):
                print("--postgres: skipped, PostgreSQL is not installed.")
                return 0
            engine = "PostgreSQL"
        lines = measure_all(stack, folder, port, only, quick=wanted.quick)
    seconds = time.monotonic() - started
    report.write(lines, out, engine, seconds, wanted.quick)
    print(report.table(lines))
    print(f"{engine}, {seconds:.0f} s, load {os.getloadavg()[0]:.1f}; {out}")
    wrong = {"NOT COMPARABLE", "MISSED"} if wanted.strict else {"NOT COMPARABLE"}
    return int(any(line.verdict in wrong for line in lines))


def measure_all(stack: ExitStack, folder: Path, port: int, only: list[str], *, quick: bool) -> list[Line]:
    import django

    django.setup()
    from tests.bench import autosave, bare, calls, inbox, login, readers, reading, rendering, workers, world

    world.migrate()
    bench = calls.Bench(folder, port, world.make_world(), quick)
    modules: dict[str, Any] = {"autosave": autosave, "reading": reading, "inbox": inbox}
    pairs = [pair for name in only if name in modules for pair in modules[name].pairs(bench.world)]
    calls.hold_to_the_same_statements(pairs, bench.world)
    server.start_site(stack, folder, port)
    lines = [calls.measure(pair, bench) for pair in pairs]
    if "inbox" in only:
        lines += inbox.growth(bench)
    css = bare.css_with_files(folder / "assets")
    lines += rendering.measure(bench, css) if "handover" in only else []
    lines += workers.measure(bench, css) if "workers" in only else []
    lines += login.measure(bench) if "login" in only else []
    lines += readers.measure(bench) if "readers" in only else []
    return lines


if __name__ == "__main__":
    sys.exit(main())
