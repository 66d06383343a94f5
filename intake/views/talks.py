"""The talk of a warm transfer: the school team writes it on the dossier's page, the student answers on their own."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.refusals import NotHere, Refusal
from consent.given import get_given_or_404
from intake.services import talks
from intake.talk_forms import TalkCommentForm, TalkOutcomeForm, TalkPlanForm
from intake.views.dossiers import show_dossier
from intake.views.reading import reader_of
from passport.owner import own_passport


@require_POST
def talk_plan(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Plans the talk, or changes the plan."""
    by = reader_of(request)
    talks.get_share_to_plan_or_404(share_id, by)
    form = TalkPlanForm(request.POST, auto_id="talk_%s")
    if not kept(form, lambda data: talks.plan_talk(share_id=share_id, by=by, **form.plan())):
        return show_dossier(request, share_id, plan_form=form)
    messages.success(request, "Het gesprek is bewaard. De student ziet het meteen.")
    return redirect("dossier", share_id)


@require_POST
def talk_outcome(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Keeps what was agreed."""
    by = reader_of(request)
    talks.get_share_to_plan_or_404(share_id, by)
    form = TalkOutcomeForm(request.POST, auto_id="talk_%s")
    if not kept(form, lambda data: talks.write_outcome(share_id=share_id, by=by, text=data["outcome"])):
        return show_dossier(request, share_id, outcome_form=form)
    messages.success(request, "Bewaard. De student ziet dit meteen.")
    return redirect("dossier", share_id)


@require_http_methods(["GET", "POST"])
def share_talk(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The student reads plan and outcome, and says what they think. Who reads that stands above the field."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    talk = talks.own_talk(given.share, key)
    if talk is None:
        raise NotHere()
    form = TalkCommentForm(request.POST if request.method == "POST" else None, initial={"comment": talk.comment})
    if request.method == "POST":
        by, share = reader_of(request), given.share
        if kept(form, lambda data: talks.comment_on_talk(share=share, key=key, by=by, text=data["comment"])):
            messages.success(request, _("Bewaard."))
            return redirect("share_talk", share_id=share_id)
    context = {
        "one": given,
        "talk": talk,
        "is_seen": talks.is_seen(given.share),
        "form": form,
        "back_url": reverse("share", args=[share_id]),
    }
    return render(request, "intake/share_talk.html", context, status=400 if form.errors else 200)


def kept(form: Form, write: Callable[[dict[str, Any]], object]) -> bool:
    """Does it when the form is good; a no of the service stands in the form. Raises NotHere."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    return True
