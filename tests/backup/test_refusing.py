"""What is half, damaged, of another site or of another time is refused in a sentence, before anything is touched."""

import json
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

NEW = 'student = factories.make_pupil("later"); print(student.pk)'


@pytest.fixture
def taken(backups):
    """A site with one backup, and one student more since."""
    at = backups(1)
    at.then = at.site.ask("people")
    data, keys = at.take_one()
    at.later = at.code(NEW)
    at.data, at.keys, at.before = data, keys, at.site.ask("people")
    return at


def refuses(at, sentence: str, *words: str, data: Path | None = None, keys: Path | None = None, **more) -> None:
    done = at.restore(data or at.data, *words, keys=keys or at.keys, **more)
    assert done.returncode == 1 and sentence in done.stderr, done
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
    assert at.site.ask("people") == at.before and not (at.site.var / "erasures.list.restored").exists()


def damage(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[len(blob) // 2] ^= 1
    path.write_bytes(blob)


def test_what_is_damaged_or_half(taken):
    database = next(taken.data.glob("default.*"))
    damage(database)
    refuses(taken, "missing or damaged; nothing was touched", "--nobody-erased-since")
    database.unlink()
    refuses(taken, "missing or damaged", "--nobody-erased-since")
    half = taken.folder / "20260101T000000Z-data.part"
    shutil.copytree(taken.keys, half)
    (half / "manifest.json").unlink()
    refuses(taken, "no whole backup", "--nobody-erased-since", data=half)
    (taken.data / "manifest.json").unlink()
    refuses(taken, "no whole backup", "--nobody-erased-since")


def test_a_manifest_that_was_changed_or_is_of_another_site(taken):
    path = taken.data / "manifest.json"
    said = path.read_text()
    path.write_text(json.dumps(json.loads(said) | {"taken": "2020-01-01T00:00:00+00:00"}))
    refuses(taken, "the manifest was changed, or LEDGER_KEY here", "--nobody-erased-since")
    path.write_text(said)
    secret = taken.site.var / "secrets" / "FIELD_KEYS"
    kept = secret.read_text()
    name, _, _ = kept.partition(":")
    secret.write_text(f"{name}:{'A' * 43}=")
    done = taken.restore(taken.data, "--nobody-erased-since", keys=taken.keys)
    assert done.returncode == 1 and "FIELD_KEYS here lacks" in done.stderr and "AAAA" not in done.stderr
    secret.write_text(kept)
    refuses(taken, "of the keys, not of the data", "--nobody-erased-since", data=taken.keys)


def test_keys_that_are_older_than_the_data_name_who_would_be_lost(taken):
    """Nothing is guessed: whose key is missing is named by the random id, and lost only when somebody says so."""
    newer, _ = taken.take_one()
    refuses(taken, f"there is no key of 1 people ({taken.later})", "--nobody-erased-since", data=newer)
    done = taken.restore(newer, "--nobody-erased-since", "--accept-missing-keys", keys=taken.keys)
    assert done.returncode == 0 and "lost: 1 people have no key" in done.stdout, done.stderr
    assert (
        taken.code(
            "print(Student.objects.count(), len(vault.with_a_key(Student.objects.values_list('pk', flat=True))))"
        )
        == "2 1"
    )


RECORDED = """
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
had = MigrationRecorder(connection)
"""


def test_another_version(taken):
    taken.code(f'{RECORDED}had.record_applied("accounts", "9999_of_tomorrow")')
    newer, keys = taken.take_one()
    refuses(taken, "by a newer version (it has accounts.9999_of_tomorrow)", "--nobody-erased-since", data=newer)
    taken.code(f'{RECORDED}had.record_unapplied("accounts", "9999_of_tomorrow")')
    taken.code(f'{RECORDED}had.record_unapplied("accounts", "0002_student_erase_after")')
    older, keys = taken.take_one()
    refuses(taken, "an older version (without accounts.0002", "--nobody-erased-since", data=older, keys=keys)


def test_where_nobody_can_know_who_was_erased_since(taken):
    refuses(taken, "there is no erasure list here")
    refuses(taken, "no such erasure list", "--erasures", "nowhere.list")
    copy = taken.folder / "copy.list"
    copy.write_text(f"2026-01-01T00:00:00+00:00 {taken.later}\n")
    assert taken.restore(taken.data, "--erasures", str(copy), keys=taken.keys).returncode == 0
    assert copy.read_text().split()[1] in (taken.site.var / "erasures.list").read_text()


def test_what_is_there_already_and_a_site_that_runs(taken):
    words = ["-m", "config.backup", "restore", str(taken.data), "--keys", str(taken.keys), "--nobody-erased-since"]
    done = taken.run(*words)
    assert done.returncode == 1 and "there is a database here already" in done.stderr
    assert taken.run(*words[:4]).stderr.startswith("say which keys")
    lock = f"import fcntl; f = open({str(taken.site.var / 'server.lock')!r}, 'a'); fcntl.flock(f, fcntl.LOCK_EX); "
    holder = taken.site.run("-c", lock + "print('held', flush=True); import time; time.sleep(600)")
    holder.wait_until(lambda: "held" in holder.log.read_text())
    refuses(taken, "stop the site first", "--nobody-erased-since")
    holder.stop()


@pytest.mark.services
def test_a_restore_that_stops_halfway_leaves_each_database_whole_and_the_site_closed(taken):
    """As on a full disk; the same command again finishes it."""
    if not taken.site.databases:
        done = taken.restore(taken.data, "--nobody-erased-since", keys=taken.keys, limit=300_000)
        assert done.returncode == 1 and "The site stays closed: run script/restore again" in done.stderr, done
        assert "1" in taken.code(f"print(Student.objects.filter(pk={taken.later!r}).count())")
        said = taken.manage("replay_erasures")
        assert said.returncode == 1 and "stopped halfway" in said.stderr
    assert taken.restore(taken.data, "--nobody-erased-since", keys=taken.keys).returncode == 0
    assert taken.manage("replay_erasures").returncode == 0
    assert taken.site.ask("people") == taken.then
