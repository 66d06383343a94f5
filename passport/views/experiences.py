"""The cards of what one did to find out what one wants: list, write, take away, and take a sentence over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import vault
from accounts.refusals import NotHere, Refusal
from passport import experiences as cards
from passport import services
from passport.experience_forms import ExperienceForm, TakeOverForm
from passport.experiences import Card, CardConflict
from passport.models import Passport
from passport.owner import own_passport
from passport.services import Conflict, Text
from passport.views.asked import remember_saved, show
from passport.views.reading import read_back


@require_safe
def experiences(request: HttpRequest) -> HttpResponse:
    """Every card, the newest day first."""
    passport, key = own_passport(request)
    context = {"cards": cards.cards_of(passport, key), "back_url": reverse("passport_overview")}
    return show(request, passport, key, "passport/experiences.html", context)


@require_http_methods(["GET", "POST"])
def experience_new(request: HttpRequest) -> HttpResponse:
    """A new card. The page brings the card's id along, so sending it twice makes one card."""
    passport, key = own_passport(request)
    if request.method == "POST":
        return _keep(request, passport, key, ExperienceForm(data=request.POST))
    return _show(request, passport, key, ExperienceForm())


@require_http_methods(["GET", "POST"])
def experience(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """One card, to change. What was typed on a card that is gone comes back as a new card."""
    passport, key = own_passport(request)
    try:
        card = cards.card_or_404(passport, key, card_id)
    except NotHere:
        if request.method != "POST":
            raise
        return _show(request, passport, key, _again(request), status=404)
    if request.method == "POST":
        return _keep(request, passport, key, ExperienceForm(data={**request.POST.dict(), "card": card_id}), card_id)
    return _show(request, passport, key, ExperienceForm(card), card_id)


@require_http_methods(["GET", "POST"])
def experience_remove(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """Taking a card away: one question, two equal answers."""
    passport, key = own_passport(request)
    if request.method == "POST":
        cards.remove_card(passport=passport, card_id=card_id, by=passport.student.user)
        messages.success(request, _("Het kaartje is weg."))
        return redirect("experiences")
    context = {"card": cards.card_or_404(passport, key, card_id), "back_url": reverse("experiences")}
    return show(request, passport, key, "passport/experience_remove.html", context)


@require_http_methods(["GET", "POST"])
def experience_take(request: HttpRequest, card_id: UUID) -> HttpResponse:
    """«Neem over in je paspoort»: the student picks sentences and sees below which answer they come."""
    passport, key = own_passport(request)
    card = cards.card_or_404(passport, key, card_id)
    text = services.open_answer(passport, key, cards.QUESTION)
    there = cards.sentences_in(text.value or "")
    left = [one for one in card.sentences if one not in there]
    form = TakeOverForm(left, text.revision, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _take(passport, key, card, form)
        except Conflict as conflict:
            messages.warning(request, _("Je antwoord is net veranderd. Kijk het na."))
            return _show_take(request, passport, key, TakeOverForm(left, conflict.current.revision), conflict.current)
        except Refusal as refusal:
            form.add_error("sentence", refusal.sentence)
    return _show_take(request, passport, key, form, text)


# --- The parts ---------------------------------------------------------------------------------------------


def _keep(
    request: HttpRequest, passport: Passport, key: vault.Key, form: ExperienceForm, card_id: UUID | None = None
) -> HttpResponse:
    if not form.is_valid():
        return _show(request, passport, key, form, card_id)
    said, by = form.cleaned_data, passport.student.user
    try:
        cards.save_card(
            passport=passport,
            key=key,
            card_id=said["card"],
            revision=said["revision"] or 0,
            content=form.content,
            by=by,
        )
    except CardConflict as conflict:
        return _show(request, passport, key, _again(request, conflict.current), conflict.current.id, conflict.current)
    except NotHere:
        return _show(request, passport, key, _again(request), status=404)
    except Refusal as refusal:
        form.show(refusal)
        return _show(request, passport, key, form, card_id)
    messages.success(request, _("Je kaartje is bewaard."))
    return redirect("experiences")


def _again(request: HttpRequest, current: Card | None = None) -> ExperienceForm:
    """What was typed, to send once more: over the newest text of the card, or as a new card."""
    fresh = ExperienceForm(current).initial
    return ExperienceForm(data={**request.POST.dict(), "card": fresh["card"], "revision": fresh["revision"]})


def _show(
    request: HttpRequest,
    passport: Passport,
    key: vault.Key,
    form: ExperienceForm,
    card_id: UUID | None = None,
    current: Card | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "is_new": card_id is None,
        "action": reverse("experience", args=[card_id]) if card_id else reverse("experience_new"),
        "current": current,
        "is_gone": status == 404,
        "back_url": reverse("experiences"),
    }
    status = 409 if current else status
    return show(request, passport, key, "passport/experience.html", context, status=status)


def _take(passport: Passport, key: vault.Key, card: Card, form: TakeOverForm) -> HttpResponse:
    before = form.cleaned_data["revision"] or 0
    text = cards.take_over(
        passport=passport,
        key=key,
        card_id=card.id,
        sentences=form.cleaned_data["sentence"],
        revision=before,
        by=passport.student.user,
    )
    response = redirect("question", cards.QUESTION)
    remember_saved(response, passport, key, text, before)
    return response


def _show_take(
    request: HttpRequest, passport: Passport, key: vault.Key, form: TakeOverForm, text: Text
) -> HttpResponse:
    questions = services.questions_of(passport)
    question = questions.questions[cards.QUESTION]
    context = {
        "form": form,
        "question": question,
        "now": read_back(questions, question, text),
        "is_answered": text.is_answered,
        "back_url": reverse("experiences"),
    }
    return show(request, passport, key, "passport/experience_take.html", context)
