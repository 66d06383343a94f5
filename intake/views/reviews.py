"""«Klopt dit nog?»: half a year on, one shared text at a time. Asked once; «Later» is as good an answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import vault
from accounts.entrance import who_is_in
from accounts.refusals import Refusal
from consent.asked_again import AskedAgain, asked_again
from consent.given import get_own_share_or_404
from intake.services import reviewing
from passport.owner import own_passport


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, share_id: UUID | None = None) -> HttpResponse:
    """The first text that is due, of everything or of one share; after an answer the next, or back."""
    passport, key = own_passport(request)
    if share_id:
        get_own_share_or_404(share_id, who_is_in(request))
    back = reverse("share", args=[share_id]) if share_id else reverse("today")
    asked = asked_again(passport, key, share_id)
    if not share_id:
        asked = [one for one in asked if not one.put_off]
    if request.method == "POST":
        return _answer(request, asked, key, back)
    if not asked:
        return redirect(back)
    return render(request, "intake/review.html", {"one": asked[0], "more": len(asked) > 1, "back_url": back})


def _answer(request: HttpRequest, asked: list[AskedAgain], key: vault.Key, back: str) -> HttpResponse:
    """What is not asked any more (a second tap, a text that moved) only leads to what is asked now."""
    here = (request.POST.get("unit"), request.POST.get("seen"))
    one = next((one for one in asked if (one.unit.key, one.seen) == here), None)
    answer = request.POST.get("answer", "")
    if one is None or answer not in {"yes", "no", "later"}:
        return redirect(request.path)
    if answer == "no":
        return _to_change(request, one)
    try:
        if answer == "later":
            reviewing.look_later(asked=asked, key=key, by=who_is_in(request))
            return redirect(back)
        reviewing.look_again(asked=one, key=key, by=who_is_in(request))
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
        return redirect(request.path)
    if len(asked) > 1:
        return redirect(request.path)
    messages.success(request, _("Bewaard. Dank je voor het kijken."))
    return redirect(back)


def _to_change(request: HttpRequest, one: AskedAgain) -> HttpResponse:
    """To the new text when there is one already, else to the question it was an answer to."""
    if one.newer and one.place:
        return redirect("share_release", share_id=one.shares[0].pk)
    messages.info(request, _("Verander het hier. Daarna kun je je nieuwe tekst delen."))
    if one.place:
        return redirect("need", key=one.unit.question.key, place=one.place)
    return redirect("question", key=one.unit.question.key)
