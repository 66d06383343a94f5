"""`manage.py read_by`: what was read with one log-in, for the report of a stolen one."""

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from consent import access
from consent.ledger import Action
from intake.services import leaving
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "keys"])


def run(*arguments: str) -> list[list[str]]:
    out = StringIO()
    call_command("read_by", *arguments, stdout=out)
    return [line.split("\t") for line in out.getvalue().splitlines()]


def test_it_prints_the_looks_of_that_log_in_at_everybody_and_nobody_elses(
    sam, noor, care, given, imke, mentor, class_a
):
    other = factories.share_with_programme(noor, care, "identity.official_name")
    team = factories.share(sam, "school_team", class_a.institution_id, "can.strengths")
    with time_machine.travel("2026-11-20T09:00Z", tick=False):
        access.read(share_id=given.pk, by=imke, action=Action.READ)
        access.read(share_id=other.pk, by=imke, action=Action.PRINT)
        access.read(share_id=team.pk, by=mentor, action=Action.READ)
    assert run(imke.username) == [
        ["time", "student", "share", "action", "units"],
        ["2026-11-20T10:00:00+01:00", sam.user.username, str(given.pk), "read", "2"],
        ["2026-11-20T10:00:00+01:00", noor.user.username, str(other.pk), "print", "1"],
    ]


@pytest.mark.parametrize(
    ("options", "count"), [(["--from", "2026-11-21"], 1), (["--until", "2026-11-20"], 1), (["--from", "2026-11-22"], 0)]
)
def test_between_two_days(given, imke, options, count):
    for moment in ("2026-11-20T09:00Z", "2026-11-21T09:00Z"):
        with time_machine.travel(moment, tick=False):
            access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert len(run(imke.username, *options)) == 1 + count


def test_it_says_no_name_and_no_text(given, imke):
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    text = str(run(imke.username))
    assert "koken" not in text and "Vos" not in text and "can.strengths" not in text


def test_who_is_erased_is_no_handle_any_more(sam, given, imke):
    handle = sam.user.username
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    leaving.erase_student(sam.pk)
    rows = run(imke.username)
    assert [row[1] for row in rows[1:]] == ["erased"] * (len(rows) - 1) and len(rows) > 1 and handle not in str(rows)


def test_an_unknown_log_in_is_said():
    with pytest.raises(CommandError, match="nobody"):
        run("niemand")
