"""The brief is read in two minutes: at most 250 words on the paper and on the screen, whatever was shared."""

import io
import re
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role
from consent import access
from intake import handover
from intake.brief import MOST_NEEDS, MOST_WORDS, make_brief
from intake.models import Offer
from passport.questionnaire import QuestionType, of_version
from tests import factories
from tests.factories import key_of, share_with_programme, write

LONG = "woord " * 160


def fill(student: Any, words: str = LONG) -> list[str]:
    """Every question of the brief answered as long as it may be; returns the units."""
    questions = of_version(student.passport.questionnaire_id)
    needs = [{"need": n.key, "how_often": "altijd", "what_works": words[:900]} for n in questions.needs]
    for question in questions.questions.values():
        if question.brief is None or question.written_by != "student":
            continue
        value: Any = {
            QuestionType.SHORT_TEXT: words[:78],
            QuestionType.LONG_TEXT: words[:990],
            QuestionType.CHIPS: [f"{number} {words[:70]}" for number in range(question.max or 10)],
            QuestionType.SCALE: {s.key: question.levels[0].key for s in question.statements} if question.levels else {},
            QuestionType.NEEDS: needs,
        }[question.type]
        write(student, question.key, value)
    return [unit for unit in questions.units if not unit.startswith("need.why")]


@pytest.fixture
def longest(sam, care, class_a, mentor) -> access.Dossier:
    factories.make_staff(Role.COUNSELLOR, institution=class_a.institution, name="Aa Decaan")
    spoken = [unit for unit in fill(sam) if unit in {*_said(sam)}]
    for need in of_version(sam.passport.questionnaire_id).needs:
        for layer in ("basic", "extra"):
            Offer.objects.create(programme=care, need=need.key, layer=layer, text="Een lange zin die wij " * 8)
    one = share_with_programme(sam, care, "identity.official_name", *spoken, warm_transfer=True)
    items = one.items.select_related("answer__newest", "revision")
    return access.preview(share=one, items=items, key=key_of(sam))


def _said(student: Any) -> dict[str, Any]:
    from passport.services import open_sheet

    return open_sheet(student.passport, key_of(student)).said


def test_the_longest_dossier_makes_a_brief_of_250_words(longest):
    brief = make_brief(longest)
    assert brief.words <= MOST_WORDS and len(brief.needs) == MOST_NEEDS


def test_the_first_page_on_paper_holds_at_most_250_words(longest, tmp_path):
    import subprocess

    _, pdf = handover.render(longest, "00000000-11111111-22222222-33333333")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert len(document.pages) > 1
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-f", "1", "-l", "1", path, "-"], capture_output=True, text=True).stdout
    assert 100 < len(text.split()) <= MOST_WORDS


def test_the_brief_on_the_screen_holds_at_most_250_words(longest, imke):
    client = Client()
    client.force_login(imke)
    html = client.get(reverse("case_brief", args=[longest.share.case.pk])).content.decode()
    article = re.search(r"<article.*?</article>", html, re.S)
    assert article and len(re.sub(r"<[^>]+>", " ", article.group()).split()) <= MOST_WORDS


def test_the_mentor_stands_on_a_warm_brief_before_anybody_else(longest, mentor):
    assert [one["name"] for one in make_brief(longest).mentors] == [mentor.staff_name]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet="abc ", min_size=1, max_size=900).filter(str.strip))
def test_no_text_makes_a_unit_longer_than_20_words(words, noor):
    from intake.brief import _cut

    text, was_cut = _cut(words, 20)
    assert len(text.split()) <= 20 and was_cut == (len(words.split()) > 20)
