"""What somebody who means ill tried on the agreement: reading too early, too long, unseen, or beside the student."""

import re

import pytest
from django.db import InterfaceError, OperationalError, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import together, vault
from accounts.models import Role, Student
from accounts.refusals import NotHere
from consent.models import LedgerEntry
from intake import handover as renderer
from intake import tasks
from intake.models import Agreement, AgreementFile, Case
from intake.services import (
    agreement_drafting,
    agreement_files,
    agreement_keeping,
    agreement_signing,
    agreements,
    first_day,
    fits,
    jobs,
    sharing,
)
from tests import factories
from tests.factories import key_of
from tests.intake.agreed import WHAT, case_of, draft, has_key, in_days, offered, row, seen_by, sign, signed

STATUS = Agreement.Status
LESS = ["me.free_time"]


@pytest.fixture
def case(given) -> Case:
    return case_of(given)


@pytest.fixture
def boss(care):
    return factories.make_staff(Role.COORDINATOR, institution=care.institution)


@pytest.fixture
def tutor(care):
    return factories.make_staff(Role.MENTOR, programme=care)


def url(name, case) -> str:
    return reverse(name, args=[case.pk])


def page_of(response) -> str:
    return response.content.decode()


def looks() -> int:
    return LedgerEntry.objects.filter(event="look").count()


# --- Too early ---------------------------------------------------------------------------------------------


def test_a_coordinator_learns_of_nobody_before_the_student_said_yes(browser_of, api, case, sam, imke, boss):
    offered(case, imke, signer="coordinator")
    page = browser_of(boss)
    assert page.get(url("case_agreement", case)).status_code == 404
    assert page.get(reverse("agreement_list")).status_code == 404
    assert api(boss).get(url("api_agreement", case)).status_code == 404
    sign(case, sam)
    assert "Sam V." in page_of(page.get(reverse("agreement_list")))
    assert WHAT in page_of(page.get(url("case_agreement", case)))
    offered(case, imke, "Iets anders", signer="coordinator")  # another text takes the yes away, and the sight of it
    assert page.get(url("case_agreement", case)).status_code == 404


def test_under_sixteen_a_coordinator_comes_after_home(care, imke, boss):
    kim = factories.make_pupil(age=14)
    factories.write(kim, "me.name", "Kim")
    parent = factories.make_parent(kim)
    share = factories.share_with_programme(kim, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    case = case_of(share)
    offered(case, imke, signer="coordinator")
    sign(case, kim)
    with pytest.raises(NotHere):
        agreements.standing_or_404(boss, case.pk)
    sign(case, parent)
    assert sign(case, boss).status == STATUS.SIGNED


@pytest.mark.parametrize("is_offered", [False, True])
def test_a_mentor_of_who_is_placed_finds_nothing_until_something_holds(browser_of, case, sam, imke, tutor, is_offered):
    draft(case, imke, offer=is_offered)
    Case.objects.filter(pk=case.pk).update(status=Case.Status.PLACED)
    college = browser_of(tutor)
    for name in ("case_agreement", "case_agreement_draft"):
        assert college.get(url(name, case)).status_code == 404
    assert "Sam" not in page_of(college.get(reverse("agreement_list")))
    with pytest.raises(NotHere):
        draft(case, tutor, "Nieuw")
    if is_offered:
        sign(case, sam, imke)
        assert WHAT in page_of(college.get(url("case_agreement", case)))


# --- Too long ----------------------------------------------------------------------------------------------


def with_a_name(given, sam) -> None:
    units = [*LESS, "need.support.quiet", "identity.official_name"]
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=units)


@pytest.mark.parametrize("left", [["need.support.quiet"], ["identity.official_name"]], ids=["name", "need"])
def test_what_is_taken_away_ends_what_was_built_on_it(browser_of, given, case, sam, imke, left):
    with_a_name(given, sam)
    offered(case, imke)
    seen = seen_by(case, imke)
    assert "Samuel Vos" in page_of(browser_of(imke).get(url("case_agreement", case)))
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=[*LESS, *left])
    page = page_of(browser_of(imke).get(url("case_agreement", case)))
    assert "Samuel Vos" not in page and WHAT not in page and "Maak afspraken" in page
    assert browser_of(sam).get(url("own_agreement", case)).status_code == 404
    assert agreements.list_names(agreements.waiting_for_college(imke)) == []
    for act in (agreement_signing.sign, agreement_drafting.offer):
        with pytest.raises(NotHere):
            act(case_id=case.pk, by=imke, seen=seen)


def test_its_key_is_destroyed_after_the_commit(given, case, sam, imke, django_capture_on_commit_callbacks):
    agreement = offered(case, imke)
    sign(case, sam)
    with django_capture_on_commit_callbacks(execute=True):
        sharing.change(share=given, key=key_of(sam), by=sam.user, units=LESS)
    assert not Agreement.objects.exists() and not has_key(agreement)
    assert draft(case, imke, "Opnieuw").version == 1


def test_so_it_does_when_everything_is_taken_away_at_once(given, case, sam, imke, django_capture_on_commit_callbacks):
    agreement = offered(case, imke)
    terms = {"valid_until": given.valid_until, "warm_transfer": False}
    with django_capture_on_commit_callbacks(execute=True):
        sharing.clear(share=given, key=key_of(sam), by=sam.user, **terms)
    assert not Agreement.objects.exists() and not has_key(agreement)


@pytest.mark.parametrize("status", ["empty", "later", "private"])
def test_a_need_that_falls_silent_ends_it_too_and_the_sweep_destroys_it(case, sam, imke, status):
    agreement = offered(case, imke)
    factories.write(sam, "need.support", status=status)
    for who in (imke, sam.user):
        with pytest.raises(NotHere):
            agreements.read(agreements.standing_or_404(who, case.pk), who)
    assert agreement_keeping.sweep() == 1 and not has_key(agreement)


def test_something_else_that_goes_and_anything_that_comes_leave_it_alone(given, case, sam, imke):
    offered(case, imke)
    with_a_name(given, sam)
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=["need.support.quiet", "identity.official_name"])
    assert agreements.read(agreements.standing_or_404(imke, case.pk), imke)[0].content.rows[0].what == WHAT
    assert agreement_keeping.sweep() == 0


def test_what_is_signed_stays_and_names_no_unit_any_more(given, case, sam, imke):
    assert Agreement.objects.get(pk=offered(case, imke).pk).built_on
    sign(case, sam, imke)
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=LESS)
    assert bytes(Agreement.objects.get().built_on) == b""
    assert agreements.read(agreements.standing_or_404(imke, case.pk), imke)[0].status == STATUS.SIGNED


def test_a_mentor_who_changes_a_draft_does_not_make_it_live_longer(given, case, sam, imke, tutor):
    signed(case, sam, imke)
    offered(case, imke, "Extra tijd")
    Case.objects.filter(pk=case.pk).update(status=Case.Status.PLACED)
    offered(case, tutor, "Nog meer tijd")
    sharing.change(share=given, key=key_of(sam), by=sam.user, units=LESS)
    assert [one.status for one in agreements.read(agreements.standing_or_404(tutor, case.pk), tutor)] == ["signed"]


# --- Typed before it went ----------------------------------------------------------------------------------

QUIET, STEPS = "Een stil lokaal", "Alles in kleine stappen"


@pytest.fixture
def two(sam, care) -> Case:
    """A case with two needs: quiet and steps."""
    needs = [{"need": need, "how_often": "", "what_works": "", "why": ""} for need in ("quiet", "steps")]
    factories.write(sam, "need.support", needs)
    share = factories.share_with_programme(sam, care, "me.free_time", "need.support.quiet", "need.support.steps")
    return case_of(share)


def typed(college, case, *, needs=("quiet", "steps")) -> dict[str, str]:
    """What stands in the open form, with two agreements typed in it."""
    page = page_of(college.get(url("case_agreement_draft", case)))
    shared = re.search(r'name="shared"[^>]*value="([^"]*)"', page)[1]
    said = {"count": "2", "review_date": in_days(200).isoformat(), "signer": "intaker", "shared": shared}
    for place, (what, need) in enumerate([(QUIET, needs[0]), (STEPS, needs[1]), ("Samen een plek zoeken", "")]):
        said |= {
            f"what-{place}": what,
            f"who-{place}": "mevrouw Bos",
            f"starts_on-{place}": in_days(10).isoformat(),
            f"works-{place}": "We vragen het elke maand",
            f"need-{place}": need,
        }
    return said


def loses(how, case, sam) -> None:
    """The share says the need «quiet» no more."""
    if how == "taken away":
        units = ["me.free_time", "need.support.steps"]
        sharing.change(share=case.share, key=key_of(sam), by=sam.user, units=units)
    else:
        needs = [{"need": "steps", "how_often": "", "what_works": "", "why": ""}]
        factories.write(sam, "need.support", needs)


@pytest.mark.parametrize("how", ["taken away", "no longer said"])
def test_a_form_of_before_keeps_no_word_about_a_need_that_went(browser_of, two, sam, imke, how):
    college = browser_of(imke)
    form = typed(college, two)
    loses(how, two, sam)
    answer = college.post(url("case_agreement_draft", two), form)
    page = page_of(answer)
    assert answer.status_code == 400 and not Agreement.objects.exists()
    assert "Regels die daarbij hoorden, zijn leeg." in page and QUIET not in page and STEPS in page
    assert 'value="quiet"' not in page and "Samen een plek zoeken" in page
    again = form | {"shared": re.search(r'name="shared"[^>]*value="([^"]*)"', page)[1]}
    again |= dict.fromkeys(("what-0", "who-0", "starts_on-0", "works-0", "need-0"), "")
    assert college.post(url("case_agreement_draft", two), again).status_code == 302
    kept = agreements.read(agreements.standing_or_404(imke, two.pk), imke)[0].content
    assert [row.what for row in kept.rows] == [STEPS, "Samen een plek zoeken"]


def test_what_was_typed_of_no_need_is_looked_at_once_more(browser_of, two, sam, imke):
    college = browser_of(imke)
    form = typed(college, two, needs=("", ""))
    loses("taken away", two, sam)
    answer = college.post(url("case_agreement_draft", two), form)
    page = page_of(answer)
    assert answer.status_code == 400 and "Kijk of alles nog klopt" in page and QUIET in page and STEPS in page
    again = form | {"shared": re.search(r'name="shared"[^>]*value="([^"]*)"', page)[1]}
    assert college.post(url("case_agreement_draft", two), again).status_code == 302


def test_something_that_comes_or_is_no_need_asks_nothing_again(browser_of, two, sam, imke):
    college = browser_of(imke)
    form = typed(college, two)
    units = ["need.support.quiet", "need.support.steps", "can.strengths"]
    sharing.change(share=two.share, key=key_of(sam), by=sam.user, units=units)
    assert college.post(url("case_agreement_draft", two), form).status_code == 302


@pytest.mark.parametrize("need", ["steps", "nonsense"])
def test_a_row_names_no_need_that_its_writer_does_not_read(api, case, imke, need):
    row = {"what": "x", "who": "x", "starts_on": in_days(9).isoformat(), "works": "x", "need": need}
    body = {"rows": [row, row | {"need": "", "internship": True}], "review_date": in_days(99).isoformat()}
    answer = api(imke).put(url("api_agreement", case), body, format="json")
    assert answer.status_code == 400 and answer.json()["code"] == "not_shared" and not Agreement.objects.exists()


def test_what_is_agreed_keeps_its_needs_in_a_new_version(case, given, sam, imke, tutor):
    signed(case, sam, imke)
    Case.objects.filter(pk=case.pk).update(status=Case.Status.PLACED)
    sharing.withdraw(share=given, by=sam.user)
    held = [row(WHAT, need="quiet"), row("Samen een plek zoeken", internship=True)]
    assert offered(case, tutor, rows=held).version == 2


def test_the_form_tells_no_need_by_its_mark(browser_of, two, imke):
    shared = typed(browser_of(imke), two)["shared"].split()
    assert len(shared) == 2 and all(re.fullmatch("[0-9a-f]{16}", one) for one in shared)


# --- Unseen ------------------------------------------------------------------------------------------------


def test_a_draft_page_from_the_fits_is_a_look(browser_of, case, imke):
    fits.put_fit(case_id=case.pk, by=imke, need="quiet", answer="yes", comment="Lokaal 3")
    before = looks()
    assert "Lokaal 3" in page_of(browser_of(imke).get(url("case_agreement_draft", case)))
    assert looks() == before + 1


def test_looking_back_is_a_look_each_time_it_is_shown(browser_of, case, sam, imke):
    signed(case, sam, imke, review_date=in_days(10))
    college, before = browser_of(imke), looks()
    assert WHAT in page_of(college.get(url("case_agreement_review", case)))
    assert WHAT in page_of(college.post(url("case_agreement_review", case), {}))
    assert looks() == before + 2


# --- Beside the student ------------------------------------------------------------------------------------


def test_while_somebody_sits_beside_the_student_no_agreement_opens(browser_of, api, case, sam, imke):
    agreement = signed(case, sam, imke, review_date=in_days(10))
    browser = browser_of(sam)
    browser.post("/samen/", {"answer": "on"})
    closed = [url("own_agreement", case), reverse("own_agreements"), url("own_agreement_review", case)]
    closed += [reverse("agreement_file", args=[agreement.pk]), url("api_agreement", case)]
    for address in closed:
        answer = browser.get(address)
        assert answer.status_code == 409 and WHAT not in page_of(answer), address
    beside = Student.objects.get(pk=sam.pk)
    assert together.is_together(beside) and first_day.agreed_for_student(beside, case) == []
    browser.post("/samen/", {"answer": "off"})
    assert WHAT in page_of(browser.get(url("own_agreement", case)))
    assert first_day.agreed_for_student(Student.objects.get(pk=sam.pk), case)


# --- Jobs and crashes --------------------------------------------------------------------------------------


@pytest.fixture
def given_up(case, sam, imke) -> Agreement:
    agreement = signed(case, sam, imke)
    AgreementFile.objects.update(status="failed", attempts=jobs.MOST_ATTEMPTS)
    return agreement


def test_a_pdf_that_was_given_up_is_made_after_all_when_somebody_asks(browser_of, given_up, sam):
    address = reverse("agreement_file", args=[given_up.pk])
    assert "zo nog een keer" in page_of(browser_of(sam).get(address))
    file = AgreementFile.objects.get()
    assert (file.status, file.attempts) == ("queued", 0)
    tasks.render_agreement(str(file.pk))
    assert browser_of(sam).get(address).status_code == 200


def test_and_every_night(given_up):
    tasks.drop_ended_agreements()
    assert AgreementFile.objects.get().status == "queued" and agreement_files.try_again() == 0


@pytest.mark.parametrize("away", [OperationalError, InterfaceError])
def test_a_database_that_is_away_costs_no_attempt(case, sam, imke, monkeypatch, away):
    signed(case, sam, imke)
    file = AgreementFile.objects.get()

    def gone(html):
        raise away

    monkeypatch.setattr(renderer, "render_pdf", gone)
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        with pytest.raises(away):
            tasks.render_agreement(str(file.pk))
    file.refresh_from_db()
    assert (file.status, file.attempts) == ("queued", 0)


def test_a_late_error_of_a_lost_worker_leaves_the_new_claim_alone(case, sam, imke, monkeypatch):
    signed(case, sam, imke)
    file = AgreementFile.objects.get()

    def late(html):
        """Meanwhile the lease ran out and another worker took over."""
        AgreementFile.objects.update(lease_until=timezone.now() - jobs.LEASE)
        assert jobs.claim(AgreementFile.objects.all(), file.pk)
        raise ValueError

    monkeypatch.setattr(renderer, "render_pdf", late)
    with pytest.raises(ValueError):
        tasks.render_agreement(str(file.pk))
    now = AgreementFile.objects.get()
    assert (now.status, now.attempts) == ("rendering", 2) and now.lease_until > timezone.now()


def test_throwing_away_that_crashes_leaves_no_key_of_nobody(case, sam, imke, monkeypatch):
    agreement = offered(case, imke)

    def crash(owner):
        raise KeyboardInterrupt

    monkeypatch.setattr(vault, "shred", crash)
    with pytest.raises(KeyboardInterrupt):
        agreement_drafting.throw_away(case_id=case.pk, by=imke)
    monkeypatch.undo()
    assert Agreement.objects.exists(), "what has a key has a row"
    agreement_drafting.throw_away(case_id=case.pk, by=imke)
    assert not has_key(agreement) and not Agreement.objects.exists()


def test_a_key_that_went_before_its_row_is_in_nobodys_way(case, imke, monkeypatch):
    agreement = offered(case, imke)
    with monkeypatch.context() as patched:
        patched.setattr(Agreement, "delete", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            agreement_drafting.throw_away(case_id=case.pk, by=imke)
    assert not has_key(agreement)
    with pytest.raises(NotHere):
        agreements.read(agreements.standing_or_404(imke, case.pk), imke)
    assert draft(case, imke).pk != agreement.pk


# --- Lists -------------------------------------------------------------------------------------------------


def test_the_list_at_home_costs_the_same_for_one_as_for_four(care, imke):
    kim = factories.make_pupil(age=14)
    factories.write(kim, "me.name", "Kim")
    parent = factories.make_parent(kim)

    def another(programme) -> None:
        share = factories.share_with_programme(kim, programme, "me.name")
        sharing.approve(share_id=share.pk, by=parent.user)
        offered(case_of(share), factories.make_staff(Role.INTAKER, programme=programme))

    def cost() -> tuple[int, int, int]:
        with (
            CaptureQueriesContext(connections["default"]) as data,
            CaptureQueriesContext(connections["keys"]) as keys,
        ):
            return len(agreements.asked_at_home(parent.user)), len(data), len(keys)

    another(care)
    one = cost()
    for _ in range(3):
        another(factories.make_programme())
    four = cost()
    assert (one[0], four[0]) == (1, 4) and one[1:] == four[1:]


def test_the_list_of_what_waits_costs_the_same_for_one_as_for_three(care, imke):
    """Also of new versions after the share ended."""

    def another(is_over: bool) -> None:
        student = factories.make_pupil()
        factories.write(student, "need.support", [{"need": "quiet"}])
        share = factories.share_with_programme(student, care, "need.support.quiet")
        if is_over:
            signed(case_of(share), student, imke)
            sharing.withdraw(share=share, by=student.user)
        offered(case_of(share), imke, "Anders")

    def cost() -> tuple[int, int, int]:
        with (
            CaptureQueriesContext(connections["default"]) as data,
            CaptureQueriesContext(connections["keys"]) as keys,
        ):
            return len(agreements.list_names(agreements.waiting_for_college(imke))), len(data), len(keys)

    for is_over in (True, False):
        another(is_over)
    two = cost()
    for is_over in (True, False, True, False):
        another(is_over)
    six = cost()
    assert (two[0], six[0]) == (2, 6) and two[1:] == six[1:]
