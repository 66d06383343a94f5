"""Handovers in bulk: choose a class or programme, see how far it is, and fetch the ZIP in two steps."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import NotHere, Refusal
from intake.models import Batch
from intake.services import batches
from intake.views.reading import reader_of


@require_http_methods(["GET", "POST"])
def batch_start(request: HttpRequest) -> HttpResponse:
    """Which class or programme. The choice is in the body, never in the address."""
    by = reader_of(request)
    classes, programmes = list(batches.own_classes(by)), list(batches.own_programmes(by))
    if not classes and not programmes:
        raise NotHere()
    if request.method == "POST":
        batch = batches.start_batch(
            by=by, school_class=_uuid(request.POST.get("class", "")), programme=request.POST.get("programme", "")
        )
        return redirect("batch", batch.pk)
    context = {"classes": classes, "programmes": programmes, "back_url": reverse("dossier_list")}
    return render(request, "intake/batch_start.html", context)


@require_GET
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far it is, and whom it is about: the names stand here and never in the ZIP."""
    return _show(request, batches.get_batch_or_404(batch_id, reader_of(request)))


@require_POST
def batch_word(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The word that opens the ZIP, once, with the button that fetches it."""
    asked = batches.get_batch_or_404(batch_id, reader_of(request))
    word, proof = batches.new_word(asked)
    context = {"batch": asked, "word": word, "proof": proof, "back_url": reverse("batch", args=[asked.pk])}
    response = render(request, "intake/batch_word.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


@sensitive_post_parameters("word")
@require_POST
def batch_file(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The ZIP, locked with the word of the page before."""
    asked = batches.get_batch_or_404(batch_id, reader_of(request))
    try:
        word = batches.proven_word(asked, request.POST.get("word", ""))
        return zip_response(batches.make_zip(batch=asked, word=word))
    except Refusal as refusal:
        if refusal.status not in {409, 410}:
            raise
        messages.warning(request, refusal.sentence)
        return _show(request, asked, status=refusal.status)


def zip_response(archive: bytes) -> HttpResponse:
    """A ZIP as a download without a name in its file name, for the pages and the API."""
    headers = {
        "Content-Disposition": 'attachment; filename="overdrachten.zip"',
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(archive, content_type="application/zip", headers=headers)


def _show(request: HttpRequest, asked: Batch, status: int = 200) -> HttpResponse:
    lines = batches.lines_of(asked)
    context = {
        "batch": asked,
        "lines": lines,
        "counts": batches.counts_of(lines),
        "back_url": reverse("batch_start"),
    }
    return render(request, "intake/batch.html", context, status=status)


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError:
        raise NotHere() from None
