"""The timer keeps time, also after the clock was set back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from config.celery import app
from config.timer import Timer

SWEEP = "wake-waiting-handovers"


@pytest.fixture
def timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Timer]:
    """The timer of the site, which keeps what it would have sent."""
    made = Timer(app=app, schedule_filename=str(tmp_path / "schedule"))
    made.sent = []
    monkeypatch.setattr(made, "apply_entry", lambda entry, producer=None: made.sent.append(entry.name))
    yield made
    made.close()


def run(timer: Timer, clock: Any, minutes: int) -> list[str]:
    """What is sent in so many minutes; the timer sleeps as long as it says."""
    timer.sent.clear()
    end = timezone.now() + timedelta(minutes=minutes)
    while (now := timezone.now()) < end:
        clock.move_to(now + timedelta(seconds=max(timer.tick(), 0.01)))
    return timer.sent


def test_it_sweeps_every_minute(timer: Timer) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert run(timer, clock, 10).count(SWEEP) in {9, 10, 11}


@pytest.mark.parametrize("jump", [timedelta(days=-2), timedelta(hours=-1), timedelta(days=2)])
def test_it_goes_on_sweeping_after_the_clock_jumped(timer: Timer, jump: timedelta) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        run(timer, clock, 3)
        clock.shift(jump)
        assert run(timer, clock, 10).count(SWEEP) in {9, 10, 11, 12}
        assert "destroy-ended-handovers" in timer.sent


def test_a_clock_that_was_set_back_while_it_was_off(timer: Timer, tmp_path: Path) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        run(timer, clock, 3)
        timer.sync()
        clock.shift(timedelta(days=-1))
        again = Timer(app=app, schedule_filename=str(tmp_path / "schedule"))
        again.sent, again.apply_entry = [], lambda entry, producer=None: again.sent.append(entry.name)
        try:
            assert run(again, clock, 5).count(SWEEP) >= 4
        finally:
            again.close()


@pytest.mark.parametrize("harm", ["half", "empty", "other"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_file_of_times_that_was_cut_short_stops_no_timer(tmp_path: Path, harm: str, part: int) -> None:
    """What a full disk or a kill leaves; each of the files that the schedule is kept in."""
    path = str(tmp_path / "schedule")
    Timer(app=app, schedule_filename=path).close()
    files = sorted(tmp_path.glob("schedule*"))
    file = files[part % len(files)]
    whole = file.read_bytes()
    file.write_bytes({"half": whole[: len(whole) // 2], "empty": b"", "other": b"\x80\x05]\x94("}[harm])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        again = Timer(app=app, schedule_filename=path)
        again.sent, again.apply_entry = [], lambda entry, producer=None: again.sent.append(entry.name)
        try:
            assert run(again, clock, 5).count(SWEEP) >= 4
        finally:
            again.close()
