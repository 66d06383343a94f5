"""What a day asks: the college writes and orders, another school reviews, and only then a student sees it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Institution, Membership, Region, Role, User
from accounts.refusals import NotHere, Refusal
from intake.models import Expectation, ExpectationTicks
from intake.services import expectations, export, sentences
from intake.services.expectations import MOST, Tick
from school.models import OfficeEvent
from school.services import days
from tests import factories
from tests.factories import key_of, say_of_a_day, write
from tests.passport.test_expectations import day_of


@pytest.fixture
def college_boss(care) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="meneer Achtereekte")


@pytest.fixture
def counsellor(class_a) -> User:
    return factories.make_staff(Role.COUNSELLOR, institution=class_a.institution, name="mevrouw Oseikan")


@pytest.fixture
def chooser(sam, care):
    write(sam, "want.programmes", [care.code])
    return sam


def page_of(programme) -> str:
    return reverse("programme_day", args=[programme.pk])


def review_of(programme) -> str:
    return reverse("day_review", args=[programme.pk])


def words(text: str = "Je staat veel.", question: str = "Wanneer kan ik zitten?") -> dict[str, str]:
    return {"text": text, "question": question}


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def answer(row: Expectation, said: str = "yes", **more: str) -> dict[str, str]:
    return {"sentence": str(row.pk), "seen": sentences.words_of(row), "answer": said, **more}


def approve(row: Expectation, by: User) -> None:
    days.review(sentence_id=row.pk, seen=sentences.words_of(row), remark=None, by=by)


def seen_by(student) -> list[str]:
    return [one.text for day in expectations.days_of(student, key_of(student)) for one in day.statements]


WRITING, LISTING, REVIEWING = 6, 6, 5


# --- Writing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["college_boss", "imke"])
def test_the_college_writes_and_no_student_sees_it_before_a_school_read_it(
    request, browser_of, care, chooser, counsellor, who
):
    writer = request.getfixturevalue(who)
    browser_of(writer).post(page_of(care), words())
    row = Expectation.objects.get()
    assert (row.text, row.written_by, row.reviewed_at) == ("Je staat veel.", writer, None) and seen_by(chooser) == []
    assert "Een school kijkt deze zin nog na." in text_of(browser_of(writer).get(page_of(care)))
    client = browser_of(counsellor)
    assert "1 zin" in text_of(client.get(reverse("day_reviews")))
    client.post(review_of(care), answer(row))
    assert seen_by(chooser) == ["Je staat veel."]
    html = text_of(browser_of(writer).get(page_of(care)))
    assert ">Goed<" in html and counsellor.memberships.get().institution.name in html
    assert [one.what for one in OfficeEvent.objects.order_by("at")] == ["day_written", "day_reviewed"]
    assert set(OfficeEvent.objects.values_list("institution", flat=True)) == {care.institution_id}


def test_a_changed_sentence_is_reviewed_again_and_the_same_words_are_not(browser_of, care, chooser, imke, counsellor):
    [row] = say_of_a_day(care, "Je staat veel.")
    where = reverse("programme_sentence", args=[care.pk, row.pk])
    browser_of(imke).post(where, words(question=row.question))
    assert seen_by(chooser) == ["Je staat veel."] and not OfficeEvent.objects.exists()
    browser_of(imke).post(where, words(question="Mag ik zitten?"))
    assert seen_by(chooser) == []
    row.refresh_from_db()
    approve(row, counsellor)
    assert seen_by(chooser) == ["Je staat veel."]


def test_the_order_changes_without_a_new_review(browser_of, care, chooser, imke):
    rows = say_of_a_day(care, "Een.", "Twee.", "Drie.")
    where = reverse("programme_sentence", args=[care.pk, rows[2].pk])
    browser_of(imke).post(where, {"move": "up"})
    assert seen_by(chooser) == ["Een.", "Drie.", "Twee."]
    for _ in range(3):  # at the end it stays
        browser_of(imke).post(where, {"move": "down"})
    assert seen_by(chooser) == ["Een.", "Twee.", "Drie."]
    assert OfficeEvent.objects.filter(what="day_moved").count() == 2


def test_one_that_goes_leaves_the_rest_in_order(browser_of, care, chooser, imke):
    rows = say_of_a_day(care, "Een.", "Twee.", "Drie.")
    browser_of(imke).post(reverse("programme_sentence", args=[care.pk, rows[0].pk]), {"remove": "1"})
    assert list(care.expectations.order_by("order").values_list("order", "text")) == [(1, "Twee."), (2, "Drie.")]
    assert "Een." in OfficeEvent.objects.get(what="day_removed").detail


def test_there_are_at_most_twelve_and_none_twice(browser_of, care, imke):
    client = browser_of(imke)
    for number in range(MOST):
        assert client.post(page_of(care), words(f"Zin {number}.")).status_code == 302
    assert MOST == 12 and "Nieuwe zin" not in text_of(client.get(page_of(care)))
    assert client.post(page_of(care), words("Nog een.")).status_code == 400
    row = care.expectations.get(text="Zin 3.")
    answered = client.post(reverse("programme_sentence", args=[care.pk, row.pk]), words("Zin 4."))
    assert answered.status_code == 400 and "Deze zin staat er al." in text_of(answered)
    assert care.expectations.count() == MOST


@pytest.mark.parametrize(
    "said", [words(""), words(question=" "), words("x" * 121), words("links \u202e rechts"), {"x": "1"}]
)
def test_a_sentence_that_cannot_be_kept_is_refused_at_its_field(browser_of, care, imke, said):
    answered = browser_of(imke).post(page_of(care), said)
    assert answered.status_code == 400 and 'class="error"' in text_of(answered)
    assert not Expectation.objects.exists()


@pytest.mark.parametrize("who", ["mentor", "otto", "counsellor", "sam"])
def test_nobody_else_writes(request, browser_of, care, who):
    someone = request.getfixturevalue(who)
    by = getattr(someone, "user", someone)
    [row] = say_of_a_day(care, "Je staat veel.")
    client, where = browser_of(by), reverse("programme_sentence", args=[care.pk, row.pk])
    for path in (page_of(care), where):
        assert client.get(path).status_code == 404
        assert client.post(path, {**words("Anders."), "remove": "1"}).status_code == 404
    with pytest.raises(NotHere):
        days.write(programme=care, text="Anders.", question="Wat?", by=by)
    assert list(Expectation.objects.values_list("text", flat=True)) == ["Je staat veel."]


def test_who_is_intaker_no_longer_writes_no_longer(browser_of, care, imke):
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=imke).update(starts_on=yesterday, ends_on=yesterday)
    assert browser_of(imke).post(page_of(care), words()).status_code == 404
    assert browser_of(imke).get(reverse("programme_days")).status_code == 404


def test_a_sentence_of_another_programme_is_not_here(browser_of, care, imke):
    [row] = say_of_a_day(factories.make_programme("kok2"), "Je kookt.")
    path = reverse("programme_sentence", args=[care.pk, row.pk])
    assert browser_of(imke).get(path).status_code == 404
    assert browser_of(imke).post(path, {"remove": "1"}).status_code == 404 and Expectation.objects.exists()


# --- Reviewing ---------------------------------------------------------------------------------------------


def test_back_with_a_remark_waits_for_the_college_and_not_for_the_school(browser_of, care, chooser, imke, counsellor):
    [row] = say_of_a_day(care, "Je staat veel.", reviewed=False)
    client = browser_of(counsellor)
    assert client.post(review_of(care), answer(row, "back", remark="")).status_code == 400
    client.post(review_of(care), answer(row, "back", remark="Veel is voor ons te vaag."))
    assert client.get(review_of(care)).status_code == 404 and seen_by(chooser) == []
    assert "Veel is voor ons te vaag." in text_of(browser_of(imke).get(page_of(care)))
    browser_of(imke).post(reverse("programme_sentence", args=[care.pk, row.pk]), words("Je staat twee uur."))
    row.refresh_from_db()
    assert row.remark == "" and "Je staat twee uur." in text_of(client.get(review_of(care)))


def test_care_coordinators_review_too(browser_of, care, chooser, class_a):
    [row] = say_of_a_day(care, "Je staat veel.", reviewed=False)
    by = factories.make_staff(Role.CARE, institution=class_a.institution)
    browser_of(by).post(review_of(care), answer(row))
    assert seen_by(chooser) == ["Je staat veel."]


def test_a_yes_is_to_the_words_that_were_read(browser_of, care, chooser, counsellor):
    [row] = say_of_a_day(care, "Je staat veel.", reviewed=False)
    sent = answer(row)
    Expectation.objects.update(text="Je staat altijd.")
    answered = browser_of(counsellor).post(review_of(care), sent, follow=True)
    assert "Deze zin is net veranderd." in text_of(answered) and seen_by(chooser) == []
    with pytest.raises(Refusal, match="changed"):
        days.review(sentence_id=row.pk, seen=sent["seen"], remark=None, by=counsellor)


@pytest.mark.parametrize("who", ["mentor", "imke", "otto", "college_boss", "sam"])
def test_nobody_else_reviews(request, browser_of, care, chooser, who):
    someone = request.getfixturevalue(who)
    by = getattr(someone, "user", someone)
    [row] = say_of_a_day(care, "Je staat veel.", reviewed=False)
    client = browser_of(by)
    assert client.get(reverse("day_reviews")).status_code == 404 and client.get(review_of(care)).status_code == 404
    assert client.post(review_of(care), answer(row)).status_code == 404 and seen_by(chooser) == []


def test_who_wrote_or_is_of_the_college_does_not_review(care, chooser, counsellor):
    [row] = say_of_a_day(care, "Je staat veel.", reviewed=False)
    Expectation.objects.update(written_by=counsellor)
    with pytest.raises(NotHere):
        approve(row, counsellor)
    Expectation.objects.update(written_by=None)
    post = Membership.objects.create(user=counsellor, role=Role.INTAKER, programme=care)
    with pytest.raises(NotHere):
        approve(row, counsellor)
    assert sentences.to_review(counsellor) == []
    post.delete()
    approve(row, counsellor)
    assert seen_by(chooser) == ["Je staat veel."]


def test_a_counsellor_at_a_college_or_of_before_does_not_review(care, counsellor):
    say_of_a_day(care, "Je staat veel.", reviewed=False)
    place = Membership.objects.get(user=counsellor).institution
    Institution.objects.filter(pk=place.pk).update(kind=Institution.Kind.MBO)
    with pytest.raises(NotHere):
        sentences.to_review(counsellor)
    Institution.objects.filter(pk=place.pk).update(kind=Institution.Kind.VSO)
    assert len(sentences.to_review(counsellor)) == 1
    yesterday = timezone.localdate() - timedelta(days=1)
    Membership.objects.filter(user=counsellor).update(starts_on=yesterday, ends_on=yesterday)
    with pytest.raises(NotHere):
        sentences.to_review(counsellor)


def test_the_own_region_stands_above(care, counsellor):
    far, near = factories.make_programme("aaa", name="Aardig"), factories.make_programme("zzz", name="Zeevaart")
    region = Region.objects.create(code="linde", name="Lindestreek")
    place = counsellor.memberships.get().institution
    Institution.objects.filter(pk__in=[place.pk, near.institution_id]).update(region=region)
    for one in (far, near):
        say_of_a_day(one, "Je staat veel.", reviewed=False)
    assert [one.code for one in sentences.to_review(counsellor)] == ["zzz", "aaa"]


@pytest.mark.parametrize("data", [{}, {"sentence": "x"}, {"sentence": "x", "answer": "yes"}, {"answer": "back"}])
def test_no_odd_field_crashes(browser_of, care, counsellor, data):
    say_of_a_day(care, "Je staat veel.", reviewed=False)
    assert browser_of(counsellor).post(review_of(care), data).status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_many_sentences_cost_as_many_queries_as_one(
    browser_of, care, imke, counsellor, django_assert_num_queries, many
):
    for number in range(many):
        one = care if number == 0 else factories.make_programme(f"p{number}")
        say_of_a_day(one, "Altijd.", reviewed=False)
    say_of_a_day(care, *[f"Zin {number}." for number in range(many)], reviewed=False)
    for client, path, queries in (
        (browser_of(imke), page_of(care), WRITING),
        (browser_of(counsellor), reverse("day_reviews"), LISTING),
        (browser_of(counsellor), review_of(care), REVIEWING),
    ):
        client.get(path)
        with django_assert_num_queries(queries):
            client.get(path)


# --- What students ticked ----------------------------------------------------------------------------------


def test_old_ticks_stay_readable_when_a_sentence_changes(browser_of, care, chooser, counsellor, imke):
    rows = say_of_a_day(care, "Je staat veel.", "Je schrijft veel.")
    key = key_of(chooser)
    day = day_of(chooser)
    ticks = {day.statements[0].id: Tick.HARD}
    expectations.keep_ticks(student=chooser, key=key, day=day, ticks=ticks, by=chooser.user)
    days.write(programme=care, text="Je staat kort.", question="Hoe kort?", by=imke, sentence_id=rows[0].pk)
    rows[0].refresh_from_db()
    approve(rows[0], counsellor)
    page = browser_of(chooser)
    html = text_of(page.get("/een-dag/1/"))
    assert "Je staat veel." in html.split("<details>")[1] and " checked" not in html
    day = day_of(chooser)
    ticks = {one.id: Tick.FITS for one in day.statements}
    expectations.keep_ticks(student=chooser, key=key, day=day, ticks=ticks, by=chooser.user)
    [kept] = export.export_of(chooser, key)["expectations"]
    assert [(one["text"], one["label"]) for one in kept["ticks"]] == [
        ("Je staat veel.", "Lastig"),
        ("Je staat kort.", "Past bij mij"),
        ("Je schrijft veel.", "Past bij mij"),
    ]
    expectations.keep_ticks(student=chooser, key=key, day=day_of(chooser), ticks={}, by=chooser.user)
    assert not ExpectationTicks.objects.exists()
