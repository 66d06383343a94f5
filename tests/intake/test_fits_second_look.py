"""A no goes to the student after a second person of the college saw it: the need and the reason, and no name."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from consent.looks import looks_of
from intake.models import Fit
from intake.services import fits, leaving, second_look, sharing
from tests import factories
from tests.factories import key_of, write

NO = {"answer": "no", "comment": "Kwetalokalen zijn vol", "alternative": "De bibliotheek is stil"}
NAMES = ("Sam", "Vos", "Samuel")


@pytest.fixture
def asked(given, imke) -> Fit:
    return fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", **NO)


@pytest.fixture
def second(care):
    return factories.make_staff(Role.MENTOR, programme=care, name="Mila Roos")


def own(share):
    return [(one.answer, one.comment) for one in fits.fits_for_student(share, key_of(share.student))]


def agree(fit, by):
    """As on the page: read, then «Akkoord»."""
    second_look.open_asked(fit.pk, by)
    second_look.agree(fit.pk, by)


def list_of(by):
    return [one.id for one in second_look.list_asked(by)]


def test_until_a_second_person_saw_it_the_student_sees_nothing(asked, given, sam, second, browser_of):
    assert own(given) == []
    assert NO["comment"] not in browser_of(sam).get(reverse("share", args=[given.pk])).content.decode()
    assert browser_of(sam).get(reverse("share_fits", args=[given.pk])).status_code == 404
    agree(asked, second)
    assert own(given) == [("no", NO["comment"])]
    page = browser_of(sam).get(reverse("share_fits", args=[given.pk])).content.decode()
    fixed = "Dit gaat over één soort hulp. Het is geen nee tegen jou. Je mag je gewoon aanmelden."
    assert page.index(fixed) < page.index(NO["comment"]) and "Wat zijn jouw rechten?" in page


def test_the_second_reads_the_need_and_the_reason_and_no_name(asked, given, second, browser_of):
    one = second_look.open_asked(asked.pk, second)
    assert (one.label, one.comment, one.alternative) == ("Een rustige plek om te werken", *list(NO.values())[1:])
    client = browser_of(second)
    for url in (reverse("second_looks"), reverse("second_look", args=[asked.pk])):
        page = client.get(url).content.decode()
        assert not [word for word in (*NAMES, str(given.case.pk), str(given.pk), "vaak", "raam") if word in page]


@pytest.mark.parametrize(
    ("role", "where"), [(Role.INTAKER, "programme"), (Role.MENTOR, "programme"), (Role.COORDINATOR, "institution")]
)
def test_who_of_the_same_college_can_be_the_second(asked, care, role, where):
    other = factories.make_programme()
    other.institution = care.institution
    other.save()
    by = factories.make_staff(role, **({"programme": other} if where == "programme" else {where: care.institution}))
    assert list_of(by) == [asked.pk] and second_look.open_asked(asked.pk, by)
    by.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotHere):
        second_look.open_asked(asked.pk, by)


def test_never_who_wrote_it_and_nobody_from_elsewhere(asked, sam, imke, otto, mentor, class_a, browser_of):
    school = factories.make_staff(Role.COORDINATOR, institution=class_a.institution)
    assert list_of(imke) == [] and list_of(otto) == []
    for by in (imke, otto, mentor, school, sam.user, factories.make_user(is_superuser=True)):
        for act in (second_look.open_asked, second_look.agree, second_look.send_back):
            with pytest.raises(NotHere):
                act(asked.pk, by)
        assert browser_of(by).get(reverse("second_look", args=[asked.pk])).status_code == 404
    for by in (mentor, school, sam.user):
        assert browser_of(by).get(reverse("second_looks")).status_code == 404


def test_every_look_is_told_to_the_student_without_their_name(asked, sam, second, browser_of):
    second_look.list_asked(second)
    assert len(looks_of(sam.passport, key_of(sam))) == 1  # who wrote it; the list tells of nobody
    second_look.open_asked(asked.pk, second)
    look, _ = looks_of(sam.passport, key_of(sam)).look_rows()
    assert (look.by, [unit.key for unit in look.units]) == ("Mila Roos", ["need.support.quiet"])
    assert "Zonder je naam" in browser_of(sam).get(reverse("looks")).content.decode()


def test_talk_about_it_gives_it_back_with_a_line_and_tells_the_student_nothing(asked, given, imke, second, browser_of):
    second_look.open_asked(asked.pk, second)
    sent = {"say": "back", "line": "Kan het lokaal boven niet?"}
    assert browser_of(second).post(reverse("second_look", args=[asked.pk]), sent).status_code == 302
    [one] = fits.fits_of(given.case, imke)
    assert one.is_returned and (one.line, one.second_by) == ("Kan het lokaal boven niet?", "Mila Roos")
    page = browser_of(imke).get(reverse("case_brief", args=[given.case.pk])).content.decode()
    assert "Kan het lokaal boven niet?" in page and own(given) == [] and list_of(second) == []
    again = fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", **NO)
    assert list_of(second) == [again.pk]  # and the old one is no longer there to agree with
    with pytest.raises(NotHere):
        second_look.agree(asked.pk, second)


def test_what_was_answered_before_stands_until_the_no_is_sent(given, imke, second):
    fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", answer="yes", comment="Lokaal 12")
    no = fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", **NO)
    assert own(given) == [("yes", "Lokaal 12")] and len(fits.fits_of(given.case, imke)) == 2
    agree(no, second)
    assert own(given) == [("no", NO["comment"])] and Fit.objects.count() == 1


def test_an_answer_that_changed_to_yes_is_no_longer_looked_at(asked, given, imke, second):
    fits.put_fit(case_id=given.case.pk, by=imke, need="quiet", answer="yes", comment="Toch wel")
    assert list_of(second) == [] and own(given) == [("yes", "Toch wel")]
    with pytest.raises(NotHere):
        second_look.agree(asked.pk, second)


@pytest.mark.parametrize("say", ["agree", "back"])
def test_who_did_not_read_it_gets_it_to_read_and_then_chooses(asked, given, imke, care, second, browser_of, say):
    other = factories.make_staff(Role.MENTOR, programme=care, name="Joris Kok")
    second_look.open_asked(asked.pk, other)  # somebody else's look is not theirs
    url, client = reverse("second_look", args=[asked.pk]), browser_of(second)
    page = client.post(url, {"say": say, "line": "Kan lokaal 3?"})
    shown = page.content.decode()
    assert page.status_code == 400 and "Lees eerst wat uw collega schreef." in shown
    assert NO["comment"] in shown and "Kan lokaal 3?" in shown and Fit.objects.get().state == Fit.State.WAITING
    assert client.post(url, {"say": say}).status_code == 302
    assert Fit.objects.get().state == (Fit.State.SENT if say == "agree" else Fit.State.RETURNED)


def test_a_look_at_the_dossier_is_no_look_at_the_no(asked, given, care, browser_of):
    bo = factories.make_staff(Role.INTAKER, programme=care, name="Bo Prins")
    access.read(share_id=given.pk, by=bo, action=Action.READ)
    with pytest.raises(Refusal):
        second_look.agree(asked.pk, bo)


@pytest.mark.parametrize("what", ["emptied", "left"])
@pytest.mark.parametrize("say", [second_look.agree, second_look.send_back])
def test_what_ends_between_reading_and_choosing_ends_the_choice(asked, given, sam, second, monkeypatch, what, say):
    second_look.open_asked(asked.pk, second)
    found = second_look._found

    def then_it_ends(*args):
        there = found(*args)
        if what == "emptied":
            write(sam, "need.support", status="private")
        else:
            second.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
        return there

    monkeypatch.setattr(second_look, "_found", then_it_ends)
    with pytest.raises(NotHere):
        say(asked.pk, second)
    assert Fit.objects.get().state == Fit.State.WAITING and own(given) == []


@pytest.mark.parametrize("what", ["withdrawn", "frozen", "past", "emptied", "erased"])
def test_no_longer(asked, given, sam, second, what):
    if what == "withdrawn":
        sharing.withdraw(share=given, by=sam.user)
    elif what == "frozen":
        leaving.freeze(student=sam, by=sam.user)
    elif what == "past":
        type(given).objects.filter(pk=given.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    elif what == "emptied":
        write(sam, "need.support", status="later")
    else:
        leaving.erase_student(sam.pk)
    assert list_of(second) == []
    for act in (second_look.open_asked, second_look.agree, second_look.send_back):
        with pytest.raises(NotHere):
            act(asked.pk, second)


def test_who_is_alone_hears_who_can_look_along(given, imke, care, browser_of):
    sent = {"need": "quiet", "place": "1", **NO}
    page = browser_of(imke).post(reverse("fit_write", args=[given.case.pk]), sent, follow=True).content.decode()
    assert "Er is nog niemand die mee kan kijken." in page and care.institution.name in page
    factories.make_staff(Role.COORDINATOR, institution=care.institution, name="Carla Smit")
    page = browser_of(imke).get(reverse("case_brief", args=[given.case.pk])).content.decode()
    assert "Carla Smit" in page and "Er is nog niemand" not in page


def test_a_line_that_does_not_fit_stays_in_the_form(asked, second, browser_of):
    page = browser_of(second).post(reverse("second_look", args=[asked.pk]), {"say": "back", "line": "x" * 301})
    assert page.status_code == 400
    with pytest.raises(Refusal):
        second_look.send_back(asked.pk, second, "BSN 111222333")
    assert Fit.objects.get().state == Fit.State.WAITING


def test_the_list_costs_the_same_queries_for_one_as_for_three(asked, care, second, imke, django_assert_max_num_queries):
    for _ in range(2):
        student = factories.make_pupil()
        write(student, "need.support", [{"need": "quiet", "how_often": "", "what_works": "", "why": ""}])
        share = factories.share_with_programme(student, care, "need.support.quiet")
        fits.put_fit(case_id=share.case.pk, by=imke, need="quiet", **NO)
    with django_assert_max_num_queries(6):
        assert len(second_look.list_asked(second)) == 3
