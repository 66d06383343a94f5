"""The connection of one person with the site: kept while they are busy, opened anew after a pause."""

import time

from tests.bench.load import Call, Connection
from tests.load.acts import Answer

KEPT = 1.0  # seconds of silence; gunicorn closes a connection after two


class Phone:
    """Asks over one connection, as a browser does, or a proxy in front of the site."""

    def __init__(self, port: int) -> None:
        self.port, self.used = port, 0.0
        self.line: Connection | None = None

    def ask(self, call: Call) -> tuple[float, int, Answer, int]:
        """Milliseconds, status, the answer, and how many bytes came. Raises WrongAnswer or OSError without one."""
        if self.line is None or time.monotonic() - self.used > KEPT:
            self.hang_up()
            self.line = Connection(self.port)
        try:
            took, status, head, body = self.line.ask(call)
        except Exception:
            self.hang_up()
            raise
        self.used = time.monotonic()
        if b"connection: close" in head.lower():
            self.hang_up()
        return took, status, Answer.of(head, body), len(head) + len(body)

    def hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None
