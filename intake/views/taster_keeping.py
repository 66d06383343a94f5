"""«Meeloopdagen», for who puts them up and for the counsellors of who goes; and the page of a buddy."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.places import places_in
from accounts.refusals import NotHere
from intake.services import taster_buddies, taster_keeping
from intake.services.taster_buddies import Buddy
from intake.services.taster_keeping import Name
from intake.taster_forms import BuddyForm, TasterDayForm
from intake.views.reading import reader_of
from intake.views.talks import kept
from intake.views.taster_days import tried

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
DECIDED = {
    True: "Bewaard. De student ziet dat het doorgaat.",
    False: "Bewaard. De student ziet dat het niet doorgaat.",
}
CAME = {
    True: "Bewaard. Het kaartje van de student ligt klaar.",
    False: "Bewaard. De decaan van de school ziet wie er te bellen is.",
}


# --- The days ----------------------------------------------------------------------------------------------


@require_safe
def kept_days(request: HttpRequest) -> HttpResponse:
    """The days that come and the days that were, and whom to call."""
    by = reader_of(request)
    if not taster_keeping.keeps_days(places_in(request)):
        raise NotHere()
    rows = taster_keeping.kept_days(by)
    context = {
        "places": taster_keeping.places_of(by),
        "coming": [one for one in rows if not one.is_over],
        "past": [one for one in rows if one.is_over],
        "to_call": taster_keeping.to_call(by),
        "on_days": True,
    }
    return render(request, "intake/taster_kept.html", context)


@GET_OR_POST
def put_up(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """A new day of one school or college."""
    by = reader_of(request)
    place = taster_keeping.get_place_or_404(place_id, by)
    form = TasterDayForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and kept(form, lambda data: taster_keeping.put_up(place_id=place_id, said=data, by=by)):
        messages.success(request, "De dag staat klaar. Studenten zien hem nu.")
        return redirect("taster_kept")
    context = {"form": form, "place": place, "back_url": reverse("taster_kept"), "on_days": True}
    return render(request, "intake/taster_new.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def edit(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """Changes a day that is still to come, or calls it off."""
    by = reader_of(request)
    day = taster_keeping.get_own_day_or_404(day_id, by)
    if "call_off" in request.POST:
        done = "De dag gaat niet door. Wie mee zou gaan, ziet dat."
        tried(request, lambda: taster_keeping.call_off(day_id=day_id, by=by), done)
        return redirect("taster_names", day_id)
    said = TasterDayForm.said_of(day)
    form = TasterDayForm(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and kept(form, lambda data: taster_keeping.change(day_id=day_id, said=data, by=by)):
        messages.success(request, "Bewaard. Studenten zien het meteen.")
        return redirect("taster_names", day_id)
    context = {"form": form, "day": day, "back_url": reverse("taster_names", args=[day_id]), "on_days": True}
    return render(request, "intake/taster_edit.html", context, status=400 if form.errors else 200)


# --- The names ---------------------------------------------------------------------------------------------


@require_safe
def names(request: HttpRequest, day_id: UUID) -> HttpResponse:
    """One day: who is on it, as this reader may read it, and what can be done."""
    by = reader_of(request)
    one = taster_keeping.get_kept_or_404(day_id, by)
    found = taster_keeping.names_on(one, by)
    buddies = taster_buddies.buddies_for(one.day) if any(each.may_get_buddy for each in found) else []
    rows = [(each, _buddy_form(each, buddies)) for each in found]
    context = {"one": one, "rows": rows, "back_url": reverse("taster_kept"), "on_days": True}
    return render(request, "intake/taster_names.html", context)


@require_POST
def name(request: HttpRequest, sign_up_id: UUID) -> HttpResponse:
    """What staff says of one name: whether it goes on, who came, who was spoken to, and which buddy goes along."""
    by, said = reader_of(request), request.POST
    if "reached" in said:
        done = "Van de lijst. Er blijft niets van staan."
        tried(request, lambda: taster_keeping.reached(sign_up_id=sign_up_id, by=by), done)
        return redirect("taster_kept")
    found = taster_keeping.get_name_or_404(sign_up_id, by)
    if "decide" in said:
        yes = said["decide"] == "yes"
        tried(request, lambda: taster_keeping.decide(sign_up_id=sign_up_id, yes=yes, by=by), DECIDED[yes])
    elif "came" in said:
        came = said["came"] == "yes"
        tried(request, lambda: taster_keeping.tick(sign_up_id=sign_up_id, came=came, by=by), CAME[came])
    elif "untie" in said:
        done = "Deze buddy gaat niet meer mee."
        tried(request, lambda: taster_keeping.take_buddy_off(sign_up_id=sign_up_id, by=by), done)
    else:
        _ask_buddy(request, found, by)
    return redirect("taster_names", found.day.pk)


def _buddy_form(each: Name, buddies: Sequence[Buddy]) -> BuddyForm | None:
    return BuddyForm(buddies, prefix=str(each.row.pk)) if buddies and each.may_get_buddy else None


def _ask_buddy(request: HttpRequest, found: Name, by: User) -> None:
    """A choice that is not in the list is a «no» on the page that follows."""
    form = BuddyForm(taster_buddies.buddies_for(found.day), request.POST, prefix=str(found.row.pk))
    if not form.is_valid():
        messages.warning(request, "Kies een buddy uit de lijst.")
        return
    person_id, done = form.cleaned_data["buddy"], "De vraag staat klaar. De student kiest ja of nee."
    ask = taster_keeping.ask_buddy
    tried(request, lambda: ask(sign_up_id=found.row.pk, person_id=person_id, by=by), done)


# --- The buddy ---------------------------------------------------------------------------------------------


@require_safe
def buddy_days(request: HttpRequest) -> HttpResponse:
    """The days a buddy goes along on, and what is shared with them for it."""
    by = reader_of(request)
    if not taster_buddies.goes_along(places_in(request)):
        raise NotHere()
    return render(request, "intake/buddy_days.html", {"days": taster_buddies.days_of(by)})
