"""Students who write on whatever breaks, and what must hold of it: what the site said yes to is there."""

import http.client
import threading
import time
from collections import defaultdict
from collections.abc import Iterable

from tests.faults.site import Site, until

QUESTION = "want.dream"
ANSWER = f"/api/v1/passport/answers/{QUESTION}/"
KEPT, NOT_NEWEST, BUSY = 200, 409, 503


class Typing:
    """Students of a site who save text after text, each in a thread of their own: `with Typing(site, 3) as students:`.

    At the end no other status than a yes, «not the newest» or 503 was heard, and every text that got a yes is stored
    under the number it got, word for word.
    """

    def __init__(self, site: Site, number: int, padding: int = 0) -> None:
        self.site, self.done, self.padding = site, threading.Event(), "a" * padding
        self.said_yes: dict[str, dict[int, str]] = {f"student-{place}": {} for place in range(number)}
        self.heard: dict[int, int] = defaultdict(int)
        self.threads = [threading.Thread(target=self._write, args=(name,)) for name in self.said_yes]

    def __enter__(self) -> "Typing":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()
        if kind is None:
            self.check()

    def go_on(self, more: int = 3, seconds: float = 60) -> None:
        """Waits until each student got so many yeses more."""
        before = {name: len(kept) for name, kept in self.said_yes.items()}
        until(lambda: all(len(self.said_yes[name]) >= had + more for name, had in before.items()), seconds, 0.02)

    def hears(self, status: int, seconds: float = 60) -> None:
        """Waits until somebody heard this, from now on."""
        before = self.heard[status]
        until(lambda: self.heard[status] > before, seconds, 0.02)

    def check(self) -> None:
        """Nothing that got a yes is lost or changed, no number is missing, and nobody heard anything strange."""
        assert set(self.heard) <= {KEPT, NOT_NEWEST, BUSY}, dict(self.heard)
        for name, kept in self.said_yes.items():
            stored = dict(self.site.ask("texts", name, QUESTION))
            assert kept.items() <= stored.items(), "an answer that got a yes is lost"
            assert sorted(stored) == list(range(1, len(stored) + 1))

    def _write(self, name: str) -> None:
        revision, tried, session = 0, 0, self.site.sessions[name]
        while not self.done.is_set():
            tried += 1
            text = f"Poging {tried} van {name}. {self.padding}".strip()
            try:
                status, said = self.site.call("PUT", ANSWER, session, status="answered", value=text, revision=revision)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            self.heard[status] += 1
            if status == KEPT:
                revision = said["revision"]
                self.said_yes[name][revision] = text
            elif status == NOT_NEWEST:  # it was saved, and the yes was lost with the server
                revision = said["current"]["revision"]
            else:
                time.sleep(0.05)


class Reading:
    """Who reads all the while: each answer is the one that was there before, or 503 (`with Reading(site, calls):`)."""

    def __init__(self, site: Site, calls: Iterable[tuple[str, str]]) -> None:
        self.site, self.done = site, threading.Event()
        self.heard: dict[int, int] = defaultdict(int)
        self.calls = list(calls)
        self.before = {path: self._look(path, session) for path, session in self.calls}
        assert all(status == KEPT for status, _ in self.before.values()), self.before
        self.wrong: list[tuple[str, int]] = []
        self.thread = threading.Thread(target=self._read)

    def __enter__(self) -> "Reading":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.done.set()
        self.thread.join()
        assert kind or not self.wrong, self.wrong[:5]

    def rounds(self, more: int) -> None:
        """Waits until every call was made so many times more."""
        seen = sum(self.heard.values())
        until(lambda: sum(self.heard.values()) >= seen + (more + 1) * len(self.calls), pause=0.02)

    def _look(self, path: str, session: str) -> tuple[int, object]:
        return self.site.call("GET", path, session)

    def _read(self) -> None:
        while not self.done.is_set():
            for path, session in self.calls:
                try:
                    status, said = self._look(path, session)
                except (OSError, http.client.HTTPException):
                    continue
                self.heard[status] += 1
                if status != BUSY and (status, said) != self.before[path]:
                    self.wrong.append((path, status))
