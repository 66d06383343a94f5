"""«Hielp mij» and «miste ik» below a shared question: about the question, never about the student."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.refusals import NotHere
from intake.services import cases
from intake.services.question_marks import mark_question
from intake.views.reading import reader_of


@require_POST
def dossier_mark(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """From the page of a dossier, and back to it."""
    _mark(request, share_id)
    return redirect("dossier", share_id)


@require_POST
def case_mark(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The same from the whole dossier of a case."""
    row = cases.get_case_or_404(reader_of(request), case_id)
    if row.case.share_id is None:
        raise NotHere()
    _mark(request, row.case.share_id)
    return redirect("case_dossier", case_id)


def _mark(request: HttpRequest, share_id: UUID) -> None:
    """The button says all three: «helped 2026.1 me.words»."""
    kind, version, question = (*request.POST.get("mark", "").split(), "", "", "")[:3]
    mark_question(share_id=share_id, version=version, question=question, kind=kind, by=reader_of(request))
    messages.success(request, "Dank u. Wie de vragen maakt, telt dit mee. De student ziet dit niet.")
