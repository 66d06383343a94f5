"""The year plan, the lesson of today and the projected screen: for the mentor of a class."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.entrance import who_is_in
from accounts.refusals import NotHere, Refusal
from school.forms import MoveForm
from school.services import board, classes, hands, lessons, plan

CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
CLOCKS = (5, 10, 15)


@require_http_methods(["GET", "POST"])
def class_plan(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The eight lessons of a class by day; a POST takes over those it does not have yet."""
    by = who_is_in(request)
    school_class = classes.get_own_class_or_404(class_id, by)
    if request.method == "POST":
        made = plan.take_over(class_id=class_id, by=by)
        messages.success(request, f"{len(made)} lessen gepland. U kunt elke les verzetten.")
        return redirect("class_plan", class_id)
    return _show_plan(request, school_class)


@require_POST
def lesson_move(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """Another day, left out, or taken back in."""
    by = who_is_in(request)
    lesson = plan.get_planned_or_404(lesson_id, by)
    if "skip" in request.POST or "keep" in request.POST:
        plan.skip_lesson(lesson_id=lesson_id, skip="skip" in request.POST, by=by)
        return redirect("class_plan", lesson.school_class_id)
    form = MoveForm(request.POST)
    try:
        if form.is_valid():
            plan.move_lesson(lesson_id=lesson_id, day=form.cleaned_data["day"], by=by)
            return redirect("class_plan", lesson.school_class_id)
    except Refusal as refusal:
        if refusal.status == NotHere().status:
            raise
        form.add_error("day", refusal.sentence)
    return _show_plan(request, lesson.school_class, lesson.pk, form)


@require_http_methods(["GET", "POST"])
def lesson_new(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """A lesson for today with up to six questions of one's own choice."""
    by = who_is_in(request)
    school_class = classes.get_own_class_or_404(class_id, by)
    picked, error = request.POST.getlist("questions"), ""
    if request.method == "POST":
        try:
            return redirect("lesson", lessons.start_own(class_id=class_id, keys=picked, by=by).pk)
        except Refusal as refusal:
            if refusal.status == NotHere().status:
                raise
            error = refusal.sentence
    context = {
        "school_class": school_class,
        "choices": lessons.choices(),
        "picked": picked,
        "most": plan.MOST_QUESTIONS,
        "error": error,
        "has_errors": bool(error),
        "back_url": reverse("desk"),
    }
    return render(request, "school/lesson_new.html", context, status=400 if error else 200)


@require_POST
def lesson_start(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    return redirect("lesson", lessons.start_planned(lesson_id=lesson_id, by=who_is_in(request)).pk)


@require_POST
def lesson_stop(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """Ends the lesson, and with it the hands of the class."""
    by = who_is_in(request)
    lesson = lessons.stop_lesson(lesson_id=lesson_id, by=by)
    hands.drop_hands(lesson.school_class)
    messages.success(request, "De les is klaar.")
    return redirect("desk")


@require_safe
def lesson(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """The mentor's own screen in a lesson: the questions, the hands, a new PIN, and the way to the board."""
    by = who_is_in(request)
    found = plan.get_lesson_or_404(lesson_id, by)
    raised, _ = hands.raised_in([found.school_class]) if found.is_running else ([], [])
    context = {
        "school_class": found.school_class,
        "sheet": lessons.sheet_of(found),
        "hands": raised,
        "cards": board.cards_in(found.school_class) if found.is_running else [],
        "back_url": reverse("desk"),
    }
    return render(request, "school/lesson.html", context)


@require_safe
def lesson_board(request: HttpRequest, lesson_id: UUID) -> HttpResponse:
    """The projected screen: one question. No name, no answer, no number of who did what, and no way to those."""
    found = plan.get_lesson_or_404(lesson_id, who_is_in(request))
    sheet = lessons.sheet_of(found)
    if not found.is_running or not sheet.questions:
        return render(request, "school/lesson_board_over.html")
    raw = request.GET.get("vraag", "")
    page = lessons.board_page(sheet, int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 4 else 1)
    minutes = request.GET.get("minuten", "")
    if minutes in map(str, CLOCKS):
        # The time stands in the address, so that the page may be loaded again and again.
        until = timezone.localtime() + timedelta(minutes=int(minutes))
        return redirect(f"{request.path}?vraag={page.place}&tot={until:%H%M}")
    return render(request, "school/lesson_board.html", {"page": page, "sheet": sheet, **_clock(request)})


def _clock(request: HttpRequest) -> dict[str, Any]:
    until = request.GET.get("tot", "")
    shown = f"{until[:2]}:{until[2:]}" if CLOCK.fullmatch(until) else ""
    return {"until": shown, "until_raw": until if shown else "", "clocks": CLOCKS}


def _show_plan(
    request: HttpRequest, school_class: Any, moved: UUID | None = None, form: MoveForm | None = None
) -> HttpResponse:
    rows = [lessons.sheet_of(one) for one in plan.lessons_of(school_class)]
    context = {
        "school_class": school_class,
        "rows": rows,
        "is_whole": len(rows) == plan.LESSONS,
        "ready": plan.year_plan().lessons,
        "apply_by": plan.apply_by(school_class),
        "today": timezone.localdate(),
        "moved": moved,
        "form": form,
        "back_url": reverse("desk"),
    }
    return render(request, "school/class_plan.html", context, status=400 if form else 200)
