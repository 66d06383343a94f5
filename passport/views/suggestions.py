"""What somebody of school proposes at a question: «Neem over», «Verander het» and «Nee, dank je»."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.refusals import Refusal
from passport import suggestions
from passport.services import Conflict
from passport.suggestions import Proposal
from passport.views.asked import Asked, own_question, remember_saved


@require_POST
def suggestion_accept(request: HttpRequest, key: str, suggestion_id: UUID) -> HttpResponse:
    """Makes it the answer; with «Maak ongedaan» on the next page, like every change."""
    asked = own_question(request, key)
    suggestions.suggestion_or_404(asked.passport, asked.key, suggestion_id, key)
    seen = request.POST.get("revision", "")
    response = redirect(asked.url)
    try:
        if not (seen.isascii() and seen.isdecimal() and len(seen) < 10):
            raise Refusal("changed", _("Je antwoord is net veranderd. Kijk het na."), status=409)
        text = suggestions.accept_suggestion(
            passport=asked.passport,
            key=asked.key,
            suggestion_id=suggestion_id,
            by=asked.passport.student.user,
            revision=int(seen),
        )
    except Conflict:
        messages.warning(request, _("Je antwoord is net veranderd. Kijk het na."))
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    else:
        remember_saved(response, asked.passport, asked.key, text, int(seen))
    return response


@require_POST
def suggestion_decline(request: HttpRequest, key: str, suggestion_id: UUID) -> HttpResponse:
    """Takes it from the page. Who wrote it does not hear of it."""
    asked = own_question(request, key)
    suggestions.suggestion_or_404(asked.passport, asked.key, suggestion_id, key)
    try:
        suggestions.decline_suggestion(
            passport=asked.passport, key=asked.key, suggestion_id=suggestion_id, by=asked.passport.student.user
        )
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("Oké. Je antwoord blijft zoals het is."))
    return redirect(asked.url)


def beside(request: HttpRequest, waiting: list[Proposal]) -> Proposal | None:
    """The suggestion that a student asked to see beside their answer; nothing is put in by it."""
    wanted = request.POST.get("suggestion") or request.GET.get("voorstel", "")
    return next((one for one in waiting if str(one.id) == wanted), None)


def close_adapted(request: HttpRequest, asked: Asked) -> None:
    """An own answer was kept with a suggestion beside it: that one is dealt with."""
    try:
        suggestion_id = UUID(request.POST.get("suggestion", ""))
    except ValueError:
        return
    suggestions.mark_adapted(
        passport=asked.passport, key=asked.key, suggestion_id=suggestion_id, by=asked.passport.student.user
    )
