"""The mentor's start page and the class page."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import badges, sessions
from accounts.entrance import who_is_in
from accounts.models import User
from accounts.refusals import NotHere
from intake.services.dossiers import list_dossiers
from passport.signs import Sign
from school.services import board, classes, hands, lessons, one_card, plan


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Today at a glance: the lesson, hands, who wants to talk, the next lesson, and what is shared with this person."""
    by = who_is_in(request)
    seen = classes.seen_classes(by)
    if not seen:
        raise NotHere()
    own = [one.school_class for one in seen if one.is_mentor]
    running, coming = lessons.running_in(own), plan.next_planned(own)
    raised, talks = hands.raised_in(own)
    context = {
        "classes": [
            {
                "school_class": one,
                "running": lessons.sheet_of(running[one.pk]) if one.pk in running else None,
                "next": lessons.sheet_of(coming[one.pk]) if one.pk in coming else None,
                "hands": [row for row in raised if row.class_id == one.pk],
                "talks": [row for row in talks if row.class_id == one.pk],
            }
            for one in own
        ],
        "others": [one.school_class for one in seen if not one.is_mentor],
        "dossiers": list_dossiers(by),
        "today": timezone.localdate(),
    }
    return render(request, "school/desk.html", context)


@require_safe
def class_board(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """Everybody in a class, by name, as far as each allows."""
    by = who_is_in(request)
    seen = classes.get_seen_class_or_404(class_id, by)
    context = {
        "school_class": seen.school_class,
        "is_mentor": seen.is_mentor,
        "rows": board.rows_of(seen, by),
        "back_url": reverse("desk"),
    }
    return render(request, "school/class_board.html", context)


@require_POST
def class_login(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """«Nieuwe pincode», «Nieuwe kaart» and «Log uit» for one student of one's own class."""
    by = who_is_in(request)
    student = classes.get_student_or_404(class_id, _student_id(request), by)
    act = request.POST.get("act", "")
    if act == "pin":
        badges.reset_pin(student, by=by)
        messages.success(request, "De oude pincode is weg. De student kiest binnen een uur een nieuwe, bij de kaart.")
    elif act == "card":
        return _new_card(request, class_id, one_card.new_card(student, by=by))
    elif act == "out":
        sessions.end_sessions(student, by=by)
        messages.success(request, "Deze student is overal uitgelogd.")
    else:
        raise NotHere()
    return _back_to_lesson(request, class_id, by) or redirect("class_board", class_id)


@require_POST
def class_heard(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """The mentor came by: a hand goes down, or a wish to talk is met."""
    by = who_is_in(request)
    try:
        sign = Sign(request.POST.get("sign", ""))
    except ValueError:
        raise NotHere() from None
    hands.hear(class_id=class_id, student_id=_student_id(request), sign=sign, by=by)
    return _back_to_lesson(request, class_id, by) or redirect("desk")


def _back_to_lesson(request: HttpRequest, class_id: UUID, by: User) -> HttpResponse | None:
    """To the lesson that runs, for who pressed a button on its page."""
    if request.POST.get("from") != "lesson":
        return None
    running = lessons.running_in([classes.get_own_class_or_404(class_id, by)]).get(class_id)
    return redirect("lesson", running.pk) if running else None


def _new_card(request: HttpRequest, class_id: UUID, card: one_card.Card) -> HttpResponse:
    """Shows a card once; it is kept nowhere, so there is no address to come back to."""
    context = {"card": card, "back_url": reverse("class_board", args=[class_id])}
    return render(request, "school/new_card.html", context)


def _student_id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("student", ""))
    except ValueError:
        raise NotHere() from None
