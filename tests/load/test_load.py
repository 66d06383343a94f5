"""The parts of script/load that can say something wrong: what counts as an error, who is writing, and the clock."""

import gzip
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from passport import questionnaire
from tests.load import report
from tests.load.acts import QUESTIONS, SAVES, Answer, Batch, Student, Unexpected
from tests.load.meter import Reading, cpu_of, family

BUSY = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


def a_day(**more: Any) -> dict[str, Any]:
    calm = {"errors": [], "early_errors": 0, "batches": 10, "batches asked": 10, "rows": []}
    return calm | more


@pytest.mark.parametrize(
    ("wrong", "many"),
    [
        ({}, 0),
        ({"errors": [{"name": "student: save", "error": "500 for 200", "times": 3}]}, 3),
        ({"early_errors": 2}, 2),
        ({"batches": 7}, 3),
    ],
)
def test_every_wrong_answer_counts(wrong: dict[str, Any], many: int) -> None:
    """Also while people came in, and a batch that never came."""
    assert report.errors_of(a_day(**wrong)) == many


def test_a_student_saves_on_what_was_kept() -> None:
    student = Student("session")
    student.open_next()
    student.opened(Answer(b"", b'<input name="revision" value="7">'))
    first = json.loads(student.save().call.body)
    student.kept(Answer(b"", b'{"revision": 8}'))
    second = json.loads(student.save().call.body)
    assert (first["revision"], second["revision"]) == (7, 8)
    assert len(first["value"]) < len(second["value"])


def test_what_is_typed_fits_its_question() -> None:
    """Else a day of saves would be a day of refusals."""
    asked = questionnaire.of_version(questionnaire.published().pk).questions
    student = Student("session")
    student.open_next()
    longest = max((student.save() for _ in range(SAVES)), key=lambda act: len(act.call.body))
    assert len(json.loads(longest.call.body)["value"]) < 1000
    assert {str(asked[key].type) for key in QUESTIONS} == {"long_text"}


def test_a_batch_with_a_failed_handover_is_wrong() -> None:
    def said(**counts: int) -> Answer:
        return Answer(b"", json.dumps({"total": 14, "ready": 0, "failed": 0, "void": 0} | counts).encode())

    assert not Batch.is_over(said(ready=13))
    assert Batch.is_over(said(ready=14))
    for counts in ({"ready": 13, "failed": 1}, {"ready": 13, "void": 1}, {"total": 0}):
        with pytest.raises(Unexpected):
            Batch.is_over(said(**counts))


def test_a_packed_answer_is_unpacked() -> None:
    assert Answer.of(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip", gzip.compress(b"page")).body == b"page"
    assert Answer.of(b"HTTP/1.1 200 OK", b"page").body == b"page"


def test_processor_time_of_a_child_that_ended_counts() -> None:
    before = cpu_of(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert 0.25 < cpu_of(os.getpid()) - before < 3
    assert os.getpid() in family(os.getppid())


def test_what_is_done_anyway_is_taken_off() -> None:
    """But not what is written: one checkpoint in the idle seconds would make every act cheaper than nothing."""
    spent = Reading({"cpu web": 3.0, "wal": 500.0}).since(Reading({"cpu web": 1.0, "wal": 100.0}))
    one = spent.less(Reading({"cpu web": 0.1, "wal": 9.0}), 10).per(2)
    assert (one["cpu web"], one["wal"]) == (0.5, 200)
