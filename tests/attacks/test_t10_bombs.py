"""T10: what is far too big, too deep or too many is refused in words; what is allowed at its worst still renders."""

import json
import time

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refusal
from config.celery import app
from intake.services import handovers
from passport.questionnaire import QuestionType, of_version
from tests.factories import share_with_programme, write

DREAM = "/api/v1/passport/answers/want.dream/"


@pytest.fixture
def student(sam):
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    return client


def put(client, value):
    return client.put(DREAM, json.dumps({"status": "answered", "value": value, "revision": 0}), "application/json")


@pytest.mark.parametrize("mark", ["\u0351", "\u0489", "\u20dd", "\u202e", "\u2066"])
def test_a_pile_of_marks_or_a_turned_line_is_refused(student, mark):
    answer = put(student, "Z" + mark * 900)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_characters")


def test_four_thousand_marks_do_not_even_fit(student):
    assert put(student, "Z" + "\u0351" * 4000).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"status": "answered", "value": "a" * 1_000_000, "revision": 0}),
        '{"value": ' + "[" * 400_000,
        "9" * 1_000_000,
    ],
)
def test_a_million_characters_are_413_and_not_read(student, body):
    answer = student.put(DREAM, body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "value",
    [
        "[" * 50_000 + "]" * 50_000,
        '{"a":' * 30_000 + "1" + "}" * 30_000,
        "[" * 100_000,
        "9" * 200_000,
        "1e" + "9" * 1000,
        '"' + "\\ud800" * 20_000 + '"',
    ],
)
def test_a_deep_or_endless_body_is_400(student, value):
    started = time.monotonic()
    answer = student.put(DREAM, '{"status": "answered", "revision": 0, "value": ' + value + "}", "application/json")
    assert answer.status_code == 400 and answer.json()["code"]
    assert time.monotonic() - started < 5


def test_a_form_of_a_million_characters_is_400(student):
    assert student.post("/paspoort/vraag/me.proud/", {"value": "a" * 1_000_000}).status_code == 400
    assert student.post("/paspoort/vraag/me.proud/", {f"f{place}": "" for place in range(5000)}).status_code == 400


def test_no_page_but_the_class_list_takes_a_file():
    """Upload-free: one field in the house, on one page of the school's office (tests/school/test_class_list.py)."""
    found = [path for path in (settings.BASE_DIR / "templates").rglob("*.html") if 'type="file"' in path.read_text()]
    forms = [
        path
        for room in ("accounts", "passport", "consent", "intake", "school")
        for path in (settings.BASE_DIR / room).rglob("*.py")
        if "FileField(" in path.read_text() or "request.FILES" in path.read_text()
    ]
    assert {path.parent.name for path in found} <= {"school"} and len(found) <= 1
    assert {path.relative_to(settings.BASE_DIR).parts[0] for path in forms} <= {"school"} and forms


def worst(student, of):
    """Every answer as long as it may be, of one hostile kind of text."""
    units, questions = [], of_version(student.passport.questionnaire_id)
    for question in questions.questions.values():
        if question.written_by != "student":
            continue
        if question.type is QuestionType.LONG_TEXT:
            value = (of * 1000)[:1000]
        elif question.type is QuestionType.SHORT_TEXT:
            value = (of * 80)[:80]
        elif question.type is QuestionType.CHIPS and question.own and not question.options:
            value = [f"{place}{of * 80}"[:80] for place in range(question.max or 1)]
        else:
            continue
        try:
            write(student, question.key, value)
        except Refusal:  # some fields take no number or no line
            continue
        units.append(question.key)
    return units


@pytest.mark.parametrize(
    "of", ["W", "a ", "x\n", "漢", "é", "\u00ad"], ids=["wide", "words", "lines", "han", "mark", "shy"]
)
def test_the_worst_that_fits_renders_in_time(of, sam, care, imke):
    units = worst(sam, of)
    share = share_with_programme(sam, care, "can.strengths", *units)
    handover, _ = handovers.request_handover(share_id=share.pk, by=imke)
    started = time.monotonic()
    handovers.render_handover(handover.pk)
    assert time.monotonic() - started < 40
    assert len(handovers.open_file(handover_id=handover.pk, by=imke)) < 3_000_000


def test_a_render_that_does_not_end_is_stopped_by_the_worker():
    """Soft at 90 and hard at 120 seconds, two gigabytes at most, and then the row is tried again or failed."""
    assert (app.conf.task_soft_time_limit, app.conf.task_time_limit) == (90, 120)
    assert app.conf.worker_max_memory_per_child <= 400_000


def test_a_hundred_jobs_at_once_cost_a_hundred_rows_and_no_render(given, imke, care, django_assert_max_num_queries):
    """Asking is a row: nothing is rendered in the request, however often it is asked."""
    client = Client()
    client.force_login(imke)
    for _ in range(100):
        answer = client.post(reverse("api_handovers"), {"share": str(given.pk)}, "application/json")
        assert answer.status_code in (200, 202)
    with django_assert_max_num_queries(40):
        client.get(reverse("inbox"))
