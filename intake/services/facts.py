"""The facts of a programme beside its help: when it starts, how full a week is, how to get there; public.

And what every first day has in common, for whoever at the college fills in the page of one student.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Programme, User
from accounts.refusals import Refusal
from intake.models import ProgrammeFacts
from intake.services.first_day import LONGEST
from intake.services.offers import kept_by
from passport.texts import clean_text

LONGEST_STARTS, LONGEST_TRAVEL = 120, 200
# The learning route is kept on the programme itself, for whoever needs it; here it is chosen.
ROUTES = {"bol": "BOL", "bbl": "BBL", "bol/bbl": "BOL of BBL"}
# What makes the page of a first day ready: the longest is that of the page itself (intake/services/first_day.py).
FIRST_DAY = {"first_day_time": "time", "first_day_where": "where", "first_day_who": "who"}
NUMBERS = ("days_a_week", "hours_a_week", "group_size")


def facts_of(programmes: Sequence[Programme]) -> dict[UUID, ProgrammeFacts]:
    """The facts of these programmes, an empty row where a college wrote none: one query."""
    known = {row.programme_id: row for row in ProgrammeFacts.objects.filter(programme__in=programmes)}
    return {one.pk: known.get(one.pk) or ProgrammeFacts(programme=one) for one in programmes}


def first_day_of(programme: Programme) -> dict[str, str]:
    """What a programme says of every first day, by the field of the page; what it did not say is not in it.

    It opts in by writing it; whoever fills in the page of a student may change it, and nothing goes there by itself.
    """
    row = ProgrammeFacts.objects.filter(programme=programme).first() or ProgrammeFacts(programme=programme)
    return {part: text for name, part in FIRST_DAY.items() if (text := getattr(row, name))}


def route_of(programme: Programme) -> str:
    """BOL or BBL as people write it, "" when it is not known."""
    return ROUTES.get(programme.learning_route.lower(), "")


@transaction.atomic
def write_facts(*, programme: Programme, said: Mapping[str, Any], by: User) -> bool:
    """Keeps what a coordinator filled in, and the learning route with it; whether something is different now.

    `said` holds every field of the form. Raises Refusal for who does not keep this programme and for a wrong text.
    """
    if not kept_by(by).filter(pk=programme.pk).exists():
        raise Refusal("forbidden", "Alleen de coördinator van dit mbo schrijft dit.", status=403)
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    row = ProgrammeFacts.objects.filter(programme=programme).first() or ProgrammeFacts(programme=programme)
    new = {
        "starts": _clean(said["starts"], LONGEST_STARTS, "starts"),
        "travel": _clean(said["travel"], LONGEST_TRAVEL, "travel"),
        "part_time": said["part_time"],
        **{name: said[name] for name in NUMBERS},
        **{name: _clean(said[name], LONGEST[part], name) for name, part in FIRST_DAY.items()},
    }
    route_changed = said["learning_route"] != programme.learning_route.lower()
    if not route_changed and all(getattr(row, name) == value for name, value in new.items()):
        return False
    if route_changed:
        Programme.objects.filter(pk=programme.pk).update(learning_route=said["learning_route"])
        programme.learning_route = said["learning_route"]
    for name, value in new.items():
        setattr(row, name, value)
    row.written_by, row.updated_at = by, timezone.now()
    row.save()
    return True


def _clean(raw: str, longest: int, name: str) -> str:
    return " ".join(clean_text(raw, longest=longest, field=name).split())
