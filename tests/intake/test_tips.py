"""Tips per need: whose list one reads, who changes it, and that what worked leads to nobody."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
import time_machine
import yaml
from django.urls import reverse

from accounts.models import Region, Role, User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from intake.models import RegionTip, WorkedWell
from intake.services import tips
from tests import factories
from tests.words import lint

OURS = yaml.safe_load(tips.FILE.read_text(encoding="utf-8"))
ALL_TIPS = [(need, text) for need, one in OURS.items() for text in (one["about"], *one["school"], *one["work"])]
GOOD = "Elke maandag samen de week doornemen werkte goed."


@pytest.fixture
def region() -> Region:
    return Region.objects.create(code="29", name="Zwolle en omgeving")


@pytest.fixture
def rika(region: Region) -> User:
    """Coordinator of the region."""
    return factories.make_staff(Role.REGION, region=region, name="Rika Vos", starts_on=date(2025, 1, 1))


@pytest.fixture
def here(region: Region, care: Any) -> Any:
    """The college of `care`, in the region."""
    care.institution.region = region
    care.institution.save()
    return care.institution


def shown_to(share: Any, by: User) -> list[tips.Beside]:
    return tips.beside(access.read(share_id=share.pk, by=by, action=Action.READ), by)


def text(answer: Any) -> str:
    return answer.content.decode()


# --- What is in the project --------------------------------------------------------------------------------


def test_every_need_has_two_to_four_tips_for_each_audience():
    assert set(OURS) == set(tips.need_labels())
    assert {
        need for need, one in OURS.items() if not 2 <= len(one["school"]) <= 4 or not 2 <= len(one["work"]) <= 4
    } == set()
    assert [text for _, text in ALL_TIPS if len(text) > tips.LONGEST] == []


def test_a_tip_is_plain_and_speaks_to_anybody():
    wrong = [
        fault
        for _, said in ALL_TIPS
        for line in lint.sentences(said)
        for fault in lint.sentence_faults(line, lint.STAFF, {"rekenmachine"})
    ]
    assert wrong == [] and not [said for _, said in ALL_TIPS if lint.lists.FORMAL.search(said)]


def test_a_tip_names_no_diagnosis():
    named = ("autis", "adhd", "tos", "dyslex", "stoornis", "diagnos", "syndroom", "beperking", "epilep")
    assert [said for _, said in ALL_TIPS if any(f" {word}" in f" {said.lower()}" for word in named)] == []


# --- Who reads what ----------------------------------------------------------------------------------------


def test_a_need_comes_with_the_tips_for_school(given, imke):
    [one] = shown_to(given, imke)
    assert one.label == "Een rustige plek om te werken" and list(one.lines) == OURS["quiet"]["school"]


def test_without_a_need_there_are_no_tips_and_no_query(sam, care, imke, django_assert_num_queries):
    share = factories.share_with_programme(sam, care, "me.free_time")
    dossier = access.read(share_id=share.pk, by=imke, action=Action.READ)
    with django_assert_num_queries(0):
        assert tips.beside(dossier, imke) == []


def test_a_workplace_gets_those_for_work(sam):
    share = factories.share_by_link(sam, "need.support.quiet")
    dossier = access.preview(share=share, items=share.items.all(), key=factories.key_of(sam))
    [one] = tips.beside(dossier, None)
    assert list(one.lines) == OURS["quiet"]["work"]


def test_a_reader_gets_the_list_of_their_region(given, imke, rika, here, otto):
    tips.save_tips(need="quiet", audience="school", texts=["Zet een scherm neer."], by=rika)
    assert shown_to(given, imke)[0].lines == ("Zet een scherm neer.",)
    assert list(tips.tips_for(otto)["quiet"].school) == OURS["quiet"]["school"]
    assert list(tips.tips_for(imke)["quiet"].work) == OURS["quiet"]["work"]


def test_tips_stand_beside_the_brief_and_the_dossier(given, imke, browser_of):
    case = given.case
    for name in ("case_brief", "case_dossier"):
        assert OURS["quiet"]["school"][0] in text(browser_of(imke).get(reverse(name, args=[case.pk])))


def test_the_public_page_is_for_anybody(client):
    shown = text(client.get(reverse("tips")))
    assert all(label in shown for label in tips.need_labels().values())
    assert OURS["hearing"]["work"][0] in shown


# --- The region changes them -------------------------------------------------------------------------------


def test_an_empty_list_or_ours_brings_ours_back(rika):
    tips.save_tips(need="quiet", audience="work", texts=["Een eigen tip."], by=rika)
    assert RegionTip.objects.get().edited_by == rika
    tips.save_tips(need="quiet", audience="work", texts=OURS["quiet"]["work"], by=rika)
    assert not RegionTip.objects.exists()
    tips.save_tips(need="quiet", audience="work", texts=["Een eigen tip."], by=rika)
    tips.save_tips(need="quiet", audience="work", texts=["", " "], by=rika)
    assert not RegionTip.objects.exists()


@pytest.mark.parametrize(
    "wrong", [["x" * 161], ["a", "b", "c", "d", "e", "f", "g"], ["Bel 06 12345678"], ["Mail a@b.nl"]]
)
def test_what_does_not_fit_is_refused_at_its_field(rika, wrong):
    with pytest.raises(Refusal) as no:
        tips.save_tips(need="quiet", audience="school", texts=wrong, by=rika)
    assert no.value.field == "school" and not RegionTip.objects.exists()


def test_the_region_edits_on_its_page(rika, browser_of):
    client = browser_of(rika)
    assert "Extra pauze of minder uren" in text(client.get(reverse("region_tips")))
    address = reverse("region_tip", args=["energy"])
    assert OURS["energy"]["school"][0] in text(client.get(address))
    assert client.post(address, {"school": "Begin later.\nStop eerder.", "work": ""}).status_code == 302
    assert tips.tips_for(rika)["energy"].school == ("Begin later.", "Stop eerder.")
    answer = client.post(address, {"school": "x" * 161, "work": "Een tip."})
    assert answer.status_code == 400 and "Een tip." in text(answer)
    assert tips.tips_for(rika)["energy"].work == tuple(OURS["energy"]["work"])


@pytest.mark.parametrize("who", ["imke", "mentor", "sam"])
def test_nobody_else_comes_there(request, who, region, browser_of):
    client = browser_of(request.getfixturevalue(who))
    pages = [reverse("region_tips"), reverse("region_tip", args=["quiet"])]
    assert [client.get(page).status_code for page in pages] == [404, 404]
    assert client.post(reverse("region_tip", args=["quiet"]), {"school": "x"}).status_code == 404
    assert client.post(reverse("region_sentence", args=[uuid4()])).status_code == 404


def test_no_longer_when_the_membership_ended(rika, browser_of):
    rika.memberships.update(ends_on=date(2026, 1, 1), starts_on=date(2025, 1, 1))
    assert browser_of(rika).get(reverse("region_tips")).status_code == 404


# --- «Werkte goed» -----------------------------------------------------------------------------------------


def note(institution: Any, *months: str, need: str = "quiet") -> None:
    """A sentence of each of these months."""
    for number, month in enumerate(months):
        with time_machine.travel(f"{month}-17 12:00", tick=False):
            tips.note_worked(need=need, sentence=f"{GOOD} Dat was nummer {number}.", institution=institution)


def test_a_sentence_is_kept_of_nobody(here):
    note(here, "2026-03")
    row = WorkedWell.objects.get()
    assert row.month == date(2026, 3, 1)
    assert {field.name for field in WorkedWell._meta.get_fields()} == {"id", "region", "need", "month", "text"}


@pytest.mark.parametrize(
    "sentence",
    [
        "Het werkte goed dat Sam een koptelefoon had.",
        "Mevrouw De Vries belde elke week.",
        "Hij mocht eerder weg.",
        "Mijn vaste plek.",
        "Bellen met 06-12345678.",
        "Mailen met jan@school.nl.",
        "Zie www.school.nl.",
        "Het nummer is 111222333.",
    ],
)
def test_a_sentence_about_a_person_is_refused(here, sentence):
    with pytest.raises(Refusal) as no:
        tips.note_worked(need="quiet", sentence=sentence, institution=here)
    assert "zonder naam" in no.value.sentence and not WorkedWell.objects.exists()


@pytest.mark.parametrize("sentence", ["Sam werkt goed met een lijst.", "een lijst van sam de vos hielp."])
def test_a_name_the_caller_knows_is_refused_anywhere(here, sentence):
    with pytest.raises(Refusal):
        tips.note_worked(need="quiet", sentence=sentence, institution=here, names=["Sam Vos"])


@pytest.mark.parametrize(
    "sentence", [GOOD, "Een vaste plek op het mbo. Elke dag het OPP erbij.", "Bij Engels een lijst."]
)
def test_a_plain_sentence_is_kept(here, sentence):
    tips.note_worked(need="quiet", sentence=sentence, institution=here, names=["Sam Vos"])
    assert WorkedWell.objects.get().text == sentence


def test_nothing_is_kept_where_nobody_would_read_it(care, here):
    elsewhere = factories.make_programme().institution
    tips.note_worked(need="quiet", sentence=GOOD, institution=elsewhere)
    tips.note_worked(need="nothing", sentence=GOOD, institution=here)
    tips.note_worked(need="quiet", sentence="  ", institution=here)
    assert not WorkedWell.objects.exists()


def test_the_region_reads_only_five_or_more_of_months_that_are_over(here, region):
    note(here, "2026-01", "2026-01", "2026-02", "2026-03")
    note(here, "2026-01", need="steps")
    with time_machine.travel("2026-05-02"):
        assert tips.sentences_of(region) == {}
    note(here, "2026-05")
    with time_machine.travel("2026-05-31"):
        assert tips.sentences_of(region) == {}
    with time_machine.travel("2026-06-01"):
        assert {need: len(said) for need, said in tips.sentences_of(region).items()} == {"quiet": 5}


def test_one_more_sentence_waits_for_its_own_five(here, region):
    note(here, *["2026-01"] * 5)
    note(here, "2026-02")
    with time_machine.travel("2026-04-01"):
        assert len(tips.sentences_of(region)["quiet"]) == 5
    note(here, *["2026-04"] * 4)
    with time_machine.travel("2026-05-01"):
        assert len(tips.sentences_of(region)["quiet"]) == 10


def test_a_batch_stays_open_while_the_region_works_through_it(here, region, rika):
    note(here, *["2026-01"] * 5)
    with time_machine.travel("2026-02-01"):
        said = tips.sentences_of(region)["quiet"]
        tips.drop_sentence(sentence_id=said[0].id, by=rika)
        tips.take_sentence(sentence_id=said[1].id, audience="work", by=rika)
        assert {one.id for one in tips.sentences_of(region)["quiet"]} == {one.id for one in said[2:]}
        assert tips.tips_for(rika)["quiet"].work == (*OURS["quiet"]["work"], said[1].text)
    assert WorkedWell.objects.filter(text="").count() == 2


def test_a_sentence_that_may_not_be_read_may_not_be_taken(here, region, rika):
    note(here, "2026-01")
    waiting = WorkedWell.objects.get()
    other = factories.make_staff(Role.REGION, region=Region.objects.create(code="1", name="Elders"))
    for by in (rika, other):
        with pytest.raises(NotHere):
            tips.take_sentence(sentence_id=waiting.pk, audience="work", by=by)
        with pytest.raises(NotHere):
            tips.drop_sentence(sentence_id=waiting.pk, by=by)


def test_a_full_list_takes_no_more_and_keeps_the_sentence(here, region, rika, browser_of):
    note(here, *["2026-01"] * 5)
    tips.save_tips(need="quiet", audience="work", texts=[f"Tip {n}." for n in range(6)], by=rika)
    one = tips.sentences_of(region)["quiet"][0]
    client = browser_of(rika)
    client.post(reverse("region_sentence", args=[one.id]), {"audience": "work"})
    assert "te veel tips" in text(client.get(reverse("region_tip", args=["quiet"])))
    assert one in tips.sentences_of(region)["quiet"]
    client.post(reverse("region_sentence", args=[one.id]), {"audience": ""})
    assert one not in tips.sentences_of(region)["quiet"]
