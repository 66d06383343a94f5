"""A new version of the questions: every student is asked them, and no share says another word."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.urls import reverse

from consent import access, ledger
from consent.texts import Dossier
from passport.questionnaire import newest_file
from tests import factories

NEW = {
    "key": "me.weekend",
    "type": "long_text",
    "label": "Wat doe je in het weekend?",
    "why": "Zo leert iemand jou kennen.",
    "example": "Ik help mijn oom op de markt.",
}


@pytest.fixture
def newer(tmp_path) -> Path:
    """The newest questions with one more, and another label for one that is there."""
    content = yaml.safe_load(newest_file().read_text(encoding="utf-8"))
    content["version"] = "2099.1"
    questions = content["sections"][0]["questions"]
    next(one for one in questions if one["key"] == "me.free_time")["label"] = "Wat doe je na school?"
    questions.append(NEW)
    file = tmp_path / "2099-1.yaml"
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return file


def load(*arguments: object) -> str:
    out = StringIO()
    call_command("load_questionnaire", *map(str, arguments), stdout=out)
    return out.getvalue()


def what_is_said(dossier: Dossier) -> list[tuple[str, str, object]]:
    return [(one.unit.key, one.unit.label, one.value) for one in dossier.said]


def test_who_wrote_before_is_asked_the_new_question_too(sam, browser_of, newer):
    browser = browser_of(sam)
    where = reverse("question", args=[NEW["key"]])
    assert browser.get(where).status_code == 404
    assert "2099.1 is published; 1 passports follow" in load(newer)
    assert NEW["label"] in browser.get(where).content.decode()
    sam.passport.refresh_from_db()
    factories.write(sam, NEW["key"], "Ik slaap uit.")
    assert "Ik slaap uit." in browser.get(where).content.decode()


def test_no_share_is_reworded_or_widened(sam, given, imke, newer):
    before = what_is_said(access.read(share_id=given.pk, by=imke, action=ledger.Action.READ))
    load(newer)
    sam.passport.refresh_from_db()
    factories.write(sam, NEW["key"], "Ik slaap uit.")
    after = what_is_said(access.read(share_id=given.pk, by=imke, action=ledger.Action.READ))
    assert after == before and before


def test_loading_it_again_moves_nobody(sam, newer):
    load(newer)
    assert "; 0 passports follow" in load(newer)


def test_an_older_version_is_not_gone_back_to(sam, newer):
    load(newer)
    assert "; 0 passports follow" in load(newest_file())
    sam.passport.refresh_from_db()
    assert sam.passport.questionnaire.version == "2099.1"


def test_without_a_name_it_is_the_newest_of_the_project(sam):
    assert newest_file().suffix == ".yaml"
    assert str(yaml.safe_load(newest_file().read_text(encoding="utf-8"))["version"]) in load()


def test_a_dropped_question_is_refused_and_nobody_moves(sam, newer):
    content = yaml.safe_load(newer.read_text(encoding="utf-8"))
    content["sections"][0]["questions"].pop(0)
    newer.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(CommandError, match="is dropped; keys are stable"):
        load(newer)
    sam.passport.refresh_from_db()
    assert sam.passport.questionnaire.version != "2099.1"
