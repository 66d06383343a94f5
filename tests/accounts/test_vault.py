"""How it is locked: what opens, what never opens, and what a row may tell."""

from uuid import uuid4

import pytest
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


def test_a_key_shows_nothing_of_itself(key):
    assert "secret" not in repr(key) and len(repr(key)) < 80
