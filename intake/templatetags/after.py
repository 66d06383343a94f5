"""What other pages show of the time after the start."""

from collections.abc import Mapping
from typing import Any

from django import template

from intake.services import back_to_school, signals

register = template.Library()


@register.inclusion_tag("intake/_after_readers.html", takes_context=True)
def after_readers(context: Mapping[str, Any]) -> dict[str, Any]:
    """Signs for a coach and students of before, on the list of what is shared with somebody."""
    by = context["request"].user
    return {
        "signals": signals.signals_for(by),
        "hears": back_to_school.hears_any(by),
        "csrf_token": context.get("csrf_token"),
    }
