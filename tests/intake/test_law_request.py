"""A request by law: the one reading without a share. Two decide or the student is there, and it stands in the log."""

import json
import os
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings as site
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Role, User
from consent import ledger
from consent.ledger import Event
from consent.models import LedgerEntry
from intake.models import LawAnswer
from intake.services import export, law, law_log, leaving, resealing
from intake.services.law_log import Kind, requests_of
from tests import factories
from tests.factories import key_of

LOOKS = "/wie-keek/"
ARTICLE = "Wetboek van Strafvordering, artikel 126nd"


@pytest.fixture
def officers(class_a) -> list[User]:
    """The head of the school and its privacy officer."""
    return [
        factories.make_staff(Role.COORDINATOR, institution=class_a.institution, name="Ada Ruiz",
                             username="head"),
        factories.make_staff(Role.CARE, institution=class_a.institution, name="Bo Smit", username="privacy"),
    ]  # fmt: skip


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "outside" / "antwoord.json"


@pytest.fixture(autouse=True)
def folders(target, settings, tmp_path):
    """A folder of the controller, and a project and data of our own beside it."""
    target.parent.mkdir()
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()


def answer(student: Any, to: Path, *words: str, kind: str = "court", number: str = "2026-014", **more: Any) -> str:
    said = StringIO()
    command = [student.user.username, "--kind", kind, "--reason-number", number, "--to", str(to), *words]
    call_command("answer_law_request", *command, stdout=said, **more)
    return said.getvalue()


TWO = ("--officer", "head", "--officer", "privacy")
HIDE = ("--hidden-until", (timezone.localdate() + timedelta(days=30)).isoformat(), "--law", ARTICLE)


def nothing_happened(to: Path) -> bool:
    return not to.exists() and not LawAnswer.objects.exists() and not ledger_entries()


def ledger_entries() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(event=Event.LAW_REQUEST))


# --- The yes -------------------------------------------------------------------------------------------------


def test_two_officers_get_the_students_own_export(sam, given, officers, target):
    answer(sam, target, *TWO)
    found = json.loads(target.read_text(encoding="utf-8"))
    own = export.export_of(sam, key_of(sam))
    assert set(found) == set(own) and found["answers"] == json.loads(json.dumps(own["answers"]))
    assert found["identity"]["official_name"] == "Samuel Vos" and found["shares"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    [entry] = ledger_entries()
    assert entry.student_id == sam.pk and entry.share_id is None and entry.actor_id is None
    assert set(entry.detail["officers"]) == {str(one.pk) for one in officers} and ledger.verify() is None


def test_in_the_students_presence_nobody_else_decides(sam, target):
    answer(sam, target, "--student-present", kind="access")
    [told] = requests_of(sam, key_of(sam))
    assert (told.kind, told.student_present, told.officers, told.number) == ("access", True, (), "2026-014")
    assert target.exists()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_told_to_the_student(sam, officers, target, browser_of, kind):
    answer(sam, target, *TWO, kind=str(kind))
    page = browser_of(sam).get(LOOKS).content.decode()
    assert "Omdat het van de wet moest" in page and "2026-014" in page
    assert "Coördinator" in page and "Zorgcoördinator" in page
    sentences = {"access": "Iemand vroeg wat er over jou staat", "court": "rechter", "meldcode": "veilig"}
    assert [one for one, words in sentences.items() if words in page] == [kind]


def test_a_function_is_named_as_it_was_that_day_and_no_name(sam, officers, target, browser_of):
    User.objects.filter(username="head").update(staff_function="directeur")
    answer(sam, target, *TWO)
    User.objects.filter(username="head").update(staff_function="iets anders")
    page = browser_of(sam).get(LOOKS).content.decode()
    assert "directeur, School" in page and "Ada Ruiz" not in page


def test_without_a_request_the_page_says_nothing_of_it(sam, given, browser_of):
    assert "van de wet" not in browser_of(sam).get(LOOKS).content.decode()


def test_it_stands_in_the_export_too_and_is_no_consent_and_no_look(sam, officers, target, browser_of, api):
    answer(sam, target, *TWO)
    found = export.export_of(sam, key_of(sam))
    assert [one["kind"] for one in found["law_requests"]] == ["court"] and json.dumps(found)
    assert found["consents"] == [] and found["looks"] == []
    assert api(sam).get("/api/v1/views/").json()["count"] == 0
    page = browser_of(sam).get("/instellingen/mijn-gegevens/paspoort.html").content.decode()
    assert "Voor een rechter of officier" in page


def test_who_is_named_hears_it_and_the_mail_names_no_student(sam, officers, target):
    User.objects.filter(username="head").update(email="head@school.nl")
    answer(sam, target, *TWO)
    [mail] = outbox.outbox
    assert mail.to == ["head@school.nl"] and "2026-014" in mail.body
    assert not [word for word in ("Sam", sam.user.username, str(sam.pk)) if word in mail.body + mail.subject]


def test_it_prints_nothing_personal(sam, officers, target, capfd, caplog):
    said = answer(sam, target, *TWO, *HIDE)
    heard = said + "".join(capfd.readouterr()) + caplog.text
    for word in ("Sam", "Vos", sam.user.username, "muziek", "head", "privacy", str(sam.pk), "126nd"):
        assert word not in heard


def test_a_frozen_passport_is_answered_too(sam, officers, target):
    leaving.freeze(student=sam, by=sam.user)
    answer(sam, target, *TWO)
    assert target.exists()


# --- The no --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--officer", "head"),
        ("--officer", "head", "--officer", "head"),
        (*TWO, "--officer", "head"),
        ("--officer", "head", "--officer", "nobody"),
        ("--student-present", *TWO),
    ],
)
def test_nobody_decides_alone(sam, officers, target, words):
    with pytest.raises(CommandError, match="officers"):
        answer(sam, target, *words)
    assert nothing_happened(target)


@pytest.mark.parametrize("who", ["student", "parent", "left", "closed", "no role"])
def test_an_officer_is_staff_with_a_role_today(sam, officers, target, who):
    other = officers[1]
    if who == "student":
        other = sam.user
    elif who == "parent":
        other = factories.make_parent(sam).user
    elif who == "left":
        Membership.objects.filter(user=other).update(ends_on=timezone.localdate() - timedelta(days=1))
    elif who == "closed":
        User.objects.filter(pk=other.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=other).delete()
    with pytest.raises(CommandError, match="officers"):
        answer(sam, target, "--officer", "head", "--officer", other.username)
    assert nothing_happened(target)


@pytest.mark.parametrize("number", ["", "x", "met spaties", "Sam Vos 2026", "x" * 33, "111222333", "../../x y"])
def test_the_number_is_of_a_register_and_no_text(sam, officers, target, number):
    with pytest.raises(CommandError):
        answer(sam, target, *TWO, number=number)
    assert nothing_happened(target)


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("court", (*TWO, "--hidden-until", day(30))),
        ("court", (*TWO, "--law", ARTICLE)),
        ("court", (*TWO, "--law", ARTICLE, "--hidden-until", day(0))),
        ("court", (*TWO, "--law", ARTICLE, "--hidden-until", day(800))),
        ("court", ("--student-present", *HIDE)),
        ("access", (*TWO, *HIDE)),
    ],
)
def test_hiding_needs_an_article_a_day_and_a_student_who_did_not_ask(sam, officers, target, kind, words):
    with pytest.raises(CommandError):
        answer(sam, target, *words, kind=kind)
    assert nothing_happened(target)


def test_a_file_inside_the_project_or_its_data_is_refused(sam, officers, tmp_path, settings):
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    shortcut = tmp_path / "outside" / "shortcut"
    shortcut.symlink_to(settings.VAR_DIR)
    for folder in (site.BASE_DIR, site.BASE_DIR / "docs", settings.VAR_DIR, settings.STATIC_ROOT, shortcut):
        with pytest.raises(CommandError, match="never inside"):
            answer(sam, folder / "antwoord.json", *TWO)
        assert nothing_happened(folder / "antwoord.json")


def test_a_file_that_is_there_is_never_overwritten(sam, officers, target):
    target.write_text("van iemand anders")
    with pytest.raises(CommandError, match="already"):
        answer(sam, target, *TWO)
    target.unlink()
    target.symlink_to(target.parent / "elders.json")
    with pytest.raises(CommandError, match="already"):
        answer(sam, target, *TWO)
    with pytest.raises(CommandError, match="folder"):
        answer(sam, target.parent / "nergens" / "x.json", *TWO)
    assert not LawAnswer.objects.exists() and list(target.parent.iterdir()) == [target]


def test_an_unknown_or_erased_student(sam, officers, target):
    vault.shred(sam.pk)
    with pytest.raises(CommandError, match="nothing was written"):
        answer(sam, target, *TWO)
    leaving.erase_student(sam.pk)
    with pytest.raises(CommandError, match="no student"):
        answer(sam, target, *TWO)
    assert nothing_happened(target)


@pytest.mark.parametrize("broken", ["ledger", "disk"])
def test_without_its_line_in_the_log_there_is_no_file_and_the_other_way_round(
    sam, officers, target, monkeypatch, broken
):
    if broken == "ledger":
        monkeypatch.setattr(ledger, "record_law_request", lambda **kw: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            answer(sam, target, *TWO)
    else:
        monkeypatch.setattr(os, "fsync", lambda file: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(CommandError, match="nothing was written: OSError"):
            answer(sam, target, *TWO)
    assert nothing_happened(target) and outbox.outbox == []


# --- Hidden, and shown afterwards ----------------------------------------------------------------------------


def test_hidden_up_to_the_day_and_shown_after_it_with_the_article(sam, officers, target, browser_of, api):
    said = answer(sam, target, *TWO, *HIDE)
    assert day(30) in said
    for days, seen in ((0, False), (30, False), (31, True)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            page = browser_of(sam).get(LOOKS).content.decode()
            exported = json.dumps(export.export_of(sam, key_of(sam)))
            assert ("van de wet" in page) is (ARTICLE in page) is seen
            assert ("126nd" in exported) is ("law_request" in exported.replace("law_requests", "")) is False or seen
            assert (ARTICLE in exported) is seen


def test_the_database_tells_nothing_of_kind_law_or_hiding(sam, noor, officers, target):
    answer(sam, target, *TWO, *HIDE)
    answer(noor, target.parent / "2.json", "--student-present", kind="access")
    one, two = LawAnswer.objects.order_by("at")
    assert len(one.sealed_detail) == len(two.sealed_detail)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consent_ledgerentry")
        rows = repr(cursor.fetchall()) + repr(list(LawAnswer.objects.values()))
    for word in ("court", "access", "126nd", "2026-014", day(30), "hidden"):
        assert word not in rows


def test_a_request_whose_row_was_taken_away_still_shows_that_it_was(sam, officers, target, browser_of):
    """Whoever runs the database may delete the row; the ledger they cannot change without being seen."""
    answer(sam, target, *TWO, *HIDE)
    LawAnswer.objects.all().delete()
    assert "Iemand las je paspoort. Vraag op school waarom." in browser_of(sam).get(LOOKS).content.decode()
    [told] = requests_of(sam, key_of(sam))
    assert (told.kind, told.officers, told.law) == ("", (), "")


def test_a_row_that_was_put_in_its_place_is_not_believed(sam, officers, target):
    answer(sam, target, *TWO)
    row, key = LawAnswer.objects.get(), key_of(sam)
    detail = key.open(row.sealed_detail, field=law_log.DETAIL_FIELD, row=row.pk) | {"hidden_until": day(90)}
    row.sealed_detail = key.seal(detail, field=law_log.DETAIL_FIELD, row=row.pk, block=law_log.BLOCK)
    row.save()
    assert [told.kind for told in requests_of(sam, key)] == [""]


def test_it_is_told_after_a_new_key_too(sam, officers, target):
    answer(sam, target, *TWO)
    list(resealing.renew_keys([sam.pk], pause=timedelta(0), wait=lambda until: None))
    assert [told.kind for told in requests_of(sam, key_of(sam))] == ["court"]


def test_nobody_else_sees_it(sam, noor, mentor, officers, target, browser_of):
    answer(sam, target, *TWO)
    assert "van de wet" not in browser_of(noor).get(LOOKS).content.decode()
    assert browser_of(mentor).get(LOOKS).status_code == 404


def test_erased_the_row_is_gone_and_the_proof_stays(sam, officers, target):
    answer(sam, target, *TWO)
    leaving.erase_student(sam.pk)
    assert not LawAnswer.objects.exists() and len(ledger_entries()) == 1 and ledger.verify() is None


def test_the_page_costs_the_same_for_one_request_and_for_three(sam, officers, target, browser_of):
    def cost() -> int:
        from django.test.utils import CaptureQueriesContext

        page = browser_of(sam)
        page.get(LOOKS)
        with CaptureQueriesContext(connection) as queries:
            page.get(LOOKS)
        return len(queries)

    answer(sam, target, *TWO)
    one = cost()
    for number in (2, 3):
        answer(sam, target.parent / f"{number}.json", *TWO)
    assert cost() == one


def test_the_service_wants_the_same_as_the_command(sam, officers, target):
    asked = law.Asked(Kind.COURT, "2026-014", officers=("head", "privacy"))
    assert law.answer_request(student=sam, asked=asked, to=target).student_id == sam.pk
