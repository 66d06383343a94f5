"""The class card: a page with a button, then the PIN. A scanner or a preview that opens the link changes nothing."""

import time
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import badges, sessions
from accounts.badges import Outcome
from accounts.doors.entering import come_in
from accounts.doors.forms import CardForm, NewPinForm, PinForm
from accounts.entrance import home_of, who_is_in
from accounts.refusals import Refusal

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
CARD, AT = "card", "card_at"  # in the session: the digest of a token and when it was shown
LASTS = 600


@login_not_required
@never_cache
@GET_OR_POST
def badge(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR leads: a GET looks nothing up and says the same for every token; the button goes on."""
    if request.method == "POST":
        return _show_card(request, token)
    return _without_referer(render(request, "accounts/badge.html", {"is_in": request.user.is_authenticated}))


@login_not_required
@never_cache
@GET_OR_POST
def badge_type(request: HttpRequest) -> HttpResponse:
    """For who cannot scan: the code on the card, typed over."""
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        digest = badges.digest_of(form.cleaned_data["code"])
        if badges.look(digest).outcome is not Outcome.DEAD:
            return _show_card(request, form.cleaned_data["code"])
        form.add_error("code", _("Deze code klopt niet. Kijk het na."))
    return render(request, "accounts/badge_type.html", {"form": form})


@login_not_required
@never_cache
@GET_OR_POST
def badge_pin(request: HttpRequest) -> HttpResponse:
    """The PIN of this card; or, at its first use and after «nieuwe pincode», the page to choose one."""
    digest = _card_of(request)
    if digest is None:
        return redirect("badge_type")
    before = badges.look(digest)
    if before.outcome is Outcome.CHOOSE:
        return redirect("badge_choose")
    if before.outcome in {Outcome.DEAD, Outcome.OFF, Outcome.NO_PIN, Outcome.STOPPED}:
        return _no(request, before.outcome)
    form = PinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        result = badges.check_digest(digest, form.cleaned_data["pin"])
        if result.outcome is Outcome.IN and result.student:
            _forget_card(request)
            return come_in(request, result.student.user, by="badge")
        form.add_error("pin", _sentence(result))
    elif before.outcome is Outcome.WAIT:
        form = PinForm({"pin": ""})
        form.errors["pin"] = form.error_class([_sentence(before)])
    return render(request, "accounts/badge_pin.html", {"form": form})


@login_not_required
@never_cache
@GET_OR_POST
def badge_choose(request: HttpRequest) -> HttpResponse:
    """The student's own PIN. Whoever was still logged in with the old one is out."""
    digest = _card_of(request)
    if digest is None:
        return redirect("badge_type")
    outcome = badges.look(digest).outcome
    if outcome is not Outcome.CHOOSE:
        return redirect("badge_pin") if outcome is Outcome.IN else _no(request, outcome)
    form = NewPinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            student = badges.choose_pin_digest(digest, form.cleaned_data["pin"])
        except Refusal as refusal:
            form.add_error("pin" if refusal.field else None, refusal.sentence)
        else:
            _forget_card(request)
            sessions.end_all_of(student.user)
            return come_in(request, student.user, by="badge")
    return render(request, "accounts/badge_choose.html", {"form": form})


# --- The parts ---------------------------------------------------------------------------------------------


def _show_card(request: HttpRequest, token: str) -> HttpResponse:
    """From here on the token is in no address any more."""
    digest = badges.digest_of(token)
    if badges.look(digest).outcome is Outcome.DEAD:
        return _without_referer(_no(request, Outcome.DEAD))
    if request.user.is_authenticated:
        return redirect(home_of(who_is_in(request)))
    request.session[CARD], request.session[AT] = digest.hex(), time.time()
    return _without_referer(redirect("badge_pin"))


def _card_of(request: HttpRequest) -> bytes | None:
    if request.user.is_authenticated or time.time() - request.session.get(AT, 0) > LASTS:
        return None
    return bytes.fromhex(request.session.get(CARD, "")) or None


def _forget_card(request: HttpRequest) -> None:
    for name in (CARD, AT):
        request.session.pop(name, None)


def _without_referer(response: HttpResponse) -> HttpResponse:
    """The address of a card is told to no page. Not `no-referrer`: with it a browser sends its forms as from nowhere,
    which the check on forgery refuses."""
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _no(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    _forget_card(request)
    context = {"sentence": _sentence(badges.Result(outcome))}
    return render(request, "accounts/badge_no.html", context, status=403)


def _sentence(result: badges.Result) -> Any:
    if result.outcome is Outcome.WAIT and result.until:
        return _("Deze pincode klopt niet. Wacht %(wait)s. Of vraag je mentor.") % {"wait": _wait(result.until)}
    return {
        Outcome.WRONG: _("Deze pincode klopt niet. Probeer het nog een keer."),
        Outcome.STOPPED: _("Het ging te vaak mis. Vraag je mentor om een nieuwe pincode."),
        Outcome.OFF: _("Deze kaart staat nog niet aan. Log anders in. Ga naar Instellingen en dan naar Inloggen."),
        Outcome.NO_PIN: _("Je hebt nog geen pincode. Vraag het je mentor. Dan kies je er zelf een."),
    }.get(result.outcome, _("Deze kaart werkt niet meer. Vraag je mentor om een nieuwe."))


def _wait(until: Any) -> str:
    minutes = max(1, round((until.timestamp() - time.time() + 30) // 60))
    if minutes == 1:
        return _("1 minuut")
    return _("%(n)s minuten") % {"n": minutes} if minutes < 90 else _("tot morgen")
