"""The brief is read in two minutes: at most 250 words on the paper and on the screen, whatever was shared."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st

from accounts.models import Role
from accounts.refusals import Refusal
from consent import access
from intake import handover
from intake.brief import MOST_NEEDS, MOST_WORDS, make_brief
from intake.models import Offer
from intake.services import second_look
from intake.services.fits import put_fit
from passport.questionnaire import QuestionType, of_version
from tests import factories
from tests.factories import key_of, share_with_programme, write

LONG = "woord " * 160
FULL = ("woord " * 60)[:299]


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


class Visible(HTMLParser):
    """The words a reader sees before they open anything: of a fold its heading alone."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._folds, self._heading = 0, False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._folds += tag == "details"
        self._heading = self._heading or tag == "summary"

    def handle_endtag(self, tag: str) -> None:
        self._folds -= tag == "details"
        self._heading = self._heading and tag != "summary"

    def handle_data(self, data: str) -> None:
        if self._folds == 0 or (self._folds == 1 and self._heading):
            self.words += data.split()


def words_on_sheet(client: Client, dossier: access.Dossier) -> list[str]:
    html = client.get(reverse("case_brief", args=[dossier.share.case.pk])).content.decode()
    sheet = re.search(r"<article.*?</article>", html, re.S)
    assert sheet
    seen = Visible()
    seen.feed(sheet.group())
    return seen.words


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
    words = words_on_sheet(client, longest)
    assert 100 < len(words) <= MOST_WORDS
    assert " ".join(words).count("Ja, dit doen wij Ander antwoord") == MOST_NEEDS


@pytest.mark.parametrize("answer", ["yes", "partly", "external", "no"])
def test_with_every_need_answered_too(longest, imke, care, answer, tmp_path):
    """The longest dossier with the longest offers and the longest answers: screen, API and paper."""
    second = factories.make_staff(Role.MENTOR, programme=care)
    for need in make_brief(longest).needs:
        code = need.unit.removeprefix("need.support.")
        put_fit(case_id=longest.share.case.pk, by=imke, need=code, answer=answer, comment=FULL, alternative=FULL)
    for asked in second_look.list_asked(second):
        second_look.open_asked(asked.id, second)
        second_look.agree(asked.id, second)
    brief = make_brief(longest)
    assert brief.words <= MOST_WORDS and [need.fit["answer"] for need in brief.needs] == [answer] * MOST_NEEDS
    client = Client()
    client.force_login(imke)
    assert len(words_on_sheet(client, longest)) <= MOST_WORDS
    said = [text for need in brief.as_json()["needs"] for text in (*need["fit"].values(), need["what_works"])]
    assert sum(len(text.split()) for text in said) <= MOST_WORDS
    with pikepdf.open(io.BytesIO(handover.render_pdf(_first_page(longest)))) as paper:
        assert len(paper.pages) == 1


# Words as people write them and as a machine would: short, long, one that never ends, with a break or a dash in it.
WORD = st.one_of(
    st.sampled_from(["ik", "een", "rustige", "samenwerkingsverband", "x", "a-b", "(soms)", "W" * 79, "woord\nwoord"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1, max_size=40),
)
TEXT = st.lists(WORD, min_size=1, max_size=12).map(" ".join)


def _as_long_as_may_be(text: str, longest: int) -> str:
    return (f"{text} " * (longest // (len(text) + 1) + 1))[:longest].strip() or "x"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@example(text="a", warm=True, named=True)
@example(text="W" * 300, warm=True, named=True)
@example(text="i " * 100, warm=True, named=False)
@given(text=TEXT, warm=st.booleans(), named=st.booleans())
def test_any_dossier_with_every_unit_as_long_as_it_may_be_is_one_page_of_250_words(
    text, warm, named, care, class_a, mentor
):
    """Whatever somebody types, in every unit there is: the words are counted, and the first page is one A4."""
    student = factories.make_pupil(school_class=class_a)
    try:
        units = [unit for unit in fill(student, _as_long_as_may_be(text, 990)) if unit in _said(student)]
    except Refusal:  # not a text that can be saved: nine digits in a row, or nothing that can be seen
        reject()
    units += ["identity.official_name", "identity.birth_date", "identity.school"] if named else []
    one = share_with_programme(student, care, *units, warm_transfer=warm)
    items = one.items.select_related("answer__newest", "revision")
    dossier = access.preview(share=one, items=items, key=key_of(student))
    assert len(dossier.said) > 25
    brief = make_brief(dossier)
    assert brief.words <= MOST_WORDS
    with pikepdf.open(io.BytesIO(handover.render_pdf(_first_page(dossier)))) as paper:
        assert len(paper.pages) == 1


def _first_page(dossier: access.Dossier) -> str:
    html = handover.render_html(dossier, "00000000-11111111-22222222-33333333")
    return html.split('<section class="whole">')[0] + "</main></body></html>"


def test_the_mentor_stands_on_a_warm_brief_before_anybody_else(longest, mentor):
    assert [one["name"] for one in make_brief(longest).mentors] == [mentor.staff_name]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.text("abc", min_size=1, max_size=20), min_size=1, max_size=60).map(" ".join))
def test_no_text_makes_a_unit_longer_than_20_words(words, noor):
    from intake.brief import _cut

    text, was_cut = _cut(words, 20)
    assert len(text.split()) <= 20 and was_cut == (len(words.split()) > 20)


@pytest.mark.parametrize(("word", "most"), [("x" * 900, 400), ("X" * 900, 400), ("字" * 900, 400), ("-" * 900, 400)])
def test_a_word_that_never_ends_is_cut_too(word, most):
    from intake.brief import _cut

    text, was_cut = _cut(word, 20)
    assert was_cut and 100 < len(text) <= most and text.endswith("lees verder")
    assert _cut(f"kort {word}", 20) == ("kort… lees verder", True)
