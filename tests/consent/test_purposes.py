"""What every purpose means in law: dated, complete, in words that say what the rules do, and told to the student."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.template.loader import render_to_string
from django.utils import timezone

from consent import notices, proofs
from consent.links import LinkTo
from consent.models import Purpose, PurposeSetting, RecipientKind, Share
from consent.purposes import LINK_PURPOSES, OUTSIDE_SCHOOL, RULES, allows_unit
from consent.services import Wish
from intake.models import Case
from intake.services import sharing
from tests import factories
from tests.factories import key_of, share

ROOT = Path(__file__).parent.parent.parent
SETTINGS = yaml.safe_load((ROOT / "consent" / "purposes.yaml").read_text(encoding="utf-8"))["settings"]
TODAY = timezone.localdate
# The word in which a setting says how long, for who may read until when (consent/purposes.py:RULES).
HOW_LONG = {
    ("lob", "school_team"): "einde van het schooljaar",
    ("home", "guardian"): "einde van het schooljaar",
    ("coaching", "coach"): "half jaar na de start",
    ("orientation", "buddy"): "een week na",
    ("intake", "programme"): "1 oktober",
    ("guidance", "college_team"): "einde van het schooljaar",
    ("internship", "link"): "einde van je stage",
    ("work", "link"): "einde van je plek",
    ("intake", "link"): "link 30 dagen",
}
EVERY = pytest.mark.parametrize("setting", SETTINGS, ids=lambda row: f"{row['purpose']} {row['valid_from']}")
EVERY_PAIR = pytest.mark.parametrize(("purpose", "kind"), sorted((str(one), str(other)) for one, other in RULES))


@EVERY
def test_every_setting_says_everything_and_a_notice_says_what_a_student_must_know(setting):
    assert [name for name in notices.FIELDS if not str(setting.get(name, "")).strip()] == []
    text = setting["notice_text"]
    for words in ("Je deelt dit met", "eerder stoppen", "Dat werkt meteen", "krijgen we niet terug"):
        assert words in text
    assert setting["notice_version"].startswith(setting["purpose"])


@EVERY
def test_the_words_of_a_setting_agree_with_the_rules(setting):
    """A setting is what the privacy officer signs, the rule is what the code does: they may not part."""
    kinds = {str(kind) for purpose, kind in RULES if purpose == setting["purpose"]}
    assert kinds and all(HOW_LONG[setting["purpose"], kind] in setting["longest"] for kind in kinds)
    outside = {str(kind) for kind in OUTSIDE_SCHOOL} & kinds
    assert bool(outside) == ("UAVG artikel 5" in setting["age_rule"])
    no_needs = not allows_unit(setting["purpose"], "need.support.quiet", sensitive=False)
    assert no_needs == setting["special_ground"].startswith("geen")


def test_every_pair_of_the_rules_has_its_words_and_every_purpose_its_setting():
    assert {(str(purpose), str(kind)) for purpose, kind in RULES} == set(HOW_LONG)
    assert {row["purpose"] for row in SETTINGS} == set(Purpose.values)


def test_versions_are_never_used_twice():
    versions = [row["notice_version"] for row in SETTINGS]
    assert len(versions) == len(set(versions))


def test_the_notice_of_an_intake_tells_of_the_link():
    [intake] = [row for row in SETTINGS if row["purpose"] == "intake"]
    assert "stopt het na 30 dagen" in intake["notice_text"]


def given(sam, purpose: str, kind: str) -> Share:
    """Sam shares for this purpose with this kind of recipient."""
    if kind == RecipientKind.LINK:
        starts_on = None if purpose == "intake" else TODAY()
        to = LinkTo("bas@example.nl", "Bakker Bas", starts_on)
        wish = Wish(kind, None, purpose, ("can.strengths",), TODAY() + timedelta(days=20), link=to)
        return sharing.give(student=sam, key=key_of(sam), wish=wish, by=sam.user)
    return share(sam, kind, recipient(sam, kind), "me.free_time")


def recipient(sam, kind: str) -> Any:
    """Somebody of this kind whom Sam can share with."""
    if kind == "guardian":
        return factories.make_parent(sam).user_id
    if kind == "school_team":
        return sam.user.memberships.get().school_class.institution_id
    if kind == "programme":
        return factories.make_programme().pk
    if kind == "college_team":
        before = share(sam, "programme", factories.make_programme().pk, "me.free_time")
        Case.objects.filter(share=before).update(status=Case.Status.PLACED)
        return before.programme_id
    person = factories.make_staff("coach", school_class=factories.make_class("C"))
    factories.make_tie(sam, person, kind)
    return person.pk


@EVERY_PAIR
def test_the_receipt_and_the_page_hold_what_the_purpose_means(sam, mentor, browser_of, purpose, kind):
    one = given(sam, purpose, kind)
    setting = notices.setting_on(purpose, TODAY())
    record = proofs.newest_proof_or_404(one, key_of(sam)).record
    said = record["processing"]
    assert (said["lawful_basis"], said["art9_basis"]) == (setting.legal_basis, setting.special_ground)
    assert (said["age_rule"], said["retention"]) == (setting.age_rule, setting.longest)
    assert record["parties"][0]["name"] == setting.controller
    assert record["notice"]["version"] == setting.notice_version
    page = browser_of(sam).get(f"/delen/{one.pk}/bewijs/").content.decode()
    for text in (setting.controller, setting.legal_basis, setting.special_ground, setting.age_rule, setting.longest):
        assert text[1:] in page  # the first letter is a capital there


@EVERY
def test_the_notice_before_the_yes_holds_all_of_it(setting):
    page = render_to_string("consent/_notice.html", {"setting": PurposeSetting(**setting)})
    for name in set(notices.FIELDS) - {"notice_text", "notice_language"}:
        assert setting[name][1:] in page
    assert all(line in page for line in re.split(r"\n+", setting["notice_text"].strip()))


def test_the_purposes_of_a_link_have_one_too():
    assert {notices.setting_on(purpose, TODAY()).purpose for purpose in LINK_PURPOSES} == set(LINK_PURPOSES)
