"""The person is in no side channel: a canary in every answer and name, then a search everywhere it may not be."""

import base64
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client
from django.urls import reverse

from config.logs import JsonFormatter
from intake.models import Case
from intake.services import handovers
from passport.questionnaire import QuestionType, of_version
from tests import factories
from tests.factories import key_of, share_with_programme, write

CANARY = "kanariepiet"
NAMES = ("Kwetalina", "Zonnebloemstra")


def everything_said(student) -> dict[str, object]:
    """An answer to every question, with the canary in all that can hold words."""
    questions = of_version(student.passport.questionnaire_id)
    needs = [
        {"need": need.key, "how_often": "vaak", "what_works": f"{CANARY} helpt", "why": f"{CANARY} waarom"}
        for need in questions.needs
    ]
    by_type = {
        QuestionType.SHORT_TEXT: f"{CANARY} kort",
        QuestionType.LONG_TEXT: f"{CANARY} lang",
        QuestionType.CHIPS: [f"{CANARY} eigen"],
        QuestionType.NEEDS: needs,
        QuestionType.PROGRAMMES: [],
    }
    said: dict[str, object] = {}
    for question in questions.questions.values():
        if question.written_by == "student" and question.type in by_type and by_type[question.type]:
            said[question.key] = by_type[question.type]
        elif question.type is QuestionType.PEOPLE:
            said[question.key] = [{"name": CANARY, "relation": f"{CANARY} tante", "contact": ""}]
        elif question.type is QuestionType.CHOICE:
            said[question.key] = question.options[0]
    return said


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every log line of the process, as the site writes it."""
    seen: list[str] = []

    class Catch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(JsonFormatter().format(record))

    handler = Catch(level=logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield seen
    logging.getLogger().removeHandler(handler)


def hits(blob: bytes) -> list[str]:
    """The canaries in some bytes: as text, in UTF-16, in base64 at any offset, or escaped as JSON."""
    found = []
    for word in (CANARY, *NAMES):
        plain = word.encode()
        coded = [base64.b64encode(b"x" * shift + plain)[4 * bool(shift) : -4] for shift in range(3)]
        shapes = [plain, word.lower().encode(), word.encode("utf-16-le"), *coded]
        found += [word for shape in shapes if shape in blob]
    return found


@pytest.mark.parametrize(
    "shape", [f"x{CANARY}y".encode(), base64.b64encode(f"a {CANARY} b".encode()), CANARY.encode("utf-16-le")]
)
def test_the_search_finds_a_canary_in_any_coat(shape):
    assert hits(shape)


def dump_of(alias: str) -> bytes:
    connection, out = connections[alias], []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                cells = [bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]
                out.append(b"\x00".join(c if isinstance(c, bytes) else str(c).encode() for c in cells))
    return b"\n".join(out)


def everything_on_disk() -> Iterator[tuple[str, bytes]]:
    for path in Path(settings.VAR_DIR).rglob("*"):
        if path.is_file():
            yield str(path.relative_to(settings.VAR_DIR)), path.read_bytes()


@pytest.fixture
def told(care, class_a):
    """A student who told everything, under a name like no other, and shared a lot of it with `care`."""
    student = factories.make_pupil(
        calling_name=NAMES[0], surname=NAMES[1], official_name=" ".join(NAMES), school_class=class_a
    )
    said = everything_said(student)
    for question, value in said.items():
        write(student, question, value)
    units = [
        unit for unit in of_version(student.passport.questionnaire_id).units if unit.split(".")[0] in ("me", "need")
    ]
    says = {question for question in said if question != "need.support"}
    units = [unit for unit in units if unit in says or unit.startswith(("need.support.", "need.why."))]
    share_with_programme(student, care, "identity.official_name", *units)
    return student


@pytest.mark.services
def test_after_the_whole_road_there_is_no_canary_outside_a_seal(told, care, imke, api, lines, monkeypatch):
    one = told.shares.get()
    student, intaker, stranger = Client(), api(imke), Client(raise_request_exception=False)
    student.force_login(told.user)
    brief = intaker.get(reverse("api_case_brief", args=[one.case.pk]))
    assert CANARY in brief.content.decode() and NAMES[0] in brief.content.decode()
    assert CANARY in intaker.get(reverse("api_dossier", args=[one.pk])).content.decode()
    intaker.post(reverse("api_acknowledge", args=[one.pk]), {"reply": f"{CANARY} gelezen"}, format="json")
    handover = intaker.post(reverse("api_handovers"), {"share": str(one.pk)}, format="json").json()["id"]
    handovers.render_handover(UUID(handover))
    pdf = intaker.get(reverse("api_handover_file", args=[handover]))
    assert pdf.content.startswith(b"%PDF") and not hits(str(pdf.headers).encode())
    url = reverse("api_answer", args=["me.proud"])
    student.put(
        url, json.dumps({"status": "answered", "value": f"{CANARY} {'x' * 2000}", "revision": 0}), "application/json"
    )
    stranger.post(reverse("account_login"), {"login": NAMES[0], "password": CANARY})
    student.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("passport.services.clean_answer", lambda *a, **k: 1 / 0)
        body = json.dumps({"status": "answered", "value": CANARY, "revision": 1})
        crash = student.put(url, body, "application/json")
    assert crash.status_code == 500 and not hits(crash.content)
    assert student.post(reverse("api_share_withdraw", args=[one.pk]), {}, "application/json").status_code == 200

    assert hits(dump_of("default")) == [] and hits(dump_of("keys")) == []
    assert {name: found for name, blob in everything_on_disk() if (found := hits(name.encode() + blob))} == {}
    assert [line for line in lines if hits(line.encode())] == []
    assert [message for message in mail.outbox if hits(message.message().as_bytes())] == []
    assert any("error" in line for line in lines), "the crash is in the log, without what was written"


def test_the_database_does_not_name_what_was_chosen(told):
    """Rule 6: no need, no question and no status stands readable beside a student."""
    units = of_version(told.passport.questionnaire_id).units
    dump = b"\n".join(row for row in dump_of("default").split(b"\n") if told.pk.hex.encode() in row)
    named = [unit for unit in units if unit.encode() in dump]
    assert named == []


def test_a_log_line_holds_no_path_and_no_argument(lines, api, given, imke):
    api(imke).get(reverse("api_dossier", args=[given.pk]))
    logging.getLogger("some.library").warning("failed for %s", CANARY)
    assert any('"route": "api_dossier"' in line for line in lines)
    assert not [line for line in lines if str(given.pk) in line or CANARY in line or "/api/" in line]


def test_a_sealed_file_has_no_name_and_no_text(told, api, imke):
    one = told.shares.get()
    handover = api(imke).post(reverse("api_handovers"), {"share": str(one.pk)}, format="json").json()["id"]
    handovers.render_handover(UUID(handover))
    name = handovers.Handover.objects.get(pk=handover).file
    with default_storage.open(name) as file:
        blob = file.read()
    assert not hits(name.encode()) and not blob.startswith(b"%PDF") and not hits(blob)


def test_no_model_shows_a_person_when_it_is_printed(told, given):
    rows = [told, told.user, given, *given.items.all(), *Case.objects.all(), told.passport, *told.answers.all()]
    assert not hits(" ".join(f"{row} {row!r}" for row in rows).encode())
    assert not hits(repr(key_of(told)).encode())


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ],
)
@pytest.mark.parametrize("address", ["/inloggen/", "/nergens/", "/api/v1/me/", "/api/v1/nergens/"])
def test_every_answer_carries_the_headers(client, address, header, value):
    answer = client.get(address)
    assert answer[header] == value
    assert {"no-store", "private"} <= set(answer["Cache-Control"].replace(",", "").split())


def test_the_content_policy_is_exactly_this(client):
    directives = dict(
        part.strip().split(" ", 1) for part in client.get("/inloggen/")["Content-Security-Policy"].split(";")
    )
    self_only = ("script-src", "style-src", "img-src", "font-src", "connect-src", "manifest-src", "form-action")
    none = ("default-src", "frame-ancestors", "base-uri", "object-src")
    assert directives == {**dict.fromkeys(self_only, "'self'"), **dict.fromkeys(none, "'none'")}
