"""A question of one's own passport, and the line «Bewaard» that follows to the next page."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import vault
from passport import services
from passport.models import Passport
from passport.owner import own_passport
from passport.questionnaire import Question, Questionnaire, Section
from passport.services import Text

SAVED = "saved"


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
        return services.open_answer(self.passport, self.key, self.question.key)


def own_question(request: HttpRequest, key: str) -> Asked:
    """Raises NotHere for an unknown question and for whoever is not a student."""
    passport, data_key = own_passport(request)
    questions = services.questions_of(passport)
    return Asked(passport, data_key, questions, services.question_or_404(questions, key))


def asked_in(section: Section, route: str | None) -> list[Question]:
    return [question for question in section.questions if question.asked_on(route)]


def show(
    request: HttpRequest, passport: Passport, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Draws a page with, once, what was saved on the page before and the way to undo it."""
    saved = _saved_before(request, passport)
    response = render(request, template, {**context, "saved": saved}, status=status)
    if SAVED in request.COOKIES:
        response.delete_cookie(SAVED, path=reverse("passport_overview"))
    return response


def remember_saved(response: HttpResponse, passport: Passport, text: Text, before: int) -> None:
    """Tells the next page what was saved.

    In a cookie of minutes, bound to this student, and not in the session: which question somebody
    answered may not be readable in the database (contract, rule 6).
    """
    response.set_signed_cookie(
        SAVED,
        f"{text.key} {text.revision} {before}",
        salt=str(passport.pk),
        max_age=300,
        path=reverse("passport_overview"),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _saved_before(request: HttpRequest, passport: Passport) -> dict[str, Any] | None:
    note = (request.get_signed_cookie(SAVED, default="", salt=str(passport.pk), max_age=300) or "").split()
    questions = services.questions_of(passport).questions
    if len(note) != 3 or note[0] not in questions:
        return None
    return {"question": questions[note[0]], "revision": note[1], "before": note[2]}
