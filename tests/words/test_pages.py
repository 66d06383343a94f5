"""Every page that somebody may open reads as its reader can take; and so does what it says when something happened."""

from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, transaction
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Student, User
from intake.models import Case, Handover
from tests.factories import write
from tests.intake import agreed
from tests.test_access_matrix import ACCOUNTS, ANYBODY, OWNER, PARENT, READER, client_of
from tests.words import check, crawl

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
STATUS_PAGES = ["400", "403", "403_csrf", "404", "429", "500", "503"]
YOUNG = "student.young"


@pytest.fixture(scope="module")
def known(world):
    """Names, glossary and own words of the demo."""
    return crawl.known()


def faults_in(pages: list[tuple[str, str]], known: check.Known, username: str = "") -> dict[str, list[str]]:
    """The faults of each page that has one."""
    is_parent = username.startswith("guardian")
    found = {name: check.page_faults(html, known, is_parent) for name, html in pages}
    return {name: faults for name, faults in found.items() if faults}


@pytest.mark.parametrize("username", ACCOUNTS)
def test_every_page_reads_well(world, known, username):
    pages = list(crawl.pages(username, world))
    assert len(pages) > 10 and faults_in(pages, known, username) == {}
    assert check.same_titles(pages) == []


@pytest.mark.parametrize("name", STATUS_PAGES)
def test_every_page_of_trouble_reads_well(known, name):
    request = RequestFactory().get("/")
    assert faults_in([(name, render_to_string(f"{name}.html", {}, request))], known) == {}


def test_a_refusal_reads_well(known):
    page = render_to_string("refusal.html", {"sentence": "Je paspoort staat stil. Zet het eerst weer aan."})
    assert faults_in([("refusal", page)], known) == {}


# --- What happened --------------------------------------------------------------------------------------------


@pytest.fixture
def undone(world) -> Iterator[None]:
    """What a test does to the demo is rolled back."""
    with transaction.atomic(), transaction.atomic(using="keys"):
        yield
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")


def get(client: Client, *addresses: str) -> list[tuple[str, str]]:
    """The pages at these addresses, in this order."""
    return [(f"{address} read", client.get(address).content.decode()) for address in addresses]


def frozen(world: Any) -> list[tuple[str, str]]:
    client = client_of(OWNER)
    client.post(reverse("own_data_freeze"), {"answer": "off"})
    return get(client, reverse("own_data"), reverse("share_list"), reverse("today"))


def waits_to_be_erased(world: Any) -> list[tuple[str, str]]:
    client = client_of(OWNER)
    client.post(reverse("own_data_erase"), {"sure": "on", "password": "paspoort-demo"})
    return get(client, reverse("own_data"), reverse("own_data_erase"))


def stopped(world: Any) -> list[tuple[str, str]]:
    client, share = client_of(OWNER), world.kwargs["share_id"]
    client.post(reverse("share_stop", args=[share]))
    return get(client, reverse("share_list"), reverse("share", args=[share]), reverse("share_receipt", args=[share]))


def newer(world: Any) -> list[tuple[str, str]]:
    client, share = client_of(OWNER), world.kwargs["share_id"]
    write(Student.objects.get(user__username=OWNER), "me.words", ["rustig", "eerlijk"])
    pages = [reverse("share_release", args=[share]), reverse("share", args=[share]), reverse("share_list")]
    return get(client, *pages, reverse("question_history", args=["me.words"]))


def conflict(world: Any) -> list[tuple[str, str]]:
    address = reverse("question", args=["want.dream"])
    answer = client_of(OWNER).post(address, {"value": "Iets anders", "revision": "0", "before": "0"})
    assert "twee antwoorden" in answer.content.decode()
    return [("question_conflict", answer.content.decode())]


def logged_out(world: Any) -> list[tuple[str, str]]:
    answer = Client().post(reverse("question", args=["me.proud"]), {"value": "Ik kom elke dag op tijd."})
    assert "nog niet bewaard" in answer.content.decode()
    return [("logged_out", answer.content.decode())]


def not_saved(world: Any) -> list[tuple[str, str]]:
    client = client_of(OWNER)
    client.raise_request_exception = False
    with patch("passport.services.save_answer", side_effect=OperationalError):
        answer = client.post(reverse("question", args=["want.dream"]), {"value": "Ik kom elke dag op tijd."})
    assert answer.status_code == 503 and "Nog niet bewaard" in answer.content.decode()
    return [("not_saved", answer.content.decode())]


def a_parent_said_no(world: Any) -> list[tuple[str, str]]:
    share = world.kwargs["waiting_id"]
    seen = client_of(PARENT).get(reverse("approval", args=[share])).context["seen"]
    client_of(PARENT).post(reverse("approval", args=[share]), {"answer": "no", "seen": seen, "note": "Nog niet."})
    return get(client_of(YOUNG), reverse("share_list"), reverse("share", args=[share]), reverse("today"))


def a_parent_said_yes(world: Any) -> list[tuple[str, str]]:
    share = world.kwargs["waiting_id"]
    seen = client_of(PARENT).get(reverse("approval", args=[share])).context["seen"]
    client_of(PARENT).post(reverse("approval", args=[share]), {"answer": "yes", "seen": seen})
    return get(client_of(YOUNG), reverse("share_list"), reverse("share", args=[share]))


def cannot_log_in(world: Any) -> list[tuple[str, str]]:
    answer = Client().post(reverse("account_login"), {"login": "student.full", "password": "fout"})
    return [("login", answer.content.decode())]


def codes_of_a_paper(world: Any) -> list[tuple[str, str]]:
    return get(Client(), reverse("check"), reverse("check", args=["0000"]))


def nothing_found(world: Any) -> list[tuple[str, str]]:
    answer = client_of(READER).post(reverse("inbox"), {"q": "zzz"})
    return [("inbox", answer.content.decode()), *get(client_of(OWNER), f"{reverse('share_who')}?q=zzz")]


def handovers(world: Any) -> list[tuple[str, str]]:
    pages = []
    for status in Handover.Status.values:
        Handover.objects.filter(pk=world.kwargs["handover_id"]).update(status=status)
        pages += get(client_of(READER), reverse("handover", args=[world.kwargs["handover_id"]]))
    return pages


def an_agreement(world: Any) -> list[tuple[str, str]]:
    """Offered to somebody of 15, who signs; a parent who is asked too and says no."""
    a_parent_said_yes(world)
    case = Case.objects.get(share=world.kwargs["waiting_id"])
    agreed.offered(case, User.objects.get(username="intaker.tech"))
    own, home = reverse("own_agreement", args=[case.pk]), reverse("home_agreement", args=[case.pk])
    pages = get(client_of(YOUNG), reverse("today"), own) + get(client_of(PARENT), reverse("home_approvals"), home)
    agreed.sign(case, User.objects.get(username=YOUNG))
    pages += get(client_of(YOUNG), own)
    client_of(PARENT).post(home, {"answer": "no"})
    return pages + get(client_of(YOUNG), own) + get(client_of(PARENT), home)


STATES = [frozen, waits_to_be_erased, stopped, newer, conflict, logged_out, not_saved, a_parent_said_no,
          a_parent_said_yes, cannot_log_in, codes_of_a_paper, nothing_found, handovers, an_agreement]  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_what_happened_is_said_well(world, known, undone, state: Callable[[Any], list[tuple[str, str]]]):
    pages = state(world)
    assert pages and faults_in(pages, known) == {}


def test_every_account_is_somebodys_reader():
    assert {ANYBODY, OWNER, PARENT, READER, YOUNG} <= set(ACCOUNTS)
