"""«Ben jij het nog?»: PIN, passkey or password once more, before something big (ASVS 5.0, 7.5.3).

What was typed on a page is never kept to be sent later: who has to show it once more does so first.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import badges, second_factor, sessions
from accounts.entrance import who_is_in
from accounts.models import User

View = Callable[..., Any]


def is_fresh(request: HttpRequest) -> bool:
    """Whether somebody showed who they are in this session, at the door or after, less than five minutes ago."""
    records = get_authentication_records(request, who_is_in(request))
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def is_needed(request: HttpRequest) -> bool:
    """On a device of one's own a log-in lasts for days, so it says little about who holds it (house.md, Sessions)."""
    return request.session.get("kind") == "own" and not is_fresh(request)


def fresh(view: View) -> View:
    """For pages that change how somebody comes in."""
    return _asking(view, lambda request: not is_fresh(request))


def fresh_on_own_device(view: View) -> View:
    """For what takes a lot of the passport out at once: export, erase."""
    return _asking(view, is_needed)


def fresh_without_password(view: View) -> View:
    """For a page that asks for a password itself: who has none shows who they are another way."""
    return _asking(view, lambda request: not who_is_in(request).has_usable_password() and not is_fresh(request))


def ask(request: HttpRequest, back_to: str) -> HttpResponse:
    """To the page that asks, and from there back to `back_to`."""
    return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': back_to}, safe='/')}")


def ways_of(user: User) -> list[str]:
    """With what somebody can show it: `pin` or `password`, and `passkey`. Empty: only by coming in anew."""
    typed = ["pin"] if user.is_student and badges.has_pin(user.student) else []
    typed = typed or (["password"] if user.has_usable_password() else [])
    return typed + (["passkey"] if second_factor.passkeys_of(user) else [])


def try_typed(request: HttpRequest, way: str, typed: str) -> bool:
    """One try with a PIN or a password. A PIN counts for the card, a password for the account; both only so often."""
    user = who_is_in(request)
    if not ratelimit.consume(request, action="reauthenticate", user=user):
        return False
    right = badges.check_pin_of(user.student, typed) if way == "pin" else user.check_password(typed)
    if right:
        done(request, way)
    return right


def done(request: HttpRequest, way: str) -> None:
    """Somebody showed it: written down in the session, which gets a new id."""
    record_authentication(request, who_is_in(request), method=way, reauthenticated=True)
    sessions.renew(request)


def _asking(view: View, must: Callable[[HttpRequest], bool]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.user, User) and must(request):
            return ask(request, request.path)
        return view(request, *args, **kwargs)

    return guarded
