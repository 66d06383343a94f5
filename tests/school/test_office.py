"""The office of a coordinator: classes, cards, staff with their days, years and the log. Never a passport."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import badges, staff_links
from accounts.models import Badge, Institution, InstitutionIdentifier, Membership, Programme, Role, SchoolClass, User
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of, roles_of, school_team
from consent import access
from consent.ledger import Action
from school.models import OfficeEvent
from school.services import places, staff, years
from school.services.card_sheets import cards_of, make_sheets
from school.services.years import leaves_on, roll_class, year_of
from tests import factories

TODAY = timezone.localdate


@pytest.fixture
def boss(class_a) -> User:
    """Coordinator of Sam's school."""
    return factories.make_staff(Role.COORDINATOR, institution=class_a.institution, name="mevrouw Oseikan")


@pytest.fixture
def college_boss(care) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="meneer Achtereekte")


@pytest.fixture(autouse=True)
def mailed(monkeypatch) -> list[User]:
    found: list[User] = []
    monkeypatch.setattr(staff_links, "invite", found.append)
    return found


def given_post(place, boss, code, *, email="k@x.example", starts=None, ends=None, name="meneer Kaya"):
    person = staff.NewPerson(email, name, "mentor")
    return staff.give_post(place=place, code=code, person=person, starts_on=starts or TODAY(), ends_on=ends, by=boss)


# --- Staff and their days -----------------------------------------------------------------------------------


def test_a_new_colleague_gets_a_role_an_account_without_password_and_a_mail(
    class_a, boss, mailed, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = given_post(class_a.institution, boss, f"mentor:{class_a.pk}")
    assert mailed == [row.user] and not row.user.has_usable_password()
    assert roles_of(row.user) == ["mentor"] and row.user in school_team(class_a)
    line = OfficeEvent.objects.get()
    assert line.what == "invited" and line.person == row.user and "Mentor van A" in line.detail


def test_a_substitute_is_a_mentor_for_one_day_and_no_day_longer(class_a, boss, sam):
    share = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    row = given_post(class_a.institution, boss, f"mentor:{class_a.pk}", ends=TODAY())
    assert access.read(share_id=share.pk, by=row.user, action=Action.READ)
    Membership.objects.filter(pk=row.pk).update(
        starts_on=TODAY() - timedelta(days=1), ends_on=TODAY() - timedelta(days=1)
    )
    with pytest.raises(NotHere):
        access.read(share_id=share.pk, by=row.user, action=Action.READ)


def test_a_role_never_comes_to_a_log_in_from_home(class_a, boss, sam):
    parent = factories.make_parent(sam)
    User.objects.filter(pk=parent.user_id).update(email="thuis@x.example")
    row = given_post(class_a.institution, boss, f"mentor:{class_a.pk}", email="Thuis@x.example")
    assert row.user_id != parent.user_id and "mentor" not in roles_of(parent.user)


def test_a_colleague_who_is_there_keeps_their_name_and_gets_no_second_role_twice(class_a, boss):
    first = given_post(class_a.institution, boss, f"mentor:{class_a.pk}")
    care = given_post(class_a.institution, boss, f"care:{class_a.institution_id}", name="een ander")
    assert care.user == first.user and care.user.staff_name == "meneer Kaya"
    with pytest.raises(Refusal, match="has_post"):
        given_post(class_a.institution, boss, f"mentor:{class_a.pk}")


def test_a_role_ends_on_its_last_day_and_the_log_says_who_did_it(class_a, boss, mentor):
    row = mentor.memberships.get()
    staff.end_post(place=class_a.institution, membership_id=row.pk, ends_on=TODAY() - timedelta(days=1), by=boss)
    assert mentor not in school_team(class_a)
    line = OfficeEvent.objects.get()
    assert (line.what, line.by, line.person) == ("ended", boss, mentor)


def test_nobody_ends_their_own_office_or_a_students_place(class_a, boss, sam):
    own, place = boss.memberships.get(), sam.user.memberships.get()
    with pytest.raises(Refusal, match="own_role"):
        staff.end_post(place=class_a.institution, membership_id=own.pk, ends_on=TODAY(), by=boss)
    with pytest.raises(NotHere):
        staff.end_post(place=class_a.institution, membership_id=place.pk, ends_on=TODAY(), by=boss)


def test_only_the_own_coordinator_of_today_gives_roles(class_a, boss, college_boss, mentor, sam):
    over = factories.make_staff(Role.COORDINATOR, institution=class_a.institution, ends_on=TODAY() - timedelta(days=1))
    for who in (college_boss, mentor, sam.user, over):
        with pytest.raises(NotHere):
            given_post(class_a.institution, who, f"mentor:{class_a.pk}")
    with pytest.raises(Refusal, match="no_post"):
        given_post(class_a.institution, boss, f"mentor:{factories.make_class('Z').pk}")


def test_a_school_and_a_college_have_coaches_who_read_nothing_by_it(class_a, boss, care, college_boss, sam, browser_of):
    for place, by in ((class_a.institution, boss), (care.institution, college_boss)):
        coach = given_post(place, by, f"coach:{place.pk}", email=f"{by.username}@coach.example").user
        assert roles_of(coach) == ["coach"] and not access.open_shares(coach).exists()
        page = browser_of(coach).get("/coach/")
        assert page.status_code == 200 and "Sam" not in page.content.decode()


def test_a_college_gives_intakers_and_mentors_of_its_own_programmes(care, college_boss):
    row = given_post(care.institution, college_boss, f"intaker:{care.pk}")
    assert roles_of(row.user) == ["intaker"] and row.programme == care
    with pytest.raises(Refusal, match="no_post"):
        given_post(care.institution, college_boss, f"intaker:{factories.make_programme().pk}")


@pytest.mark.parametrize("role", ["mentor", "counsellor", "care", "coach"])
def test_nobody_gives_themselves_a_role_that_reads(class_a, boss, role):
    User.objects.filter(pk=boss.pk).update(email="baas@x.example")
    boss.refresh_from_db()
    place = class_a.pk if role == "mentor" else class_a.institution_id
    for email in ("baas@x.example", "BAAS@x.example "):
        with pytest.raises(Refusal, match="own_role") as refused:
            given_post(class_a.institution, boss, f"{role}:{place}", email=email)
        assert refused.value.field == "post"
    assert boss.memberships.count() == 1 and not OfficeEvent.objects.exists()
    assert given_post(class_a.institution, boss, f"{role}:{place}", email="ander@x.example").user != boss


@pytest.mark.parametrize("field", ["name", "function", "telephone"])
def test_what_staff_write_of_staff_holds_no_bsn(class_a, boss, field):
    said = {"email": "k@x.example", "name": "meneer Kaya"} | {field: "111 222 333"}
    with pytest.raises(Refusal, match="bsn") as refused:
        staff.give_post(
            place=class_a.institution, code=f"mentor:{class_a.pk}", person=staff.NewPerson(**said),
            starts_on=TODAY(), ends_on=None, by=boss,
        )  # fmt: skip
    assert refused.value.field == field


def test_a_first_day_lies_at_most_a_month_back(class_a, boss):
    with pytest.raises(Refusal, match="too_early"):
        given_post(class_a.institution, boss, f"mentor:{class_a.pk}", starts=TODAY() - timedelta(days=32))
    assert given_post(class_a.institution, boss, f"mentor:{class_a.pk}", starts=TODAY() - timedelta(days=31))


@pytest.mark.parametrize("back", [0, 31])
def test_a_student_hears_who_reads_along_since_they_shared(browser_of, class_a, boss, sam, mentor, time_machine, back):
    start = timezone.now()
    time_machine.move_to(start - timedelta(days=20))
    factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    time_machine.move_to(start)
    new = "mevrouw Zandstra leest nu mee"
    assert new not in browser_of(sam).get("/vandaag/").content.decode()
    first = TODAY() - timedelta(days=back)
    given_post(class_a.institution, boss, f"mentor:{class_a.pk}", name="mevrouw Zandstra", starts=first)
    page = browser_of(sam).get("/vandaag/").content.decode()
    assert new in page and f"{mentor.staff_name} leest nu mee" not in page
    time_machine.move_to(start + timedelta(days=15))
    assert new not in browser_of(sam).get("/vandaag/").content.decode()


def test_who_shares_nothing_or_shared_later_hears_of_nobody(browser_of, class_a, boss, sam):
    given_post(class_a.institution, boss, f"mentor:{class_a.pk}", name="mevrouw Zandstra")
    assert "leest nu mee" not in browser_of(sam).get("/vandaag/").content.decode()
    factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    assert "leest nu mee" not in browser_of(sam).get("/vandaag/").content.decode()


# --- Classes and programmes ---------------------------------------------------------------------------------


def test_a_class_is_made_once_a_year(class_a, boss):
    school = class_a.institution
    places.make_class(place=school, name=" B  2 ", school_year=year_of(), by=boss)
    with pytest.raises(Refusal, match="class_exists"):
        places.make_class(place=school, name="b 2", school_year=year_of(), by=boss)
    assert SchoolClass.objects.filter(institution=school, name="B 2").count() == 1


def test_a_college_keeps_its_own_programmes_and_no_others(care, college_boss):
    made = places.save_programme(place=care.institution, programme=Programme(code="x1", name="Kok"), by=college_boss)
    assert made.institution == care.institution
    with pytest.raises(NotHere):
        places.save_programme(place=care.institution, programme=factories.make_programme(), by=college_boss)


def test_a_school_does_not_pose_as_a_college(browser_of, class_a, boss):
    school = class_a.institution
    before = school.name
    InstitutionIdentifier.objects.create(institution=school, kind="brin", value="99XX")
    with pytest.raises(Refusal, match="fixed_name"):
        places.change_place(place=school, name="ROC Linderhaven", town="", by=boss)
    browser_of(boss).post(f"/beheer/{school.pk}/", {"name": "ROC Linderhaven", "place": "Oudermade"})
    school.refresh_from_db()
    assert (school.name, school.place) == (before, "Oudermade")
    for kind, fits in (("mbo", False), ("entree", True), ("bridging", True)):
        said = {"name": "Kok", "code": f"kok-{kind}", "kind": kind}
        answer = browser_of(boss).post(f"/beheer/{school.pk}/opleidingen/", said)
        assert answer.status_code == (302 if fits else 400)
        assert Programme.objects.filter(code=f"kok-{kind}").exists() == fits


def test_what_staff_write_of_places_holds_no_bsn(browser_of, class_a, boss):
    place, client, bsn = class_a.institution, browser_of(boss), "111.222.333"
    before = place.name
    posts = (
        (f"/beheer/{place.pk}/", {"name": bsn, "place": ""}),
        (f"/beheer/{place.pk}/", {"name": before, "place": bsn}),
        (f"/beheer/{place.pk}/klassen/", {"name": bsn, "school_year": year_of()}),
        (f"/beheer/{place.pk}/opleidingen/", {"name": bsn, "code": "x", "kind": "entree"}),
        (f"/beheer/{place.pk}/opleidingen/", {"name": "Kok", "code": "111222333", "kind": "entree"}),
    )
    for address, said in posts:
        answer = client.post(address, said)
        assert answer.status_code == 400 and "BSN" in answer.content.decode()
    place.refresh_from_db()
    assert place.name == before and bsn not in place.place and not Programme.objects.exists()
    assert not SchoolClass.objects.filter(name=bsn).exists()


def test_a_place_without_a_code_of_a_register_keeps_its_own_name(class_a, boss):
    assert places.change_place(place=class_a.institution, name="De Brug", town="", by=boss).name == "De Brug"


def test_the_pages_of_a_coordinator_name_no_student(browser_of, class_a, boss, sam):
    place = class_a.institution_id
    for path in ("", "klassen/", "medewerkers/", "schooljaar/", "logboek/", "opleidingen/", "klassenlijst/"):
        page = browser_of(boss).get(f"/beheer/{place}/{path}")
        assert page.status_code == 200 and "Sam" not in page.content.decode()
    assert "1 studenten" in browser_of(boss).get(f"/beheer/{place}/").content.decode()


def test_a_coordinator_reads_no_passport_whatever_is_shared(class_a, boss, sam):
    share = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    with pytest.raises(NotHere):
        access.read(share_id=share.pk, by=boss, action=Action.READ)


def test_the_first_page_of_a_coordinator(browser_of, class_a, boss, mentor, sam):
    assert browser_of(boss).get("/").url == "/beheer/"
    assert browser_of(boss).get("/beheer/").url == f"/beheer/{class_a.institution_id}/"
    for who in (mentor, sam):
        assert browser_of(who).get("/beheer/").status_code == 404
        assert browser_of(who).get(f"/beheer/{class_a.institution_id}/").status_code == 404


def test_forms_over_the_pages(browser_of, class_a, boss):
    place = f"/beheer/{class_a.institution_id}/"
    client = browser_of(boss)
    said = {"email": "k@x.example", "name": "meneer Kaya", "post": f"mentor:{class_a.pk}", "starts_on": str(TODAY())}
    assert client.post(f"{place}medewerkers/", said).status_code == 302
    row = Membership.objects.get(user__email="k@x.example")
    assert client.post(f"{place}medewerkers/{row.pk}/", {"ends_on": str(TODAY())}).status_code == 302
    assert client.post(f"{place}medewerkers/", {"post": "x"}).status_code == 400
    assert client.post(f"{place}klassen/", {"name": "D1", "school_year": year_of()}).status_code == 302
    assert client.post(place, {"name": "De Brug", "place": "Kade"}).status_code == 302
    assert Institution.objects.get(pk=class_a.institution_id).name == "De Brug"
    page = client.get(f"{place}logboek/").content.decode()
    assert "mevrouw Oseikan" in page and "meneer Kaya" in page and "maakte een klas" in page


# --- Cards --------------------------------------------------------------------------------------------------


@pytest.fixture
def class_of_thirty(class_a):
    return [factories.make_pupil(calling_name=f"Kind {'abcdef'[at // 5]}{'vwxyz'[at % 5]}", school_class=class_a)
            for at in range(30)]  # fmt: skip


def test_thirty_cards_are_three_sheets_and_open_their_own_student(class_a, boss, class_of_thirty):
    sheets = make_sheets(school_class=class_a, anew=False, by=boss)
    assert [len(one) for one in sheets] == [10, 10, 10] and cards_of(class_a).lack == 0
    card = sheets[0][0]
    assert card.name == "Kind av" and badges.check(card.typed, "0000").outcome == "choose"


def test_new_cards_for_all_kill_the_old_and_only_who_lacks_one_keeps_them(class_a, boss, sam, noor):
    old = make_sheets(school_class=class_a, anew=False, by=boss)[0][0]
    assert make_sheets(school_class=class_a, anew=False, by=boss) == []
    new = make_sheets(school_class=class_a, anew=True, by=boss)[0][0]
    assert badges.check(old.typed, "0000").outcome == "dead" and badges.check(new.typed, "0000").outcome == "choose"


def test_new_cards_for_all_leave_out_who_is_erasing_their_passport(class_a, boss, sam):
    other = factories.make_pupil(calling_name="Zara", school_class=class_a)
    make_sheets(school_class=class_a, anew=False, by=boss)
    type(sam).objects.filter(pk=sam.pk).update(erase_after=timezone.now() + timedelta(days=7))
    assert [card.name for card in make_sheets(school_class=class_a, anew=True, by=boss)[0]] == ["Zara"]
    assert badges.state_of([sam, other])[sam.pk].has_card


def test_two_of_one_name_get_a_letter(class_a, boss, sam):
    factories.make_pupil(surname="Bos", school_class=class_a)
    names = [card.name for card in make_sheets(school_class=class_a, anew=False, by=boss)[0]]
    assert names == ["Sam B.", "Sam V."]


def test_a_card_page_warns_first_and_makes_cards_once(browser_of, class_a, boss, sam):
    client, path = browser_of(boss), f"/beheer/klas/{class_a.pk}/kaarten/"
    page = client.get(path).content.decode()
    assert not Badge.objects.exists() and "één keer" in page
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    sheet = client.post(path, {"once": once})
    text = sheet.content.decode()
    assert sheet.status_code == 200 and "no-store" in sheet["Cache-Control"] and "Sam" in text
    token = re.search(r'Typ: <b translate="no">([^<]+)</b>', text)[1]
    assert badges.check(token, "0000").outcome == "choose"
    assert client.post(path, {"once": once, "anew": "1"}).status_code == 302  # sent again: nothing new
    assert badges.check(token, "0000").outcome == "choose"
    assert token not in str(dict(client.session)) and token.replace(" ", "") not in str(dict(client.session))
    assert "class_cards" not in path and "?" not in path


def test_cards_are_for_the_mentor_of_the_class_and_its_coordinator(
    browser_of, class_a, boss, mentor, sam, imke, college_boss
):
    counsellor = factories.make_staff(Role.COUNSELLOR, institution=class_a.institution)
    other = factories.make_staff(Role.MENTOR, school_class=factories.make_class("Z"))
    path = f"/beheer/klas/{class_a.pk}/kaarten/"
    assert {browser_of(who).get(path).status_code for who in (boss, mentor)} == {200}
    for who in (sam, imke, college_boss, counsellor, other):
        assert browser_of(who).get(path).status_code == 404 and browser_of(who).post(path).status_code == 404
    assert not Badge.objects.exists()


# --- The new year -------------------------------------------------------------------------------------------


@pytest.fixture
def in_june(time_machine):
    time_machine.move_to(timezone.make_aware(timezone.datetime(2027, 6, 15, 12)), tick=False)


@pytest.fixture
def this_year(class_a, in_june):
    """Sam's class as it is in June: of the year that ends."""
    class_a.refresh_from_db()
    return class_a


@pytest.fixture
def head(this_year) -> User:
    return factories.make_staff(Role.COORDINATOR, institution=this_year.institution)


FIRST, LAST = date(2027, 8, 1), date(2027, 7, 31)


def pupil_of(school_class, **more):
    return factories.make_pupil(school_class=school_class, **more)


def test_a_class_goes_to_its_next_year_and_its_mentor_only_when_told(this_year, head):
    pupil = pupil_of(this_year)
    mentor = factories.make_staff(Role.MENTOR, school_class=this_year)
    assert roll_class(school_class=this_year, to_name="B", mentors_too=False, by=head) == 1
    assert class_of(pupil).name == "A" and class_of(pupil, LAST).name == "A" and class_of(pupil, FIRST).name == "B"
    assert mentor.memberships.get().ends_on is None
    assert roll_class(school_class=this_year, to_name="B", mentors_too=True, by=head) == 0  # twice is no error
    assert {row.school_class.name for row in mentor.memberships.all()} == {"A", "B"}
    assert leaves_on(pupil) is None
    assert "1 naar B, 2027-2028" in OfficeEvent.objects.order_by("at").first().detail


def test_who_leaves_hears_it_in_time_and_the_school_team_reads_no_longer(this_year, head, browser_of, time_machine):
    pupil = pupil_of(this_year)
    factories.write(pupil, "me.free_time", ["muziek"])
    mentor = factories.make_staff(Role.MENTOR, school_class=this_year)
    until = date(2027, 7, 30)
    share = factories.share(pupil, "school_team", this_year.institution_id, "me.free_time", valid_until=until)
    roll_class(school_class=this_year, to_name="", mentors_too=False, by=head)
    assert leaves_on(pupil) == LAST and years.leavers(this_year.institution) == 1
    page = browser_of(pupil).get("/zo-houd-je-je-paspoort/").content.decode()
    assert "31 juli 2027" in page and "/instellingen/inloggen/" in page
    assert "/zo-houd-je-je-paspoort/" in browser_of(pupil).get("/vandaag/").content.decode()
    assert access.read(share_id=share.pk, by=mentor, action=Action.READ)
    time_machine.move_to(timezone.make_aware(timezone.datetime(2027, 8, 1, 0, 5)), tick=False)
    with pytest.raises(NotHere):
        access.read(share_id=share.pk, by=mentor, action=Action.READ)
    assert browser_of(pupil).get("/paspoort/").status_code == 200  # the passport stays


def test_who_stays_sees_nothing_of_it(sam, browser_of):
    assert leaves_on(sam) is None
    assert "/zo-houd-je-je-paspoort/" not in browser_of(sam).get("/vandaag/").content.decode()


def test_the_page_asks_per_class_and_chooses_nothing(browser_of, this_year, head):
    pupil = pupil_of(this_year)
    client, path = browser_of(head), f"/beheer/{this_year.institution_id}/schooljaar/"
    page = client.get(path).content.decode()
    assert "A, 2026-2027" in page and " checked" not in page
    prefix = str(this_year.pk)[:8]
    assert client.post(path, {"class": str(this_year.pk)}).status_code == 400
    wrong = {"class": str(this_year.pk), f"{prefix}-what": "class"}
    assert client.post(path, wrong).status_code == 400
    right = wrong | {f"{prefix}-to_name": "B"}
    assert client.post(path, right).status_code == 302
    assert class_of(pupil, FIRST).name == "B"


def test_nobody_else_rolls_a_class(this_year, college_boss, mentor, sam):
    for who in (college_boss, mentor, sam.user):
        with pytest.raises(NotHere):
            roll_class(school_class=this_year, to_name="B", mentors_too=False, by=who)


@pytest.mark.parametrize(
    ("day", "year"),
    [("2026-07-31", "2025-2026"), ("2026-08-01", "2026-2027"), ("2027-01-01", "2026-2027")],
)
def test_the_year_begins_in_august(day, year):
    assert year_of(date.fromisoformat(day)) == year
    assert years.first_day_of(year) <= date.fromisoformat(day) <= years.last_day_of(year)
