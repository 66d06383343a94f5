"""Is the process up, and can it do its work? No log-in, no cookies, no details."""

import logging
import os
from collections.abc import Callable
from secrets import token_hex
from threading import Lock
from time import monotonic

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts import erasure

KEPT_SECONDS = 5
_kept: tuple[float, dict[str, bool]] | None = None
_one_at_a_time = Lock()
log = logging.getLogger("paspoort.ready")


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nothing of anything else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """`{"ok": bool, "checks": {name: bool}}`, 503 when one of them is false; kept for five seconds."""
    checks = _checked()
    ok = all(checks.values())
    return JsonResponse({"ok": ok, "checks": checks}, status=200 if ok else 503)


def _checked() -> dict[str, bool]:
    """The checks of this moment. Kept in the process: anybody may ask, and each asking writes a file."""
    global _kept
    with _one_at_a_time:
        if _kept is None or monotonic() - _kept[0] >= KEPT_SECONDS:
            _kept = monotonic(), {name: _holds(name, check) for name, check in CHECKS.items()}
        return _kept[1]


def forget() -> None:
    """The next asking does the checks anew; for the tests."""
    global _kept
    _kept = None


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        log.warning("not_ready", extra={"reason": name})
        return False


def _answers(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _broker() -> bool:
    """The broker takes a connection; the embedded one is a folder that must be writable."""
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("data_folder_out")
    if folder and not os.access(folder, os.W_OK | os.X_OK):
        return False
    with current_app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=2)
    return True


def _storage() -> bool:
    name = default_storage.save(f"ready-{token_hex(8)}", ContentFile(b"ok"))
    default_storage.delete(name)
    return True


def _migrated() -> bool:
    """Every migration this code knows is applied on the data and on the keys."""
    for alias in ("default", "keys"):
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": lambda: _answers("default"),
    "keys": lambda: _answers("keys"),
    "broker": _broker,
    "storage": _storage,
    "migrations": _migrated,
    "erasures": erasure.are_replayed,
}
