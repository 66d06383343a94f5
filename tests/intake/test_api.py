"""The contract's calls, as a client of the API sees them."""

import json
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command

from intake.models import Offer
from tests import factories
from tests.factories import share_with_programme, write

V1 = "/api/v1"


@pytest.fixture
def as_sam(api, sam):
    return api(sam)


@pytest.fixture
def as_imke(api, imke):
    return api(imke)


def body(care, *units, **more):
    known = {
        "recipient": {"kind": "programme", "id": str(care.pk)},
        "purpose": "intake",
        "units": list(units),
        "valid_until": factories.timezone.localdate().isoformat(),
    }
    return {**known, **more}


def test_openapi_is_what_the_code_says():
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", "--validate", stdout=out)
    committed = json.loads(Path("docs/openapi.json").read_text(encoding="utf-8"))
    assert json.loads(out.getvalue()) == committed and committed["openapi"].startswith("3.1")


def test_openapi_and_its_page_are_public(client):
    answer = client.get(f"{V1}/openapi.json")
    assert answer.status_code == 200 and answer["Access-Control-Allow-Origin"] == "*"
    assert client.get(f"{V1}/docs/").status_code == 200


def test_me_tells_name_and_roles(as_sam, api, imke):
    assert as_sam.get(f"{V1}/me/").json()["display_name"] == "Sam V."
    assert api(imke).get(f"{V1}/me/").json() == {
        "username": imke.username, "display_name": "Imke Bos", "roles": ["intaker"],
    }  # fmt: skip


def test_without_log_in_the_answer_is_401_with_its_code(api):
    answer = api(None).get(f"{V1}/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "logged_out")


def test_personal_answers_are_not_stored_anywhere(as_sam):
    assert as_sam.get(f"{V1}/passport/")["Cache-Control"] == "no-store, private"


def test_the_passport_holds_answers_and_units(as_sam):
    passport = as_sam.get(f"{V1}/passport/").json()
    assert passport["answers"]["me.free_time"]["value"] == ["muziek", "koken"]
    assert passport["answers"]["me.proud"] == {
        "key": "me.proud", "status": "empty", "value": None, "revision": 0, "updated_at": None,
    }  # fmt: skip
    units = {unit["unit"]: unit for unit in passport["units"]}
    assert units["need.support.quiet"]["answered"] and units["need.why.quiet"]["sensitive"]
    assert not units["me.proud"]["answered"] and "need.support.time" not in units


def test_the_route_is_set_and_refused(as_sam):
    assert as_sam.patch(f"{V1}/passport/", {"route": "mbo"}, format="json").json()["route"] == "mbo"
    assert as_sam.patch(f"{V1}/passport/", {"route": "moon"}, format="json").status_code == 400


def test_saving_answers_and_conflicts(as_sam):
    url = f"{V1}/passport/answers/me.proud/"
    answer = as_sam.put(url, {"status": "answered", "value": "Een", "revision": 0}, format="json")
    assert (answer.status_code, answer.json()["revision"]) == (200, 1)
    stale = as_sam.put(url, {"status": "answered", "value": "Twee", "revision": 0}, format="json")
    assert stale.status_code == 409
    assert stale.json()["code"] == "conflict" and stale.json()["current"]["value"] == "Een"
    assert [row["value"] for row in as_sam.get(f"{url}history/").json()["results"]] == ["Een"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"status": "answered", "value": "x", "revision": 0, "owner": 1}, "unknown_field"),
        ({"status": "answered", "value": "x"}, "required"),
        ({"status": "answered", "value": "x", "revision": -1}, "min_value"),
        ({"status": "answered", "value": "x", "revision": "een"}, "invalid"),
        ({"status": "answered", "value": "x", "revision": 10**30}, "max_value"),
        ({"status": "sure", "value": "x", "revision": 0}, "invalid_status"),
        ({"status": "answered", "value": None, "revision": 0}, "invalid_type"),
        ({"status": "answered", "value": {"a": []}, "revision": 0}, "invalid_type"),
        ({"status": "later", "value": "x", "revision": 0}, "value_not_allowed"),
        ([], "invalid"),
        ("tekst", "invalid"),
    ],
)
def test_a_body_that_does_not_fit_is_400_with_a_code(as_sam, sent, code):
    answer = as_sam.put(f"{V1}/passport/answers/me.proud/", sent, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"", b"[" * 50_000, b'{"revision": NaN}', b"null"])
def test_broken_json_is_400(as_sam, raw):
    answer = as_sam.put(f"{V1}/passport/answers/me.proud/", raw, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["code"]


def test_a_megabyte_is_refused_before_it_is_read(as_sam):
    big = json.dumps({"status": "answered", "value": "x" * 1_000_000, "revision": 0})
    answer = as_sam.put(f"{V1}/passport/answers/me.proud/", big, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_what_does_not_exist_answers_in_the_same_words(as_sam, given, noor, api):
    answers = [
        as_sam.get(f"{V1}/nonsense/"),
        as_sam.get(f"{V1}/shares/{uuid4()}/"),
        api(noor).get(f"{V1}/shares/{given.pk}/"),
        api(noor).get(f"{V1}/dossiers/{given.pk}/"),
        api(noor).get(f"{V1}/passport/answers/me.secret/history/"),
        api(noor).get(f"{V1}/intake/cases/{given.case.pk}/brief/"),
    ]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}


def test_recipients_are_found_by_words(as_sam, care):
    found = as_sam.get(f"{V1}/recipients/?q=care3").json()["results"]
    assert found == [
        {
            "kind": "programme",
            "id": str(care.pk),
            "code": "care3",
            "label": "Zorg, niveau 3",
            "institution": care.institution.name,
        }
    ]
    kinds = [one["kind"] for one in as_sam.get(f"{V1}/recipients/").json()["results"]]
    assert kinds == ["school_team", "programme"]


def test_the_whole_road_over_the_api(as_sam, as_imke, care):
    made = as_sam.post(f"{V1}/shares/", body(care, "me.free_time", "need.support.quiet"), format="json")
    assert (made.status_code, made.json()["status"]) == (201, "active")
    share = made.json()["id"]
    preview = as_sam.get(f"{V1}/shares/{share}/preview/").json()
    dossier = as_imke.get(f"{V1}/dossiers/{share}/").json()
    [case] = as_imke.get(f"{V1}/intake/cases/").json()["results"]
    assert (preview["student"], preview["fields"]) == (dossier["student"], dossier["fields"])
    assert case["student"] == "Sam V." and case["status"] == "new"
    assert as_imke.get(f"{V1}/intake/cases/{case['id']}/brief/").json() == preview["brief"]
    assert as_imke.get(f"{V1}/intake/cases/{case['id']}/").json()["status"] == "read"
    assert as_imke.post(f"{V1}/dossiers/{share}/acknowledge/", {"reply": "Gelezen!"}, format="json").status_code == 201
    [reply] = as_sam.get(f"{V1}/shares/{share}/replies/").json()["results"]
    assert (reply["by"], reply["kind"], reply["text"]) == ("Imke Bos", "read", "Gelezen!")
    looks = as_sam.get(f"{V1}/views/").json()["results"]
    assert {look["by"] for look in looks} == {"Imke Bos"} and looks[0]["institution"] == care.institution.name
    assert set(looks[0]["units"]) == {"me.free_time", "need.support.quiet"}
    assert as_sam.post(f"{V1}/shares/{share}/withdraw/").json()["status"] == "withdrawn"
    assert as_imke.get(f"{V1}/dossiers/{share}/").status_code == 404
    [ended] = as_imke.get(f"{V1}/intake/cases/").json()["results"]
    assert (ended["status"], ended["student"]) == ("ended", None)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"units": []}, 400, "no_units"),
        ({"units": ["me.proud"]}, 400, "nothing_to_share"),
        ({"units": ["x"]}, 400, "unknown_unit"),
        ({"purpose": "lob"}, 400, "wrong_purpose"),
        ({"purpose": "money"}, 400, "invalid_choice"),
        ({"valid_until": "2020-01-01"}, 400, "date_past"),
        ({"valid_until": "2099-01-01"}, 400, "date_too_late"),
        ({"valid_until": "morgen"}, 400, "invalid"),
        ({"recipient": {"kind": "programme", "id": str(uuid4())}}, 400, "unknown_recipient"),
        ({"recipient": {"kind": "moon", "id": str(uuid4())}}, 400, "invalid_choice"),
        ({"student": "x"}, 400, "unknown_field"),
        ({"seen": "00"}, 409, "changed"),
    ],
)
def test_a_share_that_does_not_fit_is_refused_and_nothing_is_half_written(as_sam, care, change, status, code):
    answer = as_sam.post(f"{V1}/shares/", body(care, "me.free_time", **change), format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert as_sam.get(f"{V1}/shares/").json()["count"] == 0


@pytest.mark.parametrize(
    ("method", "path", "change"),
    [("patch", "", {"units": ["me.free_time", "want.dream"]}), ("post", "release/", {"units": ["me.free_time"]})],
)
def test_a_change_and_a_release_carry_what_was_seen_too(as_sam, sam, given, method, path, change):
    factories.write(sam, "want.dream", "Een winkel")
    factories.write(sam, "me.free_time", ["voetbal"])
    before = as_sam.get(f"{V1}/shares/{given.pk}/preview/")
    act = getattr(as_sam, method)
    answer = act(f"{V1}/shares/{given.pk}/{path}", {**change, "seen": before["ETag"].strip('"')}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "changed"), "that digest is of what stood there before"
    assert as_sam.get(f"{V1}/shares/{given.pk}/preview/").json() == before.json()
    assert act(f"{V1}/shares/{given.pk}/{path}", change, format="json").status_code == 200


def test_a_second_yes_for_the_same_is_409(as_sam, care, given):
    answer = as_sam.post(f"{V1}/shares/", body(care, "me.free_time"), format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_shared")


def test_changing_and_releasing_a_share(as_sam, as_imke, given, sam):
    write(sam, "me.free_time", ["nieuw"])
    url = f"{V1}/shares/{given.pk}/"
    assert as_sam.get(url).json()["newer"] == ["me.free_time"]
    assert as_sam.post(f"{url}release/", {"units": ["me.free_time"]}, format="json").json()["newer"] == []
    changed = as_sam.patch(url, {"units": ["me.free_time"], "warm_transfer": True}, format="json").json()
    assert (changed["units"], changed["warm_transfer"]) == (["me.free_time"], True)
    assert [f["value"] for f in as_imke.get(f"{V1}/dossiers/{given.pk}/").json()["fields"]] == [["nieuw"]]


def test_a_case_goes_one_step_at_a_time(as_imke, given):
    url = f"{V1}/intake/cases/{given.case.pk}/"
    assert as_imke.patch(url, {"status": "invited"}, format="json").json()["code"] == "wrong_step"
    for step in ("read", "invited", "read", "invited", "done", "placed"):
        assert as_imke.patch(url, {"status": step}, format="json").json()["status"] == step
    assert as_imke.patch(url, {"student": "x"}, format="json").status_code == 400


def test_a_case_is_assigned_to_an_intaker_of_the_programme_only(as_imke, given, care, otto):
    colleague = factories.make_staff("intaker", programme=care)
    url = f"{V1}/intake/cases/{given.case.pk}/"
    assert as_imke.patch(url, {"assigned_to": str(colleague.pk)}, format="json").status_code == 200
    assert as_imke.patch(url, {"assigned_to": str(otto.pk)}, format="json").json()["code"] == "not_an_intaker"


def test_the_inbox_searches_and_sorts_in_the_intakers_own_cases(as_imke, given, care, api, otto):
    student = factories.make_pupil(calling_name="Amir", surname="Said")
    write(student, "me.name", "Amir")
    share_with_programme(student, care, "me.name")
    names = lambda query: [c["student"] for c in as_imke.get(f"{V1}/intake/cases/{query}").json()["results"]]  # noqa: E731
    assert names("") == ["Sam V.", "Amir S."] and names("?ordering=student") == ["Amir S.", "Sam V."]
    assert names("?q=sam") == ["Sam V."] and names("?status=read") == [] and names("?programme=care3") == names("")
    assert as_imke.get(f"{V1}/intake/cases/?ordering=score").json()["code"] == "unknown_ordering"
    assert api(otto).get(f"{V1}/intake/cases/").json()["count"] == 0


@pytest.mark.parametrize("many", [2, 12])
def test_the_inbox_costs_the_same_for_few_and_many(many, care, imke, api, django_assert_max_num_queries):
    for _ in range(many):
        student = factories.make_pupil()
        write(student, "me.name", "Sam")
        share_with_programme(student, care, "me.name")
    client = api(imke)
    client.get(f"{V1}/me/")  # the first request of a session also writes when it was seen
    with django_assert_max_num_queries(4):  # session, user, how many, those of the page
        assert client.get(f"{V1}/intake/cases/").json()["count"] == many


def test_offers_are_public(client, care):
    Offer.objects.create(programme=care, need="quiet", layer="basic", text="Er is een stilteruimte.")
    [offer] = client.get(f"{V1}/offers/?programme=care3&need=quiet").json()["results"]
    assert (offer["text"], offer["level"]) == ("Er is een stilteruimte.", 3)
    assert client.get(f"{V1}/offers/?institution=x").status_code == 400


def test_a_handover_is_asked_once_per_release(as_imke, given):
    first = as_imke.post(f"{V1}/handovers/", {"share": str(given.pk)}, format="json")
    again = as_imke.post(f"{V1}/handovers/", {"share": str(given.pk)}, format="json")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json() == {"id": first.json()["id"], "status": "queued"}
    assert as_imke.get(f"{V1}/handovers/{first.json()['id']}/file/").json()["code"] == "not_ready"


def test_staff_has_no_passport_and_a_student_no_inbox(as_sam, as_imke):
    assert as_imke.get(f"{V1}/passport/").status_code == 404
    assert as_sam.get(f"{V1}/intake/cases/").json()["results"] == []
