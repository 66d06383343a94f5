"""script/load: lesson days on the whole site, and what each act costs its servers.

Prints a table per day and leaves everything in var/load/latest.json. One wrong answer, or a batch that did not come, is
an error, and then it ends with 1.
"""

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.server import ROOT, DidNotStart, dies_with_us
from tests.load import costs, report, site
from tests.load.meter import Reading, cpu_of

SIZES = {"school": 400, "region": 2_000, "country": 40_000}
EVERY = 0.5  # seconds between two looks at the connections


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/load", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--students", default="300", help="who type at once; 100,300,600 is three days after another")
    parser.add_argument("--seconds", type=int, default=120, help="how long a day is measured")
    parser.add_argument("--size", choices=SIZES, default="region", help=f"who there are: {SIZES}")
    parser.add_argument("--web", type=int, default=2, help="gunicorn workers")
    parser.add_argument("--worker", type=int, default=2, help="processes of the worker")
    parser.add_argument("--pooler", type=int, default=0, metavar="N", help="N connections behind a pgbouncer")
    parser.add_argument("--times", type=int, default=100, help="how often an act is done to know its cost; 0 for none")
    return parser.parse_args()


def main() -> int:
    wanted = arguments()
    days = [int(word) for word in wanted.students.split(",")]
    out = Path(os.environ.get("VAR_DIR") or ROOT / "var") / "load" / "latest.json"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    started = time.monotonic()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="load-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        shape = site.Shape(wanted.web, wanted.worker, wanted.pooler)
        say(f"starting the servers, and {max(SIZES[wanted.size], *days, 0)} students")
        try:
            running = site.start(stack, folder, shape, (SIZES[wanted.size], max(days), len(days) + 1))
        except FileNotFoundError as missing:
            print(f"script/load needs PostgreSQL and Redis: {missing} is not installed.")
            return 1
        except DidNotStart as error:
            print(error)
            return 1
        content = measure(running, folder, wanted, days) | {"ledger": ledger()}
    content |= {"command": " ".join(["script/load", *sys.argv[1:]]), "took": round(time.monotonic() - started)}
    content |= _machine() | {"versions": running.versions, "shape": vars(shape), "seeded": SIZES[wanted.size]}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(content, indent=1) + "\n")
    print(report.whole(content))
    print(f"{content['command']}: {content['took']} s; {out}")
    return int(bool(content["ledger"]) or any(report.errors_of(day) for day in content["days"]))


def measure(running: site.Running, folder: Path, wanted: argparse.Namespace, days: list[int]) -> dict[str, Any]:
    """First what one act costs with nobody there, then the days."""
    found: dict[str, Any] = {"costs": [], "handovers": {}, "days": []}
    if wanted.times:
        say("what one act costs")
        acts, idle = costs.measure(running, wanted.times)
        found |= {"costs": [one.as_json() for one in acts], "idle": idle.figures}
        found["handovers"] = costs.of_handovers(running, len(days), folder / "var" / "files", idle)
    for day, students in enumerate(days):
        say(f"a lesson day with {students} students")
        found["days"].append(lesson_day(running, folder, students, wanted.seconds, day))
    return found


def lesson_day(running: site.Running, folder: Path, students: int, seconds: int, day: int) -> dict[str, Any]:
    """The people are a process of their own; here the servers are read when they say that it begins and ends."""
    words = [str(word) for word in (running.port, students, seconds, day)]
    command = dies_with_us(sys.executable, "-W", "ignore", "-m", "tests.load.crowd", *words)
    with (folder / f"crowd-{day}.log").open("w+") as log:
        crowd = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            assert crowd.stdin and crowd.stdout
            crowd.stdin.write(json.dumps(running.people))
            crowd.stdin.close()
            spent, seen, own = _watch(running, crowd)
            said: dict[str, Any] | None = json.loads(crowd.stdout.read() or "null")
        finally:
            crowd.terminate()
            crowd.wait(20)
        if said is None:
            log.seek(0)
            raise DidNotStart(f"crowd: {log.read()[-2000:]}")
    said |= {"students": students, "spent": spent.figures, "cpu people": own, "memory": running.meter.memory()}
    return said | {"connections": max(there for there, _ in seen), "working": max(active for _, active in seen)}


def _watch(running: site.Running, crowd: "subprocess.Popen[str]") -> tuple[Reading, list[tuple[int, int]], float]:
    """What the servers spent between the two lines, the connections meanwhile, and what the people cost themselves."""
    assert crowd.stdout
    if crowd.stdout.readline() != "begin\n":
        return Reading({}), [(0, 0)], 0.0
    before, own, seen, over = running.meter.read(), cpu_of(crowd.pid), list[tuple[int, int]](), threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            seen.append(running.meter.connections())

    watcher = threading.Thread(target=look)
    watcher.start()
    crowd.stdout.readline()
    over.set()
    watcher.join()
    return running.meter.read().since(before), seen or [(0, 0)], cpu_of(crowd.pid) - own


def ledger() -> str:
    """What verify_ledger has to say against it after all those looks; empty when the chain is whole."""
    command = [sys.executable, "manage.py", "verify_ledger"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"verify_ledger: {done.stdout[-200:]}{done.stderr[-500:]}"


def _machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251  (no Django in this process)
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": os.getloadavg(),
    }


def say(words: str) -> None:
    print(f"… {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
