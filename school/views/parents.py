"""For parents, without an account: what changes from vso to mbo, questions for at home, and the parents' evening."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.refusals import NotHere
from school import reference


@login_not_required
@require_safe
def parents(request: HttpRequest) -> HttpResponse:
    """Seven sentences, the days that matter, and where parents can ask."""
    context = {"moments": reference.moments(), **reference.support()}
    return render(request, "school/parents.html", context)


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
    context = {
        "moments": reference.moments(),
        "cards": reference.home_cards(),
        "back_url": reverse("parents"),
        **reference.support(),
    }
    return render(request, "school/parents_evening.html", context)
