"""What every template may know about the site and about how this person likes to read."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """`demo`, `product`, `look` (docs/look.md), and of staff the name for the top of their pages."""
    return {
        "demo": settings.DEMO,
        "product": "Overstappaspoort",
        "look": request.session.get("look", {}),
        "staff_name": getattr(request.user, "staff_name", ""),
    }
