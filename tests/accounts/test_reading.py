"""«Hoe wil jij lezen?»: kept with the person, taken along at a log-in, and back on the page one was on."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.reading import KNOWN
from tests import factories
from tests.factories import PASSWORD

READING = "/lezen/"
LARGE = {"size": "xl", "theme": "contrast", "space": "wide", "font": "phone", "calm": "on", "icons": "off"}


def log_in(client, who):
    return client.post("/inloggen/", {"login": who.user.username, "password": PASSWORD})


def kept(who):
    return User.objects.get(pk=who.user.pk).reading


def html_of(response):
    return response.content.decode().split("<head>")[0]


def test_a_choice_is_kept_with_the_person_and_shown_on_every_page(client, sam):
    log_in(client, sam)
    client.post(READING, LARGE)
    assert kept(sam) == LARGE
    html = html_of(client.get("/hulp/"))
    shown = ("size", "theme", "space", "font", "calm", "icons")
    assert [name for name in shown if f'data-{name}="{LARGE[name]}"' not in html] == []


def test_it_is_there_again_on_another_device(client, sam, browser_of):
    log_in(client, sam)
    client.post(READING, {"theme": "dark"})
    assert 'data-theme="dark"' in html_of(browser_of(sam).get("/hulp/"))


def test_the_empty_choice_goes_back_to_the_house(client, sam):
    log_in(client, sam)
    client.post(READING, LARGE)
    client.post(READING, dict.fromkeys(LARGE, ""))
    assert kept(sam) == {}


def test_what_is_not_sent_stays_as_it_was(client, sam):
    """The voice of the internet is allowed by one small post; a setting that was dropped is no longer kept."""
    log_in(client, sam)
    client.post(READING, {"theme": "dark"})
    client.post(READING, {"talk": "seen"})
    client.post(READING, {"voice": "net"})
    assert kept(sam) == {"theme": "dark", "voice": "net"}


@pytest.mark.parametrize("post", [{"theme": "purple"}, {"size": "9999"}, {"diagnosis": "x"}, {"theme": ["dark", "x"]}])
def test_what_is_unknown_is_left_out(client, sam, post):
    log_in(client, sam)
    assert client.post(READING, {"calm": "on", **post}).status_code == 302
    assert kept(sam) == {"calm": "on"}


@pytest.mark.parametrize("broken", [{"theme": "purple"}, {"theme": {"a": 1}}, {"size": None}, {"x": "dark"}])
def test_what_is_unknown_in_the_database_changes_no_page(client, sam, broken):
    User.objects.filter(pk=sam.user.pk).update(reading=broken)
    log_in(client, sam)
    response = client.get(READING)
    assert response.status_code == 200
    assert "data-theme" not in html_of(response) and "data-size" not in html_of(response)


def test_a_visitor_keeps_it_for_the_visit(client):
    client.post(READING, {"size": "xl"})
    assert 'data-size="xl"' in html_of(client.get("/privacy/"))


def test_at_a_log_in_the_choice_of_the_visit_goes_along(client, sam):
    client.post(READING, {"size": "xl"})
    log_in(client, sam)
    assert kept(sam) == {"size": "xl"}
    assert "look" not in client.session


def test_a_choice_of_ones_own_wins_from_the_visit(client, sam):
    User.objects.filter(pk=sam.user.pk).update(reading={"theme": "dark"})
    client.post(READING, {"theme": "light", "size": "xl"})
    log_in(client, sam)
    assert kept(sam) == {"theme": "dark"}


def test_after_logging_out_nothing_of_it_is_left_for_the_next(client, sam):
    log_in(client, sam)
    client.post(READING, {"size": "xl"})
    client.post("/uitloggen/")
    assert "data-size" not in html_of(client.get("/inloggen/"))


def test_looking_first_keeps_nothing(client, sam):
    log_in(client, sam)
    response = client.post(READING, {**LARGE, "preview": "1", "next": "/hulp/"})
    page = response.content.decode()
    assert 'data-theme="contrast"' in html_of(response)
    assert 'name="next" value="/hulp/"' in page
    assert page.count(" checked") == len(KNOWN)
    assert kept(sam) == {}


@pytest.mark.parametrize("path", ["/hulp/", "/paspoort/vraag/me.name/"])
def test_it_leads_back_to_the_page_one_was_on(client, sam, path):
    log_in(client, sam)
    page = client.get(READING, headers={"Referer": f"http://testserver{path}?q=zorg"}).content.decode()
    assert f'name="next" value="{path}"' in page and f'class="back" href="{path}"' in page
    assert client.post(READING, {"size": "l", "next": path})["Location"] == path


@pytest.mark.parametrize(
    "came_from", ["http://testserver//example.org/x", "http://example.org/hulp/", "http://testserver/lezen/"]
)
def test_where_one_came_from_is_a_page_of_this_site(client, sam, came_from):
    """`//example.org/x` is a page that is not here on this site, and a whole other site in a link."""
    log_in(client, sam)
    page = client.get(READING, headers={"Referer": came_from}).content.decode()
    assert 'name="next" value="/vandaag/"' in page and "example.org" not in page
    assert client.post(READING, {"size": "l"}, headers={"Referer": came_from})["Location"] == "/vandaag/"


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_it_never_leads_away(client, sam, elsewhere):
    log_in(client, sam)
    assert client.post(READING, {"size": "l", "next": elsewhere})["Location"] == "/vandaag/"
    assert elsewhere not in client.get(READING, {"next": elsewhere}).content.decode()


def test_a_visitor_without_a_page_before_goes_home(client):
    assert client.post(READING, {"size": "l"})["Location"] == reverse("home")


# --- On every page, for everybody ------------------------------------------------------------------------------


def test_the_button_is_on_every_page_of_everybody(client, sam, imke, browser_of):
    parent = factories.make_parent(sam)
    pages = {
        sam: ["/paspoort/", "/delen/", "/wie-keek/", "/instellingen/", "/hulp/", "/eigen-telefoon/"],
        imke: ["/intake/", "/instellingen/", "/privacy/"],
        parent: ["/thuis/", "/instellingen/"],
    }
    asked = [(browser_of(who), path) for who, paths in pages.items() for path in paths]
    asked += [(client, path) for path in ("/", "/inloggen/", "/toegankelijkheid/", "/klaar/", "/geen-pagina/")]
    for browser, path in asked:
        assert browser.get(path).content.decode().count('class="tool" href="/lezen/"') == 1, path


def test_students_parents_and_visitors_are_read_to_and_staff_are_not(client, sam, imke):
    parent = factories.make_parent(sam)
    assert "data-listen" in client.get("/").content.decode()
    for user, paths, listens in (
        (sam.user, ("/paspoort/", "/privacy/"), True),
        (parent.user, ("/thuis/", "/privacy/"), True),
        (imke, ("/intake/", "/privacy/"), False),
    ):
        browser = Client()
        browser.post("/inloggen/", {"login": user.username, "password": PASSWORD})
        pages = [browser.get(path) for path in paths]
        assert [page.status_code for page in pages] == [200, 200]
        assert [b"data-listen" in page.content and b"voice.js" in page.content for page in pages] == [listens] * 2


def test_staff_choose_how_to_look_and_nothing_about_a_voice_or_a_language(client, sam, imke):
    names = [f'name="{name}"' for name in KNOWN]
    client.post("/inloggen/", {"login": imke.username, "password": PASSWORD})
    page = client.get(READING).content.decode()
    quiet = ['name="language"', 'name="aloud"', 'name="speed"', 'name="voice"']  # the pages of staff are Dutch
    assert [name for name in names if name not in page] == quiet
    assert "Hoe wilt u lezen?" in page and "Hoe wil jij lezen?" not in page
    student = Client()
    log_in(student, sam)
    assert [name for name in names if name not in student.get(READING).content.decode()] == []


def test_who_turned_reading_aloud_off_has_no_button(client, sam):
    log_in(client, sam)
    client.post(READING, {"aloud": "off"})
    assert "data-listen" not in client.get("/paspoort/").content.decode()
