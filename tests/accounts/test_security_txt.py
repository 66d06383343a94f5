"""/.well-known/security.txt (RFC 9116): there once the hoster named a contact, and not before."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from config import env

PATH = "/.well-known/security.txt"


def fields(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.mark.django_db(databases=["default", "keys"])
def test_without_a_contact_there_is_no_page(client, settings):
    settings.SECURITY_CONTACT = ""
    assert client.get(PATH).status_code == 404


@pytest.mark.django_db(databases=["default", "keys"])
def test_it_names_the_contact_and_a_day_on_which_it_ends(client, settings):
    settings.SECURITY_CONTACT, settings.HTTPS, settings.BASE_URL = "mailto:veilig@example.nl", True, "https://p.example"
    answer = client.get(PATH)
    assert answer.status_code == 200 and answer["Content-Type"] == "text/plain; charset=utf-8"
    found = fields(answer.content.decode())
    ends = datetime.fromisoformat(found.pop("Expires"))
    assert timedelta(days=30) < ends - timezone.now() < timedelta(days=365)
    assert found == {
        "Contact": "mailto:veilig@example.nl",
        "Preferred-Languages": "nl, en",
        "Canonical": f"https://p.example{PATH}",
    }


@pytest.mark.django_db(databases=["default", "keys"])
def test_it_never_ends_while_the_site_is_there(client, settings):
    settings.SECURITY_CONTACT = "tel:+31201234567"
    with time_machine.travel("2031-03-30T01:30Z", tick=False):
        assert fields(client.get(PATH).content.decode())["Expires"] == "2031-06-28T00:00:00Z"


@pytest.mark.django_db(databases=["default", "keys"])
def test_it_is_read_and_nothing_else_and_leaves_no_cookie(client, settings):
    settings.SECURITY_CONTACT = "https://example.nl/melden"
    assert client.post(PATH).status_code == 405
    assert not client.get(PATH).cookies


@pytest.mark.parametrize("value", ["", "mailto:a@example.nl", "https://example.nl/x", "tel:+31-20-1234567"])
def test_a_contact_is_an_address_one_can_use(monkeypatch, value):
    monkeypatch.setenv("SECURITY_CONTACT", value)
    assert env.contact("SECURITY_CONTACT") == value


@pytest.mark.parametrize(
    "value",
    ["a@example.nl", "mailto:nobody", "http://example.nl", "https://example.nl/x\nContact: mailto:b@example.nl"],
)
def test_what_is_no_such_address_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SECURITY_CONTACT", value)
    with pytest.raises(env.WrongSetting, match="SECURITY_CONTACT"):
        env.contact("SECURITY_CONTACT")
