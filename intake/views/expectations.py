"""«Een dag op het mbo»: what a day at the student's own programmes asks, and questions for the intake that follow."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import NotHere, Refusal
from intake.services import expectations as days
from intake.services.expectations import Day, Tick
from passport.owner import own_passport
from passport.services import Conflict, open_answer, questions_of
from passport.views.asked import remember_saved, show


@require_safe
def expectations(request: HttpRequest) -> HttpResponse:
    """The programmes the student chose, each with how far they are; none is named in an address."""
    passport, key = own_passport(request)
    context = {
        "days": days.days_of(passport.student, key),
        "programmes_url": reverse("question", args=[days.PROGRAMMES]),
        "back_url": reverse("passport_overview"),
    }
    return show(request, passport, key, "intake/expectations.html", context)


@require_http_methods(["GET", "POST"])
def expectation_ticks(request: HttpRequest, place: int) -> HttpResponse:
    """The sentences of one programme, with three answers each; nothing is ticked before the student does."""
    passport, key = own_passport(request)
    day = days.day_or_404(passport.student, key, place)
    if request.method == "POST":
        _same_programme(request, day)
        cleared = "clear" in request.POST
        ticks = {} if cleared else {one.id: request.POST.get(one.name, "") for one in day.statements}
        days.keep_ticks(student=passport.student, key=key, day=day, ticks=ticks, by=passport.student.user)
        if Tick.HARD in ticks.values():
            return redirect("expectation_questions", place)
        messages.success(request, _("Bewaard.") if any(ticks.values()) else _("Je koos niets. Dat mag."))
        return redirect("expectations")
    context = {"day": day, "back_url": reverse("expectations")}
    return show(request, passport, key, "intake/expectation_ticks.html", context)


@require_http_methods(["GET", "POST"])
def expectation_questions(request: HttpRequest, place: int) -> HttpResponse:
    """What the student found hard, each with a question to take over; a tap takes over one, nothing by itself."""
    passport, key = own_passport(request)
    day = days.day_or_404(passport.student, key, place)
    text = open_answer(passport, key, days.QUESTIONS)
    refusal = None
    if request.method == "POST":
        _same_programme(request, day)
        statement = next((one for one in day.hard if str(one.id) == request.POST.get("take")), None)
        if statement is None:
            raise NotHere()
        before = _number(request.POST.get("revision", ""))
        try:
            kept = days.take_question(
                student=passport.student, key=key, statement=statement, revision=before, by=passport.student.user
            )
        except Conflict:
            messages.warning(request, _("Je vragen zijn net veranderd. Kijk ze na."))
            return redirect("expectation_questions", place)
        except Refusal as no:
            refusal = no
        else:
            response = redirect("expectation_questions", place)
            remember_saved(response, passport, key, kept, before)
            return response
    question = questions_of(passport).questions[days.QUESTIONS]
    context = {
        "day": day,
        "question": question,
        "own": text.value or [],
        "revision": text.revision,
        "is_full": bool(refusal and refusal.code == "too_many"),
        "refusal": refusal,
        "has_errors": refusal is not None,
        "back_url": reverse("expectation_ticks", args=[place]),
    }
    return show(request, passport, key, "intake/expectation_questions.html", context, status=400 if refusal else 200)


def _same_programme(request: HttpRequest, day: Day) -> None:
    """On another telephone the list may have changed: the page says which programme it was about."""
    if request.POST.get("programme") != day.programme.code:
        raise NotHere()


def _number(raw: str) -> int:
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
