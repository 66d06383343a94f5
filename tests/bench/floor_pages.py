"""The floors of whole pages: plain Django templates in the site's own layout."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.models import Membership, Programme, User
from intake.models import Case
from tests.bench.floor import as_the_site, intake_of, keys_of, values_as_the_site

QUESTIONS = [f"Vraag {number}" for number in range(1, 13)]
LEVELS = ["Dat kan ik zelf", "Met hulp lukt het", "Dat leer ik nog"]


def inbox(request: Any) -> HttpResponse:
    """The site's statements and a table of 50 rows."""
    as_the_site(Programme, "inbox page")
    Case.objects.filter(programme__in=intake_of(request.user)).count()
    cases = as_the_site(Case, "inbox page")
    keys_of(cases)
    as_the_site(User, "inbox page", beside="accounts_membership")  # to whom one may give a case
    values_as_the_site(Membership, "inbox page")
    menu = as_the_site(User, "inbox page")[0]  # what the menu asks
    return render(request, "bench/table.html", {"rows": cases, "is_intaker": menu.is_intaker})


def twelve_rows(request: Any) -> HttpResponse:
    """floor.md's «page + 12 rows»: a login-required page with 12 forms, and 12 rows from the database."""
    rows = Programme.objects.select_related("institution").order_by("pk")[:12]
    return render(request, "bench/rows.html", {"rows": rows, "questions": QUESTIONS, "levels": LEVELS})


@login_not_required
def log_in(request: Any) -> HttpResponse:
    """Django's own log-in with the same hash; the form is read by hand."""
    if request.method == "GET":
        return render(request, "bench/login.html")
    user = ModelBackend().authenticate(request, username=request.POST["login"], password=request.POST["password"])
    if user is None:
        return HttpResponse(status=403)
    login(request, user)
    return redirect("/")
