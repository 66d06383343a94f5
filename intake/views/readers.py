"""Who else at school reads what a student shares with the school team: care coordinators, each added by name."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import vault
from accounts.refusals import NotHere, Refusal
from consent.given import get_own_share_or_404
from consent.models import RecipientKind, Share
from consent.services import care_readers, named_ids
from intake.services import sharing
from intake.views.reading import reader_of


@require_http_methods(["GET", "POST"])
def share_readers(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Every care coordinator of the school with one button: read along, or no longer. Both hold at once."""
    share, key = get_own_share_or_404(share_id, reader_of(request))
    if share.recipient_kind != RecipientKind.SCHOOL_TEAM or not share.is_open or share.is_past:
        raise NotHere()
    if request.method == "POST":
        _change(request, share, key)
        return redirect("share_readers", share_id=share_id)
    context = {"people": care_readers(share), "back_url": reverse("share", args=[share_id])}
    return render(request, "intake/share_readers.html", context)


def _change(request: HttpRequest, share: Share, key: vault.Key) -> None:
    """Adds or takes off one person; what is not on the screen changes nothing."""
    before = set(named_ids(share))
    after = (before | _chosen(request, "add")) - _chosen(request, "remove")
    if after == before:
        return
    try:
        sharing.change(share=share, key=key, by=reader_of(request), named=after)
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        return
    if after - before:
        messages.success(request, _("Bewaard. Deze persoon kan nu ook lezen."))
    else:
        messages.success(request, _("Bewaard. Deze persoon kan niet meer lezen."))


def _chosen(request: HttpRequest, name: str) -> set[UUID]:
    try:
        return {UUID(request.POST.get(name, ""))}
    except ValueError:
        return set()
