"""The student stops sharing at a marked point of a job that goes on: no file comes out of it, whatever was read before.

The points are where a worker may be stopped for seconds (SIGSTOP, a slow disk, a busy machine): tests/faults/
test_handovers.py does it to a real one, at random.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import Student, User
from consent import access, ledger
from consent.models import Share
from intake import handover as renderer
from intake.models import Handover
from intake.services import handovers, jobs, sharing
from tests.factories import key_of

pytestmark = pytest.mark.faults
Act = Callable[[], None]


def files() -> set[str]:
    return set(default_storage.listdir("")[1]) if default_storage.exists("") else set()


def before(holder: Any, name: str, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does `act` once, just before `holder.name` does its work."""
    real, todo = getattr(holder, name), [act]

    def first(*args: Any, **options: Any) -> Any:
        if todo:
            todo.pop()()
        return real(*args, **options)

    monkeypatch.setattr(holder, name, first)


POINTS = {
    "claimed, nothing read": (access, "read_as_recipient"),
    "read, not rendered": (renderer, "render"),
    "rendered, not stored": (handovers, "store_file"),
    "stored, not published": (handovers, "_mark_ready"),
}


def stops(share: Share, by: User) -> None:
    sharing.withdraw(share=share, by=by)


def takes_one_away(share: Share, by: User) -> None:
    sharing.change(share=share, key=key_of(share.student), by=by, units=["me.free_time"])


@pytest.fixture
def asked(given: Share, imke: User, monkeypatch: pytest.MonkeyPatch) -> Handover:
    monkeypatch.setattr(renderer, "render", lambda dossier, code: ("", b"%PDF-"))
    return handovers.request_handover(share_id=given.pk, by=imke)[0]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("act", [stops, takes_one_away])
def test_who_stops_halfway_leaves_no_file(
    asked: Handover, given: Share, sam: Student, point: str, act: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, code = files(), handovers.new_code()
    monkeypatch.setattr(handovers, "new_code", lambda: code)
    before(*POINTS[point], lambda: act(given, sam.user), monkeypatch)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.file, files()) == (Handover.Status.VOID, "", there)
    assert not handovers.is_valid_code(code)
    handovers.render_handover(asked.pk)  # the message once more
    assert Handover.objects.get(pk=asked.pk).status == Handover.Status.VOID and handovers.wake_waiting() == 0
    assert ledger.verify() is None


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_another_took_over_from_publishes_nothing(
    asked: Handover, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asleep at the point until its lease was over: the other one's file is the only one."""

    def taken_over() -> None:
        Handover.objects.update(lease_until=None, status=Handover.Status.QUEUED)
        other = jobs.claim(Handover.objects.select_related("share__student__user"), asked.pk)
        assert other is not None
        handovers._render(other)

    there = files()
    before(*POINTS[point], taken_over, monkeypatch)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.attempts) == (Handover.Status.READY, 2)
    assert files() == there | {asked.file}
