"""«Dat leer ik nog»: one small goal, and what was reached before."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import vault
from accounts.refusals import NotHere, Refusal
from passport import goals as aims
from passport import services
from passport.goal_forms import GoalForm
from passport.goals import Aim
from passport.models import Passport
from passport.owner import own_passport
from passport.views.asked import show


@require_safe
def goals(request: HttpRequest) -> HttpResponse:
    """The goal of now, and the ones that were reached."""
    passport, key = own_passport(request)
    now, done = aims.goals_of(passport, key)
    context = {"now": now, "done": done, "back_url": reverse("passport_section", args=[aims.SECTION])}
    return show(request, passport, key, "passport/goals.html", context)


@require_http_methods(["GET", "POST"])
def goal_new(request: HttpRequest) -> HttpResponse:
    """A new goal; who has one already goes to it."""
    passport, key = own_passport(request)
    now, _done = aims.goals_of(passport, key)
    if now and request.method != "POST":
        return redirect("goals")
    return _form_page(request, passport, key, None)


@require_http_methods(["GET", "POST"])
def goal(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """The goal of now, to change."""
    passport, key = own_passport(request)
    aim = aims.goal_or_404(passport, key, goal_id)
    if aim.done_on:
        raise NotHere()
    return _form_page(request, passport, key, aim)


@require_POST
def goal_reached(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """«Dit lukt nu»: it moves to what was reached."""
    passport, key = own_passport(request)
    aims.reach_goal(passport=passport, key=key, goal_id=goal_id, by=passport.student.user)
    messages.success(request, _("Gelukt! Het staat bij wat je al leerde."))
    return redirect("goals")


@require_http_methods(["GET", "POST"])
def goal_remove(request: HttpRequest, goal_id: UUID) -> HttpResponse:
    """Taking a goal away: one question, two equal answers."""
    passport, key = own_passport(request)
    if request.method == "POST":
        aims.remove_goal(passport=passport, goal_id=goal_id, by=passport.student.user)
        messages.success(request, _("Het doel is weg."))
        return redirect("goals")
    context = {"aim": aims.goal_or_404(passport, key, goal_id), "back_url": reverse("goals")}
    return show(request, passport, key, "passport/goal_remove.html", context)


def _form_page(request: HttpRequest, passport: Passport, key: vault.Key, aim: Aim | None) -> HttpResponse:
    skills = aims.skills_of(services.open_sheet(passport, key))
    form = GoalForm(skills, aim, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _kept(form, passport, key, aim):
        messages.success(request, _("Je doel is bewaard."))
        return redirect("goals")
    context = {"form": form, "aim": aim, "back_url": reverse("goals")}
    return show(request, passport, key, "passport/goal.html", context)


def _kept(form: GoalForm, passport: Passport, key: vault.Key, aim: Aim | None) -> bool:
    said = form.cleaned_data
    try:
        aims.save_goal(
            passport=passport,
            key=key,
            skill=said["skill"],
            step=said["step"],
            on=said["on"],
            by=passport.student.user,
            goal_id=aim.id if aim else None,
        )
    except NotHere:
        raise
    except Refusal as refusal:
        form.show(refusal)
        return False
    return True
