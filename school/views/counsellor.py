"""The counsellor's page: how far who shares is, and the days that matter. No word of what anybody wrote."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.views.reading import reader_of
from school import reference
from school.services import phases


@require_safe
def counsellor(request: HttpRequest) -> HttpResponse:
    context = {
        "rows": phases.phases_of(reader_of(request)),
        "phases": list(phases.PHASES.values()),
        "moments": reference.moments(),
    }
    return render(request, "school/counsellor.html", context)
