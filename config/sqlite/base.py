"""SQLite as Django drives it, but whoever wants to write waits in a queue for the one write lock.

SQLite lets whoever finds its lock taken sleep and look again: after 1 ms at first, after 100 ms in the end. When
a class saves at once, or eight people read (every look is written), the machine then sleeps more than it works. Here
threads wait for a lock that wakes them, and processes look at a file twice a millisecond. SQLite's own lock stays the
guarantee; this is only the queue, and without it everything still holds.

And a statement's place holders are put in SQLite's own form once per process, not at every run: on the long statements
of consent/facts.py that took as long as running them.
"""

import fcntl
import os
import threading
import time
from collections import defaultdict
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

PATIENCE = 20.0  # seconds, as `timeout` in config/settings.py; then SQLite decides, as it would without a queue
PAUSE = 0.0005
_turns: dict[str, threading.Lock] = defaultdict(threading.Lock)


@lru_cache(maxsize=512)
def _with_qmarks(query: str) -> str:
    return SQLiteCursorWrapper.convert_query(None, query)  # type: ignore[arg-type]  # it does not look at the cursor


class Cursor(SQLiteCursorWrapper):
    """As Django's; texts of statements are remembered, never their parameters."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        return super().convert_query(query, param_names=param_names) if param_names else _with_qmarks(query)


class DatabaseWrapper(SqliteWrapper):
    """`_waiting_file` is there while this connection has its turn."""

    _waiting_file: int | None = None

    def create_cursor(self, name: str | None = None) -> Cursor:
        made: Cursor = self.connection.cursor(factory=Cursor)
        return made

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs leave out what is private
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # private too
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]  # private too
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]  # private too
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        if self.is_in_memory_db() or self._waiting_file is not None:
            return
        name, end = str(self.settings_dict["NAME"]), time.monotonic() + PATIENCE
        if not _turns[name].acquire(timeout=PATIENCE):
            return
        try:
            self._waiting_file = os.open(f"{name}.turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # a full disk, or no file left to open: SQLite decides, as it would without a queue
            _turns[name].release()
            return
        try:
            while not _locked(self._waiting_file) and time.monotonic() < end:
                time.sleep(PAUSE)
        except BaseException as error:  # a task that took too long, Ctrl-C, no locks left: nobody has this turn
            self._give_turn()
            if not isinstance(error, OSError):
                raise

    def _give_turn(self) -> None:
        """Closing the file gives the lock on it back; so does the end of a process, however it comes."""
        if self._waiting_file is not None:
            os.close(self._waiting_file)
            self._waiting_file = None
            _turns[str(self.settings_dict["NAME"])].release()


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
