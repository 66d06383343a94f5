"""Support offers: who writes them, what a page shows of them, and how they lie beside a student's own needs."""

import re

import pytest
from django.urls import reverse

from accounts.models import Membership, Programme, Role, User
from accounts.refusals import NotHere, Refusal
from intake.models import Offer, ProgrammeFacts
from intake.services import comparing, offers
from intake.services.comparing import Cover
from passport.questionnaire import of_version, published
from school.models import OfficeEvent
from tests import factories
from tests.factories import key_of, write

V1 = "/api/v1"


@pytest.fixture
def boss(care) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="meneer Achtereekte")


@pytest.fixture
def stranger() -> User:
    """Coordinator of another college."""
    return factories.make_staff(Role.COORDINATOR, institution=factories.make_programme().institution)


def offer(programme, need="quiet", layer="basic", text="Er is een stille kamer.") -> Offer:
    return Offer.objects.create(programme=programme, need=need, layer=layer, text=text)


def office(programme, need: str = "") -> str:
    name, more = ("office_offer", [need]) if need else ("office_offers", [])
    return reverse(name, args=[programme.institution_id, programme.pk, *more])


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def said(**more: str) -> dict[str, str]:
    return {"basic": "", "extra": "", "external": "", **more}


def facts(**more: str) -> dict[str, str]:
    empty = dict.fromkeys(("starts", "days_a_week", "hours_a_week", "group_size", "travel", "part_time"), "")
    empty |= dict.fromkeys(("first_day_time", "first_day_where", "first_day_who"), "")
    return {**empty, "learning_route": "", **more}


# --- The college writes ------------------------------------------------------------------------------------


def test_the_coordinator_writes_one_need_and_everybody_reads_it(browser_of, client, care, boss):
    browser_of(boss).post(office(care, "quiet"), said(basic="Lokaal 2 is stil.", extra="Je krijgt een vaste plek."))
    assert set(Offer.objects.values_list("layer", "text", "written_by")) == {
        ("basic", "Lokaal 2 is stil.", boss.pk),
        ("extra", "Je krijgt een vaste plek.", boss.pk),
    }
    assert "Lokaal 2 is stil." in text_of(client.get(reverse("offers_compare"), {"opleiding": care.code}))
    assert [one.what for one in OfficeEvent.objects.all()] == ["offer_written"] * 2


def test_an_emptied_text_goes_and_the_log_says_so(browser_of, care, boss):
    kept, gone = offer(care), offer(care, layer="extra")
    browser_of(boss).post(office(care, "quiet"), said(basic="Er zijn twee stille kamers."))
    assert list(Offer.objects.values_list("pk", "text")) == [(kept.pk, "Er zijn twee stille kamers.")]
    events = OfficeEvent.objects.filter(institution=care.institution)
    assert set(events.values_list("what", flat=True)) == {"offer_changed", "offer_removed"}
    assert not Offer.objects.filter(pk=gone.pk).exists()


def test_a_form_that_came_in_without_its_fields_takes_nothing_away(browser_of, care, boss):
    offer(care)
    browser_of(boss).post(office(care, "quiet"), {})
    assert Offer.objects.count() == 1


def test_keeping_the_same_texts_changes_nothing(browser_of, care, boss):
    before = offer(care).updated_at
    browser_of(boss).post(office(care, "quiet"), said(basic="Er is een stille kamer."))
    assert Offer.objects.get().updated_at == before and not OfficeEvent.objects.exists()


@pytest.mark.parametrize("who", ["imke", "stranger", "mentor", "sam"])
def test_nobody_else_comes_near(request, browser_of, care, who):
    client = browser_of(request.getfixturevalue(who))
    answers = [client.get(office(care)), client.get(office(care, "quiet")), client.post(office(care, "quiet"), said())]
    assert [one.status_code for one in answers] == [404] * 3


def test_a_coordinator_who_left_writes_no_longer(browser_of, care, boss):
    Membership.objects.filter(user=boss).update(ends_on="2020-01-01", starts_on="2019-01-01")
    assert browser_of(boss).post(office(care, "quiet"), said(basic="Ja.")).status_code == 404
    assert not Offer.objects.exists()


def test_a_need_that_does_not_exist_has_no_page(browser_of, care, boss):
    assert browser_of(boss).get(office(care, "magic")).status_code == 404


def test_a_citizen_service_number_is_refused_at_its_field(browser_of, care, boss):
    answer = browser_of(boss).post(office(care, "quiet"), said(extra="Bel 111222333."))
    assert answer.status_code == 400 and "BSN" in text_of(answer) and not Offer.objects.exists()


def test_bewaar_en_verder_goes_to_the_next_need_in_the_order_of_the_questions(browser_of, care, boss):
    keys = [one.key for one in of_version(published().pk).needs]
    client = browser_of(boss)
    answer = client.post(f"{office(care, keys[0])}?begin=voorbeeld", said(next="1"))
    assert answer.url == f"{office(care, keys[1])}?begin=voorbeeld"
    assert client.post(office(care, keys[-1]), said(next="1")).url == office(care)


# --- «Begin met een voorbeeld» -----------------------------------------------------------------------------


def test_our_file_has_an_example_with_a_gap_for_every_need():
    examples, needs = offers.examples(), {one.key for one in of_version(published().pk).needs}
    assert set(examples) == needs
    for texts in examples.values():
        assert texts and set(texts) <= set(offers.LAYERS)
        assert all(re.search(r"\[[^\]]+\?\]", text) and len(text) <= offers.LONGEST for text in texts.values())


def test_an_example_stands_in_the_fields_and_is_public_nowhere(browser_of, client, api, care, boss):
    example = offers.examples()["quiet"]["basic"]
    page = browser_of(boss).get(office(care, "quiet"), {"begin": "voorbeeld"}).content.decode()
    assert example in page and "Niemand ziet dit, tot u het bewaart." in page
    assert not Offer.objects.exists() and api(None).get(f"{V1}/offers/").json()["count"] == 0
    assert example not in client.get(reverse("offers_compare"), {"opleiding": care.code}).content.decode()


def test_an_example_cannot_be_kept_before_its_gap_is_filled(browser_of, care, boss):
    example = offers.examples()["quiet"]["basic"]
    answer = browser_of(boss).post(office(care, "quiet"), said(basic=example))
    assert answer.status_code == 400 and "Vul in wat tussen [ ] staat." in text_of(answer)
    assert not Offer.objects.exists()


def test_a_college_begins_with_another_programme_of_its_own(browser_of, care, boss):
    sister = factories.make_programme("care2", name="Helpende")
    type(sister).objects.filter(pk=sister.pk).update(institution=care.institution)
    offer(sister, text="Wij hebben een rustige hoek.")
    page = browser_of(boss).get(office(care, "quiet"), {"begin": "care2"}).content.decode()
    assert "Wij hebben een rustige hoek." in page and not Offer.objects.filter(programme=care).exists()


def test_what_is_written_already_is_never_replaced_by_an_example(browser_of, care, boss):
    offer(care, text="Onze eigen zin.")
    page = browser_of(boss).get(office(care, "quiet"), {"begin": "voorbeeld"}).content.decode()
    assert "Onze eigen zin." in page and offers.examples()["quiet"]["basic"] not in page


def test_the_texts_of_another_college_are_no_beginning(browser_of, care, boss):
    offer(factories.make_programme("elders"), text="Van een ander mbo.")
    page = browser_of(boss).get(office(care, "quiet"), {"begin": "elders"}).content.decode()
    assert "Van een ander mbo." not in page


# --- The facts ---------------------------------------------------------------------------------------------


def test_the_coordinator_keeps_the_facts_and_everybody_reads_them(browser_of, client, care, boss):
    filled = facts(starts="In februari.", days_a_week="3", group_size="1", learning_route="bbl", part_time="ask")
    browser_of(boss).post(office(care), filled)
    care.refresh_from_db()
    assert (care.facts.days_a_week, care.facts.hours_a_week, care.learning_route) == (3, None, "bbl")
    page = text_of(client.get(reverse("offers_compare"), {"opleiding": care.code}))
    for words in ("In februari.", "3 dagen per week", "Ongeveer 1 student", "BBL: je werkt", "Soms. Vraag het."):
        assert words in page
    assert OfficeEvent.objects.get().what == "facts_changed"


def test_keeping_the_facts_keeps_a_learning_route_we_do_not_know(browser_of, care, boss):
    Programme.objects.filter(pk=care.pk).update(learning_route="voltijd")
    page = browser_of(boss).get(office(care)).content.decode()
    assert re.search(r'<option value="voltijd"\s+selected>voltijd</option>', page)
    browser_of(boss).post(office(care), facts(starts="In september.", learning_route="voltijd"))
    assert ProgrammeFacts.objects.get().starts == "In september."
    assert Programme.objects.get(pk=care.pk).learning_route == "voltijd"


def test_a_fact_that_nobody_filled_in_has_no_row(client, care):
    assert "Zo ziet een week eruit" not in text_of(client.get(reverse("offers_compare"), {"opleiding": care.code}))
    ProgrammeFacts.objects.create(programme=care, starts="In mei.")
    page = text_of(client.get(reverse("offers_compare"), {"opleiding": care.code}))
    assert "In mei." in page and "Groep" not in page


@pytest.mark.parametrize(("name", "value"), [("days_a_week", "8"), ("hours_a_week", "0"), ("group_size", "veel")])
def test_an_impossible_fact_is_refused(browser_of, care, boss, name, value):
    assert browser_of(boss).post(office(care), facts(**{name: value})).status_code == 400
    assert not ProgrammeFacts.objects.exists()


def test_the_facts_of_another_college_are_not_to_be_changed(care, stranger):
    with pytest.raises(Refusal):
        from intake.services.facts import write_facts

        write_facts(programme=care, said=facts(), by=stranger)


# --- Side by side ------------------------------------------------------------------------------------------


def test_three_programmes_stand_in_the_order_they_were_chosen_and_a_fourth_not(client):
    codes = [factories.make_programme(code, name=f"Naam {code}").code for code in ("ccc", "aaa", "bbb", "ddd")]
    response = client.get(reverse("offers_compare"), {"opleiding": codes})
    assert [one.programme.code for one in response.context["compared"].columns] == ["ccc", "aaa", "bbb"]


def test_without_script_every_need_of_the_chosen_programmes_is_there(client, care):
    offer(care)
    html = client.get(reverse("offers_compare"), {"opleiding": care.code}).content.decode()
    needs = [one.key for one in of_version(published().pk).needs]
    assert re.findall(r'<tr[^>]* id="hulp-(\w+)"', html) == needs
    assert re.findall(r'href="#hulp-(\w+)"', html) == needs
    assert "data-needs hidden" in html


def test_no_field_for_a_need_can_be_sent(client, care):
    """No name and no form around it: not even a browser that wanted to could send the choice."""
    html = client.get(reverse("offers_compare"), {"opleiding": care.code}).content.decode()
    boxes = re.findall(r'<input type="checkbox"[^>]*>', html)
    assert boxes and not any(" name=" in box for box in boxes)
    before = html[: html.index('<input type="checkbox"')]
    assert before.count("<form") == before.count("</form>")


def test_what_nobody_chose_and_what_is_unknown_is_left_out(client, care):
    page = client.get(reverse("offers_compare"), {"opleiding": ["weg", care.code, care.code]})
    assert [one.programme for one in page.context["compared"].columns] == [care]


def test_searching_finds_by_name_and_offers_what_is_not_chosen_yet(client, care):
    cook = factories.make_programme("kok", name="Kok")
    found = client.get(reverse("offers_compare"), {"zoek": "kok", "opleiding": care.code}).context["found"]
    assert [one for one, _ in found] == [cook] and found[0][1].endswith(f"?opleiding={care.code}&opleiding=kok")


COMPARING = 5  # the version, the programmes, the texts, the facts, what else can be chosen


@pytest.mark.parametrize("many", [1, 2])
def test_comparing_costs_the_same_for_one_and_for_more(client, django_assert_num_queries, many):
    programmes = [factories.make_programme() for _ in range(many)]
    for programme in programmes:
        for need in ("quiet", "time", "maths"):
            for layer in offers.LAYERS:
                offer(programme, need, layer, "Ja.")
    published()
    with django_assert_num_queries(COMPARING):
        client.get(reverse("offers_compare"), {"opleiding": [one.code for one in programmes]})


# --- The student's own -------------------------------------------------------------------------------------


@pytest.fixture
def chooser(sam, care):
    write(sam, "want.programmes", [care.code])
    needs = [{"need": need, "how_often": "", "what_works": "", "why": ""} for need in ("travel", "quiet", "time")]
    write(sam, "need.support", needs)
    return sam


def covers(student) -> list[tuple[str, Cover]]:
    own = comparing.own_cover(student, key_of(student))
    return [(need.label, need.cover) for one in own.programmes for need in one.needs]


def test_each_own_need_is_covered_to_discuss_or_not_described_in_the_own_order(chooser, care):
    offer(care, "quiet", "basic")
    offer(care, "quiet", "extra")
    offer(care, "time", "extra")
    assert covers(chooser) == [
        ("Hulp bij reizen", Cover.NOT_DESCRIBED),
        ("Een rustige plek om te werken", Cover.COVERED),
        ("Extra tijd bij toetsen en taken", Cover.DISCUSS),
    ]


def test_help_from_outside_is_to_be_discussed(chooser, care):
    offer(care, "travel", "external")
    assert covers(chooser)[0][1] is Cover.DISCUSS


def test_the_student_reads_it_in_words_and_nothing_is_counted(browser_of, chooser, care):
    offer(care, "quiet", "basic", "Lokaal 2 is stil.")
    offer(care, "time", "extra", "Een kwartier extra.")
    page = text_of(browser_of(chooser).get(reverse("offers_own")))
    for words in ("Dit heeft de opleiding", "Praat hierover", "Dit staat er nog niet bij", "Lokaal 2 is stil."):
        assert words in page
    assert "3 van" not in page and "%" not in page


def test_a_reason_never_stands_there(browser_of, sam, care):
    write(sam, "want.programmes", [care.code])
    assert "autisme" not in browser_of(sam).get(reverse("offers_own")).content.decode()


def test_what_is_not_chosen_yet_is_asked_for_first(browser_of, sam, care):
    page = browser_of(sam).get(reverse("offers_own"))
    assert "Kies eerst een opleiding" in text_of(page)
    write(sam, "want.programmes", [care.code])
    write(sam, "need.support", None, "private")
    assert "Kies eerst wat jou helpt." in text_of(browser_of(sam).get(reverse("offers_own")))


def test_a_programme_that_is_gone_is_left_out(browser_of, chooser, care):
    care.delete()
    assert "Kies eerst een opleiding" in text_of(browser_of(chooser).get(reverse("offers_own")))


@pytest.mark.parametrize("who", ["mentor", "imke", "boss"])
def test_the_page_is_the_students_alone(request, browser_of, chooser, who):
    assert browser_of(request.getfixturevalue(who)).get(reverse("offers_own")).status_code == 404


def test_the_own_page_costs_the_same_whatever_was_chosen(browser_of, chooser, care, django_assert_num_queries):
    client = browser_of(chooser)
    client.get(reverse("offers_own"))
    with django_assert_num_queries(OWN):
        client.get(reverse("offers_own"))
    write(chooser, "want.programmes", [care.code, factories.make_programme().code])
    with django_assert_num_queries(OWN):
        client.get(reverse("offers_own"))


OWN = 7


# --- The API -----------------------------------------------------------------------------------------------


def body(care, **more: str) -> dict[str, str]:
    return {"programme": care.code, "need": "quiet", "layer": "basic", "text": "Er is een stille kamer.", **more}


def test_the_coordinator_writes_changes_and_takes_away_over_the_api(api, care, boss):
    client = api(boss)
    made = client.post(f"{V1}/offers/", body(care), format="json")
    assert made.status_code == 201 and made.json()["layer"] == "basic"
    where = f"{V1}/offers/{made.json()['id']}/"
    changed = client.patch(where, {"text": "Er zijn er twee.", "layer": "extra"}, format="json")
    assert (changed.status_code, changed.json()["text"], changed.json()["layer"]) == (200, "Er zijn er twee.", "extra")
    assert client.delete(where).status_code == 204 and not Offer.objects.exists()
    assert client.delete(where).status_code == 404
    logged = OfficeEvent.objects.order_by("at").values_list("what", flat=True)
    assert list(logged) == ["offer_written", "offer_changed", "offer_removed"]


@pytest.mark.parametrize("who", ["imke", "stranger", "mentor", "sam"])
def test_over_the_api_others_may_not_and_hear_it(request, api, care, who):
    row, client = offer(care), api(request.getfixturevalue(who))
    where = f"{V1}/offers/{row.pk}/"
    answers = [
        client.post(f"{V1}/offers/", body(care, need="time"), format="json"),
        client.patch(where, {"text": "Nee."}, format="json"),
        client.delete(where),
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "forbidden")] * 3
    assert list(Offer.objects.values_list("text", flat=True)) == ["Er is een stille kamer."]


def test_without_an_account_one_reads_and_writes_nothing(api, care):
    row, client = offer(care), api(None)
    assert client.get(f"{V1}/offers/").json()["results"][0]["id"] == str(row.pk)
    answers = [
        client.post(f"{V1}/offers/", body(care), format="json"),
        client.patch(f"{V1}/offers/{row.pk}/", {}, format="json"),
        client.delete(f"{V1}/offers/{row.pk}/"),
    ]
    assert [one.status_code for one in answers] == [401] * 3


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"need": "magic"}, 400, "unknown_need"),
        ({"programme": "weg"}, 400, "unknown_programme"),
        ({"layer": "gold"}, 400, "invalid_choice"),
        ({"text": "Bel [wie?]."}, 400, "unfilled"),
        ({"text": "x" * 401}, 400, "max_length"),
        ({"level": "3"}, 400, "unknown_field"),
        ({}, 409, "said_already"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_code(api, care, boss, change, status, code):
    offer(care)
    answer = api(boss).post(f"{V1}/offers/", body(care, **change), format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code) and Offer.objects.count() == 1


def test_an_offer_does_not_move_onto_another(api, care, boss):
    offer(care)
    other = offer(care, layer="extra")
    answer = api(boss).patch(f"{V1}/offers/{other.pk}/", {"layer": "basic"}, format="json")
    assert answer.status_code == 409 and Offer.objects.get(pk=other.pk).layer == "extra"


def test_a_page_of_offers_costs_two_queries(api, care, django_assert_num_queries):
    for need in ("quiet", "time", "maths"):
        offer(care, need)
    with django_assert_num_queries(2):
        assert api(None).get(f"{V1}/offers/").json()["count"] == 3


def test_the_services_ask_for_themselves(care, stranger):
    row = offer(care)
    with pytest.raises(Refusal):
        offers.write_need(programme=care, need="quiet", texts={}, by=stranger)
    with pytest.raises(Refusal):
        offers.remove_offer(offer=row, by=stranger)
    with pytest.raises(NotHere):
        offers.need_or_404("magic")
    assert Offer.objects.filter(pk=row.pk).exists()
