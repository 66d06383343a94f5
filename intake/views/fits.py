"""Fit per need: the intaker answers, a second person looks along at a no, the student reads it and reacts."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import NotHere
from consent.given import get_given_or_404
from intake.fit_forms import FitForm, NoForm, ReactionForm, SecondForm
from intake.models import Fit, FitAnswer, FitReaction
from intake.no_card import no_card
from intake.services import cases, fits, second_look
from intake.views.inbox import show_brief
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport


@require_POST
def fit_write(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One answer to one need. The need is in the body: an address never says what somebody needs (rule 9)."""
    by = reader_of(request)
    row = cases.get_open_case_or_404(by, case_id)
    need, answer, place = (request.POST.get(name, "")[:40] for name in ("need", "answer", "place"))
    place = place if place.isascii() and place.isdigit() else "1"
    form: Form
    if answer == FitAnswer.NO:
        form = NoForm(request.POST, auto_id=f"niet-{place}_%s")
    else:
        form = FitForm(request.POST, auto_id=f"wel-{place}_%s")
    done: list[Fit] = []

    def write(data: dict[str, Any]) -> None:
        done.append(fits.put_fit(case_id=case_id, by=by, need=need, answer=answer, **data))

    if not kept(form, write):
        return show_brief(request, case_id, wrong_fits={need: form})
    if done[0].state == Fit.State.SENT:
        messages.success(request, "Uw antwoord is verstuurd.")
    elif second_look.has_second(row.case.programme, but=by):
        messages.success(request, "Bewaard. Een collega kijkt eerst mee.")
    else:
        messages.warning(request, "Bewaard, maar er is nog niemand die mee kan kijken.")
    return redirect(f"{reverse('case_brief', args=[case_id])}#antwoord-{place}")


# --- A second person ---------------------------------------------------------------------------------------


@require_safe
def second_looks(request: HttpRequest) -> HttpResponse:
    """«Eerst met z'n tweeën kijken»: who asks, nothing of a student."""
    return render(request, "intake/second_looks.html", {"asked": second_look.list_asked(reader_of(request))})


@require_http_methods(["GET", "POST"])
def second_look_at(request: HttpRequest, fit_id: UUID) -> HttpResponse:
    """One no: which help, why not, what then. «Akkoord» sends it, «Praat er nog over» gives it back.

    Who did not read it yet gets it to read, and chooses then.
    """
    by, agrees = reader_of(request), request.POST.get("say") == "agree"
    form = SecondForm(request.POST if request.method == "POST" else None)

    def say(data: dict[str, Any]) -> None:
        if agrees:
            second_look.agree(fit_id, by)
        else:
            second_look.send_back(fit_id, by, data["line"])

    if request.method == "POST" and kept(form, say):
        done = "Het antwoord is verstuurd." if agrees else "Uw collega hoort dat u er nog over wilt praten."
        messages.success(request, done)
        return redirect("second_looks")
    context = {"one": second_look.open_asked(fit_id, by), "form": form, "back_url": reverse("second_looks")}
    return render(request, "intake/second_look.html", context, status=400 if form.errors else 200)


# --- The student -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def share_fits(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """What the programme answered, in plain words, and a word back. Also of a share that ended: it is the student's."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    wrong: ReactionForm | None = None
    if request.method == "POST":
        wrong = _react(request, given.share, key)
        if wrong is None:
            messages.success(request, _("Bewaard. De opleiding kan dit lezen."))
            return redirect("share_fits", share_id=share_id)
    found = fits.fits_for_student(given.share, key)
    if not found:
        raise NotHere()
    at = request.POST.get("fit", "")
    heard = fits.needs_heard(given.share, key)
    rows = [(one, _form(one, at, wrong), one.unit in heard) for one in found]
    context = {
        "one": given,
        "rows": rows,
        "form": wrong,
        "card": no_card() if any(one.is_no for one in found) else None,
        "reactions": FitReaction,
        "back_url": reverse("share", args=[share_id]),
    }
    return render(request, "intake/share_fits.html", context, status=400 if wrong else 200)


def _react(request: HttpRequest, share: Any, key: Any) -> ReactionForm | None:
    """Keeps the reaction; else the form with what is wrong. Raises NotHere."""
    fit_id, reaction = _uuid(request.POST.get("fit", "")), request.POST.get("reaction", "")
    form = ReactionForm(request.POST, auto_id=f"zeg-{fit_id}_%s")

    def write(data: dict[str, Any]) -> None:
        fits.react(share=share, key=key, fit_id=fit_id, by=reader_of(request), reaction=reaction, text=data["text"])

    return None if kept(form, write) else form


def _form(one: fits.Answered, at: str, wrong: ReactionForm | None) -> ReactionForm:
    if wrong is not None and at == str(one.id):
        return wrong
    return ReactionForm(initial={"text": one.reaction_text}, auto_id=f"zeg-{one.id}_%s")


def _uuid(raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError:
        raise NotHere() from None
