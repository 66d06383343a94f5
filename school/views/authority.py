"""«Gezag nakijken»: the care coordinator or coordinator says that a guardian may say yes."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import authority
from accounts.entrance import who_is_in
from accounts.places import places_in
from accounts.refusals import NotHere


@require_GET
def authority_list(request: HttpRequest) -> HttpResponse:
    by = who_is_in(request)
    if not authority.may_check(places_in(request)):
        raise NotHere()
    return render(request, "school/authority.html", {"rows": authority.unchecked_for(by)})


@require_POST
def authority_check(request: HttpRequest, tie_id: UUID) -> HttpResponse:
    authority.check(tie_id=tie_id, by=who_is_in(request))
    messages.success(request, "Vastgelegd. Deze persoon mag nu ja of nee zeggen.")
    return redirect("authority")
