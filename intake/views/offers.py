"""What programmes give per need: side by side for everybody, and beside the student's own needs for the student.

Which needs a visitor looks for is in no address and no request: that choice stays in the page (static/js/compare.js).
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from intake.services import comparing, offers
from passport.owner import own_passport
from passport.services import find_programmes
from passport.views.asked import show


@login_not_required
@require_safe
def offers_compare(request: HttpRequest) -> HttpResponse:
    """At most three programmes side by side: what they give per need, and the facts of a week there."""
    compared = comparing.compare([code[:32] for code in request.GET.getlist("opleiding")[: comparing.MOST]])
    chosen = [one.programme.code for one in compared.columns]
    words = request.GET.get("zoek", "")[:100].strip()
    room = len(chosen) < comparing.MOST
    found = (find_programmes(words) if words else offers.described()) if room else []
    context = {
        "compared": compared,
        "chosen": [
            (one, _address([code for code in chosen if code != one.programme.code])) for one in compared.columns
        ],
        "room": room,
        "words": words,
        "found": [(one, _address([*chosen, one.code])) for one in found if one.code not in chosen],
    }
    return render(request, "intake/offers_compare.html", context)


@require_safe
def offers_own(request: HttpRequest) -> HttpResponse:
    """The student's own programmes, each beside the student's own needs; nothing is counted and nothing is ranked."""
    passport, key = own_passport(request)
    context = {
        "own": comparing.own_cover(passport.student, key),
        "programmes_url": reverse("question", args=[comparing.PROGRAMMES]),
        "needs_url": reverse("question", args=[comparing.NEEDS]),
        "questions_url": reverse("question", args=["transition.my_questions"]),
        "back_url": reverse("passport_overview"),
    }
    return show(request, passport, key, "intake/offers_own.html", context)


def _address(codes: Sequence[str]) -> str:
    """The page with these programmes: the same for everybody, so it can be passed on."""
    asked = urlencode([("opleiding", code) for code in codes])
    return f"{reverse('offers_compare')}{'?' if asked else ''}{asked}"
