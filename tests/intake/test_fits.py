"""What a programme answers to a need: the yes, the no and the no-longer."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import NotHere, Refusal
from consent.ledger import Event
from consent.looks import looks_of
from consent.models import LedgerEntry
from intake.models import Case, Fit, Offer
from intake.no_card import no_card
from intake.services import export, fits, leaving, sharing
from tests import factories
from tests.factories import key_of, share_with_programme, write

TEXT = "Kwetalina heeft een stille hoek"
V1 = "/api/v1"


@pytest.fixture
def case(given) -> Case:
    return given.case


def put(case, by, answer="yes", comment=TEXT, alternative="", need="quiet"):
    return fits.put_fit(case_id=case.pk, by=by, need=need, answer=answer, comment=comment, alternative=alternative)


def own(share):
    return [(one.unit, one.answer, one.comment) for one in fits.fits_for_student(share, key_of(share.student))]


def refused(**answer):
    with pytest.raises(Refusal) as found:
        put(**answer)
    return found.value.code, found.value.field


# --- The intaker -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["yes", "partly", "external"])
def test_the_intaker_answers_and_the_student_reads_it(case, given, imke, answer):
    put(case, imke, answer)
    assert own(given) == [("need.support.quiet", answer, TEXT)]
    [one] = fits.fits_of(case, imke)
    assert (one.need, one.is_sent, one.by) == ("quiet", True, "Imke Bos")


def test_nobody_else_answers_or_reads(case, sam, imke, otto, mentor, noor, care):
    put(case, imke)
    at_college = factories.make_staff(Role.MENTOR, programme=care)
    boss = factories.make_staff(Role.COORDINATOR, institution=care.institution)
    for by in (otto, mentor, at_college, boss, sam.user, noor.user, factories.make_user(is_superuser=True)):
        with pytest.raises(NotHere):
            put(case, by)
        with pytest.raises(NotHere):
            fits.fits_of(case, by)


@pytest.mark.parametrize("need", ["predictable", "steps", "", "nonsense", "diagnosis"])
def test_a_need_that_is_not_shared_is_as_absent_as_one_that_does_not_exist(case, imke, need):
    with pytest.raises(NotHere):
        put(case, imke, need=need)
    assert not Fit.objects.exists()


def test_a_new_answer_takes_the_place_of_the_old_and_the_same_again_changes_nothing(case, given, imke):
    put(case, imke, "yes")
    put(case, imke, "partly", "Alleen op maandag")
    answered = LedgerEntry.objects.filter(event=Event.REPLIED)
    assert answered.count() == 2
    put(case, imke, "partly", "Alleen op maandag")
    assert own(given) == [("need.support.quiet", "partly", "Alleen op maandag")]
    assert Fit.objects.count() == 1 and answered.count() == 2


def test_the_same_no_that_waits_stays_the_same_row(case, imke):
    first = put(case, imke, "no", "Geen ruimte", "De bibliotheek")
    assert put(case, imke, "no", "Geen ruimte", "De bibliotheek").pk == first.pk
    changed = put(case, imke, "no", "Geen ruimte", "Lokaal 3")
    assert changed.pk != first.pk and Fit.objects.get() == changed


def test_a_no_is_typed_whole(case, imke):
    assert refused(case=case, by=imke, answer="no", comment="") == ("required", "comment")
    assert refused(case=case, by=imke, answer="no", alternative="") == ("required", "alternative")
    assert refused(case=case, by=imke, answer="maybe") == ("invalid_choice", "answer")
    assert refused(case=case, by=imke, comment="x" * 301) == ("too_long", "comment")
    assert refused(case=case, by=imke, comment="Zijn BSN is 111222333") == ("bsn", "comment")
    assert not Fit.objects.exists()


@pytest.mark.parametrize("name", ["Sam", "Vos", "Samuel Vos", "sam", "SAM VOS", "Sams", "Sam's", "Sam-Vos", "S. Vos"])
def test_a_no_that_names_the_student_is_refused(case, imke, name):
    said = {"answer": "no", "comment": "Geen ruimte", "alternative": f"Voor {name}: de bibliotheek"}
    assert refused(case=case, by=imke, **said) == ("name", "alternative")
    assert put(case, imke, "no", "Samen lezen kan niet", "De vossen helpen")  # part of a word is no name


@pytest.mark.parametrize("name", ["Bo", "bo's", "Ploeg", "Jansen", "willemijn"])
def test_every_part_of_a_long_name_is_a_name(made_of_parts, imke, name):
    said = {"answer": "no", "comment": f"Voor {name} kan dit niet", "alternative": "De bibliotheek"}
    assert refused(case=made_of_parts, by=imke, **said) == ("name", "comment")


GOES_BY = [
    ("Fil", "fils", True),
    ("fil", "Fil", True),
    ("Fil, niet Filmon", "filmon", True),
    ("Ik heet Fil", "Fil", True),
    ("Ik heet Fil", "Dat heet ruimte", False),
    ("noem me maar gewoon fil", "Maar gewoon geen ruimte", False),
    ("Fil", "Geen filmzaal", False),
]


@pytest.mark.parametrize(("said", "text", "is_name"), GOES_BY)
def test_the_name_a_student_goes_by_is_a_name_for_who_reads_it(sam, care, imke, said, text, is_name):
    write(sam, "me.name", said)
    shared = share_with_programme(sam, care, "me.name", "need.support.quiet").case
    no = {"answer": "no", "comment": text, "alternative": "De bibliotheek"}
    if is_name:
        assert refused(case=shared, by=imke, **no) == ("name", "comment")
    else:
        assert put(shared, imke, "no", text, "De bibliotheek")


@pytest.mark.parametrize("how", ["never shared", "taken back"])
def test_a_name_that_its_writer_may_not_read_is_not_told_by_a_refusal(sam, care, imke, how):
    write(sam, "me.name", "Fil")
    units = ["need.support.quiet", *(["me.name"] if how == "taken back" else [])]
    shared = share_with_programme(sam, care, *units).case
    if how == "taken back":
        write(sam, "me.name", None, status="private")
    assert put(shared, imke, "no", "Voor Fil is geen ruimte", "De bibliotheek")


def test_the_small_words_in_a_name_are_no_name(made_of_parts, imke):
    assert put(made_of_parts, imke, "no", "Van de tien lokalen is er geen vrij", "Wel een der zalen")


@pytest.fixture
def made_of_parts(care, class_a) -> Case:
    """The case of Bo van der Ploeg-Jansen, Willemijn in full."""
    full = {"calling_name": "Bo", "prefix": "van der", "surname": "Ploeg-Jansen"}
    student = factories.make_pupil(**full, official_name="Willemijn de Bie van der Ploeg-Jansen", school_class=class_a)
    write(student, "need.support", [{"need": "quiet", "how_often": "", "what_works": "", "why": ""}])
    return share_with_programme(student, care, "need.support.quiet").case


# --- No longer ---------------------------------------------------------------------------------------------


def ended(share, sam):
    sharing.withdraw(share=share, by=sam.user)


def frozen(_share, sam):
    leaving.freeze(student=sam, by=sam.user)


def expired(share, _sam):
    share.valid_until = timezone.localdate() - timedelta(days=1)
    share.save(update_fields=["valid_until"])


@pytest.mark.parametrize("what", [ended, frozen, expired])
def test_when_the_share_is_over_the_college_reads_and_writes_nothing_and_the_student_keeps_it(
    case, given, sam, imke, browser_of, what
):
    put(case, imke)
    what(given, sam)
    with pytest.raises(NotHere):
        fits.fits_of(case, imke)
    with pytest.raises(NotHere):
        put(case, imke, "partly")
    assert browser_of(imke).get(reverse("case_brief", args=[case.pk])).status_code == 404
    assert own(given) == [("need.support.quiet", "yes", TEXT)]
    page = browser_of(sam).get(reverse("share_fits", args=[given.pk])).content.decode()
    assert TEXT in page and 'name="reaction"' not in page


def test_who_stops_being_an_intaker_reads_nothing(case, imke):
    put(case, imke)
    imke.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotHere):
        fits.fits_of(case, imke)


def test_when_the_student_empties_the_answer_it_is_gone_for_the_reader_alone(case, given, sam, imke, api):
    put(case, imke)
    write(sam, "need.support", status="private")
    assert fits.fits_of(case, imke) == []
    with pytest.raises(NotHere):
        put(case, imke, "partly")
    assert api(imke).get(f"{V1}/intake/cases/{case.pk}/brief/").json()["needs"] == []
    assert own(given) == [("need.support.quiet", "yes", TEXT)]


def test_erased_is_erased(case, sam, imke):
    put(case, imke)
    leaving.erase_student(sam.pk)
    assert not Fit.objects.exists() and Case.objects.get(pk=case.pk).share_id is None
    with pytest.raises(NotHere):
        fits.fits_of(case, imke)


def test_a_share_after_the_first_of_april_or_after_enrolment_still_opens_a_case(sam, care, imke):
    with time_machine.travel("2027-05-20 10:00"):
        late = share_with_programme(sam, care, "need.support.quiet")
        assert put(late.case, imke).state == Fit.State.SENT
        Case.objects.filter(pk=late.case.pk).update(status=Case.Status.PLACED)
        sharing.withdraw(share=late, by=sam.user)
        again = share_with_programme(sam, care, "need.support.quiet", valid_until=timezone.localdate())
        assert again.case.status == Case.Status.NEW and put(again.case, imke).state == Fit.State.SENT


# --- Over the API ------------------------------------------------------------------------------------------


def test_the_brief_and_the_students_list_say_the_same_over_the_api(case, given, sam, imke, api):
    url = f"{V1}/intake/cases/{case.pk}/fits/quiet/"
    made = api(imke).put(url, {"answer": "partly", "comment": "Alleen in de ochtend"}, format="json")
    assert made.status_code == 200 and made.json()["state"] == "sent"
    brief = api(imke).get(f"{V1}/intake/cases/{case.pk}/brief/").json()
    said = {"answer": "partly", "comment": "Alleen in de ochtend", "alternative": ""}
    assert [need["fit"] for need in brief["needs"]] == [said]
    assert api(sam).get(f"{V1}/shares/{given.pk}/preview/").json()["brief"] == brief
    [row] = api(sam).get(f"{V1}/shares/{given.pk}/replies/").json()["results"]
    told = (row["kind"], row["unit"], row["answer"], row["text"], row["by"])
    assert told == ("fit", "need.support.quiet", "partly", "Alleen in de ochtend", "Imke Bos")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"answer": "maybe"},
        {"answer": "no"},
        {"answer": "no", "comment": "Geen ruimte"},
        {"answer": "no", "alternative": "De bibliotheek"},
        {"answer": "yes", "comment": "x" * 301},
        {"answer": "yes", "score": 3},
    ],
)
def test_what_does_not_fit_is_400_with_a_code(case, imke, api, body):
    answer = api(imke).put(f"{V1}/intake/cases/{case.pk}/fits/quiet/", body, format="json")
    assert answer.status_code == 400 and answer.json()["code"] and not Fit.objects.exists()


def test_a_no_waits_over_the_api_too(case, given, sam, imke, api):
    body = {"answer": "no", "comment": "Geen ruimte", "alternative": "De bibliotheek"}
    before = LedgerEntry.objects.filter(event=Event.LOOK).count()
    assert api(imke).put(f"{V1}/intake/cases/{case.pk}/fits/quiet/", body, format="json").json()["state"] == "waiting"
    assert LedgerEntry.objects.filter(event=Event.LOOK).count() == before + 1
    assert api(sam).get(f"{V1}/shares/{given.pk}/replies/").json()["results"] == []
    assert api(imke).get(f"{V1}/intake/cases/{case.pk}/brief/").json()["needs"][0]["fit"] is None


def test_who_may_not_know_gets_404_before_anything_is_said_of_the_body(case, imke, otto, sam, noor, api):
    for who in (otto, sam, noor):
        answer = api(who).put(f"{V1}/intake/cases/{case.pk}/fits/quiet/", {"score": 1}, format="json")
        assert answer.status_code == 404 and answer.json()["code"] == "not_found"


@pytest.mark.parametrize("body", [{}, {"score": 1}, {"answer": "no", "comment": "Geen ruimte"}])
def test_a_body_that_does_not_fit_does_not_tell_which_needs_there_are(case, imke, api, body):
    told = [
        api(imke).put(f"{V1}/intake/cases/{case.pk}/fits/{need}/", body, format="json")
        for need in ("quiet", "steps", "nonsense")
    ]
    assert {answer.status_code for answer in told} == {400} and len({answer.content for answer in told}) == 1


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_who_learns_that_a_need_is_there_has_looked_at_it(case, sam, imke, answer):
    for _ in range(2):
        put(case, imke, answer, alternative="De bibliotheek")
    with pytest.raises(NotHere):
        put(case, imke, answer, alternative="De bibliotheek", need="steps")
    looks = looks_of(sam.passport, key_of(sam)).look_rows()
    seen = [(look.by, [unit.key for unit in look.units]) for look in looks]
    assert seen == [("Imke Bos", ["need.support.quiet"])] * 2


def test_no_log_line_names_the_need(case, imke, api, caplog):
    with caplog.at_level("INFO"):
        api(imke).put(f"{V1}/intake/cases/{case.pk}/fits/quiet/", {"answer": "yes", "comment": TEXT}, format="json")
    lines = [str(vars(record)) for record in caplog.records]
    assert any("api_fit" in line for line in lines)
    assert not [line for line in lines if "quiet" in line or "Kwetalina" in line]


# --- On the page -------------------------------------------------------------------------------------------


def test_one_tap_confirms_the_own_offer(case, given, sam, imke, care, browser_of):
    Offer.objects.create(programme=care, need="quiet", layer="basic", text=TEXT)
    page = browser_of(imke).get(reverse("case_brief", args=[case.pk])).content.decode()
    assert f'<input type="hidden" name="comment" value="{TEXT}">' in page and "Ja, dit doen wij" in page
    sent = {"need": "quiet", "answer": "yes", "comment": TEXT, "place": "1"}
    done = browser_of(imke).post(reverse("fit_write", args=[case.pk]), sent)
    assert done.status_code == 302 and "quiet" not in done.url
    assert own(given) == [("need.support.quiet", "yes", TEXT)]


def test_a_no_with_a_gap_comes_back_with_what_was_typed(case, imke, browser_of):
    sent = {"need": "quiet", "answer": "no", "comment": "Te weinig lokalen", "alternative": "", "place": "1"}
    page = browser_of(imke).post(reverse("fit_write", args=[case.pk]), sent)
    assert page.status_code == 400 and not Fit.objects.exists()
    assert "Te weinig lokalen" in page.content.decode() and "Schrijf wat er dan wel kan." in page.content.decode()


def test_more_than_five_needs_can_all_be_answered(sam, care, imke, browser_of):
    codes = ["person", "structure", "quiet", "steps", "time", "planning", "reading"]
    write(sam, "need.support", [{"need": code, "how_often": "", "what_works": "", "why": ""} for code in codes])
    share = share_with_programme(sam, care, *(f"need.support.{code}" for code in codes))
    page = browser_of(imke).get(reverse("case_brief", args=[share.case.pk])).content.decode()
    assert page.count("Ja, dit doen wij") == 7 and "Nog 2 soorten hulp" in page
    put(share.case, imke, need="reading")
    assert len(own(share)) == 1


def test_the_page_costs_the_same_queries_for_one_answer_as_for_seven(sam, care, imke, django_assert_max_num_queries):
    codes = ["person", "structure", "quiet", "steps", "time", "planning", "reading"]
    write(sam, "need.support", [{"need": code, "how_often": "", "what_works": "", "why": ""} for code in codes])
    share = share_with_programme(sam, care, *(f"need.support.{code}" for code in codes))
    for code in codes:
        put(share.case, imke, need=code)
    with django_assert_max_num_queries(2):
        assert len(fits.fits_for_student(share, key_of(sam))) == 7


# --- The student -------------------------------------------------------------------------------------------


def react(share, sam, reaction="wrong", text="Ik heb het ook buiten de les nodig", by=None):
    [fit] = Fit.objects.filter(share=share, state=Fit.State.SENT)
    return fits.react(share=share, key=key_of(sam), fit_id=fit.pk, by=by or sam.user, reaction=reaction, text=text)


def test_the_student_reacts_and_the_intaker_reads_it_at_the_case(case, given, sam, imke, browser_of):
    put(case, imke)
    fit = Fit.objects.get()
    sent = {"fit": fit.pk, "reaction": "talk", "text": "Mag dat op dinsdag?"}
    assert browser_of(sam).post(reverse("share_fits", args=[given.pk]), sent).status_code == 302
    page = browser_of(imke).get(reverse("case_brief", args=[case.pk])).content.decode()
    assert "Ik wil hierover praten" in page and "Mag dat op dinsdag?" in page
    put(case, imke, "partly")
    [one] = fits.fits_of(case, imke)
    assert one.has_new_answer and one.reaction == "talk"  # what the student said stays, and says it was about before


def test_nobody_else_reacts_and_not_to_what_was_not_sent(case, given, sam, imke, noor, browser_of):
    put(case, imke)
    for by in (imke, noor.user):
        with pytest.raises(NotHere):
            react(given, sam, by=by)
    Fit.objects.update(state=Fit.State.WAITING)
    fit = Fit.objects.get()
    with pytest.raises(NotHere):
        fits.react(share=given, key=key_of(sam), fit_id=fit.pk, by=sam.user, reaction="thanks")
    assert browser_of(sam).get(reverse("share_fits", args=[given.pk])).status_code == 404


@pytest.mark.parametrize(("reaction", "text"), [("great", ""), ("", ""), ("thanks", "x" * 301)])
def test_a_reaction_that_does_not_fit_is_refused(case, given, sam, imke, browser_of, reaction, text):
    put(case, imke)
    sent = {"fit": Fit.objects.get().pk, "reaction": reaction, "text": text}
    page = browser_of(sam).post(reverse("share_fits", args=[given.pk]), sent)
    assert page.status_code == 400 and Fit.objects.get().sealed_reaction is None


def test_when_nobody_reads_it_a_reaction_is_refused(case, given, sam, imke):
    put(case, imke)
    sharing.withdraw(share=given, by=sam.user)
    with pytest.raises(Refusal) as found:
        react(given, sam)
    assert found.value.status == 409


def test_nobody_reads_a_reaction_to_a_need_that_is_not_said_any_more(case, given, sam, imke, browser_of):
    put(case, imke)
    url = reverse("share_fits", args=[given.pk])
    assert 'name="reaction"' in browser_of(sam).get(url).content.decode()
    write(sam, "need.support", status="private")
    page = browser_of(sam).get(url).content.decode()
    assert TEXT in page and 'name="reaction"' not in page
    with pytest.raises(Refusal) as found:
        react(given, sam)
    assert found.value.status == 409 and Fit.objects.get().sealed_reaction is None


def test_it_is_on_the_first_page_and_in_the_export_and_sealed_in_the_database(case, given, sam, imke, browser_of):
    fit = put(case, imke)
    react(given, sam, "thanks", "Kwetafijn")
    assert reverse("share_fits", args=[given.pk]) in browser_of(sam).get("/vandaag/").content.decode()
    [one] = next(row for row in export.export_of(sam, key_of(sam))["shares"] if row["id"] == str(given.pk))["fits"]
    assert (one["comment"], one["you_said"], one["you_wrote"]) == (TEXT, "Dank je", "Kwetafijn")
    stored = str(Fit.objects.filter(pk=fit.pk).values().get())
    assert "quiet" not in stored and "Kweta" not in stored and "yes" not in stored and "thanks" not in stored


def test_the_card_below_a_no_names_its_sources():
    said = " ".join(no_card().sources)
    for source in ("ECIO", "JOBmbo", "mbotoegankelijk.nl", "Wgbh/cz", "8.2.1 lid 6", "rijksoverheid.nl"):
        assert source in said
    asked = ["Wat betekent dit?", "Wat kun je vragen?", "Wie helpt jou?", "Wat zijn jouw rechten?"]
    assert [part.title for part in no_card().parts] == asked
