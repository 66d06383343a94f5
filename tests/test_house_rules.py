"""What must never happen in the house. Every rule here has an example that must fail, so no guard sleeps."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).parent.parent
APPS = ("accounts", "passport", "consent", "intake", "school", "config")
PUBLIC = {
    "home", "account_login", "demo", "privacy", "accessibility", "help", "check", "check_code", "healthz", "readyz",
    "security_txt",
    "api_openapi", "api_docs", "goodbye", "logout", "erased", "link", "words",
    "invitation", "invitation_code", "invitation_answer", "account_request_login_code", "account_confirm_login_code",
    "passport_invitation", "passport_invitation_code", "passport_invitation_answer",
    "offers_compare", "region_help",
    "tips",
    "reading", "no_network", "service_worker", "parents", "home_talk", "parents_evening", "mail_stop",
    "badge", "badge_type", "badge_pin", "badge_choose", "student_mail_code", "mfa_login_webauthn", "mfa_authenticate",
    "openid_connect_login", "openid_connect_callback", "account_reset_password", "account_reset_password_from_key",
}  # fmt: skip
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def named_urls() -> Iterator[tuple[str, URLPattern]]:
    def walk(patterns):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern.name, pattern

    return walk(get_resolver().url_patterns)


# --- Views -------------------------------------------------------------------------------------------------


QUERIES = {"objects", "is_superuser", "filter", "exclude", "order_by", "annotate", "select_related", "prefetch_related"}


def queries_in(source: str) -> list[str]:
    """The places where a view builds a query (`.objects`, or on from a row or a set) or compares a role."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in QUERIES:
            found.append(f"line {node.lineno}: .{node.attr}")
        called = node.func if isinstance(node, ast.Call) and not node.args else None
        if isinstance(called, ast.Attribute) and called.attr in {"count", "exists", "first"}:
            found.append(f"line {node.lineno}: .{called.attr}()")
        if isinstance(node, ast.Compare) and "role" in ast.dump(node).lower():
            found.append(f"line {node.lineno}: compares a role")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "Share.objects.get(pk=1)",
        "user.role == 'mentor'",
        "user.is_superuser",
        "batch.rows.count()",
        "share.items.select_related('answer')",
        "open_shares(by).order_by('pk')",
    ],
)
def test_the_guard_on_views_sees_a_query_and_a_role(source):
    assert queries_in(source)


def test_views_start_from_the_person_and_never_query():
    rooms = {"views", "api"}
    views = [path for path in python_files(*APPS) if path.stem in rooms or rooms & set(path.parts)]
    names = {str(path.relative_to(ROOT)) for path in views}
    assert {"consent/views.py", "intake/views/sharing.py", "consent/api.py", "intake/api/shares.py"} <= names
    assert {path.name: found for path in views if (found := queries_in(path.read_text()))} == {}


def test_an_unlisted_view_needs_a_log_in():
    """Exactly these pages are open to anybody; every other view asks for a log-in by itself."""
    api_open = {"api_offers", "api_nothing_here"}
    exempt = {
        name
        for name, pattern in named_urls()
        if not getattr(pattern.callback, "login_required", True) and not (name or "").startswith("api_")
    }
    assert exempt - PUBLIC == set()
    open_calls = {
        name
        for name, pattern in named_urls()
        if (cls := getattr(pattern.callback, "cls", None)) and cls.permission_classes[0].__name__ != "IsAuthenticated"
    }
    assert open_calls == api_open


def test_urls_of_a_student_carry_no_passport_or_student_id():
    routes = [str(pattern.pattern) for _, pattern in named_urls()]
    assert not [route for route in routes if re.search(r"<[^>]*(student|passport_id|user)", route)]


def test_every_url_has_a_name():
    assert None not in [name for name, _ in named_urls()]


# --- Templates ---------------------------------------------------------------------------------------------

FORBIDDEN = {
    "inline style": re.compile(r"\sstyle=", re.I),
    "inline handler": re.compile(r"\son[a-z]+=", re.I),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "style element": re.compile(r"<style", re.I),
    "unescaped": re.compile(r"\|\s*safe\b|autoescape off|mark_safe"),
    "third party": re.compile(r"(src|href)=[\"']?(https?:)?//", re.I),
    "emoji": EMOJI,
}


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        ("inline style", '<p style="x">'),
        ("inline handler", '<p onclick="x">'),
        ("inline script", "<script>x</script>"),
        ("style element", "<style>"),
        ("unescaped", "{{ text|safe }}"),
        ("third party", '<img src="https://x.nl/a.png">'),
        ("emoji", "\U0001f600"),
    ],
)
def test_the_guard_on_templates_sees(rule, example):
    assert FORBIDDEN[rule].search(example)


def test_templates_hold_nothing_the_policy_refuses():
    wrong = {
        f"{path.relative_to(ROOT)}: {rule}"
        for path in templates()
        for rule, pattern in FORBIDDEN.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert wrong == set()


def test_code_never_switches_escaping_off():
    code = [path for path in python_files(*APPS) if "mark_safe" in path.read_text() or "safestring" in path.read_text()]
    assert code == []


# --- Scripts -----------------------------------------------------------------------------------------------

# SpeechRecognition sends a voice away; the keyboard's own microphone does not go through us (ux.md §3).
NOT_IN_A_SCRIPT = {
    "hears": re.compile(r"SpeechRecognition|getUserMedia|MediaRecorder"),
    "runs text": re.compile(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write"),
    "elsewhere": re.compile(r"[\"'`](https?:)?//\w"),
    "keeps on any device": re.compile(r"localStorage|sessionStorage"),
}


@pytest.mark.parametrize(
    ("rule", "example"),
    [
        ("hears", "new webkitSpeechRecognition()"),
        ("runs text", "note.innerHTML = text"),
        ("elsewhere", 'fetch("https://x.nl")'),
        ("keeps on any device", "localStorage.setItem(1, 2)"),
    ],
)
def test_the_guard_on_scripts_sees(rule, example):
    assert NOT_IN_A_SCRIPT[rule].search(example)


def test_scripts_do_nothing_that_is_refused():
    scripts = sorted((ROOT / "static/js").glob("*.js"))
    assert {"voice.js", "answer.js", "outbox.js", "sw.js"} <= {path.name for path in scripts}
    wrong = [
        f"{path.name}: {rule}"
        for path in scripts
        for rule, pattern in NOT_IN_A_SCRIPT.items()
        if pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_only_the_outbox_keeps_anything_in_a_browser():
    keeping = [path.name for path in (ROOT / "static/js").glob("*.js") if "indexedDB" in path.read_text()]
    assert keeping == ["outbox.js"]


# --- Names and keys in the wrong place ---------------------------------------------------------------------


def lint(source: str, name: str) -> str:
    """What ruff says of a file of this name."""
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--select", "TID251", "--stdin-filename", name, "-"],
        input=source, capture_output=True, text=True, cwd=ROOT,
    )  # fmt: skip
    return run.stdout


@pytest.mark.parametrize("room", ["intake/views/x.py", "passport/services.py", "accounts/x.py"])
def test_guardian_is_refused_outside_the_door(room):
    assert "TID251" in lint("from guardian.shortcuts import assign_perm\n", room)


def test_guardian_is_allowed_at_the_door():
    assert "TID251" not in lint("from guardian.shortcuts import assign_perm\n", "consent/access.py")


def test_only_the_vault_touches_a_cipher_or_a_key_row():
    touching = {
        str(path.relative_to(ROOT))
        for path in python_files(*APPS)
        if re.search(r"AESGCM|FIELD_KEYS|\bDataKey\b", path.read_text())
    }
    allowed = {"accounts/vault.py", "accounts/models.py", "config/settings.py", "accounts/routers.py"}
    assert touching <= allowed | {
        "intake/data_map/accounts.py",
        "accounts/management/commands/rotate_keys.py",
        "school/paperwork/processings.py",  # names the table in the register
        "school/paperwork/words.py",  # names the setting in a paper
    }


def test_nobody_asks_has_perm():
    assert [
        path for path in python_files(*APPS) if re.search(r"\.has_perm\(|get_objects_for_user", path.read_text())
    ] == []


def test_there_are_no_signals_and_no_prints():
    pattern = re.compile(r"@receiver|post_save|pre_save|^\s*print\(", re.M)
    assert [path for path in python_files(*APPS) if pattern.search(path.read_text())] == []


def locks_too_much(source: str) -> bool:
    """Whether one chain locks rows that come along by `select_related`: those locks are taken in no order."""
    for node in ast.walk(ast.parse(source)):
        calls = {}
        while isinstance(node, (ast.Call, ast.Attribute)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                calls[node.func.attr] = {word.arg for word in node.keywords}
            node = node.func if isinstance(node, ast.Call) else node.value
        if "select_related" in calls and "of" not in calls.get("select_for_update", {"of"}):
            return True
    return False


def test_a_lock_is_on_the_rows_that_are_asked_for():
    assert locks_too_much('Share.objects.select_for_update(no_key=True).select_related("student").get(pk=1)')
    assert not locks_too_much('Share.objects.select_for_update(of=("self",)).select_related("student").get(pk=1)')
    assert [path for path in python_files(*APPS) if locks_too_much(path.read_text(encoding="utf-8"))] == []


# --- Size --------------------------------------------------------------------------------------------------


def test_no_room_is_longer_than_400_lines_and_the_door_than_250():
    long = {str(p.relative_to(ROOT)) for p in python_files(*APPS) if len(p.read_text().splitlines()) > 400}
    assert long == set()
    assert len((ROOT / "consent/access.py").read_text().splitlines()) < 250


def test_no_function_is_longer_than_45_lines():
    long = []
    for path in python_files(*APPS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno > 45:
                long.append(f"{path.name}:{node.name}")
    assert long == []


def test_about_twenty_five_things_at_the_top():
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT).stdout.split("\n")
    top = {line.split("/")[0] for line in tracked if line}
    assert len(top) <= 32
