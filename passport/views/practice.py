"""«Oefen je intake»: one question a page, and all of them on paper. No answer is asked, so none is kept."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from passport import practice as talk
from passport import services
from passport.owner import own_passport
from passport.views.asked import show


@require_safe
def practice(request: HttpRequest) -> HttpResponse:
    """What this is, and where it starts."""
    passport, key = own_passport(request)
    context = {"total": len(talk.all_asked()), "back_url": reverse("passport_overview")}
    return show(request, passport, key, "passport/practice.html", context)


@require_safe
def practice_question(request: HttpRequest, place: int) -> HttpResponse:
    """One question, with what the student wrote about it folded away beside it."""
    passport, key = own_passport(request)
    asked = talk.asked_or_404(place)
    total = len(talk.all_asked())
    context = {
        "asked": asked,
        "cards": talk.help_cards(services.open_sheet(passport, key), asked),
        "total": total,
        "next_url": reverse("practice_question", args=[place + 1]) if place < total else reverse("practice_done"),
        "back_url": reverse("practice_question", args=[place - 1]) if place > 1 else reverse("practice"),
    }
    return show(request, passport, key, "passport/practice_question.html", context)


@require_safe
def practice_done(request: HttpRequest) -> HttpResponse:
    """The end, and what one may do next."""
    passport, key = own_passport(request)
    last = len(talk.all_asked())
    return show(
        request, passport, key, "passport/practice_done.html", {"back_url": reverse("practice_question", args=[last])}
    )


@require_safe
def practice_print(request: HttpRequest, with_answers: bool) -> HttpResponse:
    """All questions on paper: with room to write, or with one's own answers."""
    passport, key = own_passport(request)
    sheet = services.open_sheet(passport, key) if with_answers else None
    rows = [(asked, talk.help_cards(sheet, asked) if sheet else []) for asked in talk.all_asked()]
    context = {"rows": rows, "with_answers": with_answers, "back_url": reverse("practice")}
    return show(request, passport, key, "passport/practice_print.html", context)
