"""A backup is whole or not there, of two places, closed to others, and gone in time."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from accounts import vault
from config.backup import key_lists, manifest, places, take
from config.backup.places import Refused


def test_only_its_owner_reads_it_and_no_secret_is_in_it(backups):
    at = backups(1)
    before = os.umask(0o022)
    try:
        data, keys = at.take_one()
    finally:
        os.umask(before)
    for folder in (data, keys):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()} == {0o600}
    secrets = [path.read_text().encode() for path in (at.site.var / "secrets").iterdir()]
    there = b"".join(path.read_bytes() for path in at.folder.rglob("*") if path.is_file())
    assert len(secrets) == 4 and not [one for one in secrets if one.removeprefix(b"demo-") in there]
    assert (data / "keys-needed.list").read_text() == (keys / "keys-held.list").read_text()
    assert not list(data.glob("keys.*")) and not list(keys.glob("default.*"))


def test_a_full_disk_leaves_nothing_behind_and_the_site_whole(backups):
    at = backups(1)
    done = at.take(limit=20_000)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done
    assert list(at.folder.iterdir()) == []
    assert at.code("print(Student.objects.count())") == "1"
    at.take_one()


def test_keys_and_data_on_one_disk_are_refused_unless_it_is_said(settings, tmp_path):
    with pytest.raises(Refused, match="would stand on one disk"):
        places.refuse_places(tmp_path / "data", tmp_path / "keys", together=False)
    places.refuse_places(tmp_path / "data", tmp_path / "keys", together=True)
    elsewhere = Path("/dev/shm")
    if elsewhere.is_dir() and elsewhere.stat().st_dev != tmp_path.stat().st_dev:
        places.refuse_places(tmp_path / "data", elsewhere / "keys", together=False)


@pytest.mark.parametrize("inside", ["VAR_DIR", "BASE_DIR"])
def test_a_backup_in_the_site_itself_is_refused(settings, tmp_path, inside):
    with pytest.raises(Refused, match="outside the project"):
        places.refuse_places(tmp_path, Path(getattr(settings, inside)) / "backups", together=True)


def test_no_room_is_said_before_anything_is_written(tmp_path):
    places.refuse_when_full(tmp_path, 1)
    with pytest.raises(Refused, match="nothing was written"):
        places.refuse_when_full(tmp_path / "not" / "there", 1 << 60)


@pytest.mark.parametrize("days", [0, 8, 35])
def test_keys_live_seven_days_at_most(tmp_path, days):
    with pytest.raises(Refused, match="1 to 7 days"):
        take.take(take.Asked(tmp_path, tmp_path, together=True, keys_days=days))


def test_a_backup_that_came_back_is_replayed_before_another_is_made(settings, tmp_path):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    (tmp_path / "erasures.list.restored").write_text("replay\n")
    with pytest.raises(Refused, match="replay_erasures"):
        take.take(take.Asked(tmp_path, tmp_path, together=True))


def test_what_becomes_too_old_before_tomorrow_goes_and_nothing_of_somebody_else(tmp_path):
    def made(days: float, part: str, more: str = "") -> Path:
        one = tmp_path / (places.folder_name(timezone.now() - timedelta(days=days), part) + more)
        one.mkdir()
        return one

    old, new = made(6.1, "keys"), made(5.9, "keys")
    half_old, half_new = made(1.1, "keys", ".part"), made(0.5, "keys", ".part")
    data = made(30, "data")
    others = tmp_path / "20200101T000000Z-photos"
    others.mkdir()
    assert set(places.prune(tmp_path, "keys", 7)) == {old, half_old}
    assert set(tmp_path.iterdir()) == {new, half_new, data, others}
    assert places.prune(tmp_path, "data", 35) == []
    assert places.prune(tmp_path, "data", 30) == [data]


def test_old_keys_go_on_their_day_also_when_no_backup_can_be_made(tmp_path, monkeypatch):
    """The student was told from which day no backup opens what was erased (contract, rule 8)."""

    def full(*_: object) -> None:
        raise Refused("a full disk")

    monkeypatch.setattr(places, "refuse_when_full", full)
    old = {part: tmp_path / places.folder_name(timezone.now() - timedelta(days=8), part) for part in ("data", "keys")}
    for one in old.values():
        one.mkdir()
    with pytest.raises(Refused, match="a full disk"):
        take.take(take.Asked(tmp_path, tmp_path, together=True))
    assert list(tmp_path.iterdir()) == [old["data"]]


@pytest.mark.parametrize("planted", [take.LIST, f"{take.STORAGE}/another", "notes"])
def test_a_file_that_nobody_signed_for_is_no_part_of_a_backup(tmp_path, planted):
    """A list of who was erased that somebody laid there would erase people for good."""
    (tmp_path / take.STORAGE).mkdir()
    (tmp_path / take.STORAGE / "one").write_bytes(b"sealed")
    about = manifest.Manifest(part="data", pair="00", taken="2026-11-22T03:00:00+00:00", engine="sqlite", migrations=[])
    manifest.write(tmp_path, about)
    assert manifest.read(tmp_path, "data").files.keys() == {f"{take.STORAGE}/one"}
    (tmp_path / planted).write_text("2026-11-22T03:00:00+00:00 00000000-0000-4000-8000-000000000000\n")
    with pytest.raises(Refused, match="is not in the manifest"):
        manifest.read(tmp_path, "data")


# --- Which keys belong to which data -------------------------------------------------------------------------


def test_a_key_that_was_made_later_is_missing_and_one_that_was_destroyed_is_not(sam, noor):
    held = key_lists.here()
    del held[sam.pk, 1]
    needed = key_lists.living(key_lists.here())
    assert key_lists.missing(needed, held) == [sam.pk]
    vault.shred(noor.pk)
    assert key_lists.missing(needed, key_lists.here()) == [] == key_lists.renewed(needed, key_lists.here())


def test_a_key_that_was_renewed_meanwhile_opens_older_data_no_more(sam, noor):
    needed = key_lists.living(key_lists.here())
    vault.add_version(sam.pk)
    assert key_lists.renewed(needed, key_lists.here()) == []
    vault.drop_old_versions(sam.pk)
    assert key_lists.renewed(needed, key_lists.here()) == [sam.pk]


def test_a_list_of_keys_comes_back_as_it_was(sam, tmp_path):
    vault.add_version(sam.pk)
    vault.drop_old_versions(sam.pk)
    key_lists.write(tmp_path / "keys.list", key_lists.here())
    assert key_lists.read(tmp_path / "keys.list") == key_lists.here()
    assert (sam.pk, vault.SLOTS) in key_lists.here()
