"""Standing still, taking everything along, and going away: keys, files, rows, sessions, in this order."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.core import mail as outbox
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import erasure, vault
from accounts.models import DataKey, Guardian, Membership, Role, Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Action, Event
from consent.models import LedgerEntry, Reply, Share
from consent.services import write_reply
from intake import handover as renderer
from intake import tasks
from intake.models import Handover
from intake.services import export, handovers, leaving, mail
from tests import factories
from tests.accounts.coming_in import PIN, card_of
from tests.factories import PASSWORD, key_of, share, write
from tests.test_privacy import CANARY, dump_of, told  # noqa: F401

OWN, ERASE = "/instellingen/mijn-gegevens/", "/instellingen/mijn-gegevens/wissen/"
CODE = "00000000-11111111-22222222-33333333"


@pytest.fixture(autouse=True)
def on_its_own(settings, tmp_path):
    cache.clear()
    settings.ERASURE_LIST = tmp_path / "erasures.list"
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = {**settings.STORAGES, "default": files}


@pytest.fixture
def file(given, imke, monkeypatch) -> Handover:
    """A ready file of Sam's share, with a code on it."""
    monkeypatch.setattr(renderer, "render", lambda dossier, code: ("", b"%PDF- " + dossier.display_name.encode()))
    monkeypatch.setattr(handovers, "new_code", lambda: CODE)
    asked, _ = handovers.request_handover(share_id=given.pk, by=imke)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert asked.status == Handover.Status.READY and handovers.is_valid_code(CODE)
    return asked


def freeze(student):
    leaving.freeze(student=student, by=student.user)


def unfreeze(student):
    leaving.unfreeze(student=student, by=student.user)


# --- Standing still ----------------------------------------------------------------------------------------


def test_frozen_nobody_reads_and_afterwards_they_do_again(sam, given, imke):
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    freeze(sam)
    with pytest.raises(NotHere):
        access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert not access.open_shares(imke).exists()
    unfreeze(sam)
    assert access.read(share_id=given.pk, by=imke, action=Action.READ).said


def test_frozen_over_the_api(api, sam, given, imke):
    address = reverse("api_dossier", args=[given.pk])
    answers = [api(imke).get(address).status_code]
    freeze(sam)
    answers += [api(imke).get(address).status_code, api(imke).get("/api/v1/dossiers/").json()["count"]]
    unfreeze(sam)
    assert [*answers, api(imke).get(address).status_code] == [200, 404, 0, 200]


def test_a_ready_file_is_void_and_comes_back_only_by_a_new_handover(api, sam, file, imke):
    address = reverse("api_handover_file", args=[file.pk])
    assert api(imke).get(address).status_code == 200
    freeze(sam)
    assert api(imke).get(address).status_code == 410 and not handovers.is_valid_code(CODE)
    assert api(imke).post("/api/v1/handovers/", {"share": str(file.share_id)}, format="json").status_code == 404
    unfreeze(sam)
    assert api(imke).get(address).status_code == 410 and not handovers.is_valid_code(CODE)
    assert api(imke).post("/api/v1/handovers/", {"share": str(file.share_id)}, format="json").status_code < 300
    handovers.render_handover(file.pk)
    assert api(imke).get(address).status_code == 200


def test_a_render_that_runs_while_it_stops_publishes_nothing(sam, given, imke, monkeypatch):
    asked, _ = handovers.request_handover(share_id=given.pk, by=imke)
    monkeypatch.setattr(renderer, "render", lambda dossier, code: (freeze(sam), ("", b"%PDF"))[1])
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    assert asked.status == Handover.Status.VOID and default_storage.listdir("")[1] == []


def test_the_student_still_reads_and_writes(browser_of, sam):
    freeze(sam)
    write(sam, "me.proud", "Gewoon doorgaan")
    page = browser_of(sam).get(OWN).content.decode()
    assert "Je paspoort staat stil" in page and "Zet weer aan" in page


@pytest.mark.parametrize("who", ["imke", "mentor", "noor"])
def test_nobody_else_freezes_or_erases(request, sam, who):
    other = request.getfixturevalue(who)
    by = getattr(other, "user", other)
    for act in (leaving.freeze, leaving.unfreeze, leaving.ask_to_erase):
        with pytest.raises(NotHere):
            act(student=sam, by=by)


def test_the_page_freezes_and_goes_on_again(browser_of, sam):
    page = browser_of(sam)
    page.post(f"{OWN}stil/", {"answer": "off"})
    assert Student.objects.get(pk=sam.pk).frozen_at
    page.post(f"{OWN}stil/", {"answer": "on"})
    assert Student.objects.get(pk=sam.pk).frozen_at is None


# --- Taking everything along -------------------------------------------------------------------------------


def texts_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set().union(*map(texts_in, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(texts_in, value)) if value else set()
    return {str(value)}


def test_the_export_holds_every_answer(api, told):  # noqa: F811
    found = api(told).get("/api/v1/passport/export/")
    assert found.status_code == 200 and {"no-store", "private"} <= set(found["Cache-Control"].split(", "))
    there = texts_in(found.json()["answers"])
    mine = api(told).get("/api/v1/passport/").json()["answers"].values()
    said = set().union(*(texts_in(one["value"]) for one in mine if one["status"] == "answered"))
    assert said - there == set() and any(CANARY in text for text in said)


def test_the_export_holds_old_texts_shares_consents_looks_and_replies(sam, given, imke):
    write(sam, "me.free_time", ["zwemmen"])
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    write_reply(share_id=given.pk, text="Tot dinsdag", by=imke)
    found = export.export_of(sam, key_of(sam))
    free_time = next(one for one in found["answers"] if one["key"] == "me.free_time")
    assert [text["value"] for text in free_time["history"]] == [["zwemmen"], ["muziek", "koken"]]
    assert {item["unit"] for item in found["shares"][0]["items"]} == {"me.free_time", "need.support.quiet"}
    assert [one["event"] for one in found["consents"]] == ["replied", "given"]
    assert found["consents"][1]["by"] == "jij" and len(found["consents"][1]["units"]) == 2
    assert [(one["by"], one["action"], len(one["units"])) for one in found["looks"]] == [("Imke Bos", "read", 2)]
    assert [one["text"] for one in found["replies"]] == ["Tot dinsdag"]
    assert found["identity"]["official_name"] == "Samuel Vos" and json.dumps(found)


def test_the_export_names_nobody_from_home_and_holds_nobody_else(sam, noor):
    parent = factories.make_parent(sam)
    write(noor, "me.proud", "Iets van een ander")
    seen = share(sam, "guardian", parent.user_id, "me.free_time")
    access.read(share_id=seen.pk, by=parent.user, action=Action.READ)
    found = json.dumps(export.export_of(sam, key_of(sam)))
    assert export.FROM_HOME in found and "Noor Vos" not in found
    assert "Iets van een ander" not in found and str(noor.pk) not in found and "Bakker" not in found


@pytest.mark.parametrize(("name", "start"), [("paspoort.json", b"{"), ("paspoort.html", b"<!doctype html>")])
def test_it_downloads_as_a_file(browser_of, sam, given, name, start):
    answer = browser_of(sam).get(f"{OWN}{name}")
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"' and answer.content.startswith(start)
    assert "no-store" in answer["Cache-Control"] and "koken" in answer.content.decode()


def test_the_page_to_read_holds_every_text(browser_of, sam, given):
    page = browser_of(sam).get(f"{OWN}paspoort.html").content.decode()
    for text in ("muziek", "Een hoek bij het raam", "Ik heb autisme.", "Samuel Vos"):
        assert text in page
    assert "http" not in page and "<script" not in page


def test_it_is_for_students_alone(api, browser_of, imke):
    assert api(imke).get("/api/v1/passport/export/").status_code == 404
    assert api(None).get("/api/v1/passport/export/").status_code == 401
    assert [browser_of(imke).get(f"{OWN}{name}").status_code for name in ("", "paspoort.json", "wissen/")] == [404] * 3


def hanging_on_a_student() -> set[str]:
    """Every model that a student's rows are in, found by walking the foreign keys to Student and its log-in."""
    found, todo = set(), [Student, Share]
    while todo:
        model = todo.pop()
        for field in model._meta.related_objects:
            label = field.related_model._meta.label
            if label not in found and label != "consent.LedgerEntry":
                found.add(label)
                todo.append(field.related_model)
    return found


def test_every_model_of_a_student_is_exported_or_says_why_not():
    exported = {
        "accounts.Tie", "accounts.Invitation", "accounts.Badge",
        "passport.Passport", "passport.Answer", "passport.AnswerRevision", "consent.Share",
        "consent.ShareItem", "consent.Approval", "consent.Reply", "consent.ConsentRecord", "intake.Case",
        "intake.IntakeTalk",
        "intake.Handover", "intake.LawAnswer", "intake.WarmTalk", "consent.NamedReader", "consent.ShareLink",
        "passport.Experience", "passport.MentorSign", "passport.Goal", "passport.Suggestion",
        "intake.FollowUp", "intake.FollowUpGrant", "intake.FirstDay", "intake.Ask", "intake.CoachSignal",
        "intake.TasterSignUp",
        "intake.HearingRecord",
        "intake.ExpectationTicks", "intake.TalkNote", "intake.CoachMoment", "intake.Remark", "intake.Fit",
        "intake.Agreement", "intake.Signature", "intake.AgreementReview",
    }  # fmt: skip
    assert hanging_on_a_student() - exported - set(export.LEFT_OUT) == set()


# --- Erasing -----------------------------------------------------------------------------------------------


def left_of(*ids: UUID) -> dict[str, list[str]]:
    """The tables, but the ledger, that still hold one of these ids anywhere in a row."""
    found = {}
    for model in apps.get_models():
        if model._meta.label in {"consent.LedgerEntry", "accounts.DataKey"}:
            continue
        rows = [str(tuple(row)).replace("-", "") for row in model.objects.values_list()]
        if hits := [row for row in rows if any(one.hex in row for one in ids)]:
            found[model._meta.label] = hits
    return found


def everything_of(student) -> list[UUID]:
    shares = Share.objects.filter(student=student)
    files = Handover.objects.filter(share__in=shares)
    return [student.pk, student.user_id, *shares.values_list("pk", flat=True), *files.values_list("pk", flat=True)]


@pytest.fixture
def full(sam, given, file, imke) -> Student:
    """Sam with a file, a reply, a look, a parent who reads along, a coach and an open session."""
    parent = factories.make_parent(sam)
    share(sam, "guardian", parent.user_id, "me.free_time")
    write_reply(share_id=given.pk, text="Gelezen", by=imke)
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    factories.make_tie(sam, factories.make_staff(Role.COACH, school_class=factories.make_class("C")), "coach")
    Client().force_login(sam.user)
    return sam


def test_nothing_decrypts_and_no_row_is_left(full):
    ids, blobs = everything_of(full), [bytes(full.sealed_identity)]
    key = key_of(full)
    leaving.erase_student(full.pk, by=full.user)
    assert left_of(*ids) == {}
    with pytest.raises(vault.Shredded):
        vault.open_key(full.pk)
    assert key.open(blobs[0], field="accounts.Student.sealed_identity", row=full.pk), "the key was the only way in"


def test_the_guardian_goes_who_is_here_for_nobody_else(full):
    guardian = Guardian.objects.get()
    leaving.erase_student(full.pk)
    assert left_of(guardian.pk, guardian.user_id) == {} and guardian.pk in erasure.listed()
    with pytest.raises(vault.Shredded):
        vault.open_key(guardian.pk)


def test_a_guardian_of_a_brother_stays(full, noor):
    guardian = Guardian.objects.get()
    factories.make_tie(noor, guardian.user, Tie.Kind.GUARDIAN)
    leaving.erase_student(full.pk)
    vault.open_key(guardian.pk)
    assert guardian.pk not in erasure.listed() and Tie.objects.filter(person=guardian.user).count() == 1


def test_a_guardian_who_works_here_keeps_the_log_in(full, class_a):
    guardian = Guardian.objects.get()
    Membership.objects.create(user=guardian.user, role=Role.MENTOR, school_class=class_a)
    leaving.erase_student(full.pk)
    assert User.objects.filter(pk=guardian.user_id).exists() and not Guardian.objects.exists()


def test_files_codes_and_links_are_gone(full, file, client, api, imke):
    assert handovers.is_valid_code(CODE) and default_storage.listdir("")[1]
    leaving.erase_student(full.pk)
    assert default_storage.listdir("")[1] == []
    assert "niet (meer) geldig" in client.get(f"/controle/{CODE}/").content.decode()
    assert client.get(f"/controle/{CODE}/").content == client.get(f"/controle/{CODE}/").content
    assert api(imke).get(reverse("api_handover_file", args=[file.pk])).status_code == 404
    assert api(imke).get("/api/v1/dossiers/").json()["count"] == 0


def test_the_ledger_stays_says_it_ended_and_holds(full, django_capture_on_commit_callbacks):
    before = list(LedgerEntry.objects.filter(student_id=full.pk).order_by("seq").values_list("seq", "mac"))
    live = set(Share.objects.live().filter(student=full).values_list("pk", flat=True))
    leaving.erase_student(full.pk, by=full.user)
    entries = LedgerEntry.objects.filter(student_id=full.pk).order_by("seq")
    assert list(entries.values_list("seq", "mac"))[: len(before)] == before and ledger.verify() is None
    ends = entries.filter(event=Event.WITHDRAWN, seq__gt=before[-1][0])
    assert {row.share_id for row in ends} == live and {row.actor_id for row in ends} == {full.user_id}


def test_the_session_is_dead(full, browser_of):
    page = browser_of(full)
    assert page.get(OWN).status_code == 200
    leaving.erase_student(full.pk)
    assert page.get(OWN).status_code == 302
    assert not [one for one in Session.objects.all() if one.get_decoded().get("_auth_user_id") == str(full.user_id)]


def test_what_a_buddy_wrote_goes_with_the_buddy_and_the_other_student_stays(sam, noor):
    """Reply.by is PROTECT, and another student's share with somebody who goes ends in that student's ledger."""
    factories.make_tie(noor, sam.user, Tie.Kind.BUDDY)
    write(noor, "me.free_time", ["lezen"])
    seen = share(noor, "buddy", sam.user_id, "me.free_time")
    write_reply(share_id=seen.pk, text="Leuk", by=sam.user)
    leaving.erase_student(sam.pk)
    assert left_of(sam.pk, sam.user_id) == {} and not Reply.objects.exists()
    assert LedgerEntry.objects.filter(student_id=noor.pk, share_id=seen.pk, event=Event.EXPIRED).count() == 1
    assert export.export_of(noor, key_of(noor))["answers"]


def test_whatever_may_block_a_deletion_is_known():
    """A new PROTECT or RESTRICT on what is erased must be looked at here, and in leaving._delete_rows."""
    blocking = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete in {models.PROTECT, models.RESTRICT}
        and field.related_model._meta.label not in {"accounts.Region", "passport.QuestionnaireVersion"}
    }
    assert blocking == {"consent.Reply.by", "consent.ShareItem.revision"}


def test_erasing_twice_is_no_error(full):
    leaving.erase_student(full.pk)
    leaving.erase_student(full.pk)
    assert leaving.replay_erasures() == 0


STEPS = ["write_down", "_destroy_keys", "_end_shares", "_destroy_files", "_delete_rows"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_is_finished_by_the_timer(full, monkeypatch, step, moment):
    ids = everything_of(full)
    room = erasure if step == "write_down" else leaving
    real = getattr(room, step)

    def crash(*args):
        if moment == "after":
            real(*args)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(room, step, crash)
        with pytest.raises(KeyboardInterrupt):
            leaving.erase_student(full.pk, by=full.user)
    if step != "write_down" or moment == "after":
        assert full.pk in erasure.listed()
    tasks.erase_due()
    assert left_of(*ids) == {} and erasure.are_replayed() and ledger.verify() is None
    ends = LedgerEntry.objects.filter(student_id=full.pk, event=Event.WITHDRAWN).values_list("share_id", flat=True)
    assert len(ends) == len(set(ends)) == 2


def test_the_key_is_destroyed_before_any_row(full, monkeypatch):
    order = []
    for step in STEPS:
        room = erasure if step == "write_down" else leaving
        monkeypatch.setattr(room, step, lambda *args, name=step: order.append(name))
    leaving.erase_student(full.pk)
    assert order == STEPS


def test_after_it_nothing_written_is_anywhere(told):  # noqa: F811
    leaving.erase_student(told.pk)
    assert CANARY.encode() not in dump_of("default") + dump_of("keys")
    assert "Zonnebloemstra" not in site.ERASURE_LIST.read_text()


# --- Days of regret ----------------------------------------------------------------------------------------


def test_seven_days_still_and_then_gone(sam, given, imke):
    with time_machine.travel("2026-11-22T10:00Z", tick=False):
        leaving.ask_to_erase(student=sam, by=sam.user)
        with pytest.raises(NotHere):
            access.read(share_id=given.pk, by=imke, action=Action.READ)
        with pytest.raises(Refusal):
            unfreeze(sam)
    with time_machine.travel("2026-11-29T09:59Z", tick=False):
        assert leaving.erase_due() == 0
    with time_machine.travel("2026-11-29T10:00Z", tick=False):
        assert leaving.erase_due() == 1
    assert left_of(sam.pk) == {}


def test_taking_it_back_keeps_everything_and_lets_nobody_in_by_itself(browser_of, sam, given, imke):
    leaving.ask_to_erase(student=sam, by=sam.user)
    assert "We wissen je paspoort" in browser_of(sam).get(OWN).content.decode()
    browser_of(sam).post(f"{OWN}niet-wissen/")
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert leaving.erase_due() == 0
    assert not access.open_shares(imke).exists()
    unfreeze(Student.objects.get(pk=sam.pk))
    assert access.open_shares(imke).exists()


def test_asking_twice_never_makes_it_later(sam):
    first = leaving.ask_to_erase(student=sam, by=sam.user).erase_after
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert leaving.ask_to_erase(student=sam, by=sam.user).erase_after == first


# --- The page ----------------------------------------------------------------------------------------------

SURE = {"sure": "on", "password": PASSWORD}


def test_nothing_is_ticked_and_it_says_what_stays(browser_of, sam):
    page = browser_of(sam).get(ERASE).content.decode()
    assert "checked" not in page and "Afspraken die jij en een school hebben ondertekend" in page


@pytest.mark.parametrize(
    "post", [{}, {"sure": "on"}, {"password": PASSWORD}, {**SURE, "password": "iets anders"}, {"at_once": "on"}]
)
def test_without_a_yes_and_the_password_nothing_changes(browser_of, sam, post):
    answer = browser_of(sam).post(ERASE, post)
    assert answer.status_code == 200 and "<title>Fout:" in answer.content.decode()
    assert not Student.objects.filter(pk=sam.pk, erase_after__isnull=False).exists() and not erasure.listed()


def test_the_password_can_be_tried_five_times(browser_of, sam):
    page = browser_of(sam)
    for _ in range(5):
        page.post(ERASE, {**SURE, "password": "fout"})
    assert "te vaak" in page.post(ERASE, SURE).content.decode()
    assert Student.objects.get(pk=sam.pk).erase_after is None


def test_with_the_password_it_stands_still_for_seven_days(browser_of, sam):
    answer = browser_of(sam).post(ERASE, SURE)
    assert answer["Location"] == OWN
    row = Student.objects.get(pk=sam.pk)
    assert row.frozen_at and timedelta(days=6) < row.erase_after - timezone.now() < timedelta(days=8)


def test_with_the_second_tick_it_goes_at_once_and_the_browser_is_wiped(browser_of, sam):
    page = browser_of(sam)
    answer = page.post(ERASE, {**SURE, "at_once": "on"})
    assert answer["Location"] == "/gewist/" and "storage" in answer["Clear-Site-Data"]
    assert left_of(sam.pk, sam.user_id) == {}
    last = page.get("/gewist/").content.decode()
    assert (
        "Alles is gewist." in last
        and "komt het uit geen back-up meer terug" in last
        and page.get(OWN).status_code == 302
    )


def test_without_a_password_one_shows_first_who_one_is(browser_of, sam, mentor):
    card_of(sam, mentor)
    sam.user.set_unusable_password()
    sam.user.save()
    page = browser_of(sam)
    assert page.post(ERASE, SURE).url == f"/nog-even/?next={ERASE}" and not erasure.listed()
    assert page.post(f"/nog-even/?next={ERASE}", {"pin": PIN}).url == ERASE
    assert "password" not in page.get(ERASE).content.decode().split("<main")[1]
    page.post(ERASE, {"sure": "on"})
    sam.refresh_from_db()
    assert sam.erase_after is not None


def test_the_last_page_is_for_anybody_and_knows_nobody(client):
    with time_machine.travel("2026-11-22T10:00Z"):
        page = client.get("/gewist/").content.decode()
    assert "29 november 2026" in page


# --- The commands ------------------------------------------------------------------------------------------


def run(*args, **options) -> str:
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


def test_erase_student_says_from_when_no_backup_helps(full):
    with time_machine.travel("2026-11-22T23:30Z"):  # the 23rd in Amsterdam
        assert "2026-11-30" in run("erase_student", full.user.username, "--yes")
    assert left_of(full.pk) == {}


def test_erase_student_asks_first(sam, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda _: "somebody else")
    with pytest.raises(CommandError, match="nothing was erased"):
        run("erase_student", sam.user.username)
    monkeypatch.setattr("builtins.input", lambda _: sam.user.username)
    assert "erased" in run("erase_student", sam.user.username)


def test_erase_student_knows_only_students(imke):
    for name in ("nobody", imke.username):
        with pytest.raises(CommandError, match="no student"):
            run("erase_student", name, "--yes")


def test_replay_finds_nothing_to_do_the_second_time(sam):
    erasure.write_down([sam.pk])
    assert "1 erased again" in run("replay_erasures")
    assert "0 erased again" in run("replay_erasures")


def test_replay_when_only_the_keys_came_back(full):
    """The data is new and the key database old: keys of somebody without a row."""
    guardian = Guardian.objects.get()
    leaving.erase_student(full.pk)
    for owner in (full.pk, guardian.pk):
        DataKey.objects.filter(owner_id=owner).delete()
    vault.create_keys([full.pk, guardian.pk])
    assert erasure.is_behind("keys") and not erasure.is_behind("default")
    assert "2 erased again" in run("replay_erasures")
    assert erasure.are_replayed()


def test_who_read_prints_exactly_the_looks(sam, given, imke, care, noor):
    other = factories.share_with_programme(noor, care, "identity.official_name")
    with time_machine.travel("2026-11-20T09:00Z", tick=False):
        access.read(share_id=given.pk, by=imke, action=Action.READ)
        access.read(share_id=other.pk, by=imke, action=Action.READ)
    with time_machine.travel("2026-11-21T09:00Z", tick=False):
        access.read(share_id=given.pk, by=imke, action=Action.PRINT)
    place, one = care.institution.name, str(given.pk)
    rows = [line.split("\t") for line in run("who_read", sam.user.username).splitlines()]
    assert rows == [
        ["time", "who", "institution", "share", "action", "units"],
        ["2026-11-20T10:00:00+01:00", "Imke Bos", place, one, "read", "2"],
        ["2026-11-21T10:00:00+01:00", "Imke Bos", place, one, "print", "2"],
    ]
    assert "koken" not in str(rows) and "Vos" not in str(rows)


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--from", "2026-11-21"], 1), (["--until", "2026-11-20"], 1), (["--from", "2026-11-20"], 2),
        (["--until", "2026-11-20T09:59"], 0), (["--from", "2026-11-20T10:00", "--until", "2026-11-21T11:00"], 2),
    ],
)  # fmt: skip
def test_who_read_between_two_moments_in_amsterdam(sam, given, imke, options, count):
    for moment in ("2026-11-20T09:00Z", "2026-11-21T09:00Z"):
        with time_machine.travel(moment, tick=False):
            access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert len(run("who_read", sam.user.username, *options).splitlines()) == 1 + count


def test_who_read_names_no_guardian(sam):
    parent = factories.make_parent(sam)
    seen = share(sam, "guardian", parent.user_id, "me.free_time")
    access.read(share_id=seen.pk, by=parent.user, action=Action.READ)
    text = run("who_read", sam.user.username)
    assert str(parent.user_id) in text and "Noor Vos" not in text


def test_who_read_refuses_what_is_no_day(sam):
    with pytest.raises(CommandError, match="gisteren"):
        run("who_read", sam.user.username, "--from", "gisteren")


# --- Mail --------------------------------------------------------------------------------------------------


def test_recipients_who_opened_it_get_a_mail_without_content(sam, given, imke, otto):
    User.objects.filter(pk__in=[imke.pk, otto.pk]).update(email="imke@example.nl")
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    leaving.erase_student(sam.pk)
    tasks.tell_recipients(str(given.pk))
    [message] = outbox.outbox
    assert message.subject == mail.CHANGED and message.to == ["imke@example.nl"]
    said = message.subject + message.body
    assert not [word for word in ("Sam", "Vos", "wis", "gewist", str(given.pk), "College") if word in said]


def test_whoever_has_no_address_or_never_looked_gets_none(sam, given, imke):
    access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert mail.tell_recipients(given.pk) == 0
    assert outbox.outbox == []
