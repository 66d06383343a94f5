"""A new data key for one person: everything is sealed anew, the old key opens nothing, and nobody notices."""

import json
from datetime import timedelta
from io import StringIO
from itertools import chain
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import invitations, vault
from accounts.identity import guardian_name
from accounts.models import DataKey, Guardian, Invitation, Programme, Student, User
from accounts.sealed import Resealed, SealedColumn
from consent import access, drafts, ledger, links
from consent.ledger import Action
from consent.links import LinkTo
from consent.models import Share, ShareLink
from consent.services import Wish, decline_share, suggest, write_reply
from intake import data_map
from intake import handover as renderer
from intake.data_map import lines
from intake.models import Agreement, AgreementFile, Handover
from intake.services import (
    agreement_files,
    agreement_reviews,
    coaching,
    expectations,
    first_day,
    fits,
    follow_ups,
    handover_files,
    handovers,
    hearing,
    intake_talk,
    jobs,
    law,
    leaving,
    notes,
    remarks,
    resealing,
    second_look,
    sharing,
    talks,
)
from intake.services.export import export_of
from intake.services.first_day import Page
from intake.services.follow_ups import Answers
from intake.services.law_log import Kind
from passport import experiences, goals
from passport.services import choose_route, open_answer, open_sheet
from tests import factories
from tests.factories import key_of, share_with_programme, write
from tests.intake import agreed
from tests.intake.after import guide, make_mentor, start

# The wrapped data keys themselves: `rotate_keys` wraps those anew.
# What waits for a yes has a key of its own that nobody renews: a class list for an hour, an invitation for two weeks.
# Counts of nobody have the key of the figures.
OF_THE_KEYS = {
    "accounts.DataKey.wrapped",
    "intake.NeedTally.sealed",
    "intake.QuestionMark.sealed",
    "intake.QuestionTally.sealed",
    "intake.Tally.sealed",
    "intake.Tick.sealed",
    "school.ClassListDraft.sealed_rows",
    "school.PassportInvitation.sealed_to",
}


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    options = {"location": settings.VAR_DIR / "files"}
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": files}


@pytest.fixture
def file(given, imke, monkeypatch) -> Handover:
    """A ready file of Sam's share."""
    monkeypatch.setattr(renderer, "render", lambda dossier, code: ("", b"%PDF- " + dossier.display_name.encode()))
    asked, _ = handovers.request_handover(share_id=given.pk, by=imke)
    handovers.render_handover(asked.pk)
    asked.refresh_from_db()
    return asked


@pytest.fixture
def world(sam, given, imke, care, mentor, class_a, file, tmp_path) -> Student:
    """Sam with something in every place where a value can be sealed."""
    key, today = key_of(sam), timezone.localdate()
    choose_route(passport=sam.passport, key=key, route="mbo", by=sam.user)
    write_reply(share_id=given.pk, text="Gelezen, dank je.", by=imke)
    drafts.make_draft(student=sam, key=key, kind="programme", recipient_id=care.pk, units=["me.free_time"])
    units = ("identity.official_name", "can.strengths")
    warm = share_with_programme(sam, factories.make_programme(), *units, warm_transfer=True)
    talks.plan_talk(share_id=warm.pk, by=mentor, where="Lokaal 12", who=["mevrouw Bos"], agenda=["De eerste dag"])
    talks.write_outcome(share_id=warm.pk, by=mentor, text="Samen op de foto")
    talks.comment_on_talk(share=warm, key=key, by=sam.user, text="Fijn gesprek")
    lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    note = notes.write_note(share_id=lob.pk, by=mentor, held_on=today, kind="mentor", text="Ging goed", points=["Bel"])
    notes.tick_point(student=sam, key=key, note_id=note.pk, number=0, done=True, by=sam.user)
    factories.make_tie(sam, coach := factories.make_user(staff_name="Anna"), "coach")
    coached = factories.share(sam, "coach", coach.pk, "me.free_time")
    met = coaching.write_moment(share_id=coached.pk, by=coach, on=today, text="Kennis", students=["Kijken"])
    coaching.tick_own(student=sam, key=key, moment_id=met.pk, number=0, done=True, by=sam.user)
    factories.make_tie(sam, home := factories.make_user(), "guardian")
    at_home = factories.share(sam, "guardian", home.pk, "me.free_time")
    remarks.write_remark(share_id=at_home.pk, by=home, unit="me.free_time", text="Hij kookt graag")
    bas = LinkTo("bas@example.nl", "Bakker Bas", today)
    wish = Wish("link", None, "internship", ("can.strengths",), today + timedelta(days=60), link=bas)
    sharing.give(student=sam, key=key, wish=wish, by=sam.user)
    invitations.invite(student=sam, key=key, email="thuis@example.nl", label="oma", by=sam.user)
    asked = law.Asked(Kind.ACCESS, "2026-014", student_present=True)
    law.answer_request(student=sam, asked=asked, to=tmp_path / "antwoord.json")
    card = {"kind": "stage", "on": today, "did": "Planten gieten", "felt": "", "learned": ""}
    experiences.save_card(passport=sam.passport, key=key, card_id=uuid4(), revision=0, content=card, by=sam.user)
    suggest(share_id=lob.pk, unit="me.free_time", value=["dieren"], by=mentor)
    skill = goals.skills_of(open_sheet(sam.passport, key))[0]
    goals.save_goal(passport=sam.passport, key=key, skill=skill, step="De wekker zetten", on=today, by=sam.user)
    tick_something(sam, key, care.code)
    answered(given, imke, sam)
    planned(given, imke, sam)
    started(sam, factories.make_programme())  # a start voids the file of its own share
    agree(given, sam, imke)
    return sam


def agree(share: Share, student: Student, by: User) -> None:
    """An agreement with its PDF and what the student says of it: under a key of its own, renewed with the student's."""
    case = agreed.case_of(share)
    row = agreed.signed(case, student, by, review_date=timezone.localdate() + timedelta(days=10))
    agreement_reviews.answer(case_id=case.pk, by=student.user, verdicts={0: "works", 1: "not"}, note="Gaat goed")
    file, key = AgreementFile.objects.get(), vault.open_key(row.key_owner)
    sealed = key.seal_bytes(b"%PDF-", field=agreement_files.PDF_FIELD, row=file.pk, block=handover_files.FILE_BLOCK)
    AgreementFile.objects.update(status="ready", sealed_pdf=sealed)


def of_the_agreement() -> Any:
    """Whose key that is: of nobody."""
    return SimpleNamespace(pk=Agreement.objects.get().key_owner)


def planned(share: Share, by: User, student: Student) -> None:
    """The talk of the intake, and what the student says of it."""
    at = timezone.now() + timedelta(days=9)
    lines = {"who": ["mijn oom"], "how": [], "agenda": ["De eerste dag"]}
    intake_talk.plan_talk(case_id=share.case.pk, by=by, at=at, where="Lokaal 4", lines=lines)
    intake_talk.answer_talk(share=share, key=key_of(student), by=student.user, bring="mijn oom", text="Liever later")


def answered(share: Share, by: User, student: Student) -> None:
    """An answer the student said something back to, and a no that a second person gave back."""
    said = {"comment": "Geen ruimte", "alternative": "De bibliotheek"}
    sent = fits.put_fit(case_id=share.case.pk, by=by, need="quiet", answer="yes", **said)
    fits.react(share=share, key=key_of(student), fit_id=sent.pk, by=student.user, reaction="talk", text="Wanneer?")
    no = fits.put_fit(case_id=share.case.pk, by=by, need="quiet", answer="no", **said)
    second = factories.make_staff("mentor", programme=share.programme)
    second_look.open_asked(no.pk, second)
    second_look.send_back(no.pk, second, "En lokaal 3?")


def started(student: Student, programme: Programme) -> None:
    """A first day and one answer after the start."""
    case = start(student, programme)
    mentor = make_mentor(programme)
    guide(student, programme)
    day = timezone.localdate() - timedelta(days=50)
    page = Page(day=day, time="", where="Lokaal 3", who="", bring="", contact="Smit", telephone="")
    first_day.write_page(case_id=case.pk, by=mentor, page=page)
    follow_ups.answer(case_id=case.pk, by=student.user, moment="w2", answers=Answers(goes="good"))
    hearing.let_hear(student=student, key=key_of(student), kind="college_team", listener=None, by=student.user)


def tick_something(student: Student, key: vault.Key, code: str) -> None:
    row = {"text": "Er is veel lawaai", "question": "Is er een rustige plek?", "reviewed": timezone.localdate()}
    expectations.load_expectations({code: [row]})
    write(student, "want.programmes", [code])
    [day] = expectations.days_of(student, key)
    ticks = {day.statements[0].id: expectations.Tick.HARD}
    expectations.keep_ticks(student=student, key=key, day=day, ticks=ticks, by=student.user)


@pytest.fixture
def refused(care) -> Student:
    """14, with a no of a parent and the note beside it."""
    young = factories.make_pupil(age=14)
    write(young, "me.name", "Kim")
    one = share_with_programme(young, care, "me.name")
    decline_share(share_id=one.pk, by=factories.make_parent(young).user, note="Liever niet")
    return young


def renew(*people: Any, **options: Any) -> str:
    said = StringIO()
    call_command("renew_key", *(one.user.username for one in people), pause=0, stdout=said, **options)
    return said.getvalue()


def blobs(owner: Any) -> dict[str, list[bytes]]:
    """Every sealed value of one person, by place."""
    found: dict[str, list[bytes]] = {}
    for one in resealing.SEALED:
        if isinstance(one, SealedColumn):
            rows = one.model._base_manager.filter(**{one.owner: owner.pk}).values_list(one.name, flat=True)
            found[one.label] = [bytes(blob) for blob in rows if blob is not None]
    files = [
        handover_files.stored_file(row) for row in Handover.objects.filter(share__student=owner.pk).exclude(file="")
    ]
    return found | {handover_files.FILE_FIELD: [blob for blob in files if blob]}


def versions(owner: Any) -> set[int]:
    return {int.from_bytes(blob[1:3], "big") for blob in chain.from_iterable(blobs(owner).values())}


def living(owner: Any) -> list[int]:
    rows = DataKey.objects.filter(owner_id=owner.pk, destroyed_at=None).order_by("version")
    return list(rows.values_list("version", flat=True))


def fresh(student: Student) -> Student:
    """The student as a new request finds them."""
    return Student.objects.get(pk=student.pk)


def exported(student: Student) -> str:
    export = export_of(fresh(student), key_of(student)) | {"made_at": ""}
    return json.dumps(in_order(json.loads(json.dumps(export))), sort_keys=True)


def in_order(value: Any) -> Any:
    """With every list sorted: a database gives rows that changed in another order, and says nothing by that."""
    if isinstance(value, dict):
        return {name: in_order(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted(map(in_order, value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


# --- No sealed place is forgotten ----------------------------------------------------------------------------


def forgotten() -> set[str]:
    sealed = {name for name, line in data_map.FIELDS.items() if line.kind is lines.Kind.SEALED} - OF_THE_KEYS
    return (sealed | {handover_files.FILE_FIELD}) ^ {one.label for one in resealing.SEALED}


def test_every_sealed_field_of_the_data_map_is_sealed_anew():
    assert forgotten() == set()


def test_the_guard_sees_a_sealed_field_that_nobody_seals_anew(monkeypatch):
    monkeypatch.setitem(data_map.FIELDS, "consent.Share.sealed_news", data_map.FIELDS["consent.Reply.sealed_text"])
    assert forgotten() == {"consent.Share.sealed_news"}


def test_the_world_below_has_a_value_in_every_place(world, refused):
    parent = Guardian.objects.get()
    filled = {
        place for one in (world, refused, parent, of_the_agreement()) for place, found in blobs(one).items() if found
    }
    assert filled == {one.label for one in resealing.SEALED}


# --- What it does --------------------------------------------------------------------------------------------


def test_everything_hangs_on_the_new_key_and_says_the_same(world, given, imke, file):
    before, sizes = exported(world), {place: sorted(map(len, found)) for place, found in blobs(world).items()}
    preview = access.read(share_id=given.pk, by=imke, action=Action.READ).said
    assert versions(world) == {1}
    said = renew(world)
    count = sum(map(len, [*blobs(world).values(), *blobs(of_the_agreement()).values()]))
    assert f"ready: {count} values sealed anew" in said
    assert versions(world) == {2} and living(world) == [0, 2]
    assert {place: sorted(map(len, found)) for place, found in blobs(world).items()} == sizes
    assert without_looks(exported(world)) == without_looks(before)
    assert access.read(share_id=given.pk, by=imke, action=Action.READ).said == preview
    assert handovers.open_file(handover_id=file.pk, by=imke).startswith(b"%PDF- Sam")
    assert links.open_link(ShareLink.objects.get(), key_of(world)).to.label == "Bakker Bas"
    assert invitations.opened(Invitation.objects.get(), key_of(world)).label == "oma"
    assert ledger.verify() is None


def without_looks(export: str) -> dict[str, Any]:
    return json.loads(export) | {"looks": []}


def test_a_note_and_a_guardian_too(refused):
    parent, before = Guardian.objects.get(), exported(refused)
    renew(refused, parent)
    assert versions(refused) == versions(parent) == {2}
    assert exported(refused) == before and guardian_name(Guardian.objects.get()) == "Noor Vos"
    assert living(parent) == [0, 2]


def test_the_old_key_opens_nothing_that_stands_there_now(world):
    old = key_of(world)
    renew(world)
    for label, found in blobs(world).items():
        for blob in found:
            with pytest.raises(vault.Shredded):
                old.open(blob, field=label, row=world.pk)
    assert DataKey.objects.get(owner_id=world.pk, version=1).wrapped is None


def test_the_key_of_an_agreement_is_renewed_with_the_students(world):
    renew(world)
    assert versions(of_the_agreement()) == {2} and living(of_the_agreement()) == [0, 2]


def test_only_the_one_who_was_named_gets_a_new_key(world, noor):
    renew(noor)
    assert living(noor) == [0, 2] and living(world) == [1] and versions(world) == {1}


def test_everybody_at_once(world, refused, noor):
    said = renew(everybody=True)
    people = [world, refused, noor, *Guardian.objects.all(), of_the_agreement()]
    assert {version for one in people for version in versions(one)} == {2} and f"{len(people)} keys" in said


def test_a_second_time_makes_the_third_version(world):
    before = exported(world)
    renew(world)
    renew(world)
    assert versions(world) == {3} and living(world) == [0, 3] and exported(world) == before


def test_afterwards_the_student_writes_shares_and_erases_as_always(world, care):
    renew(world)
    write(fresh(world), "me.free_time", ["nieuw"])
    share_with_programme(fresh(world), factories.make_programme(), "me.free_time")
    leaving.erase_student(world.pk)
    assert living(world) == [] and not DataKey.objects.filter(owner_id=world.pk).exclude(wrapped=None).exists()


# --- While the site runs -------------------------------------------------------------------------------------


def test_it_waits_before_sealing_anew_and_before_destroying(world):
    steps: list[Any] = []

    def wait(until: Any) -> None:
        steps.append((until - timezone.now(), versions(world), living(world)))

    for _ in resealing.renew_keys([world.pk], pause=resealing.PAUSE, wait=wait):
        pass
    [(first, *before), (second, *after)] = steps
    assert before == [{1}, [0, 1, 2]] and after == [{2}, [0, 1, 2]] and living(world) == [0, 2]
    assert all(timedelta(minutes=3, seconds=59) < one <= resealing.PAUSE for one in (first, second))
    assert resealing.PAUSE > jobs.LEASE


def test_what_somebody_writes_with_the_key_they_had_is_taken_along(world):
    had = key_of(world)
    steps = resealing.renew_keys([world.pk], pause=timedelta(0), wait=lambda until: None)
    next(steps)
    choose_route(passport=world.passport, key=had, route="work", by=world.user)
    assert versions(world) == {1, 2} and json.loads(exported(world))["route"] == "work"
    list(steps)
    assert versions(world) == {2} and json.loads(exported(world))["route"] == "work"


def test_who_had_the_key_before_the_old_one_went_reads_on(world):
    steps = resealing.renew_keys([world.pk], pause=timedelta(0), wait=lambda until: None)
    next(steps)
    held = key_of(world)
    list(steps)
    assert open_answer(fresh(world).passport, held, "me.free_time").value == ["muziek", "koken"]


def test_what_is_written_at_that_very_moment_is_not_overwritten(world, monkeypatch):
    """Between reading the old value and storing it anew the student saves another one."""
    real = vault.Key.reseal

    def saved_first(key, blob, **place):
        if place["field"] == "passport.Passport.sealed_route":
            monkeypatch.setattr(vault.Key, "reseal", real)
            choose_route(passport=world.passport, key=key, route="work", by=world.user)
        return real(key, blob, **place)

    monkeypatch.setattr(vault.Key, "reseal", saved_first)
    renew(world)
    assert json.loads(exported(world))["route"] == "work" and versions(world) == {2}


def test_a_reader_who_knows_the_file_by_its_old_name_still_gets_it(world, file):
    old = Handover.objects.get(pk=file.pk)
    renew(world)
    new = Handover.objects.get(pk=file.pk)
    assert new.file != old.file and not default_storage.exists(old.file)
    assert handover_files.stored_file(old) == handover_files.stored_file(new) is not None
    assert default_storage.listdir("")[1] == [new.file]


def test_a_file_that_became_void_meanwhile_leaves_no_copy(world, file, monkeypatch):
    real = FileSystemStorage.save

    def void_first(self, *args, **options):
        Handover.objects.filter(pk=file.pk).update(status=Handover.Status.VOID)
        return real(self, *args, **options)

    monkeypatch.setattr(FileSystemStorage, "save", void_first)
    renew(world)
    assert default_storage.listdir("")[1] == [file.file]
    handovers.destroy_files()
    assert default_storage.listdir("")[1] == []


def test_a_sweep_that_looked_before_the_file_moved_finds_it_the_next_time(world, file, monkeypatch):
    Handover.objects.update(ready_at=timezone.now() - handovers.KEPT - timedelta(days=1))
    real = FileSystemStorage.delete

    def moves_first(self, name):
        if name == file.file:
            monkeypatch.setattr(FileSystemStorage, "delete", real)
            renew(world)
        real(self, name)

    monkeypatch.setattr(FileSystemStorage, "delete", moves_first)
    handovers.destroy_files()
    handovers.destroy_files()
    assert default_storage.listdir("")[1] == [] and Handover.objects.get(pk=file.pk).file == ""


# --- Halfway -------------------------------------------------------------------------------------------------


class Killed(Exception):
    pass


@pytest.mark.parametrize("after", [0, 1, 4, 9])
def test_killed_halfway_both_open_and_the_next_run_finishes(world, monkeypatch, after):
    before, real, left = exported(world), vault.Key.reseal, [after]

    def killed(key, blob, **place):
        if not left[0]:
            raise Killed
        left[0] -= 1
        return real(key, blob, **place)

    monkeypatch.setattr(vault.Key, "reseal", killed)
    with pytest.raises(Killed):
        renew(world)
    assert living(world) == [0, 1, 2] and exported(world) == before
    monkeypatch.setattr(vault.Key, "reseal", real)
    renew(world)
    assert versions(world) == {2} and living(world) == [0, 2] and exported(world) == before


def test_whoever_is_erased_meanwhile_stays_erased(world, noor):
    steps = resealing.renew_keys([world.pk, noor.pk], pause=timedelta(0), wait=lambda until: None)
    next(steps)
    vault.shred(world.pk)
    list(steps)
    assert living(world) == [] and living(noor) == [0, 2]
    assert list(resealing.renew_keys([world.pk], pause=timedelta(0), wait=lambda until: None)) == []


def test_a_value_that_does_not_open_keeps_the_old_key_until_told_otherwise(world):
    broken = bytes(blobs(world)["passport.Passport.sealed_route"][0][:-1]) + b"x"
    type(world.passport).objects.filter(pk=world.pk).update(sealed_route=broken)
    with pytest.raises(CommandError, match="1 values do not open"):
        renew(world)
    assert living(world) == [0, 1, 2]
    assert "ready" in renew(world, drop_broken=True)
    assert living(world) == [0, 2]


def test_of_several_only_the_one_with_a_broken_value_keeps_the_old_key(world, noor):
    Student.objects.filter(pk=world.pk).update(sealed_identity=b"\1\0\1" + bytes(60))
    with pytest.raises(CommandError):
        renew(world, noor)
    assert living(world) == [0, 1, 2] and living(noor) == [0, 2]


# --- The command ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["nobody"], ["--everybody", "x"]])
def test_the_command_wants_to_know_exactly_whom(words):
    with pytest.raises(CommandError):
        call_command("renew_key", *words)


def test_staff_have_no_key(imke):
    with pytest.raises(CommandError, match="no student or guardian"):
        call_command("renew_key", imke.username)


def test_it_tells_numbers_and_no_person(world, capsys):
    said = renew(world)
    assert world.user.username not in said and str(world.pk) not in said and "Sam" not in said


def test_counting_adds_up():
    assert Resealed(1, 2) + Resealed(3, 4) == Resealed(4, 6)
