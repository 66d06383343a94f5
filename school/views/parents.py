"""For parents, without an account: what changes from vso to mbo, questions for at home, and the parents' evening."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.refusals import NotHere
from school import reference
from school.services.regions import all_regions, own_region


@login_not_required
@require_safe
def parents(request: HttpRequest) -> HttpResponse:
    """Seven sentences, the days that matter, and where parents can ask, in their own region first."""
    return render(request, "school/parents.html", {**_known(request), "regions": all_regions()})


@login_not_required
@require_safe
def home_talk(request: HttpRequest, place: int) -> HttpResponse:
    """One question at a time to talk about at home."""
    cards = reference.home_cards()
    if not 1 <= place <= len(cards):
        raise NotHere()
    section, question = cards[place - 1]
    context = {
        "question": question,
        "section": section,
        "place": place,
        "total": len(cards),
        "earlier": place - 1,
        "later": place + 1 if place < len(cards) else 0,
        "back_url": reverse("parents"),
    }
    return render(request, "school/home_talk.html", context)


@login_not_required
@require_safe
def parents_evening(request: HttpRequest) -> HttpResponse:
    """Everything for a parents' evening, to print: the sentences, the days, the cards, and where to ask."""
    context = {**_known(request), "cards": reference.home_cards(), "back_url": reverse("parents")}
    return render(request, "school/parents_evening.html", context)


def _known(request: HttpRequest) -> dict[str, Any]:
    """What both pages say, for the region that was chosen, else that of who is logged in."""
    region = request.GET.get("regio")
    if region is None:
        region = own_region(request.user) if isinstance(request.user, User) else ""
    own, language = reference.seven(get_language() or "nl")
    days = [one for one in reference.moments() if one.parents]
    return {"region": region, "moments": days, "seven": own, "seven_language": language, **reference.support(region)}
