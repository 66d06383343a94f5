"""T1: every address and every id that stands in the pages of one student, replayed by seven others with seven methods.

Only «not found», «not so» and the log-in page come back, or a page that holds nothing of this student.
"""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Role, User
from passport.services import open_sheet
from tests.test_access_matrix import ANYBODY, OWNER, address, client_of
from tests.test_house_rules import named_urls

OTHERS = [ANYBODY, "student.adult", "student.young", "mentor.two", "intaker.tech", "guardian.young", "region.one"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CLOSED = {401, 403, 404, 405}
ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
WHERE = re.compile(rf'(?:href|action|src)="(/[^"#?]*{ID}[^"#?]*)')
UUID = "UUIDConverter"
# A day to look around is put up for every student of a region: another one may put their own name down there too.
FOR_STUDENTS = re.compile(rf"/meelopen/{ID}/")


@pytest.fixture
def pages(world: SimpleNamespace) -> str:
    """Every page and every answer of the API that the student sees, one after the other."""
    client = client_of(OWNER)
    answers = (client.get(address(name, pattern, world.kwargs)) for name, pattern in named_urls() if name != "logout")
    shown = (one for one in answers if one.status_code == 200 and not one.streaming)
    return "\n".join(
        one.content.decode() for one in shown if one["Content-Type"].startswith(("text/html", "application/json"))
    )


def own_words(value: object) -> list[str]:
    """What was typed in an answer: texts, and of people and needs who and what; no chip, which others tick too."""
    if isinstance(value, str):
        return [value]
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return [str(row[name]) for row in rows for name in ("name", "what_works", "why") if row.get(name)]


@pytest.fixture
def words(world: SimpleNamespace) -> list[bytes]:
    """What nobody else may read: this student's names and texts."""
    student = User.objects.get(username=OWNER).student
    key = vault.open_key(student.pk)
    known = identity_of(student, key)
    texts = [one for text in open_sheet(student.passport, key).texts.values() for one in own_words(text.value)]
    return [one.encode() for one in (known.surname, *texts) if len(one) > 5]


@pytest.fixture
def others(world: SimpleNamespace) -> dict[str, Client]:
    """Seven others; mentor.two was mentor of this class until yesterday."""
    was = timezone.localdate() - timedelta(days=1)
    who, start = User.objects.get(username="mentor.two"), was - timedelta(days=60)
    place = {"school_class_id": world.kwargs["class_id"], "starts_on": start, "ends_on": was}
    Membership.objects.create(user=who, role=Role.MENTOR, **place)
    return {name: client_of(name) for name in OTHERS}


def opened(client: Client, method: str, path: str, words: list[bytes]) -> str:
    """What was wrong with an answer to somebody else; empty when it is closed."""
    answer = client.generic(method, path, "{}", content_type="application/json")
    shown = b"" if answer.streaming else answer.content
    if answer.status_code >= 500 or any(word in shown for word in words):
        return f"{method} {path}: {answer.status_code}, shows something"
    to_log_in = answer.status_code == 302 and answer["Location"].startswith(reverse("account_login"))
    if answer.status_code in CLOSED or to_log_in or (method in ("GET", "HEAD") and answer.status_code in (200, 302)):
        return ""
    return f"{method} {path}: {answer.status_code}"


def test_every_address_on_the_pages_of_a_student_is_closed_to_others(pages, words, others):
    paths = sorted(set(WHERE.findall(pages)))
    assert len(paths) > 30 and len(words) > 5
    wrong = [
        f"{who}: {said}"
        for who, client in others.items()
        for path in paths
        if not (who.startswith("student.") and FOR_STUDENTS.fullmatch(path))
        for method in METHODS
        if (said := opened(client, method, path, words))
    ]
    assert not wrong, wrong


def with_ids() -> list[tuple[str, URLPattern]]:
    return [
        one for one in named_urls() if any(type(kind).__name__ == UUID for kind in one[1].pattern.converters.values())
    ]


@pytest.mark.slow
@pytest.mark.parametrize("who", OTHERS)
def test_every_id_on_every_address_is_closed_to_others(world, pages, words, others, who):
    ids, wrong = sorted(set(re.findall(ID, pages))), []
    assert len(ids) > 20
    for name, pattern in with_ids():
        names = [key for key, kind in pattern.pattern.converters.items() if type(kind).__name__ == UUID]
        for one in ids:
            path = address(name, pattern, {**world.kwargs, **dict.fromkeys(names, one)})
            wrong += [said] if (said := opened(others[who], "GET", path, words)) else []
    assert not wrong, wrong
