"""Cards of what a student did: their own alone, never lost, and in the passport only by the student's own tap."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Student
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from consent.texts import shareable_units
from intake.services import export, leaving
from passport import experiences as cards
from passport.experiences import CARD_FIELD, Card, CardConflict
from passport.models import Experience
from passport.services import open_answer, questions_of
from tests.factories import key_of, share_with_programme, write
from tests.test_privacy import CANARY, dump_of, hits

LIST, NEW = "/paspoort/ervaringen/", "/paspoort/ervaringen/nieuw/"
OPEN_DAY = {"kind": "open dag", "did": "Ik zag een lokaal. Het was druk.", "felt": "some", "learned": "Ik wil rust."}


def make(student: Student, card: Card | None = None, **content: Any) -> Card:
    return cards.save_card(
        passport=student.passport,
        key=key_of(student),
        card_id=card.id if card else uuid4(),
        revision=card.revision if card else 0,
        content=content,
        by=student.user,
    )


def kept(student: Student) -> list[Card]:
    return cards.cards_of(student.passport, key_of(student))


def expects(student: Student) -> Any:
    return open_answer(student.passport, key_of(student), cards.QUESTION)


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def hidden(response: Any) -> dict[str, str]:
    """What the page sends along by itself."""
    found = re.findall(r'<input type="hidden" name="(card|revision)" value="([^"]*)"', response.content.decode())
    return dict(found)


@pytest.fixture
def page(sam: Student, browser_of: Any) -> Client:
    return browser_of(sam)


@pytest.fixture
def card(sam: Student) -> Card:
    return make(sam, **OPEN_DAY)


# --- Writing a card ----------------------------------------------------------------------------------------


def test_a_card_is_written_without_script_and_read_back(page, sam):
    day = timezone.localdate() - timedelta(days=3)
    answer = page.post(NEW, {**hidden(page.get(NEW)), **OPEN_DAY, "on": day.isoformat()}, follow=True)
    html = text_of(answer)
    assert "Je kaartje is bewaard." in html and "Open dag" in html and "Ging wel" in html and "Ik wil rust." in html
    [one] = kept(sam)
    assert one.content == {**OPEN_DAY, "on": day} and "Alleen jij ziet je kaartjes." in html


def test_nothing_is_chosen_at_the_start_and_nothing_but_one_thing_is_needed(page, sam):
    assert " checked" not in text_of(page.get(NEW))
    page.post(NEW, {"learned": "Ik hou van buiten."})
    assert kept(sam)[0].content == {"kind": "", "on": None, "did": "", "felt": "", "learned": "Ik hou van buiten."}


def test_own_words_stand_before_the_choice_above_them(page, sam):
    page.post(NEW, {"kind": "stage", "own": "vakantiewerk bij de kapper"})
    [one] = kept(sam)
    assert one.kind == "vakantiewerk bij de kapper"
    assert 'value="vakantiewerk bij de kapper"' in text_of(page.get(f"{LIST}{one.id}/"))


def test_sent_twice_makes_one_card(page, sam):
    sent = {**hidden(page.get(NEW)), **OPEN_DAY}
    assert [page.post(NEW, sent).status_code for _ in range(2)] == [302, 302]
    assert len(kept(sam)) == 1


def test_an_id_of_somebody_elses_card_makes_a_card_of_ones_own(sam, noor, card):
    made = cards.save_card(
        passport=noor.passport, key=key_of(noor), card_id=card.id, revision=0, content={"did": "Iets"}, by=noor.user
    )
    assert made.id != card.id and kept(noor) == [made] and kept(sam) == [card]


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("did", "Mijn nummer is 111222333", "Is het je BSN?"),
        ("learned", "111.222.333", "Is het je BSN?"),
        ("own", "BSN 111222333", "Is het je BSN?"),
        ("did", "x" * 1001, "Dit is te lang."),
        ("own", "x" * 81, "Dit is te lang."),
        ("learned", "links \u202e rechts", "tekens in die wij niet kunnen bewaren"),
        ("on", "gisteren", "Dit is geen dag."),
        ("on", "2999-01-01", "Kies een dag die al is geweest."),
        ("on", "1066-10-14", "Kies een dag die al is geweest."),
        ("felt", "wonderful", "Kies een van de antwoorden."),
    ],
)
def test_what_does_not_fit_comes_back_as_it_was_typed(page, sam, field, text, sentence):
    html = text_of(page.post(NEW, {"kind": "stage", "did": "Ik keek rond.", field: text}))
    assert "<title>Fout:" in html and sentence in html and kept(sam) == []
    assert field == "did" or "Ik keek rond." in html


def test_an_empty_card_is_refused_in_words(page, sam):
    html = text_of(page.post(NEW, {"did": "  ", "revision": "0"}))
    assert "Kies wat je deed." in html and "<title>Fout:" in html and kept(sam) == []


@pytest.mark.parametrize("data", [{"card": "x"}, {"revision": "²"}, {"revision": "9" * 40}, {"on": "9" * 500}])
def test_no_odd_field_crashes(page, card, data):
    for path in (NEW, f"{LIST}{card.id}/", f"{LIST}{card.id}/overnemen/"):
        assert page.post(path, {"did": "Ja", **data}).status_code < 500


def test_a_nul_is_400(page):
    assert page.post(NEW, {"did": "a\x00b"}).status_code == 400


def test_fifty_is_enough(sam):
    for number in range(cards.MOST_CARDS):
        make(sam, did=f"Dag {number}")
    with pytest.raises(Refusal, match="too_many"):
        make(sam, did="Nog een")
    assert len(kept(sam)) == cards.MOST_CARDS


def test_only_the_student_writes_a_card(sam, mentor, card):
    with pytest.raises(NotHere):
        cards.save_card(
            passport=sam.passport, key=key_of(sam), card_id=uuid4(), revision=0, content={"did": "x"}, by=mentor
        )
    with pytest.raises(NotHere):
        cards.remove_card(passport=sam.passport, card_id=card.id, by=mentor)
    with pytest.raises(NotHere):
        take(sam, card, "Ik wil rust.", by=mentor)


# --- Changing and taking away ------------------------------------------------------------------------------


def test_a_card_is_changed(page, sam, card):
    sent = {**hidden(page.get(f"{LIST}{card.id}/")), **OPEN_DAY, "felt": "good"}
    assert page.post(f"{LIST}{card.id}/", sent).status_code == 302
    assert [(one.id, one.revision, one.felt) for one in kept(sam)] == [(card.id, 2, "good")]


def test_two_telephones_lose_no_word(page, sam, card):
    sent = {**hidden(page.get(f"{LIST}{card.id}/")), "did": "Van deze telefoon."}
    make(sam, card, did="Van de andere telefoon.")
    answer = page.post(f"{LIST}{card.id}/", sent)
    html = text_of(answer)
    assert answer.status_code == 409 and "Dit kaartje is net veranderd" in html
    assert "Van deze telefoon." in html and "Van de andere telefoon." in html
    assert kept(sam)[0].did == "Van de andere telefoon."
    page.post(f"{LIST}{card.id}/", {**hidden(answer), "did": "Van deze telefoon."})
    assert kept(sam)[0].did == "Van deze telefoon."


def test_the_same_text_again_is_no_conflict(sam, card):
    assert make(sam, card, **OPEN_DAY) == card
    make(sam, card, did="Nieuw")
    assert make(sam, card, did="Nieuw").revision == 2
    with pytest.raises(CardConflict):
        make(sam, card, did="Nog nieuwer")


def test_what_was_typed_on_a_card_that_is_gone_comes_back_as_a_new_card(page, sam, card):
    sent = {**hidden(page.get(f"{LIST}{card.id}/")), "did": "Lang over nagedacht."}
    cards.remove_card(passport=sam.passport, card_id=card.id, by=sam.user)
    answer = page.post(f"{LIST}{card.id}/", sent)
    assert answer.status_code == 404 and "Lang over nagedacht." in text_of(answer)
    assert page.post(NEW, {**hidden(answer), "did": "Lang over nagedacht."}).status_code == 302
    assert [one.did for one in kept(sam)] == ["Lang over nagedacht."]


def test_taking_away_asks_once_and_takes_that_card_only(page, sam, card):
    other = make(sam, kind="stage")
    html = text_of(page.get(f"{LIST}{card.id}/weg/"))
    assert "Haal je dit kaartje weg?" in html and "Nee, bewaar het" in html and len(kept(sam)) == 2
    assert "Het kaartje is weg." in text_of(page.post(f"{LIST}{card.id}/weg/", follow=True))
    assert kept(sam) == [other]
    assert page.get(f"{LIST}{card.id}/").status_code == 404


def test_a_typed_card_survives_the_end_of_the_session():
    answer = Client().post(NEW, {"did": "Ik zag een lokaal.", "learned": "Ik wil rust."})
    assert answer.status_code == 401
    assert "Ik zag een lokaal." in text_of(answer) and "Ik wil rust." in text_of(answer)


# --- Into the passport: only by a tap ----------------------------------------------------------------------


def take(student: Student, card: Card, *sentences: str, **other: Any) -> Any:
    known = {"revision": expects(student).revision, "by": student.user, **other}
    return cards.take_over(
        passport=student.passport, key=key_of(student), card_id=card.id, sentences=sentences, **known
    )


def test_a_card_never_comes_into_the_passport_by_itself(page, sam, card):
    page.get(f"{LIST}{card.id}/overnemen/")
    make(sam, card, **{**OPEN_DAY, "did": "Anders."})
    assert expects(sam).revision == 0


def test_the_chosen_sentence_comes_below_the_answer_as_a_new_revision(page, sam, card):
    write(sam, cards.QUESTION, "Twee dagen stage.")
    path = f"{LIST}{card.id}/overnemen/"
    html = text_of(page.get(path))
    assert "Twee dagen stage." in html and " checked" not in html
    assert html.count('name="sentence"') == 3
    answer = page.post(path, {"sentence": ["Ik wil rust."], "revision": "1"}, follow=True)
    assert answer.redirect_chain[0][0] == f"/paspoort/vraag/{cards.QUESTION}/"
    assert "Maak ongedaan" in text_of(answer)
    assert (expects(sam).value, expects(sam).revision) == ("Twee dagen stage.\nIk wil rust.", 2)
    page.post(f"/paspoort/vraag/{cards.QUESTION}/terug/", {"before": "1", "revision": "2"})
    assert expects(sam).value == "Twee dagen stage."


def test_what_stands_there_is_not_offered_again(page, sam, card):
    take(sam, card, *card.sentences)
    html = text_of(page.get(f"{LIST}{card.id}/overnemen/"))
    assert 'name="sentence"' not in html and "Alles van dit kaartje staat al in je paspoort." in html


@pytest.mark.parametrize("sentence", [[], ["Van iemand anders."], [""]])
def test_without_a_sentence_of_the_card_nothing_is_taken_over(page, sam, card, sentence):
    html = text_of(page.post(f"{LIST}{card.id}/overnemen/", {"sentence": sentence, "revision": "0"}))
    assert "Kies een zin." in html and expects(sam).revision == 0
    with pytest.raises(Refusal):
        take(sam, card, *sentence)


def test_an_answer_that_moved_is_shown_before_anything_is_added(page, sam, card):
    write(sam, cards.QUESTION, "Net geschreven.")
    html = text_of(page.post(f"{LIST}{card.id}/overnemen/", {"sentence": ["Ik wil rust."], "revision": "0"}))
    assert "Je antwoord is net veranderd." in html and "Net geschreven." in html
    assert expects(sam).value == "Net geschreven."


def test_a_full_answer_stays_as_it_is(page, sam, card):
    write(sam, cards.QUESTION, "x" * 995)
    html = text_of(page.post(f"{LIST}{card.id}/overnemen/", {"sentence": ["Ik wil rust."], "revision": "1"}))
    assert "Dit is te lang." in html and len(expects(sam).value) == 995


def test_a_reader_gets_the_sentence_and_nothing_else_of_the_card(sam, card, care, imke):
    take(sam, card, "Ik wil rust.")
    share = share_with_programme(sam, care, cards.QUESTION)
    said = access.read(share_id=share.pk, by=imke, action=Action.READ).said
    assert [one.value for one in said] == ["Ik wil rust."]
    assert not [unit for unit in shareable_units(questions_of(sam.passport)) if "experience" in unit]


def test_the_page_says_who_will_see_it(page, sam, card, care):
    path = f"{LIST}{card.id}/overnemen/"
    assert "Alleen jij ziet dit nu." in text_of(page.get(path))
    write(sam, cards.QUESTION, "Twee dagen stage.")
    share_with_programme(sam, care, cards.QUESTION)
    assert f"{care.label} ziet dit." in text_of(page.get(path))


# --- Nobody else, and no longer ----------------------------------------------------------------------------


def addresses(card: Card) -> list[str]:
    return [f"{LIST}{card.id}/{part}" for part in ("", "overnemen/", "weg/")]


def test_another_student_finds_and_changes_nothing(browser_of, sam, noor, card):
    other = browser_of(noor)
    for path in addresses(card):
        assert other.get(path).status_code == 404
        sent = {"did": "Van Noor", "revision": "1", "sentence": ["Ik wil rust."]}
        assert {other.post(path, data).status_code for data in (sent, {})} == {404}
    assert "Ik zag een lokaal" not in text_of(other.get(LIST))
    assert kept(sam) == [card] and expects(noor).revision == 0


@pytest.mark.parametrize("who", ["mentor", "imke"])
def test_staff_get_what_does_not_exist(request, browser_of, card, who):
    client = browser_of(request.getfixturevalue(who))
    assert {client.get(path).status_code for path in (LIST, NEW, *addresses(card))} == {404}
    assert {client.post(path, OPEN_DAY).status_code for path in (NEW, *addresses(card))} == {404}


def test_without_a_log_in_there_is_no_page(card):
    assert {Client().get(path).status_code for path in (LIST, NEW, *addresses(card))} == {302}


def test_standing_still_the_student_reads_and_writes_on(page, sam, card):
    leaving.freeze(student=sam, by=sam.user)
    assert "Ik wil rust." in text_of(page.get(LIST))
    assert page.post(NEW, {"kind": "stage"}).status_code == 302 and len(kept(sam)) == 2


def test_erased_nothing_of_a_card_is_left(settings, tmp_path, sam, noor, card):
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    other, blob = make(noor, did="Van Noor"), bytes(Experience.objects.get(pk=card.id).sealed)
    key = key_of(sam)
    assert key.open(blob, field=CARD_FIELD, row=card.id, revision=1)["kind"] == "open dag"
    leaving.erase_student(sam.pk, by=sam.user)
    assert [row.pk for row in Experience.objects.all()] == [other.id]
    with pytest.raises(vault.Shredded):
        key_of(sam)


def test_the_database_holds_no_word_of_a_card_and_not_how_much_there_is(sam):
    long = make(
        sam, kind=f"{CANARY} dag", did=f"{CANARY} gedaan", learned=f"{CANARY} geleerd, en nog veel meer dan dat"
    )
    short = make(sam, felt="bad")
    sizes = {len(row.sealed) for row in Experience.objects.filter(pk__in=[long.id, short.id])}
    assert hits(dump_of("default")) == [] and len(sizes) == 1


def test_a_card_in_the_place_of_another_does_not_open(sam, card):
    other = make(sam, did="Een ander kaartje")
    Experience.objects.filter(pk=card.id).update(sealed=Experience.objects.get(pk=other.id).sealed)
    with pytest.raises(vault.Tampered):
        kept(sam)


def test_the_export_holds_every_card(browser_of, sam, noor, card):
    make(noor, did="Van Noor")
    found = export.export_of(sam, key_of(sam))
    assert [(one["kind"], one["felt"], one["learned"]) for one in found["experiences"]] == [
        ("open dag", "Ging wel", "Ik wil rust.")
    ]
    assert "Van Noor" not in json.dumps(found)
    html = text_of(browser_of(sam).get(reverse("own_data_page")))
    assert "Open dag" in html and "Ik zag een lokaal. Het was druk." in html


# --- The list ----------------------------------------------------------------------------------------------


def test_the_newest_day_comes_first(sam):
    today = timezone.localdate()
    for days in (5, 1, 3):
        make(sam, did=f"{days} dagen", on=today - timedelta(days=days))
    make(sam, did="zonder dag")
    assert [one.did for one in kept(sam)] == ["zonder dag", "1 dagen", "3 dagen", "5 dagen"]


def test_ten_cards_cost_as_many_queries_as_one(page, sam, card, django_assert_num_queries):
    page.get(LIST)
    for number in range(9):
        make(sam, did=f"Dag {number}")
    with django_assert_num_queries(4):  # session, user, passport, cards; the key is in the other database
        page.get(LIST)


def test_the_start_page_and_the_passport_lead_there(page, sam):
    for path in ("/vandaag/", "/paspoort/"):
        html = text_of(page.get(path))
        assert "Ook hier" in html and f'href="{LIST}"' in html
        assert html.split("Ook hier")[1].split("</ul>")[0].count("<li") <= 4
