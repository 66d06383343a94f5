"""The ten main pages at 40,000 students beside the same pages at 400: what grows with the number of people?

The ten: of a student «Vandaag», the passport, a question, «Delen», one share and «Wie keek er?», because they are
opened most; a mentor's class; an intaker's inbox and brief; and the figures of a region. Who reads and what they read
is the same in both sizes, so only what stands around it differs. Making both takes some twenty minutes: with
--keep DIR they stay there for the next time. Only --only sizes measures this.
"""

import json
import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.load import Call, Connection, in_turns
from tests.bench.report import Line
from tests.bench.server import ROOT, DidNotStart, Postgres, free_port, start_site

FEW, MANY = 400, 40_000
MOST = 1.2
FIGURES, FIGURES_MS = "cijfers", 300.0
HEAD = "inbox of a head of intake"


@dataclass(frozen=True)
class Place:
    """Where the two sites are kept, on which engine, and how many samples are taken."""

    folder: Path
    postgres: bool
    quick: bool


@dataclass(frozen=True)
class Site:
    """One size: its web server and what is asked of it."""

    port: int
    pages: dict[str, dict[str, str]]
    holds: dict[str, Any]


def measure(place: Place) -> list[Line]:
    """Every page in turns, small, large, small …: what else the machine does hits both alike."""
    many = MANY // 10 if place.quick else MANY
    with ExitStack() as stack:
        folder = place.folder.resolve() / ("postgres" if place.postgres else "sqlite")
        folder.mkdir(parents=True, exist_ok=True)
        server = Postgres(folder).start() if place.postgres else None
        if server:
            stack.callback(server.stop)
        small, large = (_site(stack, folder, server, size) for size in (FEW, many))
        lines = []
        for name in small.pages:
            lines += _page(name, small, large, 15 if place.quick else 60)
    return lines


def _page(name: str, small: Site, large: Site, samples: int) -> list[Line]:
    calls = [(site.port, Call(site.pages[name]["path"], site.pages[name]["session"])) for site in (small, large)]
    for _ in range(4):  # both processes of both sites have been there, so that no connection waits for the other
        for port, call in calls:
            line = Connection(port)
            line.send(call)
            line.close()
    lines = [Connection(port) for port, _ in calls]
    few, many = (lambda line=line, call=call: line.send(call)[0] for line, (_, call) in zip(lines, calls, strict=True))
    times = in_turns(samples, few, many)
    for line in lines:
        line.close()
    note = f"{small.holds['students']} and {large.holds['students']} students"
    if "inbox" in name:
        of = "bench-intaker" if name == "inbox" else "bench-head-of-intake"
        held = [
            f"{site.holds['inboxes'][of]} of the {site.holds['cases']} cases of the college" for site in (small, large)
        ]
        note = f"holds {held[0]} and {held[1]}"
    # Nobody does the intake of a hundred programmes; how far that is off is shown, not held to the budget.
    most = None if name == HEAD else MOST
    found = [Line(name, floor=times.floor_median, real=times.real_median, at_most=most, note=note)]
    if name == FIGURES:
        found.append(Line(f"{name}, itself", real=times.real_median, at_most=FIGURES_MS, absolute=True, note=note))
    return found


# --- The two sites --------------------------------------------------------------------------------------------


def _site(stack: ExitStack, keep: Path, server: Postgres | None, size: int) -> Site:
    """Makes a site of this size when it is not there whole, and starts its web server."""
    folder, port = keep / str(size), free_port()
    own = {"VAR_DIR": str(folder / "var"), "BASE_URL": f"http://127.0.0.1:{port}", "DEMO": "1"}
    own["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    whole = folder / "whole"
    if not whole.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    if server:
        for name, variable in (("passport", "DATABASE_URL"), ("keys", "KEYS_DATABASE_URL")):
            if not whole.exists():
                server.ask(f"DROP DATABASE IF EXISTS {name}_{size}")
            own[variable] = server.make_database(f"{name}_{size}")
    if not whole.exists():
        _from_within(own, "make", str(size))
        whole.touch()
    found = json.loads(_from_within(own, "pages"))
    start_site(stack, folder, port, own)
    return Site(port, found.pop("pages"), found)


def _from_within(own: dict[str, str], *words: str) -> str:
    command = [sys.executable, "-m", "tests.bench.sizes_world", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **own}, capture_output=True, text=True)
    if done.returncode:
        raise DidNotStart(f"sizes_world {words[0]}: {done.stderr[-2000:]}")
    return done.stdout
