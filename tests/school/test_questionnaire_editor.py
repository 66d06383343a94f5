"""The staff screen of the questions: a working group changes, looks and publishes; keys are fixed, taps counted."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Institution, Region, Role, User
from accounts.refusals import NotHere, Refusal
from consent.models import LedgerEntry
from intake.models import QuestionMark, QuestionTally
from intake.services import question_marks, sharing
from passport import drafting, questionnaire
from passport.models import AnswerRevision, QuestionnaireDraft, QuestionnaireVersion
from school.services import lessons
from tests import factories

NAME = "me.name"


@pytest.fixture
def group() -> User:
    """Of the working group: coordinator of a region."""
    region = Region.objects.create(code="RMC-1", name="Regio Een")
    return factories.make_staff(Role.REGION, region=region, name="mevrouw Groep")


@pytest.fixture
def browser(group, browser_of) -> Client:
    return browser_of(group)


def where(key: str = NAME) -> str:
    return reverse("questionnaire_question", args=[key])


def as_filled(browser: Client, url: str, /, **changed: str) -> dict[str, str]:
    """The form of a page as it stands there, with these fields changed."""
    form = browser.get(url).context["form"]
    return {field.name: str(field.value() or "") for field in form} | changed


def save(browser: Client, at: str = NAME, /, **changed: str) -> Any:
    return browser.post(where(at), as_filled(browser, where(at), **changed))


def publish(browser: Client) -> Any:
    seen = browser.get(reverse("questionnaire_publish")).context["draft"].digest
    return browser.post(reverse("questionnaire_publish"), {"seen": seen})


def newest() -> questionnaire.Questionnaire:
    return questionnaire.of_version(questionnaire.published().pk)


# --- Who may -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["questionnaire", "questionnaire_publish"])
def test_only_a_region_gets_in(page, mentor, imke, sam, browser_of, browser):
    boss = factories.make_staff(Role.COORDINATOR, institution=Institution.objects.create(name="S", kind="vso"))
    assert [browser_of(one).get(reverse(page)).status_code for one in (mentor, imke, sam, boss)] == [404] * 4
    assert browser.get(reverse(page)).status_code == 200


def test_who_coordinates_no_region_any_more_changes_nothing(group, browser, browser_of):
    group.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert browser.get(where()).status_code == 404
    for act in (
        lambda: drafting.move_question(key=NAME, step=1, by=group),
        lambda: drafting.switch_question(key=NAME, off=True, by=group),
        lambda: drafting.change_question(key=NAME, said={"label": "X"}, seen="", by=group),
        lambda: drafting.publish_draft(seen="", by=group),
        lambda: drafting.throw_away(by=group),
        lambda: drafting.versions(group),
    ):
        with pytest.raises(NotHere):
            act()
    assert not QuestionnaireDraft.objects.exists()


# --- Editing -----------------------------------------------------------------------------------------------


def test_a_change_is_seen_by_nobody_until_it_is_published(browser, sam, browser_of):
    student = browser_of(sam)
    assert save(browser, label="Hoe heet je graag?").status_code == 302
    assert "Hoe heet je graag?" not in student.get(reverse("question", args=[NAME])).content.decode()
    page = browser.get(reverse("questionnaire_publish")).content.decode()
    assert "Hoe heet je graag?" in page and "Hoe mogen mensen jou noemen?" in page
    assert publish(browser).status_code == 302
    assert "Hoe heet je graag?" in student.get(reverse("question", args=[NAME])).content.decode()


def test_every_text_of_a_question_can_change(browser):
    save(browser, why="Dan weet iemand dat.", example="Jo", short="Noem mij")
    save(browser, "me.free_time", options="rennen\nmuziek\nniets", exclusive="niets")
    save(browser, "can.skills", levels_alone="Lukt me", statements_plan="Mijn taken plannen")
    save(browser, "need.support", needs_quiet="Een stille plek", how_often="altijd\nsoms")
    publish(browser)
    asked = newest()
    name, time, skills = (asked.questions[key] for key in (NAME, "me.free_time", "can.skills"))
    assert (name.why, name.example, name.short) == ("Dan weet iemand dat.", "Jo", "Noem mij")
    assert (time.options, time.exclusive) == (("rennen", "muziek", "niets"), "niets")
    assert {one.key: one.label for one in skills.levels}["alone"] == "Lukt me"
    assert {one.key: one.label for one in skills.statements}["plan"] == "Mijn taken plannen"
    assert asked.need_labels["quiet"] == "Een stille plek"
    assert asked.questions["need.support"].how_often == ("altijd", "soms")


def test_every_question_saves_as_it_stands_and_then_nothing_is_changed(browser):
    """A page that is opened and saved may not change a letter."""
    wrong = [key for key in newest().questions if save(browser, key).status_code != 302]
    assert wrong == [] and not QuestionnaireDraft.objects.exists()


def test_order_goes_one_place_within_a_section(browser):
    before = [one.key for one in newest().sections[0].questions]
    browser.post(reverse("questionnaire"), {"down": before[0]})
    browser.post(reverse("questionnaire"), {"up": before[0]})
    assert not QuestionnaireDraft.objects.exists()
    browser.post(reverse("questionnaire"), {"up": before[0]})  # it is the first already
    assert not QuestionnaireDraft.objects.exists()
    browser.post(reverse("questionnaire"), {"down": before[0]})
    publish(browser)
    assert [one.key for one in newest().sections[0].questions] == [before[1], before[0], *before[2:]]


def test_a_section_has_other_words(browser):
    url = reverse("questionnaire_section", args=["me"])
    browser.post(url, as_filled(browser, url, title="Over mij", talk="Wat doe je graag?"))
    publish(browser)
    assert (newest().sections[0].title, newest().sections[0].talk) == ("Over mij", ("Wat doe je graag?",))


def test_a_question_goes_off_and_on_again(browser):
    browser.post(where("me.words"), {"off": "1"})
    publish(browser)
    assert newest().questions["me.words"].off and not newest().questions["me.words"].asked_on("mbo")
    browser.post(where("me.words"), {"off": "0"})
    publish(browser)
    assert not newest().questions["me.words"].off
    first, *later = [str(one) for one in QuestionnaireVersion.objects.order_by("published_at")]
    assert later == [f"{first}.1", f"{first}.2"]


def test_what_is_off_is_in_no_lesson_and_on_no_board(browser, mentor, class_a):
    lesson = lessons.start_own(class_id=class_a.pk, keys=["me.words", "me.proud"], by=mentor)
    browser.post(where("me.words"), {"off": "1"})
    publish(browser)
    assert [one.key for one in lessons.sheet_of(lesson).questions] == ["me.proud"]
    assert "me.words" not in [one.key for _, questions in lessons.choices() for one in questions]


def test_the_api_says_what_is_off_and_takes_no_answer_to_it(browser, sam, api):
    browser.post(where("me.words"), {"off": "1"})
    publish(browser)
    sections = api(sam).get(reverse("api_questionnaire")).json()["sections"]
    assert [one["key"] for section in sections for one in section["questions"] if one["off"]] == ["me.words"]
    said = {"status": "answered", "value": ["rustig"], "revision": 0}
    answer = api(sam).put(reverse("api_answer", args=["me.words"]), said, format="json")
    assert answer.status_code == 400 and "not_asked" in answer.content.decode()


def test_what_colleges_offer_hangs_on_one_question_so_it_stays(browser):
    page = browser.post(where("need.support"), {"off": "1"}, follow=True).content.decode()
    assert "Deze vraag kan niet uit." in page and not QuestionnaireDraft.objects.exists()


# --- What is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "sent", "named"),
    [
        (NAME, {"key": "me.nickname"}, "me.nickname"),
        (NAME, {"type": "chips"}, "type"),
        ("can.skills", {"statements_in_time": "Op tijd"}, "statements_in_time"),
        ("need.support", {"needs_silent": "Stil"}, "needs_silent"),
    ],
)
def test_a_key_that_is_sent_is_refused_by_its_name(browser, key, sent, named):
    answer = save(browser, key, **sent)
    assert answer.status_code == 400 and f"{named}: deze naam ligt vast." in answer.content.decode()
    assert not QuestionnaireDraft.objects.exists()


def test_a_label_at_a_key_that_is_not_there_is_refused_by_the_service_too(group):
    seen = drafting.open_draft(group).seen("can.skills")
    with pytest.raises(Refusal, match="key") as refusal:
        drafting.change_question(key="can.skills", said={"statements": {"in_time": "X"}}, seen=seen, by=group)
    assert refusal.value.sentence.startswith("in_time: deze naam ligt vast.")


@pytest.mark.parametrize(
    ("key", "changed", "says"),
    [
        (NAME, {"label": ""}, "Vul dit in."),
        (NAME, {"label": "x" * 121}, "Er passen 120 tekens in."),
        (NAME, {"example": ""}, "heeft een voorbeeld nodig"),
        ("me.free_time", {"options": ""}, "Er moet een antwoord te kiezen zijn."),
        ("me.free_time", {"options": "a\na"}, "Elk antwoord staat er één keer."),
        ("me.free_time", {"options": "\n".join("abcdefghijklm")}, "Er passen 12 antwoorden."),
        ("me.free_time", {"exclusive": "niets hiervan"}, "Dit moet een van de antwoorden"),
    ],
)
def test_what_no_file_may_say_no_screen_may_say(browser, key, changed, says):
    answer = save(browser, key, **changed)
    assert answer.status_code == 400 and says in answer.content.decode()
    assert not QuestionnaireDraft.objects.exists()


def test_two_editors_do_not_write_over_each_other(browser, group, browser_of):
    other = browser_of(factories.make_staff(Role.REGION, region=Region.objects.create(code="RMC-2", name="Twee")))
    mine = as_filled(browser, where(), label="Mijn vraag?")
    save(other, label="Hun vraag?")
    answer = browser.post(where(), mine)
    assert answer.status_code == 400 and "Iemand anders veranderde dit net." in answer.content.decode()
    assert drafting.open_draft(group).questions.questions[NAME].label == "Hun vraag?"


def test_what_is_published_is_what_was_seen(browser, group):
    save(browser, label="Een?")
    seen = browser.get(reverse("questionnaire_publish")).context["draft"].digest
    save(browser, label="Twee?")
    answer = browser.post(reverse("questionnaire_publish"), {"seen": seen})
    assert answer.status_code == 409 and "Kijk het opnieuw na." in answer.content.decode()
    assert newest().questions[NAME].label not in ("Een?", "Twee?")


def test_nothing_to_publish_is_said_and_makes_no_version(browser):
    answer = publish(browser)
    assert answer.status_code == 409 and "Er is niets veranderd." in answer.content.decode()
    assert QuestionnaireVersion.objects.count() == 1


def test_thrown_away_is_as_it_was(browser):
    save(browser, label="Anders?")
    browser.post(reverse("questionnaire"), {"throw_away": "1"})
    assert not QuestionnaireDraft.objects.exists()
    assert "Anders?" not in browser.get(where()).content.decode()


# --- What is said beside a text ----------------------------------------------------------------------------


def test_a_long_sentence_and_a_missing_translation_are_said_and_not_refused(browser):
    long = "Wat zou jij nou het allerliefste elke dag na school willen gaan doen met je vrienden?"
    assert "Nog niet vertaald" not in browser.get(where()).content.decode()
    save(browser, label=long)
    page = browser.get(where()).content.decode()
    assert f"Deze zin is lang voor een student: «{long}»" in page and "Nog niet vertaald: English" in page
    assert publish(browser).status_code == 302


def test_what_staff_alone_read_needs_no_translation(browser):
    url = reverse("questionnaire_section", args=["me"])
    browser.post(
        url, as_filled(browser, url, talk="Wat zou jij nou het allerliefste elke dag na school willen gaan doen?")
    )
    browser.post(reverse("questionnaire"), {"down": NAME})
    for page in (url, reverse("questionnaire_publish")):
        said = browser.get(page).content.decode()
        assert "Nog niet vertaald" not in said and "Deze zin is lang" not in said


# --- The preview -------------------------------------------------------------------------------------------


def test_every_question_can_be_seen_as_a_student_gets_it_and_nothing_is_kept(browser):
    save(browser, label="Hoe heet je graag?")
    for key in newest().questions:
        page = browser.get(reverse("questionnaire_preview", args=[key])).content.decode()
        assert "Er wordt niets bewaard." in page, key
    page = browser.get(reverse("questionnaire_preview", args=[NAME])).content.decode()
    main = re.search(r"(?s)<main.*?</main>", page)[0]
    assert "Hoe heet je graag?" in main and 'name="value"' in main
    assert "<form" not in main and "data-autosave" not in page and "answer.js" not in page
    assert browser.post(reverse("questionnaire_preview", args=[NAME]), {"value": "Sam"}).status_code == 405
    assert not AnswerRevision.objects.exists()


def test_the_preview_leads_through_all_questions(browser):
    browser.post(where("me.words"), {"off": "1"})
    url, seen = reverse("questionnaire_preview", args=[next(iter(newest().questions))]), []
    while url:
        context = browser.get(url).context
        seen.append(context["question"].key)
        url = context["next_key"] and reverse("questionnaire_preview", args=[context["next_key"]])
    assert seen == [key for key in newest().questions if key != "me.words"]


# --- A new release of the project --------------------------------------------------------------------------


def test_the_next_start_leaves_a_version_of_the_working_group_alone(browser, capsys):
    save(browser, label="Van ons?")
    publish(browser)
    call_command("load_questionnaire")
    assert newest().questions[NAME].label == "Van ons?"
    assert "a working group made the newest version" in capsys.readouterr().out


def test_changes_of_an_older_version_are_said_and_can_be_thrown_away(browser, group):
    save(browser, label="Te laat?")
    content = {**questionnaire.published().content, "version": "2099.1"}
    questionnaire.publish_content(content)
    page = browser.get(reverse("questionnaire")).content.decode()
    assert "Er kwam intussen een nieuwere versie." in page
    assert drafting.open_draft(group).questions.questions[NAME].label != "Te laat?"
    browser.post(reverse("questionnaire"), {"throw_away": "1"})
    assert "Er kwam intussen" not in browser.get(reverse("questionnaire")).content.decode()


# --- «Hielp mij» and «miste ik» ----------------------------------------------------------------------------


def tap(browser: Client, share: Any, kind: str = "helped", question: str = "me.free_time") -> Any:
    version = questionnaire.published().version
    return browser.post(reverse("dossier_mark", args=[share.pk]), {"mark": f"{kind} {version} {question}"})


def next_month() -> date:
    return (timezone.localdate().replace(day=28) + timedelta(days=5)).replace(day=1)


@pytest.fixture
def intakers(care) -> list[User]:
    return [factories.make_staff(Role.INTAKER, programme=care) for _ in range(9)]


def test_the_buttons_are_below_each_question_once_for_a_reader_alone(given, sam, imke, browser_of):
    page = browser_of(imke).get(reverse("dossier", args=[given.pk])).content.decode()
    assert page.count(">hielp mij<") == page.count(">miste ik<") == 2  # free time and the needs, whatever they are
    assert "need.support.quiet" not in "".join(re.findall(r'value="(?:helped|missed) [^"]*"', page))
    preview = browser_of(sam).get(reverse("share", args=[given.pk])).content.decode()
    assert "hielp mij" not in preview


def test_a_dossier_asks_no_statement_more_for_them(given, imke, browser_of):
    browser = browser_of(imke)
    url = reverse("dossier", args=[given.pk])
    browser.get(url)
    with CaptureQueriesContext(connection) as asked:
        browser.get(url)
    assert not [one for one in asked if "questionmark" in one["sql"] or "questiontally" in one["sql"]]


def test_who_may_not_read_may_not_tap(given, otto, imke, sam, browser_of):
    assert tap(browser_of(otto), given).status_code == 404
    assert tap(browser_of(imke), given).status_code == 302
    sharing.withdraw(share=given, by=sam.user)
    assert tap(browser_of(imke), given).status_code == 404
    assert QuestionMark.objects.count() == 1


def test_only_a_word_and_a_question_that_are_there(given, imke, browser_of):
    browser = browser_of(imke)
    assert tap(browser, given, "great").status_code == 400
    assert tap(browser, given, question="need.support.quiet").status_code == 400
    assert browser.post(reverse("dossier_mark", args=[given.pk]), {"mark": "helped 1999.1 me.name"}).status_code == 400
    assert browser.post(reverse("dossier_mark", args=[given.pk])).status_code == 400
    assert not QuestionMark.objects.exists()


def test_a_tap_writes_no_look_and_names_no_student_no_share_and_no_moment(given, imke, browser_of):
    looks = LedgerEntry.objects.count()
    tap(browser_of(imke), given)
    assert LedgerEntry.objects.count() == looks
    row = QuestionMark.objects.values().get()
    assert set(row) == {"id", "month", "slot", "sealed"} and row["month"].day == 1
    assert b"free_time" not in bytes(row["sealed"])


def test_a_reader_counts_once_a_question_and_month_whatever_they_tap(given, imke, browser_of):
    browser = browser_of(imke)
    for kind in ("helped", "helped", "missed"):
        tap(browser, given, kind)
    assert QuestionMark.objects.count() == 1
    question_marks.fold(next_month())
    assert not QuestionMark.objects.exists() and QuestionTally.objects.count() == 1


def test_the_working_group_sees_fives_of_months_that_are_over(given, intakers, browser, browser_of):
    for one in intakers:
        tap(browser_of(one), given)
    for one in intakers[:4]:
        tap(browser_of(one), given, "missed", "need.support")
    assert "Nog geen vijf." in browser.get(where("me.free_time")).content.decode()
    assert question_marks.fold() == 0  # the month still runs
    assert question_marks.fold(next_month()) == 13
    page = browser.get(where("me.free_time")).content.decode()
    assert "<b>5</b> keer «hielp mij»" in page and "9" not in re.findall(r"<b>(\d+)</b>", page)
    assert "Nog geen vijf." in browser.get(where("need.support")).content.decode()


def test_another_month_counts_again(given, imke):
    said = {"share_id": given.pk, "version": questionnaire.published().version, "question": NAME, "by": imke}
    question_marks.mark_question(**said, kind="helped")
    with time_machine.travel(next_month() + timedelta(days=1), tick=False):
        question_marks.mark_question(**said, kind="helped")
    assert QuestionMark.objects.count() == 2
