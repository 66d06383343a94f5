"""«Mijn gegevens»: standing still, taking everything along, and erasing everything."""

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import erasure
from accounts.entrance import who_is_in
from accounts.refusals import Refusal
from accounts.step_up import fresh_on_own_device, fresh_without_password
from accounts.views import WIPE_BROWSER
from intake.leaving_forms import EraseForm
from intake.services import leaving
from intake.services.export import own_export
from passport.owner import own_passport


@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """Three calm parts: stand still, download, erase."""
    passport, _key = own_passport(request)
    context = {"student": passport.student, "back_url": reverse("settings")}
    return render(request, "intake/own_data.html", context)


@require_POST
def own_data_freeze(request: HttpRequest) -> HttpResponse:
    """Stands still, or goes on again with `on` in the body."""
    student = own_passport(request)[0].student
    try:
        if request.POST.get("answer") == "on":
            leaving.unfreeze(student=student, by=who_is_in(request))
            messages.success(request, _("Je paspoort staat weer aan. Met wie je deelde, kan weer lezen."))
        else:
            leaving.freeze(student=student, by=who_is_in(request))
            messages.success(request, _("Je paspoort staat stil. Niemand kan het nu lezen."))
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    return redirect("own_data")


@fresh_on_own_device
@require_safe
def own_data_json(request: HttpRequest) -> HttpResponse:
    """Everything, for a program."""
    text = json.dumps(_everything(request), ensure_ascii=False, indent=2)
    return _as_file(HttpResponse(text, content_type="application/json; charset=utf-8"), "paspoort.json")


@fresh_on_own_device
@require_safe
def own_data_page(request: HttpRequest) -> HttpResponse:
    """Everything, as one page to read or print."""
    page = render(request, "intake/own_data_export.html", {"all": _everything(request)})
    return _as_file(page, "paspoort.html")


@fresh_without_password
@require_http_methods(["GET", "POST"])
def own_data_erase(request: HttpRequest) -> HttpResponse:
    """Says what goes and what stays; then seven days of regret, or at once."""
    passport, _key = own_passport(request)
    user = who_is_in(request)
    form = _erase_form(request)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["at_once"]:
            return _erase_now(request)
        leaving.ask_to_erase(student=passport.student, by=user)
        messages.success(request, _("Je paspoort staat stil. Over 7 dagen is alles weg."))
        return redirect("own_data")
    context = {
        "form": form,
        "student": passport.student,
        "due": timezone.localdate() + leaving.REGRET,
        "back_url": reverse("own_data"),
    }
    return render(request, "intake/own_data_erase.html", context)


@require_POST
def own_data_keep(request: HttpRequest) -> HttpResponse:
    """Takes the erasing back."""
    passport, key = own_passport(request)
    try:
        leaving.keep_passport(student=passport.student, key=key, by=who_is_in(request))
        messages.success(request, _("We wissen niets. Alles is er nog."))
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    return redirect("own_data")


@login_not_required
@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """The last page: public, the same for everybody, and it knows nobody."""
    return render(request, "intake/erased.html", {"day": erasure.gone_from(timezone.localdate())})


# --- The parts ---------------------------------------------------------------------------------------------


def _everything(request: HttpRequest) -> dict[str, Any]:
    passport, key = own_passport(request)
    return own_export(passport.student, key)


def _as_file(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _erase_form(request: HttpRequest) -> EraseForm:
    """The form; a password may be tried five times in five minutes (settings.ACCOUNT_RATE_LIMITS)."""
    user = who_is_in(request)
    if request.method != "POST":
        return EraseForm(user=user)
    tries = bool(request.POST.get("password"))
    may_try = not tries or ratelimit.consume(request, action="reauthenticate", user=user)
    return EraseForm(request.POST, user=user, may_try=may_try)


def _erase_now(request: HttpRequest) -> HttpResponse:
    user = who_is_in(request)
    leaving.erase_student(user.student.pk, by=user)
    get_adapter(request).logout(request)
    response = redirect("erased")
    response.headers["Clear-Site-Data"] = WIPE_BROWSER
    return response
