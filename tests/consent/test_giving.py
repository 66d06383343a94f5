"""Giving, changing and ending: only the student gives, and a wish that does not fit is refused at its field."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.identity import AgeBand
from accounts.refusals import NotHere, Refusal
from consent import access, services
from consent.ledger import Action
from consent.models import RecipientKind, Share
from consent.purposes import first_of_october
from intake.models import Case
from intake.services import sharing
from tests import factories
from tests.factories import key_of, share, share_with_programme, write

TODAY = timezone.localdate


@pytest.mark.parametrize("age", AgeBand)
@pytest.mark.parametrize("kind", RecipientKind)
@pytest.mark.parametrize("represented", [False, True])
def test_who_must_also_say_yes(age, kind, represented):
    """Contract, rule 10, over every age band, recipient and representative."""
    inside = kind in ("school_team", "guardian")
    expected = not inside and (age in ("under_16", "unknown") or (represented and age == "adult"))
    assert services.needs_guardian(age, kind, represented=represented) is expected


@pytest.mark.parametrize(
    ("age", "state"), [(15, "awaiting_guardian"), (16, "active"), (18, "active"), (None, "awaiting_guardian")]
)
def test_a_share_outside_school_waits_under_sixteen(care, age, state):
    student = factories.make_pupil(age=age)
    write(student, "me.name", "Sam")
    assert share_with_programme(student, care, "me.name").state == state


def test_giving_opens_one_door_and_one_case(given, care):
    assert Case.objects.get(share=given).programme == care
    assert given.release == 1 and given.releases.count() == 1


@pytest.mark.parametrize(
    ("units", "code"),
    [
        ((), "no_units"),
        (("me.free_time", "me.nonsense"), "unknown_unit"),
        (("need.support",), "unknown_unit"),
        (("me.proud",), "nothing_to_share"),
        (("need.support.time",), "nothing_to_share"),
        (("identity.application_ref",), "nothing_to_share"),
    ],
)
def test_units_that_cannot_be_shared_are_refused(sam, care, units, code):
    with pytest.raises(Refusal) as refusal:
        share_with_programme(sam, care, *units)
    assert (refusal.value.code, refusal.value.field) == (code, "units")
    assert not Share.objects.exists()


@pytest.mark.parametrize(("days", "code"), [(-1, "date_past"), (700, "date_too_late")])
def test_the_end_lies_in_what_the_purpose_allows(sam, care, days, code):
    with pytest.raises(Refusal) as refusal:
        share_with_programme(sam, care, "me.free_time", valid_until=TODAY() + timedelta(days=days))
    assert (refusal.value.code, refusal.value.field) == (code, "valid_until")


def test_the_longest_day_itself_is_allowed(sam, care):
    assert share_with_programme(sam, care, "me.free_time").valid_until == first_of_october(TODAY())


def test_an_unknown_recipient_is_refused(sam):
    with pytest.raises(Refusal, match="unknown_recipient"):
        share(sam, "programme", uuid4(), "me.free_time")


def test_the_parent_of_another_student_is_an_unknown_recipient(sam, noor):
    parent = factories.make_parent(noor)
    with pytest.raises(Refusal, match="unknown_recipient"):
        share(sam, "guardian", parent.user_id, "me.free_time")


def test_the_team_of_a_college_only_after_the_start_there(sam, care):
    with pytest.raises(Refusal, match="unknown_recipient"):
        share(sam, "college_team", care.pk, "me.free_time")
    first = share_with_programme(sam, care, "me.free_time")
    Case.objects.filter(share=first).update(status=Case.Status.PLACED)
    assert share(sam, "college_team", care.pk, "me.free_time").state == "active"


def test_a_warm_transfer_belongs_to_a_programme_only(sam, class_a):
    with pytest.raises(Refusal, match="no_warm_transfer"):
        share(sam, "school_team", class_a.institution_id, "me.free_time", warm_transfer=True)


def test_one_live_share_per_recipient_and_purpose(given, sam, care):
    with pytest.raises(Refusal, match="already_shared") as refusal:
        share_with_programme(sam, care, "can.strengths")
    assert refusal.value.status == 409


def test_after_stopping_the_student_can_share_again(given, sam, care):
    sharing.withdraw(share=given, by=sam.user)
    assert share_with_programme(sam, care, "me.free_time").state == "active"


@pytest.mark.parametrize("who", ["imke", "mentor", "noor", "admin"])
def test_nobody_else_gives_changes_releases_or_stops(request, sam, given, care, who):
    """Contract, rule 11: no staff session can create or widen a share."""
    found = factories.make_user(is_superuser=True) if who == "admin" else request.getfixturevalue(who)
    user = getattr(found, "user", found)
    key = key_of(sam)
    wish = services.Wish("programme", factories.make_programme().pk, "intake", ("me.free_time",), TODAY())
    acts = [
        lambda: sharing.give(student=sam, key=key, wish=wish, by=user),
        lambda: sharing.change(share=given, key=key, units=["me.free_time", "can.strengths"], by=user),
        lambda: sharing.release(share=given, key=key, units=["me.free_time"], by=user),
        lambda: sharing.withdraw(share=given, by=user),
    ]
    for act in acts:
        with pytest.raises(NotHere):
            act()


def test_the_yes_carries_what_was_seen(sam, care):
    key = key_of(sam)
    wish = services.Wish("programme", care.pk, "intake", ("me.free_time",), TODAY())
    seen = services.digest_of(sharing.plan(student=sam, key=key, wish=wish).dossier(key), key).hex()
    write(sam, "me.free_time", ["anders"])
    with pytest.raises(Refusal, match="changed") as refusal:
        sharing.give(student=sam, key=key, wish=wish, by=sam.user, seen=seen)
    assert refusal.value.status == 409 and not Share.objects.exists()


def test_taking_a_unit_away_holds_at_once(given, sam, imke):
    sharing.change(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    dossier = access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert [said.unit.key for said in dossier.said] == ["me.free_time"]


def test_a_frozen_student_gives_nothing(sam, care):
    sam.frozen_at = timezone.now()
    sam.save(update_fields=["frozen_at"])
    with pytest.raises(Refusal, match="frozen"):
        share_with_programme(sam, care, "me.free_time")


def test_taking_away_and_emptying_look_the_same_to_the_reader(given, sam, imke):
    before = given.released_at
    changed = sharing.change(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)
    assert changed.released_at == before
    more = sharing.change(share=changed, key=key_of(sam), units=["me.free_time", "can.strengths"], by=sam.user)
    assert more.released_at > before


def test_adding_a_unit_releases_only_that_unit(given, sam, imke):
    write(sam, "me.free_time", ["nieuw"])
    units = ["me.free_time", "need.support.quiet", "can.strengths"]
    sharing.change(share=given, key=key_of(sam), units=units, by=sam.user)
    dossier = access.read(share_id=given.pk, by=imke, action=Action.READ)
    assert [said.value for said in dossier.said][:2] == [["muziek", "koken"], ["netjes werken"]]


def test_taking_everything_away_is_stopping_and_not_a_change(given, sam):
    with pytest.raises(Refusal, match="no_units"):
        sharing.change(share=given, key=key_of(sam), units=[], by=sam.user)


def test_the_end_can_move_while_a_shared_answer_was_emptied(given, sam):
    write(sam, "me.free_time", status="later")
    until = TODAY() + timedelta(days=3)
    assert sharing.change(share=given, key=key_of(sam), valid_until=until, by=sam.user).valid_until == until


def test_an_ended_share_cannot_be_changed_or_released(given, sam):
    sharing.withdraw(share=given, by=sam.user)
    given.refresh_from_db()
    for act in (sharing.change, sharing.release):
        with pytest.raises(Refusal, match="ended"):
            act(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user)


def test_stopping_twice_is_no_error(given, sam):
    sharing.withdraw(share=given, by=sam.user)
    assert sharing.withdraw(share=given, by=sam.user).state == "withdrawn"


def test_every_change_is_a_new_release(given, sam):
    write(sam, "me.free_time", ["nieuw"])
    assert sharing.release(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user).release == 2
    assert sharing.change(share=given, key=key_of(sam), units=["me.free_time"], by=sam.user).release == 3
    assert sharing.withdraw(share=given, by=sam.user).release == 4


def test_newer_texts_are_named_until_they_are_released(given, sam):
    key = key_of(sam)
    assert services.newer_units(given, key) == []
    write(sam, "me.free_time", ["nieuw"])
    assert services.newer_units(given, key) == ["me.free_time"]
    sharing.release(share=given, key=key, units=["me.free_time"], by=sam.user)
    assert services.newer_units(given, key) == []


def test_a_past_share_expires_and_its_door_closes(given, imke):
    Share.objects.filter(pk=given.pk).update(valid_until=TODAY() - timedelta(days=1))
    assert sharing.expire_ended() == 1
    assert sharing.expire_ended() == 0
    given.refresh_from_db()
    assert given.state == "expired"


def test_a_reply_is_sealed_and_only_from_who_can_read(given, imke, otto, sam):
    services.write_reply(share_id=given.pk, text="Gelezen, tot dinsdag!", by=imke)
    with pytest.raises(NotHere):
        services.write_reply(share_id=given.pk, text="Hoi", by=otto)
    [(reply, text)] = services.replies_to(given, key_of(sam))
    assert text == "Gelezen, tot dinsdag!" and b"Gelezen" not in bytes(reply.sealed_text)


@pytest.mark.parametrize(("text", "code"), [("", "blank"), ("x" * 301, "too_long")])
def test_a_reply_fits(given, imke, text, code):
    with pytest.raises(Refusal, match=code):
        services.write_reply(share_id=given.pk, text=text, by=imke)


def test_in_between_revisions_go_and_shared_ones_stay(given, sam):
    for text in ("a", "b", "c"):
        write(sam, "me.proud", text)
        write(sam, "me.free_time", [text])
    services.drop_in_between_revisions(before=timezone.now() + timedelta(hours=1))
    from passport.services import history

    key = key_of(sam)
    assert [t.value for t in history(sam.passport, key, "me.proud")] == ["c"]
    assert [t.value for t in history(sam.passport, key, "me.free_time")] == [["c"], ["muziek", "koken"]]
