"""T8: a day's work, then every byte in the broker and the cache: random ids and the names of tasks, nothing else.

Embedded it reads the files of the broker, on the second run everything Redis holds.
"""

import base64
import inspect
import json
import pickle
import re
import zlib
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from consent import services
from intake.services import batches
from tests import factories
from tests.factories import key_of
from tests.test_privacy import NAMES, hits, told  # noqa: F401

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OURS = ("intake.", "school.", "accounts.", "consent.", "passport.")


def our_tasks():
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.startswith(OURS)}


def test_every_task_takes_one_id_or_nothing():
    found = {name: list(inspect.signature(task.run).parameters.values()) for name, task in our_tasks().items()}
    assert len(found) > 25
    assert {name for name, takes in found.items() if len(takes) > 1} == set()
    assert {one.name for takes in found.values() for one in takes if not one.name.endswith("_id")} == set()


def broker_bytes() -> list[bytes]:
    """All the broker and the cache hold now."""
    if not settings.REDIS_URL:
        queue = [path for path in (Path(settings.VAR_DIR) / "broker").rglob("*") if path.is_file()]
        kept = (Path(settings.VAR_DIR) / "cache").rglob("*.djcache")
        return [path.name.encode() + path.read_bytes() for path in queue] + [unpacked(path) for path in kept]
    import redis

    store, found = redis.Redis.from_url(settings.REDIS_URL), []
    for key in store.keys("*"):
        kind = store.type(key)
        reads = {b"string": store.get, b"list": lambda k: store.lrange(k, 0, -1), b"set": store.smembers}
        value = reads.get(kind, store.hgetall if kind == b"hash" else lambda k: store.zrange(k, 0, -1))(key)
        members = [value] if isinstance(value, bytes) else [*value, *(value.values() if kind == b"hash" else ())]
        found += [key, *(bytes(one) for one in members)]
    return found


def unpacked(path: Path) -> bytes:
    """What a file of the cache holds: a moment, and then a packed value."""
    with path.open("rb") as file:
        pickle.load(file)
        return zlib.decompress(file.read())


def messages(blobs: list[bytes]) -> list[dict]:
    """The messages among them, with their bodies opened."""
    found = []
    for blob in blobs:
        start = blob.find(b'{"body"')
        if start >= 0:
            made, _ = json.JSONDecoder().raw_decode(blob[start:].decode())  # Redis: one taken up stands in a list
            found.append({**made, "opened": json.loads(base64.b64decode(made["body"]))})
    return found


@pytest.mark.services
def test_after_a_days_work_there_are_only_ids(told, care, imke, django_capture_on_commit_callbacks):  # noqa: F811
    cache.clear()
    share = told.shares.get()
    with django_capture_on_commit_callbacks(execute=True):
        student, reader, stranger = Client(), Client(), Client()
        student.force_login(told.user)
        reader.force_login(imke)
        reader.get(reverse("api_dossier", args=[share.pk]))
        reader.post(reverse("api_handovers"), {"share": str(share.pk)}, "application/json")
        batches.start_batch(by=imke, programme=care.code)
        stranger.post(reverse("account_login"), {"login": NAMES[0], "password": "kanariepiet kanariepiet"})
        stranger.post(reverse("account_request_login_code"), {"email": "kanariepiet@example.org"})
        link = factories.share_by_link(told, "can.strengths", label="kanariepiet")
        services.make_code(share=link, key=key_of(told), by=told.user)
        student.post(reverse("api_share_withdraw", args=[share.pk]), {}, "application/json")
    blobs = broker_bytes()
    assert [blob[:80] for blob in blobs if hits(blob) or b"@example" in blob] == []
    sent = messages(blobs)
    assert {one["headers"]["task"] for one in sent} >= {"intake.tasks.render_handover", "intake.tasks.send_link"}
    for one in sent:
        args, kwargs, _ = one["opened"]
        assert kwargs == {} and all(ID.fullmatch(arg) for arg in args) and len(args) <= 1, one["headers"]["task"]
        assert ID.fullmatch(one["headers"]["id"])
