"""What the pages of readers share."""

from collections.abc import Mapping
from typing import Any

from django import template

from intake.services.cases import lists_of

register = template.Library()


@register.inclusion_tag("intake/_reader_nav.html", takes_context=True)
def reader_nav(context: Any) -> dict[str, Any]:
    """The lists a reader may have; the inbox only for who does an intake today, «Thuis» only for a guardian."""
    request = context["request"]
    path, lists = request.path, lists_of(request.user)
    return {
        "is_home": lists.is_guardian or lists.is_tied_at_home,
        "on_home": path.startswith("/thuis/"),
        "is_intaker": lists.is_intaker,
        "on_inbox": path.startswith("/intake/"),
        "on_list": path.startswith("/gedeeld/"),
        "is_at_school": lists.is_at_school,
        "is_counsellor": lists.is_counsellor,
        "on_counsellor": path.startswith("/decaan/"),
        "on_class": path.startswith(("/klas/", "/les/")),
    }


@register.filter
def at(places: Mapping[str, int], key: str) -> int | None:
    """The place of a key; none when it is not there."""
    return places.get(key)
