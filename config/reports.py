"""Errors told elsewhere as well, when a setting says where: the line of the log, nothing more.

No tool that looks into frames, bodies or sessions: what is not collected cannot leak. Nobody waits for it; what cannot
be told is dropped, it stands in the log.
"""

import logging
import os
import threading
import time
from contextlib import suppress
from queue import Full, Queue
from urllib.request import Request, urlopen

WAITING = 100
SAME_AGAIN = 60.0  # seconds in which the same error is told once
PATIENCE = 5.0


class ReportHandler(logging.Handler):
    """Posts a line as JSON to one address, from a thread of its own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self._told: dict[tuple[str, ...], float] = {}
        self._process = 0
        self._lines: Queue[bytes] = Queue(WAITING)

    def emit(self, record: logging.LogRecord) -> None:
        """Puts the line in the queue; the same error once a minute."""
        kind = (record.name, str(record.msg)[:200], str(record.exc_info and record.exc_info[0]))
        now = time.monotonic()
        if now - self._told.get(kind, float("-inf")) < SAME_AGAIN:
            return
        self._told[kind] = now
        self._start()
        with suppress(Full):
            self._lines.put_nowait(self.format(record).encode())

    def _start(self) -> None:
        """A thread does not live on in a fork: every process starts its own."""
        if self._process != os.getpid():
            self._process, self._lines = os.getpid(), Queue(WAITING)
            threading.Thread(target=self._tell, args=(self._lines,), name="reports", daemon=True).start()

    def _tell(self, lines: "Queue[bytes]") -> None:
        while True:
            body = lines.get()
            with suppress(Exception):
                asked = Request(self.url, body, {"Content-Type": "application/json"})  # noqa: S310  https: config/env.py
                with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310  # nosec B310
                    answer.read(1)
