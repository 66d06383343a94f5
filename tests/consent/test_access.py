"""The one decision, over the whole product of its facts, and through the database."""

import itertools
from collections import Counter
from dataclasses import fields, replace

import pytest

from consent import access
from consent.access import RULES, Code, Consent, Facts, Life, Reason, Standing, decide
from consent.models import ShareState
from consent.texts import TextFact

DOMAIN = {
    "state": list(ShareState),
    "over": [False, True],
    "door": [False, True],
    "standing": list(Standing),
    "fits": [False, True],
    "life": list(Life),
    "consent": list(Consent),
    "code": list(Code),
    "unit_allowed": [False, True],
    "text": list(TextFact),
}
YES = Facts(
    state=ShareState.ACTIVE,
    over=False,
    door=True,
    standing=Standing.CURRENT,
    fits=True,
    life=Life.ACTIVE,
    consent=Consent.NOT_NEEDED,
    code=Code.NOT_NEEDED,
    unit_allowed=True,
    text=TextFact.RELEASED,
)


def everything() -> list[Facts]:
    names = [field.name for field in fields(Facts)]
    return [Facts(**dict(zip(names, row, strict=True))) for row in itertools.product(*(DOMAIN[n] for n in names))]


def in_the_words_of_the_contract(f: Facts) -> bool:
    """Rule 1 and 2, written down a second time, independent of RULES."""
    given = f.state == "active" and not f.over and f.door
    approved = f.consent in ("not_needed", "given")
    in_role = f.standing == "current" and f.fits and f.code in ("not_needed", "shown")
    there = f.life == "active"
    speaks = f.unit_allowed and f.text in ("door", "live", "released")
    return given and approved and in_role and there and speaks


def test_the_domain_names_every_fact():
    assert set(DOMAIN) == {field.name for field in fields(Facts)}


def test_the_whole_product_agrees_with_the_contract():
    facts = everything()
    assert len(facts) == 5 * 2 * 2 * 4 * 2 * 3 * 4 * 3 * 2 * 5
    assert [f for f in facts if (decide(f) is Reason.ALLOWED) != in_the_words_of_the_contract(f)] == []


def test_how_often_each_reason_is_given():
    """The reviewed figures: a changed rule, or a changed order, changes them."""
    assert Counter(str(decide(f)) for f in everything()) == {
        "erased": 19200,
        "frozen": 19200,
        "not_given": 15360,
        "over": 1920,
        "no_door": 960,
        "not_in_role": 720,
        "no_code": 80,
        "other_purpose": 80,
        "no_consent": 40,
        "unit_barred": 20,
        "says_nothing": 8,
        "allowed": 12,
    }


@pytest.mark.parametrize("rule", range(len(RULES)), ids=[reason.value for reason, _ in RULES])
def test_flipping_any_one_rule_is_noticed(monkeypatch, rule):
    reason, holds = RULES[rule]
    flipped = (*RULES[:rule], (reason, lambda f: not holds(f)), *RULES[rule + 1 :])
    monkeypatch.setattr(access, "RULES", flipped)
    assert any((access.decide(f) is Reason.ALLOWED) != in_the_words_of_the_contract(f) for f in everything())


@pytest.mark.parametrize("rule", range(len(RULES)), ids=[reason.value for reason, _ in RULES])
def test_leaving_any_one_rule_out_is_noticed(monkeypatch, rule):
    monkeypatch.setattr(access, "RULES", RULES[:rule] + RULES[rule + 1 :])
    assert any((access.decide(f) is Reason.ALLOWED) != in_the_words_of_the_contract(f) for f in everything())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, Reason.ALLOWED),
        ({"state": ShareState.AWAITING_GUARDIAN}, Reason.NOT_GIVEN),
        ({"state": ShareState.WITHDRAWN}, Reason.NOT_GIVEN),
        ({"state": ShareState.DECLINED}, Reason.NOT_GIVEN),
        ({"over": True}, Reason.OVER),
        ({"door": False}, Reason.NO_DOOR),
        ({"standing": Standing.ENDED}, Reason.NOT_IN_ROLE),
        ({"standing": Standing.FUTURE}, Reason.NOT_IN_ROLE),
        ({"standing": Standing.NONE}, Reason.NOT_IN_ROLE),
        ({"code": Code.MISSING}, Reason.NO_CODE),
        ({"code": Code.SHOWN}, Reason.ALLOWED),
        ({"fits": False}, Reason.OTHER_PURPOSE),
        ({"life": Life.FROZEN}, Reason.FROZEN),
        ({"life": Life.ERASED}, Reason.ERASED),
        ({"consent": Consent.MISSING}, Reason.NO_CONSENT),
        ({"consent": Consent.REFUSED}, Reason.NO_CONSENT),
        ({"consent": Consent.GIVEN}, Reason.ALLOWED),
        ({"unit_allowed": False}, Reason.UNIT_BARRED),
        ({"text": TextFact.SILENT}, Reason.SAYS_NOTHING),
        ({"text": TextFact.WAITING}, Reason.SAYS_NOTHING),
        ({"text": TextFact.LIVE}, Reason.ALLOWED),
        ({"text": TextFact.DOOR}, Reason.ALLOWED),
    ],
)
def test_one_fact_away_from_yes(change, reason):
    assert decide(replace(YES, **change)) is reason


def test_a_worse_fact_never_adds_a_reader():
    """Monotone: an end, a no or a withdrawal on top of anything is never more than it was."""
    worse = [
        {"state": ShareState.WITHDRAWN},
        {"over": True},
        {"door": False},
        {"standing": Standing.ENDED},
        {"life": Life.FROZEN},
        {"life": Life.ERASED},
        {"consent": Consent.REFUSED},
        {"text": TextFact.SILENT},
    ]
    for f in everything()[::7]:
        if decide(f) is not Reason.ALLOWED:
            assert all(decide(replace(f, **change)) is not Reason.ALLOWED for change in worse)
