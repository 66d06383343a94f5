"""Personal tokens: two scopes, nothing more than their maker may today, dead at the next request when anything ends."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import Membership, Region, Role, Token, User
from accounts.refusals import NotHere, Refusal
from accounts.token_auth import TokenThrottle
from intake.models import Layer
from intake.services import sharing
from tests import factories
from tests.test_house_rules import named_urls

UUID0 = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(autouse=True)
def clean_limits():
    cache.clear()


def make(user, *scopes, days=30):
    until = timezone.localdate() + timedelta(days=days)
    return tokens.make_token(by=user, name="Ons systeem", scopes=scopes, expires_on=until)


def as_student(student):
    client = APIClient()
    client.force_login(student.user)
    return client


def bearer(key):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


@pytest.fixture
def reading(imke):
    return bearer(make(imke, tokens.DOSSIERS)[1])


@pytest.fixture
def boss(care):
    return factories.make_staff(Role.COORDINATOR, institution=care.institution)


# --- What it may -------------------------------------------------------------------------------------------


def test_a_key_reads_a_dossier_and_the_student_sees_that(given, sam, imke, reading):
    said = reading.get(f"/api/v1/dossiers/{given.pk}/").json()
    assert {one["unit"] for one in said["fields"]} == {"me.free_time", "need.support.quiet"}
    assert reading.get("/api/v1/dossiers/").json()["count"] == 1
    (look,) = as_student(sam).get("/api/v1/views/").json()["results"]
    assert (look["by"], look["action"]) == (imke.staff_name, "read")


def test_withdrawing_holds_for_a_key_at_the_next_request(given, sam, reading):
    assert reading.get(f"/api/v1/dossiers/{given.pk}/").status_code == 200
    sharing.withdraw(share=given, by=sam.user)
    gone = reading.get(f"/api/v1/dossiers/{given.pk}/")
    assert gone.status_code == 404 and gone.json() == reading.get(f"/api/v1/dossiers/{UUID0}/").json()


def test_a_key_of_another_intaker_reads_nothing(given, otto):
    other = bearer(make(otto, tokens.DOSSIERS)[1])
    assert other.get(f"/api/v1/dossiers/{given.pk}/").status_code == 404


def test_a_key_writes_an_offer_of_the_own_college(boss, care):
    api = bearer(make(boss, tokens.OFFERS)[1])
    body = {"programme": care.code, "need": "quiet", "layer": Layer.BASIC, "text": "Een stille kamer."}
    made = api.post("/api/v1/offers/", body, format="json")
    assert made.status_code == 201
    where = f"/api/v1/offers/{made.json()['id']}/"
    assert api.patch(where, {"text": "Twee stille kamers."}, format="json").status_code == 200
    assert api.delete(where).status_code == 204


@pytest.mark.parametrize("scope", [tokens.DOSSIERS, tokens.OFFERS])
def test_every_other_call_is_closed_to_a_key(care, scope):
    user = factories.make_staff(Role.INTAKER, programme=care)
    Membership.objects.create(user=user, role=Role.COORDINATOR, institution=care.institution)
    api = bearer(make(user, scope)[1])
    allowed = {one[1:] for one in tokens.CALLS if one[0] == scope}
    open_to_all = {"api_openapi", "api_docs", "api_nothing_here"}
    tried = 0
    for name, pattern in named_urls():
        if not name.startswith("api_") or name in open_to_all:
            continue
        kwargs = dict.fromkeys(pattern.pattern.converters, UUID0)
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if (name, method) not in allowed:
                answer = api.generic(method, reverse(name, kwargs=kwargs), "{}", content_type="application/json")
                assert answer.status_code in (403, 405), (name, method)
                tried += 1
    assert tried > 100


def test_a_key_opens_no_page(given, reading):
    assert reading.get("/gedeeld/").status_code == 302


def test_with_a_key_only_the_key_counts(given, sam, imke, otto):
    api = bearer(make(otto, tokens.DOSSIERS)[1])
    api.force_login(imke)
    assert api.get(f"/api/v1/dossiers/{given.pk}/").status_code == 404


# --- When it is dead ---------------------------------------------------------------------------------------


def refused(api):
    answer = api.get("/api/v1/dossiers/")
    assert answer.json() == {"code": "token", "detail": "Deze sleutel werkt niet."}
    return answer.status_code == 401


@pytest.mark.parametrize("key", ["", "nope", "op_nope", "op_" + "x" * 200, "op_é"])
def test_what_is_no_key_gets_one_answer(key):
    assert refused(bearer(key.encode().decode("latin-1")))


def test_a_revoked_key_is_dead(imke):
    row, key = make(imke, tokens.DOSSIERS)
    tokens.revoke(row, by=imke)
    assert refused(bearer(key))


def test_a_key_is_over_after_its_day(imke):
    key = make(imke, tokens.DOSSIERS, days=1)[1]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert bearer(key).get("/api/v1/dossiers/").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert refused(bearer(key))


def test_a_key_ends_with_the_role(imke, reading):
    imke.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    assert refused(reading)


def test_a_scope_ends_with_its_role(boss, care):
    """Who was coordinator and is now an intaker writes no offers with the old key."""
    api = bearer(make(boss, tokens.OFFERS)[1])
    boss.memberships.all().delete()
    Membership.objects.create(user=boss, role=Role.INTAKER, programme=care)
    assert refused(api)


def test_a_key_of_who_is_blocked_or_gone_is_dead(imke, reading):
    User.objects.filter(pk=imke.pk).update(is_active=False)
    assert refused(reading)
    imke.delete()
    assert refused(reading) and not Token.objects.exists()


def test_too_often_is_429(imke, monkeypatch):
    monkeypatch.setattr(TokenThrottle, "rate", "2/min")
    monkeypatch.setattr(TokenThrottle, "wrong_rate", "2/min")
    for key, expected in ((make(imke, tokens.DOSSIERS)[1], 200), ("op_wrong", 401)):
        seen = [bearer(key).get("/api/v1/dossiers/").status_code for _ in range(3)]
        assert seen == [expected, expected, 429]
    assert bearer(make(imke, tokens.DOSSIERS)[1]).get("/api/v1/dossiers/").status_code == 200  # another key


def works_elsewhere(user, role, **where):
    Membership.objects.create(user=user, role=role, **where)


def ended(user):
    user.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))


def test_a_key_does_not_move_to_another_college_with_its_maker(given, otto):
    api = bearer(make(otto, tokens.DOSSIERS)[1])
    assert api.get("/api/v1/dossiers/").status_code == 200
    ended(otto)
    works_elsewhere(otto, Role.INTAKER, programme=given.programme)
    assert refused(api) and api.get(f"/api/v1/dossiers/{given.pk}/").status_code == 401
    assert bearer(make(otto, tokens.DOSSIERS)[1]).get(f"/api/v1/dossiers/{given.pk}/").status_code == 200


def test_a_key_writes_no_offer_for_another_college_of_its_maker(otto, care):
    boss = factories.make_staff(Role.COORDINATOR, institution=otto.memberships.get().programme.institution)
    api = bearer(make(boss, tokens.OFFERS)[1])
    ended(boss)
    works_elsewhere(boss, Role.COORDINATOR, institution=care.institution)
    body = {"programme": care.code, "need": "time", "layer": Layer.BASIC, "text": "Van het oude mbo."}
    assert api.post("/api/v1/offers/", body, format="json").status_code == 401


def test_one_more_place_needs_a_new_key_and_one_place_less_does_not(imke, otto, care):
    elsewhere = otto.memberships.get().programme
    first = bearer(make(imke, tokens.DOSSIERS)[1])
    works_elsewhere(imke, Role.INTAKER, programme=elsewhere)
    assert refused(first)
    both = bearer(make(imke, tokens.DOSSIERS)[1])
    imke.memberships.filter(programme=elsewhere).delete()
    assert both.get("/api/v1/dossiers/").status_code == 200


def test_a_new_password_ends_every_key_and_the_page_says_so(client, imke, reading):
    assert reading.get("/api/v1/dossiers/").status_code == 200
    imke.set_password("heel-iets-anders-9")
    imke.save()
    assert refused(reading)
    client.force_login(imke)
    assert "uw plek of uw wachtwoord is veranderd" in client.get("/instellingen/sleutels/").content.decode()


# --- Making one --------------------------------------------------------------------------------------------


def test_it_is_kept_as_a_hash_and_in_no_log(imke, caplog):
    with caplog.at_level("INFO"):
        row, key = make(imke, tokens.DOSSIERS)
        bearer(key).get("/api/v1/dossiers/")
    assert key not in caplog.text and key.encode() not in bytes(row.token_sha256)
    assert key not in str(Token.objects.values().get())
    assert Token.objects.get().used_on == timezone.localdate()


def test_students_parents_and_regions_make_none(sam):
    parent = factories.make_parent(sam).user
    region = factories.make_staff(Role.REGION, region=Region.objects.create(code="9", name="R"))
    for user in (sam.user, parent, region):
        assert tokens.scopes_for(user) == []
        with pytest.raises(NotHere):
            make(user, tokens.DOSSIERS)


def test_nobody_gets_a_scope_their_role_has_not(imke, boss):
    with pytest.raises(Refusal):
        make(imke, tokens.OFFERS)
    with pytest.raises(Refusal):
        make(boss, tokens.DOSSIERS)
    with pytest.raises(Refusal):
        make(imke)


@pytest.mark.parametrize("days", [-1, 366])
def test_a_key_lasts_a_year_at_most(imke, days):
    with pytest.raises(Refusal):
        make(imke, tokens.DOSSIERS, days=days)


def test_ten_keys_is_enough(imke):
    for _ in range(10):
        make(imke, tokens.DOSSIERS)
    with pytest.raises(Refusal):
        make(imke, tokens.DOSSIERS)


NEW = "/instellingen/sleutels/nieuw/"


def in_settings(client, user):
    client.post("/inloggen/", {"login": user.username, "password": factories.PASSWORD})
    return client


def test_a_key_is_shown_once(client, imke, settings):
    settings.DEMO = True
    in_settings(client, imke)
    assert "Sleutels voor andere systemen" in client.get("/instellingen/").content.decode()
    until = (timezone.localdate() + timedelta(days=30)).isoformat()
    page = client.post(NEW, {"name": "Osiris", "scopes": [tokens.DOSSIERS], "expires_on": until}).content.decode()
    key = re.search(r'value="(op_[\w-]+)"', page).group(1)
    assert bearer(key).get("/api/v1/dossiers/").status_code == 200
    shown = client.get("/instellingen/sleutels/").content.decode()
    assert "Osiris" in shown and key not in shown
    client.post(f"/instellingen/sleutels/{Token.objects.get().pk}/weg/")
    assert refused(bearer(key))


def test_nothing_is_ticked_before(client, imke, settings):
    settings.DEMO = True
    assert " checked" not in in_settings(client, imke).get(NEW).content.decode()


def test_making_one_asks_who_you_are_once_more(client, imke, settings):
    settings.DEMO = True
    in_settings(client, imke)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert client.get(NEW).url.startswith("/nog-even/")


def test_a_student_finds_no_such_page(client, sam):
    client.force_login(sam.user)
    for where in (NEW, "/instellingen/sleutels/"):
        assert client.get(where).status_code == 404
    assert "Sleutels" not in client.get("/instellingen/").content.decode()


def test_somebody_elses_key_is_not_there(client, imke, otto):
    row, key = make(imke, tokens.DOSSIERS)
    client.force_login(otto)
    assert client.post(f"/instellingen/sleutels/{row.pk}/weg/").status_code == 404
    assert bearer(key).get("/api/v1/dossiers/").status_code == 200


def test_the_description_names_tokens_at_their_calls_alone():
    paths = APIClient().get("/api/v1/openapi.json").json()["paths"]
    with_token = {
        (path, method.upper())
        for path, calls in paths.items()
        for method, call in calls.items()
        if any("token" in one for one in call.get("security", []))
    }
    assert with_token == {
        ("/api/v1/dossiers/", "GET"), ("/api/v1/dossiers/{share_id}/", "GET"), ("/api/v1/offers/", "POST"),
        ("/api/v1/offers/{offer_id}/", "PATCH"), ("/api/v1/offers/{offer_id}/", "DELETE"),
    }  # fmt: skip
