"""Inviting somebody without a school, and their own way in. After the link no address holds anything any more."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.doors.invited import Invited
from accounts.entrance import home_of, who_is_in
from accounts.identity import Identity
from accounts.refusals import NotHere, Refusal
from school.models import PassportInvitation
from school.passport_forms import PassportAnswerForm, PassportCodeForm, PassportInviteForm
from school.services import passports

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
DOOR = Invited(
    name="passport_invitation",
    folder="school",
    find=passports.find_invitation,
    get=passports.get_invitation,
    ask=passports.ask_code,
    try_code=passports.try_code,
    form=PassportCodeForm,
    wrong=PassportCodeForm.WRONG,
)


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
    return DOOR.show_link(request, token)


@login_not_required
@GET_OR_POST
def passport_invitation_code(request: HttpRequest) -> HttpResponse:
    """The code from the mail. Wrong too often, and the invitation is gone."""
    return DOOR.show_code(request)


@login_not_required
@GET_OR_POST
def passport_invitation_answer(request: HttpRequest) -> HttpResponse:
    """Their own name, and yes or no. The yes makes the passport and logs in."""
    try:
        row, _key = DOOR.of_session(request)
    except NotHere:
        return DOOR.closed(request)
    if not DOOR.is_proven(request):
        return redirect("passport_invitation_code")
    if "no" in request.POST:
        passports.decline(invitation_id=row.pk)
        DOOR.forget(request)
        return DOOR.show(request, "_no")
    form = PassportAnswerForm(request.POST or None)
    if form.is_valid():
        try:
            return _accepted(request, row, form.identity)
        except NotHere:
            return DOOR.closed(request)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
    context = {"form": form}
    return DOOR.show(request, "_answer", context, status=400 if form.errors else 200)


def _accepted(request: HttpRequest, row: PassportInvitation, identity: Identity) -> HttpResponse:
    user = passports.accept(invitation_id=row.pk, identity=identity)
    DOOR.forget(request)
    response: Any = perform_login(request, user)
    return response
