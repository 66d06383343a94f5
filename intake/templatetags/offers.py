"""The facts of programmes as the rows of a table, in the language of the page."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from intake.models import PartTime
from intake.services.comparing import Column

register = template.Library()
Cell = tuple[Any, str, bool]


@register.simple_tag
def fact_rows(columns: Sequence[Column]) -> list[tuple[str, list[Cell]]]:
    """(label, [(programme, text, whether the college wrote it in its own words)]); without what nobody filled in."""
    part_time = {PartTime.YES: _("Ja"), PartTime.ASK: _("Soms. Vraag het."), PartTime.NO: _("Nee"), "": ""}
    routes = {
        "BOL": _("BOL: je leert op school en op stage."),
        "BBL": _("BBL: je werkt en gaat ook naar school."),
        "BOL of BBL": _("BOL of BBL: je kiest zelf."),
        "": "",
    }
    rows = [
        (_("Begin"), [(one.programme, one.facts.starts, True) for one in columns]),
        (_("Dagen en uren"), [(one.programme, _week(one), False) for one in columns]),
        (_("Groep"), [(one.programme, _group(one), False) for one in columns]),
        (_("Plaats"), [(one.programme, one.programme.place, True) for one in columns]),
        (_("Reis"), [(one.programme, one.facts.travel, True) for one in columns]),
        (_("School of werk"), [(one.programme, routes[one.route], False) for one in columns]),
        (_("Minder uren"), [(one.programme, part_time[one.facts.part_time], False) for one in columns]),
    ]
    return [(label, cells) for label, cells in rows if any(text for _programme, text, _own in cells)]


def _week(one: Column) -> str:
    days, hours = one.facts.days_a_week, one.facts.hours_a_week
    said = [
        ngettext("%(n)s dag per week", "%(n)s dagen per week", days) % {"n": days} if days else "",
        ngettext("%(n)s uur per week", "%(n)s uur per week", hours) % {"n": hours} if hours else "",
    ]
    return ", ".join(part for part in said if part)


def _group(one: Column) -> str:
    many = one.facts.group_size
    return ngettext("Ongeveer %(n)s student", "Ongeveer %(n)s studenten", many) % {"n": many} if many else ""
