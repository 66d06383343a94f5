"""The PDF: ask for it, see whether it is ready, fetch it, and check the code on paper."""

import re
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from accounts.refusals import NotHere, Refusal
from intake.models import Handover
from intake.services import dossiers, handovers
from intake.views.reading import reader_of

CODE = re.compile(r"[A-Za-z0-9-]{1,80}")


@require_POST
def handover_start(request: HttpRequest) -> HttpResponse:
    """Asks for the PDF of a share. By POST, with the share in the body."""
    try:
        share_id = UUID(request.POST.get("share", ""))
    except ValueError:
        raise NotHere() from None
    asked, _ = handovers.request_handover(share_id=share_id, by=reader_of(request))
    return redirect("handover", asked.pk)


@require_GET
def handover(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    return _show(request, handovers.get_handover_or_404(handover_id, reader_of(request)))


@require_GET
def handover_file(request: HttpRequest, handover_id: UUID) -> HttpResponse:
    """The file itself; not ready (409) or no longer valid (410) shows the status page with that answer."""
    try:
        pdf = handovers.open_file(handover_id=handover_id, by=reader_of(request))
    except Refusal as refusal:
        if refusal.status not in {409, 410}:
            raise
        asked = handovers.get_handover_or_404(handover_id, reader_of(request))
        return _show(request, asked, status=refusal.status)
    return pdf_response(pdf)


def pdf_response(pdf: bytes) -> HttpResponse:
    """A PDF as a download without a name in its file name, for the pages and the API."""
    headers = {
        "Content-Disposition": 'attachment; filename="overdracht.pdf"',
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def _show(request: HttpRequest, asked: Handover, status: int = 200) -> HttpResponse:
    context = {
        "handover": asked,
        "is_waiting": asked.status in {Handover.Status.QUEUED, Handover.Status.RENDERING},
        "layout": "layout_student.html" if reader_of(request).is_student else "intake/_reader.html",
        "back_url": _back(asked, reader_of(request)),
    }
    return render(request, "intake/handover.html", context, status=status)


def _back(asked: Handover, by: User) -> str:
    """Where somebody came from: the case, the shared dossier, or their own share."""
    route, at = dossiers.way_back(asked.share, by)
    try:
        return reverse(route, args=[at] if at else [])
    except NoReverseMatch:
        return "/"


@login_not_required
@require_GET
def check(request: HttpRequest, code: str = "") -> HttpResponse:
    """Whether a printed handover still holds, and nothing else: the same no for every reason (contract)."""
    if typed := request.GET.get("code", "").strip():
        if CODE.fullmatch(typed):
            return redirect("check", typed)
        return render(request, "intake/check.html", {"asked": True, "is_valid": False})
    context = {"asked": bool(code), "is_valid": bool(code) and handovers.is_valid_code(code)}
    return render(request, "intake/check.html", context)
