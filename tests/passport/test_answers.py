"""Keeping answers: what fits, what is refused, and that nothing is lost."""

import pytest
from django.db import connection

from accounts.refusals import NotHere, Refusal
from passport import services
from passport.models import AnswerRevision
from tests.factories import key_of, make_programme, make_pupil, write

HELP = [{"need": "quiet", "how_often": "vaak", "what_works": "Een hoek", "why": "Te veel geluid"}]
FITS = {
    "me.name": "Sam, niet Samuel",
    "me.proud": "Ik kom elke dag op tijd.\nOok na een slechte nacht.",
    "can.digital": "Met hulp lukt het",
    "me.free_time": ["muziek", "vissen met opa"],
    "can.skills": {"on_time": "alone", "plan": "help"},
    "home.people": [{"name": "Ria", "relation": "tante", "contact": ""}],
    "transition.trusted_person": [{"name": "Noor", "relation": "zus", "contact": "06-12345600"}],
    "need.support": HELP,
}
REFUSED = [
    ("me.name", 5, "invalid_type"),
    ("me.name", "x" * 81, "too_long"),
    ("me.proud", "x" * 1001, "too_long"),
    ("me.proud", "a\x00b", "bad_characters"),
    ("me.proud", "a\u202eb", "bad_characters"),
    ("me.proud", "a" + "\u0301" * 9, "bad_characters"),
    ("me.proud", "Mijn nummer is 123456782.", "bsn"),
    ("me.proud", "123.456.782", "bsn"),
    *(
        ("me.proud", f"Dit: 123{mark}456{mark}782 dus", "bsn")
        for mark in ("\u00a0", "/", "_", ",", "\n", "\u2013", "\u200b", "\u202f", "\t", "\u2011")
    ),
    ("me.proud", "Groep 3\n123/456/782", "bsn"),
    ("me.proud", "14-03-2010 123.456.782", "bsn"),
    ("me.proud", "\u0661\u0662\u0663456782", "bsn"),
    ("me.proud", "   ", "blank"),
    ("can.digital", "Misschien", "unknown_option"),
    ("can.digital", ["Dat kan ik zelf"], "invalid_type"),
    ("me.words", ["a", "b", "c", "d", "e", "f"], "too_many"),
    ("me.free_time", "muziek", "invalid_type"),
    ("me.free_time", ["x" * 81], "too_long"),
    ("home.duties", ["niets", "werken"], "exclusive"),
    ("can.skills", {"fly": "alone"}, "unknown_statement"),
    ("can.skills", {"on_time": "best"}, "unknown_option"),
    ("can.skills", [], "invalid_type"),
    ("home.people", [{"name": "Ria", "contact": "0612345600"}], "contact_not_allowed"),
    ("home.people", [{"relation": "tante"}], "name_missing"),
    ("home.people", [{"name": "Ria", "bsn": "1"}], "unknown_field"),
    ("home.people", [{"name": "Ria"}] * 9, "too_many"),
    ("want.programmes", ["nope"], "unknown_programme"),
    ("need.support", [{"need": "fly"}], "unknown_need"),
    ("need.support", HELP + HELP, "need_twice"),
    ("need.support", [{"need": "quiet", "how_often": "nooit"}], "unknown_option"),
    ("need.support", "quiet", "invalid_type"),
]


@pytest.fixture
def student():
    return make_pupil()


@pytest.mark.parametrize(("question", "value"), FITS.items(), ids=FITS)
def test_every_type_keeps_what_was_written(student, question, value):
    write(student, question, value)
    assert services.open_answer(student.passport, key_of(student), question).value == value


def test_programmes_are_kept_in_order_of_preference(student):
    codes = [make_programme("tech2").code, make_programme("care3").code]
    assert write(student, "want.programmes", codes).value == codes


@pytest.mark.parametrize(("question", "value", "code"), REFUSED)
def test_what_does_not_fit_is_refused_at_the_field(student, question, value, code):
    with pytest.raises(Refusal) as refusal:
        write(student, question, value)
    assert (refusal.value.code, refusal.value.field) == (code, "value")
    assert not AnswerRevision.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "06 12345678",
        "+31 6 12345678",
        "0031612345678",
        "+31123456782",
        "1234567890",
        "123456789",
        "2026-2027",
        "14/03/2010\n6",  # nine digits that pass, were it no day
        "+31/6/12345678",
        "+31\u00a0(0)6\u201312345678",
        "0031/6/12345678",
        "06_12_34_56_78",
        "(0)123,456,782",
        "+31\u00a0123,456,782",
    ],
)
def test_a_telephone_number_or_a_year_is_no_service_number(student, text):
    assert write(student, "me.proud", text).is_answered


@pytest.mark.parametrize("status", ["empty", "later", "private"])
def test_the_ways_out_hold_no_value(student, status):
    assert write(student, "me.name", status=status).value is None
    with pytest.raises(Refusal):
        write(student, "me.name", "Sam", status=status)


def test_a_stale_revision_is_a_conflict_that_shows_the_newest(student):
    write(student, "me.name", "Sam")
    with pytest.raises(services.Conflict) as conflict:
        services.save_answer(
            passport=student.passport, key=key_of(student), question_key="me.name",
            status="answered", value="Samuel", revision=0, by=student.user,
        )  # fmt: skip
    assert conflict.value.current.value == "Sam" and conflict.value.current.revision == 1


def test_saving_the_same_text_again_makes_no_revision(student):
    assert write(student, "me.name", "Sam").revision == write(student, "me.name", "Sam").revision == 1


def test_every_save_is_kept_and_the_newest_comes_first(student):
    for text in ("een", "twee", "drie"):
        write(student, "me.proud", text)
    history = services.history(student.passport, key_of(student), "me.proud")
    assert [(text.revision, text.value) for text in history] == [(3, "drie"), (2, "twee"), (1, "een")]


def test_undo_puts_the_text_before_back_as_a_new_revision(student):
    write(student, "me.proud", "een")
    write(student, "me.proud", "twee")
    key = key_of(student)
    text = services.undo(passport=student.passport, key=key, question_key="me.proud", revision=2, by=student.user)
    assert (text.value, text.revision) == ("een", 3)


def test_undo_of_the_first_text_leaves_it_empty(student):
    write(student, "me.proud", "een")
    text = services.undo(
        passport=student.passport, key=key_of(student), question_key="me.proud", revision=1, by=student.user
    )
    assert text.status == "empty"


def test_an_unknown_question_is_not_found(student):
    with pytest.raises(NotHere):
        write(student, "me.secret", "x")


def test_what_a_mentor_writes_a_student_can_only_empty(student):
    with pytest.raises(Refusal, match="not_yours_to_write"):
        write(student, "school.mentor_adds", "Ik ben geweldig")
    assert write(student, "school.mentor_adds", status="empty").value is None


def test_a_revision_is_immutable(student):
    write(student, "me.name", "Sam")
    with pytest.raises(TypeError):
        AnswerRevision.objects.get().save()


def test_since_tells_from_when_a_unit_speaks_without_a_break(student):
    write(student, "need.support", [{"need": "quiet"}])
    write(student, "need.support", [{"need": "quiet"}, {"need": "time"}])
    write(student, "need.support", [{"need": "time"}])
    text = write(student, "need.support", [{"need": "quiet"}, {"need": "time"}])
    assert text.since == {"need.support.quiet": 4, "need.support.time": 2}


def test_the_database_sees_no_question_and_no_status(student):
    write(student, "need.diagnosis", "Ik heb autisme")
    write(student, "home.worries", status="private")
    with connection.cursor() as cursor:
        for table in ("passport_answer", "passport_answerrevision"):
            cursor.execute(f"SELECT * FROM {table}")
            dump = repr([[bytes(c) if isinstance(c, memoryview) else c for c in row] for row in cursor.fetchall()])
            assert not any(word in dump for word in ("diagnosis", "autisme", "private", "worries"))


def test_saving_costs_a_handful_of_statements(student, django_assert_num_queries):
    write(student, "me.name", "Sam")
    passport, key = student.passport, key_of(student)
    passport.questionnaire_id  # noqa: B018
    with django_assert_num_queries(6):  # newest, savepoint, place, revision, place, release
        services.save_answer(
            passport=passport, key=key, question_key="me.name",
            status="answered", value="Sammie", revision=1, by=student.user,
        )  # fmt: skip


def test_an_answer_and_no_answer_are_equally_long_in_the_database(student):
    """Contract, rule 6: whether a question was answered is not to be read from a stolen database."""
    write(student, "me.proud", "Ik kom elke dag op tijd. Ook na een slechte nacht.")
    for status in ("empty", "later", "private"):
        write(student, "me.proud", status=status)
    assert len({len(bytes(row.sealed)) for row in AnswerRevision.objects.all()}) == 1
