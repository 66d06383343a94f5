"""The proof of a share, for the student: what was agreed, in plain words, and the signed file."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from consent import proofs
from consent.given import get_given_or_404
from passport.owner import own_passport


@require_safe
def share_receipt(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The newest record in plain words, and every record of this share."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    found = proofs.proofs_of(given.share, key)
    context = {
        "one": given,
        "proofs": found,
        "newest": found[0] if found else None,
        "back_url": reverse("share", args=[share_id]),
    }
    return render(request, "consent/share_receipt.html", context)


@require_safe
def share_receipt_file(request: HttpRequest, share_id: UUID, record_id: UUID) -> HttpResponse:
    """One record as a file, under a name that says nothing."""
    share, key = proofs.get_share_for_proof_or_404(share_id, request.user)  # type: ignore[arg-type]  # who is in
    proof = proofs.get_proof_or_404(share, key, record_id)
    headers = {"Content-Disposition": 'attachment; filename="bewijs.json"'}
    return HttpResponse(proof.as_file, content_type="application/json; charset=utf-8", headers=headers)
