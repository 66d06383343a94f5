"""How long an agreement stays: erasing, restoring, renewing keys, its term, and its PDF."""

import io
from datetime import timedelta

import pikepdf
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from page import validate_pdf

from accounts import erasure, vault
from accounts.models import DataKey
from accounts.refusals import NotHere, Refusal
from intake import handover as renderer
from intake import tasks
from intake.models import Agreement, AgreementFile, AgreementReview, Case
from intake.services import (
    agreement_files,
    agreement_keeping,
    agreement_reviews,
    agreement_signing,
    agreements,
    jobs,
    leaving,
    retention,
    sharing,
)
from intake.services.agreement_life import is_workable
from intake.services.export import export_of
from tests import factories
from tests.factories import key_of
from tests.intake.agreed import WHAT, case_of, draft, has_key, in_days, offered, sign, signed

STATUS = Agreement.Status


@pytest.fixture(autouse=True)
def on_its_own(settings, tmp_path):
    settings.ERASURE_LIST = tmp_path / "erasures.list"


@pytest.fixture
def case(given) -> Case:
    return case_of(given)


def read_by(case, who):
    user = getattr(who, "user", who)
    return agreements.read(agreements.standing_or_404(user, case.pk), user)


def as_now(case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- The student goes --------------------------------------------------------------------------------------


def test_erased_the_college_still_reads_what_was_signed_and_nobody_else_does(api, browser_of, case, sam, imke, otto):
    agreement = signed(case, sam, imke)
    leaving.erase_student(sam.pk)
    found = read_by(case, imke)[0]
    assert found.content.rows[0].what == WHAT and [one.name for one in found.signatures] == ["Sam V.", "Imke Bos"]
    assert has_key(agreement) and as_now(case).share is None
    for page in (reverse("case_agreement", args=[case.pk]), reverse("agreement_list")):
        assert "Sam V." in browser_of(imke).get(page).content.decode()
    assert api(imke).get(reverse("api_agreement", args=[case.pk])).json()["student"] == "Sam V."
    for who in (otto, factories.make_staff("coordinator", institution=case.programme.institution)):
        with pytest.raises(NotHere):
            read_by(case, who)
        assert browser_of(who).get(reverse("case_agreement", args=[case.pk])).status_code == 404


def test_erased_nothing_of_the_passport_can_be_reached_from_the_agreement(case, sam, imke):
    signed(case, sam, imke)
    student = sam.pk
    leaving.erase_student(student)
    with pytest.raises(vault.Shredded):
        vault.open_key(student)
    assert "Sam" not in str(Case.objects.filter(pk=case.pk).values_list().get())
    [row] = Agreement.objects.values_list()
    assert student not in row


@pytest.mark.parametrize("state", ["draft", "offered", "half"])
def test_erased_before_the_last_signature_nothing_is_left(case, sam, imke, state):
    agreement = draft(case, imke, offer=state != "draft")
    if state == "half":
        sign(case, sam)
    leaving.erase_student(sam.pk)
    assert not Agreement.objects.exists() and not has_key(agreement)
    assert agreement.key_owner in erasure.listed() and erasure.are_replayed()


def test_erased_a_new_version_nobody_signed_goes_and_the_signed_one_stays(case, sam, imke):
    first = signed(case, sam, imke)
    second = offered(case, imke, "Extra tijd")
    leaving.erase_student(sam.pk)
    assert has_key(first) and not has_key(second)
    assert [one.agreement.pk for one in read_by(case, imke)] == [first.pk]


def test_erased_what_was_said_when_looking_back_goes(case, sam, imke):
    signed(case, sam, imke, review_date=in_days(10))
    agreement_reviews.answer(case_id=case.pk, by=sam.user, verdicts={0: "works", 1: "changed"}, note="Fijn")
    assert AgreementReview.objects.exists()
    leaving.erase_student(sam.pk)
    assert not AgreementReview.objects.exists()


def test_erased_with_a_parent_the_name_that_signed_stays_in_the_agreement(care, imke):
    kim = factories.make_pupil(age=14)
    factories.write(kim, "me.name", "Kim")
    parent = factories.make_parent(kim)
    share = factories.share_with_programme(kim, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    case = case_of(share)
    offered(case, imke)
    sign(case, kim, parent, imke)
    leaving.erase_student(kim.pk)
    assert factories.PARENT in {one.name for one in read_by(case, imke)[0].signatures}


def test_erased_nobody_drafts_any_more(case, sam, imke):
    signed(case, sam, imke)
    leaving.erase_student(sam.pk)
    assert not is_workable(as_now(case))
    with pytest.raises(Refusal) as refused:
        draft(case, imke)
    assert refused.value.code in {"ended", "not_found"}


def test_replaying_the_erasures_leaves_what_was_signed_alone(case, sam, imke):
    agreement = signed(case, sam, imke)
    leaving.erase_student(sam.pk)
    leaving.replay_erasures()
    assert has_key(agreement) and read_by(case, imke)[0].content


def test_a_key_backup_that_comes_back_opens_no_unsigned_agreement(case, sam, imke):
    """The key database is put back as it was before; the site waits until the list is replayed."""
    agreement = offered(case, imke)
    wrapped = dict(DataKey.objects.filter(owner_id=agreement.key_owner).values_list("pk", "wrapped"))
    leaving.erase_student(sam.pk)
    for pk, one in wrapped.items():
        DataKey.objects.filter(pk=pk).update(wrapped=one, destroyed_at=None)
    assert has_key(agreement) and not erasure.are_replayed()
    leaving.replay_erasures()
    assert not has_key(agreement) and erasure.are_replayed()


# --- What a crash leaves, and the term ---------------------------------------------------------------------


def test_the_sweep_finishes_what_was_not_destroyed(case, sam, given, imke):
    agreement = offered(case, imke)
    sharing.withdraw(share=given, by=sam.user)  # no commit in a test, so nothing was destroyed yet
    assert has_key(agreement)
    assert agreement_keeping.sweep() == 1 and agreement_keeping.sweep() == 0
    assert not has_key(agreement) and not Agreement.objects.exists()


def test_the_sweep_leaves_alone_what_lives(case, sam, imke):
    signed(case, sam, imke)
    offered(case, imke, "Extra tijd")
    assert agreement_keeping.sweep() == 0 and Agreement.objects.count() == 2


def test_the_key_of_a_refused_one_never_stays_behind(case, sam, imke, monkeypatch):
    agreement = offered(case, imke)
    monkeypatch.setattr(vault, "shred", lambda owner: None)
    agreement_signing.refuse(case_id=case.pk, by=sam.user)
    monkeypatch.undo()
    assert has_key(agreement)
    agreement_keeping.sweep()
    assert not has_key(agreement) and Agreement.objects.get().status == STATUS.REFUSED


@pytest.mark.parametrize(("days", "stays"), [(729, True), (731, False)])
def test_two_years_after_the_day_to_look_back_the_key_is_destroyed(case, sam, imke, settings, days, stays):
    settings.AGREEMENT_YEARS = 2
    first = signed(case, sam, imke, review_date=in_days(1))
    second = signed(case, sam, imke, "Extra tijd", review_date=in_days(1))
    with time_machine.travel(in_days(1) + timedelta(days=days), tick=False):
        tasks.drop_ended_agreements()
        assert [has_key(one) for one in (first, second)] == [stays, stays]
        assert Agreement.objects.count() == (2 if stays else 0)


def test_the_students_page_names_the_last_day_it_is_kept(browser_of, case, sam, imke):
    row = signed(case, sam, imke, review_date=in_days(30))
    last = agreement_keeping.kept_until(row)
    page = browser_of(sam).get(reverse("own_agreement", args=[case.pk])).content.decode()
    assert f"tot en met {date_format(last, 'j F Y')}. Daarna gaat het weg." in page
    for day, stays in ((last, True), (last + timedelta(days=1), False)):
        with time_machine.travel(day, tick=False):
            agreement_keeping.drop_past_their_term()
            assert has_key(row) is stays


def test_a_case_of_an_erased_student_stays_as_long_as_its_agreement(case, sam, imke):
    signed(case, sam, imke)
    leaving.erase_student(sam.pk)
    Case.objects.update(received_at="2020-01-01T12:00Z")
    assert retention.drop_empty_cases() == 0
    agreement_keeping.destroy(Agreement.objects.all())
    assert retention.drop_empty_cases() == 1


# --- Keys --------------------------------------------------------------------------------------------------


def test_rotate_keys_wraps_the_keys_of_agreements_anew(case, sam, imke, settings):
    agreement = signed(case, sam, imke)
    before = bytes(DataKey.objects.get(owner_id=agreement.key_owner).wrapped)
    settings.FIELD_KEYS = {"newer": b"n" * 32, **settings.FIELD_KEYS}
    call_command("rotate_keys", verbosity=0, stdout=io.StringIO())
    after = DataKey.objects.get(owner_id=agreement.key_owner)
    assert after.kek_id == "newer" and bytes(after.wrapped) != before
    assert read_by(case, imke)[0].content.rows[0].what == WHAT


def test_an_agreement_of_somebody_who_is_gone_gets_a_new_key_with_everybody(case, sam, imke):
    agreement = signed(case, sam, imke)
    leaving.erase_student(sam.pk)
    call_command("renew_key", everybody=True, pause=0, stdout=io.StringIO())
    living = DataKey.objects.filter(owner_id=agreement.key_owner, destroyed_at=None).values_list("version", flat=True)
    assert sorted(living) == [0, 2] and read_by(case, imke)[0].digest


def test_the_key_is_there_before_anything_is_sealed_and_goes_when_it_fails(case, imke, monkeypatch):
    made = []
    real = vault.create_key
    monkeypatch.setattr(vault, "create_key", lambda owner: made.append(owner) or real(owner))
    monkeypatch.setattr(Agreement, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        draft(case, imke)
    assert len(made) == 1 and not vault.with_a_key(made) and not Agreement.objects.exists()


def test_two_versions_have_two_keys(case, sam, imke):
    first = signed(case, sam, imke)
    assert offered(case, imke, "Extra tijd").key_owner != first.key_owner


# --- The export --------------------------------------------------------------------------------------------


def test_the_export_holds_it_and_names_nobody_from_home(care, imke):
    kim = factories.make_pupil(age=14)
    factories.write(kim, "me.name", "Kim")
    parent = factories.make_parent(kim)
    share = factories.share_with_programme(kim, care, "me.name")
    sharing.approve(share_id=share.pk, by=parent.user)
    offered(case_of(share), imke)
    sign(case_of(share), kim, parent, imke)
    draft(case_of(share), imke, "Nog geheim")
    found = export_of(kim, key_of(kim))["agreements"]
    assert [one["status"] for one in found] == ["Getekend"] and found[0]["rows"][0]["what"] == WHAT
    assert factories.PARENT not in str(found) and "Nog geheim" not in str(found)


def test_the_export_page_holds_it_too(browser_of, case, sam, imke):
    signed(case, sam, imke)
    page = browser_of(sam).get("/instellingen/mijn-gegevens/paspoort.html").content.decode()
    assert WHAT in page and "Imke Bos" in page


# --- The PDF -----------------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(renderer, "render_pdf", lambda html: b"%PDF- " + html.encode())


def test_after_the_last_signature_a_worker_makes_one_pdf_that_is_sealed(case, sam, imke, quick):
    agreement = signed(case, sam, imke)
    file = AgreementFile.objects.get()
    with pytest.raises(Refusal) as refused:
        agreement_files.open_file(agreement_id=agreement.pk, by=imke)
    assert refused.value.status == 409
    tasks.render_agreement(str(file.pk))
    file.refresh_from_db()
    assert file.status == "ready" and b"Sam" not in bytes(file.sealed_pdf)
    assert WHAT.encode() in agreement_files.open_file(agreement_id=agreement.pk, by=sam.user)
    tasks.render_agreement(str(file.pk))
    assert AgreementFile.objects.get().attempts == 1, "made once"


def test_a_download_of_the_college_is_a_look_and_others_get_nothing(browser_of, case, sam, imke, otto, quick):
    agreement = signed(case, sam, imke)
    agreement_files.render_agreement(AgreementFile.objects.get().pk)
    address = reverse("agreement_file", args=[agreement.pk])
    answer = browser_of(imke).get(address)
    assert answer.status_code == 200 and answer["Content-Disposition"] == 'attachment; filename="afspraken.pdf"'
    assert "haalde het bestand op" in browser_of(sam).get(reverse("looks")).content.decode()
    assert browser_of(otto).get(address).status_code == 404


def test_no_file_of_what_is_not_signed(case, imke):
    agreement = offered(case, imke)
    with pytest.raises(NotHere):
        agreement_files.open_file(agreement_id=agreement.pk, by=imke)


def test_a_render_that_fails_is_tried_again_and_then_given_up(case, sam, imke, monkeypatch):
    signed(case, sam, imke)
    file = AgreementFile.objects.get()
    monkeypatch.setattr(renderer, "render_pdf", lambda html: 1 / 0)
    for _ in range(jobs.MOST_ATTEMPTS):
        with pytest.raises(ZeroDivisionError):
            tasks.render_agreement(str(file.pk))
    assert AgreementFile.objects.get().status == "failed"


def test_a_lost_worker_is_followed_by_another(case, sam, imke, quick, monkeypatch):
    signed(case, sam, imke)
    file = AgreementFile.objects.get()
    jobs.claim(AgreementFile.objects.all(), file.pk)
    woken = []
    monkeypatch.setattr(jobs, "wake", lambda kind, ids: woken.extend(ids))
    assert agreement_files.wake_waiting() == 0
    with time_machine.travel(timezone.now() + jobs.LEASE + timedelta(seconds=1), tick=False):
        assert agreement_files.wake_waiting() == 1 and woken == [file.pk]
        agreement_files.render_agreement(file.pk)
    assert AgreementFile.objects.get().status == "ready"


def test_it_is_pdf_ua_and_names_nobody_outside_its_text(case, sam, imke, tmp_path):
    agreement = signed(case, sam, imke, "Een rustige plek <img src='http://x.nl/a.png'>")
    agreement_files.render_agreement(AgreementFile.objects.get().pk)
    path = tmp_path / "afspraken.pdf"
    path.write_bytes(agreement_files.open_file(agreement_id=agreement.pk, by=sam.user))
    checked = validate_pdf(str(path), profile="ua1")
    assert checked.is_compliant, [failure.rule_id for failure in checked.failures]
    with pikepdf.open(path) as pdf:
        assert str(pdf.Root.Lang) == "nl" and str(pdf.docinfo.Title) == "Afspraken over hulp"
        assert "Sam" not in f"{pdf.docinfo}{pdf.open_metadata()}" and len(pdf.attachments) == 0


def test_a_draft_that_came_back_without_its_key_is_in_nobodys_way(case, imke):
    lost = draft(case, imke)
    vault.shred(lost.key_owner)
    assert draft(case, imke, "Opnieuw").key_owner != lost.key_owner
    assert [one.content.rows[0].what for one in read_by(case, imke)] == ["Opnieuw"]
