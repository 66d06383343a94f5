"""Opening what was shared: the dossier and the brief of a share with 15 units."""

from tests.bench.calls import Pair
from tests.bench.load import Call
from tests.bench.world import World


def pairs(world: World) -> list[Pair]:
    user, session = world.intaker, world.sessions[world.intaker.pk]
    share, case = world.share.pk, world.case.pk
    call = lambda path: lambda: Call(path, session)  # noqa: E731
    return [
        Pair("dossier", user, call(f"/floor/dossier/{share}/"), call(f"/api/v1/dossiers/{share}/")),
        Pair("brief", user, call(f"/floor/brief/{case}/"), call(f"/api/v1/intake/cases/{case}/brief/")),
    ]
