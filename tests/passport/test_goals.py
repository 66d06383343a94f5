"""One small goal: picked from what one still learns, one at a time, kept as growth, and nobody else's to see."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Student
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from consent.texts import shareable_units
from intake.services import export
from passport import goals
from passport.goals import Aim
from passport.services import open_sheet, questions_of
from tests import factories
from tests.factories import key_of, write
from tests.test_privacy import CANARY, dump_of, hits

LIST, NEW = "/paspoort/doelen/", "/paspoort/doelen/nieuw/"
TODAY = timezone.localdate


def skills(student: Student) -> list[goals.Skill]:
    return goals.skills_of(open_sheet(student.passport, key_of(student)))


def make(student: Student, step: str = "Mijn tas klaarzetten", **more: Any) -> Aim:
    wish = {"skill": skills(student)[0], "on": TODAY() + timedelta(days=7), "by": student.user, **more}
    return goals.save_goal(passport=student.passport, key=key_of(student), step=step, **wish)


def kept(student: Student) -> tuple[Aim | None, list[Aim]]:
    return goals.goals_of(student.passport, key_of(student))


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def learner(sam: Student) -> Student:
    """Sam still learns to ask for help and to start."""
    write(sam, "can.skills", {"on_time": "alone", "start": "not_yet"})
    write(sam, "can.together", {"ask": "not_yet", "cooperate": "help"})
    return sam


@pytest.fixture
def page(learner: Student, browser_of: Any) -> Client:
    return browser_of(learner)


def sent(**more: Any) -> dict[str, Any]:
    known = {"skill": "can.skills.start", "step": "Eerst één som", "on": (TODAY() + timedelta(days=7)).isoformat()}
    return known | more


def test_what_one_still_learns_comes_first_and_nothing_is_chosen(page, learner):
    assert [one.label for one in skills(learner) if one.learning] == ["Beginnen met een taak", "Hulp vragen"]
    html = text_of(page.get(NEW))
    first, rest = html.split("Meer keuzes")
    assert "Hulp vragen" in first and "Op tijd komen" in rest and " checked" not in html


def test_a_goal_is_picked_and_read_back_without_script(page, learner):
    html = text_of(page.post(NEW, sent(), follow=True))
    assert "Je doel is bewaard." in html and "Beginnen met een taak" in html and "Eerst één som" in html
    assert "Alleen jij ziet je doelen." in html
    now, done = kept(learner)
    assert now and (now.skill, now.step, done) == ("can.skills.start", "Eerst één som", [])


def test_one_at_a_time_and_the_same_page_twice_is_one(page, learner):
    for _ in range(2):
        assert page.post(NEW, sent()).status_code == 302
    with pytest.raises(Refusal) as caught:
        make(learner, "Iets anders")
    assert caught.value.code == "one_goal"
    html = text_of(page.post(NEW, sent(step="Iets anders")))
    assert "Je hebt al een doel." in html and "Iets anders" in html
    assert page.get(NEW).status_code == 302


def test_what_is_reached_stays_with_its_day_and_makes_room(page, learner):
    aim = make(learner)
    html = text_of(page.post(f"{LIST}{aim.id}/gelukt/", follow=True))
    assert "Dit leerde je al" in html and aim.step in html and "Kies een doel" in html
    now, [done] = kept(learner)
    assert now is None and done.done_on == TODAY()
    make(learner, "Een nieuw doel")
    assert len(kept(learner)[1]) == 1


def test_a_goal_is_changed_until_it_is_reached(page, learner):
    aim = make(learner)
    page.post(f"{LIST}{aim.id}/", sent(step="Twee sommen"))
    now, _ = kept(learner)
    assert now and (now.id, now.step) == (aim.id, "Twee sommen")
    page.post(f"{LIST}{aim.id}/gelukt/")
    assert page.get(f"{LIST}{aim.id}/").status_code == 404
    assert page.post(f"{LIST}{aim.id}/", sent()).status_code == 404


def test_taking_a_goal_away_asks_once(page, learner):
    aim = make(learner)
    assert "Ja, haal weg" in text_of(page.get(f"{LIST}{aim.id}/weg/")) and kept(learner)[0]
    page.post(f"{LIST}{aim.id}/weg/")
    assert kept(learner) == (None, []) and page.post(f"{LIST}{aim.id}/weg/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"skill": ""}, "Kies wat je wilt oefenen."),
        ({"skill": "can.skills.fly"}, "Kies wat je wilt oefenen."),
        ({"step": ""}, "Schrijf wat je gaat doen."),
        ({"step": "x" * 201}, "Dit is te lang."),
        ({"step": "BSN 111222333"}, "Is het je BSN?"),
        ({"on": ""}, "Kies een dag."),
        ({"on": "morgen"}, "Kies een dag."),
        ({"on": "2020-01-01"}, "Kies een dag in het komende jaar."),
        ({"on": "2999-01-01"}, "Kies een dag in het komende jaar."),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(page, learner, wrong, sentence):
    html = text_of(page.post(NEW, sent(**wrong)))
    assert "<title>Fout:" in html and sentence in html and kept(learner) == (None, [])
    assert sent(**wrong)["step"] in html


def test_a_goal_keeps_its_words_when_the_answer_changes(page, learner):
    make(learner, skill=skills(learner)[1])
    write(learner, "can.together", {"ask": "alone"})
    assert "Hulp vragen" in text_of(page.get(LIST))


def test_nobody_else_ever_sees_a_goal(learner, mentor, noor, class_a, browser_of):
    aim = make(learner, CANARY)
    units = questions_of(learner.passport).units
    assert not [unit for unit in shareable_units(questions_of(learner.passport)) if "goal" in unit] and units
    says = ("can.skills", "can.together", "can.strengths")
    share = factories.share(learner, "school_team", class_a.institution_id, *says)
    assert CANARY not in str(access.read(share_id=share.pk, by=mentor, action=Action.READ).said)
    for who in (mentor, noor):
        for url in (LIST, f"{LIST}{aim.id}/", f"{LIST}{aim.id}/weg/"):
            assert CANARY not in text_of(browser_of(who).get(url))
    with pytest.raises(NotHere):
        make(learner, by=mentor)
    with pytest.raises(NotHere):
        goals.reach_goal(passport=noor.passport, key=key_of(noor), goal_id=aim.id, by=noor.user)


def test_a_goal_is_sealed_and_in_the_students_own_export(learner):
    aim = make(learner, CANARY)
    assert hits(dump_of("default")) == []
    [one] = export.export_of(learner, key_of(learner))["goals"]
    assert (one["label"], one["step"], one["done_on"]) == (aim.label, CANARY, None)


def test_the_section_leads_to_it(page):
    assert f'href="{LIST}"' in text_of(page.get("/paspoort/can/"))
