"""The student's home page and «Wie keek er?»: both show what several rooms know (house.md)."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.identity import identity_of
from accounts.models import Student
from consent.anew import to_ask_anew
from consent.asked_again import is_asked_again
from consent.given import Called, called, to_reconfirm
from consent.looks import Look, looks_of
from consent.recipients import recipient_of
from consent.services import replies_since
from intake.services import coach_ties, taster_days
from intake.services.after import cards_for
from intake.services.fits import fits_since
from intake.services.intake_talk import coming
from intake.services.law_log import requests_of
from intake.services.notes import written_beside
from intake.services.talks import coming_talks
from passport.owner import own_passport
from passport.questionnaire import Question
from passport.services import Sheet, open_sheet
from passport.suggestions import open_suggestions
from passport.values import Status

NEWS = timedelta(days=7)
MOST_NEWS = 3
A_PAGE = 50


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """One question, four ways on, and what came back this week. No streak, no percentage (ux.md)."""
    passport, key = own_passport(request)
    sheet = open_sheet(passport, key)
    if all(text.status is Status.EMPTY for text in sheet.texts.values()):
        return redirect("passport_start")
    context = {
        "name": identity_of(passport.student, key).calling_name,
        "question": next_question(sheet),
        "route": sheet.route,
        "news": _news(passport.student),
        "answers": _answers(passport.student),
        "to_reconfirm": to_reconfirm(passport, key),
        "anew": to_ask_anew(passport),
        "asked_again": is_asked_again(passport, key),
        "after": cards_for(passport.student, key),
        "talks": coming_talks(passport.student, key),
        "intakes": coming(passport.student),
        "suggestions": open_suggestions(passport, key)[:MOST_NEWS],
    }
    beside = written_beside(passport.student)
    coaches = coach_ties.coaches_of(passport.student) if beside["has_coach"] else []
    news = {
        "coach_goes": coach_ties.news_of(coaches),
        "taster_days": taster_days.news_of(passport.student) if beside["has_days"] else [],
    }
    return render(request, "intake/today.html", context | beside | news)


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Every look, newest first, per day; fifty a page, and the same queries for two as for forty."""
    passport, key = own_passport(request)
    found = looks_of(passport, key)
    total = len(found)
    last = max(0, (total - 1) // A_PAGE)
    page = min(_number(request.GET.get("bladzijde", "")), last)
    rows = found.look_rows(slice(page * A_PAGE, (page + 1) * A_PAGE))
    context = {
        "days": _by_day(rows),
        "by_law": requests_of(passport.student, key) if page == 0 else [],
        "newer": page if page else None,
        "older": page + 2 if page < last else None,
        "back_url": reverse("today"),
    }
    return render(request, "consent/looks.html", context)


def next_question(sheet: Sheet) -> Question | None:
    """The first question of the route without an answer; a delicate one is never the question of a day."""
    for question in sheet.questions.questions.values():
        own = question.asked_on(sheet.route) and question.written_by == "student" and not question.sensitive
        if own and sheet.text(question.key).status is Status.EMPTY:
            return question
    return None


def _news(student: Student) -> list[tuple[Any, Called]]:
    replies = replies_since(student, timezone.now() - NEWS)[:MOST_NEWS]
    return [(reply, called(recipient_of(reply.share))) for reply in replies]


def _answers(student: Student) -> list[tuple[Any, Called]]:
    """Which programmes answered this week to what helps this student; what they said stays sealed."""
    found = fits_since(student, timezone.now() - NEWS)[:MOST_NEWS]
    return [(fit.share, called(recipient_of(fit.share))) for fit in found]


def _number(raw: str) -> int:
    """Pages count from one in the address and from nought here."""
    return max(0, int(raw) - 1) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 0


def _by_day(rows: list[Look]) -> list[tuple[Any, list[Look]]]:
    return [(day, list(group)) for day, group in groupby(rows, key=lambda look: timezone.localdate(look.at))]
