"""The catalogue of a language for parents holds what a parent meets: every page of the parents of the demo is in it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test.signals import template_rendered
from django.utils import translation

from tests.languages import collect, parents
from tests.words import crawl

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
# Pages a parent can open and that are not for parents: cards and papers of students, doors of staff, the demo.
NOT_FOR_PARENTS = (
    "badge", "check", "demo", "link", "tips", "account_reset_password", "passport_invitation", "student_mail_code",
    "mfa_", "talk_", "account_reauthenticate", "api_docs",
)  # fmt: skip


class Heard:
    """What the pages asked for: texts to translate, and templates of ours."""

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self.templates: set[str] = set()


@contextmanager
def listening(monkeypatch) -> Iterator[Heard]:
    heard = Heard()
    say, count = translation._trans.gettext, translation._trans.ngettext

    def gettext(text):
        heard.texts.add(str(text))
        return say(text)

    def ngettext(one, many, number):
        heard.texts.add(str(one))
        return count(one, many, number)

    def rendered(sender, template, **_):
        heard.templates |= {str(template.name)} if template.name else set()

    monkeypatch.setattr(translation._trans, "gettext", gettext)
    monkeypatch.setattr(translation._trans, "ngettext", ngettext)
    template_rendered.connect(rendered)
    try:
        yield heard
    finally:
        template_rendered.disconnect(rendered)


def pages_for(username, world, monkeypatch) -> Iterator[str]:
    urls = [one for one in crawl.named_urls() if not (one[0] or "").startswith(NOT_FOR_PARENTS)]
    monkeypatch.setattr(crawl, "named_urls", lambda: iter(urls))
    with transaction.atomic():
        yield from (name for name, _ in crawl.pages(username, world))
        transaction.set_rollback(True)


@pytest.mark.parametrize("username", ["guardian.full", "guardian.young"])
def test_what_a_parent_meets_is_in_the_set(world, monkeypatch, username):
    ours = {one for one, _ in collect.messages()}
    known = {one for one, _ in parents.messages()} | {one for name in parents.NOT_THEIRS for one in texts_of(name)}
    with listening(monkeypatch) as heard:
        met = list(pages_for(username, world, monkeypatch))
    assert len(met) > 15
    assert (heard.texts & ours) - known == set()
    # A name that stands in a template is a SafeString, and no path takes one it did not see as a plain text before.
    names = {"".join([*name]) for name in heard.templates}
    there = {name for name in names if (collect.ROOT / "templates" / name).exists()}
    assert there - parents.templates() - parents.NOT_THEIRS == set()


def texts_of(name: str) -> set[str]:
    return {one for one, _ in collect._in_nodes(parents._engine().get_template(name))}


def test_the_set_holds_what_a_parent_needs_and_not_what_is_for_a_student():
    texts = {one for one, _ in parents.messages()}
    assert {"Wilt u meelezen?", "Mag dit gedeeld worden?", "Ja, dat mag", "Uw code is %(code)s"} <= texts
    assert {"Hoe werkt het vandaag?", "Jouw paspoort is leeg."} & texts == set()
    assert texts < {one for one, _ in collect.messages()} and 400 < len(texts) < 900
