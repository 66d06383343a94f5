"""Everybody else who reads: mentor, counsellor, guardian, coach, mentor at the college."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from consent import access
from consent.ledger import Action
from consent.models import RecipientKind
from consent.purposes import RULES
from consent.recipients import recipient_of
from intake.reader_forms import ReplyForm
from intake.reading import identity_lines, sections_of
from intake.services import dossiers, handovers
from intake.views.reading import reader_of, send_reply


@require_GET
def dossier_list(request: HttpRequest) -> HttpResponse:
    warm = handovers.warm_shares(reader_of(request))
    context = {"rows": dossiers.list_dossiers(reader_of(request), warm), "warm": warm}
    return render(request, "intake/dossier_list.html", context)


@require_GET
def dossier(request: HttpRequest, share_id: UUID) -> HttpResponse:
    return _show(request, share_id, ReplyForm())


@require_POST
def dossier_reply(request: HttpRequest, share_id: UUID) -> HttpResponse:
    form = ReplyForm(request.POST)
    if not send_reply(form, share_id, request):
        return _show(request, share_id, form)
    return redirect("dossier", share_id)


def _show(request: HttpRequest, share_id: UUID, form: ReplyForm) -> HttpResponse:
    opened = access.read(share_id=share_id, by=reader_of(request), action=Action.READ)
    share, along = opened.share, dossiers.reads_along(opened, reader_of(request))
    context = {
        "dossier": opened,
        "sections": sections_of(opened),
        "identity": identity_lines(opened),
        "along": recipient_of(share) if along else None,
        "replies": [] if along else dossiers.sent_replies(opened, reader_of(request)),
        "is_live": RULES[share.purpose].live and not share.approval_required,
        "can_hand_over": share.recipient_kind == RecipientKind.PROGRAMME or share.warm_transfer,
        "form": form,
        "back_url": reverse("dossier_list"),
    }
    return render(request, "intake/dossier.html", context, status=400 if form.errors else 200)
