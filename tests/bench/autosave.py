"""Keeping one answer: PUT /api/v1/passport/answers/{key}/."""

import json
from itertools import count

from accounts import vault
from tests import factories
from tests.bench import calls
from tests.bench.calls import Bench, Pair
from tests.bench.load import Call
from tests.bench.report import Line
from tests.bench.world import TEXT

# Neither is shared: what the floor keeps does not open, and a dossier would refuse all of it.
REAL, FLOOR = "want.expect", "school.different"


def measure(bench: Bench) -> list[Line]:
    student = bench.world.student
    session = bench.world.sessions[student.user_id]
    for question in (REAL, FLOOR):
        factories.write(student, question, TEXT)
    slot = vault.open_key(student.pk).slot(FLOOR).hex()
    seen = count(1)  # the first text is written above; every call after it writes the next

    def text(number: int) -> bytes:
        return json.dumps({"status": "answered", "value": f"{TEXT * 2}{number}", "revision": number}).encode()

    floor = lambda: Call(f"/api/floor/autosave/{slot}/", session, "PUT", text(1))  # noqa: E731
    real = lambda: Call(f"/api/v1/passport/answers/{REAL}/", session, "PUT", text(next(seen)))  # noqa: E731
    return [calls.measure(Pair("autosave", student.user, floor, real, samples=300), bench)]
