"""Keeping one answer: PUT /api/v1/passport/answers/{key}/."""

import json
from itertools import count

from accounts import vault
from tests import factories
from tests.bench.calls import Pair
from tests.bench.load import Call
from tests.bench.world import TEXT, World

# Neither is shared: what the floor keeps does not open, and a dossier would refuse all of it.
REAL, FLOOR = "want.expect", "school.different"


def pairs(world: World) -> list[Pair]:
    user = world.student.user
    session = world.sessions[user.pk]
    for question in (REAL, FLOOR):
        factories.write(world.student, question, TEXT)
    slot = vault.open_key(world.student.pk).slot(FLOOR).hex()
    seen = count(1)  # the first text is written here; every call after it writes the next

    def text(number: int) -> bytes:
        return json.dumps({"status": "answered", "value": f"{TEXT * 2}{number}", "revision": number}).encode()

    floor = lambda: Call(f"/floor/autosave/{slot}/", session, "PUT", text(1))  # noqa: E731
    real = lambda: Call(f"/api/v1/passport/answers/{REAL}/", session, "PUT", text(next(seen)))  # noqa: E731
    return [Pair("autosave", user, floor, real)]
