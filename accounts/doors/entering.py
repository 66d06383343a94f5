"""The last step of every door of ours: one way in, so that session and second step are never forgotten."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts.entrance import remembered_device, set_device
from accounts.models import User


def come_in(request: HttpRequest, user: User, *, by: str) -> HttpResponse:
    """Logs somebody in who showed who they are at the door `by`; a student hears about the device first."""
    record_authentication(request, user, method=by)
    response: HttpResponse = perform_login(request, user, redirect_url=get_next_redirect_url(request))
    return after(request, response)


def after(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer of a log-in: for a student «Is dit jouw eigen telefoon?» once per browser, not in the demo."""
    user: Any = request.user
    if not user.is_authenticated or not user.is_student:
        return response
    if known := remembered_device(request):
        set_device(request, known)
    elif not settings.DEMO and "Location" in response:
        response["Location"] = f"{reverse('own_device')}?{urlencode({'next': response['Location']})}"
    return response
