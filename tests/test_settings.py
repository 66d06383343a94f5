"""Production starts only with its own keys; the demo needs nothing."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import settings

ROOT = Path(__file__).parent.parent
KEY = base64.b64encode(b"k" * 32).decode()
PRODUCTION = {
    "DEMO": "0",
    "DATABASE_URL": "postgres://passport@127.0.0.1:1/passport",
    "KEYS_DATABASE_URL": "postgres://keys@127.0.0.1:1/keys",
    "REDIS_URL": "rediss://127.0.0.1:1/0",
    "SECRET_KEY": "s" * 50,
    "FIELD_KEYS": f"2026a:{KEY}",
    "LEDGER_KEY": KEY,
    "RECEIPT_KEY": KEY,
    "ALLOWED_HOSTS": "paspoort.example.nl",
    "BASE_URL": "https://paspoort.example.nl",
    "EMAIL_URL": "smtp://mail.example.nl:25",
    "STORAGE_URL": "/srv/files",
}
SHOW = (
    "from config import settings as s; print(s.DEMO, s.DEBUG, s.SESSION_COOKIE_NAME, s.SECURE_HSTS_SECONDS,"
    " getattr(s, 'CELERY_BROKER_USE_SSL', None))"
)


def start(var: Path, show: str = SHOW, **env: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    code = [sys.executable, "-c", show]
    return subprocess.run(code, cwd=ROOT, env={**clean, "VAR_DIR": str(var), **env}, capture_output=True, text=True)


def test_production_starts_with_everything_set(tmp_path):
    run = start(tmp_path, **PRODUCTION)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("False False __Host-session 31536000") and "CERT_REQUIRED" in run.stdout


@pytest.mark.parametrize("name", sorted(set(PRODUCTION) - {"DEMO"}))
def test_production_names_each_missing_value(tmp_path, name):
    run = start(tmp_path, **{key: value for key, value in PRODUCTION.items() if key != name})
    assert run.returncode == 1 and f"{name}: missing" in run.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIELD_KEYS", f"demo-1:{KEY}"),
        ("FIELD_KEYS", f"2026a:{KEY},demo-1:{KEY}"),
        ("LEDGER_KEY", f"demo-{KEY}"),
        ("RECEIPT_KEY", f"demo-{KEY}"),
        ("SECRET_KEY", "demo-" + "s" * 50),
    ],
)
def test_production_refuses_a_development_key_without_showing_it(tmp_path, name, value):
    run = start(tmp_path, **{**PRODUCTION, name: value})
    assert run.returncode == 1 and f"{name}: a development key" in run.stderr and KEY not in run.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECRET_KEY", "short"), ("FIELD_KEYS", "2026a:abc"), ("LEDGER_KEY", "abc"), ("DEBUG", "1"), ("DEBUG", "yes"),
     ("COACHING_FROM", "31-12"), ("COACHING_UNTIL", "02-29")],
)  # fmt: skip
def test_production_refuses_a_wrong_value(tmp_path, name, value):
    assert start(tmp_path, **{**PRODUCTION, name: value}).returncode == 1


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "key").write_text("s" * 50)
    env = {key: value for key, value in PRODUCTION.items() if key != "SECRET_KEY"}
    assert start(tmp_path, **env, SECRET_KEY_FILE=str(tmp_path / "key")).returncode == 0


def test_the_demo_needs_nothing_and_keeps_its_keys(tmp_path):
    assert start(tmp_path).stdout.startswith("True False session 0")
    kept = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert all(value.startswith("demo-") for value in kept.values())
    assert start(tmp_path).returncode == 0
    assert kept == {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}


def test_a_database_of_ones_own_is_no_demo_unless_it_says_so(tmp_path):
    assert "missing" in start(tmp_path, DATABASE_URL=PRODUCTION["DATABASE_URL"]).stderr
    assert start(tmp_path, DATABASE_URL=PRODUCTION["DATABASE_URL"], DEMO="1").stdout.startswith("True")


@pytest.mark.parametrize(
    ("url", "endpoint", "secret"),
    [
        ("s3://key:secret@files.example.nl/bucket", "https://files.example.nl", "secret"),
        ("s3://key:p%2Fw%40rd%3A@files.example.nl:9000/bucket", "https://files.example.nl:9000", "p/w@rd:"),
        ("s3://key:a+b@[::1]:9000/bucket/", "https://[::1]:9000", "a+b"),
    ],
)
def test_the_storage_of_files_keeps_the_port_and_reads_the_password(url, endpoint, secret):
    options = settings._storage(url)["OPTIONS"]
    assert (options["endpoint_url"], options["secret_key"], options["access_key"]) == (endpoint, secret, "key")
    assert options["bucket_name"] == "bucket"


def test_the_cookie_of_what_was_saved_is_for_this_host_only(tmp_path):
    show = "import django; django.setup(); from passport.views.asked import SAVED; print(SAVED)"
    django = {**PRODUCTION, "DJANGO_SETTINGS_MODULE": "config.settings"}
    run = start(tmp_path, show, **django)
    assert run.stdout.strip() == "__Host-saved", run.stderr
