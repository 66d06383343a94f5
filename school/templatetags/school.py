"""What a lower room may show of the lesson (house.md: through a template tag): today's questions, a hand, a wish."""

from collections.abc import Mapping
from typing import Any

from django import template

from accounts.authority import may_check
from accounts.places import places_in
from intake.services.figures import sees_figures
from intake.services.region_help import keeps_help
from intake.services.second_look import college_doors
from intake.services.taster_buddies import goes_along
from intake.services.taster_keeping import keeps_days
from passport import signs
from school.services.days import doors_of
from school.services.lessons import lesson_for, sheet_of
from school.services.new_readers import new_readers
from school.services.passports import may_invite
from school.services.years import leaves_on

register = template.Library()


@register.inclusion_tag("school/_today_lesson.html", takes_context=True)
def today_lesson(context: Mapping[str, Any]) -> dict[str, Any]:
    """«Vandaag in de les»: the questions of the lesson that runs, on the student's start page."""
    lesson = lesson_for(context["request"].user.pk)
    if lesson is None:
        return {}
    sheet, route = sheet_of(lesson), context.get("route")
    return {"title": sheet.title, "questions": [one for one in sheet.questions if one.asked_on(route)]}


@register.inclusion_tag("school/_leaving.html", takes_context=True)
def leaving(context: Mapping[str, Any]) -> dict[str, Any]:
    """«Zo houd jij je paspoort», on the start page of who leaves school or just did."""
    return {"last_day": leaves_on(context["request"].user.student)}


@register.inclusion_tag("school/_new_readers.html", takes_context=True)
def reading_along(context: Mapping[str, Any]) -> dict[str, Any]:
    """Who reads along since two weeks at most, on the start page of who shares with them."""
    return {"names": new_readers(context["request"].user.student)}


@register.inclusion_tag("school/_talk_wish.html", takes_context=True)
def talk_wish(context: Mapping[str, Any]) -> dict[str, Any]:
    """«Ik wil praten» and «Samen invullen», on the student's start page."""
    request = context["request"]
    on = signs.Sign.TALK.value in signs.signs_of(request.user.student)
    return {"on": on, "together": context.get("together"), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("school/_hand.html", takes_context=True)
def hand(context: Mapping[str, Any]) -> dict[str, Any]:
    """«Help» on a question page, only while a lesson runs in the student's class."""
    request = context["request"]
    if not request.user.is_authenticated or lesson_for(request.user.pk) is None:
        return {"in_lesson": False}
    up = signs.Sign.HAND.value in signs.signs_of(request.user.student)
    return {"in_lesson": True, "up": up, "next": request.path, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("school/_staff_doors.html", takes_context=True)
def staff_doors(context: Mapping[str, Any]) -> dict[str, Any]:
    """What staff can do besides reading: check authority, invite for a passport, write and review a day."""
    user, mine = context["request"].user, places_in(context["request"])
    return {
        "checks": may_check(mine),
        "invites": may_invite(user, mine),
        "keeps_help": keeps_help(mine),
        "keeps_days": keeps_days(mine),
        "goes_along": goes_along(mine),
        "sees_figures": sees_figures(mine),
        **doors_of(mine),
        **college_doors(mine),
    }
