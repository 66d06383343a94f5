"""What is written while it runs: enough to find a fault, nothing of a person."""

import json
import logging
import time
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from accounts import erasure
from accounts.tasks import say_alive
from config.celery import app
from config.logs import JsonFormatter, at_work
from config.watching import _shape
from tests import factories

CANARY = "kanariepiet"


@pytest.fixture
def lines() -> Iterator[list[dict[str, object]]]:
    """Every line of the log, as it is written; the formatter adds what belongs to the request."""
    seen: list[dict[str, object]] = []

    class Catch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(json.loads(JsonFormatter().format(record)))

    handler = Catch(level=logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield seen
    logging.getLogger().removeHandler(handler)


@pytest.fixture(autouse=True)
def nothing_at_work() -> Iterator[None]:
    token = at_work.set("")
    yield
    at_work.reset(token)


def named(lines, message: str) -> list[dict[str, object]]:
    return [line for line in lines if line["message"] == message]


# --- One line a request, and its id --------------------------------------------------------------------------


def test_a_request_is_one_line_without_path_query_browser_or_person(client, lines, sam):
    client.force_login(sam.user)
    client.get(f"/paspoort/vraag/me.proud/?q={CANARY}", headers={"User-Agent": CANARY, "Referer": f"/{CANARY}"})
    [line] = named(lines, "request")
    assert set(line) == {"at", "level", "logger", "message", "request_id", "route", "method", "status", "ms"}
    assert line["route"] == "question" and CANARY not in json.dumps(lines) and "me.proud" not in json.dumps(lines)
    assert str(sam.pk) not in json.dumps(lines) and str(sam.user_id) not in json.dumps(lines)


@pytest.mark.parametrize("address", ["/", "/nergens/", "/api/v1/me/", "/readyz", "/healthz"])
def test_every_answer_carries_the_id_that_stands_in_the_log_and_no_body_does(client, lines, address):
    answer = client.get(address)
    [line] = named(lines, "request")
    assert answer["X-Request-ID"] == line["request_id"] and len(answer["X-Request-ID"]) == 32
    assert answer["X-Request-ID"].encode() not in answer.content


GOOD = uuid.UUID("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    ("proxies", "given", "kept"),
    [
        (1, GOOD.hex, True),
        (1, str(GOOD), True),
        (0, GOOD.hex, False),  # nobody of ours stands in front: a visitor made it up
        (1, CANARY, False),
        (1, GOOD.hex + "\n", False),
        (1, GOOD.hex.upper(), False),
        (1, GOOD.hex + "0", False),
    ],
)
def test_an_id_of_our_own_proxy_is_kept_when_it_is_one(client, settings, lines, proxies, given, kept):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    answer = client.get("/inloggen/", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == GOOD.hex) is kept and CANARY not in json.dumps(lines)


def test_every_line_of_a_request_has_its_id_and_the_next_one_another(sam, lines, monkeypatch):
    monkeypatch.setattr("passport.api.own_passport", lambda *a, **k: 1 / 0)
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    ids = [client.get("/api/v1/passport/")["X-Request-ID"] for _ in range(2)]
    assert [line["request_id"] for line in named(lines, "error")] == ids and ids[0] != ids[1]
    logging.getLogger("paspoort.other").warning("outside")
    assert "request_id" not in named(lines, "outside")[0]


# --- Canaries through what goes wrong ------------------------------------------------------------------------


def test_what_is_not_there_is_no_error_to_report(client, lines, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
    assert named(lines, "request") and not named(lines, "error")


def test_a_500_says_where_and_not_what(sam, lines, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError(f"{CANARY} ging mis")

    monkeypatch.setattr("passport.services.clean_answer", broken)
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    body = json.dumps({"status": "answered", "value": CANARY, "revision": 0})
    answer = client.put("/api/v1/passport/answers/me.proud/", body, "application/json")
    assert answer.status_code == 500 and CANARY not in answer.content.decode()
    [line] = named(lines, "error")
    assert line["error"] == "RuntimeError" and any("test_watching.py" in place for place in line["where"])
    assert CANARY not in json.dumps(lines)


def test_a_log_in_that_fails_leaves_no_name_and_no_password(client, lines):
    factories.make_user("somebody.known")
    client.post("/inloggen/", {"login": "somebody.known", "password": CANARY})
    client.post("/inloggen/", {"login": f"{CANARY}@example.nl", "password": "x"})
    assert named(lines, "request")
    assert CANARY not in json.dumps(lines) and "somebody.known" not in json.dumps(lines)


@pytest.mark.services
def test_a_slow_statement_is_named_by_its_route_and_shape_without_its_values(client, lines, settings, sam):
    settings.SLOW_STATEMENT_MS = 0
    client.force_login(sam.user)
    body = json.dumps({"status": "answered", "value": CANARY, "revision": 0})
    client.put("/api/v1/passport/answers/me.proud/", body, "application/json")
    client.post("/inloggen/", {"login": f"{CANARY}@example.nl", "password": "x"})
    slow = named(lines, "slow_statement")
    assert {"api_answer", "account_login"} <= {line["route"] for line in slow}
    assert {line["database"] for line in slow} == {"default", "keys"}
    assert any(str(line["statement"]).startswith("SELECT") and "%s" in str(line["statement"]) for line in slow)
    text = json.dumps(lines)
    assert CANARY not in text and str(sam.pk) not in text and sam.pk.hex not in text and "me.proud" not in text


def test_a_quick_statement_is_not_written_down(client, lines, settings):
    settings.SLOW_STATEMENT_MS = 10_000
    client.get("/inloggen/")
    assert named(lines, "slow_statement") == []


def test_only_statements_of_this_request_are_timed(client, lines, settings):
    settings.SLOW_STATEMENT_MS = 0
    client.get("/inloggen/")
    before = len(named(lines, "slow_statement"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert len(named(lines, "slow_statement")) == before


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ("SELECT  a\nFROM b WHERE c = 'kanarie''piet' AND d = 12", "SELECT a FROM b WHERE c = ? AND d = ?"),
        ("IN (%s, %s, %s) AND x1 = %s", "IN (…) AND x1 = %s"),
    ],
)
def test_the_shape_of_a_statement_holds_no_value(sql, shape):
    assert _shape(sql) == shape


def test_a_line_of_a_library_holds_no_words_of_an_error(lines):
    """Somebody else's code logs an error itself, or fills in its sentence before it logs it."""
    logging.getLogger("somewhere.else").error(RuntimeError(CANARY))
    logging.getLogger("somewhere.else").warning(f"could not send to: {CANARY}@example.nl")
    logging.getLogger("somewhere.else").warning(f"no such thing '{CANARY}'")
    logging.getLogger("somewhere.else").warning("could not send: %s", CANARY)
    said = [line["message"] for line in lines if line["logger"] == "somewhere.else"]
    assert said == ["RuntimeError", "could not send to", "no such thing", "could not send: %s"]
    assert CANARY not in json.dumps(lines)


# --- The worker ----------------------------------------------------------------------------------------------


def test_a_task_that_fails_says_which_and_where_and_nothing_it_was_given(lines):
    @app.task(name="tests.fails")
    def fails(word: str) -> None:
        raise RuntimeError(word)

    fails.apply(args=[CANARY])
    [line] = named(lines, "error")
    assert (line["route"], line["error"]) == ("tests.fails", "RuntimeError") and len(str(line["request_id"])) == 32
    assert CANARY not in json.dumps(lines)


def test_a_task_does_nothing_while_a_backup_is_not_replayed(settings, tmp_path, lines, monkeypatch):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    monkeypatch.setattr(erasure, "_open", True)
    done = []

    @app.task(name="tests.works")
    def works() -> None:
        done.append(time.monotonic())

    erasure.close_site(erasure.Waits.REPLAY)
    works.apply()
    assert done == [] and [line["route"] for line in named(lines, "not_replayed")] == ["tests.works"]
    erasure.open_site()
    monkeypatch.setattr(erasure, "_looked", float("-inf"))
    works.apply()
    assert len(done) == 1


def test_every_task_waits_that_way():
    app.loader.import_default_modules()
    own = {name: task for name, task in app.tasks.items() if name.split(".")[0] in {"accounts", "intake", "school"}}
    assert say_alive.name in own and len(own) > 20
    assert {name for name, task in own.items() if not isinstance(task, app.Task)} == set()
