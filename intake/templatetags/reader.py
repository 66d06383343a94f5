"""What the pages of readers share."""

from typing import Any

from django import template

from accounts.entrance import is_at_home
from intake.services.cases import programmes_of

register = template.Library()


@register.inclusion_tag("intake/_reader_nav.html", takes_context=True)
def reader_nav(context: Any) -> dict[str, Any]:
    """The lists a reader may have; the inbox only for who does an intake today, «Thuis» only for a guardian."""
    request = context["request"]
    path = request.path
    return {
        "is_home": is_at_home(request.user),
        "on_home": path.startswith("/thuis/"),
        "is_intaker": programmes_of(request.user).exists(),
        "on_inbox": path.startswith("/intake/"),
        "on_list": path.startswith("/gedeeld/"),
    }
