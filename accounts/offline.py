"""What there is without internet: a script that keeps one page, and that page. Nothing of a person is in either."""

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

A_DAY = 86400


@login_not_required
@require_safe
def no_network(request: HttpRequest) -> HttpResponse:
    """«Geen internet»: the only page a browser may keep (contract, rule 9), so the same for everybody."""
    nobody = {"look": {}, "account": "", "outbox": "", "outbox_was_here": False, "listens": False}
    return render(request, "accounts/no_network.html", nobody)


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """static/js/sw.js, from the root: a service worker rules only over what lies below it.

    The name of the style sheet of this release stands in it, so that a new release is a new script.
    """
    release = f'const RELEASE = "{static("css/paspoort.css")}";\nconst PAGE = "{reverse("no_network")}";\n'
    headers = {"Cache-Control": f"max-age={A_DAY}", "Service-Worker-Allowed": "/"}
    return HttpResponse(release + _script(), content_type="text/javascript", headers=headers)


@cache
def _script() -> str:
    return Path(str(finders.find("js/sw.js"))).read_text(encoding="utf-8")
