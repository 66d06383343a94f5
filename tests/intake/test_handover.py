"""The handover: who may ask, what the job promises, what is on the paper, and that it ends with the share."""

import errno
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import time_machine
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from page import validate_pdf

from accounts.models import Programme, Student, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.models import LedgerEntry, Share
from intake import handover as renderer
from intake import tasks
from intake.models import Case, Handover
from intake.services import cases, handover_files, handovers, jobs, sharing
from tests import factories

CODE = "00000000-11111111-22222222-33333333"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A renderer that costs nothing and keeps the codes it printed."""
    codes: list[str] = []

    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        codes.append(code)
        return "", b"%PDF- " + dossier.display_name.encode()

    monkeypatch.setattr(renderer, "render", render)
    return codes


@pytest.fixture
def asked(given: Share, imke: User) -> Handover:
    return handovers.request_handover(share_id=given.pk, by=imke)[0]


@pytest.fixture
def ready(asked: Handover, quick: list[str]) -> Handover:
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert asked.status == Handover.Status.READY
    return asked


def page(who: Any) -> Client:
    client = Client()
    client.force_login(getattr(who, "user", who))
    return client


def status_of(handover: Handover) -> str:
    handover.refresh_from_db()
    return handover.status


def file_url(handover: Handover) -> str:
    return reverse("handover_file", args=[handover.pk])


def downloads() -> int:
    looks = LedgerEntry.objects.filter(event=ledger.Event.LOOK)
    return sum(look.detail["action"] == "download" for look in looks)


# --- Who may ask -------------------------------------------------------------------------------------------


def test_student_and_recipient_ask_and_get_the_same(given: Share, sam: Student, imke: User) -> None:
    first, is_new = handovers.request_handover(share_id=given.pk, by=imke)
    assert is_new
    assert handovers.request_handover(share_id=given.pk, by=sam.user) == (first, False)


@pytest.mark.parametrize("somebody", ["mentor", "otto", "noor"])
def test_nobody_else_asks_or_knows(somebody: str, request: pytest.FixtureRequest, asked: Handover) -> None:
    who = request.getfixturevalue(somebody)
    client = page(who)
    assert client.post("/overdracht/", {"share": str(asked.share_id)}).status_code == 404
    assert client.get(reverse("handover", args=[asked.pk])).status_code == 404
    assert client.get(file_url(asked)).status_code == 404


def test_school_team_asks_with_warm_transfer(sam: Student, care: Programme, mentor: User, quick: list[str]) -> None:
    share = factories.share_with_programme(sam, care, "can.strengths", "identity.official_name", warm_transfer=True)
    handover, _ = handovers.request_handover(share_id=share.pk, by=mentor)
    handovers.render_handover(handover.pk)
    assert handovers.open_file(handover_id=handover.pk, by=mentor).startswith(b"%PDF")
    look = LedgerEntry.objects.get(event=ledger.Event.LOOK)
    assert look.actor_id == mentor.pk
    assert len(look.detail["slots"]) == 2


@pytest.mark.parametrize("share", ["", "x", "6f1c3a52-0000-4000-8000-000000000000"])
def test_unknown_share_is_not_there(share: str, imke: User) -> None:
    assert page(imke).post("/overdracht/", {"share": share}).status_code == 404


def test_start_is_a_post(imke: User) -> None:
    assert page(imke).get("/overdracht/").status_code == 405


def test_frozen_student_is_no_longer_handed_over(given: Share, sam: Student) -> None:
    sam.frozen_at = timezone.now()
    sam.save()
    with pytest.raises(NotHere):
        handovers.request_handover(share_id=given.pk, by=sam.user)


# --- The job -----------------------------------------------------------------------------------------------


def test_file_is_sealed_on_disk(ready: Handover, imke: User) -> None:
    with default_storage.open(ready.file, "rb") as file:
        sealed = file.read()
    assert b"%PDF" not in sealed
    assert b"Sam" not in sealed
    assert handovers.open_file(handover_id=ready.pk, by=imke) == b"%PDF- Sam V."


def test_size_of_the_file_tells_only_its_class(ready: Handover) -> None:
    assert default_storage.size(ready.file) - 31 == handover_files.FILE_BLOCK


def test_download_of_a_reader_is_logged_and_of_the_student_not(ready: Handover, imke: User, sam: Student) -> None:
    handovers.open_file(handover_id=ready.pk, by=sam.user)
    assert downloads() == 0
    handovers.open_file(handover_id=ready.pk, by=imke)
    assert downloads() == 1


def test_download_that_cannot_be_logged_does_not_happen(
    ready: Handover, imke: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(ledger, "record", broken)
    with pytest.raises(RuntimeError):
        handovers.open_file(handover_id=ready.pk, by=imke)


def test_stopping_in_the_queue_makes_it_void(asked: Handover, sam: Student, quick: list[str]) -> None:
    sharing.withdraw(share=asked.share, by=sam.user)
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.VOID
    assert quick == []


def test_stopping_between_render_and_publish_publishes_nothing(
    asked: Handover, sam: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        sharing.withdraw(share=dossier.share, by=sam.user)
        return "", b"%PDF-"

    before = _files()
    monkeypatch.setattr(renderer, "render", render)
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.VOID
    assert asked.file == ""
    assert _files() == before


def _files() -> set[str]:
    return set(default_storage.listdir("")[1]) if default_storage.exists("") else set()


def test_stopping_when_ready_closes_file_page_and_code(
    ready: Handover, sam: Student, imke: User, quick: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    name = ready.file
    with django_capture_on_commit_callbacks(execute=True):
        sharing.withdraw(share=ready.share, by=sam.user)
    answer = page(imke).get(file_url(ready))
    assert answer.status_code == 410
    assert "Dit bestand is niet meer geldig." in answer.content.decode()
    assert not handovers.is_valid_code(quick[0])
    assert not default_storage.exists(name)


@pytest.mark.parametrize("change", ["taken away", "newer text", "past its day", "frozen"])
def test_whatever_changes_the_share_makes_it_void(change: str, ready: Handover, sam: Student, imke: User) -> None:
    key, share = factories.key_of(sam), ready.share
    if change == "taken away":
        sharing.change(share=share, key=key, by=sam.user, units=["me.free_time"])
    elif change == "newer text":
        factories.write(sam, "me.free_time", ["koken"])
        sharing.release(share=share, key=key, units=["me.free_time"], by=sam.user)
    elif change == "past its day":
        Share.objects.filter(pk=share.pk).update(valid_until=timezone.localdate() - timedelta(days=1))
    else:
        Student.objects.filter(pk=sam.pk).update(frozen_at=timezone.now())
    assert page(imke).get(file_url(ready)).status_code == 410


def test_newer_release_gets_a_handover_of_its_own(ready: Handover, sam: Student, imke: User) -> None:
    sharing.change(share=ready.share, key=factories.key_of(sam), by=sam.user, units=["me.free_time"])
    newer, is_new = handovers.request_handover(share_id=ready.share_id, by=imke)
    assert is_new
    assert newer.pk != ready.pk


def test_void_at_the_release_that_holds_is_made_again(ready: Handover, imke: User) -> None:
    Handover.objects.filter(pk=ready.pk).update(ready_at=timezone.now() - handovers.KEPT - timedelta(days=1))
    assert handovers.destroy_files() == 1
    again, is_new = handovers.request_handover(share_id=ready.share_id, by=imke)
    assert (again.pk, is_new, again.status) == (ready.pk, False, Handover.Status.QUEUED)
    handovers.render_handover(again.pk)
    assert status_of(again) == Handover.Status.READY


def test_outcome_of_the_intake_ends_the_paper(ready: Handover, imke: User) -> None:
    case = Case.objects.get(share=ready.share_id)
    Case.objects.filter(pk=case.pk).update(status=Case.Status.DONE)
    cases.change_case(case=case, by=imke, status=Case.Status.PLACED, fields=["status"])
    assert page(imke).get(file_url(ready)).status_code == 410
    with pytest.raises(Refusal, match="intake_over"):
        handovers.request_handover(share_id=ready.share_id, by=imke)
    assert page(imke).post("/overdracht/", {"share": str(ready.share_id)}).status_code == 409


def test_broken_render_is_tried_three_times_and_then_failed(asked: Handover, imke: User, monkeypatch: Any) -> None:
    def broken(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        raise renderer.RefusedFetch

    monkeypatch.setattr(renderer, "render", broken)
    for _ in range(jobs.MOST_ATTEMPTS):
        assert status_of(asked) == Handover.Status.QUEUED
        with pytest.raises(renderer.RefusedFetch):
            tasks.render_handover_task(str(asked.pk))
    assert status_of(asked) == Handover.Status.FAILED
    assert "Probeer het nog een keer" in page(imke).get(reverse("handover", args=[asked.pk])).content.decode()
    again, _ = handovers.request_handover(share_id=asked.share_id, by=imke)
    assert (again.pk, again.status) == (asked.pk, Handover.Status.QUEUED)


def test_claimed_job_is_left_alone_until_its_lease_ends(asked: Handover, quick: list[str]) -> None:
    later = timezone.now() + timedelta(minutes=1)
    rows = Handover.objects.filter(pk=asked.pk)
    rows.update(status=Handover.Status.RENDERING, attempts=1, lease_until=later)
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.RENDERING
    rows.update(lease_until=timezone.now() - timedelta(seconds=1))
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.READY
    assert asked.attempts == 2


def test_worker_that_lost_its_claim_publishes_nothing(asked: Handover, monkeypatch: Any) -> None:
    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        Handover.objects.filter(pk=asked.pk).update(attempts=2)  # somebody else took over
        return "", b"%PDF-"

    before = _files()
    monkeypatch.setattr(renderer, "render", render)
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.RENDERING
    assert _files() == before


def test_sweep_wakes_what_waits_and_gives_up_what_is_spent(asked: Handover, monkeypatch: Any) -> None:
    woken: list[Any] = []
    monkeypatch.setattr(jobs, "wake", lambda kind, ids: woken.extend(ids))
    assert handovers.wake_waiting() == 1
    assert woken == [asked.pk]
    past = timezone.now() - timedelta(minutes=1)
    Handover.objects.update(status=Handover.Status.RENDERING, attempts=jobs.MOST_ATTEMPTS, lease_until=past)
    assert handovers.wake_waiting() == 0
    assert status_of(asked) == Handover.Status.FAILED


# --- The pages ---------------------------------------------------------------------------------------------


def test_start_leads_to_the_status_page(given: Share, imke: User) -> None:
    answer = page(imke).post("/overdracht/", {"share": str(given.pk)}, follow=True)
    assert "We maken het bestand." in answer.content.decode()
    assert "Kijk of het klaar is" in answer.content.decode()


def test_file_before_it_is_ready_is_409(asked: Handover, imke: User) -> None:
    answer = page(imke).get(file_url(asked))
    assert answer.status_code == 409
    assert "We maken het bestand." in answer.content.decode()


def test_file_comes_without_a_name_and_is_not_kept(ready: Handover, imke: User) -> None:
    answer = page(imke).get(file_url(ready))
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="overdracht.pdf"'
    assert "no-store" in answer["Cache-Control"]


def test_student_sees_the_page_of_a_student(ready: Handover, sam: Student) -> None:
    answer = page(sam).get(reverse("handover", args=[ready.pk]))
    assert "Download PDF" in answer.content.decode()
    assert reverse("share", args=[ready.share_id]) in answer.content.decode()


def test_code_says_yes_or_no_and_nothing_else(ready: Handover, quick: list[str], client: Client) -> None:
    yes = client.get(reverse("check", args=[quick[0]])).content.decode()
    no = client.get(reverse("check", args=[CODE])).content.decode()
    assert "Dit papier is nog geldig." in yes
    assert "Deze code is niet (meer) geldig" in no
    assert "Sam" not in yes


def test_every_no_is_the_same_page(ready: Handover, sam: Student, quick: list[str], client: Client) -> None:
    sharing.withdraw(share=ready.share, by=sam.user)
    stopped = client.get(reverse("check", args=[quick[0]])).content
    assert stopped == client.get(reverse("check", args=[CODE])).content
    assert stopped == client.get("/controle/Een%20rare%20code!/").content


def test_typed_code_leads_to_its_page(client: Client) -> None:
    assert client.get("/controle/").status_code == 200
    assert client.get("/controle/", {"code": f" {CODE} "}).url == reverse("check", args=[CODE])


# --- The paper ---------------------------------------------------------------------------------------------

HOSTILE = '<img src="http://127.0.0.1:9/x.png"><link rel="attachment" href="file:///etc/passwd"> </main>'


@pytest.fixture
def paper(sam: Student, care: Programme) -> tuple[str, bytes]:
    """The handover of everything that looks dangerous, from before anybody rendered it."""
    factories.write(sam, "want.dream", HOSTILE)
    units = ("can.strengths", "want.dream", "need.support.quiet", "identity.official_name")
    share = factories.share_with_programme(sam, care, *units)
    return renderer.render(access.read_as_recipient(share_id=share.pk, release=share.release), CODE)


def test_paper_is_accessible_and_names_nobody_outside_its_text(paper: tuple[str, bytes], tmp_path: Any) -> None:
    path = tmp_path / "overdracht.pdf"
    path.write_bytes(paper[1])
    checked = validate_pdf(str(path), profile="ua1")
    assert checked.is_compliant, [failure.rule_id for failure in checked.failures]
    with pikepdf.open(io.BytesIO(paper[1])) as pdf:
        assert str(pdf.Root.Lang) == "nl"
        assert str(pdf.docinfo.Title) == "Overdracht"
        assert len(pdf.attachments) == 0
        beside = f"{pdf.docinfo}{pdf.open_metadata()}"
    assert not any(name in beside for name in ("Sam", "Vos"))


def test_hostile_text_is_only_text(paper: tuple[str, bytes]) -> None:
    html = paper[0]
    assert "<img src=&quot;http" not in html
    assert "&lt;img src=" in html
    assert html.count("<img ") == 1  # the QR
    assert "<link" not in html


@pytest.mark.parametrize(
    "asks",
    [
        '<img src="http://127.0.0.1:9/x.png" alt="x">',
        '<img src="file:///etc/hostname" alt="x">',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<img src="app-asset:../secrets/SECRET_KEY.svg" alt="x">',
        '<img src="data:text/html,x" alt="x">',
    ],
)
def test_document_that_asks_for_anything_is_not_made(asks: str) -> None:
    with pytest.raises(renderer.RefusedFetch):
        renderer.render_pdf(f'<html lang="nl"><title>x</title><body>{asks}</body></html>')


def test_after_a_refusal_the_next_one_is_made() -> None:
    with pytest.raises(renderer.RefusedFetch):
        renderer.render_pdf(
            '<html lang="nl"><title>x</title><body><img src="http://127.0.0.1:9/" alt="x"></body></html>'
        )
    assert renderer.render_pdf('<html lang="nl"><title>x</title><body><p>x</p></body></html>').startswith(b"%PDF")


def test_paper_begins_with_the_brief_and_strengths(paper: tuple[str, bytes]) -> None:
    html = paper[0]
    assert html.index("Dit helpt mij") < html.index("Alles wat Sam V. met u deelt")
    whole = html[html.index("Alles wat") :]
    assert whole.index("netjes werken") < whole.index("Een hoek bij het raam")
    assert "Samuel Vos" in whole
    assert "muziek" not in html
    assert "autisme" not in html


def test_paper_says_how_to_check_it_and_that_it_cannot_come_back(paper: tuple[str, bytes]) -> None:
    html = paper[0]
    assert CODE in html
    assert f"{settings.BASE_URL}/controle/{CODE}/" in html
    assert "krijgen wij niet terug" in html
    assert "Hier staat wat Sam V. met u deelt. Dat iets er niet staat, zegt niets." in html
    assert "style=" not in html


def test_paper_without_needs_says_nothing_about_help(noor: Student, care: Programme) -> None:
    factories.write(noor, "can.strengths", ["koken"])
    share = factories.share_with_programme(noor, care, "can.strengths")
    html = renderer.render_html(access.read_as_recipient(share_id=share.pk, release=1), CODE)
    assert "Vraagt om hulp" not in html
    assert "Dit helpt mij" not in html


def test_warm_transfer_names_who_can_tell_more(sam: Student, care: Programme, mentor: User) -> None:
    User.objects.filter(pk=mentor.pk).update(staff_telephone="099-1234567")
    share = factories.share_with_programme(sam, care, "can.strengths", warm_transfer=True)
    html = renderer.render_html(access.read_as_recipient(share_id=share.pk, release=1), CODE)
    assert "meneer Kaya" in html
    assert "099-1234567" in html


def test_longest_brief_is_one_page(sam: Student, care: Programme, mentor: User) -> None:
    questions = access_questions()
    longest = "woorden van normale lengte hier " * 12
    needs = [{"need": key, "how_often": "altijd", "what_works": longest[:250].strip(), "why": ""} for key in questions]
    factories.write(sam, "need.support", needs)
    factories.write(sam, "me.name", "Sam, maar thuis noemen ze mij altijd iets anders")
    for question in ("want.dream", "transition.know_first"):
        factories.write(sam, question, (longest * 3)[:900].strip())
    for question in ("need.signals", "need.talk_with_me", "need.what_to_do", "transition.with_me"):
        factories.write(sam, question, ["lange eigen woorden van een leerling die veel te zeggen heeft"] * 1)
    units = ["me.name", "can.strengths", "want.dream", "transition.know_first", "need.signals", "need.talk_with_me"]
    units += ["need.what_to_do", "transition.with_me", *(f"need.support.{key}" for key in questions)]
    share = factories.share_with_programme(sam, care, *units, warm_transfer=True)
    dossier = access.read_as_recipient(share_id=share.pk, release=1)
    brief_alone = renderer.render_html(dossier, CODE).split('<section class="whole">')[0]
    with pikepdf.open(io.BytesIO(renderer.render_pdf(f"{brief_alone}</main></body></html>"))) as pdf:
        assert len(pdf.pages) == 1


def access_questions() -> list[str]:
    return ["person", "structure", "quiet", "steps", "time", "planning", "language"]


@pytest.mark.parametrize("status", ["private", "later", "empty"])
def test_an_answer_that_was_emptied_makes_the_file_void(
    ready: Handover, sam: Student, imke: User, quick: list[str], status: str
) -> None:
    factories.write(sam, "me.free_time", status=status)
    assert handovers.get_handover_or_404(ready.pk, imke).status == Handover.Status.VOID
    with pytest.raises(Refusal, match="void"):
        handovers.open_file(handover_id=ready.pk, by=imke)
    assert not handovers.is_valid_code(quick[0])


def test_a_later_edit_that_was_not_released_leaves_the_file_valid(ready: Handover, sam: Student, imke: User) -> None:
    factories.write(sam, "me.free_time", ["iets nieuws"])
    assert handovers.open_file(handover_id=ready.pk, by=imke).startswith(b"%PDF")


def test_after_an_emptied_answer_a_new_file_can_be_asked(ready: Handover, sam: Student, imke: User) -> None:
    factories.write(sam, "me.free_time", status="private")
    again, is_new = handovers.request_handover(share_id=ready.share_id, by=imke)
    assert (again.pk, is_new, again.status) == (ready.pk, False, Handover.Status.QUEUED)
    handovers.render_handover(again.pk)
    assert handovers.open_file(handover_id=again.pk, by=imke).startswith(b"%PDF")


def test_a_live_text_that_changes_while_rendering_is_rendered_again(
    sam: Student, class_a: Any, mentor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    asked, _ = handovers.request_handover(share_id=one.pk, by=mentor)

    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        factories.write(sam, "me.free_time", [f"poging {Handover.objects.get().attempts}"])
        return "", b"%PDF-"

    monkeypatch.setattr(renderer, "render", render)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.file) == (Handover.Status.QUEUED, "")


def test_changes_while_rendering_cost_no_attempt(
    asked: Handover, sam: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    Handover.objects.filter(pk=asked.pk).update(attempts=jobs.MOST_ATTEMPTS - 1)

    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        factories.write(sam, "me.free_time", status="private")
        return "", b"%PDF-"

    monkeypatch.setattr(renderer, "render", render)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert (asked.status, asked.attempts) == (Handover.Status.QUEUED, jobs.MOST_ATTEMPTS - 1)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert asked.status == Handover.Status.READY


def test_a_queued_job_without_attempts_left_fails_in_the_sweep(asked: Handover) -> None:
    Handover.objects.filter(pk=asked.pk).update(attempts=jobs.MOST_ATTEMPTS)
    handovers.wake_waiting()
    asked.refresh_from_db()
    assert asked.status == Handover.Status.FAILED


def test_a_file_that_is_gone_is_void_and_no_error(ready: Handover, imke: User) -> None:
    default_storage.delete(ready.file)
    assert page(imke).get(reverse("api_handover_file", args=[ready.pk])).status_code == 410


def test_after_ninety_days_a_file_is_void_before_the_sweep(ready: Handover, imke: User) -> None:
    Handover.objects.filter(pk=ready.pk).update(ready_at=timezone.now() - timedelta(days=91))
    assert page(imke).get(reverse("api_handover_file", args=[ready.pk])).status_code == 410


def test_an_intake_that_is_over_makes_the_file_void_before_the_sweep(ready: Handover, imke: User) -> None:
    Case.objects.filter(share=ready.share_id).update(status=Case.Status.PLACED)
    assert page(imke).get(reverse("api_handover_file", args=[ready.pk])).status_code == 410


def test_a_late_error_of_a_lost_worker_leaves_the_job_with_its_new_owner(asked: Handover, monkeypatch: Any) -> None:
    """Whoever took over holds the last attempt; the lost worker's error may not make that one fail."""
    later = timezone.now() + timedelta(minutes=2)

    def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
        Handover.objects.filter(pk=asked.pk).update(attempts=jobs.MOST_ATTEMPTS, lease_until=later)
        raise renderer.RefusedFetch

    monkeypatch.setattr(renderer, "render", render)
    with pytest.raises(renderer.RefusedFetch):
        tasks.render_handover_task(str(asked.pk))
    asked.refresh_from_db()
    kept = (asked.status, asked.attempts, asked.lease_until)
    assert kept == (Handover.Status.RENDERING, jobs.MOST_ATTEMPTS, later)


def test_a_worker_that_slept_past_its_lease_publishes_nothing(asked: Handover, monkeypatch: Any) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def render(dossier: access.Dossier, code: str) -> tuple[str, bytes]:
            clock.shift(jobs.LEASE + timedelta(seconds=1))
            return "", b"%PDF-"

        before = _files()
        monkeypatch.setattr(renderer, "render", render)
        handovers.render_handover(asked.pk)
        assert (status_of(asked), _files()) == (Handover.Status.RENDERING, before)
        assert handovers.wake_waiting() == 1


def test_a_clock_that_is_set_back_holds_no_job_for_days(asked: Handover, quick: list[str]) -> None:
    far = timezone.now() + timedelta(days=2)
    Handover.objects.filter(pk=asked.pk).update(status=Handover.Status.RENDERING, attempts=1, lease_until=far)
    assert handovers.wake_waiting() == 1
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.READY


def test_a_key_database_that_is_away_costs_no_attempt(asked: Handover, quick: list[str], monkeypatch: Any) -> None:
    def away(owner: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(handovers.vault, "open_key", away)
        for _ in range(jobs.MOST_ATTEMPTS + 1):
            with pytest.raises(OperationalError):
                tasks.render_handover_task(str(asked.pk))
    asked.refresh_from_db()
    assert (asked.status, asked.attempts, quick) == (Handover.Status.QUEUED, 0, [])
    handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.READY


# --- The files -------------------------------------------------------------------------------------------------


@pytest.fixture
def own_storage(settings: Any, tmp_path: Path) -> None:
    """A storage without the files of other tests."""
    folder = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": folder}


def test_a_full_disk_leaves_no_half_file(asked: Handover, quick: list[str], monkeypatch: Any) -> None:
    def half(self: Any, name: str, content: Any, **options: Any) -> str:
        Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
        Path(self.path(name)).write_bytes(content.read(100))
        raise OSError(errno.ENOSPC, "No space left on device")

    before = _files()
    monkeypatch.setattr(FileSystemStorage, "save", half)
    with pytest.raises(OSError, match="No space"):
        tasks.render_handover_task(str(asked.pk))
    asked.refresh_from_db()
    assert (_files(), asked.status, asked.attempts) == (before, Handover.Status.QUEUED, 1)


@pytest.mark.parametrize("harm", ["gone", "half", "empty", "other"])
def test_a_file_that_is_lost_or_damaged_is_made_again(
    harm: str, ready: Handover, imke: User, sam: Student, quick: list[str]
) -> None:
    path = Path(default_storage.path(ready.file))
    sealed = path.read_bytes()
    path.write_bytes({"half": sealed[:5000], "empty": b"", "other": sealed[::-1], "gone": b""}[harm])
    if harm == "gone":
        path.unlink()
    assert page(imke).get(file_url(ready)).status_code == 410
    assert downloads() == 0  # nothing was read
    handovers.request_handover(share_id=ready.share_id, by=imke)
    handovers.render_handover(ready.pk)
    assert status_of(ready) == Handover.Status.READY
    assert handovers.open_file(handover_id=ready.pk, by=imke) == b"%PDF- Sam V."
    assert not handovers.is_valid_code(quick[0]) and handovers.is_valid_code(quick[1])


def test_what_a_killed_worker_stored_goes_and_no_other_file_does(
    own_storage: None, asked: Handover, ready: Handover
) -> None:
    lost = default_storage.save(f"{asked.pk.hex}-0a1b2c3d", ContentFile(b"sealed"))
    other = default_storage.save("of-somebody-else", ContentFile(b"x"))
    assert handover_files.drop_lost_files() == 0  # a worker may be busy with it
    with time_machine.travel(timezone.now() + handover_files.NOBODYS_AFTER + timedelta(seconds=1)):
        assert handover_files.drop_lost_files() == 1
        assert handover_files.drop_lost_files() == 0
    assert not default_storage.exists(lost)
    assert default_storage.exists(ready.file) and default_storage.exists(other)


def test_a_published_file_stays_when_the_answer_of_the_database_was_lost(
    asked: Handover, quick: list[str], imke: User, monkeypatch: Any
) -> None:
    """The commit was done, and then the connection fell away: nobody may take the file from the row that names it."""
    real = handovers._mark_ready

    def committed(*args: Any) -> bool:
        real(*args)
        raise OperationalError

    monkeypatch.setattr(handovers, "_mark_ready", committed)
    with pytest.raises(OperationalError):
        handovers.render_handover(asked.pk)
    assert status_of(asked) == Handover.Status.READY
    assert handovers.open_file(handover_id=asked.pk, by=imke) == b"%PDF- Sam V."


def test_one_file_that_cannot_be_deleted_keeps_no_other(
    own_storage: None, ready: Handover, noor: Student, monkeypatch: Any
) -> None:
    factories.write(noor, "me.free_time", ["muziek"])
    share = factories.share_with_programme(noor, factories.make_programme(), "me.free_time")
    second = handovers.request_handover(share_id=share.pk, by=noor.user)[0]
    handovers.render_handover(second.pk)
    second.refresh_from_db()
    Handover.objects.update(status=Handover.Status.VOID)
    real = FileSystemStorage.delete

    def stuck(self: Any, name: str) -> None:
        if name == ready.file:
            raise PermissionError
        real(self, name)

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "delete", stuck)
        assert handovers.destroy_files() == 1
        assert _files() == {ready.file}
    assert handovers.destroy_files() == 1 and _files() == set()


# --- A broker that is away -------------------------------------------------------------------------------------


def test_a_broker_that_hangs_is_asked_once_for_a_whole_list(
    given: Share, sam: Student, imke: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    tried: list[str] = []

    def hangs(name: str, args: list[str]) -> None:
        tried.extend(args)
        raise TimeoutError

    other = factories.share_with_programme(sam, factories.make_programme(), "me.free_time")
    monkeypatch.setattr(jobs.current_app, "send_task", hangs)
    with django_capture_on_commit_callbacks(execute=True):
        assert len(handovers.request_handovers(shares=[given, other], by=imke)) == 2
    assert len(tried) == 1
    assert handovers.wake_waiting() == 2  # and the sweep finds both
    assert len(tried) == 2
