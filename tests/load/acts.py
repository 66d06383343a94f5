"""What people do on a lesson day, as the browser would send it. Locust's people and the cost of one act share it.

An act is a call with its name in the table; who does it hears what was answered, to know what comes next.
"""

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from urllib.parse import urlencode

from tests.bench.load import CSRF, Call

TEXT = "Op mijn stage bij de bakker leerde ik op tijd komen, ook als de nacht kort was. Dat wil ik zo houden. "
# Long texts that everybody is asked, so that a page is there on either route.
QUESTIONS = ("want.expect", "school.different", "me.others_say", "me.proud", "want.dream", "need.not_helpful")
SAVES = 6  # of one question: somebody writes a minute about it
REVISION = re.compile(rb'name="revision" value="(\d+)"')
WORD = re.compile(rb'name="word" value="([^"]+)"')
LOCATION = re.compile(rb"(?i)\r\nlocation: (\S+)")
ASSET = re.compile(rb'(?:href|src)="(/static/[^"#]+)')


class Unexpected(ValueError):
    """An answer without what the next act needs: what came after it would measure nothing."""


@dataclass(frozen=True)
class Act:
    """A call, what it is called in the table, and which status is the right answer."""

    name: str
    call: Call
    expect: int = 200


@dataclass(frozen=True)
class Answer:
    """What came back: the head with the place to go on to, and the body."""

    head: bytes
    body: bytes

    @classmethod
    def of(cls, head: bytes, body: bytes) -> "Answer":
        return cls(head, gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body)

    @property
    def location(self) -> str:
        found = LOCATION.search(self.head)
        if found is None:
            raise Unexpected("no place to go on to")
        return found[1].decode()


def find(pattern: re.Pattern[bytes], answer: Answer) -> str:
    found = pattern.search(answer.body)
    if found is None:
        raise Unexpected(f"no {pattern.pattern!r} on the page")
    return found[1].decode()


def get(name: str, path: str, session: str) -> Act:
    return Act(name, Call(path, session, packed=True))


def post(name: str, path: str, session: str, form: Mapping[str, str], expect: int = 302) -> Act:
    body = urlencode({**form, "csrfmiddlewaretoken": CSRF}).encode()
    return Act(name, Call(path, session, "POST", body, packed=True), expect)


# --- The student ------------------------------------------------------------------------------------------------


class Student:
    """Writes: a save every ten seconds, after six of them «Verder» to the next question."""

    def __init__(self, session: str, first: int = 0) -> None:
        self.session, self.revision, self.saved = session, 0, 0
        self.questions = cycle(QUESTIONS[first % len(QUESTIONS) :] + QUESTIONS[: first % len(QUESTIONS)])
        self.key = ""

    def today(self) -> Act:
        return get("student: vandaag", "/vandaag/", self.session)

    def open_next(self) -> Act:
        self.key, self.saved = next(self.questions), 0
        return get("student: question", f"/paspoort/vraag/{self.key}/", self.session)

    def opened(self, answer: Answer) -> None:
        self.revision = int(find(REVISION, answer))

    def save(self) -> Act:
        self.saved += 1
        body = {"status": "answered", "value": self._text(), "revision": self.revision}
        call = Call(
            f"/api/v1/passport/answers/{self.key}/", self.session, "PUT", json.dumps(body).encode(), packed=True
        )
        return Act("student: save", call)

    def kept(self, answer: Answer) -> None:
        self.revision = int(json.loads(answer.body)["revision"])

    def go_on(self) -> Act:
        revision, path = str(self.revision), f"/paspoort/vraag/{self.key}/"
        form = {"value": self._text(), "revision": revision, "before": revision}
        return post("student: verder", path, self.session, form)

    def _text(self) -> str:
        """Grows as somebody writes: a sentence and a half in the first save, some 450 characters in the last."""
        return (TEXT * 5)[: 75 * self.saved].strip() + f" ({self.revision})"


# --- The mentor, the intaker ------------------------------------------------------------------------------------


def of_mentor(session: str, school_class: str, lesson: str, shares: Sequence[str]) -> Iterator[list[Act]]:
    """Every ten seconds the lesson's page anew, as its script does, and one look elsewhere."""
    read = cycle(shares)
    for turn in count():
        seen = (
            get("mentor: class board", f"/klas/{school_class}/", session),
            get("mentor: live share", f"/gedeeld/{next(read)}/", session),
            get("mentor: desk", "/klas/", session),
        )[turn % 3]
        yield [get("mentor: lesson", f"/les/{lesson}/", session), seen]


def of_intaker(session: str, cases: Sequence[str]) -> Iterator[list[Act]]:
    """The inbox, a brief, and now and then «Gelezen» back to the student."""
    for turn, case in enumerate(cycle(cases)):
        yield [get("intaker: inbox", "/intake/", session)]
        yield [get("intaker: brief", f"/intake/{case}/", session)]
        if turn % 2 == 0:
            yield [reply(session, case)]


def reply(session: str, case: str) -> Act:
    return post("intaker: reply", f"/intake/{case}/gelezen/", session, {"reply": "Gelezen, tot de intake!"})


# --- A batch ----------------------------------------------------------------------------------------------------


class Batch:
    """Asks for the handovers of a programme, looks every two seconds, fetches the ZIP in two steps."""

    def __init__(self, session: str, programme: str) -> None:
        self.session, self.programme, self.path = session, programme, ""

    def ask(self) -> Act:
        return post("batch: ask", "/overdracht/samen/", self.session, {"programme": self.programme})

    def asked(self, answer: Answer) -> None:
        self.path = answer.location

    def look(self) -> Act:
        name = self.path.rstrip("/").rpartition("/")[2]
        return get("batch: how far", f"/api/v1/handovers/batch/{name}/", self.session)

    @staticmethod
    def is_over(answer: Answer) -> bool:
        """Whether nothing waits any more. Raises Unexpected when a handover failed or none was asked for."""
        counts = json.loads(answer.body)
        if counts["failed"] or counts["void"] or not counts["total"]:
            raise Unexpected(f"the batch says {counts}")
        return bool(counts["ready"] == counts["total"])

    def word(self) -> Act:
        return post("batch: word", f"{self.path}woord/", self.session, {}, 200)

    def file(self, answer: Answer) -> Act:
        return post("batch: zip", f"{self.path}bestand/", self.session, {"word": find(WORD, answer)}, 200)
