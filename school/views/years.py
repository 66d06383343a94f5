"""The new school year, class by class; and the page for who leaves: «Zo houd jij je paspoort»."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.own_mail import address_of
from accounts.refusals import NotHere, Refusal
from school.office_forms import RollForm
from school.services.office import get_school_or_404
from school.services.years import OldClass, classes_to_roll, last_day_of, leaves_on, roll_class


@require_http_methods(["GET", "HEAD", "POST"])
def office_year(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Per class what becomes of it; each is a form of its own, so one at a time."""
    by = who_is_in(request)
    place = get_school_or_404(place_id, by)
    rows = classes_to_roll(place)
    posted = request.POST.get("class", "")
    forms = [(row, RollForm(row.school_class, request.POST if _is(row, posted) else None)) for row in rows]
    wrong = None
    for row, form in forms:
        if _is(row, posted):
            if form.is_valid() and _rolled(request, row, form):
                return redirect("office_year", place_id=place_id)
            wrong = form
    context: dict[str, Any] = {"place": place, "wrong": wrong, "has_errors": wrong is not None, "on_year": True}
    context["rows"] = [(row, form, last_day_of(row.school_class.school_year)) for row, form in forms]
    return render(request, "school/office_year.html", context, status=400 if wrong else 200)


def _is(row: OldClass, posted: str) -> bool:
    return str(row.school_class.pk) == posted


def _rolled(request: HttpRequest, row: OldClass, form: RollForm) -> bool:
    said = form.cleaned_data
    name = said["to_name"] if said["what"] == "class" else ""
    try:
        moved = roll_class(
            school_class=row.school_class, to_name=name, mentors_too=said["mentors_too"], by=who_is_in(request)
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error("to_name", refusal.sentence)
        return False
    messages.success(request, f"Bewaard voor {moved} studenten.")
    return True


@require_safe
def keep_passport(request: HttpRequest) -> HttpResponse:
    """The student who leaves school: what stays, what ends, and how to come in without the card of school."""
    user = who_is_in(request)
    if not user.is_student:
        raise NotHere()
    context = {"last_day": leaves_on(user.student), "address": address_of(user), "back_url": reverse("today")}
    return render(request, "school/keep_passport.html", context)
