"""To the log-in of a school and back; and untying it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import school_login, step_up
from accounts.doors.entering import after
from accounts.entrance import who_is_in
from accounts.models import User
from accounts.own_ways import refuse_new
from accounts.refusals import NotHere

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@never_cache
@GET_OR_POST
def leave(request: HttpRequest, provider_id: str) -> HttpResponse:
    """A page with a button; the POST goes to the school. Who is in ties the log-in, and shows first that it is them."""
    school = next((one for one in school_login.schools() if one["id"] == provider_id), None)
    if school is None:
        raise NotHere()
    if isinstance(request.user, User) and not step_up.is_fresh(request):
        return step_up.ask(request, request.path)
    if isinstance(request.user, User) and request.user.is_student:
        refuse_new(request.user.student)
    if request.method == "POST":
        return school_login.leave_for(request, provider_id)
    return render(request, "socialaccount/login.html", {"school": school})


@login_not_required
@never_cache
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The way back, with a code; everything about it is checked before anybody comes in."""
    was_in = request.user.is_authenticated
    response = school_login.come_back(request, provider_id)
    return response if was_in else after(request, response)


@require_POST
@step_up.fresh
def untie(request: HttpRequest, provider_id: str) -> HttpResponse:
    school_login.untie(provider_id, by=who_is_in(request))
    messages.success(request, _("Weg. Daarmee kan niemand meer inloggen."))
    return redirect("own_login")
