"""Two worker processes and a batch of handovers, beside two bare WeasyPrint processes with the same html."""

import multiprocessing
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from celery import Celery

from config.celery import app as site_app
from intake.models import Handover
from tests.bench import bare
from tests.bench.calls import Bench
from tests.bench.rendering import html_of, put_back
from tests.bench.report import Line
from tests.bench.server import DidNotStart, Started, start_redis, start_worker

MOST_MB, FLAT_MB, HANDOVERS = 250, 10, 200
LONGEST = 60  # seconds for those that are rendered to watch the memory alone
PATIENCE = 180


def measure(bench: Bench) -> list[Line]:
    css = bare.css_with_files(bench.folder / "assets")
    ids = bench.world.handovers[: 20 if bench.quick else 60]
    htmls = [html_of(one) for one in ids]
    with ExitStack() as stack:
        broker = start_redis(stack, bench.folder)
        worker = start_worker(stack, bench.folder, broker)
        pool = multiprocessing.get_context("spawn").Pool(2, bare.prepare, (css,))
        stack.callback(pool.join)
        stack.callback(pool.terminate)
        sender = Celery("bench", broker=broker, set_as_current=False) if broker else site_app
        seconds_of(sender, ids, worker)
        pool.map(bare.render, htmls[:8], chunksize=1)
        first, floor, real = memory_of(worker), [], []
        for _ in range(1 if bench.quick else 3):
            floor.append(_per_minute(len(ids), lambda: pool.map(bare.render, htmls, chunksize=1)))
            real.append(_per_minute(len(ids), lambda: seconds_of(sender, ids, worker)))
        done, end = len(ids) * (1 + len(real)), time.monotonic() + LONGEST
        while not bench.quick and done < 2 * HANDOVERS and time.monotonic() < end:
            seconds_of(sender, ids, worker)
            done += len(ids)
        last = memory_of(worker)
    return [_rate(floor, real, len(ids), broker), *_flat(first, last, len(ids), done)]


def _rate(floor: list[float], real: list[float], batch: int, broker: str) -> Line:
    return Line(
        f"2 workers, batch of {batch}",
        unit="/min",
        floor=statistics.median(floor),
        real=statistics.median(real),
        at_least=0.85,
        note=f"{'Redis' if broker else 'filesystem broker'}; floor: two bare WeasyPrint processes",
    )


def _flat(first: dict[int, float], last: dict[int, float], after: int, done: int) -> list[Line]:
    """Memory of the fullest worker process, and how much any of them grew."""
    if first.keys() != last.keys():
        return [Line("worker memory", unit="MB", problems=["a worker process was replaced"])]
    fullest = max(last, key=lambda pid: last[pid])
    grown = max(last[pid] - first[pid] for pid in last)
    note = f"{after // 2} and {done // 2} handovers a process"
    return [
        Line(
            "worker memory",
            unit="MB",
            floor=first[fullest],
            real=last[fullest],
            at_most=MOST_MB,
            absolute=True,
            note=note,
        ),
        Line("worker memory, growth", unit="MB", real=grown, at_most=FLAT_MB, absolute=True),
    ]


def seconds_of(sender: Any, ids: list[UUID], worker: Started) -> float:
    """Seconds from the first message until the last file is there; putting the jobs back is not counted."""
    put_back(ids)
    started = time.perf_counter()
    for one in ids:
        sender.send_task("intake.tasks.render_handover", args=[str(one)])
    ready = Handover.objects.filter(status=Handover.Status.READY)
    # All are asked for when the last one is ready: asking costs time that the workers need, and would count as theirs.
    while not ready.filter(pk=ids[-1]).exists() or ready.filter(pk__in=ids).count() < len(ids):
        if time.perf_counter() - started > PATIENCE + len(ids):
            raise DidNotStart(f"worker: {worker.log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.03)
    return time.perf_counter() - started


def _per_minute(number: int, work: Any) -> float:
    started = time.perf_counter()
    counted = work()
    took = counted if isinstance(counted, float) else time.perf_counter() - started
    return number / took * 60


def memory_of(worker: Started) -> dict[int, float]:
    """Resident megabytes of every process of the pool."""
    sizes = {}
    for pid in worker.children():
        status = Path(f"/proc/{pid}/status").read_text()
        sizes[pid] = int(status.split("VmRSS:")[1].split()[0]) / 1024
    return sizes
