"""Whom one can call now. Opening this page is written down nowhere."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from passport.help_now import help_now_for
from passport.owner import own_passport
from passport.views.asked import show


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Every number for this student's age and region, and their mentors."""
    passport, key = own_passport(request)
    context = {"help": help_now_for(passport.student, key), "back_url": reverse("passport_overview")}
    return show(request, passport, key, "passport/help_now.html", context)
