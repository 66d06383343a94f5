"""«Gezag nakijken»: the care coordinator or coordinator says that a guardian may say yes."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import authority
from accounts.entrance import who_is_in
from accounts.places import places_in
from accounts.refusals import NotHere


@require_GET
def authority_list(request: HttpRequest) -> HttpResponse:
    by = who_is_in(request)
    if not authority.may_check(places_in(request)):
        raise NotHere()
    context = {"rows": authority.unchecked_for(by), "checked": authority.checked_for(by)}
    return render(request, "school/authority.html", context)


@require_POST
def authority_check(request: HttpRequest, tie_id: UUID) -> HttpResponse:
    authority.check(tie_id=tie_id, by=who_is_in(request))
    messages.success(request, "Vastgelegd. Deze persoon mag nu ja of nee zeggen.")
    return redirect("authority")


@require_http_methods(["GET", "HEAD", "POST"])
def authority_end(request: HttpRequest, tie_id: UUID) -> HttpResponse:
    """«Deze persoon heeft geen gezag meer»: what follows is said first."""
    by = who_is_in(request)
    found = next((one for one in authority.checked_for(by) if one.tie_id == tie_id), None)
    if found is None:
        raise NotHere()
    if request.method == "POST":
        authority.take_back(tie_id=tie_id, by=by)
        messages.success(request, "Vastgelegd. Een ja of nee van deze persoon telt niet meer.")
        return redirect("authority")
    return render(request, "school/authority_end.html", {"row": found, "back_url": reverse("authority")})
