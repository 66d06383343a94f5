"""Speaks the language a person chose in «Hoe wil jij lezen?».

Dutch until somebody chooses: the language of a browser is not asked. A school's computer says what its maker chose, and
on a phone of the family it would turn a student's pages into a language the mentor beside them cannot read.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts.languages import NAME, chosen, is_work
from accounts.models import User
from accounts.reading import reading_of


class LanguageMiddleware:
    """For the length of one request, never longer; pages of staff are Dutch."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = _language_for(request)
        with translation.override(code):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response


def _language_for(request: HttpRequest) -> str:
    if is_work(request) or not (kept := reading_of(request).get(NAME)):
        return settings.LANGUAGE_CODE
    # Whether somebody is a student is asked only of who chose a language: it costs a query.
    return chosen(kept, to_student=isinstance(request.user, User) and request.user.is_student)
