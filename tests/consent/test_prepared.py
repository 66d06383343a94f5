"""A statement that was composed once says the same as the queryset it was composed from, whoever and whenever."""

from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.prepared import Prepared, insert, prepared
from consent import access, facts, ledger
from consent.models import LedgerEntry
from intake.services import cases
from passport import questionnaire
from tests import factories
from tests.factories import share_with_programme, write

SHAPES = [
    ("programme", False, False),
    ("programme", True, True),
    ("school_team", False, False),
    ("guardian", False, True),
]


def as_told(one, seen=()) -> dict:
    """Everything of a row: its columns, its annotations, and the same of what came along with it."""
    told = {name: bytes(value) if isinstance(value, memoryview) else value for name, value in vars(one).items()}
    told.pop("_state")
    cache = one._state.fields_cache
    along = {name: as_told(other, (*seen, one)) for name, other in cache.items() if other and other not in seen}
    return {**told, "_along": along}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape[0])
def test_the_facts_are_the_same_as_plainly(shape, given, imke, mentor, db):
    on = timezone.localdate()
    with transaction.atomic():
        for by in (imke, mentor):
            plain = list(facts.of_reader(given.pk, by.pk, on, *shape))
            composed = prepared(facts.of_reader, (UUID, UUID, date), *shape).rows(given.pk, by.pk, on)
            assert [as_told(one) for one in composed] == [as_told(one) for one in plain]
            assert len(plain) == 1


def test_the_items_and_their_texts_are_the_same_as_plainly(given):
    plain = list(facts.items_of(given.pk))
    composed = prepared(facts.items_of, (UUID,)).rows(given.pk)
    assert [as_told(one) for one in composed] == [as_told(one) for one in plain] and plain
    assert prepared(facts.items_of, (UUID,)).rows(uuid4()) == []


def test_what_shapes_a_query_is_the_same_as_plainly(given):
    plain = list(facts.shape_of(given.pk))
    assert [as_told(one) for one in prepared(facts.shape_of, (UUID,)).rows(given.pk)] == [as_told(one) for one in plain]
    assert len(plain) == 1 and "state" not in as_told(plain[0])


@pytest.mark.parametrize("ordering", ["received_at", "-received_at", "intake_at", "-intake_at"])
def test_a_page_of_the_inbox_is_the_same_as_plainly(ordering, care, imke):
    for _ in range(3):
        student = factories.make_pupil()
        write(student, "me.name", "Sam")
        share_with_programme(student, care, "me.name")
    plain = list(cases._cases(imke, timezone.localdate(), ordering))
    composed = prepared(cases._cases, (UUID, date), ordering)
    pages = [composed.rows(imke.pk, timezone.localdate(), page=slice(at, at + 2)) for at in (0, 2)]
    assert [as_told(one) for page in pages for one in page] == [as_told(one) for one in plain]
    assert [len(page) for page in pages] == [2, 1]


def test_what_is_bound_is_asked_anew_each_time(given, imke, otto):
    """No decision is kept: the same statement says yes today, no to somebody else, and no after the last day."""
    shape = ("programme", False, False)
    today = timezone.localdate()
    with transaction.atomic():
        statement = prepared(facts.of_reader, (UUID, UUID, date), *shape)
        ask = lambda by, on: statement.rows(given.pk, by.pk, on)[0].standing  # noqa: E731
        assert (ask(imke, today), ask(otto, today)) == ("current", None)
        imke.memberships.update(ends_on=today - timedelta(days=1))
        assert ask(imke, today) == "ended"
    assert not access.open_shares(imke).exists()


def test_a_value_that_is_not_in_the_statement_is_refused(db):
    with pytest.raises(RuntimeError, match="prepared for"):
        Prepared(User.objects.filter(is_active=True), (UUID,))


def test_the_newest_questions_entry_and_key_are_the_same_as_plainly(given, imke):
    access.read(share_id=given.pk, by=imke, action=ledger.Action.READ)
    for build, *values in ((questionnaire._newest,), (ledger._newest,), (vault._live, given.student_id)):
        kinds = (UUID,) * len(values)
        composed = prepared(build, kinds).rows(*values)
        assert [as_told(one) for one in composed] == [as_told(one) for one in build(*values)] and len(composed) == 1


def test_a_released_text_that_is_still_the_newest_is_one_instance(given, sam):
    """The newest text and the released one are the same row until the student writes on: half of what is read."""
    items = prepared(facts.items_of, (UUID,)).rows(given.pk)
    same = [item.revision is item.answer.newest for item in items if item.revision_id]
    assert same and all(same)
    write(sam, "me.free_time", ["iets anders"])
    after = [item for item in prepared(facts.items_of, (UUID,)).rows(given.pk) if item.revision_id]
    assert any(item.revision is not item.answer.newest for item in after)
    assert all(
        item.revision.pk == item.revision_id and item.answer.newest.pk == item.answer.newest_id for item in after
    )


def test_a_row_is_written_the_same_as_plainly(given, imke, db):
    detail = {"slots": ["00ff"], "purpose": "é", "release": 1}
    written = {"at": timezone.now(), "event": "look", "actor_id": imke.pk, "detail": detail, "mac": bytes(range(32))}
    one = LedgerEntry(seq=901, student_id=given.student_id, **written)
    insert(one)
    LedgerEntry(seq=902, student_id=given.student_id, **written).save(force_insert=True)
    rows = [
        {**row, "mac": bytes(row["mac"])} for row in LedgerEntry.objects.filter(seq__gt=900).order_by("seq").values()
    ]
    assert rows[0] == {**rows[1], "seq": 901} and rows[0]["share_id"] is None
    assert not one._state.adding and one._state.db == "default"


def test_a_row_that_is_refused_undoes_what_was_done_with_it(given, imke):
    """Whoever catches the error keeps nothing: no act without its entry (contract, rule 5)."""
    taken = LedgerEntry.objects.order_by("seq").first()
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        User.objects.filter(pk=imke.pk).update(staff_name="Zonder bewijs")
        with suppress(IntegrityError):
            insert(LedgerEntry(seq=taken.seq, student_id=given.student_id, at=timezone.now(), event="look", detail={}))
        User.objects.count()
    assert User.objects.get(pk=imke.pk).staff_name != "Zonder bewijs"
