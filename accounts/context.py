"""What every template may know about the site and about how this person likes to read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `product`, `look` (docs/look.md), and of staff the name for the top of their pages.

    A page of an error may be drawn before the session and the person are known.
    """
    return {
        "demo": settings.DEMO,
        "product": "Overstappaspoort",
        "look": getattr(request, "session", {}).get("look", {}),
        "staff_name": getattr(getattr(request, "user", None), "staff_name", ""),
    }
