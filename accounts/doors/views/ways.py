"""«Inloggen» in the settings: every way in that is one's own, where one is logged in now, and «Ben jij het nog?»."""

from functools import wraps
from typing import Any
from uuid import UUID

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import (
    badges,
    mail_codes,
    new_address,
    own_mail,
    school_login,
    second_factor,
    sessions,
    staff_links,
    step_up,
)
from accounts.doors.forms import NewPinForm, OwnMailForm, PasswordForm, PinForm
from accounts.doors.views.passkeys import may_use_passkeys
from accounts.entrance import home_of, needs_second_factor, who_is_in
from accounts.forms import CODE_WRONG, TypeMailCodeForm
from accounts.models import User
from accounts.refusals import NotHere, Refusal

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
NEW_MAIL = "new_mail_code"  # in the session: the id of one request, never a code or an address


def for_students(view: step_up.View) -> step_up.View:
    """The page is not there for anybody else, also when they would have to show who they are first."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any) -> Any:
        if isinstance(request.user, User) and not request.user.is_student:
            raise NotHere()
        return view(request, *args)

    return guarded


@require_safe
def own_login(request: HttpRequest) -> HttpResponse:
    """«Zo log jij in» and «Zo houd jij je paspoort»; for staff their second step."""
    user = who_is_in(request)
    tied = school_login.tied_to(user)
    context = {
        "layout": "layout_student.html" if user.is_student else "layout_staff.html",
        "back_url": reverse("settings"),
        "badge": badges.card_of(user.student) if user.is_student else None,
        "may_choose_pin": user.is_student and badges.may_choose_inside(user.student),
        "address": own_mail.address_of(user) if user.is_student else "",
        "passkeys": second_factor.passkeys_of(user),
        "may_use_passkeys": may_use_passkeys(request),
        "works": needs_second_factor(user),
        "has_app": second_factor.has_app(user),
        "schools": [one | {"tied": one["id"] in tied} for one in school_login.schools()],
        "sessions": sessions.sessions_of(request, user),
    }
    return render(request, "accounts/own_login.html", context)


@for_students
@step_up.fresh
@GET_OR_POST
def own_pin(request: HttpRequest) -> HttpResponse:
    """Another PIN, by who just showed the old one or another way in. Elsewhere one is logged out."""
    user = who_is_in(request)
    if not badges.may_choose_inside(user.student):
        raise NotHere()
    form = NewPinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            badges.change_pin(user.student, form.cleaned_data["pin"], by=user)
        except Refusal as refusal:
            form.add_error("pin" if refusal.field else None, refusal.sentence)
        else:
            sessions.end_other_sessions(request, user)
            sessions.renew(request)
            staff_links.tell_changed(user)
            messages.success(request, _("Bewaard. Dit is nu je pincode."))
            return redirect("own_login")
    context = {"form": form, "first": not badges.has_pin(user.student), "back_url": reverse("own_login")}
    return render(request, "accounts/own_pin.html", context)


@for_students
@step_up.fresh
@GET_OR_POST
def own_mail_add(request: HttpRequest) -> HttpResponse:
    """A student's own address to log in with, also after school. A code proves it."""
    user = who_is_in(request)
    form = OwnMailForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        try:
            request.session[NEW_MAIL] = str(new_address.ask_for(form.cleaned_data["email"], by=user))
            return redirect("own_login_mail_code")
        except Refusal as refusal:
            form.add_error("email", refusal.sentence)
    return render(request, "accounts/own_mail.html", {"form": form, "back_url": reverse("own_login")})


@for_students
@never_cache
@GET_OR_POST
def own_mail_code(request: HttpRequest) -> HttpResponse:
    """The code that went to the new address; three wrong ones, and it starts anew."""
    user = who_is_in(request)
    code_id = _uuid(request.session.get(NEW_MAIL, ""))
    if code_id is None or not mail_codes.is_open(code_id):
        return redirect("own_login_mail")
    form = TypeMailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if new_address.confirm(code_id, form.cleaned_data["code"], by=user):
                del request.session[NEW_MAIL]
                staff_links.tell_changed(user)
                messages.success(request, _("Bewaard. Je kunt nu inloggen met een code in je mail."))
                return redirect("own_login")
            form.add_error("code", CODE_WRONG)
        except Refusal as refusal:
            form.add_error("code", refusal.sentence)
    return render(request, "accounts/own_mail_code.html", {"form": form, "back_url": reverse("own_login_mail")})


@for_students
@require_POST
@step_up.fresh
def own_mail_remove(request: HttpRequest) -> HttpResponse:
    own_mail.remove(by=who_is_in(request))
    messages.success(request, _("Weg. Je adres staat hier niet meer."))
    return redirect("own_login")


@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    """«Log daar uit»: one session by its number, or with `all` every other one."""
    user = who_is_in(request)
    chosen = request.POST.get("session", "")
    if chosen == "all":
        sessions.end_other_sessions(request, user)
    else:
        sessions.end_session(int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0, by=user)
    messages.success(request, _("Gelukt. Daar is nu niemand meer ingelogd."))
    return redirect("own_login")


@never_cache
@GET_OR_POST
def once_more(request: HttpRequest) -> HttpResponse:
    """«Ben jij het nog?»: PIN or password, or a passkey; who has none of them comes in anew."""
    user = who_is_in(request)
    ways = step_up.ways_of(user)
    next_url = get_next_redirect_url(request) or home_of(user)
    typed = next((way for way in ways if way != "passkey"), "")
    form: Any = (PinForm if typed == "pin" else PasswordForm)(request.POST or None) if typed else None
    if request.method == "POST" and form is not None and form.is_valid():
        if step_up.try_typed(request, typed, next(iter(form.cleaned_data.values()))):
            return redirect(next_url)
        form.add_error(None, _("Dit klopt niet. Probeer het nog een keer."))
    context = {
        "layout": "layout_student.html" if user.is_student else "layout_staff.html",
        "form": form,
        "next": next_url,
        "passkey": "passkey" in ways,
        "back_url": home_of(user),
    }
    return render(request, "accounts/once_more.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
