"""Opening what was shared: the dossier and the brief of a share with 15 units."""

from tests.bench import calls
from tests.bench.calls import Bench, Pair
from tests.bench.load import Call
from tests.bench.report import Line


def measure(bench: Bench) -> list[Line]:
    world = bench.world
    share, case = world.share.pk, world.case.pk
    call = lambda path: lambda: Call(path, world.sessions[world.intaker.pk])  # noqa: E731
    pairs = (
        Pair("dossier", world.intaker, call(f"/floor/dossier/{share}/"), call(f"/api/v1/dossiers/{share}/")),
        Pair("brief", world.intaker, call(f"/floor/brief/{case}/"), call(f"/api/v1/intake/cases/{case}/brief/")),
    )
    return [calls.measure(pair, bench) for pair in pairs]
