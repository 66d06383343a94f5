"""«Hulp die er nog niet is»: what a college could not give, for its coordinator; in whole fives, of nobody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.services.unmet import unmet_of
from intake.views.reading import reader_of


@require_safe
def unmet_needs(request: HttpRequest) -> HttpResponse:
    """Per programme and need, of a school year that is over."""
    return render(
        request, "intake/unmet_needs.html", {"unmet": unmet_of(reader_of(request), request.GET.get("jaar", ""))}
    )
