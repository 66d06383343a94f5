"""The timer: Celery's own, for a clock that was set back."""

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler
from celery.utils.time import maybe_make_aware

A_LITTLE = timedelta(minutes=1)


class Timer(PersistentScheduler):
    """Celery waits until the time of the last run is there again: a day set back would be a day without sweeps."""

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
