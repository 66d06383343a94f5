"""A batch of 300 with one and with two worker processes, beside bare WeasyPrint with one and two and the same html.

What counts is the gain: what a second process brings the site, beside what it brings bare WeasyPrint in the same run.
The floor is measured before and after the site's turn, so that a machine that drifts spoils neither. On SQLite with the
embedded broker, with --postgres on Redis.
"""

import multiprocessing
import os
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import UUID

from celery import Celery

from accounts.models import Role
from config.celery import app as site_app
from intake.services import batches
from tests.bench import bare
from tests.bench.calls import Bench
from tests.bench.rendering import html_of
from tests.bench.report import Line
from tests.bench.server import Started, start_redis, start_worker
from tests.bench.workers import FLAT_MB, MOST_MB, memory_of, seconds_of
from tests.bench.world import make_batch

SIZE, QUICK_SIZE = 300, 40
LEAST_GAIN = 0.9
SETTLED = 20  # handovers a process makes before its memory is held to be its own
EVERY = 0.5


@dataclass
class Run:
    """What so many processes did with the batch: bare and ours, in handovers a minute, and the memory of each."""

    bare: float
    ours: float
    memory: list[dict[int, float]] = field(default_factory=list)


def measure(bench: Bench) -> list[Line]:
    size = QUICK_SIZE if bench.quick else SIZE
    intaker = make_batch(size)
    started = time.perf_counter()
    asked = batches.start_batch(by=intaker, programme=str(intaker.memberships.get(role=Role.INTAKER).programme_id))
    took = (time.perf_counter() - started) * 1000
    ids = list(asked.rows.values_list("handover_id", flat=True))
    css, htmls = bare.css_with_files(bench.folder / "assets"), [html_of(one) for one in ids]
    with ExitStack() as stack:
        broker = start_redis(stack, bench.folder) if os.environ.get("DATABASE_URL") else ""
        runs = [_run(bench, broker, css, htmls, ids, processes) for processes in (1, 2)]
    found = batches.counts_of(batches.lines_of(asked))
    right = (found.total, found.ready, found.failed, found.void) == (size, size, 0, 0)
    problems = [] if right else [f"the progress says {found}"]
    return [
        Line(f"asking for a batch of {size}", real=took, absolute=True, note="until the answer"),
        *(
            Line(f"batch of {size}, {number} process" + "es" * (number > 1), unit="/min", floor=run.bare, real=run.ours)
            for number, run in enumerate(runs, 1)
        ),
        Line(
            "gain of a second process",
            unit="×",
            floor=runs[1].bare / runs[0].bare,
            real=runs[1].ours / runs[0].ours,
            at_least=LEAST_GAIN,
            problems=problems,
            note=f"{'Redis' if broker else 'embedded broker'}; floor: bare WeasyPrint; progress {found.ready}/{size}",
        ),
        *_memory(runs, size),
    ]


def _run(bench: Bench, broker: str, css: str, htmls: list[str], ids: list[UUID], processes: int) -> Run:
    sender = Celery("bench", broker=broker, set_as_current=False) if broker else site_app
    half = len(htmls) // 2
    with ExitStack() as stack:
        worker = start_worker(stack, bench.folder, broker, processes)
        pool = multiprocessing.get_context("spawn").Pool(processes, bare.prepare, (css,))
        stack.callback(pool.join)
        stack.callback(pool.terminate)
        pool.map(bare.render, htmls[: 4 * processes], chunksize=1)
        seconds_of(sender, ids[: 4 * processes], worker)

        def floor(part: list[str]) -> float:
            started = time.perf_counter()
            pool.map(bare.render, part, chunksize=1)
            return time.perf_counter() - started

        before = floor(htmls[:half])
        with _Watched(worker) as memory:
            ours = seconds_of(sender, ids, worker)
        after = floor(htmls[half:])
    return Run(60 * len(htmls) / (before + after), 60 * len(ids) / ours, memory.seen)


class _Watched:
    """Samples the memory of a worker's processes while the batch runs."""

    def __init__(self, worker: Started) -> None:
        self.worker, self.seen, self.done = worker, list[dict[int, float]](), threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "_Watched":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()
        self.seen.append(memory_of(self.worker))

    def _watch(self) -> None:
        while not self.done.wait(EVERY):
            self.seen.append(memory_of(self.worker))


def _memory(runs: list[Run], size: int) -> list[Line]:
    """The fullest process at any moment, and what one grew from the moment it was warm until the end."""
    if any(seen.keys() != run.memory[0].keys() for run in runs for seen in run.memory):
        return [Line("batch, worker memory", unit="MB", problems=["a worker process was replaced"])]
    fullest = max(used for run in runs for seen in run.memory for used in seen.values())
    grown = 0.0
    for number, run in enumerate(runs, 1):
        warm = run.memory[min(len(run.memory) - 1, len(run.memory) * SETTLED * number // size)]
        grown = max(grown, *(run.memory[-1][pid] - warm[pid] for pid in warm))
    samples = sum(len(run.memory) for run in runs)
    return [
        Line("batch, worker memory", unit="MB", real=fullest, at_most=MOST_MB, absolute=True, note=f"n={samples}"),
        Line("batch, memory growth", unit="MB", real=grown, at_most=FLAT_MB, absolute=True),
    ]
