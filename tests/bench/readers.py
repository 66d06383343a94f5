"""Eight people who read dossiers at once, beside floor.md's page with 12 rows."""

import statistics

from consent.models import Share
from tests.bench.calls import Bench
from tests.bench.load import Call, served
from tests.bench.report import Line
from tests.bench.world import RICH

READERS = 8
MAHARA = 35  # requests a second, measured on the same machine: floor.md, section 6


def measure(bench: Bench) -> list[Line]:
    world = bench.world
    session = world.sessions[world.intaker.pk]
    shares = Share.objects.filter(programme=world.share.programme_id).order_by("created_at")[:RICH]
    pages = [Call(f"/gedeeld/{share.pk}/", session) for share in shares]
    rows = [Call("/floor/rows/", session)]
    turns, seconds = (2, 2) if bench.quick else (5, 3)
    floor, real = [], []
    for _ in range(turns):
        floor.append(served(rows, bench.port, READERS, seconds))
        real.append(served(pages, bench.port, READERS, seconds))
    slowest = max(one.slowest for one in real) / 1000
    return [
        Line(
            f"{READERS} readers of dossier pages",
            unit="/s",
            floor=statistics.median(one.per_second for one in floor),
            real=statistics.median(one.per_second for one in real),
            at_least=0.6,
            note=f"slowest {slowest:.1f} s; floor: page with 12 rows; Mahara {MAHARA} /s (floor.md §6)",
        )
    ]
