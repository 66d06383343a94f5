"""The student's own pages from outside: without script, with what was typed never lost."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import vault
from accounts.identity import Identity
from accounts.models import Institution, Programme, Student, User
from accounts.services import make_student
from passport import services
from passport.questionnaire import Questionnaire

KEYS = ["me.name", "me.others_say", "me.free_time", "can.skills", "can.digital"]
KEYS += ["want.programmes", "need.support", "home.people"]
BLANK = "Kies een antwoord. Je mag ook Weet ik nog niet kiezen."


@pytest.fixture
def pupil() -> Student:
    student = make_student(user=User.objects.create_user("pupil"), identity=Identity("Bo", "Smit"))
    services.make_passport(student=student)
    return student


@pytest.fixture
def questions(pupil: Student) -> Questionnaire:
    return services.questions_of(pupil.passport)


@pytest.fixture
def page(pupil: Student) -> Client:
    client = Client()
    client.force_login(pupil.user)
    return client


@pytest.fixture
def kept(pupil: Student) -> Callable[[str], services.Text]:
    return lambda key: services.open_answer(pupil.passport, vault.open_key(pupil.pk), key)


@pytest.fixture
def write(pupil: Student, kept: Any) -> Callable[..., services.Text]:
    def keep(key: str, value: Any, status: str = "answered") -> services.Text:
        return services.save_answer(
            passport=pupil.passport,
            key=vault.open_key(pupil.pk),
            question_key=key,
            status=status,
            value=value,
            revision=kept(key).revision,
            by=pupil.user,
        )

    return keep


@pytest.fixture
def programmes() -> list[str]:
    college = Institution.objects.create(name="Waterland College", kind="mbo")
    names = {"kok2": "Kok", "zorg3": "Verzorgende", "dier2": "Dierverzorging", "bouw2": "Timmeren"}
    for code, name in names.items():
        Programme.objects.create(institution=college, code=code, name=name, level=2)
    return list(names)


def ask(key: str) -> str:
    return f"/paspoort/vraag/{key}/"


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- Every question ------------------------------------------------------------------------------------------


def test_every_question_is_one_page_with_ways_out_why_and_who_sees(page: Client, questions: Questionnaire) -> None:
    titles = set()
    for question in questions.questions.values():
        html = text_of(page.get(ask(question.key)))
        titles.add(re.search("<title>(.*?)</title>", html)[1])
        assert html.count("<h1") == 1
        assert "Waarom vragen we dit?" in html
        assert "Alleen jij ziet dit nu." in html
        is_own = question.written_by == "student"
        assert ("Weet ik nog niet" in html and "Wil ik niet zeggen" in html) is is_own
    assert len(titles) == len(questions.questions)


def test_at_most_six_choices_are_in_view(page: Client, questions: Questionnaire) -> None:
    """Five and a fold; one choice more than five needs no fold."""
    for question in questions.questions.values():
        html = text_of(page.get(ask(question.key)))
        in_view = html.split('class="more"')[0] if 'class="more"' in html else html
        assert len(re.findall(r'name="value" value="[^:][^"]*" id="id_value_\d+"', in_view)) <= 6


@pytest.mark.parametrize("way", ["later", "private"])
@pytest.mark.parametrize("key", KEYS)
def test_a_way_out_is_an_answer(page: Client, kept: Any, key: str, way: str) -> None:
    field = {"value": f":{way}"} if key == "can.digital" else {"status": way}
    assert page.post(ask(key), {"revision": 0, **field}).status_code == 302
    assert (kept(key).status, kept(key).value) == (way, None)


@pytest.mark.parametrize("key", KEYS)
def test_no_answer_is_a_kind_error_and_keeps_nothing(page: Client, kept: Any, key: str) -> None:
    html = text_of(page.post(ask(key), {"revision": 0}))
    assert "<title>Fout:" in html
    assert "Er mist nog iets" in html
    assert BLANK in html
    assert kept(key).revision == 0


@pytest.mark.parametrize("key", KEYS)
def test_the_error_leads_to_a_field_on_the_page(page: Client, key: str) -> None:
    html = text_of(page.post(ask(key), {"revision": 0}))
    target = re.search(r'class="errors-list">.*?href="#(.*?)"', html)[1]
    assert f'id="{target}"' in html


@pytest.mark.parametrize(
    ("key", "post", "value"),
    [
        ("me.name", {"value": " Bo "}, "Bo"),
        ("me.others_say", {"value": "Ik lach veel.\r\nEcht."}, "Ik lach veel.\nEcht."),
        (
            "me.free_time",
            {"value": ["muziek", "koken"], "own": "vissen\r\n\r\n vliegeren "},
            ["muziek", "koken", "vissen", "vliegeren"],
        ),
        ("can.skills", {"value_on_time": "alone", "value_plan": "help"}, {"on_time": "alone", "plan": "help"}),
        ("can.digital", {"value": "Met hulp lukt het"}, "Met hulp lukt het"),
        (
            "home.people",
            {"name": ["Ria", ""], "relation": ["mijn tante", ""], "contact": ["", ""]},
            [{"name": "Ria", "relation": "mijn tante", "contact": ""}],
        ),
        ("need.support", {"value": ["quiet"]}, [{"need": "quiet", "how_often": "", "what_works": "", "why": ""}]),
    ],
)
def test_each_type_is_kept_from_a_plain_form(page: Client, kept: Any, key: str, post: Any, value: Any) -> None:
    assert page.post(ask(key), {"revision": 0, **post}).status_code == 302
    assert kept(key).value == value
    assert page.get(ask(key)).status_code == 200


@pytest.mark.parametrize(
    ("key", "post", "typed"),
    [
        ("me.name", {"value": "Bo" * 60}, ["Bo" * 60]),
        ("me.others_say", {"value": "Mijn nummer is 111222333."}, ["Mijn nummer is 111222333."]),
        (
            "me.words",
            {"value": ["rustig", "vrolijk", "eerlijk", "grappig"], "own": "stoer\nlief"},
            ["stoer\nlief", "checked"],
        ),
        ("me.free_time", {"value": "muziek", "status": "later"}, ["checked", "Kies één van de twee"]),
        (
            "home.people",
            {"name": "", "relation": "buurvrouw", "contact": ""},
            ["buurvrouw", "Schrijf de voornaam erbij."],
        ),
        ("need.talk_with_me", {"value": ["gewoon", "rustig praten"]}, ["kan niet samen", "checked"]),
    ],
)
def test_what_does_not_fit_comes_back_as_typed(page: Client, kept: Any, key: str, post: Any, typed: list[str]) -> None:
    html = page.post(ask(key), {"revision": 0, **post}).content.decode()
    assert "<title>Fout:" in html
    for words in typed:
        assert words in html
    assert kept(key).revision == 0


def test_an_unknown_question_is_not_here(page: Client) -> None:
    assert page.get(ask("me.unknown")).status_code == 404
    assert page.get("/paspoort/nergens/").status_code == 404


def test_whoever_is_not_a_student_finds_nothing() -> None:
    client = Client()
    client.force_login(User.objects.create_user("staff", staff_name="Staf"))
    assert client.get("/paspoort/").status_code == 404
    assert client.post(ask("me.name"), {"value": "Bo", "revision": 0}).status_code == 404


def test_the_title_never_holds_the_answer(page: Client, write: Any) -> None:
    write("me.others_say", "kanariegeel")
    write("need.support", [{"need": "care"}])
    for url in (ask("me.others_say"), ask("me.others_say") + "eerder/", "/paspoort/me/", ask("need.support") + "1/"):
        title = re.search("<title>(.*?)</title>", text_of(page.get(url)))[1]
        assert "kanariegeel" not in title
        assert "medicijnen" not in title


# --- Going on, undoing, looking back -------------------------------------------------------------------------


def test_verder_goes_to_the_next_question_and_at_the_end_to_the_section(page: Client) -> None:
    assert page.post(ask("me.name"), {"value": "Bo", "revision": 0}).url == ask("me.free_time")
    assert page.post(ask("me.proud"), {"value": "Veel", "revision": 0}).url == "/paspoort/me/"


def test_the_next_page_says_saved_once_and_undo_brings_the_old_text_back(page: Client, write: Any, kept: Any) -> None:
    write("me.name", "Bo")
    response = page.post(ask("me.name"), {"value": "Bob", "revision": 1, "before": 1}, follow=True)
    assert "Maak ongedaan" in text_of(response)
    assert "Maak ongedaan" not in text_of(page.get(ask("me.free_time")))
    page.post(ask("me.name") + "terug/", {"revision": 2, "before": 1})
    assert (kept("me.name").value, kept("me.name").revision) == ("Bo", 3)


def test_undo_of_the_first_answer_leaves_an_empty_page(page: Client, write: Any, kept: Any) -> None:
    write("me.name", "Bo")
    page.post(ask("me.name") + "terug/", {"revision": 1, "before": 0})
    assert kept("me.name").status == "empty"


def test_undo_takes_back_all_that_autosave_kept_on_one_page(page: Client, write: Any, kept: Any) -> None:
    for words in ("Ik", "Ik ben", "Ik ben Bo"):
        write("me.others_say", words)
    response = page.post(ask("me.others_say"), {"value": "Ik ben Bo", "revision": 3, "before": 1}, follow=True)
    assert 'name="before" value="1"' in text_of(response)


def test_undo_after_a_newer_save_changes_nothing(page: Client, write: Any, kept: Any) -> None:
    for name in ("Bo", "Bob", "Bobbie"):
        write("me.name", name)
    page.post(ask("me.name") + "terug/", {"revision": 2, "before": 1})
    assert kept("me.name").value == "Bobbie"


@pytest.mark.parametrize("number", ["", "x", "-1", "99"])
def test_undo_to_what_was_never_kept_is_not_here(page: Client, write: Any, kept: Any, number: str) -> None:
    write("me.name", "Bo")
    assert page.post(ask("me.name") + "terug/", {"revision": 1, "before": number}).status_code == 404
    assert kept("me.name").value == "Bo"


def test_undo_is_a_post(page: Client) -> None:
    assert page.get(ask("me.name") + "terug/").status_code == 405


def test_another_student_on_this_phone_sees_no_saved_line(page: Client, write: Any) -> None:
    page.post(ask("me.name"), {"value": "Bo", "revision": 0})
    other = make_student(user=User.objects.create_user("other"), identity=Identity("Li", "Bos"))
    services.make_passport(student=other)
    page.force_login(other.user)
    assert "Maak ongedaan" not in text_of(page.get(ask("me.free_time")))


def test_history_shows_the_last_of_a_sitting(page: Client, write: Any, later: Any) -> None:
    write("me.name", "Eerst")
    write("me.name", "Toen")
    later(minutes=31)
    write("me.name", "Nu")
    html = text_of(page.get(ask("me.name") + "eerder/"))
    assert "Eerst" not in html
    assert html.index(">Nu</") < html.index(">Toen</")


def test_history_names_the_month_of_what_one_thought(page: Client, write: Any) -> None:
    with time_machine.travel(datetime(2025, 9, 9, 12, tzinfo=UTC)):
        write("me.proud", "Ik durf te koken.")
    with time_machine.travel(datetime(2026, 9, 9, 12, tzinfo=UTC)):
        write("me.proud", None, "later")
    with time_machine.travel(datetime(2026, 11, 9, 12, tzinfo=UTC)):
        write("me.proud", "Ik kook voor tien.")
        shown = page.get("/paspoort/vraag/me.proud/eerder/").content.decode()
    assert re.findall(r'<h2 class="h3">(.*?)</h2>', shown) == ["Nu", "In september:", "In september 2025 schreef je:"]


def test_an_earlier_text_can_be_put_back(page: Client, write: Any, kept: Any) -> None:
    write("me.name", "Bo")
    write("me.name", "Bob")
    assert page.post(ask("me.name") + "eerder/", {"number": 1, "revision": 2}).url == ask("me.name")
    assert (kept("me.name").value, kept("me.name").revision) == ("Bo", 3)


def test_an_answer_can_be_taken_away(page: Client, write: Any, kept: Any) -> None:
    write("me.name", "Bo")
    page.post(ask("me.name"), {"clear": "1", "value": "Bo", "revision": 1})
    assert kept("me.name").status == "empty"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def move(**by: int) -> None:
        then = timezone.now() + timedelta(**by)
        monkeypatch.setattr("passport.services.timezone.now", lambda: then)

    return move


# --- Two answers ---------------------------------------------------------------------------------------------


def test_a_stale_page_shows_both_answers_and_loses_none(page: Client, write: Any, kept: Any) -> None:
    write("me.free_time", ["muziek"])
    response = page.post(ask("me.free_time"), {"value": "koken", "own": "vissen", "revision": 0})
    html = text_of(response)
    assert response.status_code == 409
    assert "Er zijn twee antwoorden" in html
    assert "koken vissen" in html
    assert "muziek" in html
    assert kept("me.free_time").value == ["muziek"]


@pytest.mark.parametrize(
    ("pick", "value"), [(0, ["koken"]), (1, ["muziek"]), (2, ["muziek", "koken"])], ids=["mine", "kept", "both"]
)
def test_the_student_picks_one_answer_or_both(page: Client, write: Any, kept: Any, pick: int, value: Any) -> None:
    write("me.free_time", ["muziek"])
    response = page.post(ask("me.free_time"), {"value": "koken", "revision": 0})
    answer = answers_in(response)[pick]
    assert page.post(ask("me.free_time"), {"answer": answer, "revision": 1}).status_code == 302
    assert kept("me.free_time").value == value


def test_both_is_only_there_when_it_fits(page: Client, write: Any) -> None:
    write("want.why", ["ik vind het leuk", "ik ben er goed in"])
    response = page.post(ask("want.why"), {"value": ["er is veel werk in", "ik wil mensen helpen"], "revision": 0})
    assert len(answers_in(response)) == 2
    write("me.name", "Bo")
    assert "Allebei" not in text_of(page.post(ask("me.name"), {"value": "Bob", "revision": 0}))


def test_the_same_answer_twice_is_no_conflict(page: Client, write: Any) -> None:
    """Autosave kept it a moment ago and the page did not hear."""
    write("me.name", "Bo")
    assert page.post(ask("me.name"), {"value": " Bo ", "revision": 0}).status_code == 302


@pytest.mark.parametrize(
    "answer", ["", "{", "[]", '{"status": "x", "value": 1}', "[" * 9000, '{"status": "answered", "value": {}}']
)
def test_a_broken_pick_keeps_nothing(page: Client, kept: Any, answer: str) -> None:
    assert page.post(ask("me.free_time"), {"answer": answer, "revision": 0}).status_code == 200
    assert kept("me.free_time").revision == 0


def answers_in(response: Any) -> list[str]:
    return [unescape(raw) for raw in re.findall(r'name="answer" value="(.*?)"', response.content.decode())]


# --- People, programmes, needs, the mentor's text ------------------------------------------------------------


def test_a_row_for_one_more_person_keeps_what_was_typed(page: Client, kept: Any) -> None:
    post = {"name": "Ria", "relation": "tante", "contact": "", "more": "1", "revision": 0}
    html = text_of(page.post(ask("home.people"), post))
    assert 'value="Ria"' in html
    assert html.count('name="name"') == 2
    assert kept("home.people").revision == 0


def test_no_more_people_than_fit(page: Client) -> None:
    eight = {"name": [f"P{n}" for n in range(8)], "relation": [""] * 8, "contact": [""] * 8, "more": "1", "revision": 0}
    html = text_of(page.post(ask("home.people"), eight))
    assert html.count('name="name"') == 8
    assert 'name="more"' not in html


def test_only_the_person_to_call_has_a_number(page: Client) -> None:
    assert 'type="text" id="id_contact_0"' not in text_of(page.get(ask("home.people")))
    html = text_of(page.get(ask("transition.trusted_person")))
    assert 'type="text" id="id_contact_0"' in html
    assert 'name="more"' not in html


def test_a_search_loses_no_choice_and_is_not_in_the_url(page: Client, programmes: list[str], kept: Any) -> None:
    response = page.post(ask("want.programmes"), {"value": "kok2", "q": "verzorg", "search": "1", "revision": 0})
    html = text_of(response)
    assert 'name="choose" value="zorg3"' in html
    assert 'name="choose" value="bouw2"' not in html
    assert 'name="value" value="kok2"' in html


@pytest.mark.parametrize("words", ["", "bestaat niet", "x" * 5000])
def test_a_search_without_a_choice_is_no_error(page: Client, programmes: list[str], words: str) -> None:
    html = text_of(page.post(ask("want.programmes"), {"q": words, "search": "1", "revision": 0}))
    assert "Fout:" not in html
    assert ("Niets gevonden." in html) is bool(words)


@pytest.mark.parametrize(
    ("button", "code", "value"),
    [
        ("choose", "dier2", ["kok2", "zorg3", "dier2"]),
        ("up", "zorg3", ["zorg3", "kok2"]),
        ("down", "kok2", ["zorg3", "kok2"]),
        ("up", "kok2", ["kok2", "zorg3"]),
        ("remove", "kok2", ["zorg3"]),
    ],
)
def test_programmes_are_ordered_with_buttons(
    page: Client, write: Any, kept: Any, programmes: list[str], button: str, code: str, value: list[str]
) -> None:
    write("want.programmes", ["kok2", "zorg3"])
    post = {"value": ["kok2", "zorg3"], button: code, "revision": 1}
    assert page.post(ask("want.programmes"), post).url == ask("want.programmes")
    assert kept("want.programmes").value == value


def test_the_last_programme_can_go(page: Client, write: Any, kept: Any, programmes: list[str]) -> None:
    write("want.programmes", ["kok2"])
    page.post(ask("want.programmes"), {"value": "kok2", "remove": "kok2", "revision": 1})
    assert kept("want.programmes").status == "empty"


def test_a_fourth_programme_is_refused(page: Client, write: Any, kept: Any, programmes: list[str]) -> None:
    write("want.programmes", programmes[:3])
    html = text_of(page.post(ask("want.programmes"), {"value": programmes[:3], "choose": "bouw2", "revision": 1}))
    assert "Kies er niet meer dan 3." in html
    assert len(kept("want.programmes").value) == 3


def test_chosen_needs_are_told_more_about_one_by_one(page: Client, kept: Any) -> None:
    first = page.post(ask("need.support"), {"value": ["quiet", "care"], "revision": 0}).url
    assert first == ask("need.support") + "1/"
    told = {"need": "quiet", "how_often": "vaak", "what_works": "Een hoek", "why": "Ik hoor alles", "revision": 1}
    second = page.post(first, told).url
    assert second == ask("need.support") + "2/"
    assert page.post(second, {"need": "care", "revision": 2}).url == ask("need.talk_with_me")
    assert kept("need.support").value[0] == {key: told[key] for key in ("need", "how_often", "what_works", "why")}


def test_a_chosen_need_is_a_card_that_opens(page: Client, write: Any) -> None:
    """Closed it says how often; open what works, and of the reason only that it is there."""
    write("need.support", [{"need": "quiet", "how_often": "vaak", "what_works": "Een hoek", "why": "Ik raak vol"}])
    shown = page.get("/paspoort/vraag/need.support/").content.decode()
    card = re.search(r'<details class="card folded">.*?</details>', shown, re.S)
    assert card and "vaak" in card[0] and "Een hoek" in card[0] and "Ingevuld. Dit staat op slot." in card[0]
    assert 'href="/paspoort/vraag/need.support/1/"' in card[0] and "Ik raak vol" not in card[0]


@pytest.mark.parametrize(
    ("path", "fields"),
    [("me.name", 1), ("me.others_say", 1), ("me.free_time", 1), ("home.people", 1), ("need.support/1", 2)],
)
def test_speaking_is_shown_folded_at_a_field_of_words(page: Client, write: Any, path: str, fields: int) -> None:
    write("need.support", [{"need": "quiet"}])
    shown = page.get(f"/paspoort/vraag/{path}/").content.decode()
    assert shown.count('<details class="speak">') == shown.count('class="keyboard"') == fields
    assert "Tik daarop op de microfoon." in shown and "SpeechRecognition" not in shown


def test_speaking_is_not_shown_where_there_is_nothing_to_type(page: Client) -> None:
    assert 'class="speak"' not in page.get("/paspoort/vraag/can.digital/").content.decode()


def test_another_choice_of_needs_keeps_what_was_told(page: Client, write: Any, kept: Any) -> None:
    write("need.support", [{"need": "quiet", "what_works": "Een hoek"}])
    page.post(ask("need.support"), {"value": ["quiet", "time"], "revision": 1})
    assert [row["what_works"] for row in kept("need.support").value] == ["Een hoek", ""]


def test_a_need_page_names_its_need_when_the_list_changed_meanwhile(page: Client, write: Any, kept: Any) -> None:
    write("need.support", [{"need": "care"}, {"need": "quiet"}])
    write("need.support", [{"need": "quiet"}])
    response = page.post(ask("need.support") + "1/", {"need": "care", "what_works": "Thuis", "revision": 1})
    assert response.status_code == 409
    assert json.loads(answers_in(response)[0])["value"][1]["what_works"] == "Thuis"
    assert kept("need.support").value[0]["what_works"] == ""


def test_a_need_that_is_too_long_comes_back(page: Client, write: Any, kept: Any) -> None:
    write("need.support", [{"need": "quiet"}])
    html = text_of(page.post(ask("need.support") + "1/", {"need": "quiet", "why": "x" * 1001, "revision": 1}))
    assert "<title>Fout:" in html
    assert "x" * 1001 in html
    assert kept("need.support").revision == 1


@pytest.mark.parametrize("place", ["0", "2", "99"])
def test_there_is_no_page_for_a_need_that_was_not_chosen(page: Client, write: Any, place: str) -> None:
    write("need.support", [{"need": "quiet"}])
    assert page.get(ask("need.support") + f"{place}/").status_code == 404
    assert page.get(ask("me.name") + "1/").status_code == 404


def test_the_mentors_text_can_only_be_taken_away(
    page: Client, pupil: Student, questions: Questionnaire, kept: Any
) -> None:
    key = "school.mentor_adds"
    assert "Je mentor kan hier iets voorstellen." in text_of(page.get(ask(key)))
    before, text = kept(key), "Bo vraagt zelf om hulp."
    question = questions.questions[key]
    services._append(
        pupil.passport, vault.open_key(pupil.pk), question, before, services.Status.ANSWERED, text, pupil.user
    )
    html = text_of(page.get(ask(key)))
    assert text in html
    assert "<textarea" not in html
    page.post(ask(key), {"value": "Van mij", "revision": 1})
    assert kept(key).value == text
    page.post(ask(key), {"clear": "1", "revision": 1})
    assert kept(key).status == "empty"


# --- The whole passport --------------------------------------------------------------------------------------


def test_a_section_goes_from_empty_to_busy_to_ready(page: Client, write: Any) -> None:
    assert states(page)[0] == "empty"
    write("me.name", "Bo")
    assert states(page)[0] == "busy"
    for key in ("me.free_time", "me.words", "me.others_say", "me.proud"):
        write(key, None, "later")
    assert states(page)[0] == "done"


def test_what_the_route_does_not_ask_does_not_keep_a_section_open(
    page: Client, questions: Questionnaire, write: Any
) -> None:
    for question in questions.sections[2].questions:
        if question.key != "want.programmes":
            write(question.key, None, "private")
    assert states(page)[2] == "busy"
    page.post("/paspoort/route/", {"route": "work"})
    assert states(page)[2] == "done"
    assert "Welke opleidingen vind je leuk?" not in text_of(page.get("/paspoort/want/"))


def test_the_overview_counts_nothing(page: Client, write: Any) -> None:
    write("me.name", "Bo")
    body = re.sub(r"<[^>]+>", " ", text_of(page.get("/paspoort/")).split("<main")[1].split(">", 1)[1])
    assert not re.search(r"\d", body)


def states(page: Client) -> list[str]:
    return re.findall(r'class="state state-(\w+)"', text_of(page.get("/paspoort/")))


def test_the_route_can_be_chosen_and_left_open(page: Client, pupil: Student) -> None:
    key = vault.open_key(pupil.pk)
    for posted, route in (("mbo", "mbo"), ("later", None)):
        page.post("/paspoort/route/", {"route": posted})
        pupil.passport.refresh_from_db()
        assert services.route_of(pupil.passport, key) == route
    assert "<title>Fout:" in text_of(page.post("/paspoort/route/", {"route": "space"}))
    assert "<title>Fout:" in text_of(page.post("/paspoort/route/"))


def test_a_section_reads_back_in_words(page: Client, write: Any) -> None:
    write("me.name", "Bo")
    write("me.words", None, "later")
    write("me.proud", None, "private")
    html = text_of(page.get("/paspoort/me/"))
    for words in (">Bo<", "Weet ik nog niet", "Wil ik niet zeggen", "Nog leeg", "Dit klopt voor nu"):
        assert words in html


def test_questions_about_home_may_be_skipped(page: Client) -> None:
    assert "Deze vragen gaan over thuis. Je mag ze overslaan." in text_of(page.get("/paspoort/home/"))
    assert "Dit is gevoelig. Je hoeft dit niet te vertellen." in text_of(page.get(ask("home.worries")))


def test_the_example_is_marked_as_made_up(page: Client) -> None:
    html = text_of(page.get("/paspoort/voorbeeld/"))
    assert "Dit is een voorbeeld" in html
    assert "Alles is verzonnen." in html
    assert "Ik kom elke dag op tijd." in html
    assert "Ik begin" in text_of(page.get("/paspoort/begin/"))


def test_difficult_words_are_explained_where_they_stand(page: Client) -> None:
    assert "Het diploma van mbo niveau 1." in text_of(page.get(ask("can.certificates")))
    assert "<dl" not in page.get(ask("me.name")).content.decode()


# --- What a page costs ---------------------------------------------------------------------------------------


def test_a_question_page_reads_one_answer(page: Client, write: Any, django_assert_max_num_queries: Any) -> None:
    for key in ("me.name", "me.proud", "me.others_say"):
        write(key, "Bo")
    page.get(ask("me.name"))
    with django_assert_max_num_queries(7):  # session, user, passport, key, answer, what is proposed, who sees
        page.get(ask("me.name"))


def test_the_overview_costs_the_same_for_one_answer_and_for_many(
    page: Client, write: Any, questions: Questionnaire, django_assert_max_num_queries: Any
) -> None:
    for key in list(questions.questions)[:20]:
        write(key, None, "later")
    page.get("/paspoort/")
    with django_assert_max_num_queries(6):
        page.get("/paspoort/")
