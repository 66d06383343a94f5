"""Silence tells nothing (contract, rule 4), byte for byte.

One share, read two days after it was given. Whatever lies behind a unit that is not there, a reader gets the same
status, headers, body and number of SQL statements everywhere. Only ids and the tokens of forms are made alike first.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Programme, Student, User
from consent import access
from consent.models import Share
from intake import handover as renderer
from intake.models import Case, Handover, Layer, Offer
from intake.services import handover_files, handovers, leaving, retention, sharing, talks
from tests import factories
from tests.factories import key_of, write

GIVEN_AT = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.get_fixed_timezone(60))
CODE = "00000000-11111111-22222222-33333333"
QUIET = {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek bij het raam"}
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
SHOWN = ("me.name", "me.free_time")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A unit the reader does not get: the question it belongs to and what it says when it says something."""

    unit: str
    value: Any
    question: str = ""
    silent: Any = None  # the answer in which this unit says nothing, when the rest of it goes on speaking
    beside: tuple[str, ...] = ()

    def write(self, student: Student, status: str = "answered") -> None:
        """Writes it, or makes it silent in one of the ways a student has."""
        question = self.question or self.unit
        if status == "answered":
            write(student, question, self.value)
        elif self.silent is not None:
            write(student, question, self.silent)
        else:
            write(student, question, status=status)


HIDDEN = [
    Hidden("can.strengths", ["netjes werken", "vragen stellen"]),
    Hidden("need.diagnosis", "Ik heb autisme."),
    Hidden("want.programmes", ["care3"]),
    Hidden("need.support.quiet", [QUIET], "need.support"),
    Hidden("need.support.quiet", [QUIET, {"need": "time"}], "need.support", [{"need": "time"}], ("need.support.time",)),
    Hidden("need.why.quiet", [{**QUIET, "why": "Autisme"}], "need.support", [QUIET], ("need.support.quiet",)),
]
NAMES = ["strengths", "diagnosis", "programmes", "only need", "one of two needs", "why"]

# What lies behind the silence: how the unit stands when the share is given, whether the share names it, and what the
# student does a day later. The first is what all others are compared with.
BEHIND: dict[str, tuple[str, bool, str]] = {
    "withheld": ("answered", False, ""),
    "never filled in": ("never", False, ""),
    "private at the start": ("private", False, ""),
    "later at the start": ("later", False, ""),
    "set to private": ("answered", True, "private"),
    "set to later": ("answered", True, "later"),
    "emptied": ("answered", True, "empty"),
    "taken away": ("answered", True, "take away"),
    "emptied and written again": ("answered", True, "again"),
    # Only for a mentor or at home: a share may name what is still empty.
    "named, never filled in": ("never", True, ""),
    "named, private": ("private", True, ""),
}
RELEASED = list(BEHIND)[:9]
MOST_TELLING = ["withheld", "never filled in", "set to private", "emptied", "taken away"]
LIVE = [*MOST_TELLING, "set to later", "named, never filled in", "named, private"]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(GIVEN_AT, tick=False) as traveller:
        yield traveller


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back, so that every silence starts from the very same world."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


@pytest.fixture
def pupil(class_a: Any, care: Programme, noor: Student) -> Student:
    """Writes what is shown; somebody else shares with the same programme, so that lists hold more than one line."""
    Offer.objects.create(programme=care, need="quiet", layer=Layer.EXTRA, text="Een stille kamer.")
    write(noor, "can.strengths", ["koken"])
    factories.share_with_programme(noor, care, "can.strengths")
    student = factories.make_pupil(school_class=class_a)
    write(student, "me.name", "Sam")
    write(student, "me.free_time", ["muziek", "koken"])
    return student


def lay(clock: Any, student: Student, hidden: Hidden, behind: str, give: Callable[..., Share]) -> Share:
    """Gives the share with this silence in it, and lets a day pass, the act, and another day."""
    status, named, later = BEHIND[behind]
    clock.move_to(GIVEN_AT + timedelta(hours=1))
    if status != "never":
        hidden.write(student)
        hidden.write(student, status)
    elif hidden.silent is not None:
        hidden.write(student, "empty")
    shown = (*SHOWN, *hidden.beside)
    share = give(*shown, *([hidden.unit] if named else []))
    clock.move_to(GIVEN_AT + timedelta(days=1))
    if later == "take away":
        sharing.change(share=share, key=key_of(student), by=student.user, units=shown)
    elif later:
        hidden.write(student, "empty" if later == "again" else later)
    if later == "again":
        hidden.write(student)
    clock.move_to(GIVEN_AT + timedelta(days=2))
    return Share.objects.get(pk=share.pk)


# --- What a reader can see ---------------------------------------------------------------------------------

Seen = dict[str, tuple[int, dict[str, str], bytes, int]]


def everything(by: User, share: Share, case: Case | None = None) -> Seen:
    """Every answer a reader of this share can get, with how many statements it took."""
    case = case or Case.objects.filter(share=share).first()
    calls: list[tuple[str, str, dict[str, str]]] = [
        ("get", "api_dossiers", {}),
        ("get", "api_dossier", {"share_id": str(share.pk)}),
        ("get", "dossier_list", {}),
        ("get", "dossier", {"share_id": str(share.pk)}),
    ]
    if case and share.recipient_kind == "programme":
        here = {"case_id": str(case.pk)}
        calls += [("get", "api_cases", {}), ("get", "inbox", {}), ("post", "case_text", here)]
        calls += [("get", name, here) for name in ("api_case", "api_case_brief", "case_brief", "case_dossier")]
    client = Client()
    client.force_login(by)
    client.get("/api/v1/me/")  # the first request of a session also writes the session
    ids = {share.pk: "share", case and case.pk: "case"}
    return {name: _answer(client, how, reverse(name, kwargs=at), ids) for how, name, at in calls}


def _answer(client: Client, how: str, url: str, ids: dict[Any, str]) -> tuple[int, dict[str, str], bytes, int]:
    with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
        answer = getattr(client, how)(url)
    del answer.headers["X-Request-ID"]  # random, and the same length for everybody
    return answer.status_code, dict(answer.headers), _alike(answer.content, ids), len(data) + len(keys)


def _alike(body: bytes, ids: dict[Any, str]) -> bytes:
    """A body without what differs by chance alone: random ids and the tokens of forms."""
    body = TOKEN.sub(b"token", body)
    for one, name in ids.items():
        body = body.replace(str(one).encode(), name.encode())
    return body


def paper(share: Share) -> Seen:
    """The handover before it becomes a PDF; its code is the only thing that differs by chance."""
    with CaptureQueriesContext(connections["default"]) as data:
        dossier = access.read_as_recipient(share_id=share.pk, release=share.release)
        html = renderer.render_html(dossier, CODE)
    return {"handover": (200, {}, html.encode(), len(data))}


def no_difference(ways: dict[str, Seen], *, opened: bool = True) -> None:
    """Names the first place where a silence can be told from the first one."""
    first, *others = ways
    assert ways[first]["dossier"][0] == (200 if opened else 404)
    for other in others:
        for name, answer in ways[other].items():
            for at, part in enumerate(("status", "headers", "body", "statements")):
                words = f"{name}: the {part} of «{other}» is not that of «{first}»"
                assert answer[at] == ways[first][name][at], words


# --- The intaker -------------------------------------------------------------------------------------------


def all_ways(clock: Any, student: Student, hidden: Hidden, behind: Any, give: Any, by: User) -> dict[str, Seen]:
    ways = {}
    for one in behind:
        with undone():
            share = lay(clock, student, hidden, one, give)
            ways[one] = everything(by, share) | paper(share)
    return ways


def to_programme(pupil: Student, care: Programme, **extra: Any) -> Callable[..., Share]:
    return lambda *units: factories.share_with_programme(pupil, care, *units, **extra)


@pytest.mark.parametrize("hidden", HIDDEN, ids=NAMES)
def test_an_intaker_cannot_tell_one_silence_from_another(hidden, clock, pupil, care, imke):
    behind = RELEASED if hidden is HIDDEN[0] else MOST_TELLING
    ways = all_ways(clock, pupil, hidden, behind, to_programme(pupil, care), imke)
    no_difference(ways)
    assert b"koken" in ways["withheld"]["api_dossier"][2]


def test_what_speaks_is_seen_everywhere(clock, pupil, care, imke):
    """Else the comparison above would compare nothing."""
    with undone():
        silent = everything(imke, share := lay(clock, pupil, HIDDEN[3], "withheld", to_programme(pupil, care)))
        silent |= paper(share)
    give = lambda *units: factories.share_with_programme(pupil, care, *units, HIDDEN[3].unit)  # noqa: E731
    share = lay(clock, pupil, HIDDEN[3], "withheld", give)
    speaking = everything(imke, share) | paper(share)
    lists = {"api_dossiers", "dossier_list", "api_cases", "inbox", "api_case"}
    assert {name for name in silent if silent[name][2] == speaking[name][2]} == lists


def test_a_dossier_in_which_nothing_speaks_any_more_does_not_say_why(clock, pupil, care, imke):
    hidden = Hidden("me.free_time", ["muziek"])
    ways = {}
    for status in ("empty", "later", "private", "all taken away"):
        with undone():
            clock.move_to(GIVEN_AT + timedelta(hours=1))
            share = factories.share_with_programme(pupil, care, "me.free_time")
            clock.move_to(GIVEN_AT + timedelta(days=1))
            if status == "all taken away":
                terms = {"valid_until": share.valid_until, "warm_transfer": False}
                share = sharing.clear(share=share, key=key_of(pupil), by=pupil.user, **terms)
            else:
                hidden.write(pupil, status)
            ways[status] = everything(imke, share) | paper(share)
    no_difference(ways)


# --- Everybody else who reads ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "hidden"),
    [("school_team", HIDDEN[0]), ("school_team", HIDDEN[5]), ("guardian", HIDDEN[4])],
    ids=["mentor, strengths", "mentor, why", "parent, one of two needs"],
)
def test_a_reader_of_the_newest_text_neither(hidden, kind, clock, pupil, class_a, mentor):
    """With a mentor or at home a student may also name what is still empty."""
    reader, recipient = mentor, class_a.institution_id
    if kind == "guardian":
        reader = factories.make_parent(pupil, authority=False).user
        recipient = reader.pk
    give = lambda *units: factories.share(pupil, kind, recipient, *units)  # noqa: E731
    no_difference(all_ways(clock, pupil, hidden, LIVE if hidden.silent is None else MOST_TELLING, give, reader))


@pytest.mark.parametrize("hidden", [HIDDEN[3], HIDDEN[5]], ids=[NAMES[3], NAMES[5]])
def test_the_school_team_that_reads_along_neither(hidden, clock, pupil, care, mentor):
    give = to_programme(pupil, care, warm_transfer=True)
    no_difference(all_ways(clock, pupil, hidden, MOST_TELLING, give, mentor))


def test_the_plan_of_a_talk_neither(clock, pupil, care, mentor, imke):
    """A line of the plan that was the student's own question goes with it, and leaves no gap."""
    hidden, ways = Hidden("transition.my_questions", ["Mag ik pauze nemen?"]), {"mentor": {}, "intaker": {}}
    for behind in ("withheld", "private", "emptied", "taken away"):
        with undone():
            clock.move_to(GIVEN_AT + timedelta(hours=1))
            hidden.write(pupil)
            named = [] if behind == "withheld" else [hidden.unit]
            share = factories.share_with_programme(pupil, care, *SHOWN, *named, warm_transfer=True)
            lines = ["Wie belt wie?", *(hidden.value if named else [])]
            talks.plan_talk(share_id=share.pk, by=mentor, who=["Sam"], agenda=lines)
            clock.move_to(GIVEN_AT + timedelta(days=1))
            if behind == "taken away":
                sharing.change(share=share, key=key_of(pupil), by=pupil.user, units=SHOWN)
            elif named:
                hidden.write(pupil, "empty" if behind == "emptied" else "private")
            for who, by in (("mentor", mentor), ("intaker", imke)):
                ways[who][behind] = everything(by, share)
    for seen in ways.values():
        no_difference(seen)
        assert b"Wie belt wie?" in seen["withheld"]["dossier"][2]


# --- What waits, what ended, and files ---------------------------------------------------------------------


def test_what_a_guardian_has_not_said_yes_to_is_not_there(clock, class_a, care, imke, noor):
    """Under 16: added and waiting, added and refused, or never asked for; and a newer text that waits."""
    young = factories.make_pupil(age=15, school_class=class_a)
    parent = factories.make_parent(young).user
    write(young, "me.free_time", ["muziek"])
    write(young, "can.strengths", ["helpen"])
    share = factories.share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=share.pk, by=parent)
    clock.move_to(GIVEN_AT + timedelta(days=1))
    add = lambda: sharing.change(  # noqa: E731
        share=share, key=key_of(young), by=young.user, units=["me.free_time", "can.strengths"], warm_transfer=True
    )

    def newer() -> None:
        write(young, "me.free_time", ["lezen"])
        sharing.release(share=share, key=key_of(young), by=young.user, units=["me.free_time"])

    acts: dict[str, list[Callable[[], Any]]] = {
        "never asked": [],
        "waits": [add],
        "refused": [add, lambda: sharing.decline(share_id=share.pk, by=parent, note="Nee")],
        "newer text": [newer],
    }
    ways = {}
    for name, steps in acts.items():
        with undone():
            for step in steps:
                step()
            ways[name] = everything(imke, share) | paper(share)
    no_difference(ways)


ENDS: dict[str, Callable[[Share, User], Any]] = {
    "the student stops": lambda share, parent: sharing.withdraw(share=share, by=share.student.user),
    "a guardian stops": lambda share, parent: sharing.withdraw(share=share, by=parent),
    "a guardian says no": lambda share, parent: sharing.decline(share_id=share.pk, by=parent),
    "the day is over": lambda share, parent: Share.objects.filter(pk=share.pk).update(
        valid_until=GIVEN_AT.date() - timedelta(days=1)
    ),
    "the day is over, and the night": lambda share, parent: (
        Share.objects.filter(pk=share.pk).update(valid_until=GIVEN_AT.date() - timedelta(days=1)),
        sharing.expire_ended(),
    ),
    "the passport stands still": lambda share, parent: leaving.freeze(student=share.student, by=share.student.user),
    "it will be erased": lambda share, parent: leaving.ask_to_erase(student=share.student, by=share.student.user),
}


def test_the_end_of_a_share_does_not_say_why(clock, class_a, care, imke):
    young = factories.make_pupil(age=15, school_class=class_a)
    parent = factories.make_parent(young).user
    write(young, "me.free_time", ["muziek"])
    share = factories.share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=share.pk, by=parent)
    ways = {}
    for name, end in ENDS.items():
        with undone():
            end(Share.objects.get(pk=share.pk), parent)
            ways[name] = everything(imke, share)
    withdrawn = ways["the student stops"]
    assert withdrawn["dossier"][0] == 404 and b"Niet meer gedeeld" in withdrawn["inbox"][2]
    no_difference(ways, opened=False)


def test_an_erased_student_leaves_the_inbox_as_every_other_end_does(clock, sam, care, imke):
    """The same line, the same words, at the same place; how many statements an id costs is a gap of rule 4."""
    write(sam, "me.free_time", ["muziek"])
    share = factories.share_with_programme(sam, care, "me.free_time")
    case = Case.objects.get(share=share)
    with undone():
        sharing.withdraw(share=share, by=sam.user)
        withdrawn = everything(imke, share, case)
    leaving.erase_student(sam.pk)
    erased = everything(imke, share, Case.objects.get(pk=case.pk))
    assert b"Niet meer gedeeld" in erased["inbox"][2] and b'"share":null' in erased["api_case"][2]
    for name, answer in withdrawn.items():
        assert erased[name][:3] == answer[:3], name


def test_what_an_erased_student_left_in_an_inbox_goes_after_two_years(sam, care, imke):
    write(sam, "me.free_time", ["muziek"])
    factories.share_with_programme(sam, care, "me.free_time")
    assert retention.drop_empty_cases() == 0
    leaving.erase_student(sam.pk)
    case = Case.objects.get()
    assert case.share_id is None and retention.drop_empty_cases() == 0
    with time_machine.travel(timezone.now() + timedelta(days=731)):
        assert retention.drop_empty_cases() == 1


def test_a_file_made_before_is_gone_in_the_same_words(clock, pupil, care, imke):
    ways = {}
    for behind in ("set to private", "set to later", "emptied", "taken away"):
        with undone():
            clock.move_to(GIVEN_AT + timedelta(hours=1))
            HIDDEN[0].write(pupil)
            share = factories.share_with_programme(pupil, care, *SHOWN, HIDDEN[0].unit)
            ready = _rendered(share, imke)
            clock.move_to(GIVEN_AT + timedelta(days=1))
            if behind == "taken away":
                sharing.change(share=share, key=key_of(pupil), by=pupil.user, units=SHOWN)
            else:
                HIDDEN[0].write(pupil, BEHIND[behind][2])
            ways[behind] = _file_answers(ready, imke)
    first = ways["set to private"]
    assert [answer[0] for answer in first] == [200, 200, 410, 410, 200]
    assert all(way == first for way in ways.values())


def test_the_file_has_one_size_whatever_it_keeps_silent_about(clock, pupil, care, imke):
    sizes = set()
    for behind in ("withheld", "never filled in", "set to private"):
        with undone():
            share = lay(clock, pupil, HIDDEN[1], behind, to_programme(pupil, care))
            sizes.add(default_storage.size(_rendered(share, imke).file))
    assert len(sizes) == 1 and (sizes.pop() - 31) % handover_files.FILE_BLOCK == 0


def _rendered(share: Share, by: User) -> Handover:
    handover, _ = handovers.request_handover(share_id=share.pk, by=by)
    handovers.render_handover(handover.pk)
    return Handover.objects.get(pk=handover.pk, status=Handover.Status.READY)


def _file_answers(ready: Handover, by: User) -> list[tuple[int, bytes]]:
    client = Client()
    client.force_login(by)
    names = ["handover", "api_handover", "handover_file", "api_handover_file"]
    answers = [client.get(reverse(name, kwargs={"handover_id": ready.pk})) for name in names]
    answers.append(client.get(reverse("check", args=["0" * 8])))
    return [
        (one.status_code, _alike(one.content, {ready.pk: "handover", ready.share.case.pk: "case"})) for one in answers
    ]
