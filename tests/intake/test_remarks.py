"""What somebody from home writes beside a text: for the student alone, never in the text, never for another reader."""

import pytest
from django.urls import reverse

from accounts.refusals import NotHere, Refusal
from intake.models import Remark
from intake.services import export, leaving, remarks, sharing
from tests import factories
from tests.factories import key_of

TEXT = "Kwetalina kookt elke zondag"


@pytest.fixture
def parent(sam):
    return factories.make_parent(sam).user


@pytest.fixture
def home(sam, parent):
    return factories.share(sam, "guardian", parent.pk, "me.free_time", "can.strengths", "me.name")


@pytest.fixture
def remark(home, parent) -> Remark:
    remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text=TEXT)
    return Remark.objects.get()


def own(student):
    return [(one.label, one.text, one.hidden) for one in remarks.remarks_for(student, key_of(student))]


def test_the_parent_writes_and_the_student_reads_it_apart(remark, sam, home, parent, browser_of):
    [(label, text, hidden)] = own(sam)
    assert text == TEXT and not hidden and label
    answer = browser_of(sam).get("/api/v1/passport/").json()["answers"]["me.free_time"]
    assert answer["value"] == ["muziek", "koken"]
    assert TEXT in browser_of(parent).get(reverse("dossier", args=[home.pk])).content.decode()
    assert TEXT in browser_of(sam).get(reverse("own_remarks")).content.decode()


def test_nobody_else_writes_or_reads_it(remark, sam, home, given, imke, mentor, class_a, noor, browser_of):
    other = factories.make_parent(sam).user
    for by in (other, imke, mentor, noor.user, sam.user, factories.make_user(is_superuser=True)):
        with pytest.raises(NotHere):
            remarks.write_remark(share_id=home.pk, by=by, unit="me.free_time", text="x")
    with pytest.raises(NotHere):
        remarks.write_remark(share_id=given.pk, by=imke, unit="me.free_time", text="x")
    theirs = factories.share(sam, "guardian", other.pk, "me.free_time")
    lob = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    for by, share in ((other, theirs), (mentor, lob), (imke, given)):
        client = browser_of(by)
        pages = [client.get(reverse("dossier", args=[share.pk])), client.get(f"/api/v1/dossiers/{share.pk}/")]
        assert all(TEXT not in page.content.decode() for page in pages)
    assert own(noor) == []


def test_it_stands_beside_what_is_shared_and_said_alone(home, parent, sam):
    for unit in ("need.diagnosis", "me.name", "nonsense", ""):  # not shared, says nothing, does not exist
        with pytest.raises(NotHere):
            remarks.write_remark(share_id=home.pk, by=parent, unit=unit, text="x")
    assert not Remark.objects.exists()


def test_a_new_remark_takes_the_place_of_the_old_and_empty_takes_it_away(remark, home, parent, sam):
    remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text="En hij zingt")
    assert [text for _, text, _ in own(sam)] == ["En hij zingt"]
    remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text=" ")
    assert own(sam) == []


@pytest.mark.parametrize("text", ["Mijn BSN is 111222333", "x" * 501])
def test_what_does_not_fit_is_refused_and_stays_in_the_form(home, parent, browser_of, text):
    with pytest.raises(Refusal):
        remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text=text)
    page = browser_of(parent).post(reverse("remark_write", args=[home.pk]), {"unit": "me.free_time", "remark": text})
    assert page.status_code == 400 and text in page.content.decode() and not Remark.objects.exists()


def test_the_student_hides_it_and_who_wrote_it_does_not_hear(remark, sam, parent, home, noor, browser_of):
    with pytest.raises(NotHere):
        remarks.hide_remark(student=noor, remark_id=remark.pk, hidden=True, by=noor.user)
    with pytest.raises(NotHere):
        remarks.hide_remark(student=sam, remark_id=remark.pk, hidden=True, by=parent)
    client = browser_of(sam)
    client.post(reverse("remark_hide", args=[remark.pk]), {"hidden": "1"})
    page = client.get(reverse("own_remarks")).content.decode()
    assert TEXT not in page and "Dit legde je weg" in page
    assert reverse("own_remarks") not in client.get(reverse("today")).content.decode()
    assert TEXT in browser_of(parent).get(reverse("dossier", args=[home.pk])).content.decode()
    client.post(reverse("remark_hide", args=[remark.pk]), {"hidden": "0"})
    assert TEXT in client.get(reverse("own_remarks")).content.decode()


def test_when_sharing_stops_only_the_student_has_it(remark, home, parent, sam):
    sharing.withdraw(share=home, by=sam.user)
    with pytest.raises(NotHere):
        remarks.write_remark(share_id=home.pk, by=parent, unit="me.free_time", text="x")
    assert [text for _, text, _ in own(sam)] == [TEXT]


def test_it_is_in_the_export_without_a_name_and_goes_with_the_student(remark, sam):
    [row] = export.export_of(sam, key_of(sam))["from_home"]
    assert (row["text"], row["by"]) == (TEXT, export.FROM_HOME)
    leaving.erase_student(sam.pk)
    assert not Remark.objects.exists()
