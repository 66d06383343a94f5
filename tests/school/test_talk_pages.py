"""The conversation guide, the pages for parents, and what goes on paper."""

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from weasyprint import CSS, HTML
from weasyprint.formatting_structure.boxes import TextBox

from consent import ledger
from consent.models import LedgerEntry
from passport import questionnaire
from school import reference
from tests import factories


def text_of(client, name, *args, **data) -> str:
    response = client.get(reverse(name, args=args), data)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def lob(sam, class_a):
    return factories.share(sam, "school_team", class_a.institution_id, "me.free_time", "need.support.quiet")


# --- The guide ---------------------------------------------------------------------------------------------


def test_the_guide_follows_the_questionnaire(mentor, browser_of):
    client, newest = browser_of(mentor), questionnaire.of_version(questionnaire.published().pk)
    booklet = text_of(client, "talk_booklet")
    for section in newest.sections:
        page = text_of(client, "talk_guide", section.key)
        for line in section.talk:
            assert line.split("?")[0] in page.replace("&quot;", '"') and line.split("?")[0] in booklet
    assert all(tip.split("«")[0] in booklet for tip in reference.says_little())


def test_an_unknown_part_is_not_here_and_the_guide_is_for_who_leads_the_talk(mentor, sam, browser_of):
    assert browser_of(mentor).get(reverse("talk_guide", args=["nonsense"])).status_code == 404
    for name, args in (("talk_guides", []), ("talk_guide", ["me"]), ("talk_booklet", [])):
        assert browser_of(sam).get(reverse(name, args=args)).status_code == 404
        assert Client().get(reverse(name, args=args)).status_code == 302


def test_every_line_that_is_not_for_home_is_in_the_questionnaire():
    asked = {line for guide in reference.guides() for line in guide.questions}
    left_out = set(reference._file("talk")["not_at_home"])
    assert left_out <= asked and len(reference.home_cards()) == len(asked) - len(left_out)


# --- Parents -----------------------------------------------------------------------------------------------


def test_anybody_reads_what_changes_in_seven_sentences_with_its_sources():
    page = text_of(Client(), "parents")
    assert page.count("<li>", page.index("<ol>"), page.index("</ol>")) == 7
    for one in (*reference.support()["points"], *reference.support()["sources"]):
        assert one["url"] in page and one["name"].split("&")[0].strip() in page
    assert 'lang="nl"' in page


def test_one_question_at_a_time_for_home():
    cards = reference.home_cards()
    first, last = text_of(Client(), "home_talk", 1), text_of(Client(), "home_talk", len(cards))
    assert cards[0][1] in first and cards[1][1] not in first
    assert "Volgende" in first and "Vorige" not in first and "Volgende" not in last
    for place in (0, len(cards) + 1):
        assert Client().get(reverse("home_talk", args=[place])).status_code == 404


def test_the_pack_for_a_parents_evening_holds_all_cards():
    page = text_of(Client(), "parents_evening")
    assert all(card in page for _, card in reference.home_cards())


# --- On paper ----------------------------------------------------------------------------------------------


def test_text_for_the_school_file_stands_under_headings_and_is_a_download(lob, mentor, sam, browser_of):
    page = browser_of(mentor).post(reverse("transfer_text", args=[lob.pk])).content.decode()
    assert "muziek" in page and "Een hoek bij het raam" in page and "Door mijn autisme" not in page
    assert page.index("Wie is de student") < page.index("Ondersteuning")
    assert "nooit in de plaats" in page
    look = LedgerEntry.objects.filter(event=ledger.Event.LOOK).get()
    assert (look.detail["action"], look.actor_id) == ("download", mentor.pk)


def test_only_the_school_team_takes_it_along(lob, given, imke, otto, sam, browser_of, mentor):
    for by, share in ((imke, lob), (otto, lob), (sam, lob), (imke, given)):
        assert browser_of(by).post(reverse("transfer_text", args=[share.pk])).status_code == 404
    assert browser_of(mentor).get(reverse("transfer_text", args=[lob.pk])).status_code == 405
    assert not LedgerEntry.objects.filter(event=ledger.Event.LOOK).exists()


def test_a_region_has_its_own_headings_and_what_fits_nowhere_is_kept(lob, mentor, sam, monkeypatch, browser_of):
    own = {"headings": [{"title": "Hulpvraag", "units": ["need.support."]}], "rest": "Verder"}
    known = {"default": reference._file("headings")["default"], "regions": {"": own, "31": own}}
    monkeypatch.setattr(reference, "_file", lambda name: known)
    page = browser_of(mentor).post(reverse("transfer_text", args=[lob.pk])).content.decode()
    assert "Hulpvraag" in page and "Verder" in page and "muziek" in page


@pytest.mark.parametrize(
    "text", [("Ik wil leren. " * 80)[:1000], "\n".join(["Ik wil op mijn eigen manier leren."] * 20)]
)
@pytest.mark.parametrize("reading", [{}, {"size": "xl", "space": "wide"}])
def test_the_longest_opinion_prints_on_half_a_page(sam, browser_of, text, reading):
    factories.write(sam, "school.plan_opinion", text)
    sam.user.reading = reading
    sam.user.save()
    html = browser_of(sam).get(reverse("own_opinion")).content.decode()
    sheets = [CSS(filename=str(finders.find(f"css/{name}"))) for name in ("paspoort.css",)]
    pages = HTML(string=html).render(stylesheets=sheets).pages
    bottoms = [box.position_y + box.height for page in pages for box in page._page_box.descendants() if _is_text(box)]
    assert "Ik wil" in html and len(pages) == 1 and len(bottoms) > 3
    assert max(bottoms) <= pages[0].height / 2


def _is_text(box) -> bool:
    return isinstance(box, TextBox) and bool(box.text.strip())


def test_my_opinion_is_that_one_answer_and_nothing_else(sam, browser_of):
    client = browser_of(sam)
    assert "Je schreef hier nog niets over." in text_of(client, "own_opinion")
    factories.write(sam, "school.plan_opinion", "Ik wil hulp bij rekenen.")
    page = text_of(client, "own_opinion")
    assert "Ik wil hulp bij rekenen." in page and "muziek" not in page


def test_my_proof_holds_certificates_and_placements(sam, browser_of):
    from uuid import uuid4

    from django.utils import timezone

    from passport import experiences

    client = browser_of(sam)
    assert "Hier staat nog niets." in text_of(client, "own_proof")
    factories.write(sam, "can.certificates", ["EHBO"])
    for kind, did in (("stage", "Planten gieten"), ("open dag", "Rondlopen")):
        card = {"kind": kind, "on": timezone.localdate(), "did": did, "felt": "", "learned": ""}
        experiences.save_card(
            passport=sam.passport, key=factories.key_of(sam), card_id=uuid4(), revision=0, content=card, by=sam.user
        )
    page = text_of(client, "own_proof")
    assert "EHBO" in page and "Planten gieten" in page and "Rondlopen" not in page


def test_the_papers_are_the_students_alone(mentor, browser_of):
    for name in ("own_opinion", "own_proof"):
        assert browser_of(mentor).get(reverse(name)).status_code == 404
