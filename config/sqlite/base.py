"""SQLite as Django drives it, but whoever wants to write waits in a queue for the one write lock.

SQLite lets whoever finds its lock taken sleep and look again: after 1 ms at first, after 100 ms in the end. When
a class saves at once, or eight people read (every look is written), the machine then sleeps more than it works. Here
threads wait for a lock that wakes them, and processes look at a file twice a millisecond. SQLite's own lock stays the
guarantee; this is only the queue, and without it everything still holds.
"""

import fcntl
import os
import threading
import time
from collections import defaultdict

from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper

PATIENCE = 20.0  # seconds, as `timeout` in config/settings.py; then SQLite decides, as it would without a queue
PAUSE = 0.0005
_turns: dict[str, threading.Lock] = defaultdict(threading.Lock)


class DatabaseWrapper(SqliteWrapper):
    """`_waiting_file` is there while this connection has its turn."""

    _waiting_file: int | None = None

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._give_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._give_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._give_turn()

    def _take_turn(self) -> None:
        if self.is_in_memory_db() or self._waiting_file is not None:
            return
        name, end = str(self.settings_dict["NAME"]), time.monotonic() + PATIENCE
        if not _turns[name].acquire(timeout=PATIENCE):
            return
        self._waiting_file = os.open(f"{name}.turn", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        while not _locked(self._waiting_file) and time.monotonic() < end:
            time.sleep(PAUSE)

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
