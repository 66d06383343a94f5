"""A question of one's own passport, and the line «Bewaard» that follows to the next page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from time import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import vault
from accounts.refusals import NotHere
from passport import services
from passport.models import Passport
from passport.owner import own_passport
from passport.questionnaire import Question, Questionnaire, Section
from passport.services import Text

SAVED = "__Host-saved" if settings.HTTPS else "saved"
SAVED_FIELD, SAVED_SECONDS = "cookie.saved", 300


@dataclass(frozen=True)
class Asked:
    """One question, with the passport it is asked in and the key that opens it."""

    passport: Passport
    key: vault.Key
    questions: Questionnaire
    question: Question

    @property
    def section(self) -> Section:
        return next(section for section in self.questions.sections if section.key == self.question.section)

    @property
    def siblings(self) -> list[Question]:
        """The questions of its section that this student's route asks."""
        return asked_in(self.section, services.route_of(self.passport, self.key))

    @property
    def url(self) -> str:
        return reverse("question", args=[self.question.key])

    @property
    def next_url(self) -> str:
        """The next question of the section; after the last one the page to read back."""
        keys = [question.key for question in self.siblings]
        place = keys.index(self.question.key) + 1 if self.question.key in keys else len(keys)
        if place < len(keys):
            return reverse("question", args=[keys[place]])
        return reverse("passport_section", args=[self.section.key])

    def open_text(self) -> Text:
        text = services.open_answer(self.passport, self.key, self.question.key)
        return services.as_shown(self.passport, text)


def own_question(request: HttpRequest, key: str) -> Asked:
    """Raises NotHere for an unknown question, one that is switched off and was never answered, and for no student."""
    passport, data_key = own_passport(request)
    questions = services.questions_of(passport)
    asked = Asked(passport, data_key, questions, services.question_or_404(questions, key))
    if asked.question.off and not asked.open_text().revision:
        raise NotHere()
    return asked


def asked_in(section: Section, route: str | None) -> list[Question]:
    return [question for question in section.questions if question.asked_on(route)]


def show(
    request: HttpRequest,
    passport: Passport,
    key: vault.Key,
    template: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Draws a page with, once, what was saved on the page before and the way to undo it."""
    saved = _saved_before(request, passport, key)
    response = render(request, template, {**context, "saved": saved}, status=status)
    if SAVED in request.COOKIES:
        response.delete_cookie(SAVED, samesite="Lax")
    return response


def remember_saved(response: HttpResponse, passport: Passport, key: vault.Key, text: Text, before: int) -> None:
    """Tells the next page what was saved.

    In a cookie of minutes, sealed with this student's key, and not in the session: which question somebody
    answered may not be readable in the database (contract, rule 6), nor on a shared device.
    """
    note = [text.key, text.revision, before, int(time())]
    sealed = key.seal(note, field=SAVED_FIELD, row=passport.pk, block=128)
    response.set_cookie(
        SAVED,
        urlsafe_b64encode(sealed).decode(),
        max_age=SAVED_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _saved_before(request: HttpRequest, passport: Passport, key: vault.Key) -> dict[str, Any] | None:
    """What the cookie says; one that is old, of somebody else or made up says nothing."""
    try:
        sealed = urlsafe_b64decode(request.COOKIES.get(SAVED, "").encode())
        question, revision, before, at = key.open(sealed, field=SAVED_FIELD, row=passport.pk)
    except (ValueError, vault.Tampered, vault.Shredded):
        return None
    questions = services.questions_of(passport).questions
    if time() - at > SAVED_SECONDS or question not in questions:
        return None
    return {"question": questions[question], "revision": revision, "before": before}
