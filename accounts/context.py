"""What every template may know about the site and about how this person likes to read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.entrance import DEVICE_COOKIE, account_mark, is_own_device
from accounts.models import User
from accounts.reading import reading_of
from accounts.together import is_here


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `product`, `look` (docs/look.md), of staff the name for the top of their pages, and for the scripts:

    `listens` whether pages are read aloud here (not to staff), `account` a mark of whoever is in, `outbox` that same
    mark where an answer may wait on the phone (contract, Settings: only over https, only on a device of one's own),
    and `outbox_was_here` where one may have been kept before, so that what is too old or of another goes. `together`:
    a mentor sits beside this student.

    A page of an error may be drawn before the session and the person are known.
    """
    user = getattr(request, "user", None)
    mark = account_mark(user) if isinstance(user, User) else ""
    return {
        "demo": settings.DEMO,
        "product": "Overstappaspoort",
        "look": reading_of(request),
        "staff_name": getattr(user, "staff_name", ""),
        "listens": not mark or request.session.get("kind") != "staff",
        "account": mark,
        "together": is_here(request),
        "outbox": mark if mark and settings.HTTPS and is_own_device(request) else "",
        "outbox_was_here": settings.HTTPS and DEVICE_COOKIE in request.COOKIES,
    }
