"""The small rooms behind the door: lists, who stands in a recipient, the one permission row, one release of a share."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Membership
from accounts.refusals import NotHere
from consent import access
from consent.ledger import Action, looks_at
from consent.models import Share, ShareGroupObjectPermission, ShareItem
from intake.models import Case
from intake.services import sharing
from tests import factories
from tests.factories import key_of, share, share_by_link, share_with_programme


def said(dossier):
    return [(one.unit.key, one.value) for one in dossier.said]


def given_by_somebody(care):
    student = factories.make_pupil()
    factories.write(student, "me.free_time", ["muziek"])
    return share_with_programme(student, care, "me.free_time")


# --- Lists ---------------------------------------------------------------------------------------------------


def test_the_newest_release_comes_first(care, imke):
    shares = sorted((given_by_somebody(care) for _ in range(3)), key=lambda one: one.pk)
    now = timezone.now()
    for minutes, one in zip((5, 1, 9), shares, strict=True):
        Share.objects.filter(pk=one.pk).update(released_at=now - timedelta(minutes=minutes))
    assert list(access.newest_open_shares(imke)) == [shares[1], shares[0], shares[2]]


def test_a_list_may_be_of_one_kind_of_another_day_and_without_reading_along(sam, care, mentor, imke, class_a):
    lob = share(sam, "school_team", class_a.institution_id, "me.free_time")
    warm = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert set(access.open_shares(mentor)) == {lob, warm}
    assert list(access.open_shares(mentor, kind="school_team")) == [lob]
    assert list(access.open_shares(mentor, kind="programme")) == [warm]
    assert list(access.open_shares(mentor, warm=False)) == [lob]
    assert list(access.open_shares(mentor.pk, kind="programme", warm=False)) == []
    assert list(access.open_shares(imke, on=warm.valid_until)) == [warm]
    assert list(access.open_shares(imke, on=warm.valid_until + timedelta(days=1))) == []


def test_a_list_of_one_kind_holds_no_share_of_another_with_the_same_programme(given, sam, care, imke):
    """The team of the college and the intake are of one programme, and who did the intake reads no guidance by that."""
    Case.objects.filter(share=given).update(status=Case.Status.PLACED)
    guidance = share(sam, "college_team", care.pk, "me.free_time")
    assert list(access.open_shares(imke, kind="programme")) == [given]
    assert list(access.open_shares(imke, kind="college_team")) == [] == list(access.open_shares(imke, kind="link"))
    Membership.objects.create(user=imke, role="mentor", programme=care)
    assert list(access.open_shares(imke, kind="programme")) == [given]
    assert list(access.open_shares(imke, kind="college_team")) == [guidance]


def test_a_list_without_reading_along_holds_nothing_for_who_left_the_recipient(sam, care, mentor):
    """Whoever did the intake until yesterday and is mentor of the pupil reads along, and in no other way."""
    warm = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    today = timezone.localdate()
    dates = {"starts_on": today - timedelta(days=9), "ends_on": today - timedelta(days=1)}
    Membership.objects.create(user=mentor, role="intaker", programme=care, **dates)
    assert list(access.open_shares(mentor, kind="programme")) == [warm]
    assert list(access.open_shares(mentor, kind="programme", warm=False)) == []


def test_who_is_no_longer_there_is_in_no_list(given, sam, imke):
    assert list(access.open_shares(imke)) == [given]
    type(sam.user).objects.filter(pk=sam.user_id).update(is_active=False)
    assert list(access.open_shares(imke)) == []


def test_a_list_brings_what_a_page_shows_along(given, imke, django_assert_num_queries):
    with django_assert_num_queries(1):
        [one] = access.open_shares(imke)
        assert one.programme.institution.name and one.student.pk


def test_one_share_is_fetched_by_who_may_open_it(given, imke, otto, mentor, sam):
    assert access.get_share_or_404(given.pk, imke) == given
    for nobody in (otto, mentor, sam.user):
        with pytest.raises(NotHere):
            access.get_share_or_404(given.pk, nobody)
    with pytest.raises(NotHere):
        access.get_share_or_404(uuid4(), imke)


def test_a_warm_share_is_fetched_by_the_school_team_while_it_is_warm(sam, care, mentor):
    warm = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert access.get_share_or_404(warm.pk, mentor) == warm
    sharing.change(share=warm, key=key_of(sam), by=sam.user, warm_transfer=False)
    with pytest.raises(NotHere):
        access.get_share_or_404(warm.pk, mentor)


# --- Who stands in the recipient -----------------------------------------------------------------------------


def test_who_stands_in_the_recipient_today_whatever_became_of_the_share(given, sam, imke, otto):
    assert access.stands_in_recipient(given.pk, imke) is True
    assert (
        access.stands_in_recipient(given.pk, otto) is False and access.stands_in_recipient(given.pk, sam.user) is False
    )
    sharing.withdraw(share=given, by=sam.user)
    assert access.stands_in_recipient(given.pk, imke) is True
    Membership.objects.filter(user=imke).update(ends_on=timezone.localdate() - timedelta(days=1))
    assert access.stands_in_recipient(given.pk, imke) is False
    assert access.stands_in_recipient(uuid4(), imke) is False


def test_who_reads_along_does_not_stand_in_the_recipient(sam, care, mentor):
    warm = share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    assert access.get_share_or_404(warm.pk, mentor) and access.stands_in_recipient(warm.pk, mentor) is False


# --- The permission row --------------------------------------------------------------------------------------


def test_a_live_share_has_one_row_of_the_group_of_its_recipient(given, sam, care):
    row = ShareGroupObjectPermission.objects.get(content_object=given)
    assert row.group.name == f"programme:{care.pk}" and row.permission.codename == "open_dossier"
    other = given_by_somebody(care)
    access.open_door(given)
    assert ShareGroupObjectPermission.objects.filter(group=row.group).count() == 2
    access.close_door(given)
    assert [one.content_object_id for one in ShareGroupObjectPermission.objects.filter(group=row.group)] == [other.pk]
    assert Group.objects.filter(pk=row.group_id).exists()


def test_a_link_has_a_group_of_its_own_that_goes_with_it(sam):
    one, two = share_by_link(sam, "can.strengths"), share_by_link(sam, "can.strengths", email="b@bakkerij.example")
    assert set(Group.objects.filter(name__startswith="link:").values_list("name", flat=True)) == {
        f"link:{one.pk}",
        f"link:{two.pk}",
    }
    access.close_door(one)
    assert list(Group.objects.filter(name__startswith="link:").values_list("name", flat=True)) == [f"link:{two.pk}"]
    assert not ShareGroupObjectPermission.objects.filter(content_object=one).exists()


# --- Without a person ----------------------------------------------------------------------------------------


def test_a_handover_reads_its_own_release_as_the_recipient_and_leaves_no_look(given, sam, imke):
    mine = access.read_as_recipient(share_id=given.pk, release=given.release)
    assert not looks_at(sam.pk).exists()
    assert said(mine) == said(access.read(share_id=given.pk, by=imke, action=Action.READ))
    for release in (given.release - 1, given.release + 1):
        with pytest.raises(NotHere):
            access.read_as_recipient(share_id=given.pk, release=release)
    with pytest.raises(NotHere):
        access.read_as_recipient(share_id=uuid4(), release=1)


def test_without_a_reader_no_share_but_a_link_is_read_and_that_only_with_its_code(given, sam):
    link = share_by_link(sam, "can.strengths")
    for code in access.Code:
        with pytest.raises(NotHere):
            access.read(share_id=given.pk, by=None, action=Action.LINK, code=code)
    for code in set(access.Code) - {access.Code.SHOWN, access.Code.NOT_NEEDED}:
        with pytest.raises(NotHere):
            access.read(share_id=link.pk, by=None, action=Action.LINK, code=code)
    with pytest.raises(NotHere):
        access.read(share_id=link.pk, by=None, action=Action.LINK)
    shown = access.read(share_id=link.pk, by=None, action=Action.LINK, code=access.Code.SHOWN)
    assert [key for key, _ in said(shown)] == ["can.strengths"]
    look = looks_at(sam.pk).get()
    assert look.actor_id is None and look.detail["action"] == "link"


# --- What a look names ---------------------------------------------------------------------------------------


def test_who_somebody_is_stands_in_the_look_too(sam, care, imke):
    one = share_with_programme(sam, care, "identity.school", "me.free_time")
    dossier = access.read(share_id=one.pk, by=imke, action=Action.READ)
    assert set(dossier.student) == {"display_name", "school"}
    key = key_of(sam)
    assert set(looks_at(sam.pk).get().detail["slots"]) == {
        key.slot(u).hex() for u in ("identity.school", "me.free_time")
    }


def test_what_is_sensitive_is_not_read_at_a_workplace_whatever_the_share_names(sam):
    """Nobody can give it so (consent/services/planning.py); a row that says it all the same opens nothing more."""
    often = {"how_often": "vaak", "what_works": "Praat recht naar mij", "why": ""}
    factories.write(sam, "need.support", [{"need": need, **often} for need in ("quiet", "hearing")])
    link, key = share_by_link(sam, "can.strengths", "need.support.quiet"), key_of(sam)
    read = lambda: access.read(share_id=link.pk, by=None, action=Action.LINK, code=access.Code.SHOWN)  # noqa: E731
    assert [unit for unit, _ in said(read())] == ["can.strengths", "need.support.quiet"]
    item = ShareItem.objects.get(share=link, slot=key.slot("need.support.quiet"))
    ShareItem.objects.filter(pk=item.pk).update(slot=key.slot("need.support.hearing"))
    assert [unit for unit, _ in said(read())] == ["can.strengths"]
