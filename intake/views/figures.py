"""«Cijfers»: what was published of a region, a school or a college: tables, drawings and a file, of nobody."""

import csv
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.entrance import who_is_in
from intake.models import Publication
from intake.services import figures as service


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The newest publication of the places of who is in, or the sentence that there is none yet."""
    found = service.publications_of(who_is_in(request))
    return _page(request, found, found[0] if found else None)


@require_safe
def figures_of(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """One publication, with the others to choose from."""
    by = who_is_in(request)
    one = service.get_publication_or_404(by, publication_id)
    return _page(request, service.publications_of(by), one, chosen=True)


@require_safe
def figures_csv(request: HttpRequest, publication_id: UUID) -> HttpResponse:
    """The same numbers as a file for a spreadsheet."""
    one = service.get_publication_or_404(who_is_in(request), publication_id)
    name = f"cijfers-{one.school_year}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8", headers=headers)
    csv.writer(response, delimiter=";").writerows(service.csv_rows(one))
    return response


def _page(
    request: HttpRequest, found: list[Publication], one: Publication | None, *, chosen: bool = False
) -> HttpResponse:
    context = {
        "publication": one,
        "one": chosen,
        "place": service.name_of(one) if one else "",
        "tables": service.tables_of(one) if one else [],
        "all": [(each, service.name_of(each)) for each in found],
    }
    return render(request, "intake/figures.html", context)
