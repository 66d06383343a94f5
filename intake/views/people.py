"""«Mensen bij jou»: who is tied to the student, and that somebody does not belong there any more."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.refusals import Refusal
from intake.services import people as services
from passport.owner import own_passport


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a tie today; who decides along has no way to be taken off here."""
    passport, key = own_passport(request)
    context = {"people": services.people_of(passport.student, key), "back_url": reverse("share_list")}
    return render(request, "intake/people.html", context)


@require_http_methods(["GET", "POST"])
def person_end(request: HttpRequest, near_id: UUID) -> HttpResponse:
    """What stops with it is said before; one question, and it holds at once."""
    passport, key = own_passport(request)
    near = services.get_near_or_404(passport.student, key, near_id)
    if request.method == "POST":
        try:
            services.end_tie(student=passport.student, key=key, tie_id=near_id, by=who_is_in(request))
        except Refusal as refusal:
            messages.warning(request, refusal.sentence)
            return redirect("people")
        messages.success(request, _("Gestopt. Deze persoon hoort niet meer bij jou."))
        return redirect("people")
    context = {"near": near, "ends": services.what_ends_with(near), "back_url": reverse("people")}
    return render(request, "intake/person_end.html", context)
