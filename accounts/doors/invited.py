"""The way in of whoever is invited: the link, the code from the mail, and what this browser session remembers of both.

The link's page only has a button, so a mail scanner uses nothing up. After it the address holds nothing any more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.refusals import NotHere

PROOF_LASTS = 30 * 60  # seconds


@dataclass(frozen=True, slots=True)
class Invited:
    """One kind of invitation. `name` begins its pages, its templates in `folder` and what the session remembers.

    `find` takes the token of a link and `get` an id: both return the row and its key, or raise NotHere. `ask` mails a
    code for a row; `try_code` takes `invitation_id` and `typed`.
    """

    name: str
    folder: str
    find: Callable[[str], tuple[Any, Any]]
    get: Callable[[UUID], tuple[Any, Any]]
    ask: Callable[[Any], object]
    try_code: Callable[..., bool]
    form: type[Form]
    wrong: Any  # a sentence, in the language of the page

    def show_link(self, request: HttpRequest, token: str) -> HttpResponse:
        """Says nothing of anybody; the button mails a code to the address that was invited."""
        try:
            row, _key = self.find(token)
        except NotHere:
            return self.closed(request)
        if request.method != "POST":
            return self.show(request)
        request.session[self.name] = str(row.pk)
        request.session.pop(self._proven, None)
        self.ask(row)
        return redirect(f"{self.name}_code")

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
