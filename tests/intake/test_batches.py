"""Handovers in bulk: who may, what is in it, what the ZIP holds, and that it says nothing about who did not share."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import pyzipper
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.refusals import NotHere, Refusal
from consent import ledger
from consent.models import LedgerEntry
from intake import handover as renderer
from intake.models import Batch, Case, Handover
from intake.services import batches, handovers, jobs, sharing
from tests import factories
from tests.factories import key_of, share_with_programme, write


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    monkeypatch.setattr(renderer, "render", lambda dossier, code: ("", b"%PDF- " + dossier.display_name.encode()))


def pupil(class_a: Any, name: str, programme: Any, *, warm: bool = True) -> Any:
    """A pupil of class A who shares free time with a programme."""
    student = factories.make_pupil(school_class=class_a, calling_name=name)
    write(student, "me.free_time", ["vissen"])
    return share_with_programme(student, programme, "me.free_time", warm_transfer=warm)


@pytest.fixture
def three(class_a, care):
    """Warm shares of Aya, Bo and Cas, and a share of Dani that is not warm."""
    found = [pupil(class_a, name, care) for name in ("Cas", "Aya", "Bo")]
    pupil(class_a, "Dani", care, warm=False)
    return found


@pytest.fixture
def batch(three, mentor, class_a) -> Batch:
    return batches.start_batch(by=mentor, school_class=class_a.pk)


@pytest.fixture
def ready(batch) -> Batch:
    for row in batch.rows.all():
        handovers.render_handover(row.handover_id)
    return batch


def counts(batch: Batch) -> tuple[int, int, int, int]:
    found = batches.counts_of(batches.lines_of(batch))
    return found.total, found.ready, found.failed, found.void


def files(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        return {name: found.read(name) for name in found.namelist()}


def downloads() -> list[ledger.LedgerEntry]:
    looks = LedgerEntry.objects.filter(event=ledger.Event.LOOK)
    return [look for look in looks if look.detail["action"] == "download"]


# --- Who, and what is in it --------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["mentor", "counsellor"])
def test_the_school_team_gets_the_warm_shares_of_the_class_by_name(request, three, class_a, mentor, who):
    by = mentor if who == "mentor" else factories.make_staff("counsellor", institution=class_a.institution)
    lines = batches.lines_of(batches.start_batch(by=by, school_class=class_a.pk))
    assert [line.display_name for line in lines] == ["Aya V.", "Bo V.", "Cas V."]
    assert [line.place for line in lines] == [1, 2, 3]


def test_an_intaker_gets_what_the_programme_may_read(three, imke, care):
    batch = batches.start_batch(by=imke, programme=care.code)
    assert len(batches.lines_of(batch)) == 4
    assert batches.start_batch(by=imke, programme=str(care.pk)) == batch


def test_nobody_else_may_ask(three, class_a, care, imke, otto, noor, mentor):
    others = [
        imke, otto, noor.user, factories.make_user(is_superuser=True),
        factories.make_staff("mentor", school_class=factories.make_class("B")),
        factories.make_staff("counsellor", institution=factories.make_class("C").institution),
        factories.make_staff("care", institution=class_a.institution),
        factories.make_staff("coordinator", institution=class_a.institution),
    ]  # fmt: skip
    for by in others:
        with pytest.raises(NotHere):
            batches.start_batch(by=by, school_class=class_a.pk)
    for by in (otto, noor.user, mentor, factories.make_staff("mentor", programme=care)):
        with pytest.raises(NotHere):
            batches.start_batch(by=by, programme=care.code)
    assert not Batch.objects.exists() and not Handover.objects.exists()


def test_a_batch_is_of_a_class_or_of_a_programme(three, mentor, class_a, care):
    for wish in ({}, {"school_class": class_a.pk, "programme": care.code}):
        with pytest.raises(Refusal, match="class_or_programme"):
            batches.start_batch(by=mentor, **wish)


def test_what_ended_or_is_placed_is_not_in_it(three, mentor, class_a):
    sharing.withdraw(share=three[0], by=three[0].student.user)
    Case.objects.filter(share=three[1]).update(status=Case.Status.PLACED)
    assert [one.display_name for one in batches.lines_of(batches.start_batch(by=mentor, school_class=class_a.pk))] == [
        "Bo V."
    ]


def test_who_does_not_share_is_in_no_count(batch, class_a, mentor, care):
    for name in ("Eva", "Finn"):
        pupil(class_a, name, care, warm=False)
        factories.make_pupil(school_class=class_a, calling_name=name)
    again = batches.start_batch(by=mentor, school_class=class_a.pk)
    assert again == batch and counts(again)[0] == 3


def test_the_same_again_is_the_same_batch_and_something_new_is_another(batch, class_a, mentor, care):
    assert batches.start_batch(by=mentor, school_class=class_a.pk) == batch
    pupil(class_a, "Gijs", care)
    assert batches.start_batch(by=mentor, school_class=class_a.pk).rows.count() == 4
    assert Handover.objects.count() == 4


def test_a_batch_is_for_who_asked_and_only_while_they_may(batch, class_a, mentor):
    other = factories.make_staff("mentor", school_class=class_a)
    with pytest.raises(NotHere):
        batches.get_batch_or_404(batch.pk, other)
    Membership.objects.filter(user=mentor).update(ends_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotHere):
        batches.get_batch_or_404(batch.pk, mentor)


def test_a_batch_lives_a_day(ready, mentor):
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        with pytest.raises(NotHere):
            batches.get_batch_or_404(ready.pk, mentor)
        assert (batches.drop_old_batches(), batches.drop_old_batches()) == (1, 0)
    assert Handover.objects.filter(status="ready").count() == 3


# --- How far ------------------------------------------------------------------------------------------------


def test_the_counts_follow_the_jobs(batch):
    assert counts(batch) == (3, 0, 0, 0)
    first, second, third = [row.handover for row in batch.rows.all()]
    handovers.render_handover(first.pk)
    Handover.objects.filter(pk=second.pk).update(status="failed")
    sharing.withdraw(share=third.share, by=third.share.student.user)
    assert counts(batch) == (3, 1, 1, 1)


def test_who_stopped_has_no_name_in_it_any_more(ready, three):
    sharing.withdraw(share=three[1], by=three[1].student.user)
    assert [line.display_name for line in batches.lines_of(ready)] == ["", "Bo V.", "Cas V."]


def test_a_moved_pupil_is_out_of_it_at_once(ready, three):
    Membership.objects.filter(user=three[1].student.user).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert counts(ready) == (3, 2, 0, 1)
    assert len(files(batches.make_zip(batch=ready))) == 3  # two files and what to know


def test_the_queries_do_not_grow_with_the_rows(batch, class_a, mentor, care, django_assert_num_queries):
    with django_assert_num_queries(5):
        batches.lines_of(Batch.objects.get(pk=batch.pk))
    for name in ("Hugo", "Ilse", "Job"):
        pupil(class_a, name, care)
    more = batches.start_batch(by=mentor, school_class=class_a.pk)
    with django_assert_num_queries(5):
        batches.lines_of(Batch.objects.get(pk=more.pk))


def test_asking_for_a_class_costs_the_same_as_for_three(class_a, mentor, care):
    """49 statements for three shares and 167 for twelve, before the list was asked for at once."""
    for wave in (3, 9):
        for number in range(wave):
            pupil(class_a, f"Leerling {wave} {number}", care)
        with CaptureQueriesContext(connection) as asked:
            found = batches.start_batch(by=mentor, school_class=class_a.pk)
        assert len(asked) <= 16
    assert found.rows.count() == 12 and counts(found) == (12, 0, 0, 0)


# --- The ZIP ------------------------------------------------------------------------------------------------


def test_the_zip_holds_numbers_and_each_student_sees_the_download(ready, three, mentor):
    found = files(batches.make_zip(batch=ready))
    assert found["overdracht-001.pdf"] == b"%PDF- Aya V." and len(found) == 4
    assert not re.search("Aya|Bo|Cas", " ".join(found) + found["lees-mij.txt"].decode())
    assert {look.student_id for look in downloads()} == {share.student_id for share in three}
    assert {look.actor_id for look in downloads()} == {mentor.pk}


def test_the_zip_opens_with_its_word_alone(ready):
    archive = batches.make_zip(batch=ready, word="abcd-efgh-jkmn-pqrs")
    with pyzipper.AESZipFile(io.BytesIO(archive)) as found:
        assert all(info.flag_bits & 1 for info in found.infolist())
        with pytest.raises(RuntimeError):
            found.read("overdracht-001.pdf", pwd=b"another")
        assert found.read("overdracht-001.pdf", pwd=b"abcd-efgh-jkmn-pqrs") == b"%PDF- Aya V."


def test_there_is_no_zip_before_all_is_ready(batch):
    with pytest.raises(Refusal) as no:
        batches.make_zip(batch=batch)
    assert no.value.status == 409 and downloads() == []


def test_what_changed_since_the_list_is_left_out_by_number(ready, three):
    write(three[1].student, "me.free_time", status="later")  # a text that was emptied holds at once
    found = files(batches.make_zip(batch=ready))
    assert "overdracht-001.pdf" not in found and "ontbreken: 1." in found["lees-mij.txt"].decode()
    assert three[1].student_id not in {look.student_id for look in downloads()}


def test_when_all_stopped_there_is_nothing(ready, three):
    for share in three:
        sharing.withdraw(share=share, by=share.student.user)
    with pytest.raises(Refusal) as no:
        batches.make_zip(batch=ready)
    assert no.value.status == 410


def test_a_word_holds_for_ten_minutes_and_one_batch(ready, class_a, care, mentor):
    word, proof = batches.new_word(ready)
    assert batches.proven_word(ready, proof) == word and len(set(batches.new_word(ready)[0])) > 3
    pupil(class_a, "Kaan", care)
    other = batches.start_batch(by=mentor, school_class=class_a.pk)
    for batch, raw in ((other, proof), (ready, word), (ready, "")):
        with pytest.raises(Refusal, match="word_over"):
            batches.proven_word(batch, raw)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)), pytest.raises(Refusal, match="word_over"):
        batches.proven_word(ready, proof)


# --- A worker that was lost ---------------------------------------------------------------------------------


def test_a_killed_worker_costs_a_lease_and_not_the_batch(batch, monkeypatch):
    first = batch.rows.first().handover_id

    def killed(dossier, code):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(renderer, "render", killed)
        with pytest.raises(SystemExit):  # no `except Exception` sees a kill: the row stays claimed
            handovers.render_handover(first)
    for row in batch.rows.all():
        handovers.render_handover(row.handover_id)
    assert counts(batch) == (3, 2, 0, 0)
    with time_machine.travel(timezone.now() + jobs.LEASE + timedelta(seconds=1)):
        assert handovers.wake_waiting() == 1
        handovers.render_handover(first)
        handovers.render_handover(first)
        assert counts(batch) == (3, 3, 0, 0)


def test_a_crash_before_the_list_is_made_leaves_nothing_that_asking_again_does_not_mend(
    three, class_a, mentor, monkeypatch
):
    def lost(*args, **kwargs):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(batches.BatchRow.objects, "bulk_create", lost)
        with pytest.raises(OSError):
            batches.start_batch(by=mentor, school_class=class_a.pk)
    assert not Batch.objects.exists() and Handover.objects.count() == 3
    assert batches.start_batch(by=mentor, school_class=class_a.pk).rows.count() == 3
    assert Handover.objects.count() == 3


def test_an_erased_student_leaves_no_row(ready, three):
    from intake.services import leaving

    leaving.erase_student(three[0].student_id)
    assert counts(ready)[0] == 2


# --- Pages and API ------------------------------------------------------------------------------------------


def test_from_the_class_to_the_zip_over_the_pages(three, class_a, mentor, browser_of):
    client = browser_of(mentor)
    page = client.get(reverse("batch_start"))
    assert "Maak de bestanden van A" in page.content.decode()
    at = client.post(reverse("batch_start"), {"class": class_a.pk}).url
    assert "0</span> van 3 klaar" in client.get(at).content.decode()
    for one in Handover.objects.all():
        handovers.render_handover(one.pk)
    page = client.get(at).content.decode()
    assert "Aya V." in page and "3</span> van 3 klaar" in page
    page = client.post(f"{at}woord/").content.decode()
    word = re.search(r'translate="no">([a-z0-9-]{19})<', page)[1]
    proof = re.search(r'name="word" value="([^"]+)"', page)[1]
    got = client.post(f"{at}bestand/", {"word": proof})
    with pyzipper.AESZipFile(io.BytesIO(got.content)) as found:
        assert found.read("overdracht-002.pdf", pwd=word.encode()) == b"%PDF- Bo V."
    assert got.headers["Cache-Control"] == "no-store, private" and "Aya" not in str(got.headers)
    assert client.get(f"{at}bestand/").status_code == 405
    assert client.post(f"{at}bestand/", {"word": "zelf-gekozen"}).status_code == 409


def test_the_pages_are_not_here_for_others(ready, browser_of, noor, otto, imke):
    for name in ("batch", "batch_word", "batch_file"):
        for who in (noor, imke, otto):
            client = browser_of(who)
            call = client.get if name == "batch" else client.post
            assert call(reverse(name, args=[ready.pk])).status_code == 404
    assert browser_of(noor).get(reverse("batch_start")).status_code == 404


def test_the_api_keeps_the_contract(three, class_a, mentor, api):
    client, root = api(mentor), "/api/v1/handovers/batch/"
    made = client.post(root, {"class": str(class_a.pk)}, format="json")
    assert made.status_code == 202 and set(made.json()) == {"id", "total"} and made.json()["total"] == 3
    at = f"{root}{made.json()['id']}/"
    assert client.get(at).json() == {"total": 3, "ready": 0, "failed": 0, "void": 0}
    assert client.get(f"{at}file/").status_code == 409
    for one in Handover.objects.all():
        handovers.render_handover(one.pk)
    got = client.get(f"{at}file/")
    assert got.status_code == 200 and got["Content-Type"] == "application/zip" and len(files(got.content)) == 4


@pytest.mark.parametrize("body", [{}, {"class": "x"}, {"klas": "A"}, {"class": None}])
def test_the_api_refuses_what_it_does_not_know(mentor, api, body):
    assert api(mentor).post("/api/v1/handovers/batch/", body, format="json").status_code == 400


def test_the_api_says_404_to_others(ready, class_a, api, otto, noor):
    for who in (otto, noor):
        client = api(who)
        assert client.get(f"/api/v1/handovers/batch/{ready.pk}/").status_code == 404
        assert client.post("/api/v1/handovers/batch/", {"class": str(class_a.pk)}, format="json").status_code == 404


def test_the_key_of_a_student_is_never_needed_to_count(ready, three):
    """A student whose key is gone is void, not an error."""
    from accounts import vault

    vault.shred(three[0].student_id)
    assert counts(ready) == (3, 2, 0, 1) and len(files(batches.make_zip(batch=ready))) == 3
    assert key_of(three[1].student)
