"""For whom something is new, many at once: exactly those who can open it, whoever they are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Institution, Role, Tie, User
from consent import access, news
from consent.services import set_named
from intake.services import leaving, sharing
from tests import factories

LONG_AGO = timedelta(days=30)


def said_to(user: User) -> bool:
    return user.pk in news.newest_shares(timezone.now() - LONG_AGO)


@pytest.fixture
def world(sam, class_a, mentor, care, imke, otto, noor):
    """Everybody who might read something of Sam, with everything Sam can share."""
    school, college = class_a.institution, care.institution
    other = Institution.objects.create(name="Elders", kind=Institution.Kind.VSO)
    yesterday, tomorrow = timezone.localdate() - timedelta(days=1), timezone.localdate() + timedelta(days=1)
    ended = factories.make_staff(Role.MENTOR, school_class=class_a)
    ended.memberships.update(ends_on=yesterday)
    later = factories.make_staff(Role.MENTOR, school_class=class_a)
    later.memberships.update(starts_on=tomorrow)
    named, unnamed = (factories.make_staff(Role.CARE, institution=school) for _ in range(2))
    coach, past, parent = factories.make_user(), factories.make_user(), factories.make_parent(sam).user
    factories.make_tie(sam, coach, "coach")
    factories.make_tie(sam, past, "coach")
    everybody = [
        mentor, imke, otto, ended, later, named, unnamed, coach, past, parent,
        factories.make_staff(Role.COUNSELLOR, institution=school),
        factories.make_staff(Role.COUNSELLOR, institution=other),
        factories.make_staff(Role.COORDINATOR, institution=school),
        factories.make_staff(Role.COORDINATOR, institution=college),
        factories.make_staff(Role.MENTOR, school_class=factories.make_class("B")),
        factories.make_staff(Role.MENTOR, programme=care),
        factories.make_staff(Role.INTAKER, programme=factories.make_programme()),
    ]  # fmt: skip
    shares = [
        factories.share(sam, "school_team", school.pk, "me.free_time"),
        factories.share(sam, "coach", coach.pk, "me.free_time"),
        factories.share(sam, "coach", past.pk, "me.free_time"),
        factories.share(sam, "guardian", parent.pk, "me.free_time"),
        factories.share_with_programme(sam, care, "me.free_time"),
        factories.share_with_programme(sam, factories.make_programme(), "me.free_time", warm_transfer=True),
    ]
    set_named(shares[0], [named.pk])
    Tie.objects.filter(person=past).update(ends_on=yesterday)
    return everybody, shares


def agree(everybody: list[User]) -> int:
    """For each of them the list says what the door says; returns for how many it is a yes."""
    found = news.newest_shares(timezone.now() - LONG_AGO)
    for user in everybody:
        opened = access.newest_open_shares(user).values_list("released_at", flat=True)
        assert found.get(user.pk) == (opened[0] if opened else None), user.memberships.values()
    return len(found)


def test_it_says_what_the_door_says_for_everybody(world):
    everybody, _ = world
    assert agree(everybody) == 6  # mentor, counsellor, the named one, coach, parent, intaker


@pytest.mark.parametrize("end", ["withdraw", "frozen", "past", "erased", "read_along"])
def test_it_says_so_no_longer(world, sam, end):
    everybody, shares = world
    if end == "withdraw":
        for share in shares:
            sharing.withdraw(share=share, by=sam.user)
    elif end == "frozen":
        leaving.freeze(student=sam, by=sam.user)
    elif end == "past":
        type(shares[0]).objects.update(valid_until=timezone.localdate() - timedelta(days=1))
    elif end == "erased":
        User.objects.filter(pk=sam.user_id).update(is_active=False)
    else:
        sharing.withdraw(share=shares[0], by=sam.user)
        assert agree(everybody) == 5  # the mentor and the counsellor read along with the warm transfer; nobody is named
        return
    assert agree(everybody) == 0


def test_under_sixteen_there_is_nothing_before_a_guardians_yes(care, imke):
    young = factories.make_pupil(age=14)
    factories.write(young, "me.free_time", ["muziek"])
    parent = factories.make_parent(young).user
    share = factories.share_with_programme(young, care, "me.free_time")
    assert not said_to(imke)
    assert news.newest_asks(timezone.now() - LONG_AGO).keys() == {parent.pk}
    sharing.approve(share_id=share.pk, by=parent)
    assert said_to(imke) and news.newest_asks(timezone.now() - LONG_AGO) == {}


@pytest.mark.parametrize("end", ["no_authority", "ended", "sixteen", "frozen"])
def test_who_has_no_say_is_asked_nothing(end, care):
    young = factories.make_pupil(age=14)
    factories.write(young, "me.free_time", ["muziek"])
    factories.make_parent(young)
    factories.share_with_programme(young, care, "me.free_time")
    assert news.newest_asks(timezone.now() - LONG_AGO)
    if end == "no_authority":
        Tie.objects.update(authority_checked_at=None)
    elif end == "ended":
        Tie.objects.update(ends_on=timezone.localdate() - timedelta(days=1))
    elif end == "frozen":
        leaving.freeze(student=young, by=young.user)
    else:
        key = factories.key_of(young)
        born = factories.Identity("Kim", "Vos", birth_date=factories.born(16))
        factories.change_identity(student=young, key=key, identity=born)
    assert news.newest_asks(timezone.now() - LONG_AGO) == {}


def test_what_was_released_before_is_not_new(given, imke):
    assert said_to(imke) and imke.pk not in news.newest_shares(timezone.now())
