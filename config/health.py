"""Is the process up, and can it do its work? No log-in, no cookies: the names of the checks and yes or no, for anybody.

What the site cannot do without is a check. What it can do without for a while is watched: no reason to turn it off.
"""

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from threading import Lock
from time import monotonic

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts import erasure
from accounts.tasks import ALIVE, ALIVE_SECONDS
from consent import ledger

KEPT_SECONDS = 5
LEAST_FREE = 100 << 20  # bytes; below it a save may fail at any moment
STARTED = monotonic()
Answers = tuple[dict[str, bool], dict[str, bool]]
_kept: tuple[float, Answers] | None = None
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
    """`{"ok": bool, "checks": {name: bool}, "watch": {name: bool}}`, 503 when a check is false.

    Kept for five seconds. What is only watched never makes it 503: a site without a worker still reads and saves.
    """
    checks, watch = _checked()
    ok = all(checks.values())
    return JsonResponse({"ok": ok, "checks": checks, "watch": watch}, status=200 if ok else 503)


def _checked() -> Answers:
    """The checks of this moment. Kept in the process: anybody may ask, and each asking writes a file."""
    global _kept
    with _one_at_a_time:
        if _kept is None or monotonic() - _kept[0] >= KEPT_SECONDS:
            _kept = monotonic(), (_all(CHECKS), _all(WATCHED))
        return _kept[1]


def forget() -> None:
    """The next asking does the checks anew; for the tests."""
    global _kept
    _kept = None


def _all(checks: dict[str, Callable[[], bool]]) -> dict[str, bool]:
    return {name: _holds(name, check) for name, check in checks.items()}


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        log.warning("not_ready", extra={"reason": name})
        return False


def _answers(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


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


def _disk() -> bool:
    """Where the site writes there is room; storage elsewhere has its own watch."""
    places = {Path(settings.VAR_DIR), Path(getattr(default_storage, "location", settings.VAR_DIR))}
    return all(shutil.disk_usage(one).free >= LEAST_FREE for one in places if one.exists())


def _worker() -> bool:
    """Timer and worker gave a sign of late. A site that just started does not know yet."""
    return monotonic() - STARTED < ALIVE_SECONDS or cache.get(ALIVE) is not None


CHECKS: dict[str, Callable[[], bool]] = {
    "database": lambda: _answers("default"),
    "keys": lambda: _answers("keys"),
    "broker": _broker,
    "storage": _storage,
    "migrations": _migrated,
    "erasures": erasure.are_replayed,
    "ledger": ledger.stands,
    "disk": _disk,
}
WATCHED: dict[str, Callable[[], bool]] = {"worker": _worker}
