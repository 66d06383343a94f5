"""The site as production starts it (DEMO=0, https): `check --deploy` is silent, and what its cookies and headers are.

In a process of its own, because names of cookies are fixed when the code is loaded.
"""

import json
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest

from tests.test_settings import PRODUCTION, start

# A real log-in, a saved answer and a message, on databases in memory; prints every Set-Cookie and one set of headers.
ROAD = """
import json, django
from django.conf import settings
django.setup()
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from django.core.management import call_command
for database in ("default", "keys"):
    call_command("migrate", database=database, verbosity=0)
from io import StringIO
call_command("load_questionnaire", "passport/questionnaires/2026-1.yaml", stdout=StringIO())
from django.test import Client
from tests import factories
student = factories.make_pupil("cookie")
browser, seen = Client(SERVER_NAME="paspoort.example.nl"), []
def ask(call, path, **more):
    answer = call(path, secure=True, headers={"x-forwarded-proto": "https"}, **more)
    seen.extend([path, name, dict(one.items()) | {"value": one.value}] for name, one in answer.cookies.items())
    return answer
page = ask(browser.get, "/inloggen/")
ask(browser.post, "/inloggen/", data={"login": "cookie", "password": factories.PASSWORD})
ask(browser.get, "/vandaag/")
ask(browser.post, "/eigen-telefoon/", data={"kind": "own"})
ask(browser.post, "/paspoort/vraag/me.proud/", data={"value": "Ik kan koken.", "revision": "0"})
from django.contrib.messages.storage import default_storage
from django.test import RequestFactory
from django.http import HttpResponse
request = RequestFactory().get("/", secure=True)
request.session = browser.session
kept, answer = default_storage(request), HttpResponse()
kept.add(20, "Bewaard")
kept.update(answer)
seen.extend(["message", name, dict(one.items()) | {"value": one.value}] for name, one in answer.cookies.items())
print(json.dumps({"cookies": seen, "headers": dict(page.headers)}))
"""


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    var = tmp_path_factory.mktemp("production")
    own = dict.fromkeys(("DATABASE_URL", "KEYS_DATABASE_URL"), "sqlite://:memory:")
    more = {"STORAGE_URL": str(var / "files"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    run = start(var, ROAD, **{**PRODUCTION, **own, **more})
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.strip().splitlines()[-1])


def test_check_deploy_has_nothing_to_say(tmp_path: Path) -> None:
    call = "from django.core.management import execute_from_command_line as run; run({!r})"
    words = ["manage.py", "check", "--deploy", "--fail-level", "INFO"]
    own = {"SECRET_KEY": token_urlsafe(48), "DJANGO_SETTINGS_MODULE": "config.settings"}
    run = start(tmp_path, call.format(words), **{**PRODUCTION, **own})
    assert run.returncode == 0 and "no issues" in run.stdout, run.stderr


def test_every_cookie_is_for_this_host_alone(road: dict[str, Any]) -> None:
    """`__Host-`: Secure, Path=/ and no Domain, which the browser itself enforces (ASVS 3.3.1, 3.3.3)."""
    names = {name for _, name, _ in road["cookies"]}
    assert names == {"__Host-session", "__Host-csrf", "__Host-device", "__Host-saved", "__Host-messages"}
    for where, name, one in road["cookies"]:
        assert (one["secure"], one["path"], one["domain"], one["samesite"]) == (True, "/", "", "Lax"), (where, name)


def test_no_script_reads_a_cookie_but_that_of_the_forms(road: dict[str, Any]) -> None:
    """The csrf cookie is read on purpose: after a new log-in a script sends what was typed with the new token."""
    assert {name for _, name, one in road["cookies"] if not one["httponly"]} == {"__Host-csrf"}


def test_no_cookie_outlives_the_browser_but_of_ones_own_phone(road: dict[str, Any]) -> None:
    lasting = {name for _, name, one in road["cookies"] if one["max-age"]}
    assert lasting <= {"__Host-csrf", "__Host-device", "__Host-saved", "__Host-session"}
    assert not [one for _, _, one in road["cookies"] if "cookie" in str(one["value"]).split(":")]


def test_the_headers_of_production(road: dict[str, Any]) -> None:
    assert road["headers"]["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert "unsafe" not in road["headers"]["Content-Security-Policy"]
