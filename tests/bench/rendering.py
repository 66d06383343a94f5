"""One handover in one warm process: bare WeasyPrint, the site's renderer and the whole job, in turns."""

import statistics
import time
from collections.abc import Callable, Iterable
from uuid import UUID

from django.core.files.storage import default_storage

from consent import access
from intake import handover
from intake.models import Handover
from intake.services import handovers
from tests.bench import bare
from tests.bench.calls import Bench
from tests.bench.report import Line


def html_of(handover_id: UUID) -> str:
    row = Handover.objects.get(pk=handover_id)
    dossier = access.read_as_recipient(share_id=row.share_id, release=row.release)
    return handover.render_html(dossier, handovers.new_code())


def put_back(ids: Iterable[UUID]) -> None:
    """Makes these jobs wait again, as if nobody had done them."""
    rows = Handover.objects.filter(pk__in=list(ids))
    for name in rows.exclude(file="").values_list("file", flat=True):
        default_storage.delete(name)
    rows.update(status=Handover.Status.QUEUED, attempts=0, lease_until=None, file="", code_sha256=None, ready_at=None)


def measure(bench: Bench) -> list[Line]:
    css = bare.css_with_files(bench.folder / "assets")
    job = bench.world.handovers[0]
    html = html_of(job)
    bare.prepare(css)
    floor: list[float] = []
    renderer: list[float] = []
    whole: list[float] = []
    for turn in range(-2, 5 if bench.quick else 25):
        times = _took(lambda: bare.render(html)), _took(lambda: handover.render_pdf(html)), _job(job)
        if turn >= 0:
            for kept, took in zip((floor, renderer, whole), times, strict=True):
                kept.append(took)
    base = statistics.median(floor)
    size = len(handover.render_pdf(html)) / 1024
    bare.let_go()
    handover._tools.cache_clear()
    note = f"{size:.0f} kB, n={len(floor)}"
    return [
        Line("handover, renderer", floor=base, real=statistics.median(renderer), at_most=1.25, note=note),
        Line("handover, whole job", floor=base, real=statistics.median(whole), note="with claim, read, seal, publish"),
    ]


def _job(handover_id: UUID) -> float:
    put_back([handover_id])
    took = _took(lambda: handovers.render_handover(handover_id))
    if Handover.objects.get(pk=handover_id).status != Handover.Status.READY:
        raise RuntimeError("the handover is not ready")
    return took


def _took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
