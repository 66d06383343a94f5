"""The agreement on screen and over the API: drafting, signing, looking back; with real forms."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Role
from accounts.refusals import NotHere, Refusal
from intake.models import Agreement, AgreementReview, Case, WorkedWell
from intake.services import agreement_reviews, agreements, fits, sharing
from tests import factories
from tests.intake.agreed import WHAT, case_of, draft, in_days, offered, seen_by, sign, signed

STATUS = Agreement.Status


@pytest.fixture
def case(given) -> Case:
    return case_of(given)


@pytest.fixture
def young(care):
    student = factories.make_pupil(age=14)
    factories.write(student, "me.name", "Kim")
    parent = factories.make_parent(student)
    share = factories.share_with_programme(student, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    return student, parent, case_of(share)


def body(*whats: str, **terms) -> dict:
    internship = {"what": "Samen zoeken", "who": "de stagecoach", "works": "Er is een plek", "internship": True}
    rows = [
        {"what": what, "who": "mevrouw Bos", "works": "Elke maand vragen", "need": "quiet"} for what in whats or [WHAT]
    ]
    day = in_days(10).isoformat()
    known = {"rows": [one | {"starts_on": day} for one in [*rows, internship]]}
    return known | {"review_date": in_days(200).isoformat()} | terms


def url(name: str, case: Case) -> str:
    return reverse(name, args=[case.pk])


# --- The API -----------------------------------------------------------------------------------------------


def test_from_a_draft_to_a_signed_agreement(api, case, sam, imke):
    address, signing = url("api_agreement", case), url("api_agreement_sign", case)
    assert api(imke).get(address).status_code == 404
    put = api(imke).put(address, body(status="draft"), format="json")
    assert put.status_code == 200 and put.json()["status"] == "draft"
    assert api(sam).get(address).status_code == 404
    assert api(imke).put(address, body(), format="json").json()["status"] == "offered"
    found = api(sam).get(address)
    assert found.json()["waits_for"] == ["student", "college"] and "no-store" in found["Cache-Control"]
    assert [one["internship"] for one in found.json()["rows"]] == [False, True]
    seen = found.json()["digest"]
    assert api(sam).post(signing, {"seen": seen}, format="json").json()["status"] == "offered"
    done = api(imke).post(signing, {"seen": seen}, format="json").json()
    assert done["status"] == "signed" and {one["role"] for one in done["signatures"]} == {"student", "college"}
    again = api(imke).put(address, body("Extra tijd"), format="json").json()
    assert again["version"] == 2 and [one["version"] for one in again["earlier"]] == [1]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"review_date": in_days(400).isoformat()}, "review_too_late"),
        ({"review_date": "x"}, "invalid"),
        ({"rows": []}, "internship"),
        ({"extra": 1}, "unknown_field"),
        ({"signer": "somebody"}, "invalid"),
    ],
)
def test_what_does_not_fit_is_400(api, case, imke, change, code):
    answer = api(imke).put(url("api_agreement", case), body() | change, format="json")
    assert answer.status_code == 400 and code in str(answer.json())


def test_a_yes_to_another_text_is_409(api, case, sam, imke):
    offered(case, imke)
    seen = seen_by(case, sam)
    offered(case, imke, "Iets anders")
    for said in (seen, "", "x"):
        answer = api(sam).post(url("api_agreement_sign", case), {"seen": said}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "changed")


def test_a_no_over_the_api(api, case, sam, imke):
    offered(case, imke)
    answer = api(sam).post(url("api_agreement_sign", case), {"answer": "no"}, format="json").json()
    assert answer["status"] == "refused" and answer["rows"] == [] and answer["student"] is None


def test_on_an_own_phone_a_signature_asks_once_more(api, case, sam, imke):
    offered(case, imke)
    client = api(sam)
    client.force_authenticate(None)
    client.force_login(sam.user)
    session = client.session
    session["kind"] = "own"
    session.save()
    seen = seen_by(case, sam)
    answer = client.post(url("api_agreement_sign", case), {"seen": seen}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "once_more")
    assert client.post(url("api_agreement_sign", case), {"answer": "no"}, format="json").status_code == 200


@pytest.mark.parametrize("who", ["otto", "mentor", "noor", None])
def test_nobody_else_over_the_api(api, request, case, imke, who):
    offered(case, imke)
    other = request.getfixturevalue(who) if who else None
    no = 404 if who else 401
    assert api(other).get(url("api_agreement", case)).status_code == no
    assert api(other).put(url("api_agreement", case), body(), format="json").status_code == no
    assert api(other).post(url("api_agreement_sign", case), {"seen": "x"}, format="json").status_code == no


def test_a_student_and_a_parent_do_not_draft(api, young, imke):
    kim, parent, case = young
    offered(case, imke)
    for who in (kim, parent):
        assert api(who).put(url("api_agreement", case), body(), format="json").status_code == 404


def test_a_coordinator_signs_over_the_api_and_reads_no_more(api, case, sam, imke, care):
    boss = factories.make_staff(Role.COORDINATOR, institution=care.institution)
    offered(case, imke, signer="coordinator")
    assert api(boss).get(url("api_agreement", case)).status_code == 404
    sign(case, sam)
    seen = api(boss).get(url("api_agreement", case)).json()["digest"]
    assert api(boss).post(url("api_agreement_sign", case), {"seen": seen}, format="json").status_code == 204
    assert api(boss).get(url("api_agreement", case)).status_code == 404


# --- The pages of the college ------------------------------------------------------------------------------


def form_of(*whats: str, **change: str) -> dict[str, str]:
    said = {"count": str(len(whats) or 1), "review_date": in_days(200).isoformat(), "signer": "intaker"}
    for place, what in enumerate([*(whats or [WHAT]), "Samen een plek zoeken"]):
        said |= {
            f"what-{place}": what,
            f"who-{place}": "mevrouw Bos",
            f"starts_on-{place}": in_days(10).isoformat(),
            f"works-{place}": "We vragen het elke maand",
            f"need-{place}": "",
        }
    return said | change


def test_the_form_is_prefilled_from_the_fits(browser_of, case, imke):
    fits.put_fit(case_id=case.pk, by=imke, need="quiet", answer="yes", comment="Er is een stil lokaal")
    page = browser_of(imke).get(url("case_agreement_draft", case)).content.decode()
    assert "Er is een stil lokaal" in page and 'value="quiet"' in page and "De stage" in page


def test_the_whole_road_on_screen(browser_of, case, sam, imke):
    college, own = browser_of(imke), browser_of(sam)
    assert url("case_agreement", case) in college.get(reverse("case_brief", args=[case.pk])).content.decode()
    assert "Maak afspraken" in college.get(url("case_agreement", case)).content.decode()
    assert college.post(url("case_agreement_draft", case), form_of()).status_code == 302
    page = college.get(url("case_agreement", case)).content.decode()
    assert "Bied dit aan" in page and WHAT in page
    assert own.get(url("own_agreement", case)).status_code == 404
    college.post(url("case_agreement_offer", case), {"answer": "offer", "seen": seen_by(case, imke)})
    assert url("own_agreement", case) in own.get(reverse("today")).content.decode()
    page = own.get(url("own_agreement", case)).content.decode()
    assert WHAT in page and "Ja, ik teken" in page and "Het mbo bewaart dit zelf" in page
    own.post(url("own_agreement", case), {"answer": "yes", "seen": seen_by(case, sam)})
    college.post(url("case_agreement_sign", case), {"seen": seen_by(case, imke)})
    assert Agreement.objects.get().status == STATUS.SIGNED
    assert "Haal de PDF op" in own.get(url("own_agreement", case)).content.decode()
    assert url("own_agreement", case) in own.get(reverse("share", args=[case.share_id])).content.decode()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"what-0": ""}, "Schrijf wat u afspreekt."),
        ({"who-1": ""}, "Schrijf wie dit doet."),
        ({"starts_on-1": ""}, "Kies vanaf welke dag."),
        ({"review_date": ""}, "Kies een dag om terug te kijken."),
        ({"review_date": in_days(400).isoformat()}, "Kies een dag binnen een jaar."),
        ({"signer": ""}, "Kies wie er tekent."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(browser_of, case, imke, change, sentence):
    answer = browser_of(imke).post(url("case_agreement_draft", case), form_of() | change)
    page = answer.content.decode()
    assert answer.status_code == 400 and sentence in page and "We vragen het elke maand" in page
    assert not Agreement.objects.exists()


def test_an_empty_row_is_no_agreement_and_one_more_can_be_added(browser_of, case, imke):
    blank = dict.fromkeys(("what-1", "who-1", "starts_on-1", "works-1"), "")
    college = browser_of(imke)
    college.post(url("case_agreement_draft", case), form_of(WHAT, "x") | blank)
    draft_now = agreements.read(agreements.standing_or_404(imke, case.pk), imke)[0]
    assert len(draft_now.content.rows) == 2
    page = college.post(url("case_agreement_draft", case), form_of() | {"more": "1"}).content.decode()
    assert "Afspraak 2" in page and WHAT in page and "Fout" not in page


def test_the_offer_can_be_taken_back(browser_of, case, sam, imke):
    offered(case, imke)
    browser_of(imke).post(url("case_agreement_offer", case), {"answer": "drop"})
    assert not Agreement.objects.exists() and browser_of(sam).get(url("own_agreement", case)).status_code == 404


def test_a_college_mentor_finds_the_list(browser_of, case, sam, imke, care):
    signed(case, sam, imke)
    Case.objects.update(status="placed")
    tutor = browser_of(factories.make_staff(Role.MENTOR, programme=care))
    assert reverse("agreement_list") in tutor.get(reverse("dossier_list")).content.decode()
    assert "Sam V." in tutor.get(reverse("agreement_list")).content.decode()


@pytest.mark.parametrize("who", ["mentor", "sam", "noor"])
def test_the_list_is_for_the_college(browser_of, request, case, imke, who):
    assert browser_of(request.getfixturevalue(who)).get(reverse("agreement_list")).status_code == 404


# --- The student and home ----------------------------------------------------------------------------------


def test_no_is_as_big_as_yes_and_says_what_it_means(browser_of, case, sam, imke):
    offered(case, imke)
    page = browser_of(sam).get(url("own_agreement", case)).content.decode()
    assert page.count('class="btn btn-even" name="answer"') == 2 and "Je mag gewoon naar deze opleiding" in page
    browser_of(sam).post(url("own_agreement", case), {"answer": "no"})
    assert "Er is niet getekend. Dat is goed." in browser_of(sam).get(url("own_agreement", case)).content.decode()


def test_a_text_that_moved_is_shown_again(browser_of, case, sam, imke):
    offered(case, imke)
    seen = seen_by(case, sam)
    offered(case, imke, "Iets anders")
    page = browser_of(sam).post(url("own_agreement", case), {"answer": "yes", "seen": seen}, follow=True)
    assert "Er is iets veranderd" in page.content.decode() and "Iets anders" in page.content.decode()


def test_on_an_own_phone_the_page_asks_once_more(browser_of, case, sam, imke):
    offered(case, imke)
    own = browser_of(sam)
    session = own.session
    session["kind"] = "own"
    session.save()
    answer = own.post(url("own_agreement", case), {"answer": "yes", "seen": seen_by(case, sam)})
    assert answer.status_code == 302 and reverse("account_reauthenticate") in answer["Location"]
    assert Agreement.objects.get().signatures.count() == 0


def test_a_parent_signs_on_their_own_page(browser_of, young, imke):
    kim, parent, case = young
    offered(case, imke)
    home = browser_of(parent)
    assert url("home_agreement", case) in home.get(reverse("home_approvals")).content.decode()
    page = home.get(url("home_agreement", case)).content.decode()
    assert WHAT in page and factories.PARENT in page
    home.post(url("home_agreement", case), {"answer": "yes", "seen": seen_by(case, parent)})
    sign(case, kim, imke)
    assert Agreement.objects.get().status == STATUS.SIGNED
    assert home.get(url("own_agreement", case)).status_code == 404


def test_no_title_no_address_and_no_message_names_anybody(browser_of, case, sam, imke):
    signed(case, sam, imke)
    for who, name in ((imke, "case_agreement"), (sam, "own_agreement"), (imke, "case_agreement_draft")):
        page = browser_of(who).get(url(name, case)).content.decode()
        assert "Sam" not in page.partition("<title>")[2].partition("</title>")[0]


def test_a_print_is_a_look(browser_of, case, sam, imke):
    signed(case, sam, imke)
    browser_of(imke).get(url("case_agreement", case), {"print": "1"})
    assert "maakte een print" in browser_of(sam).get(reverse("looks")).content.decode()


# --- Looking back ------------------------------------------------------------------------------------------


@pytest.fixture
def due(case, sam, imke) -> Case:
    """An agreement whose day to look back is in ten days."""
    signed(case, sam, imke, review_date=in_days(10))
    return case


def test_both_are_asked_and_the_college_keeps_it_as_it_is(browser_of, due, sam, imke):
    own, college = browser_of(sam), browser_of(imke)
    assert "Kloppen de afspraken nog?" in own.get(reverse("today")).content.decode()
    verdicts = {"verdict-0": "works", "verdict-1": "not"}
    own.post(url("own_agreement_review", due), verdicts | {"note": "De stage is te druk"})
    page = college.get(url("case_agreement_review", due)).content.decode()
    assert "De stage is te druk" in page and "Werkt niet" in page
    later = in_days(300).isoformat()
    assert college.post(url("case_agreement_review", due), verdicts | {"keep_until": later}).status_code == 302
    found = Agreement.objects.get()
    assert found.review_date == in_days(300) and found.status == STATUS.SIGNED and AgreementReview.objects.count() == 2
    assert "Kloppen de afspraken nog?" not in own.get(reverse("today")).content.decode()


def test_or_the_college_makes_a_new_version(browser_of, due, imke):
    said = {"verdict-0": "works", "verdict-1": "changed", "new": "1"}
    answer = browser_of(imke).post(url("case_agreement_review", due), said)
    assert answer["Location"] == url("case_agreement_draft", due)


def test_before_its_time_nobody_is_asked(browser_of, case, sam, imke):
    signed(case, sam, imke, review_date=in_days(60))
    assert browser_of(sam).get(url("own_agreement_review", case)).status_code == 302
    with pytest.raises(Refusal) as refused:
        agreement_reviews.answer(case_id=case.pk, by=sam.user, verdicts={0: "works", 1: "works"})
    assert refused.value.code == "not_yet"


def test_the_next_day_is_within_a_year_too(browser_of, due, imke):
    said = {"verdict-0": "works", "verdict-1": "works"}
    for day, sentence in (("", "Kies een dag, of maak"), (in_days(400).isoformat(), "Kies een dag binnen een jaar.")):
        answer = browser_of(imke).post(url("case_agreement_review", due), said | {"keep_until": day})
        assert answer.status_code == 400 and sentence in answer.content.decode()


def test_every_row_wants_an_answer_and_a_second_one_takes_its_place(browser_of, due, sam):
    own = browser_of(sam)
    assert own.post(url("own_agreement_review", due), {"verdict-0": "works"}).status_code == 400
    for verdict in ("works", "not"):
        own.post(url("own_agreement_review", due), {"verdict-0": verdict, "verdict-1": "works"})
    assert AgreementReview.objects.count() == 1


@pytest.mark.parametrize("who", ["otto", "noor", "mentor"])
def test_nobody_else_looks_back(request, due, who):
    other = request.getfixturevalue(who)
    with pytest.raises(NotHere):
        agreement_reviews.answer(case_id=due.pk, by=getattr(other, "user", other), verdicts={0: "works", 1: "works"})


def test_what_worked_becomes_a_sentence_about_nobody(browser_of, due, imke, care):
    from accounts.models import Region

    care.institution.region = Region.objects.create(code="r1", name="Regio")
    care.institution.save()
    college = browser_of(imke)
    wrong = college.post(url("case_agreement_worked", due), {"place": "0", "sentence": "Sam werkt stil"}, follow=True)
    assert "zonder naam" in wrong.content.decode() and not WorkedWell.objects.exists()
    college.post(url("case_agreement_worked", due), {"place": "0", "sentence": "een vaste plek bij het raam"})
    assert WorkedWell.objects.get().need == "quiet"


def test_a_review_day_that_passed_before_the_last_signature_is_no_agreement(case, sam, given, imke):
    draft(case, imke, offer=True, review_date=in_days(5))
    with time_machine.travel(in_days(5) + timedelta(hours=12), tick=False), pytest.raises(Refusal) as refused:
        sign(case, sam)
    assert refused.value.code == "review_passed"
