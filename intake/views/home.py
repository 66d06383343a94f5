"""At home: a guardian sees what a student wants to share outside school, and says yes or no (contract, rule 10)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import is_at_home
from accounts.refusals import NotHere, Refusal
from consent.asked import Asked, asked_of, get_asked_or_404
from consent.models import RecipientKind
from consent.purposes import DISPLAY_IDENTITY
from consent.services import preview_for_yes
from consent.texts import Dossier
from intake.forms import ApprovalForm
from intake.services import sharing
from intake.services.dossiers import list_dossiers
from intake.views.giving import as_read
from intake.views.reading import reader_of


@require_safe
def home_approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a yes, what has it, and what is shared with this person."""
    by = reader_of(request)
    if not is_at_home(by):
        raise NotHere()
    asked = asked_of(by)
    context = {
        "waiting": [one for one in asked if one.waits],
        "approved": [one for one in asked if not one.is_new],
        "shared": list_dossiers(by),
    }
    return render(request, "intake/home_approvals.html", context)


@require_http_methods(["GET", "POST"])
def approval(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The reader's own page as it would be, and two equal answers. The answer carries the digest of what was seen."""
    by = reader_of(request)
    one = get_asked_or_404(share_id, by)
    if not one.waits:
        return redirect("home_approvals")
    form = ApprovalForm(request.POST or None)
    if form.is_valid():
        answer = _answer(request, one, form)
        if answer:
            return answer
    dossier, seen = preview_for_yes(share_id=share_id, by=by)
    context = as_read(dossier) | {
        "one": one,
        "form": form,
        "seen": seen,
        "added": [] if one.is_new else _new_in(one, dossier),
        "is_intake": one.share.recipient_kind == RecipientKind.PROGRAMME,
        "back_url": reverse("home_approvals"),
    }
    return render(request, "intake/approval.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def approval_stop(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Taking back what was approved: one question, and it holds at once."""
    by = reader_of(request)
    one = get_asked_or_404(share_id, by)
    if request.method == "POST":
        sharing.withdraw(share=one.share, by=by)
        messages.success(request, _("Gestopt. Niemand kan dit meer openen."))
        return redirect("home_approvals")
    return render(request, "intake/approval_stop.html", {"one": one, "back_url": reverse("home_approvals")})


def _new_in(one: Asked, dossier: Dossier) -> list[str]:
    """What was added or is newer, under the headings it has below."""
    named = [said.unit.label for said in dossier.said if said.unit.key in one.waiting]
    return named + [DISPLAY_IDENTITY[unit] for unit in DISPLAY_IDENTITY if unit in one.waiting]


def _answer(request: HttpRequest, one: Asked, form: ApprovalForm) -> HttpResponse | None:
    """Does what was answered. None: an error stands in the form."""
    try:
        _do(request, one, form)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        if refusal.code == "changed":
            messages.warning(request, refusal.sentence)
            return redirect("approval", one.share.pk)
        if refusal.field != "note":
            messages.warning(request, _("Dit vragen we u niet meer."))
            return redirect("home_approvals")
        form.add_error("note", refusal.sentence)
        return None
    return redirect("home_approvals")


def _do(request: HttpRequest, one: Asked, form: ApprovalForm) -> None:
    data, by = form.cleaned_data, reader_of(request)
    seen = data["seen"] or "-"
    if data["answer"] == "yes":
        sharing.approve(share_id=one.share.pk, by=by, seen=seen)
        messages.success(request, _("Dank u wel. Dit mag nu gedeeld worden."))
        return
    sharing.decline(share_id=one.share.pk, by=by, note=data["note"], seen=seen)
    text = _("U zei nee. Dit gaat niet door.") if one.is_new else _("U zei nee. Het blijft zoals het was.")
    messages.success(request, text)
