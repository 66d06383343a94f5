"""Inviting somebody without a school, and their own way in. After the link no address holds anything any more."""

from typing import Any

from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.doors.invited import Invited
from accounts.entrance import home_of, who_is_in
from accounts.refusals import NotHere, Refusal
from school.models import PassportInvitation
from school.passport_forms import PassportAnswerForm, PassportCodeForm, PassportInviteForm
from school.services import passports

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_OR_POST
def invite_passport(request: HttpRequest) -> HttpResponse:
    """One address. Nothing is listed here: what somebody does with it is theirs."""
    by = who_is_in(request)
    if not passports.may_invite(by):
        raise NotHere()
    form = PassportInviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            passports.invite(by=by, **form.cleaned_data)
            messages.success(request, "De mail is onderweg. U hoort hier niet wat er verder gebeurt.")
            return redirect("invite_passport")
        except Refusal as refusal:
            form.add_error("email", refusal.sentence)
    context = {"form": form, "back_url": home_of(by)}
    return render(request, "school/invite_passport.html", context, status=400 if form.errors else 200)


def _accepted(request: HttpRequest, row: PassportInvitation, form: Any) -> HttpResponse:
    user = passports.accept(invitation_id=row.pk, identity=form.identity)
    DOOR.forget(request)
    response: HttpResponse = perform_login(request, user)
    return response


DOOR = Invited(
    name="passport_invitation",
    folder="school",
    find=passports.find_invitation,
    get=passports.get_invitation,
    ask=passports.ask_code,
    try_code=passports.try_code,
    form=PassportCodeForm,
    wrong=PassportCodeForm.WRONG,
    answer_form=PassportAnswerForm,
    says_no=lambda said: "no" in said,
    decline=passports.decline,
    accept=_accepted,
    shows=lambda _row, _key: {},
    language=lambda row, key: passports.opened(row, key).language,
)
# Their own name, and yes or no. The yes makes the passport and logs in.
passport_invitation, passport_invitation_code, passport_invitation_answer = DOOR.views()
