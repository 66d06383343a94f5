"""What every task has: it waits while the site is closed, and its id stands in every line it causes."""

import logging
from typing import Any

from celery import Task

from config.logs import at_work

log = logging.getLogger("paspoort.work")


class SiteTask(Task):
    """The base of all tasks (config/celery.py). The database owns the jobs: what is left here is found by a sweep."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Does nothing while a backup is not replayed (contract, rule 8). Raises when a database does not answer."""
        from accounts import erasure  # here: the models are not there yet when Celery makes its app
        from config import watching

        if not erasure.site_is_open():
            log.warning("not_replayed", extra={"route": self.name})
            return None
        with watching.slow_statements(lambda: str(self.name)):
            return super().__call__(*args, **options)

    def before_start(self, task_id: str, *_: Any) -> None:
        """From here on its id stands in every line."""
        self.request.was_at_work = at_work.set(task_id.replace("-", ""))

    def after_return(self, *_: Any) -> None:
        """Also after a failure was written down."""
        at_work.reset(self.request.was_at_work)

    def on_failure(self, exc: Exception, *_: Any) -> None:
        """Which task, and where in the code; never its arguments and never the text of the error."""
        log.error("error", exc_info=(type(exc), exc, exc.__traceback__), extra={"route": self.name})
