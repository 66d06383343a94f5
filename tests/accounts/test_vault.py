"""How it is locked: what opens, what never opens, and what a row may tell."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import vault
from accounts.models import DataKey

PLACE = {"field": "app.Model.field", "unit": "me.name", "revision": 3}
quick = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def key() -> vault.Key:
    return vault.create_key(uuid4())


def test_what_was_sealed_opens_again(key):
    row = uuid4()
    assert key.open(key.seal({"a": ["é", 1]}, row=row, **PLACE), row=row, **PLACE) == {"a": ["é", 1]}


@quick
@given(text=st.text(max_size=300))
def test_any_text_survives_sealing(key, text):
    row = uuid4()
    assert key.open(key.seal(text, row=row, **PLACE), row=row, **PLACE) == text


@quick
@given(data=st.data())
def test_one_flipped_bit_is_noticed(key, data):
    row = uuid4()
    blob = bytearray(key.seal("Ik heb autisme.", row=row, **PLACE))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((vault.Tampered, vault.Shredded)):
        key.open(bytes(blob), row=row, **PLACE)


@pytest.mark.parametrize(
    "moved", [{"field": "app.Model.other"}, {"unit": "me.proud"}, {"revision": 2}, {"row": uuid4()}]
)
def test_a_value_in_another_place_does_not_open(key, moved):
    row = uuid4()
    blob = key.seal("x", row=row, **PLACE)
    with pytest.raises(vault.Tampered):
        key.open(blob, **{"row": row, **PLACE, **moved})


def test_a_value_of_another_student_does_not_open(key):
    row = uuid4()
    with pytest.raises(vault.Tampered):
        vault.create_key(uuid4()).open(key.seal("x", row=row, **PLACE), row=row, **PLACE)


def test_every_write_has_its_own_nonce(key):
    row = uuid4()
    assert len({key.seal("x", row=row, **PLACE)[3:15] for _ in range(1000)}) == 1000


def test_length_tells_only_its_block(key):
    row = uuid4()
    lengths = {len(key.seal("a" * size, row=row, **PLACE)) for size in range(0, 60)}
    assert len(lengths) == 1


def test_a_destroyed_key_opens_nothing(key):
    vault.shred(key.owner)
    with pytest.raises(vault.Shredded):
        vault.open_key(key.owner)
    assert DataKey.objects.get(owner_id=key.owner).wrapped is None


def test_keys_of_many_come_in_one_query(key, django_assert_num_queries):
    others = list(vault.create_keys([uuid4(), uuid4()]))
    with django_assert_num_queries(1, connection=__import__("django.db").db.connections["keys"]):
        assert set(vault.open_keys([key.owner, *others])) == {key.owner, *others}


def test_a_slot_differs_per_student_and_per_unit(key):
    other = vault.create_key(uuid4())
    slots = {key.slot("need.support.care"), key.slot("need.support.quiet"), other.slot("need.support.care")}
    assert len(slots) == 3 and key.slot("need.support.care") in slots


def test_rewrap_moves_every_key_to_the_newest_and_values_stay(key, settings):
    row = uuid4()
    blob = key.seal("x", row=row, **PLACE)
    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    assert vault.rewrap() >= 1
    assert vault.rewrap() == 0
    settings.FIELD_KEYS = {"new": b"n" * 32}
    assert vault.open_key(key.owner).open(blob, row=row, **PLACE) == "x"


def test_a_wrapped_key_does_not_open_for_another_owner(key):
    row = DataKey.objects.get(owner_id=key.owner)
    row.owner_id = uuid4()
    row.save(update_fields=["owner_id"])
    with pytest.raises(vault.Tampered):
        vault.open_key(row.owner_id)


def test_rotate_keys_without_the_old_key_says_so_and_breaks_nothing(key, settings):
    before, settings.FIELD_KEYS = settings.FIELD_KEYS, {"new": b"n" * 32}
    with pytest.raises(CommandError, match="does not open with the keys of FIELD_KEYS; 0 were wrapped"):
        call_command("rotate_keys")
    settings.FIELD_KEYS = before
    assert vault.open_key(key.owner).slot("me.name") == key.slot("me.name")


# --- One version more ----------------------------------------------------------------------------------------


def renewed(key: vault.Key) -> vault.Key:
    vault.add_version(key.owner)
    return vault.open_key(key.owner)


def test_with_two_versions_the_newest_seals_and_both_open(key):
    row = uuid4()
    old = key.seal("x", row=row, **PLACE)
    both = renewed(key)
    new = both.seal("x", row=row, **PLACE)
    assert (old[1:3], new[1:3]) == (b"\0\1", b"\0\2") and both.is_stale(old) and not both.is_stale(new)
    assert both.open(old, row=row, **PLACE) == both.open(new, row=row, **PLACE) == "x"
    with pytest.raises(vault.Shredded):
        key.open(new, row=row, **PLACE)


@pytest.mark.parametrize("block", [64, 512, 4096])
def test_sealed_anew_it_says_the_same_in_the_same_place_and_length(key, block):
    row = uuid4()
    old = key.seal("Ik heb autisme.", row=row, **PLACE, block=block)
    both = renewed(key)
    new = both.reseal(old, row=row, **PLACE)
    assert len(new) == len(old) and both.open(new, row=row, **PLACE) == "Ik heb autisme."
    with pytest.raises(vault.Tampered):
        both.reseal(old, row=uuid4(), **PLACE)


def test_slots_and_digests_survive_the_first_version(key):
    row = uuid4()
    before = key.slot("need.support.care"), key.mac("preview", b"x")
    old = key.seal("x", row=row, **PLACE)
    for _ in range(3):
        both = renewed(key)
        assert (both.slot("need.support.care"), both.mac("preview", b"x")) == before
        assert vault.drop_old_versions(key.owner) == 1
        alone = vault.open_key(key.owner)
        assert (alone.slot("need.support.care"), alone.mac("preview", b"x")) == before
        with pytest.raises(vault.Shredded):
            alone.open(old, row=row, **PLACE)
        old = alone.seal("x", row=row, **PLACE)


def test_the_key_of_the_slots_seals_and_opens_nothing(key):
    row = uuid4()
    slots = renewed(key)._secrets[vault.SLOTS]
    as_version = vault.Key(key.owner, {vault.SLOTS: slots}).seal("x", row=row, **PLACE)
    assert as_version[1:3] == b"\0\0"
    with pytest.raises(vault.Shredded):
        vault.open_key(key.owner).open(as_version, row=row, **PLACE)
    assert key._secrets[1] not in vault.open_key(key.owner)._secrets[vault.SLOTS]


def test_the_old_secret_does_not_open_what_was_sealed_anew(key):
    """A leak of the first version, beside the newest database: no text opens; which unit it is can be worked out."""
    row = uuid4()
    old = key.seal("x", row=row, **PLACE)
    leaked = key._secrets[1]
    new = renewed(key).reseal(old, row=row, **PLACE)
    for version in (1, 2):
        with pytest.raises((vault.Shredded, vault.Tampered)):
            vault.Key(key.owner, {version: leaked}).open(new, row=row, **PLACE)
    assert vault.Key(key.owner, {1: leaked}).slot("me.name") == vault.open_key(key.owner).slot("me.name")


def test_adding_twice_keeps_the_one_that_was_added(key):
    made = vault.add_version(key.owner)
    assert vault.add_version(key.owner) == made
    assert sorted(DataKey.objects.filter(owner_id=key.owner).values_list("version", flat=True)) == [0, 1, 2]
    assert vault.drop_old_versions(key.owner) == 1 and vault.drop_old_versions(key.owner) == 0
    assert vault.add_version(key.owner) > made


def test_shredding_destroys_every_version_and_nobody_adds_one_after_it(key):
    renewed(key)
    vault.shred(key.owner)
    with pytest.raises(vault.Shredded):
        vault.add_version(key.owner)
    rows = DataKey.objects.filter(owner_id=key.owner)
    assert rows.count() == 3 and not rows.exclude(wrapped=None).exists()
    assert vault.open_keys([key.owner]) == {} and vault.drop_old_versions(key.owner) == 0


@pytest.mark.services
@pytest.mark.skipif(connections["keys"].vendor == "sqlite", reason="SQLite writes one by one; PostgreSQL does not")
def test_no_version_outlives_an_erasure_at_the_same_moment():
    def at_once(owner: UUID, act: Callable[[UUID], object]) -> Thread:
        def run() -> None:
            together.wait()
            with suppress(vault.Shredded):
                act(owner)
            connections.close_all()

        return Thread(target=run)

    for _ in range(30):
        owner, together = uuid4(), Barrier(2)
        with ThreadPoolExecutor(1) as other:  # a connection of its own, so that it is committed
            other.submit(lambda owner=owner: (vault.create_key(owner), connections.close_all())).result()
        threads = [at_once(owner, act) for act in (vault.add_version, vault.shred)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert vault.open_keys([owner]) == {}


def test_rewrap_moves_every_version_too(key, settings):
    row = uuid4()
    both = renewed(key)
    old, new, slot = key.seal("a", row=row, **PLACE), both.seal("b", row=row, **PLACE), key.slot("me.name")
    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    assert vault.rewrap() >= 3
    settings.FIELD_KEYS = {"new": b"n" * 32}
    opened = vault.open_key(key.owner)
    assert [opened.open(one, row=row, **PLACE) for one in (old, new)] == ["a", "b"] and opened.slot("me.name") == slot


def test_a_key_shows_nothing_of_itself(key):
    assert "secret" not in repr(key) and len(repr(key)) < 80
