"""Every page of students, parents and visitors in English: nothing Dutch is left that does not say so."""

import re

import pytest
from django.db import transaction
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import translation

from accounts.models import Tie, User
from tests.languages.leftovers import dutch_in
from tests.test_access_matrix import ANYBODY, client_of
from tests.words import crawl

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
STUDENTS_AND_HOME = ["student.full", "student.young", "student.adult", "student.empty", "student.left", "student.work"]
STUDENTS_AND_HOME += ["student.placed", "guardian.full", "guardian.young"]
TROUBLE = ["400", "403", "403_csrf", "404", "429", "500", "503", "not_saved"]
# What is for whoever builds on the site, for staff, or paper in Dutch.
NOT_FOR_THEM = ("api_docs", "handover", "batch", "talk_booklet", "talk_guide")


@pytest.fixture(scope="module")
def names(world):
    labels = {re.escape(label) for label in Tie.objects.values_list("label", flat=True) if label}
    return re.compile(f"{crawl.names().pattern}|{'|'.join(sorted(labels))}")


def in_english(username: str) -> Client:
    client = client_of(username)
    client.post("/lezen/", {"language": "en"})
    return client


def pages(username, world, monkeypatch):
    monkeypatch.setattr(crawl, "client_of", in_english)
    with transaction.atomic():
        yield from (one for one in crawl.pages(username, world) if not one[0].startswith(NOT_FOR_THEM))
        User.objects.filter(username=username).update(reading={})


@pytest.mark.parametrize("username", [ANYBODY, *STUDENTS_AND_HOME])
def test_nothing_dutch_is_left(world, names, monkeypatch, username):
    found, read = {}, 0
    for name, html in pages(username, world, monkeypatch):
        assert '<html lang="en" dir="ltr"' in html or '<html lang="en">' in html, name
        read += 1
        if left := dutch_in(html, names):
            found[name] = left
    assert read > 10 and found == {}


@pytest.mark.parametrize("name", TROUBLE)
def test_nothing_dutch_is_left_on_a_page_of_trouble(names, name):
    with translation.override("en"):
        html = render_to_string(f"{name}.html", {}, RequestFactory().get("/"))
    assert dutch_in(html, names) == []


def test_the_test_finds_what_is_dutch():
    nobody = re.compile("Sam")
    page = '<html lang="en"><p>{}</p></html>'
    assert dutch_in(page.format("Kies een antwoord."), nobody) == ["Kies een antwoord."]
    assert dutch_in(page.format('<span aria-label="Wat deel je?"></span>'), nobody) == ["Wat deel je?"]
    assert dutch_in(page.format("Choose an answer."), nobody) == []
    assert dutch_in(page.format('<i lang="nl">Kies een antwoord.</i> Yes.'), nobody) == []
    assert dutch_in(page.format('<i translate="no">Kies een antwoord.</i> Yes.'), nobody) == []
