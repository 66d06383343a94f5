"""The way in of whoever is invited: the link, the code from the mail, and what this browser session remembers of both.

The link's page only has a button, so a mail scanner uses nothing up. After it the address holds nothing any more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from accounts.languages import NAME
from accounts.models import User
from accounts.reading import keep_reading, reading_of
from accounts.refusals import NotHere, Refusal

PROOF_LASTS = 30 * 60  # seconds


@dataclass(frozen=True, slots=True)
class Invited:
    """One kind of invitation. `name` begins its pages, its templates in `folder` and what the session remembers.

    `find` takes the token of a link and `get` an id: both return the row and its key, or raise NotHere. `ask` mails a
    code for a row; `try_code` takes `invitation_id` and `typed`. `says_no` reads the answer that was sent; `decline`
    takes `invitation_id`, `accept` the request, the row and the filled in `answer_form`; `shows` says what the page of
    the answer holds, and `language` in which language the mail was, of a row and its key.
    """

    name: str
    folder: str
    find: Callable[[str], tuple[Any, Any]]
    get: Callable[[UUID], tuple[Any, Any]]
    ask: Callable[[Any], object]
    try_code: Callable[..., bool]
    form: type[Form]
    wrong: Any  # a sentence, in the language of the page
    answer_form: type[Form]
    says_no: Callable[[QueryDict], bool]
    decline: Callable[..., None]
    accept: Callable[[HttpRequest, Any, Form], HttpResponse]
    shows: Callable[[Any, Any], dict[str, Any]]
    language: Callable[[Any, Any], str]

    def views(self) -> tuple[Callable[..., HttpResponse], ...]:
        """The pages of the link, the code and the answer, for somebody who is not logged in."""
        get_or_post = require_http_methods(["GET", "HEAD", "POST"])
        pages = (self.show_link, self.show_code, self.show_answer)
        return tuple(login_not_required(get_or_post(page)) for page in pages)

    def show_link(self, request: HttpRequest, token: str) -> HttpResponse:
        """Says nothing of anybody; the button mails a code to the address that was invited."""
        try:
            row, key = self.find(token)
        except NotHere:
            return self.closed(request)
        if request.method != "POST":
            return self._first_page(request, self.language(row, key))
        request.session[self.name] = str(row.pk)
        request.session.pop(self._proven, None)
        self.ask(row)
        return redirect(f"{self.name}_code")

    def _first_page(self, request: HttpRequest, language: str) -> HttpResponse:
        """In the language of the mail, and so are the next ones, until this visitor chooses another."""
        if language in {"", settings.LANGUAGE_CODE} or isinstance(request.user, User) or reading_of(request).get(NAME):
            return self.show(request)
        keep_reading(request, {NAME: language})
        with translation.override(language):
            response = self.show(request)
        response.headers["Content-Language"] = language
        return response

    def show_code(self, request: HttpRequest) -> HttpResponse:
        """The code from the mail. Wrong too often, and the invitation is gone."""
        try:
            row, _key = self.of_session(request)
            if "again" in request.POST:
                self.ask(row)
                return redirect(f"{self.name}_code")
            form = self.form(request.POST or None)
            if form.is_valid():
                if self.try_code(invitation_id=row.pk, typed=form.cleaned_data["code"]):
                    request.session.cycle_key()
                    request.session[self._proven] = timezone.now().timestamp()
                    return redirect(f"{self.name}_answer")
                self.of_session(request)
                form.add_error("code", self.wrong)
        except NotHere:
            return self.closed(request)
        return self.show(request, "_code", {"form": form}, status=400 if form.errors else 200)

    def show_answer(self, request: HttpRequest) -> HttpResponse:
        """Who asks or what it means, and yes or no. After a no the session remembers nothing of it."""
        try:
            row, key = self.of_session(request)
            if not self.is_proven(request):
                return redirect(f"{self.name}_code")
            if self.says_no(request.POST):
                self.decline(invitation_id=row.pk)
                self.forget(request)
                return self.show(request, "_no")
            form = self.answer_form(request.POST or None)
            if form.is_valid():
                return self.accept(request, row, form)
        except NotHere:
            return self.closed(request)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        context = self.shows(row, key) | {"form": form}
        return self.show(request, "_answer", context, status=400 if form.errors else 200)

    def of_session(self, request: HttpRequest) -> tuple[Any, Any]:
        """The invitation this session opened the link of, and its key. Raises NotHere."""
        try:
            return self.get(UUID(request.session.get(self.name, "")))
        except ValueError:
            raise NotHere() from None

    def is_proven(self, request: HttpRequest) -> bool:
        """Whether the code was right in this session, less than half an hour ago."""
        at = request.session.get(self._proven)
        return at is not None and timezone.now().timestamp() - at < PROOF_LASTS

    def forget(self, request: HttpRequest) -> None:
        """The answer was given: the session remembers nothing of it."""
        for name in (self.name, self._proven):
            request.session.pop(name, None)

    def closed(self, request: HttpRequest) -> HttpResponse:
        """The same page for every no."""
        return self.show(request, "_closed", status=404)

    def show(
        self, request: HttpRequest, page: str = "", context: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        """One page of this kind of invitation."""
        return render(request, f"{self.folder}/{self.name}{page}.html", context, status=status)

    @property
    def _proven(self) -> str:
        return f"{self.name}_proven"
