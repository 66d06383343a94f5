"""Log-in cards to print. The answer of the POST is the sheet itself: no address, file or session holds a token."""

import secrets
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.entrance import who_is_in
from school.services.card_sheets import cards_of, make_sheets
from school.services.office import get_class_or_404, runs

ONCE = "cards"  # in the session: a random word, so that a page that is sent again makes no new cards


@require_http_methods(["GET", "HEAD", "POST"])
def class_cards(request: HttpRequest, class_id: UUID) -> HttpResponse:
    """What will happen first; then, once, the cards."""
    by = who_is_in(request)
    school_class = get_class_or_404(class_id, by)
    if request.method == "POST":
        if request.POST.get("once", "") != request.session.pop(ONCE, None):
            return redirect("class_cards", class_id=class_id)
        sheets = make_sheets(school_class=school_class, anew="anew" in request.POST, by=by)
        if sheets:
            context = {"sheets": sheets, "school_class": school_class}
            return render(request, "school/class_cards_sheet.html", context)
        return redirect("class_cards", class_id=class_id)
    request.session[ONCE] = secrets.token_urlsafe(12)
    context = {
        "school_class": school_class,
        "place": school_class.institution if runs(school_class.institution, by) else None,
        "cards": cards_of(school_class),
        "once": request.session[ONCE],
        "on_classes": True,
    }
    return render(request, "school/class_cards.html", context)
