"""The API as a page of the site would call it: to lay ready what a journey is not about, and to put it back."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.journeys.conftest import Person

CALL = """async ([method, path, body]) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)?.[1]
    || document.querySelector('[name=csrfmiddlewaretoken]').value;
  const answer = await fetch('/api/v1/' + path, {method, body: body && JSON.stringify(body),
    headers: {'Content-Type': 'application/json', 'X-CSRFToken': token}});
  return await answer.json();
}"""


def call(person: Person, method: str, path: str, body: Any = None) -> Any:
    """What the API answers to this person, in the session and with the token of the page that is open."""
    return person.page.evaluate(CALL, [method, path, body])


def shares(student: Person, kind: str, purpose: str, units: list[str]) -> str:
    """The student shares units with the recipient of that kind at care3, from any page; returns the share."""
    [found] = [one for one in call(student, "GET", "recipients/?q=care3")["results"] if one["kind"] == kind]
    body = {"recipient": {"kind": kind, "id": found["id"]}, "purpose": purpose, "units": units}
    until = (timezone.localdate() + timedelta(days=20)).isoformat()
    return str(call(student, "POST", "shares/", body | {"valid_until": until})["id"])
