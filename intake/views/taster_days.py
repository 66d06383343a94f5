"""«Een dag meelopen», as a student sees it: which days, one day, their name on it, a buddy, and the card afterwards."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import vault
from accounts.models import Student
from accounts.refusals import NotHere, Refusal
from intake.services import taster_days
from intake.services.taster_days import OwnDay
from intake.taster_forms import NameDownForm
from intake.views.intake_talk import calendar_file
from passport.experience_forms import ExperienceForm
from passport.owner import own_passport
from passport.views.asked import show

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def tried(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Does it and says so; a no of the service stands on the page that follows. Raises NotHere."""
    try:
        act()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.warning(request, refusal.sentence)
        return False
    messages.success(request, done)
    return True


@require_safe
def days(request: HttpRequest) -> HttpResponse:
    """The student's own days, and those they can put their name down for."""
    passport, _key = own_passport(request)
    context = {
        "own": taster_days.own_days(passport.student),
        "days": taster_days.days_for(passport.student),
        "back_url": reverse("today"),
    }
    return render(request, "intake/taster_days.html", context)


@GET_OR_POST
def day(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """One day: what, where, how, who goes along. A POST puts the name down, takes it off, or answers about a buddy."""
    passport, key = own_passport(request)
    student = passport.student
    one = taster_days.get_day_or_404(student, day_id)
    if request.method == "POST":
        return _act(request, student, key, one)
    context = {
        "one": one,
        "form": NameDownForm(one.day.institution.name) if taster_days.may_name(student, key, one.day) else None,
        "is_elsewhere": taster_days.is_elsewhere(student, one.day),
        "back_url": reverse("taster_days"),
    }
    return render(request, "intake/taster_day.html", context)


@require_safe
def day_file(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """A day that goes on, for the student's own calendar, without content."""
    passport, _key = own_passport(request)
    one = taster_days.get_day_or_404(passport.student, day_id)
    if not one.goes_on:
        raise NotHere()
    return calendar_file(taster_days.invitation_of(one.day), name="afspraak.ics")


@require_safe
def card(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """The card of this day, ready to fill in. Nothing is kept before the student keeps it; then this leads to it."""
    passport, key = own_passport(request)
    ready = taster_days.card_for(passport.student, day_id)
    if ready is None:
        return redirect("experience", taster_days.card_id_of(passport.student, day_id))
    context = {
        "form": ExperienceForm(ready),
        "is_new": True,
        "of_day": True,
        "action": reverse("experience_new"),
        "back_url": reverse("taster_day", args=[day_id]),
    }
    return show(request, passport, key, "passport/experience.html", context)


# --- The parts ---------------------------------------------------------------------------------------------


def _act(request: HttpRequest, student: Student, key: vault.Key, one: OwnDay) -> HttpResponse:
    whose: dict[str, Any] = {"student": student, "key": key, "day_id": one.day.pk, "by": student.user}
    if "leave" in request.POST:
        gone = tried(request, lambda: taster_days.withdraw_name(**whose), _("Je naam is eraf."))
        return redirect("taster_days") if gone else redirect("taster_day", one.day.pk)
    if "buddy" in request.POST:
        yes = request.POST["buddy"] == "yes"
        done = _("Je buddy gaat mee.") if yes else _("Deze buddy gaat niet mee.")
        tried(request, lambda: taster_days.answer_buddy(**whose, yes=yes), done)
    else:
        form = NameDownForm(one.day.institution.name, request.POST)
        said = form.is_valid() and form.cleaned_data["name_to_host"]
        done = _("Je naam staat erop. Je decaan kijkt of het kan.")
        tried(request, lambda: taster_days.put_name_down(**whose, name_to_host=said), done)
    return redirect("taster_day", one.day.pk)
