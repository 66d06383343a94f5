"""What a day at a programme asks: reviewed sentences only, ticks nobody else reads, and questions by a tap alone."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import vault
from accounts.models import Programme, Student
from accounts.refusals import NotHere, Refusal
from intake.models import Expectation, ExpectationTicks
from intake.services import expectations, export, leaving, sentences
from intake.services.expectations import Day, Tick
from passport.services import open_answer
from tests import factories
from tests.factories import key_of, say_of_a_day, write
from tests.test_privacy import dump_of

LIST, DAY, ASK = "/een-dag/", "/een-dag/1/", "/een-dag/1/vragen/"
TEXTS = ("Je staat veel.", "Je schrijft op wat je deed.", "Je werkt met mensen.")


@pytest.fixture
def other() -> Programme:
    """The second programme of Sam's list."""
    return factories.make_programme("kok2", name="Kok")


@pytest.fixture
def chooser(sam: Student, care: Programme, other: Programme) -> Student:
    """Sam with two programmes; the college of the first wrote three sentences, and a vso read them."""
    say_of_a_day(care, *TEXTS)
    write(sam, "want.programmes", [care.code, other.code])
    return sam


@pytest.fixture
def page(chooser: Student, browser_of: Any) -> Client:
    return browser_of(chooser)


def day_of(student: Student, place: int = 1) -> Day:
    return expectations.day_or_404(student, key_of(student), place)


def tick(student: Student, *ticks: str) -> None:
    """Ticks the sentences of the first programme, in their order."""
    day = day_of(student)
    chosen = {one.id: value for one, value in zip(day.statements, ticks, strict=False)}
    expectations.keep_ticks(student=student, key=key_of(student), day=day, ticks=chosen, by=student.user)


def ticked(student: Student) -> list[str]:
    return [one.tick for one in day_of(student).statements]


def own_questions(student: Student) -> Any:
    return open_answer(student.passport, key_of(student), expectations.QUESTIONS)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def form(student: Student, *ticks: str) -> dict[str, str]:
    """What the page of the first programme sends."""
    day = day_of(student)
    named = {one.name: value for one, value in zip(day.statements, ticks, strict=False)}
    return {"programme": day.programme.code, **named}


# --- What is shown -----------------------------------------------------------------------------------------


def test_only_what_a_vso_reviewed_is_shown(page, chooser, care):
    say_of_a_day(care, "Je werkt in de nacht.", reviewed=False)
    html = text_of(page.get(DAY))
    assert all(text in html for text in TEXTS) and "Je werkt in de nacht." not in html
    Expectation.objects.filter(text=TEXTS[0]).update(reviewed_at=None)
    assert TEXTS[0] not in text_of(page.get(DAY))


def test_nothing_is_ticked_at_the_start(page):
    html = text_of(page.get(DAY))
    assert " checked" not in html
    assert all(html.count(words) >= 3 for words in ("Past bij mij", "Lastig", "Weet ik niet"))


def test_a_programme_without_a_reviewed_sentence_has_no_page(page, other):
    assert "Hier is nog niets over geschreven." in text_of(page.get(LIST))
    assert page.get("/een-dag/2/").status_code == 404
    say_of_a_day(other, "Je staat bij het vuur.", reviewed=False)
    assert page.get("/een-dag/2/").status_code == 404
    Expectation.objects.filter(programme=other).update(reviewed_at=timezone.now())
    assert page.get("/een-dag/2/").status_code == 200


def test_without_a_programme_the_page_leads_to_that_question(browser_of, sam):
    html = text_of(browser_of(sam).get(LIST))
    assert "Kies eerst een opleiding" in html and "/paspoort/vraag/want.programmes/" in html


def test_no_programme_stands_in_a_title_or_an_address(page, chooser, care):
    tick(chooser, Tick.HARD)
    for path in (LIST, DAY, ASK):
        html = text_of(page.get(path))
        title = re.search("<title>(.*?)</title>", html)[1]
        links = re.findall(r'(?:href|action)="([^"]*)"', html)
        assert care.name not in title and not [link for link in links if care.code in link]


def test_who_goes_to_work_is_not_sent_there(page, chooser):
    for route, leads in (("mbo", True), ("work", False), ("later", True)):
        page.post("/paspoort/route/", {"route": route})
        for path in ("/paspoort/", "/vandaag/"):
            assert (f'href="{LIST}"' in text_of(page.get(path))) is leads


# --- Ticking -----------------------------------------------------------------------------------------------


def test_ticks_are_kept_and_can_be_changed(page, chooser):
    assert page.post(DAY, form(chooser, "fits", "", "unsure")).headers["Location"] == LIST
    assert ticked(chooser) == ["fits", "", "unsure"]
    assert text_of(page.get(DAY)).count(" checked") == 2
    page.post(DAY, form(chooser, "unsure", "fits", "fits"))
    assert ticked(chooser) == ["unsure", "fits", "fits"]
    assert "Klaar voor nu" in text_of(page.get(LIST))


def test_nothing_has_to_be_ticked_and_ticks_go_away_again(page, chooser):
    assert "Je koos niets. Dat mag." in text_of(page.post(DAY, form(chooser), follow=True))
    assert not ExpectationTicks.objects.exists()
    tick(chooser, Tick.HARD, Tick.FITS)
    page.post(DAY, {**form(chooser, "hard"), "clear": "1"})
    assert not ExpectationTicks.objects.exists()


def test_a_tick_that_does_not_exist_is_refused(page, chooser):
    assert page.post(DAY, form(chooser, "great")).status_code == 400
    with pytest.raises(Refusal):
        tick(chooser, "great")
    assert ticked(chooser) == ["", "", ""]


def test_a_changed_sentence_is_asked_anew(chooser, care):
    tick(chooser, Tick.HARD, Tick.FITS)
    Expectation.objects.filter(text=TEXTS[0]).update(text="Je staat de hele dag.")
    assert ticked(chooser) == ["", "fits", ""]


def test_on_another_telephone_the_list_may_have_changed(page, chooser, care, other):
    sent = form(chooser, "hard")
    say_of_a_day(other, "Je staat bij het vuur.")
    write(chooser, "want.programmes", [other.code, care.code])
    assert page.post(DAY, sent).status_code == 404
    assert not ExpectationTicks.objects.exists()


# --- Questions for the intake ------------------------------------------------------------------------------


def test_what_is_hard_is_proposed_and_comes_in_by_a_tap_alone(page, chooser):
    write(chooser, expectations.QUESTIONS, ["Hoe groot is de klas?"])
    answer = page.post(DAY, form(chooser, "hard", "fits", "unsure"), follow=True)
    html, [hard] = text_of(answer), day_of(chooser).hard
    assert answer.redirect_chain[0][0] == ASK and html.count("Neem deze vraag over") == 1 and hard.question in html
    assert own_questions(chooser).value == ["Hoe groot is de klas?"]
    after = page.post(ASK, {"programme": "care3", "take": str(hard.id), "revision": "1"}, follow=True)
    assert own_questions(chooser).value == ["Hoe groot is de klas?", hard.question]
    html = text_of(after)
    assert "Staat bij je vragen" in html and "Neem deze vraag over" not in html and "Maak ongedaan" in html


@pytest.mark.parametrize("value", ["fits", "unsure", ""])
def test_what_is_not_hard_gives_no_question(page, chooser, value):
    tick(chooser, value, Tick.HARD)
    one = day_of(chooser).statements[0]
    assert page.post(ASK, {"programme": "care3", "take": str(one.id), "revision": "0"}).status_code == 404
    with pytest.raises(NotHere):
        expectations.take_question(student=chooser, key=key_of(chooser), statement=one, revision=0, by=chooser.user)
    assert own_questions(chooser).revision == 0


def test_a_sixth_question_is_refused_and_says_what_to_do(page, chooser):
    five = [f"Vraag {number}?" for number in range(5)]
    write(chooser, expectations.QUESTIONS, five)
    tick(chooser, Tick.HARD)
    [hard] = day_of(chooser).hard
    answer = page.post(ASK, {"programme": "care3", "take": str(hard.id), "revision": "1"})
    assert answer.status_code == 400 and "Haal eerst een vraag weg" in text_of(answer)
    assert "<title>Fout:" in text_of(answer) and own_questions(chooser).value == five


def test_questions_that_changed_meanwhile_are_shown_first(page, chooser):
    tick(chooser, Tick.HARD)
    [hard] = day_of(chooser).hard
    write(chooser, expectations.QUESTIONS, ["Net bedacht?"])
    answer = page.post(ASK, {"programme": "care3", "take": str(hard.id), "revision": "0"}, follow=True)
    assert "Je vragen zijn net veranderd." in text_of(answer) and "Net bedacht?" in text_of(answer)
    assert own_questions(chooser).value == ["Net bedacht?"]


@pytest.mark.parametrize("data", [{}, {"take": "x"}, {"take": "", "revision": "²"}, {"programme": "\u202e"}])
def test_no_odd_field_crashes(page, chooser, data):
    tick(chooser, Tick.HARD)
    for path in (DAY, ASK):
        assert page.post(path, {"programme": "care3", **data}).status_code < 500


# --- Nobody else, and no longer ----------------------------------------------------------------------------


def test_another_student_sees_and_changes_their_own_only(browser_of, chooser, noor, care):
    tick(chooser, Tick.HARD, Tick.FITS)
    client = browser_of(noor)
    assert [client.get(path).status_code for path in (DAY, ASK)] == [404, 404]
    assert client.post(DAY, form(chooser, "fits", "fits", "fits")).status_code == 404
    write(noor, "want.programmes", [care.code])
    assert " checked" not in text_of(client.get(DAY))
    tick(noor, Tick.UNSURE)
    assert ticked(chooser) == ["hard", "fits", ""] and ticked(noor) == ["unsure", "", ""]
    with pytest.raises(NotHere):
        expectations.keep_ticks(student=chooser, key=key_of(chooser), day=day_of(chooser), ticks={}, by=noor.user)


@pytest.mark.parametrize("who", ["mentor", "imke"])
def test_staff_get_what_does_not_exist(request, browser_of, chooser, who):
    client = browser_of(request.getfixturevalue(who))
    assert {client.get(path).status_code for path in (LIST, DAY, ASK)} == {404}
    assert {client.post(path).status_code for path in (DAY, ASK)} == {404}


def test_without_a_log_in_there_is_no_page():
    assert {Client().get(path).status_code for path in (LIST, DAY, ASK)} == {302}


def test_standing_still_the_student_goes_on(page, chooser):
    leaving.freeze(student=chooser, by=chooser.user)
    page.post(DAY, form(chooser, "fits"))
    assert ticked(chooser) == ["fits", "", ""]


def test_erased_no_tick_is_left(settings, tmp_path, chooser, noor, care):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    tick(chooser, Tick.HARD)
    write(noor, "want.programmes", [care.code])
    tick(noor, Tick.FITS)
    leaving.erase_student(chooser.pk, by=chooser.user)
    assert [row.student_id for row in ExpectationTicks.objects.all()] == [noor.pk]
    with pytest.raises(vault.Shredded):
        key_of(chooser)


def test_the_database_tells_neither_which_programme_nor_what(chooser, noor, care):
    tick(chooser, Tick.HARD)
    write(noor, "want.programmes", [care.code])
    tick(noor, *[Tick.FITS] * 3)
    rows = list(ExpectationTicks.objects.all())
    assert len({bytes(row.slot) for row in rows}) == 2 and len({len(row.sealed) for row in rows}) == 1
    columns = b"".join(bytes(row.slot) + bytes(row.sealed) for row in rows)
    assert care.code.encode() not in columns and care.pk.bytes not in columns
    assert b'"hard"' not in dump_of("default")


def test_the_export_holds_every_tick_also_of_a_programme_no_longer_chosen(browser_of, chooser, other):
    tick(chooser, Tick.HARD, Tick.FITS)
    write(chooser, "want.programmes", [other.code])
    [one] = export.export_of(chooser, key_of(chooser))["expectations"]
    assert one["programme"] == "Zorg, niveau 3"
    assert [(row["text"], row["label"]) for row in one["ticks"]] == [
        (TEXTS[0], "Lastig"), (TEXTS[1], "Past bij mij"),
    ]  # fmt: skip
    assert TEXTS[0] in text_of(browser_of(chooser).get("/instellingen/mijn-gegevens/paspoort.html"))


@pytest.mark.parametrize("many", [1, 3])
def test_three_programmes_cost_as_many_queries_as_one(browser_of, sam, django_assert_num_queries, many):
    codes = [f"p{number}" for number in range(many)]
    for code in codes:
        say_of_a_day(factories.make_programme(code), *TEXTS)
    write(sam, "want.programmes", codes)
    tick(sam, Tick.HARD)
    page = browser_of(sam)
    page.get(LIST)
    with django_assert_num_queries(8):  # session, user, passport, two answers, programmes, sentences, ticks
        page.get(LIST)


# --- The college's file ------------------------------------------------------------------------------------


@pytest.fixture
def load(tmp_path):
    """Loads a file with this content."""

    def from_file(content: Any) -> None:
        path = tmp_path / "file.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
        call_command("load_expectations", str(path), verbosity=0)

    return from_file


def row(text: str = "Je staat veel.", **more: Any) -> dict[str, Any]:
    return {"text": text, "question": "Mag ik zitten?", "reviewed": timezone.localdate(), **more}


def test_a_file_makes_the_list_of_its_programmes_and_no_other(load, chooser, care, other, sam):
    tick(chooser, Tick.HARD, Tick.FITS)
    kept = Expectation.objects.get(programme=care, text=TEXTS[1])
    load({other.code: [row()], care.code: [row(TEXTS[1]), row("Nieuw.", reviewed=None)]})
    assert [one.text for one in care.expectations.order_by("order")] == [TEXTS[1], "Nieuw."]
    assert Expectation.objects.get(programme=care, text=TEXTS[1]).pk == kept.pk
    assert ticked(chooser) == ["fits"] and day_of(chooser, 2).statements[0].text == "Je staat veel."
    before = list(Expectation.objects.order_by("pk").values())
    load({care.code: [row(TEXTS[1]), row("Nieuw.", reviewed=None)]})
    assert list(Expectation.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- just a list", "does not have the shape"),
        ("{", "no YAML"),
        ({"nowhere": [row()]}, "nowhere: there is no such programme"),
        ({"care3": "text"}, "care3: must be a list"),
        ({"care3": [row(str(number)) for number in range(13)]}, "care3: must be a list of at most 12"),
        ({"care3": ["text"]}, "care3, 1: has text, question and reviewed"),
        ({"care3": [row(score=3)]}, "care3, 1: has text, question and reviewed"),
        ({"care3": [row("x" * 121)]}, "care3, 1: text: too_long, at most 120"),
        ({"care3": [row(question="x" * 81)]}, "care3, 1: question: too_long, at most 80"),
        ({"care3": [row(""), row()]}, "care3, 1: text is missing"),
        ({"care3": [row(question=None)]}, "care3, 1: question: invalid_type"),
        ({"care3": [row("links \u202e rechts")]}, "care3, 1: text: bad_characters"),
        ({"care3": [row(), row()]}, "care3: says the same twice"),
        ({"care3": [row(reviewed="yes")]}, "care3, 1: reviewed is a day"),
        ({"care3": [row(reviewed=timezone.localdate() + timedelta(days=1))]}, "care3, 1: reviewed is a day that was"),
    ],
)
def test_a_wrong_file_changes_nothing_and_says_where(load, chooser, other, content, says):
    if isinstance(content, dict):
        content = {other.code: [row("Eerst goed.")], **content}
    with pytest.raises(CommandError, match=re.escape(says)):
        load(content)
    assert sorted(Expectation.objects.values_list("text", flat=True)) == sorted(TEXTS)


@pytest.mark.parametrize("touch", ["written", "reviewed", "sent_back"])
def test_what_somebody_did_on_a_screen_stays_and_is_said(tmp_path, load, care, other, touch):
    load({care.code: [row()], other.code: [row()]})
    sentence = Expectation.objects.get(programme=care)
    school = factories.make_class("B").institution
    if touch == "written":
        writer = factories.make_staff("intaker", programme=care)
        write = {"text": "Je tilt.", "question": "Hoe zwaar?", "sentence_id": sentence.pk}
        sentences.write_sentence(programme=care, by=writer, **write)
    else:
        Expectation.objects.update(reviewed_at=None)
        remark = None if touch == "reviewed" else "Te moeilijk."
        by = factories.make_staff("counsellor", institution=school)
        sentences.review_sentence(sentence_id=sentence.pk, seen=sentences.words_of(sentence), remark=remark, by=by)
    before = Expectation.objects.filter(programme=care).values().get()
    path, out = tmp_path / "again.yaml", StringIO()
    path.write_text(yaml.safe_dump({care.code: [row("Nieuw.")], other.code: [row("Nieuw.")]}), encoding="utf-8")
    call_command("load_expectations", str(path), stdout=out)
    assert Expectation.objects.filter(programme=care).values().get() == before
    assert Expectation.objects.get(programme=other).text == "Nieuw."
    assert f"{care.code} stays as it is" in out.getvalue() and f"{other.code} stays" not in out.getvalue()
    call_command("load_expectations", str(path), "--replace", stdout=out)
    assert Expectation.objects.get(programme=care).text == "Nieuw."


def test_a_file_that_is_not_there_says_so():
    with pytest.raises(CommandError, match="cannot read the file"):
        call_command("load_expectations", "/nowhere/file.yaml")
