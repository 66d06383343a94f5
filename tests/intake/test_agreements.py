"""The support agreement: who drafts, who signs at which age, what is fixed, and who reads it (WEB art. 8.1.3a)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Role, Tie
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Action
from intake.models import Agreement, Case, Fit, Signature
from intake.services import agreement_drafting, agreement_signing, agreements, cases, fits, leaving, sharing
from intake.services.agreement_texts import latest_review
from tests import factories
from tests.factories import key_of
from tests.intake import agreed
from tests.intake.agreed import WHAT, case_of, draft, has_key, in_days, offered, row, rows, seen_by, sign, signed

STATUS = Agreement.Status


@pytest.fixture
def case(given) -> Case:
    return case_of(given)


@pytest.fixture
def young(care):
    """14, with a parent whose authority the school checked, and a live share with `care`."""
    student = factories.make_pupil(age=14)
    factories.write(student, "me.name", "Kim")
    parent = factories.make_parent(student)
    share = factories.share_with_programme(student, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    return student, parent, case_of(share)


def read_by(case, who):
    user = getattr(who, "user", who)
    return agreements.read(agreements.standing_or_404(user, case.pk), user)


def refusal_of(act, *args, **kwargs) -> str:
    with pytest.raises(Refusal) as found:
        act(*args, **kwargs)
    return found.value.code


# --- Drafting ----------------------------------------------------------------------------------------------


def test_a_draft_is_read_by_the_college_alone(case, imke, sam):
    draft(case, imke)
    assert read_by(case, imke)[0].content.rows[0].what == WHAT
    with pytest.raises(NotHere):
        read_by(case, sam)


@pytest.mark.parametrize("who", ["otto", "mentor", "noor"])
def test_nobody_else_drafts_reads_or_signs(request, case, imke, who):
    offered(case, imke)
    other = request.getfixturevalue(who)
    by = getattr(other, "user", other)
    for act in (draft, lambda case, by: sign(case, by), lambda case, by: read_by(case, by)):
        with pytest.raises(NotHere):
            act(case, by)


@pytest.mark.parametrize(("count", "code"), [(0, "internship"), (2, "internship"), (1, "")])
def test_there_is_always_one_row_for_the_internship(case, imke, count, code):
    wanted = [row(), *(row("Stage", internship=True) for _ in range(count))]
    if not code:
        assert draft(case, imke, rows=wanted)
        return
    assert refusal_of(draft, case, imke, rows=wanted) == code


@pytest.mark.parametrize("field", ["what", "who", "works"])
def test_every_row_says_what_who_and_how_we_know(case, imke, field):
    wanted = [row(**{field: "  "}) if field != "what" else row("  "), row("Stage", internship=True)]
    assert refusal_of(draft, case, imke, rows=wanted) == "required"


def test_no_citizen_number_comes_in(case, imke):
    assert refusal_of(draft, case, imke, "Nummer 111222333") == "bsn"


@pytest.mark.parametrize(("day", "code"), [(0, "review_passed"), (1, ""), (400, "review_too_late")])
def test_the_day_to_look_back_is_within_a_year(case, imke, day, code):
    if not code:
        assert draft(case, imke, review_date=in_days(day)).review_date == in_days(day)
        return
    assert refusal_of(draft, case, imke, review_date=in_days(day)) == code


def test_a_year_is_a_year_also_on_the_29th_of_february():
    assert latest_review(date(2028, 2, 29)) == date(2029, 2, 28)
    assert latest_review(date(2026, 11, 22)) == date(2027, 11, 22)


def test_it_starts_from_the_fits_without_the_noes_and_without_the_students_words(sam, care, imke):
    write_two_needs(sam)
    share = factories.share_with_programme(sam, care, "need.support.quiet", "need.support.person")
    case = case_of(share)
    fits.put_fit(case_id=case.pk, by=imke, need="quiet", answer="partly", comment="Er is een stil lokaal")
    fits.put_fit(
        case_id=case.pk, by=imke, need="person", answer="no", comment="Geen plek", alternative="Een andere opleiding"
    )
    Fit.objects.update(state=Fit.State.SENT)
    found = agreement_drafting.proposal_for(agreements.college_or_404(imke, case.pk), imke).rows
    assert [one.need for one in found] == ["quiet"] and "Er is een stil lokaal" in found[0].what
    assert "raam" not in "".join(one.what for one in found) and "autisme" not in str(found)


def write_two_needs(sam):
    needs = [{"need": "quiet", "what_works": "Een hoek bij het raam", "why": "Door mijn autisme"}, {"need": "person"}]
    factories.write(sam, "need.support", needs)


def test_the_name_is_as_the_share_shows_it(sam, care, given, imke):
    draft(case_of(given), imke)
    assert read_by(case_of(given), imke)[0].content.name == "Sam V."
    key = key_of(sam)
    units = ["me.free_time", "need.support.quiet", "identity.official_name"]
    sharing.change(share=given, key=key, by=sam.user, units=units)
    draft(case_of(given), imke)
    assert read_by(case_of(given), imke)[0].content.name == "Samuel Vos"


# --- Signing -----------------------------------------------------------------------------------------------


def test_from_sixteen_the_student_signs_alone_and_the_last_yes_makes_it_final(case, sam, imke):
    agreement = offered(case, imke)
    sign(case, sam)
    assert agreed.status_of(agreement) == STATUS.OFFERED
    sign(case, imke)
    found = read_by(case, sam)[0]
    assert found.status == STATUS.SIGNED and [one.name for one in found.signatures] == ["Sam V.", "Imke Bos"]


def test_the_college_may_be_first(case, sam, imke):
    offered(case, imke)
    assert sign(case, imke, sam).status == STATUS.SIGNED


def test_a_second_time_is_no_error_and_no_second_signature(case, sam, imke):
    offered(case, imke)
    sign(case, sam, sam)
    assert Signature.objects.count() == 1


def test_nobody_signs_what_is_not_offered(case, sam, imke):
    draft(case, imke)
    with pytest.raises(NotHere):
        agreement_signing.sign(case_id=case.pk, by=sam.user, seen="x")
    assert refusal_of(agreement_signing.sign, case_id=case.pk, by=imke, seen="x") == "not_offered"


def test_the_yes_is_to_the_text_that_was_seen(case, sam, imke):
    offered(case, imke)
    seen = seen_by(case, sam)
    offered(case, imke, "Iets heel anders")
    assert refusal_of(agreement_signing.sign, case_id=case.pk, by=sam.user, seen=seen) == "changed"
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    "change",
    [{"review_date": in_days(100)}, {"signer": "coordinator"}, {"rows": [*rows(), row("Nog iets")]}],
    ids=["day", "signer", "row"],
)
def test_any_change_moves_the_digest_and_takes_the_signatures_away(case, sam, imke, change):
    offered(case, imke)
    seen = seen_by(case, sam)
    sign(case, sam)
    offered(case, imke, **change)
    assert seen_by(case, sam) != seen and not Signature.objects.exists()


def test_the_same_text_once_more_keeps_the_signature(case, sam, imke):
    offered(case, imke)
    sign(case, sam)
    offered(case, imke)
    assert Signature.objects.count() == 1


def test_under_sixteen_a_guardian_with_authority_signs_too(young, imke):
    kim, parent, case = young
    agreement = offered(case, imke)
    sign(case, kim, imke)
    assert agreed.status_of(agreement) == STATUS.OFFERED
    sign(case, parent)
    names = [one.name for one in read_by(case, imke)[0].signatures]
    assert agreed.status_of(agreement) == STATUS.SIGNED and factories.PARENT in names


def test_an_unknown_birth_date_counts_as_under_sixteen(care, imke):
    student = factories.make_pupil(age=None)
    factories.write(student, "me.name", "Kim")
    parent = factories.make_parent(student)
    share = factories.share_with_programme(student, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    agreement = offered(case_of(share), imke)
    sign(case_of(share), student, imke)
    assert agreed.status_of(agreement) == STATUS.OFFERED
    sign(case_of(share), parent)
    assert agreed.status_of(agreement) == STATUS.SIGNED


@pytest.mark.parametrize("missing", ["authority", "tie"])
def test_without_authority_or_a_tie_a_parent_finds_nothing(young, imke, missing):
    _, parent, case = young
    offered(case, imke)
    change = {"authority_checked_at": None} if missing == "authority" else {"ends_on": in_days(-1)}
    Tie.objects.filter(person=parent.user).update(**change)
    with pytest.raises(NotHere):
        read_by(case, parent)


def test_from_sixteen_a_parent_finds_nothing(case, sam, imke):
    parent = factories.make_parent(sam)
    offered(case, imke)
    with pytest.raises(NotHere):
        read_by(case, parent)


def birthday_of(student) -> date:
    from accounts.identity import identity_of

    born = identity_of(student, key_of(student)).born
    return born.replace(year=born.year + 16)


def test_on_the_sixteenth_birthday_the_student_signs_once_more_alone(care, imke):
    student = factories.make_pupil(age=15)
    factories.write(student, "me.name", "Kim")
    parent = factories.make_parent(student)
    day = birthday_of(student)
    with time_machine.travel(day - timedelta(days=1), tick=False):
        share = factories.share_with_programme(student, care, "me.name", valid_until=day + timedelta(days=30))
        sharing.approve(share_id=share.pk, by=parent.user)
        case = case_of(share)
        agreement = offered(case, imke, review_date=day + timedelta(days=90))
        sign(case, student, imke)
        assert agreement_signing.waits_for(agreements.standing_or_404(imke, case.pk), agreement) == ["guardian"]
    with time_machine.travel(day, tick=False):
        with pytest.raises(NotHere):
            read_by(case, parent)
        agreement = Agreement.objects.get(pk=agreement.pk)
        standing = agreements.standing_or_404(student.user, case.pk)
        assert agreement_signing.waits_for(standing, agreement) == ["student"]
        assert agreement_signing.may_sign(standing, agreement)
        sign(case, student)
    assert agreed.status_of(agreement) == STATUS.SIGNED


def test_what_both_signed_before_the_birthday_holds_after_it(care, imke):
    student = factories.make_pupil(age=15)
    factories.write(student, "me.name", "Kim")
    parent = factories.make_parent(student)
    day = birthday_of(student)
    with time_machine.travel(day - timedelta(days=1), tick=False):
        share = factories.share_with_programme(student, care, "me.name", valid_until=day + timedelta(days=30))
        sharing.approve(share_id=share.pk, by=parent.user)
        case = case_of(share)
        offered(case, imke, review_date=day + timedelta(days=90))
        sign(case, student, parent)
    with time_machine.travel(day, tick=False):
        assert sign(case, imke).status == STATUS.SIGNED


def test_while_a_mentor_sits_beside_the_student_nothing_is_signed(case, sam, imke):
    offered(case, imke)
    seen = seen_by(case, sam)
    sam.together_since = timezone.now()
    sam.save()
    assert refusal_of(agreement_signing.sign, case_id=case.pk, by=sam.user, seen=seen) == "together"
    assert agreement_signing.refuse(case_id=case.pk, by=sam.user).status == STATUS.REFUSED


def test_a_text_that_was_changed_in_the_database_is_not_shown_as_signed(case, sam, imke):
    agreement = signed(case, sam, imke)
    Signature.objects.filter(role="student").update(digest=bytes(32))
    with pytest.raises(vault.Tampered):
        read_by(case, imke)
    assert agreement.status == STATUS.SIGNED


# --- The coordinator ---------------------------------------------------------------------------------------


@pytest.fixture
def boss(care):
    return factories.make_staff(Role.COORDINATOR, institution=care.institution, name="Cor Dekker")


def test_a_coordinator_reads_and_signs_only_what_was_put_before_them(case, sam, imke, boss):
    offered(case, imke)
    with pytest.raises(NotHere):
        read_by(case, boss)
    offered(case, imke, signer="coordinator")
    assert refusal_of(agreement_signing.sign, case_id=case.pk, by=imke, seen=seen_by(case, imke)) == "not_asked"
    assert sign(case, sam, boss).status == STATUS.SIGNED
    with pytest.raises(NotHere):
        read_by(case, boss)
    assert "Cor Dekker" in {one.name for one in read_by(case, imke)[0].signatures}


def test_a_coordinator_of_another_college_finds_nothing(case, imke, otto):
    college = otto.memberships.get().programme.institution
    other = factories.make_staff(Role.COORDINATOR, institution=college)
    offered(case, imke, signer="coordinator")
    with pytest.raises(NotHere):
        read_by(case, other)


# --- Fixed, and a new version ------------------------------------------------------------------------------


def test_signed_is_fixed_and_a_change_is_a_new_version_that_all_sign_again(case, sam, imke):
    first = signed(case, sam, imke)
    second = offered(case, imke, "Extra tijd")
    assert (first.version, second.version) == (1, 2) and agreed.status_of(first) == STATUS.SIGNED
    sign(case, sam)
    assert agreed.status_of(first) == STATUS.SIGNED, "the old holds until the new is signed by all"
    sign(case, imke)
    assert [one.status for one in read_by(case, sam)] == [STATUS.SIGNED, STATUS.SUPERSEDED]
    assert read_by(case, imke)[1].content.rows[0].what == WHAT, "the old stays readable"


def test_a_new_version_starts_from_what_is_agreed(case, sam, imke):
    signed(case, sam, imke)
    found = agreement_drafting.proposal_for(agreements.college_or_404(imke, case.pk), imke)
    assert [one.what for one in found.rows] == [WHAT, "Samen een plek zoeken"]


def test_after_the_share_ended_a_new_version_is_drafted_from_the_old(case, sam, given, imke):
    signed(case, sam, imke)
    sharing.withdraw(share=given, by=sam.user)
    assert offered(case, imke, "Extra tijd").version == 2
    assert sign(case, sam, imke).status == STATUS.SIGNED
    assert read_by(case, imke)[0].content.name == "Sam V."


def test_a_mentor_of_the_programme_reads_and_drafts_once_the_student_is_placed(case, sam, imke, care):
    signed(case, sam, imke)
    tutor = factories.make_staff(Role.MENTOR, programme=care, name="Mo Tutor")
    with pytest.raises(NotHere):
        read_by(case, tutor)
    Case.objects.filter(pk=case.pk).update(status=Case.Status.PLACED)
    assert read_by(case, tutor)[0].content and offered(case, tutor, "Extra tijd").version == 2
    Membership.objects.filter(user=tutor).update(ends_on=in_days(-1))
    with pytest.raises(NotHere):
        read_by(case, tutor)


# --- No ----------------------------------------------------------------------------------------------------


def test_a_no_leaves_only_that_there_was_an_offer_and_stops_nothing(case, sam, given, imke):
    agreement = offered(case, imke)
    agreement_signing.refuse(case_id=case.pk, by=sam.user)
    found = Agreement.objects.get(pk=agreement.pk)
    assert found.status == STATUS.REFUSED and found.sealed_content is None and found.offered_at and found.decided_at
    assert not has_key(agreement) and read_by(case, imke)[0].content is None
    assert access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert cases.get_open_case_or_404(imke, case.pk).status != cases.ENDED


def test_after_a_no_there_can_be_another_offer(case, sam, imke):
    offered(case, imke)
    agreement_signing.refuse(case_id=case.pk, by=sam.user)
    assert offered(case, imke, "Iets anders").version == 2
    assert sign(case, sam, imke).status == STATUS.SIGNED


def test_a_parents_no_counts_and_the_college_cannot_say_no_for_anybody(young, imke):
    kim, parent, case = young
    offered(case, imke)
    with pytest.raises(NotHere):
        agreement_signing.refuse(case_id=case.pk, by=imke)
    sign(case, kim, imke)
    assert agreement_signing.refuse(case_id=case.pk, by=parent.user).status == STATUS.REFUSED


def test_what_is_signed_is_refused_no_more(case, sam, imke):
    signed(case, sam, imke)
    with pytest.raises(NotHere):
        agreement_signing.refuse(case_id=case.pk, by=sam.user)


# --- The end of a share ------------------------------------------------------------------------------------


def test_an_unsigned_one_ends_with_the_share_and_its_key_is_destroyed(
    case, sam, given, imke, django_capture_on_commit_callbacks
):
    agreement = offered(case, imke)
    sign(case, sam)
    with django_capture_on_commit_callbacks(execute=True):
        sharing.withdraw(share=given, by=sam.user)
    assert not Agreement.objects.filter(pk=agreement.pk).exists() and not has_key(agreement)


def test_before_anything_was_destroyed_nobody_reads_it_any_more(case, sam, given, imke):
    offered(case, imke)
    sharing.withdraw(share=given, by=sam.user)
    for who in (imke, sam):
        with pytest.raises(NotHere):
            read_by(case, who)
    with pytest.raises(NotHere):
        agreement_signing.sign(case_id=case.pk, by=sam.user, seen="x")


def test_the_last_day_of_a_share_ends_it_too(case, sam, given, imke):
    offered(case, imke)
    with time_machine.travel(given.valid_until + timedelta(days=1), tick=False), pytest.raises(NotHere):
        read_by(case, sam)


def test_a_draft_of_a_new_version_goes_with_the_share_and_what_is_signed_stays(case, sam, given, imke):
    first = signed(case, sam, imke)
    offered(case, imke, "Extra tijd")
    sharing.withdraw(share=given, by=sam.user)
    assert [one.agreement.pk for one in read_by(case, imke)] == [first.pk]


def test_frozen_nothing_is_signed_and_what_is_signed_stays_readable(case, sam, imke):
    signed(case, sam, imke)
    offered(case, imke, "Extra tijd")
    leaving.freeze(student=sam, by=sam.user)
    assert [one.status for one in read_by(case, imke)] == [STATUS.SIGNED]
    with pytest.raises(Refusal):
        draft(case, imke)
    with pytest.raises(NotHere):
        agreement_signing.sign(case_id=case.pk, by=sam.user, seen="x")
    assert refusal_of(draft, case, imke) == "ended"


# --- Looks -------------------------------------------------------------------------------------------------


def looks() -> list[str]:
    return [entry.detail["action"] for entry in ledger.LedgerEntry.objects.filter(event="look").order_by("seq")]


def test_a_look_of_the_college_stands_in_wie_keek_er_and_the_students_does_not(browser_of, case, sam, imke):
    signed(case, sam, imke)
    before = len(looks())
    read_by(case, sam)
    assert len(looks()) == before
    read_by(case, imke)
    assert len(looks()) == before + 1
    page = browser_of(sam).get(reverse("looks")).content.decode()
    assert "Onze afspraken" in page and "Imke Bos" in page


def test_a_look_that_cannot_be_written_does_not_happen(case, sam, imke, monkeypatch):
    signed(case, sam, imke)

    def broken(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(ledger, "record", broken)
    with pytest.raises(RuntimeError):
        read_by(case, imke)


def test_the_list_costs_the_same_for_two_as_for_eight(care, imke, django_assert_num_queries):
    def another(number):
        student = factories.make_pupil(calling_name=f"Kim{number}")
        factories.write(student, "me.name", "Kim")
        share = factories.share_with_programme(student, care, "me.name")
        signed(case_of(share), student, imke)

    for number in range(2):
        another(number)
    with django_assert_num_queries(1):
        found = agreements.list_names(agreements.listed_for(imke))
    for number in range(2, 8):
        another(number)
    with django_assert_num_queries(1):
        assert len(agreements.list_names(agreements.listed_for(imke))) == len(found) + 6
