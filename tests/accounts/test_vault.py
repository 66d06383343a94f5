"""How it is locked: what opens, what never opens, and what a row may tell."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, Thread
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone
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


@pytest.mark.parametrize(("value", "blocks"), [("é" * 30, 1), (["ja"] * 12, 1), ("é" * 31, 2)])
def test_what_is_sealed_is_written_as_short_as_json_goes(key, value, blocks):
    """No spaces and no escapes: a text in another script would take six times the room, and tell by that what it is."""
    assert len(key.seal(value, row=uuid4(), **PLACE)) == 1 + 2 + 12 + 64 * blocks + 16


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


# --- What stands in a database already -----------------------------------------------------------------------
# Made once by the first release. A change that seals and opens in another way, but in agreement with itself, would lose
# everything that was written before it: only these see that.

EARLIER = vault.Key(UUID(int=7), {1: b"k" * 32})
SEALED_EARLIER = bytes.fromhex(
    "0100016e6e6e6e6e6e6e6e6e6e6e6eba728c9073d1ebf91f45666aa129acd483ebdfbc10b12ee43d7a634eb2cf1923afae4b8a0f5d33"
    "75d4d8b5b6acb02dadb11b2eae9dcf1781143384dc37f2ccb3ef8ec57ac742a1f58a7708e81cca5af8"
)
SEALED_WITHOUT_UNIT = bytes.fromhex(
    "0100016e6e6e6e6e6e6e6e6e6e6e6eba728c9073d1ebf91f45666aa129acd483ebdfbc10b12ee43d7a634eb2cf1923afae4b8a0f5d33"
    "75d4d8b5b6acb02dadb11b2eae9dcf1781143384dc37f2ccb3cebb9d0cf375b5049331ab7e3b60eff7"
)
WRAPPED_EARLIER = bytes.fromhex(
    "6e6e6e6e6e6e6e6e6e6e6e6e62a3801ef739c56b925956e91583522272aa533600c08335950629415f52a61b71503895dda29eeaac38"
    "1869f36d973a"
)


def test_what_an_earlier_release_sealed_still_opens():
    assert EARLIER.open(SEALED_EARLIER, row=UUID(int=8), **PLACE) == "Ik ben Sam."
    assert EARLIER.open(SEALED_WITHOUT_UNIT, row=UUID(int=8), field=PLACE["field"]) == "Ik ben Sam."


def test_slots_and_digests_of_an_earlier_release_are_still_the_same():
    assert EARLIER.slot("me.name").hex() == "a74ace6197fa34f882aac10ada1e3e64"
    assert EARLIER.mac("preview", b"x").hex() == "ffe5b80fc6862328df61650ba369a463ad1a341f85944e144200a9e2b56c9299"


def test_a_key_that_an_earlier_release_wrapped_still_opens(settings):
    settings.FIELD_KEYS = {"k1": b"f" * 32}
    DataKey.objects.create(owner_id=UUID(int=7), version=2, kek_id="k1", wrapped=WRAPPED_EARLIER)
    assert vault.open_key(UUID(int=7))._secrets == {2: b"s" * 32}


# --- The edges -----------------------------------------------------------------------------------------------

NAMED = r"^app\.Model\.field$"  # an error names the place, and nothing else


def test_who_has_no_key_hears_that_and_no_more():
    for ask in (vault.open_key, vault.add_version):
        with pytest.raises(vault.Shredded, match=r"^no key$"):
            ask(uuid4())


def test_only_who_has_a_living_key_has_one(key):
    other, gone, never = vault.create_key(uuid4()), vault.create_key(uuid4()), uuid4()
    vault.shred(gone.owner)
    assert vault.with_a_key([key.owner, gone.owner, never]) == {key.owner}
    assert vault.with_a_key([key.owner, other.owner]) == {key.owner, other.owner} and vault.with_a_key([]) == set()


def test_a_key_destroyed_while_it_is_wrapped_anew_stays_destroyed(key, settings, monkeypatch):
    wrap = vault._wrap

    def meanwhile(owner: UUID, version: int, secret: bytes) -> bytes:
        vault.shred(key.owner)
        return wrap(owner, version, secret)

    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    monkeypatch.setattr(vault, "_wrap", meanwhile)
    vault.rewrap()
    assert DataKey.objects.get(owner_id=key.owner).wrapped is None and vault.open_keys([key.owner]) == {}


@pytest.mark.parametrize("length", [0, 1, 3, 30, 31, 46])
def test_what_is_too_short_to_be_sealed_is_tampered_with(key, length):
    blob = (bytes([vault.FORMAT]) + b"\0\1" + bytes(64))[:length]
    with pytest.raises(vault.Tampered, match=NAMED):
        key.open(blob, row=uuid4(), **PLACE)


def test_another_format_is_tampered_with_and_an_unknown_version_destroyed(key):
    row = uuid4()
    blob = key.seal("x", row=row, **PLACE)
    with pytest.raises(vault.Tampered, match=NAMED):
        key.open(b"\x02" + blob[1:], row=row, **PLACE)
    with pytest.raises(vault.Tampered, match=NAMED):
        key.open(blob[:-1] + bytes([blob[-1] ^ 1]), row=row, **PLACE)
    with pytest.raises(vault.Shredded, match=NAMED):
        key.open(blob[:1] + b"\0\7" + blob[3:], row=row, **PLACE)


@pytest.mark.parametrize(("text", "length"), [(0, 64), (61, 64), (62, 128), (125, 128), (126, 192)])
def test_a_text_is_padded_to_its_block(key, text, length):
    """Two quotes of JSON and one byte that marks the end are in it too."""
    assert len(key.seal("a" * text, row=uuid4(), **PLACE)) == length + 31


def test_what_is_sealed_may_end_in_what_pads(key):
    row = uuid4()
    for content in (b"", b"\x80", b"x\x80\x00\x00", b"\x00" * 70):
        blob = key.seal_bytes(content, row=row, **PLACE)
        assert key.open_bytes(memoryview(blob), row=row, **PLACE) == content


def test_slots_come_in_the_order_of_their_units(key):
    units = ["me.name", "me.words", "need.support.care"]
    assert key.slots(units) == [key.slot(unit) for unit in units] and len(set(key.slots(units))) == 3
    assert {len(slot) for slot in key.slots(units)} == {16}


def test_a_damaged_wrapping_is_told_without_what_is_in_it(key):
    row = DataKey.objects.get(owner_id=key.owner)
    whole = bytes(row.wrapped)
    for wrapped in (b"", whole[:-1] + bytes([whole[-1] ^ 1]), whole[::-1]):
        DataKey.objects.filter(pk=row.pk).update(wrapped=wrapped)
        with pytest.raises(vault.Tampered, match=r"^accounts\.DataKey\.wrapped$"):
            vault.open_key(key.owner)


def test_rewrap_goes_in_steps_and_says_how_many(settings):
    vault.create_keys([uuid4() for _ in range(5)])
    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    left = DataKey.objects.filter(destroyed_at=None).exclude(kek_id="new")  # what is destroyed keeps its old name
    waiting = left.count()
    assert vault.rewrap(2) == 2 and left.count() == waiting - 2
    assert vault.rewrap() == waiting - 2 and vault.rewrap() == 0


def test_dropping_old_versions_leaves_the_newest_and_the_key_of_the_slots(key):
    renewed(key)
    assert vault.drop_old_versions(key.owner) == 1
    alive = DataKey.objects.filter(owner_id=key.owner, destroyed_at=None)
    assert sorted(alive.values_list("version", flat=True)) == [vault.SLOTS, 2]
    gone = DataKey.objects.get(owner_id=key.owner, version=1)
    assert gone.wrapped is None and gone.destroyed_at is not None


def test_the_keys_of_many_are_of_those_who_still_have_one(key):
    other, gone, somebody = (vault.create_key(uuid4()) for _ in range(3))
    vault.shred(gone.owner)
    assert set(vault.open_keys([key.owner, other.owner, gone.owner])) == {key.owner, other.owner}
    assert set(vault.open_keys([key.owner])) == {key.owner} and somebody.owner not in vault.open_keys([])


@pytest.mark.services
def test_what_a_destroyed_key_leaves_in_the_files_is_cleared_outside_a_transaction():
    """In a thread of its own, because every test runs in a transaction; on SQLite only listened to, because a database
    in memory has no such files. tests/faults/test_keys.py looks into the files of a real one."""
    said: list[str] = []
    sqlite = connections["keys"].vendor == "sqlite"

    def listen(execute, sql, *rest):
        said.append(sql)
        return None if sqlite else execute(sql, *rest)

    def clear() -> None:
        with connections["keys"].execute_wrapper(listen):
            vault.scrub()
        connections.close_all()

    with connections["keys"].execute_wrapper(listen):
        vault.scrub()
    assert said == []
    with ThreadPoolExecutor(1) as other:
        other.submit(clear).result()
    assert said == ["PRAGMA wal_checkpoint(TRUNCATE)" if sqlite else 'VACUUM "accounts_datakey"']


# --- What a backup asks ----------------------------------------------------------------------------------------


def test_every_version_tells_whose_it_is_and_whether_it_lives(key):
    gone = vault.create_key(uuid4())
    vault.shred(gone.owner)
    renewed(key)
    vault.drop_old_versions(key.owner)
    rows = list(vault.every_version())
    assert [row[1:] for row in rows if row[0] == key.owner] == [(vault.SLOTS, True), (1, False), (2, True)]
    assert [row[1:] for row in rows if row[0] == gone.owner] == [(1, False)]
    assert gone.owner in vault.destroyed() and key.owner not in vault.destroyed()


def test_a_fingerprint_of_a_kek_is_the_same_as_on_another_machine(settings):
    settings.FIELD_KEYS = {"k1": b"f" * 32, "k2": b"g" * 32}
    told = vault.fingerprints()
    assert told["k1"] == "588ffc37fda33ce4" and set(told) == {"k1", "k2"} and told["k1"] != told["k2"]


def test_a_kek_is_in_use_while_a_living_key_hangs_on_it(settings):
    DataKey.objects.all().delete()
    first = vault.newest_kek()
    one = vault.create_key(uuid4())
    settings.FIELD_KEYS = {"new": b"n" * 32, **settings.FIELD_KEYS}
    vault.create_key(uuid4())
    assert vault.keks_in_use() == {first, "new"}
    vault.shred(one.owner)
    assert vault.keks_in_use() == {"new"}


def test_the_rows_come_by_owner_and_then_by_version():
    made = {vault.create_key(uuid4()).owner for _ in range(6)}
    for owner in made:
        renewed(vault.open_key(owner))
    rows = [row[:2] for row in vault.every_version() if row[0] in made]
    assert rows == sorted(rows) and len(rows) == 18


def test_who_has_one_living_version_is_not_among_the_destroyed(key):
    """Whichever it is, and whoever came before them."""
    renewed(key)
    gone = {"destroyed_at": timezone.now(), "wrapped": None}
    DataKey.objects.filter(owner_id=key.owner).exclude(version=vault.SLOTS).update(**gone)
    assert key.owner not in vault.destroyed()
    DataKey.objects.filter(owner_id=key.owner).update(**gone)
    assert key.owner in vault.destroyed()
