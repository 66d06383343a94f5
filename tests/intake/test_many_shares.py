"""A list of many shares costs as many queries as one of a few, and says of each what it says of it alone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.identity import identity_of, seal_identity
from accounts.models import Membership, Role, Student, Tie, User
from consent import access
from consent.given import given_page
from consent.ledger import Action
from consent.models import Share, ShareGroupObjectPermission, ShareState
from consent.recipients import recipient_of, recipients_for, recipients_of
from consent.services import digest_of, newer_units, plan_release, units_of, waiting_units, write_reply
from intake.models import Case
from intake.services import sharing
from intake.services.dossiers import sent_replies
from tests import factories
from tests.factories import key_of

V1 = "/api/v1"
UNITS = ("me.free_time", "can.strengths")
LONG_AGO = timezone.now() - timedelta(days=999)


def queries(call):
    """How many statements a call costs, in both databases."""
    with CaptureQueriesContext(connections["default"]) as data, CaptureQueriesContext(connections["keys"]) as keys:
        call()
    return len(data) + len(keys)


def share_with_many(sam: Student, count: int) -> None:
    """As many shares with a parent, a coach and a programme by turns; a newer text in those with a programme."""
    for number in range(count):
        if number % 3 == 0:
            parent = factories.make_parent(sam)
            factories.share(sam, "guardian", parent.user_id, *UNITS)
        elif number % 3 == 1:
            factories.share_with_programme(sam, factories.make_programme(), *UNITS)
        else:
            coach = factories.make_user(staff_name=f"Coach {number}")
            factories.make_tie(sam, coach, Tie.Kind.COACH)
            factories.share(sam, "coach", coach.pk, *UNITS)
    factories.write(sam, "me.free_time", ["lezen", str(count)])


def costs_the_same(sam: Student, call) -> None:
    share_with_many(sam, 2)
    call()
    few = queries(call)
    share_with_many(sam, 38)
    assert Share.objects.filter(student=sam, state=ShareState.ACTIVE).count() == 40
    assert queries(call) == few


def test_forty_shares_cost_the_api_as_many_queries_as_two(sam, api):
    client = api(sam)
    costs_the_same(sam, lambda: client.get(f"{V1}/shares/"))
    assert queries(lambda: client.get(f"{V1}/shares/")) <= 15


def test_forty_shares_cost_the_page_as_many_queries_as_two(sam, browser_of):
    client = browser_of(sam)
    costs_the_same(sam, lambda: client.get("/delen/"))
    assert queries(lambda: client.get("/delen/")) <= 18


def test_forty_recipients_cost_as_many_queries_as_two(sam):
    costs_the_same(sam, lambda: recipients_for(sam))


def test_a_page_of_shares_is_built_and_no_more(sam, api):
    share_with_many(sam, 6)
    answer = api(sam).get(f"{V1}/shares/?page_size=2&page=3").json()
    assert (answer["count"], len(answer["results"]), answer["next"]) == (6, 2, None)


def test_in_a_list_every_recipient_is_who_they_are_alone(sam, class_a, mentor, care):
    share_with_many(sam, 6)
    factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    factories.make_staff(Role.MENTOR, programme=care, name="Mentor van mbo")
    shares = list(sam.shares.all())
    found = recipients_of(shares)
    assert found == {share.pk: recipient_of(share) for share in shares}
    assert "Noor Vos (moeder)" in {one.label for one in found.values()}
    assert ("meneer Kaya",) in {one.people for one in found.values()}


def test_whose_key_is_gone_is_called_by_what_they_are(sam):
    parent = factories.make_parent(sam)
    given = factories.share(sam, "guardian", parent.user_id, "me.free_time")
    factories.vault.shred(parent.pk)
    assert recipient_of(given).label == "moeder"


def test_a_list_says_what_the_services_say_of_one(sam, api):
    share_with_many(sam, 6)
    rows = {row["id"]: row for row in api(sam).get(f"{V1}/shares/").json()["results"]}
    key = key_of(sam)
    for share in sam.shares.all():
        row = rows[str(share.pk)]
        assert row["units"] == units_of(share, key)
        assert row["newer"] == newer_units(share, key)
        assert row["waiting"] == waiting_units(share, key) == []
    assert any(row["newer"] for row in rows.values())


def test_the_digest_in_a_list_is_that_of_the_release(sam):
    share_with_many(sam, 6)
    key = key_of(sam)
    page = given_page(sam.passport, key, news=LONG_AGO)
    newer = [one for one in page.now if one.newer]
    assert newer
    for one in newer:
        plan = plan_release(share=one.share, key=key, units=[new.unit.key for new in one.newer])
        assert one.seen_after == digest_of(plan.dossier(key), key).hex()


def test_the_digest_of_what_waits_for_a_parent_too(care, api):
    young = factories.make_pupil(age=14)
    for unit in UNITS:
        factories.write(young, unit, ["koken"])
    parent = factories.make_parent(young)
    given = factories.share_with_programme(young, care, "me.free_time")
    sharing.approve(share_id=given.pk, by=parent.user)
    given.refresh_from_db()
    sharing.change(share=given, key=key_of(young), by=young.user, units=UNITS)
    factories.write(young, "me.free_time", ["lezen"])
    [one] = given_page(young.passport, key_of(young), news=LONG_AGO).now
    plan = plan_release(share=one.share, key=key_of(young), units=[new.unit.key for new in one.newer])
    assert one.seen_after == digest_of(plan.dossier(key_of(young)), key_of(young)).hex()
    row = api(young).get(f"{V1}/shares/").json()["results"][0]
    assert (row["units"], row["waiting"], row["newer"]) == (["me.free_time"], ["can.strengths"], ["me.free_time"])


def test_what_ended_comes_in_pages_of_twenty(sam, browser_of):
    for _ in range(23):
        given = factories.share_with_programme(sam, factories.make_programme(), "me.free_time")
        sharing.withdraw(share=given, by=sam.user)
    client = browser_of(sam)
    first, second = client.get("/delen/").content.decode(), client.get("/delen/?bladzijde=2").content.decode()
    assert (first.count("Gedeeld vanaf"), "?bladzijde=2" in first) == (20, True)
    assert (second.count("Gedeeld vanaf"), "?bladzijde" in second) == (3, False)
    assert client.get("/delen/?bladzijde=x").status_code == 200


def test_what_a_parent_wrote_back_has_their_name(sam, api, browser_of):
    parent = factories.make_parent(sam)
    given = factories.share(sam, "guardian", parent.user_id, "me.free_time")
    sent = api(parent.user).post(f"{V1}/dossiers/{given.pk}/acknowledge/", {"reply": "Gelezen"}, format="json")
    assert sent.json()["by"] == "Noor Vos"
    write_reply(share_id=given.pk, text="Mooi!", by=parent.user)
    rows = api(sam).get(f"{V1}/shares/{given.pk}/replies/").json()["results"]
    assert [row["by"] for row in rows] == ["Noor Vos", "Noor Vos"]
    assert "Noor Vos schreef" in browser_of(sam).get("/delen/").content.decode()


def test_a_colleague_reads_who_wrote_back(sam, given, imke, care):
    write_reply(share_id=given.pk, text="Gelezen", by=imke)
    other = factories.make_staff(Role.INTAKER, programme=care, name="Olga")
    names = [one.by for one in sent_replies(access.read(share_id=given.pk, by=other, action=Action.READ), other)]
    assert names == ["Imke Bos"]


# --- The preview of a plan ---------------------------------------------------------------------------------


@pytest.fixture
def wish(care):
    return {
        "recipient": {"kind": "programme", "id": str(care.pk)},
        "purpose": "intake",
        "units": list(UNITS),
        "valid_until": timezone.localdate().isoformat(),
    }


def test_a_yes_carries_the_digest_of_the_plan(sam, api, wish):
    client = api(sam)
    plan = client.post(f"{V1}/shares/preview/", wish, format="json")
    assert plan.status_code == 200 and not Share.objects.exists()
    assert [one["unit"] for one in plan.json()["fields"]] == list(UNITS)
    seen = plan["ETag"].strip('"')
    factories.write(sam, "me.free_time", ["lezen"])
    late = client.post(f"{V1}/shares/", {**wish, "seen": seen}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "changed")
    seen = client.post(f"{V1}/shares/preview/", wish, format="json")["ETag"].strip('"')
    share = client.post(f"{V1}/shares/", {**wish, "seen": seen}, format="json")
    assert share.status_code == 201
    assert client.get(f"{V1}/shares/{share.json()['id']}/preview/")["ETag"] == f'"{seen}"'


def test_a_plan_is_refused_as_the_share_would_be(sam, api, imke, wish):
    client = api(sam)
    refused = client.post(f"{V1}/shares/preview/", {**wish, "units": ["no.such"]}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_unit")
    assert client.post(f"{V1}/shares/preview/", {**wish, "seen": "x"}, format="json").json()["code"] == "unknown_field"
    assert api(imke).post(f"{V1}/shares/preview/", wish, format="json").status_code == 404


@pytest.mark.parametrize(
    ("method", "tail", "sent"),
    [("patch", "", {"units": list(UNITS)}), ("post", "release/", {"units": ["me.free_time"]})],
)
def test_a_change_and_a_release_carry_what_was_seen(sam, api, given, method, tail, sent):
    factories.write(sam, "me.free_time", ["lezen"])
    call = getattr(api(sam), method)
    answer = call(f"{V1}/shares/{given.pk}/{tail}", {**sent, "seen": "00"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert call(f"{V1}/shares/{given.pk}/{tail}", sent, format="json").status_code == 200


def test_a_change_of_nothing_but_what_was_seen_is_refused(sam, api, given):
    answer = api(sam).patch(f"{V1}/shares/{given.pk}/", {"seen": "00"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "nothing_to_change")


# --- Whoever reads -----------------------------------------------------------------------------------------


def same_again(share: Share, count: int, **place) -> None:
    """As many other students with a share like this one; made in bulk, because only the number of rows matters here.

    `place`: the class they are in; with a coach they get a tie.
    """
    group = ShareGroupObjectPermission.objects.get(content_object=share).group_id
    permission = ShareGroupObjectPermission.objects.get(content_object=share).permission_id
    identity = identity_of(share.student, key_of(share.student))
    keys = factories.vault.create_keys([uuid4() for _ in range(count)])
    users = [User(username=f"many-{pk}") for pk in keys]
    User.objects.bulk_create(users)
    students = [
        Student(pk=pk, user=user, sealed_identity=seal_identity(keys[pk], pk, identity))
        for pk, user in zip(keys, users, strict=True)
    ]
    Student.objects.bulk_create(students)
    names = [field.attname for field in Share._meta.fields if field.name not in {"id", "student"}]
    alike = {name: getattr(share, name) for name in names}
    shares = [Share(student=student, **alike) for student in students]
    Share.objects.bulk_create(shares)
    ShareGroupObjectPermission.objects.bulk_create(
        ShareGroupObjectPermission(group_id=group, permission_id=permission, content_object=one) for one in shares
    )
    today = timezone.localdate()
    if place:
        Membership.objects.bulk_create(Membership(user=u, role=Role.STUDENT, starts_on=today, **place) for u in users)
    if share.recipient_kind == "coach":
        tie = {"person_id": share.person_id, "kind": "coach", "starts_on": today, "confirmed_at": timezone.now()}
        ties = Tie.objects.bulk_create(Tie(student=student, **tie) for student in students)
        for one, made in zip(shares, ties, strict=True):
            one.tie = made
        Share.objects.bulk_update(shares, ["tie"])
    if share.recipient_kind == "programme":
        case = {"programme_id": share.programme_id, "received_at": share.released_at}
        Case.objects.bulk_create(Case(share=one, **case) for one in shares)


def costs_a_reader_the_same(by: User, share: Share, urls: dict[str, int], **place) -> None:
    """Every list costs with 500 shares what it costs with 2, and no more than the figure beside it."""
    client = Client()
    client.force_login(by)
    same_again(share, 1, **place)
    client.get(f"{V1}/me/")  # the first request of a session writes the session
    assert {client.get(url).status_code for url in urls} == {200}
    few = {url: queries(lambda: client.get(url)) for url in urls}  # noqa: B023
    same_again(share, 498, **place)
    assert access.open_shares(by).count() == 500
    assert {url: queries(lambda: client.get(url)) for url in urls} == few  # noqa: B023
    assert {url: count for url, count in few.items() if count > urls[url]} == {}


def test_five_hundred_shares_cost_an_intaker_as_many_queries_as_two(given, imke):
    lists = {f"{V1}/dossiers/?page_size=200": 6, f"{V1}/intake/cases/?page_size=200": 6, "/intake/": 9, "/gedeeld/": 10}
    costs_a_reader_the_same(imke, given, lists)
    assert queries(lambda: access.read(share_id=given.pk, by=imke, action=Action.READ)) <= 9


def test_five_hundred_shares_cost_a_mentor_as_many_queries_as_two(sam, class_a, mentor):
    given = factories.share(sam, "school_team", class_a.institution_id, "me.free_time")
    costs_a_reader_the_same(mentor, given, {f"{V1}/dossiers/": 6, "/gedeeld/": 11}, school_class=class_a)


def test_five_hundred_warm_shares_cost_a_mentor_as_many_queries_as_two(sam, class_a, care, mentor):
    given = factories.share_with_programme(sam, care, "me.free_time", warm_transfer=True)
    costs_a_reader_the_same(mentor, given, {f"{V1}/dossiers/": 6, "/gedeeld/": 11}, school_class=class_a)


def test_five_hundred_shares_cost_a_coach_as_many_queries_as_two(sam):
    coach = factories.make_user(staff_name="Coach")
    factories.make_tie(sam, coach, Tie.Kind.COACH)
    given = factories.share(sam, "coach", coach.pk, "me.free_time")
    costs_a_reader_the_same(coach, given, {f"{V1}/dossiers/": 6, "/gedeeld/": 11})


def test_deciding_about_one_dossier_costs_one_statement(given, imke):
    """Who reads, whether they may, and the lock on the share: one statement for all of it, whoever asks.

    The others fetch the student's key and the texts, and write the look.
    """
    with CaptureQueriesContext(connections["default"]) as data:
        access.read(share_id=given.pk, by=imke, action=Action.READ)
    facts = ("accounts_membership", "accounts_tie", "consent_sharegroupobjectpermission", "consent_approval")
    deciding = [query["sql"] for query in data if any(table in query["sql"] for table in facts)]
    assert len(deciding) == 1
