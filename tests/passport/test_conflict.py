"""Two phones, two texts: whichever the student picks, and also without picking, not a character is lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Student, User
from consent import access
from consent.ledger import Action
from consent.models import Share
from consent.services import drop_in_between_revisions
from passport import services
from passport.models import AnswerRevision
from passport.services import Conflict
from tests import factories
from tests.factories import key_of

KEY = "me.proud"
FIRST, SECOND = "Op mijn telefoon geschreven.", "Op de computer geschreven."


@pytest.fixture
def client(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


@pytest.fixture
def conflict(sam: Student, client: Client) -> str:
    """The page with two texts: the other phone saved first."""
    factories.write(sam, KEY, FIRST)
    return save(client, SECOND, revision=0)


def save(client: Client, text: str, revision: int) -> str:
    answer = client.post(reverse("question", args=[KEY]), {"value": text, "revision": revision, "before": revision})
    assert answer.status_code == 409
    return str(answer.content.decode())


def pick(client: Client, page: str, heading: str) -> None:
    section = page.split(f">{heading}</h2>")[1].split("</section>")[0]
    fields = dict(re.findall(r'name="(revision|before|answer)" value="([^"]*)"', section.replace("&quot;", "'")))
    fields["answer"] = fields["answer"].replace("'", '"')
    assert client.post(reverse("question", args=[KEY]), fields).status_code == 302


def kept(sam: Student) -> list[Any]:
    return [text.value for text in services.history(sam.passport, key_of(sam), KEY)]


def newest(sam: Student) -> Any:
    return services.open_answer(sam.passport, key_of(sam), KEY).value


def shown(client: Client) -> list[str]:
    """The texts on «Zo dacht je er eerder over», newest first."""
    page = client.get(reverse("question_history", args=[KEY])).content.decode()
    return re.findall(r'<blockquote class="own"[^>]*>(.*?)</blockquote>', page)


def test_without_picking_both_are_kept_and_the_first_stands(sam, client, conflict):
    assert newest(sam) == FIRST
    assert SECOND in kept(sam)
    assert shown(client) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("heading", "stands", "other"), [("Op deze telefoon", SECOND, FIRST), ("Eerder bewaard", FIRST, SECOND)]
)
def test_the_text_that_was_not_picked_is_in_the_history_also_after_the_night(
    sam, client, conflict, heading, stands, other
):
    pick(client, conflict, heading)
    assert newest(sam) == stands
    assert shown(client) == [stands, other]
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        drop_in_between_revisions()
        assert {stands, other} <= set(kept(sam))


def test_it_can_be_put_back(sam, client, conflict):
    pick(client, conflict, "Eerder bewaard")
    rows = services.history(sam.passport, key_of(sam), KEY)
    number = next(text.revision for text in rows if text.value == SECOND)
    client.post(reverse("question_history", args=[KEY]), {"number": number, "revision": rows[0].revision})
    assert newest(sam) == SECOND


def test_the_same_page_again_keeps_no_more(sam, client, conflict):
    before = AnswerRevision.objects.count()
    save(client, SECOND, revision=0)
    assert AnswerRevision.objects.count() == before


def test_the_phone_that_was_first_goes_on_writing(sam, client, conflict):
    """It saw the newest text; that another one was laid under it is no conflict."""
    answer = client.post(reverse("question", args=[KEY]), {"value": FIRST + " Meer.", "revision": 1, "before": 1})
    assert answer.status_code == 302
    assert newest(sam) == FIRST + " Meer."


def test_once_the_other_text_was_picked_the_first_phone_hears_so(sam, client, conflict):
    pick(client, conflict, "Op deze telefoon")
    save(client, FIRST + " Meer.", revision=1)
    assert {FIRST, SECOND, FIRST + " Meer."} <= set(kept(sam))


def test_a_third_phone_loses_nothing_either(sam, client, conflict):
    save(client, "Op school geschreven.", revision=0)
    assert {FIRST, SECOND, "Op school geschreven."} <= set(kept(sam))
    assert newest(sam) == FIRST


def test_what_is_shared_speaks_on_without_a_break(sam: Student, given: Share, imke: User, client: Client) -> None:
    """The laid-aside text names no need; to the reader nothing happened, and nobody reads the text below."""

    def read() -> dict[str, Any]:
        said = access.read(share_id=given.pk, by=imke, action=Action.READ).said
        return {one.unit.key: one.value for one in said}

    before = read()
    current = services.open_answer(sam.passport, key_of(sam), "need.support")
    other = [{"need": "maths", "how_often": "soms", "what_works": "", "why": ""}]
    fields = {"passport": sam.passport, "key": key_of(sam), "question_key": "need.support", "by": sam.user}
    services.lay_aside(**fields, status="answered", value=other, current=current)
    assert read() == before
    assert services.history(sam.passport, key_of(sam), "need.support")[1].value == other


def test_a_text_that_came_meanwhile_is_a_conflict_again(sam):
    factories.write(sam, KEY, FIRST)
    old = services.open_answer(sam.passport, key_of(sam), KEY)
    factories.write(sam, KEY, "Nog een keer anders.")
    fields = {"passport": sam.passport, "key": key_of(sam), "question_key": KEY, "by": sam.user}
    with pytest.raises(Conflict):
        services.lay_aside(**fields, status="answered", value=SECOND, current=old)
