"""«Een dag meelopen»: who puts a day up, whose name it shows to whom, who is called, what a buddy reads until when.

For each role the yes, the no and the no-longer.
"""

import logging
from datetime import date, time, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import Institution, Membership, Region, Role, Tie
from accounts.refusals import NotHere, Refusal
from accounts.together import start
from consent import access
from consent.models import Share
from consent.recipients import find_recipient
from intake.models import TasterDay, TasterSignUp
from intake.services import export, leaving, people, taster_buddies, taster_days, taster_keeping
from passport.experiences import cards_of
from tests import factories
from tests.factories import key_of, share

SAID = {
    "kind": "company",
    "name": "Bakkerij Kwark",
    "town": "Zwolle",
    "where": "Markt 3",
    "starts": time(9, 30),
    "ends": time(13, 0),
    "places": 2,
    "doing": "Je bakt brood.",
    "travel": "Met bus 4.",
    "along": "De decaan",
}


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def moved(day: TasterDay, days: int) -> TasterDay:
    """The day as it is so many days from now, with the buddies' ties a week after it."""
    starts = timezone.now() + timedelta(days=days)
    TasterDay.objects.filter(pk=day.pk).update(starts_at=starts, ends_at=starts + timedelta(hours=3))
    day.refresh_from_db()
    Tie.objects.filter(taster_sign_ups__day=day).update(ends_on=day.last_day_of_buddy)
    return day


@pytest.fixture
def region() -> Region:
    return Region.objects.create(code="r1", name="Regio")


@pytest.fixture
def school(class_a, region) -> Institution:
    class_a.institution.region = region
    class_a.institution.save()
    return class_a.institution


@pytest.fixture
def college(region) -> Institution:
    return Institution.objects.create(name="College Noord", kind=Institution.Kind.MBO, region=region)


@pytest.fixture
def dina(school):
    """Counsellor of Sam's school."""
    return factories.make_staff(Role.COUNSELLOR, institution=school, name="Dina Dekker")


@pytest.fixture
def cora(college):
    """Coordinator of a college in the region."""
    return factories.make_staff(Role.COORDINATOR, institution=college, name="Cora Kuip")


@pytest.fixture
def bo(college):
    """A buddy at that college."""
    return factories.make_staff(Role.BUDDY, institution=college, name="Bo Blauw")


@pytest.fixture
def day(dina, school) -> TasterDay:
    """A day of Sam's own school."""
    return taster_keeping.put_up(place_id=school.pk, said=SAID | {"day": in_days(9)}, by=dina)


@pytest.fixture
def far(cora, college) -> TasterDay:
    """A day of the college."""
    return taster_keeping.put_up(place_id=college.pk, said=SAID | {"day": in_days(9), "name": "Kok"}, by=cora)


def join(student, day, **said) -> TasterSignUp:
    return taster_days.put_name_down(student=student, key=key_of(student), day_id=day.pk, by=student.user, **said)


def confirmed(student, day, by, **said) -> TasterSignUp:
    row = join(student, day, **said)
    taster_keeping.decide(sign_up_id=row.pk, yes=True, by=by)
    row.refresh_from_db()
    return row


def names(day, by) -> list[str]:
    return [one.name for one in taster_keeping.names_on(taster_keeping.get_kept_or_404(day.pk, by), by)]


def with_buddy(student, day, by, bo) -> TasterSignUp:
    row = confirmed(student, day, by)
    taster_buddies.tie_buddy(row=TasterSignUp.objects.get(pk=row.pk), person_id=bo.pk, by=by)
    answer(student, day, yes=True)
    return TasterSignUp.objects.get(pk=row.pk)


def answer(student, day, *, yes: bool) -> None:
    taster_days.answer_buddy(student=student, key=key_of(student), day_id=day.pk, yes=yes, by=student.user)


# --- Putting up a day --------------------------------------------------------------------------------------


def test_a_school_puts_up_for_its_own_and_a_college_for_its_region(sam, noor, day, far):
    assert {one.day for one in taster_days.days_for(sam)} == {day, far}
    assert taster_days.days_for(noor) == [], "nobody without a school has days: nobody would confirm"


def test_another_region_sees_nothing_of_it(day, far):
    other = factories.make_class("Z")
    stranger = factories.make_pupil(school_class=other)
    assert taster_days.days_for(stranger) == []
    with pytest.raises(NotHere):
        join(stranger, far)


def test_nobody_else_puts_up_changes_or_calls_off(day, far, school, college, dina, cora, mentor, imke):
    for by, place, one in ((dina, college, far), (cora, school, day), (mentor, school, day), (imke, school, day)):
        with pytest.raises(NotHere):
            taster_keeping.put_up(place_id=place.pk, said=SAID | {"day": in_days(3)}, by=by)
        with pytest.raises(NotHere):
            taster_keeping.change(day_id=one.pk, said=SAID | {"day": in_days(3)}, by=by)
        with pytest.raises(NotHere):
            taster_keeping.call_off(day_id=one.pk, by=by)
    Membership.objects.filter(user=dina).update(ends_on=in_days(-1))
    with pytest.raises(NotHere):
        taster_keeping.call_off(day_id=day.pk, by=dina)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": in_days(-1)}, "day"),
        ({"day": in_days(500)}, "day"),
        ({"ends": time(9, 0)}, "ends"),
        ({"places": 0}, "places"),
        ({"along": "123456782"}, "along"),
    ],
)
def test_what_does_not_fit_is_told_at_its_field(dina, school, wrong, field):
    with pytest.raises(Refusal) as refused:
        taster_keeping.put_up(place_id=school.pk, said=SAID | {"day": in_days(3)} | wrong, by=dina)
    assert refused.value.field == field


def test_the_date_stays_once_a_name_is_on_it(sam, day, dina):
    taster_keeping.change(day_id=day.pk, said=SAID | {"day": in_days(10)}, by=dina)
    join(sam, day)
    with pytest.raises(Refusal, match="names"):
        taster_keeping.change(day_id=day.pk, said=SAID | {"day": in_days(11)}, by=dina)
    taster_keeping.change(day_id=day.pk, said=SAID | {"day": in_days(10), "where": "Plein 4"}, by=dina)
    assert TasterDay.objects.get(pk=day.pk).where == "Plein 4"


# --- A name ------------------------------------------------------------------------------------------------


def test_the_counsellor_of_the_own_school_reads_the_name_and_says_yes(sam, day, dina):
    row = confirmed(sam, day, dina)
    assert names(day, dina) == ["Sam V."] and row.state == "confirmed" and join(sam, day).pk == row.pk


def test_a_college_reads_a_name_only_with_the_students_own_tick_and_a_yes(sam, far, dina, cora):
    join(sam, far, name_to_host=True)
    assert names(far, cora) == [], "nobody said yes yet"
    taster_keeping.decide(sign_up_id=TasterSignUp.objects.get().pk, yes=True, by=dina)
    assert names(far, cora) == ["Sam V."]
    TasterSignUp.objects.update(name_to_host=False)
    assert names(far, cora) == [""] and names(far, dina) == ["Sam V."]


def test_of_whom_a_parent_decides_along_no_college_gets_a_name(class_a, school, far, dina, cora):
    young = factories.make_pupil(age=15, school_class=class_a)
    with pytest.raises(Refusal, match="not_alone"):
        join(young, far, name_to_host=True)
    confirmed(young, far, dina)
    assert names(far, cora) == [""]


def test_nobody_else_sees_who_is_on_it_and_nobody_else_decides(sam, far, dina, cora, mentor, imke, class_a):
    row = confirmed(sam, far, dina)
    other = factories.make_staff(Role.COUNSELLOR, institution=factories.make_class("Q").institution)
    for by in (mentor, imke, other, sam.user):
        with pytest.raises(NotHere):
            taster_keeping.get_kept_or_404(far.pk, by)
        with pytest.raises(NotHere):
            taster_keeping.tick(sign_up_id=row.pk, came=False, by=by)
    for act in (taster_keeping.decide, taster_keeping.tick):
        with pytest.raises(NotHere):
            act(sign_up_id=row.pk, by=cora, **({"yes": True} if act is taster_keeping.decide else {"came": True}))


def test_the_counsellor_sees_the_name_no_longer(sam, far, dina, class_a):
    confirmed(sam, far, dina)
    Membership.objects.filter(user=sam.user).update(ends_on=in_days(-1))
    with pytest.raises(NotHere):
        taster_keeping.get_kept_or_404(far.pk, dina)


def test_while_a_passport_stands_still_there_is_no_name_and_no_way_to_put_it_down(sam, day, far, dina):
    confirmed(sam, day, dina)
    leaving.freeze(student=sam, by=sam.user)
    sam.refresh_from_db()
    assert names(day, dina) == []
    with pytest.raises(Refusal, match="frozen"):
        join(sam, far)


def test_not_while_somebody_sits_beside_and_by_nobody_else(sam, noor, day):
    with pytest.raises(NotHere):
        taster_days.put_name_down(student=sam, key=key_of(sam), day_id=day.pk, by=noor.user)
    start(student=sam, by=sam.user)
    with pytest.raises(Refusal, match="together"):
        join(sam, day)


def test_a_full_day_says_so_and_a_place_that_is_given_back_is_free(class_a, school, day):
    one, two, three = (factories.make_pupil(school_class=class_a) for _ in range(3))
    join(one, day), join(two, day)
    with pytest.raises(Refusal, match="full"):
        join(three, day)
    taster_days.withdraw_name(student=one, key=key_of(one), day_id=day.pk, by=one.user)
    assert join(three, day).state == "asked"


def test_a_name_that_was_taken_back_leaves_nothing(sam, day, dina):
    confirmed(sam, day, dina)
    taster_days.withdraw_name(student=sam, key=key_of(sam), day_id=day.pk, by=sam.user)
    assert not TasterSignUp.objects.exists() and names(day, dina) == []


def test_once_the_day_began_it_stays(sam, day, dina):
    confirmed(sam, day, dina)
    moved(day, -1)
    with pytest.raises(Refusal, match="begun"):
        taster_days.withdraw_name(student=sam, key=key_of(sam), day_id=day.pk, by=sam.user)


# --- Who came ----------------------------------------------------------------------------------------------


def test_who_did_not_come_is_on_the_list_until_reached(sam, day, dina, cora, mentor):
    row = confirmed(sam, day, dina)
    with pytest.raises(Refusal, match="not_yet"):
        taster_keeping.tick(sign_up_id=row.pk, came=False, by=dina)
    moved(day, -1)
    taster_keeping.tick(sign_up_id=row.pk, came=False, by=dina)
    assert [one.name for one in taster_keeping.to_call(dina)] == ["Sam V."]
    assert taster_keeping.to_call(cora) == taster_keeping.to_call(mentor) == []
    for by in (cora, mentor):
        with pytest.raises(NotHere):
            taster_keeping.reached(sign_up_id=row.pk, by=by)
    taster_keeping.reached(sign_up_id=row.pk, by=dina)
    assert taster_keeping.to_call(dina) == [] and not TasterSignUp.objects.exists()


def test_after_a_month_the_day_and_every_name_are_gone(sam, day, dina):
    row = confirmed(sam, day, dina)
    TasterSignUp.objects.filter(pk=row.pk).update(came=False)
    moved(day, -29)
    assert taster_keeping.drop_old() == 0 and taster_keeping.to_call(dina)
    moved(day, -31)
    assert taster_keeping.drop_old() and not TasterSignUp.objects.exists() and not TasterDay.objects.exists()


def test_the_card_is_ready_for_who_was_there_and_kept_by_the_students_own_tap(sam, noor, day, dina, browser_of):
    row = confirmed(sam, day, dina)
    moved(day, -1)
    page, where = browser_of(sam), reverse("taster_card", args=[day.pk])
    assert page.get(where).status_code == 404, "nobody said that they were there"
    taster_keeping.tick(sign_up_id=row.pk, came=True, by=dina)
    form = page.get(where).context["form"]
    assert (form["kind"].value(), form["on"].value()) == ("een dag meedoen", day.on)
    assert cards_of(sam.passport, key_of(sam)) == [], "opening it keeps nothing"
    said = {"card": row.pk, "revision": 0, "kind": "een dag meedoen", "on": day.on.isoformat(), "felt": "good"}
    page.post(reverse("experience_new"), said)
    (card,) = cards_of(sam.passport, key_of(sam))
    assert card.id == row.pk and card.felt == "good" and taster_days.news_of(sam) == []
    assert page.get(where).url == reverse("experience", args=[card.id])
    assert browser_of(noor).get(where).status_code == 404


# --- The buddy ---------------------------------------------------------------------------------------------


def test_a_buddy_reads_only_what_is_shared_and_nothing_a_week_later(sam, day, dina, bo, browser_of):
    row = with_buddy(sam, day, dina, bo)
    (line,) = taster_buddies.days_of(bo)
    assert line.day == day and line.share_id is None and line.name == ""
    shared = share(sam, "buddy", bo.pk, "me.free_time", valid_until=row.tie.ends_on)
    page = browser_of(bo).get(reverse("dossier", args=[shared.pk])).content.decode()
    assert "muziek" in page and "autisme" not in page and "netjes werken" not in page
    assert taster_buddies.days_of(bo)[0].name == "Sam V."
    moved(day, -7)
    assert access.open_shares(bo).count() == 1, "the last day counts"
    moved(day, -8)
    assert browser_of(bo).get(reverse("dossier", args=[shared.pk])).status_code == 404
    assert taster_buddies.days_of(bo) == [] and access.open_shares(bo).count() == 0


def test_no_share_with_a_buddy_lasts_longer_than_a_week_after_the_day(sam, day, dina, bo):
    last = with_buddy(sam, day, dina, bo).tie.ends_on
    assert last == day.on + timedelta(days=7)
    with pytest.raises(Refusal, match="date_too_late"):
        share(sam, "buddy", bo.pk, "me.free_time", valid_until=last + timedelta(days=1))
    share(sam, "buddy", bo.pk, "me.free_time", valid_until=last)
    with pytest.raises(Refusal, match="unit_not_allowed"):
        Share.objects.all().delete()
        share(sam, "buddy", bo.pk, "need.support.quiet", valid_until=last)


def test_before_the_students_yes_the_buddy_knows_of_nothing(sam, day, dina, bo):
    row = confirmed(sam, day, dina)
    taster_buddies.tie_buddy(row=row, person_id=bo.pk, by=dina)
    beside = taster_days.get_day_or_404(sam, day.pk).buddy
    assert (beside.buddy.name, beside.buddy.school, beside.is_asked) == ("Bo Blauw", "College Noord", True)
    assert taster_buddies.days_of(bo) == [] and find_recipient(sam, "buddy", bo.pk) is None
    answer(sam, day, yes=False)
    assert not Tie.objects.exists() and taster_days.get_day_or_404(sam, day.pk).buddy is None


def test_the_students_no_ends_what_was_shared_at_once(sam, day, dina, bo):
    with_buddy(sam, day, dina, bo)
    shared = share(sam, "buddy", bo.pk, "me.free_time")
    answer(sam, day, yes=False)
    shared.refresh_from_db()
    assert shared.state == "withdrawn" and taster_buddies.days_of(bo) == []


@pytest.mark.parametrize("how", ["untie", "call_off", "withdraw", "people"])
def test_whatever_ends_it_the_buddy_reads_nothing_from_then_on(sam, day, dina, bo, how):
    row = with_buddy(sam, day, dina, bo)
    share(sam, "buddy", bo.pk, "me.free_time")
    if how == "untie":
        taster_buddies.untie(row)
    elif how == "call_off":
        taster_keeping.call_off(day_id=day.pk, by=dina)
    elif how == "withdraw":
        taster_days.withdraw_name(student=sam, key=key_of(sam), day_id=day.pk, by=sam.user)
    else:
        people.end_tie(student=sam, key=key_of(sam), tie_id=row.tie_id, by=sam.user)
    assert access.open_shares(bo).count() == 0 and taster_buddies.days_of(bo) == []


def test_only_a_buddy_of_today_in_the_region_and_only_once(sam, day, far, dina, bo, otto):
    row = confirmed(sam, day, dina)
    for person in (otto.pk, dina.pk, sam.user_id):
        with pytest.raises(Refusal, match="no_buddy"):
            taster_buddies.tie_buddy(row=row, person_id=person, by=dina)
    taster_buddies.tie_buddy(row=row, person_id=bo.pk, by=dina)
    with pytest.raises(Refusal, match="tied"):
        taster_buddies.tie_buddy(row=confirmed(sam, far, dina), person_id=bo.pk, by=dina)
    Membership.objects.filter(user=bo).update(ends_on=in_days(-1))
    assert taster_buddies.buddies_for(day) == []


# --- Pages, queries, what is told and what is not ----------------------------------------------------------


def test_the_pages_of_staff_answer_who_they_are_for(sam, day, dina, cora, mentor, bo, browser_of):
    row = confirmed(sam, day, dina)
    assert "Sam V." in browser_of(dina).get(reverse("taster_names", args=[day.pk])).content.decode()
    for by in (cora, mentor, bo):
        assert browser_of(by).get(reverse("taster_names", args=[day.pk])).status_code == 404
        assert browser_of(by).post(reverse("taster_name", args=[row.pk]), {"came": "no"}).status_code == 404
    assert browser_of(bo).get(reverse("buddy_days")).status_code == 200
    assert browser_of(mentor).get(reverse("buddy_days")).status_code == 404


def test_a_form_puts_up_a_day(dina, school, browser_of):
    said = SAID | {"day": in_days(4).isoformat(), "starts": "09:30", "ends": "13:00"}
    page = browser_of(dina).post(reverse("taster_new", args=[school.pk]), said)
    assert page.url == reverse("taster_kept") and TasterDay.objects.get().on == in_days(4)
    assert browser_of(dina).post(reverse("taster_new", args=[school.pk]), said | {"name": ""}).status_code == 400


def test_the_lists_cost_the_same_for_one_and_for_many(class_a, school, dina, bo, django_assert_num_queries):
    def many(number: int) -> TasterDay:
        day = taster_keeping.put_up(place_id=school.pk, said=SAID | {"day": in_days(9), "places": 9}, by=dina)
        for _ in range(number):
            confirmed(factories.make_pupil(school_class=class_a), day, dina)
        return day

    for number in (1, 4):
        day = many(number)
        with django_assert_num_queries(2):
            kept = next(one for one in taster_keeping.kept_days(dina) if one.day == day)
        with django_assert_num_queries(3):
            assert len(taster_keeping.names_on(kept, dina)) == number


def test_the_file_and_the_mail_and_the_log_say_nothing(sam, day, dina, browser_of, caplog):
    with caplog.at_level(logging.DEBUG):
        confirmed(sam, day, dina)
        page = browser_of(sam)
        page.get(reverse("taster_day", args=[day.pk]))
        file = page.get(reverse("taster_day_file", args=[day.pk]))
    text = file.content.decode()
    assert "SUMMARY:Afspraak" in text and "LOCATION:Zwolle" in text and "DTSTART" in text
    said = text + file["Content-Disposition"] + caplog.text + "".join(one.body + one.subject for one in mail.outbox)
    for canary in ("Kwark", "Sam", "Vos", "brood", "Markt 3", "Dina", "meelopen"):
        assert canary not in said.replace("/meelopen/", "")


def test_the_file_is_there_only_once_it_goes_on(sam, day, dina, browser_of):
    join(sam, day)
    assert browser_of(sam).get(reverse("taster_day_file", args=[day.pk])).status_code == 404


def test_it_is_in_the_export_and_goes_with_the_student(sam, day, dina, bo):
    with_buddy(sam, day, dina, bo)
    (row,) = export.export_of(sam, key_of(sam))["taster_days"]
    assert row["name"] == "Bakkerij Kwark" and row["status"] == "Gaat door" and row["buddy"] == "Bo Blauw"
    leaving.erase_student(sam.pk, by=sam.user)
    assert not TasterSignUp.objects.exists() and not Tie.objects.exists() and TasterDay.objects.exists()
