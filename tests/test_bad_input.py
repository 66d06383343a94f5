"""Odd addresses, parameters, fields and JSON values: each gets a no in words, never a crash."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import vault
from accounts.refusals import Refusal
from passport.models import Passport
from passport.questionnaire import QuestionType
from passport.services import questions_of
from passport.values import clean_answer
from tests import factories


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def student(sam):
    client = Client(raise_request_exception=False)
    client.force_login(sam.user)
    return client


# --- A host that is not ours -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/healthz", "/inloggen/", "/paspoort/"])
def test_a_wrong_host_gets_a_page_of_400(visitor, path):
    response = visitor.get(path, headers={"host": "evil.com"})
    assert response.status_code == 400
    assert b"<h1>" in response.content and b"evil" not in response.content


def test_a_wrong_host_gets_json_under_the_api(visitor):
    response = visitor.get("/api/v1/me/", headers={"host": "evil.com"})
    assert response.status_code == 400
    assert response.json() == {"code": "bad_request", "detail": "Dit klopt niet."}


# --- The code on paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["/", "//", "a b", "a/b", "/ /", ".", "..", "\u202e", "x" * 10_000, "é" * 500])
def test_any_code_on_paper_gets_the_same_no(visitor, code):
    response = visitor.get("/controle/", {"code": code}, follow=True)
    assert response.status_code == 200
    assert "niet" in response.content.decode() and response.context["asked"] and not response.context["is_valid"]


def test_a_long_code_in_the_address_gets_the_same_no(visitor):
    response = visitor.get(f"/controle/{'x' * 10_000}/")
    assert response.status_code == 200 and not response.context["is_valid"]


# --- NUL ---------------------------------------------------------------------------------------------------

WITH_NUL = [
    "/api/v1/offers/?programme=%00",
    "/api/v1/offers/?institution=%00",
    "/api/v1/recipients/?q=%00",
    "/api/v1/intake/cases/?programme=%00",
    "/api/v1/passport/answers/%00/",
    "/delen/nieuw/?q=a%00b",
    "/intake/?programme=%00",
    "/controle/?code=%00",
    "/controle/%00/",
    "/paspoort/vraag/%00/",
    "/inloggen/?next=%00",
    "/?%00=1",
]


@pytest.mark.parametrize("path", WITH_NUL)
def test_a_nul_in_the_address_is_400_for_everybody(path, visitor, student, imke):
    intaker = Client(raise_request_exception=False)
    intaker.force_login(imke)
    for client in (visitor, student, intaker):
        response = client.get(path)
        assert response.status_code == 400
        if path.startswith("/api/"):
            assert response.json()["code"] == "bad_characters"
        else:
            assert b"<h1>" in response.content


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart"])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/paspoort/vraag/want.programmes/", "q"),
        ("/paspoort/vraag/want.programmes/", "choose"),
        ("/delen/nieuw/", "to"),
        ("/inloggen/", "login"),
        ("/inloggen/", "pass\x00word"),
    ],
)
def test_a_nul_in_a_field_is_400(student, path, field, kind):
    if kind == "multipart":
        response = student.post(path, {"search": "1", field: "a\x00"})
    else:
        name = field.replace("\x00", "%00")
        response = student.post(path, f"search=1&{name}=a%00", content_type=kind)
    assert response.status_code == 400 and b"<h1>" in response.content


def test_a_body_that_is_too_large_is_400_and_not_a_crash(student):
    assert student.post("/paspoort/vraag/me.proud/", {"value": "a" * 300_000}).status_code == 400
    too_many = {f"f{number}": "" for number in range(600)}
    assert student.post("/paspoort/vraag/me.proud/", too_many).status_code == 400


# --- Fields of a page --------------------------------------------------------------------------------------

POSTS = [
    ("home.people", {"remove": "9" * 5000, "name": ["Opa"], "relation": ["opa"]}),
    ("home.people", {"remove": "²", "name": ["Opa"], "relation": ["opa"]}),
    ("home.people", {"remove": "-1", "name": ["Opa"]}),
    ("me.free_time", {"value": "koken", "revision": "9" * 5000, "before": "9" * 5000}),
    ("me.free_time", {"answer": json.dumps({"status": "answered", "value": [{"a": 1}]})}),
    ("me.free_time", {"answer": "[" * 10_000}),
    ("me.free_time", {"answer": "9" * 5000}),
    ("need.support", {"answer": json.dumps({"status": "answered", "value": [{"need": {}}]})}),
    ("need.support", {"answer": json.dumps({"status": {"a": 1}, "value": "x"})}),
    ("need.support", {"answer": json.dumps({"status": "answered", "value": [{"need": "quiet"}]}), "revision": "0"}),
    ("need.support", {"answer": json.dumps({"status": "answered", "value": 5})}),
    ("need.support", {"value": ["quiet", "nothing", ""], "revision": "1"}),
    ("want.programmes", {"answer": json.dumps({"status": "answered", "value": [{"a": 1}]})}),
    ("want.programmes", {"answer": json.dumps({"status": "answered", "value": ["\ud800"]})}),
    ("want.programmes", {"answer": json.dumps({"status": "answered", "value": ["\x00"]})}),
    ("want.programmes", {"search": "1", "q": "x" * 10_000}),
    ("want.programmes", {"up": "x", "down": "y", "value": "z"}),
]


@pytest.mark.parametrize(("question", "data"), POSTS)
def test_no_field_of_a_question_crashes(student, question, data):
    assert student.post(f"/paspoort/vraag/{question}/", data).status_code < 500


@pytest.mark.parametrize("page", ["eerder", "terug"])
def test_no_number_of_an_earlier_text_crashes(student, page):
    data = {"number": "9" * 5000, "before": "9" * 5000, "revision": "²"}
    assert student.post(f"/paspoort/vraag/me.free_time/{page}/", data).status_code == 404


def test_removing_a_person_takes_that_row_only(student):
    data = {"remove": "0", "name": ["Opa", "Tante"], "relation": ["opa", "tante"]}
    page = student.post("/paspoort/vraag/home.people/", data).content.decode()
    assert "Tante" in page and 'value="Opa"' not in page


@pytest.mark.parametrize(
    "path",
    [
        f"/paspoort/vraag/need.support/{'9' * 5000}/",
        f"/paspoort/vraag/need.support/{'9' * 30}/",
        f"/wie-keek/?bladzijde={'9' * 5000}",
        "/wie-keek/?bladzijde=%C2%B2",
        f"/api/v1/views/?page={'9' * 5000}",
        f"/api/v1/views/?page=1&page_size={'9' * 5000}",
    ],
)
def test_no_number_in_an_address_crashes(student, path):
    assert student.get(path).status_code < 500


# --- Values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["\x00", "\ud800", "x" * 33, "a b", "", "care3\n", "é"])
def test_a_code_no_programme_can_have_is_refused_before_the_query(student, care, code):
    body = {"status": "answered", "value": [care.code, code], "revision": 0}
    response = student.put(reverse("api_answer", args=["want.programmes"]), json.dumps(body), "application/json")
    assert response.status_code == 400 and response.json()["code"] == "unknown_programme"


@pytest.mark.parametrize("need", [[], {}, None, 1, True, "\ud800"])
def test_a_need_of_an_odd_type_is_refused(student, need):
    body = {"status": "answered", "value": [{"need": need}], "revision": 1}
    response = student.put(reverse("api_answer", args=["need.support"]), json.dumps(body), "application/json")
    assert response.status_code == 400 and response.json()["code"] == "unknown_need"


# Any character, also the half ones that JSON can spell and no database can keep.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
KEYS = st.sampled_from(["need", "how_often", "what_works", "why", "name", "relation", "contact"]) | TEXTS
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(["quiet", "vaak", "care3"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)


@pytest.mark.parametrize("kind", list(QuestionType))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, status=st.sampled_from(["answered"] * 6 + ["later"]) | VALUES)
def test_any_json_value_is_cleaned_or_refused(sam, kind, value, status):
    questions = questions_of(Passport.objects.get(student=sam))
    for question in [one for one in questions.questions.values() if one.type is kind][:3]:
        try:
            _, cleaned = clean_answer(questions, question, status, value)
        except Refusal:
            continue
        json.dumps(cleaned, ensure_ascii=False).encode()


# --- The cookie of «Bewaard» -------------------------------------------------------------------------------


def test_the_cookie_of_what_was_saved_holds_no_question(student, sam):
    response = student.post("/paspoort/vraag/need.diagnosis/", {"value": "Ik heb nog iets.", "revision": "1"})
    cookie = response.cookies["saved"]
    assert response.status_code == 302 and cookie["httponly"]
    assert "need" not in cookie.value and "diagnosis" not in cookie.value
    assert vault.open_key(sam.pk).slot("need.diagnosis").hex() not in cookie.value
    assert "data-saved" in student.get(response["Location"]).content.decode()
    assert "data-saved" not in student.get(response["Location"]).content.decode()


def test_a_broken_or_foreign_cookie_of_what_was_saved_shows_nothing(student, sam, noor, browser_of):
    factories.write(noor, "me.free_time", ["lezen"])
    theirs = browser_of(noor)
    theirs.post("/paspoort/vraag/me.proud/", {"value": "Ik kan zwemmen.", "revision": "0"})
    for value in (theirs.cookies["saved"].value, "", "é", "AQAB", "x" * 3000):
        student.cookies["saved"] = value
        page = student.get("/paspoort/vraag/me.proud/")
        assert page.status_code == 200 and b"data-saved" not in page.content


# --- A session that ended while somebody was writing --------------------------------------------------------


def test_what_was_typed_comes_back_when_the_session_ended(visitor):
    data = {"value": "Ik <b>kan</b> koken.", "own": "lezen", "status": "later", "csrfmiddlewaretoken": "token"}
    response = visitor.post("/paspoort/vraag/me.proud/", data)
    page = response.content.decode()
    assert response.status_code == 401 and "no-store" in response["Cache-Control"]
    assert "Log weer in." in page and "Ik &lt;b&gt;kan&lt;/b&gt; koken.\nlezen</textarea>" in page
    assert "later" not in page and "token" not in page
    assert 'href="/inloggen/?next=/paspoort/vraag/me.proud/"' in page


def test_what_was_typed_about_a_need_comes_back_too(visitor):
    response = visitor.post("/paspoort/vraag/need.support/1/", {"what_works": "Een hoek", "why": "Herrie"})
    assert response.status_code == 401 and "Een hoek\nHerrie</textarea>" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "data"), [("/paspoort/vraag/me.proud/", {}), ("/paspoort/route/", {"value": "x"}), ("/delen/nieuw/", {})]
)
def test_nothing_typed_or_another_page_goes_to_the_log_in(visitor, path, data):
    assert visitor.post(path, data).status_code == 302
    assert visitor.get(path).status_code == 302
