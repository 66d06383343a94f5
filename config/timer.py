"""The timer: Celery's own, for a clock that was set back, and inside a worker (`-B`) for a timer that was killed."""

import ctypes
import logging
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Any

from celery import bootsteps
from celery.beat import EmbeddedService, PersistentScheduler
from celery.signals import beat_embedded_init
from celery.utils.time import maybe_make_aware

log = logging.getLogger("paspoort.timer")
A_LITTLE = timedelta(minutes=1)
LOOK_EVERY = 5.0  # seconds
PR_SET_PDEATHSIG = 1


class Timer(PersistentScheduler):
    """Celery waits until the time of the last run is there again: a day set back would be a day without sweeps.

    And it does not start with a file of times that a full disk or a kill cut short; then they are counted from now on.
    """

    def setup_schedule(self) -> None:
        """Reads when what ran last."""
        try:
            super().setup_schedule()
        except Exception:
            log.warning("timer_file_lost", extra={"event": "start"})
            with suppress(Exception):
                self.close()
            self._remove_db()
            super().setup_schedule()

    def tick(self, *options: Any, **more: Any) -> float:
        """One round. What ran in what is now the future counts as having run just now. Returns seconds to sleep."""
        now = self.app.now()
        ahead = [one for one in self.schedule.values() if maybe_make_aware(one.last_run_at) > now + A_LITTLE]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            self._heap = None  # it is made anew, from these times
        seconds: float = super().tick(*options, **more)
        return seconds


class TimerStays(bootsteps.StartStopStep):
    """A part of a worker with `-B`: Celery starts the timer once and never looks whether it is still there.

    Without it nothing that was lost is found again, and nobody would notice: the site goes on.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Beat")

    def include_if(self, worker: Any) -> bool:
        """Only where the timer is inside the worker."""
        return bool(worker.beat)

    def start(self, worker: Any) -> None:
        """Looks every few seconds, between the worker's own work."""
        worker.timer.call_repeatedly(LOOK_EVERY, self.look, (worker,))

    def look(self, worker: Any) -> None:
        """Starts another timer when the one that was there ended by itself."""
        if worker.beat.is_alive():
            return
        log.error("timer_lost", extra={"event": "restart"})
        worker.beat = EmbeddedService(
            worker.app, schedule_filename=worker.schedule_filename, scheduler_cls=worker.scheduler
        )
        worker.beat.start()

    def stop(self, worker: Any) -> None:
        """Celery stops the timer it started; this one stops whichever is there now."""
        if worker.beat.is_alive():
            worker.beat.stop()

    terminate = stop


@beat_embedded_init.connect
def end_with_the_worker(**_: Any) -> None:
    """A worker that is killed takes its timer along: one that stays would hold the lock of the folder for good."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
