"""No third system: text for the school's own file, and two pages a student can print."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from intake.views.reading import reader_of
from passport.owner import own_passport
from school.services import papers


@require_POST
def transfer_text(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """«Kopieer voor het doorstroomdossier». By POST, because taking text along is logged as a download."""
    dossier, headings = papers.read_for_transfer(share_id=share_id, by=reader_of(request))
    context = {"dossier": dossier, "headings": headings, "back_url": reverse("dossier", args=[share_id])}
    return render(request, "school/transfer_text.html", context)


@require_safe
def own_opinion(request: HttpRequest) -> HttpResponse:
    """«Mijn mening bij mijn OPP»: that one answer on half a page."""
    passport, key = own_passport(request)
    context = {"name": papers.name_of(passport.student, key), "text": papers.opinion_of(passport.student, key)}
    return render(request, "school/own_opinion.html", context | {"back_url": reverse("passport_overview")})


@require_safe
def own_proof(request: HttpRequest) -> HttpResponse:
    """«Mijn bewijs»: certificates and placements."""
    passport, key = own_passport(request)
    context = {
        "name": papers.name_of(passport.student, key),
        "certificates": papers.certificates_of(passport.student, key),
        "placements": papers.placements_of(passport.student, key),
    }
    return render(request, "school/own_proof.html", context | {"back_url": reverse("passport_overview")})
