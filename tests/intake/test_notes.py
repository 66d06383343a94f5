"""Notes of talks at school: who writes, that they are the student's too, and that they end with the share."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from intake.models import TalkNote
from intake.services import export, leaving, notes, sharing
from tests import factories
from tests.factories import key_of

BSN = "Mijn BSN is 111222333"


@pytest.fixture
def lob(sam, class_a):
    return factories.share(sam, "school_team", class_a.institution_id, "me.free_time", "home.worries")


@pytest.fixture
def note(lob, mentor) -> TalkNote:
    return write(lob, mentor)


def write(share, by, **said) -> TalkNote:
    known = {"held_on": timezone.localdate(), "kind": "mentor", "text": "Ging goed.", "points": ["Bel de opleiding"]}
    return notes.write_note(share_id=share.pk, by=by, **known | said)


def seen_by(share, by):
    return notes.notes_of(access.read(share_id=share.pk, by=by, action=Action.READ))


@pytest.mark.parametrize("who", ["mentor", "counsellor"])
def test_the_school_team_writes_and_both_read(request, lob, class_a, sam, who, mentor):
    by = mentor if who == "mentor" else factories.make_staff("counsellor", institution=class_a.institution)
    write(lob, by, kind="parent")
    for [found] in (seen_by(lob, mentor), notes.own_notes(sam, key_of(sam))):
        assert (found.text, [point.text for point in found.points]) == ("Ging goed.", ["Bel de opleiding"])
        assert "drieën" in str(found.kind) and found.by == by.staff_name


def test_nobody_else_writes_or_reads(lob, note, imke, noor, sam, class_a, given):
    others = [
        imke, noor.user, sam.user, factories.make_user(is_superuser=True), factories.make_parent(sam).user,
        factories.make_staff("mentor", school_class=factories.make_class("B")),
        factories.make_staff("coordinator", institution=class_a.institution),
    ]  # fmt: skip
    for by in others:
        with pytest.raises(NotHere):
            write(lob, by)
        with pytest.raises(NotHere):
            seen_by(lob, by)
    with pytest.raises(NotHere):
        write(given, imke)  # what is shared for an intake has no notes of school
    assert seen_by(given, imke) == [] and TalkNote.objects.count() == 1


def test_a_note_that_does_not_fit_says_where(lob, mentor):
    day = timezone.localdate() + timedelta(days=1)
    wrong = [
        ({"text": BSN}, "text"), ({"points": [BSN]}, "points"), ({"points": ["x" * 121]}, "points"),
        ({"points": [str(n) for n in range(9)]}, "points"), ({"text": "", "points": []}, "text"),
        ({"held_on": day}, "held_on"),
    ]  # fmt: skip
    for said, field in wrong:
        with pytest.raises(Refusal) as no:
            write(lob, mentor, **said)
        assert no.value.field == field
    assert not TalkNote.objects.exists()


def test_the_student_ticks_off_and_the_mentor_sees_it(lob, note, sam, mentor, noor):
    key = key_of(sam)
    with pytest.raises(NotHere):
        notes.tick_point(student=noor, key=key_of(noor), note_id=note.pk, number=0, done=True, by=noor.user)
    with pytest.raises(NotHere):
        notes.tick_point(student=sam, key=key, note_id=note.pk, number=0, done=True, by=mentor)
    with pytest.raises(Refusal, match="no_point"):
        notes.tick_point(student=sam, key=key, note_id=note.pk, number=1, done=True, by=sam.user)
    notes.tick_point(student=sam, key=key, note_id=note.pk, number=0, done=True, by=sam.user)
    assert seen_by(lob, mentor)[0].points[0].is_done
    notes.tick_point(student=sam, key=key, note_id=note.pk, number=0, done=False, by=sam.user)
    assert not seen_by(lob, mentor)[0].points[0].is_done


def test_when_sharing_stops_only_the_student_has_the_note(lob, note, sam, mentor, class_a):
    sharing.withdraw(share=lob, by=sam.user)
    with pytest.raises(NotHere):
        seen_by(lob, mentor)
    again = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    assert seen_by(again, mentor) == []
    [own] = notes.own_notes(sam, key_of(sam))
    assert own.text == "Ging goed." and not own.is_seen


def test_the_student_takes_it_away_for_everybody(lob, note, sam, mentor, noor):
    with pytest.raises(NotHere):
        notes.remove_note(student=noor, note_id=note.pk, by=noor.user)
    with pytest.raises(NotHere):
        notes.remove_note(student=sam, note_id=note.pk, by=mentor)
    notes.remove_note(student=sam, note_id=note.pk, by=sam.user)
    assert seen_by(lob, mentor) == []


def test_it_is_in_the_export_and_goes_with_the_student(note, sam):
    [row] = export.export_of(sam, key_of(sam))["talk_notes"]
    assert row["points"] == [{"text": "Bel de opleiding", "done": False}]
    leaving.erase_student(sam.pk)
    assert not TalkNote.objects.exists()


def test_from_the_mentors_page_to_the_students_list(lob, sam, mentor, browser_of):
    at = browser_of(mentor)
    day = timezone.localdate().isoformat()
    said = {"held_on": day, "kind": "mentor", "points": "Bel de opleiding\nKijk op de open dag", "text": ""}
    page = at.post(reverse("note_write", args=[lob.pk]), {**said, "points": BSN})
    assert page.status_code == 400 and "BSN" in page.content.decode()
    assert at.post(reverse("note_write", args=[lob.pk]), said).status_code == 302
    assert "Kijk op de open dag" in at.get(reverse("dossier", args=[lob.pk])).content.decode()
    own = browser_of(sam)
    assert reverse("own_notes") in own.get(reverse("today")).content.decode()
    page = own.get(reverse("own_notes")).content.decode()
    assert "Bel de opleiding" in page and "Je mentor en je decaan zien dit ook." in page
    note = TalkNote.objects.get()
    own.post(reverse("note_tick", args=[note.pk]), {"number": "1", "done": "1"})
    assert "Gedaan" in own.get(reverse("own_notes")).content.decode()
    own.post(reverse("note_remove", args=[note.pk]))
    assert "Er is nog niets afgesproken." in own.get(reverse("own_notes")).content.decode()


def test_worries_at_home_come_with_one_fixed_line_for_staff(sam, lob, mentor, browser_of):
    line = "Denk aan de meldcode. Bespreek het eerst met de student."
    assert line not in browser_of(mentor).get(reverse("dossier", args=[lob.pk])).content.decode()
    factories.write(sam, "home.worries", "Ik slaap soms bij oma.")
    assert line in browser_of(mentor).get(reverse("dossier", args=[lob.pk])).content.decode()
    parent = factories.make_parent(sam).user
    home = factories.share(sam, "guardian", parent.pk, "home.worries")
    assert line not in browser_of(parent).get(reverse("dossier", args=[home.pk])).content.decode()
