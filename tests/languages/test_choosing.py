"""How a person chooses a language, what keeps it, and who is not offered which."""

from datetime import date

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts import languages, mail_codes
from accounts.models import User
from intake.services import mail as letters
from tests.factories import PASSWORD, make_parent

READING = "/lezen/"


def language_of(page) -> str:
    return page.content.decode().split('<html lang="', 1)[1].split('"', 1)[0]


def row(code="tr", whom="parents", reviewed=True):
    review = {"by": "A. Yilmaz, tolk", "day": date(2026, 12, 1)} if reviewed else None
    return {"code": code, "name": code, "for": whom, "reviewed": review}


@pytest.fixture
def with_languages(monkeypatch):
    """The languages of the file, and these; as if the site started with them."""

    def become(*rows):
        found = (
            *(one for one in languages.all_languages() if one.code in {"nl", "en"}),
            *languages.parse_languages(rows),
        )
        monkeypatch.setattr(languages, "all_languages", lambda: found)
        from accounts import reading

        monkeypatch.setitem(
            reading.KNOWN, "language", {"", *(one.code for one in found if one.is_offered and one.code != "nl")}
        )

    return become


# --- The yes ----------------------------------------------------------------------------------------------------


def test_it_is_dutch_until_somebody_chooses(client):
    page = client.get("/", headers={"accept-language": "en-GB,en;q=0.9"})
    assert language_of(page) == "nl" and page["Content-Language"] == "nl"


def test_a_choice_is_kept_with_the_account(browser_of, sam):
    browser_of(sam).post(READING, {"language": "en"})
    elsewhere = browser_of(sam).get("/vandaag/")
    assert language_of(elsewhere) == "en" and elsewhere["Content-Language"] == "en"
    assert User.objects.get(pk=sam.user.pk).reading == {"language": "en"}


def test_a_visitor_keeps_it_for_the_visit_and_takes_it_along(client, sam):
    client.post(READING, {"language": "en"})
    assert language_of(client.get("/privacy/")) == "en"
    client.post("/inloggen/", {"login": sam.user.username, "password": PASSWORD})
    assert language_of(client.get("/vandaag/")) == "en"
    assert language_of(Client().get("/")) == "nl"


def test_the_other_choices_stay_when_the_language_changes(browser_of, sam):
    browser = browser_of(sam)
    browser.post(READING, {"size": "l"})
    browser.post(READING, {"language": "en"})
    assert User.objects.get(pk=sam.user.pk).reading == {"size": "l", "language": "en"}
    browser.post(READING, {"language": ""})
    assert User.objects.get(pk=sam.user.pk).reading == {"size": "l"}
    assert language_of(browser.get("/vandaag/")) == "nl"


def test_each_language_stands_there_in_its_own(client):
    page = client.get(READING).content.decode()
    assert 'lang="en" dir="auto" translate="no">English</label>' in page
    assert (
        'lang="nl" dir="auto" translate="no">Nederlands</label>' in page and '<span lang="en">(Language)</span>' in page
    )


def test_a_refusal_speaks_the_language_of_who_reads_it(browser_of, sam):
    browser = browser_of(sam)
    browser.post(READING, {"language": "en"})
    page = browser.post(
        "/paspoort/vraag/me.words/", {"value": "rustig vrolijk eerlijk grappig precies serieus".split()}
    )
    assert "Choose no more than 5." in page.content.decode()
    asked = browser.put(
        "/api/v1/passport/answers/me.proud/", {"status": "odd", "value": None, "revision": 0}, "application/json"
    )
    assert asked.json() == {
        "code": "invalid_status",
        "detail": "This answer does not fit the question.",
        "status": ["This answer does not fit the question."],
    }


def test_it_lasts_for_one_request(browser_of, sam):
    browser = browser_of(sam)
    browser.post(READING, {"language": "en"})
    browser.get("/vandaag/")
    assert translation.get_language() == "nl"


# --- The no -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["tr", "ar", "xx", "nl-NL", "<b>"])
def test_a_language_that_nobody_reviewed_is_not_there(client, language):
    client.post(READING, {"language": language})
    page = client.get(READING)
    assert language_of(page) == "nl" and "Türkçe" not in page.content.decode()


def test_a_language_for_parents_is_not_for_students(client, browser_of, sam, with_languages):
    with_languages(row("tr"))
    parent = make_parent(sam)
    for who, expected in ((sam, "nl"), (parent, "tr")):
        browser = browser_of(who)
        browser.post(READING, {"language": "tr"})
        assert language_of(browser.get(READING)) == expected
        assert ('value="tr"' in browser.get(READING).content.decode()) is (expected == "tr")
    client.post(READING, {"language": "tr"})
    assert language_of(client.get("/")) == "tr"


def test_what_is_withdrawn_is_dutch_again(browser_of, sam, with_languages):
    parent = make_parent(sam)
    parent.user.reading = {"language": "tr"}
    parent.user.save()
    with_languages(row("tr", reviewed=False))
    assert language_of(browser_of(parent).get("/thuis/")) == "nl"


def test_a_page_from_right_to_left_says_so(browser_of, sam, with_languages):
    with_languages(row("ar"))
    browser = browser_of(make_parent(sam))
    browser.post(READING, {"language": "ar"})
    assert '<html lang="ar" dir="rtl"' in browser.get("/thuis/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"code": "tr"}, row() | {"for": "staff"}, row() | {"reviewed": {"by": "A. Yilmaz"}}, row() | {"reviewed": "yes"}],
)
def test_a_review_has_a_name_and_a_day(wrong):
    with pytest.raises(languages.WrongLanguages):
        languages.parse_languages([wrong])


# --- Mail -------------------------------------------------------------------------------------------------------


def test_mail_follows_the_kept_language(sam):
    parent = make_parent(sam)
    parent.user.email = "thuis@example.org"
    parent.user.reading = {"language": "en"}
    parent.user.save()
    mail_codes.send(mail_codes.ask(email="thuis@example.org"))
    assert mail.outbox[-1].subject == "Your code" and "works for fifteen minutes" in mail.outbox[-1].body
    letters._send(parent.user, letters.CHANGED, letters.CHANGED_TEXT)
    assert mail.outbox[-1].subject == "Something has changed in your inbox"
    parent.user.reading = {}
    letters._send(parent.user, letters.CHANGED, letters.CHANGED_TEXT)
    assert mail.outbox[-1].subject == "Er is iets veranderd in uw postvak"


def test_mail_to_staff_is_dutch(imke):
    imke.reading = {"language": "en"}
    assert languages.language_of(imke) == "nl"
