"""«Voorstel» beside a row: it ticks nothing, never holds a reason or what is sensitive, and all can be seen again."""

import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from consent.drafts import make_draft, read_draft
from consent.links import LinkTo
from consent.models import Purpose, RecipientKind
from consent.purposes import WORKPLACES, allows_unit
from consent.suggestions import SETS, suggested
from passport.services import questions_of
from tests import factories
from tests.factories import key_of

CHIP = "</svg>Voorstel</span>"


@pytest.fixture
def client(sam, browser_of) -> Client:
    factories.write(sam, "transition.my_questions", ["Hoe groot is de klas?"])
    factories.write(sam, "need.talk_with_me", ["korte zinnen"])
    return browser_of(sam)


@pytest.fixture
def draft(sam, care) -> UUID:
    return make_draft(student=sam, key=key_of(sam), kind="programme", recipient_id=care.pk).id


def html(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def what(client: Client, draft: UUID, query: str = "") -> str:
    return html(client.get(reverse("share_what", args=[draft]) + query))


def rows(page: str) -> set[str]:
    return set(re.findall(r'name="units" value="([^"]+)"', page))


def chips(page: str) -> set[str]:
    """The units of the rows with a chip."""
    found = re.findall(r'name="units" value="([^"]+)"(.*?)</label>', page, re.DOTALL)
    return {unit for unit, row in found if CHIP in row}


@pytest.mark.parametrize("purpose", Purpose.values)
def test_no_set_ever_holds_a_reason_or_what_is_sensitive_or_barred(sam, purpose):
    units = questions_of(sam.passport).units
    for key in suggested(purpose, units.values()):
        assert units[key].part != "why" and not units[key].sensitive
        assert ".why." not in key
        assert allows_unit(purpose, key, sensitive=False)


def test_the_guard_sees_a_reason_and_what_is_sensitive(sam):
    """Even a set that would hold everything gives neither."""
    units = questions_of(sam.passport).units.values()
    assert {unit.key for unit in units if unit.part == "why" or unit.sensitive}
    assert "need.support.quiet" in suggested(Purpose.INTAKE, units)
    assert not [one for one in suggested(Purpose.INTAKE, units) if one in {"need.support.care", "need.why.quiet"}]


def test_only_an_intake_and_a_workplace_have_a_set(sam):
    units = questions_of(sam.passport).units.values()
    assert {purpose for purpose in Purpose.values if suggested(purpose, units)} == {Purpose.INTAKE, *WORKPLACES}
    assert set(SETS) == {Purpose.INTAKE, *WORKPLACES}


def test_a_programme_gets_the_needs_what_helps_and_the_own_questions(client, sam, draft):
    shown = what(client, draft)
    assert chips(shown) == {"need.support.quiet", "need.talk_with_me", "transition.my_questions"}
    assert {"me.free_time", "can.strengths"} <= rows(shown)


@pytest.mark.parametrize("kind", [RecipientKind.PROGRAMME, RecipientKind.LINK, RecipientKind.SCHOOL_TEAM])
def test_nothing_is_ticked_by_a_suggestion(client, sam, care, class_a, kind):
    to = {
        RecipientKind.PROGRAMME: {"recipient_id": care.pk},
        RecipientKind.SCHOOL_TEAM: {"recipient_id": class_a.institution_id},
        RecipientKind.LINK: {
            "recipient_id": None,
            "purpose": "internship",
            "link": LinkTo("baas@example.nl", "Bakker Bas", date(2027, 1, 4)),
        },
    }[kind]
    draft = make_draft(student=sam, key=key_of(sam), kind=kind, **to).id
    for query in ("", "?voorstel=1"):
        shown = what(client, draft, query)
        assert " checked" not in shown
        assert bool(chips(shown)) is (kind != RecipientKind.SCHOOL_TEAM)
    assert read_draft(sam, key_of(sam), draft).units == ()


def test_only_the_suggestion_is_shown_when_asked_and_everything_again(client, draft):
    shown = what(client, draft, "?voorstel=1")
    assert chips(shown) == {"need.support.quiet", "need.talk_with_me", "transition.my_questions"}
    assert {one for one in rows(shown) if not one.startswith("identity.")} == chips(shown)
    assert "Laat alles zien" in shown and "Laat alleen het voorstel zien" in what(client, draft)


@pytest.mark.parametrize(("show", "query"), [("suggested", "?voorstel=1"), ("all", "")])
def test_switching_keeps_what_was_ticked(client, sam, draft, show, query):
    url = reverse("share_what", args=[draft])
    answer = client.post(url, {"units": ["me.free_time", "need.talk_with_me"], "show": show})
    assert answer.url == url + query
    assert set(read_draft(sam, key_of(sam), draft).units) == {"me.free_time", "need.talk_with_me"}
    shown = what(client, draft, query)
    # What is on stays in sight, suggested or not: nobody shares what they cannot see.
    assert set(re.findall(r'value="([^"]+)"[^>]* checked', shown)) == {"me.free_time", "need.talk_with_me"}


def test_switching_with_nothing_ticked_is_no_error(client, draft):
    answer = client.post(reverse("share_what", args=[draft]), {"show": "suggested"})
    assert answer.url.endswith("?voorstel=1")


def test_from_the_suggestion_alone_one_goes_on_as_always(client, sam, draft):
    url = reverse("share_what", args=[draft])
    answer = client.post(f"{url}?voorstel=1", {"units": ["need.support.quiet"]})
    assert answer.url == reverse("share_until", args=[draft])
    assert read_draft(sam, key_of(sam), draft).units == ("need.support.quiet",)


def test_the_reason_stays_a_step_of_its_own(client, draft):
    assert 'value="need.why.quiet"' not in what(client, draft, "?voorstel=1")
    assert CHIP not in html(client.get(reverse("share_why", args=[draft])))


def test_an_empty_answer_is_not_suggested(client, sam, draft):
    factories.write(sam, "need.talk_with_me", status="later")
    assert "need.talk_with_me" not in chips(what(client, draft))
    factories.write(sam, "need.support", status="private")
    factories.write(sam, "transition.my_questions", status="empty")
    shown = what(client, draft)
    assert not chips(shown) and "Laat alleen het voorstel zien" not in shown


def test_the_page_to_change_a_share_suggests_nothing(client, given):
    assert CHIP not in html(client.get(reverse("share_change", args=[given.pk])))
