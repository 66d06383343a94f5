"""The page of the first day, and the pages of who reads after the start: the mentor at the college, the old school."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Membership, Programme, Role
from accounts.refusals import NotHere, Refusal
from consent.ledger import looks_at
from intake.models import Case, FirstDay, FollowUpGrant
from intake.services import back_to_school, college_mentor, first_day, follow_ups, hearing, leaving, placements, sharing
from intake.services.first_day import Page
from intake.services.follow_ups import Answers
from tests import factories
from tests.factories import key_of
from tests.intake.after import guide, make_mentor, start

FORM = {
    "day": "2026-09-07",
    "time": "9.00 uur",
    "where": "Lokaal 0.14",
    "who": "mevrouw Smit",
    "bring": "Een etui\nBrood",
    "contact": "mevrouw Smit",
    "telephone": "0612345678",
}


@pytest.fixture
def started(sam, care, given) -> Case:
    return start(sam, care, days_ago=10)


@pytest.fixture
def smit(care):
    return make_mentor(care)


def page(**changes) -> Page:
    known = {"day": timezone.localdate(), "time": "", "where": "Lokaal 3", "who": "", "bring": "", "contact": "Smit"}
    return Page(**{**known, "telephone": "", **changes})


def write(case, by, **changes):
    return first_day.write_page(case_id=case.pk, by=by, page=page(**changes))


# --- The first day -------------------------------------------------------------------------------------------


def test_the_mentor_writes_it_and_the_student_reads_it(browser_of, sam, care, started, smit, settings):
    guide(sam, care)
    day = timezone.localdate() + timedelta(days=5)
    url = reverse("first_day_write", args=[started.pk])
    answer = browser_of(smit).post(url, FORM | {"day": day.isoformat()}, follow=True)
    assert "Bewaard" in answer.content.decode()
    found = browser_of(sam).get(reverse("first_day")).content.decode()
    assert all(text in found for text in ("Lokaal 0.14", "Een etui", "mevrouw Smit", "tel:0612345678"))
    started.refresh_from_db()
    assert started.starts_on == day


def test_the_form_is_made_ready_with_the_mentors_own_number(browser_of, sam, care, started, smit):
    guide(sam, care)
    smit.staff_telephone = "0512-345678"
    smit.save()
    found = browser_of(smit).get(reverse("first_day_write", args=[started.pk])).content.decode()
    assert 'value="mevrouw Smit"' in found and 'value="0512-345678"' in found


USUAL = {"first_day_time": "9.00 uur", "first_day_where": "De hoofdingang", "first_day_who": "de balie van Zorg"}


@pytest.fixture
def boss(care):
    return factories.make_staff(Role.COORDINATOR, institution=care.institution)


def usual(browser_of, care, boss, **said):
    """The coordinator writes what every first day has in common, on the page of the programme's facts."""
    url = reverse("office_offers", args=[care.institution_id, care.pk])
    empty = dict.fromkeys(("starts", "days_a_week", "hours_a_week", "group_size", "travel", "part_time"), "")
    answer = browser_of(boss).post(url, {**empty, **dict.fromkeys(USUAL, ""), "learning_route": "", **said})
    assert answer.status_code == 302


def test_what_the_programme_says_of_every_first_day_stands_ready(browser_of, sam, care, started, smit, boss):
    guide(sam, care)
    usual(browser_of, care, boss, **USUAL)
    url = reverse("first_day_write", args=[started.pk])
    found = browser_of(smit).get(url).content.decode()
    assert all(f'value="{text}"' in found for text in USUAL.values()) and "Een deel staat al klaar" in found
    assert not FirstDay.objects.exists()
    page = browser_of(sam).get(reverse("first_day")).content.decode()
    assert "De hoofdingang" not in page  # nothing goes to a student by itself


def test_without_a_word_of_the_programme_nothing_stands_ready(browser_of, sam, care, started, smit, boss):
    guide(sam, care)
    usual(browser_of, care, boss)
    found = browser_of(smit).get(reverse("first_day_write", args=[started.pk])).content.decode()
    assert "Een deel staat al klaar" not in found


def test_what_was_written_for_a_student_is_not_written_over(browser_of, sam, care, started, smit, boss):
    guide(sam, care)
    write(started, smit)
    usual(browser_of, care, boss, **USUAL)
    found = browser_of(smit).get(reverse("first_day_write", args=[started.pk])).content.decode()
    assert "Lokaal 3" in found and "De hoofdingang" not in found


def test_it_is_of_no_other_programme_and_not_public(browser_of, client, sam, care, started, smit, boss):
    guide(sam, care)
    usual(
        browser_of,
        Programme.objects.create(institution=care.institution, code="x1", name="Hout", level=2),
        boss,
        **USUAL,
    )
    assert "De hoofdingang" not in browser_of(smit).get(reverse("first_day_write", args=[started.pk])).content.decode()
    usual(browser_of, care, boss, **USUAL)
    public = client.get(reverse("offers_compare"), {"opleiding": care.code}).content.decode()
    assert "De hoofdingang" not in public and "de balie van Zorg" not in public


def test_the_coordinators_text_holds_no_number_of_a_citizen(browser_of, care, boss):
    url = reverse("office_offers", args=[care.institution_id, care.pk])
    answer = browser_of(boss).post(url, {**USUAL, "first_day_who": "BSN 111222333", "learning_route": ""})
    assert answer.status_code == 400


# --- The talks of an entree in a calendar -------------------------------------------------------------------


@pytest.fixture
def entree(care):
    care.kind = "entree"
    care.save()
    return care


def file_of(browser_of, sam) -> Calendar:
    answer = browser_of(sam).get(reverse("after_talks_file"))
    assert answer["Content-Disposition"] == 'attachment; filename="gesprek.ics"'
    return Calendar.from_ical(answer.content)


def test_the_talks_of_an_entree_are_one_series_that_ends_with_the_year(browser_of, sam, entree, started):
    start_of = browser_of(sam).get(reverse("after_start")).content.decode()
    assert reverse("after_talks_file") in start_of
    [event] = file_of(browser_of, sam).walk("VEVENT")
    first, rule = event.decoded("dtstart"), event["rrule"]
    assert first == started.starts_on + timedelta(days=35)
    days = [first + timedelta(days=35 * number) for number in range(20)]
    assert rule["FREQ"] == ["WEEKLY"] and rule["INTERVAL"] == [5]
    assert [day for day in days if day <= rule["UNTIL"][0]] == days[:10] == placements.progress_talks(started)
    assert days[9] <= started.starts_on + timedelta(days=365) < days[10] + timedelta(days=35)


def test_the_file_says_a_day_and_nothing_else(browser_of, sam, entree, started):
    text = file_of(browser_of, sam).to_ical().decode()
    lines = {line.split(";")[0].split(":")[0] for line in text.splitlines()}
    assert lines == {
        "BEGIN", "END", "VERSION", "PRODID", "METHOD", "UID", "DTSTAMP", "SEQUENCE", "SUMMARY", "DTSTART", "DTEND",
        "RRULE", "CLASS", "TRANSP",
    }  # fmt: skip
    assert "SUMMARY:Gesprek" in text and not re.search(f"Sam|Vos|Zorg|College|{started.pk}|mentor", text)


def test_the_same_id_every_time_and_a_later_version_with_another_first_day(browser_of, sam, entree, started, imke):
    [before] = file_of(browser_of, sam).walk("VEVENT")
    write(started, imke, day=timezone.localdate() + timedelta(days=3))
    [after] = file_of(browser_of, sam).walk("VEVENT")
    assert before["uid"] == after["uid"] and after["sequence"] > before["sequence"]
    assert after.decoded("dtstart") == timezone.localdate() + timedelta(days=38)


@pytest.mark.parametrize("how", ["no entree", "a year later", "taken back"])
def test_otherwise_there_is_no_series(browser_of, sam, care, started, how):
    if how != "no entree":
        care.kind = "entree"
        care.save()
    if how == "a year later":
        Case.objects.filter(pk=started.pk).update(starts_on=timezone.localdate() - timedelta(days=351))
    if how == "taken back":
        Case.objects.filter(pk=started.pk).update(status=Case.Status.DONE)
    assert browser_of(sam).get(reverse("after_talks_file")).status_code == 404
    page = browser_of(sam).get(reverse("after_start"))
    assert reverse("after_talks_file") not in page.content.decode()


@pytest.mark.parametrize("who", ["noor", "imke", "smit"])
def test_the_series_is_the_students_own(browser_of, request, entree, started, who):
    assert browser_of(request.getfixturevalue(who)).get(reverse("after_talks_file")).status_code == 404


def test_today_leads_to_the_first_day_until_it_is_over(browser_of, sam, started, imke):
    today = reverse("today")
    assert "Je eerste dag staat klaar" not in browser_of(sam).get(today).content.decode()
    for days, is_shown in ((3, True), (0, True), (-1, False)):
        write(started, imke, day=timezone.localdate() + timedelta(days=days))
        assert ("Je eerste dag staat klaar" in browser_of(sam).get(today).content.decode()) is is_shown


def test_an_intaker_writes_it_while_the_intake_share_runs(sam, started, imke, given):
    write(started, imke)
    assert first_day.own_page(sam, key_of(sam))[1].where == "Lokaal 3"
    sharing.withdraw(share=given, by=sam.user)
    with pytest.raises(NotHere):
        write(started, imke)


@pytest.mark.parametrize("who", ["otto", "mentor", "smit", "sam"])
def test_nobody_else_writes_or_reads_it(request, browser_of, started, who):
    found = request.getfixturevalue(who)
    by = getattr(found, "user", found)
    with pytest.raises(NotHere):
        write(started, by)
    assert browser_of(by).get(reverse("first_day_write", args=[started.pk])).status_code == 404


def test_a_withdrawn_share_ends_the_mentors_writing(sam, care, started, smit, imke, given):
    share = guide(sam, care)
    write(started, smit)
    sharing.withdraw(share=share, by=sam.user)
    sharing.withdraw(share=given, by=sam.user)
    for by in (smit, imke):
        with pytest.raises(NotHere):
            write(started, by, where="Elders")
    assert first_day.own_page(sam, key_of(sam))[1].where == "Lokaal 3"


@pytest.mark.parametrize(("name", "text"), [("where", ""), ("contact", ""), ("where", "BSN 111222333")])
def test_what_is_missing_or_a_number_is_refused(sam, care, started, smit, name, text):
    guide(sam, care)
    with pytest.raises(Refusal) as no:
        write(started, smit, **{name: text})
    assert no.value.field == name and not FirstDay.objects.exists()


def test_the_database_holds_no_word_of_it_and_erasing_takes_it(sam, care, started, smit):
    guide(sam, care)
    row = write(started, smit)
    assert b"Lokaal" not in bytes(row.sealed_page)
    leaving.erase_student(sam.pk)
    assert not FirstDay.objects.exists()
    with pytest.raises(NotHere):
        write(started, smit)


def test_without_a_start_there_is_no_page(browser_of, sam, given):
    assert browser_of(sam).get(reverse("first_day")).status_code == 404


# --- The mentor at the college -------------------------------------------------------------------------------


def test_the_list_shows_names_without_a_look(browser_of, sam, care, started, smit):
    assert "Sam V." not in browser_of(smit).get(reverse("college_students")).content.decode()
    share = guide(sam, care)
    assert "Sam V." in browser_of(smit).get(reverse("college_students")).content.decode()
    assert not looks_at(sam.pk).exists()
    sharing.withdraw(share=share, by=sam.user)
    assert "Sam V." not in browser_of(smit).get(reverse("college_students")).content.decode()


@pytest.mark.parametrize("who", ["imke", "mentor", "sam"])
def test_the_list_is_for_mentors_of_a_programme(request, browser_of, who):
    assert browser_of(request.getfixturevalue(who)).get(reverse("college_students")).status_code == 404


def test_opening_one_is_a_look_and_shows_three_lines(browser_of, sam, care, started, smit):
    factories.write(sam, "need.signals", ["Ik word stil"])
    share = guide(sam, care, "need.support.quiet", "need.signals")
    found = browser_of(smit).get(reverse("college_student", args=[share.pk])).content.decode()
    assert "Een hoek bij het raam" in found and "Ik word stil" in found and "Afgesproken" in found
    assert "autisme" not in found
    units = {slot for look in looks_at(sam.pk) for slot in look.detail["slots"]}
    assert key_of(sam).slot("need.support.quiet").hex() in units


def test_what_is_not_shared_and_what_is_not_there_look_the_same(browser_of, sam, care, started, smit):
    share = guide(sam, care, "me.free_time")
    found = browser_of(smit).get(reverse("college_student", args=[share.pk])).content.decode()
    assert found.count("Hierover staat niets.") == 3


def test_the_look_of_another_share_opens_no_such_page(browser_of, sam, care, started, smit, given):
    guide(sam, care)
    assert browser_of(smit).get(reverse("college_student", args=[given.pk])).status_code == 404
    elsewhere = make_mentor(factories.make_programme())
    share = sam.shares.get(purpose="guidance")
    assert browser_of(elsewhere).get(reverse("college_student", args=[share.pk])).status_code == 404


def test_three_taps_of_the_mentor_are_read_by_the_student(browser_of, sam, care, smit):
    case = start(sam, care)
    share = guide(sam, care)
    url = reverse("college_student", args=[share.pk])
    assert "Drie keer tikken" in browser_of(smit).get(url).content.decode()
    browser_of(smit).post(url, {"status": "enrolled", "fits": "partly", "talk": "no", "note": "Gaat goed zo"})
    assert "Drie keer tikken" not in browser_of(smit).get(url).content.decode()
    assert "Gaat goed zo" in browser_of(sam).get(reverse("after_start")).content.decode()
    assert [one.side for one in follow_ups.own_follow_ups(sam, key_of(sam), case)] == ["college"]


def students(care, count):
    for number in range(count):
        one = factories.make_pupil(calling_name=f"Kim{number}")
        factories.write(one, "me.free_time", ["muziek"])
        start(one, care)
        guide(one, care, "me.free_time")


def test_the_list_costs_the_same_queries_for_more_students(care, smit, django_assert_num_queries):
    students(care, 2)
    with django_assert_num_queries(3), django_assert_num_queries(1, using="keys"):
        assert len(college_mentor.students_of(smit)) == 2
    students(care, 3)
    with django_assert_num_queries(3), django_assert_num_queries(1, using="keys"):
        assert len(college_mentor.students_of(smit)) == 5


# --- Back to school ------------------------------------------------------------------------------------------


def test_the_schools_list_costs_the_same_queries(care, class_a, django_assert_num_queries):
    tess = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    for count in (1, 4):
        for _ in range(count):
            one = factories.make_pupil(school_class=class_a)
            factories.write(one, "me.free_time", ["muziek"])
            start(one, care)
            give(one, class_a.institution)
        with django_assert_num_queries(1), django_assert_num_queries(1, using="keys"):
            found = back_to_school.former_students(tess)
    assert len(found) == 5


def give(student, school):
    kind = FollowUpGrant.Kind.SCHOOL
    hearing.let_hear(student=student, key=key_of(student), kind=kind, listener=school.pk, by=student.user)


def test_the_school_finds_it_on_its_page_only_with_a_yes(browser_of, sam, started, class_a):
    tess = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    Membership.objects.filter(user=sam.user).update(ends_on=timezone.localdate() - timedelta(days=1))
    url, door = reverse("back_to_school_list"), reverse("dossier_list")
    assert browser_of(tess).get(url).status_code == 404
    assert url not in browser_of(tess).get(door).content.decode()
    give(sam, class_a.institution)
    assert url in browser_of(tess).get(door).content.decode()
    assert "Sam V." in browser_of(tess).get(url).content.decode() and not looks_at(sam.pk).exists()


def test_opening_one_is_a_look_and_says_nothing_of_how_somebody_feels(browser_of, sam, care, class_a):
    case = start(sam, care)
    tess = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    said = Answers(status="switched", destination="mbo", goes="bad", note="Ik slaap slecht", worked="Rust")
    follow_ups.answer(case_id=case.pk, by=sam.user, moment="w2", answers=said)
    give(sam, class_a.institution)
    found = browser_of(tess).get(reverse("back_to_school_one", args=[case.pk])).content.decode()
    assert "Op een andere opleiding" in found and "Rust" in found
    assert "slaap" not in found and "Niet goed" not in found
    assert looks_at(sam.pk).get().actor_id == tess.pk


def test_the_student_gives_and_stops_on_one_page(browser_of, sam, started, class_a):
    url, school = reverse("follow_up_hears"), class_a.institution
    found = browser_of(sam).get(url).content.decode()
    assert school.name in found and "Zet aan" in found and 'name="on" value="0"' not in found
    for on, open_ones in (("1", 1), ("0", 0)):
        browser_of(sam).post(url, {"kind": "school_team", "listener": str(school.pk), "on": on})
        assert FollowUpGrant.objects.open().count() == open_ones


@pytest.mark.parametrize("listener", ["x", "", "0b6c0a7e-8f3f-4f5e-9d0a-5a1f3c9f7a18"])
def test_a_made_up_listener_is_not_there(browser_of, sam, started, listener):
    answer = browser_of(sam).post(reverse("follow_up_hears"), {"kind": "school_team", "listener": listener, "on": "1"})
    assert answer.status_code == 404 and not FollowUpGrant.objects.exists()
