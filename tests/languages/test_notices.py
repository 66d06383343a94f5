"""The notice before a yes, in the language it was read in; the record of the yes says which (contract, the receipt)."""

import hashlib
from datetime import date

import pytest
import yaml
from django.utils import translation

from consent import notices, proofs
from consent.models import PurposeSetting
from tests.factories import key_of, share_with_programme
from tests.languages.collect import ROOT

FILE = ROOT / "consent" / "purposes.yaml"


def record_of(one):
    return proofs.newest_proof_or_404(one, key_of(one.student)).record


def load(tmp_path, change):
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    change(content["settings"][0])
    (tmp_path / "purposes.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return notices.load_purposes(tmp_path / "purposes.yaml")


def lob():
    return PurposeSetting.objects.get(purpose="lob")


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "Zij lezen het voor het gesprek"), ("en", "They read it for the talk")]
)
def test_the_record_names_the_notice_that_was_shown(sam, care, language, said):
    with translation.override(language):
        given = share_with_programme(sam, care, "me.free_time")
        shown = notices.notice_of(notices.setting_of(given))
    notice = record_of(given)["notice"]
    assert said in shown.notice_text
    assert notice["language"] == language
    assert notice["sha256"] == hashlib.sha256(shown.notice_text.encode()).hexdigest()


def test_the_rest_of_a_record_is_in_dutch(sam, care):
    with translation.override("en"):
        given = share_with_programme(sam, care, "me.free_time")
    record = record_of(given)
    assert record["processing"]["units"][0]["label"] == "Wat doe je graag in je vrije tijd?"
    assert record["processing"]["purpose_label"] == "Intake bij een opleiding"


def test_a_language_without_a_notice_is_recorded_as_dutch(sam, care):
    with translation.override("ar"):
        given = share_with_programme(sam, care, "me.free_time")
    assert record_of(given)["notice"]["language"] == "nl"


def test_every_purpose_has_its_notice_in_english():
    for setting in PurposeSetting.objects.all():
        english = notices.notice_of(setting, "en")
        assert english.notice_language == "en" and english.notice_text != setting.notice_text


def test_what_the_page_shows_is_what_the_record_says(browser_of, sam, given):
    browser = browser_of(sam)
    browser.post("/lezen/", {"language": "en"})
    page = browser.get(f"/delen/{given.pk}/bewijs/").content.decode()
    assert 'lang="en">' in page and "They read it for the talk with you." in page


# --- Loading ----------------------------------------------------------------------------------------------------


def test_a_language_may_be_added_to_what_is_in_force(tmp_path):
    english = lob().translations["en"]
    assert load(tmp_path, lambda row: row["translations"].update(pl=english)) == 1
    assert set(lob().translations) == {"en", "pl"}
    assert load(tmp_path, lambda row: row["translations"].update(pl=english)) == 0


def test_a_text_somebody_may_have_read_never_changes(tmp_path):
    with pytest.raises(notices.WrongPurposes, match="en is in force and cannot change"):
        load(tmp_path, lambda row: row["translations"]["en"].update(notice_text="Something else."))


def test_before_it_begins_it_may_still_be_corrected(tmp_path):
    PurposeSetting.objects.filter(purpose="lob").update(valid_from=date(2099, 1, 1))
    change = {"notice_text": "Something else."}
    assert (
        load(tmp_path, lambda row: (row["translations"]["en"].update(change), row.update(valid_from=date(2099, 1, 1))))
        == 1
    )
    assert lob().translations["en"]["notice_text"] == "Something else."


@pytest.mark.parametrize("half", [{"en": {"notice_text": "Half."}}, {"en": "text"}, ["en"]])
def test_half_a_notice_is_none(tmp_path, half):
    with pytest.raises(notices.WrongPurposes):
        load(tmp_path, lambda row: row.update(translations=half))
