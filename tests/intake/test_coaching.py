"""A coach and a student: moments and promises on what is shared, the student's too, and nothing after letting go."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Tie, User
from accounts.refusals import NotHere, Refusal
from consent.ledger import Event
from consent.models import LedgerEntry
from intake.models import CoachMoment
from intake.services import coaching, export, leaving, people, resealing, sharing
from intake.services.leaving import freeze
from tests import factories
from tests.factories import key_of

BSN, SECRET = "Mijn BSN is 111222333", "Kanarie bij het raam"


@pytest.fixture
def coach(sam) -> User:
    user = factories.make_user(staff_name="Anna Smit")
    factories.make_tie(sam, user, "coach")
    return user


@pytest.fixture
def shared(sam, coach):
    return factories.share(sam, "coach", coach.pk, "me.free_time")


def write(share, by, **said) -> CoachMoment:
    known = {"on": timezone.localdate(), "text": "Ging goed.", "own": ["Ik bel het mbo"], "students": ["Ik kijk mee"]}
    return coaching.write_moment(share_id=share.pk, by=by, **known | said)


def seen_by(share, by):
    return coaching.open_student(share_id=share.pk, by=by)


def own(student):
    return [one for some in coaching.own_moments(student, key_of(student)).values() for one in some]


def pages(share, moment) -> list[str]:
    both = {"share_id": share.pk, "moment_id": moment.pk}
    return [
        reverse("coach_student", args=[share.pk]),
        reverse("coach_moment_new", args=[share.pk]),
        reverse("coach_moment", kwargs=both),
        reverse("dossier", args=[share.pk]),
    ]


# --- The yes -----------------------------------------------------------------------------------------------


def test_the_coach_writes_and_both_read(sam, coach, shared):
    day = timezone.localdate() + timedelta(days=7)
    write(shared, coach, until=day)
    for [found] in (seen_by(shared, coach).moments, own(sam)):
        assert (found.text, found.is_planned, found.by) == ("Ging goed.", False, "Anna Smit")
        assert [(one.who, one.text, one.on, one.is_done) for one in found.promises] == [
            ("coach", "Ik bel het mbo", day, False),
            ("student", "Ik kijk mee", day, False),
        ]


def test_what_was_planned_becomes_what_was(sam, coach, shared):
    today = timezone.localdate()
    planned = coaching.plan_moment(share_id=shared.pk, by=coach, on=today, text="Kennismaken")
    assert own(sam)[0].is_ahead and coaching.students_of(coach)[0].next_on == today
    write(shared, coach, planned=planned.pk)
    [found] = seen_by(shared, coach).moments
    assert (found.id, found.text, found.is_planned) == (planned.pk, "Ging goed.", False)
    with pytest.raises(NotHere):
        coaching.drop_planned(share_id=shared.pk, by=coach, moment_id=planned.pk)
    off = coaching.plan_moment(share_id=shared.pk, by=coach, on=today)
    coaching.drop_planned(share_id=shared.pk, by=coach, moment_id=off.pk)
    assert len(own(sam)) == 1


def test_opening_it_is_a_look_that_the_student_reads(sam, coach, shared, browser_of):
    seen_by(shared, coach)
    assert LedgerEntry.objects.filter(event=Event.LOOK, actor_id=coach.pk, share_id=shared.pk).count() == 1
    page = browser_of(sam).get(reverse("looks")).content.decode()
    assert "Anna Smit" in page and "Afgesproken met je coach" in page


def test_each_ticks_their_own(sam, coach, shared):
    key, row = key_of(sam), write(shared, coach)
    coaching.keep_promise(share_id=shared.pk, by=coach, moment_id=row.pk, number=0, done=True)
    coaching.tick_own(student=sam, key=key, moment_id=row.pk, number=1, done=True, by=sam.user)
    assert [one.is_done for one in own(sam)[0].promises] == [True, True]
    with pytest.raises(Refusal, match="no_promise"):
        coaching.keep_promise(share_id=shared.pk, by=coach, moment_id=row.pk, number=1, done=False)
    for number in (0, 2, -1):
        with pytest.raises(Refusal, match="no_promise"):
            coaching.tick_own(student=sam, key=key, moment_id=row.pk, number=number, done=False, by=sam.user)
    coaching.tick_own(student=sam, key=key, moment_id=row.pk, number=1, done=False, by=sam.user)
    assert [one.is_done for one in seen_by(shared, coach).moments[0].promises] == [True, False]


# --- The no ------------------------------------------------------------------------------------------------


def test_nobody_else_opens_or_writes(sam, coach, shared, mentor, imke, noor, given):
    row = write(shared, coach)
    other = factories.make_user(staff_name="Bert")
    factories.make_tie(sam, other, "coach")
    others = [mentor, imke, noor.user, sam.user, other, factories.make_user(is_superuser=True)]
    for by in [*others, factories.make_parent(sam).user]:
        for act in (seen_by, write):
            with pytest.raises(NotHere):
                act(shared, by)
        with pytest.raises(NotHere):
            coaching.plan_moment(share_id=shared.pk, by=by, on=timezone.localdate())
        with pytest.raises(NotHere):
            coaching.keep_promise(share_id=shared.pk, by=by, moment_id=row.pk, number=0, done=True)
    with pytest.raises(NotHere):
        seen_by(given, imke)  # what is shared for an intake has no moments of a coach
    assert CoachMoment.objects.count() == 1


def test_nobody_else_ticks_or_takes_away_on_the_students_side(sam, noor, coach, shared):
    row = write(shared, coach)
    for student, by in ((noor, noor.user), (sam, coach), (sam, noor.user)):
        with pytest.raises(NotHere):
            coaching.tick_own(student=student, key=key_of(student), moment_id=row.pk, number=1, done=True, by=by)
        with pytest.raises(NotHere):
            coaching.remove_moment(student=student, moment_id=row.pk, by=by)
    assert CoachMoment.objects.count() == 1


def test_a_moment_of_another_student_is_not_reached_through_this_share(sam, noor, coach, shared):
    factories.write(noor, "me.free_time", ["muziek"])
    factories.make_tie(noor, coach, "coach")
    other = factories.share(noor, "coach", coach.pk, "me.free_time")
    planned = coaching.plan_moment(share_id=other.pk, by=coach, on=timezone.localdate())
    row = write(other, coach)
    with pytest.raises(NotHere):
        write(shared, coach, planned=planned.pk)
    with pytest.raises(NotHere):
        coaching.keep_promise(share_id=shared.pk, by=coach, moment_id=row.pk, number=0, done=True)
    assert seen_by(shared, coach).moments == []


def test_what_does_not_fit_says_where(sam, coach, shared):
    today = timezone.localdate()
    Tie.objects.filter(person=coach).update(ends_on=today + timedelta(days=3))
    wrong = [
        ({"text": BSN}, "text"), ({"own": [BSN]}, "own"), ({"students": ["x" * 121]}, "students"),
        ({"own": [str(n) for n in range(7)]}, "own"), ({"text": "", "own": [], "students": []}, "text"),
        ({"on": today + timedelta(days=1)}, "on"),
    ]  # fmt: skip
    for said, field in wrong:
        with pytest.raises(Refusal) as no:
            write(shared, coach, **said)
        assert no.value.field == field
    for day in (-1, 4):
        with pytest.raises(Refusal) as no:
            coaching.plan_moment(share_id=shared.pk, by=coach, on=today + timedelta(days=day))
        assert no.value.field == "on"
    assert not CoachMoment.objects.exists()


def test_under_sixteen_there_is_no_name_before_a_yes_from_home(coach):
    young = factories.make_pupil(age=15, calling_name="Dilara")
    factories.write(young, "me.free_time", ["muziek"])
    factories.make_tie(young, coach, "coach")
    assert [row.name for row in coaching.students_of(coach)] == ["Sam V."]
    parent = factories.make_parent(young)
    share = factories.share(young, "coach", coach.pk, "me.free_time")
    assert [row.name for row in coaching.students_of(coach)] == ["Sam V."]
    sharing.approve(share_id=share.pk, by=parent.user)
    assert [row.name for row in coaching.students_of(coach)] == ["Dilara V.", "Sam V."]


# --- The no longer -----------------------------------------------------------------------------------------


def by_letting_go(student, coach, share):
    Tie.objects.filter(person=coach).update(ends_on=timezone.localdate() - timedelta(days=1))


def by_the_student(student, coach, share):
    tie = Tie.objects.get(person=coach)
    people.end_tie(student=student, key=key_of(student), tie_id=tie.pk, by=student.user)


def by_no_more_sharing(student, coach, share):
    sharing.withdraw(share=share, by=student.user)


def by_standing_still(student, coach, share):
    freeze(student=student, by=student.user)


ENDINGS = [by_letting_go, by_the_student, by_no_more_sharing, by_standing_still]


@pytest.mark.parametrize("ends", ENDINGS)
def test_then_the_coach_reads_nothing_and_the_student_everything(sam, coach, shared, browser_of, ends):
    planned = coaching.plan_moment(share_id=shared.pk, by=coach, on=timezone.localdate())
    write(shared, coach, text=SECRET)
    at = browser_of(coach)
    assert [at.get(page).status_code for page in pages(shared, planned)] == [200] * 4
    ends(sam, coach, shared)
    for page in pages(shared, planned):
        answer = at.get(page)
        assert answer.status_code == 404 and SECRET not in answer.content.decode()
        assert at.post(page).status_code in (404, 405)
    rest = at.get(reverse("coach_students"))
    assert SECRET not in rest.content.decode()
    assert rest.status_code == (200 if ends is by_no_more_sharing else 404 if ends is not by_standing_still else 200)
    assert [one.text for one in own(sam) if one.text] == [SECRET]
    assert SECRET in browser_of(sam).get(reverse("own_coach")).content.decode()


def test_without_a_share_there_is_a_name_and_no_more(sam, coach, shared, browser_of):
    write(shared, coach, text=SECRET)
    sharing.withdraw(share=shared, by=sam.user)
    [row] = coaching.students_of(coach)
    assert (row.name, row.share, row.next_on) == ("Sam V.", None, None)
    page = browser_of(coach).get(reverse("coach_students")).content.decode()
    assert "Sam V." in page and SECRET not in page


def test_a_tie_that_comes_back_opens_nothing_of_before(sam, coach, shared):
    write(shared, coach, text=SECRET)
    by_the_student(sam, coach, shared)
    factories.make_tie(sam, coach, "coach")
    anew = factories.share(sam, "coach", coach.pk, "me.free_time")
    assert seen_by(anew, coach).moments == [] and [one.text for one in own(sam)] == [SECRET]


def test_the_student_takes_it_away_for_both(sam, coach, shared):
    row = write(shared, coach)
    coaching.remove_moment(student=sam, moment_id=row.pk, by=sam.user)
    assert seen_by(shared, coach).moments == [] and own(sam) == []


# --- What is kept ------------------------------------------------------------------------------------------


def test_the_database_holds_no_word_of_it(sam, coach, shared):
    write(shared, coach, text=SECRET, own=[SECRET], students=[SECRET])
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_coachmoment")
        dump = b"".join(
            bytes(one) if isinstance(one, memoryview | bytes) else str(one).encode() for one in cursor.fetchone()
        )
    assert SECRET.encode() not in dump and b"promises" not in dump


def test_it_is_in_the_export_and_goes_with_the_student(sam, coach, shared):
    write(shared, coach)
    [row] = export.export_of(sam, key_of(sam))["coach_moments"]
    assert row["text"] == "Ging goed." and [one["who"] for one in row["promises"]] == ["coach", "jij"]
    leaving.erase_student(sam.pk)
    assert not CoachMoment.objects.exists()


def test_a_new_key_of_the_student_opens_it_still(sam, coach, shared):
    row = write(shared, coach)
    coaching.keep_promise(share_id=shared.pk, by=coach, moment_id=row.pk, number=0, done=True)
    vault.add_version(sam.pk)
    resealing.reseal(sam.pk)
    key = key_of(sam)
    row.refresh_from_db()
    assert not key.is_stale(row.sealed_note) and not key.is_stale(row.sealed_done)
    assert own(sam)[0].promises[0].is_done


def queries_of(by) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert coaching.students_of(by)
    return len(asked)


def test_the_list_costs_the_same_for_one_as_for_five(coach, shared):
    write(shared, coach)
    one = queries_of(coach)
    for number in range(4):
        student = factories.make_pupil(calling_name=f"Bo{number}")
        factories.write(student, "me.free_time", ["muziek"])
        factories.make_tie(student, coach, "coach")
        share = factories.share(student, "coach", coach.pk, "me.free_time")
        coaching.plan_moment(share_id=share.pk, by=coach, on=timezone.localdate())
    assert queries_of(coach) == one == 3 and len(coaching.students_of(coach)) == 5


# --- On the screens ----------------------------------------------------------------------------------------


def test_from_a_planned_day_to_a_kept_promise(sam, coach, shared, browser_of):
    desk, at, today = browser_of(coach), browser_of(sam), timezone.localdate()
    where = reverse("coach_student", args=[shared.pk])
    assert desk.post(where, {"on": "", "text": ""}).status_code == 400
    assert desk.post(where, {"on": today.isoformat(), "text": "Bij het mbo"}).status_code == 302
    assert "Bij het mbo" in at.get(reverse("own_coach")).content.decode()
    row = CoachMoment.objects.get()
    moment = reverse("coach_moment", args=[shared.pk, row.pk])
    assert desk.post(moment, {"on": today.isoformat(), "own": BSN}).status_code == 400
    said = {"on": today.isoformat(), "text": "Goed gesprek", "own": "Ik bel", "students": "Ik kom\nIk vraag"}
    assert desk.post(moment, said).status_code == 302
    page = desk.get(where).content.decode()
    assert "Ik bel" in page and "Ik vraag" in page
    desk.post(reverse("coach_promise", args=[shared.pk, row.pk]), {"number": "0", "done": "1"})
    at.post(reverse("own_coach_tick", args=[row.pk]), {"number": "2", "done": "1"})
    assert desk.get(where).content.decode().count("Gedaan") == 2
    at.post(reverse("own_coach_remove", args=[row.pk]))
    assert "Goed gesprek" not in desk.get(where).content.decode()


def test_the_coach_sees_letting_go_come(sam, coach, shared, browser_of):
    at, today = browser_of(coach), timezone.localdate()
    for days, is_soon in ((29, False), (28, True), (0, True)):
        Tie.objects.filter(person=coach).update(ends_on=today + timedelta(days=days))
        for page in (reverse("coach_students"), reverse("coach_student", args=[shared.pk])):
            assert ("Tijd om los te laten" in at.get(page).content.decode()) == is_soon


def test_the_menu_leads_a_coach_there_and_nobody_else(coach, shared, imke, browser_of):
    link = f'href="{reverse("coach_students")}"'
    assert link in browser_of(coach).get(reverse("dossier_list")).content.decode()
    assert link not in browser_of(imke).get(reverse("inbox")).content.decode()


def test_the_demo_shows_a_coach_with_moments():
    call_command("seed_demo", verbosity=0)
    coach = User.objects.get(username="coach.one")
    rows = [row for row in coaching.students_of(coach) if row.share]
    assert rows and rows[0].next_on and seen_by(rows[0].share, coach).moments
