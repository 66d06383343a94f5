"""Inviting somebody without a school, and their own way in. After the link no address holds anything any more."""

from typing import Any
from uuid import UUID

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.entrance import home_of, who_is_in
from accounts.identity import Identity
from accounts.refusals import NotHere, Refusal
from school.models import PassportInvitation
from school.passport_forms import PassportAnswerForm, PassportCodeForm, PassportInviteForm
from school.services import passports

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
SESSION, PROVEN = "passport_invitation", "passport_invitation_proven"
PROOF_LASTS = 30 * 60  # seconds


@GET_OR_POST
def invite_passport(request: HttpRequest) -> HttpResponse:
    """One address. Nothing is listed here: what somebody does with it is theirs."""
    by = who_is_in(request)
    if not passports.may_invite(by):
        raise NotHere()
    form = PassportInviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            passports.invite(email=form.cleaned_data["email"], by=by)
            messages.success(request, "De mail is onderweg. U hoort hier niet wat er verder gebeurt.")
            return redirect("invite_passport")
        except Refusal as refusal:
            form.add_error("email", refusal.sentence)
    context = {"form": form, "back_url": home_of(by)}
    return render(request, "school/invite_passport.html", context, status=400 if form.errors else 200)


@login_not_required
@GET_OR_POST
def passport_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Says nothing of anybody; the button mails a code to the address that was invited."""
    try:
        row, _key = passports.find_invitation(token)
    except NotHere:
        return _closed(request)
    if request.method != "POST":
        return render(request, "school/passport_invitation.html")
    request.session[SESSION] = str(row.pk)
    request.session.pop(PROVEN, None)
    passports.ask_code(row)
    return redirect("passport_invitation_code")


@login_not_required
@GET_OR_POST
def passport_invitation_code(request: HttpRequest) -> HttpResponse:
    """The code from the mail. Wrong too often, and the invitation is gone."""
    try:
        row = _of_session(request)
        if "again" in request.POST:
            passports.ask_code(row)
            return redirect("passport_invitation_code")
        form = PassportCodeForm(request.POST or None)
        if form.is_valid():
            if passports.try_code(invitation_id=row.pk, typed=form.cleaned_data["code"]):
                request.session.cycle_key()
                request.session[PROVEN] = timezone.now().timestamp()
                return redirect("passport_invitation_answer")
            _of_session(request)
            form.add_error("code", form.WRONG)
    except NotHere:
        return _closed(request)
    context = {"form": form}
    return render(request, "school/passport_invitation_code.html", context, status=400 if form.errors else 200)


@login_not_required
@GET_OR_POST
def passport_invitation_answer(request: HttpRequest) -> HttpResponse:
    """Their own name, and yes or no. The yes makes the passport and logs in."""
    try:
        row = _of_session(request)
    except NotHere:
        return _closed(request)
    if timezone.now().timestamp() - request.session.get(PROVEN, 0) > PROOF_LASTS:
        return redirect("passport_invitation_code")
    if "no" in request.POST:
        passports.decline(invitation_id=row.pk)
        _forget(request)
        return render(request, "school/passport_invitation_no.html")
    form = PassportAnswerForm(request.POST or None)
    if form.is_valid():
        try:
            return _accepted(request, row, form.identity)
        except NotHere:
            return _closed(request)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    context = {"form": form}
    return render(request, "school/passport_invitation_answer.html", context, status=400 if form.errors else 200)


def _accepted(request: HttpRequest, row: PassportInvitation, identity: Identity) -> HttpResponse:
    user = passports.accept(invitation_id=row.pk, identity=identity)
    _forget(request)
    response: Any = perform_login(request, user)
    return response


def _of_session(request: HttpRequest) -> PassportInvitation:
    try:
        return passports.get_invitation(UUID(request.session.get(SESSION, "")))[0]
    except ValueError:
        raise NotHere() from None


def _forget(request: HttpRequest) -> None:
    for name in (SESSION, PROVEN):
        request.session.pop(name, None)


def _closed(request: HttpRequest) -> HttpResponse:
    """The same page for every no."""
    return render(request, "school/passport_invitation_closed.html", status=404)
