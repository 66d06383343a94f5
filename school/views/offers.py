"""«Hulp van de opleiding»: a coordinator writes need by need, in three layers, and the facts beside it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.entrance import who_is_in
from accounts.models import Institution, Programme, User
from accounts.refusals import Refusal
from intake.services.facts import facts_of
from intake.services.offers import known_needs, need_or_404, start_or_none, starts_of, texts_by_need
from passport.pictures import need_pictures
from school.offer_forms import FactsForm, NeedForm
from school.services import offers, places
from school.services.office import get_place_or_404

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_OR_POST
def office_offers(request: HttpRequest, place_id: UUID, programme_id: UUID) -> HttpResponse:
    """One programme: what is written per need, where to begin, and the facts, which are kept here."""
    by = who_is_in(request)
    place, programme = _own(place_id, programme_id, by)
    form = FactsForm(programme, facts_of([programme])[programme.pk], request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            offers.write_facts(programme=programme, said=form.cleaned_data, by=by)
            messages.success(request, "De feiten zijn bewaard. Iedereen ziet ze nu.")
            return redirect("office_offers", place_id, programme_id)
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.sentence)
    texts, needs = texts_by_need([programme])[programme.pk], known_needs()
    context = {
        "rows": [(one, texts.get(one.key, [])) for one in needs],
        "starts": starts_of(programme),
        "first": next((one.key for one in needs if one.key not in texts), needs[0].key),
        "form": form,
        **_frame(place, programme),
    }
    context["back_url"] = reverse("office_programme", args=[place_id, programme_id])
    return render(request, "school/office_offers.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def office_offer(request: HttpRequest, place_id: UUID, programme_id: UUID, need: str) -> HttpResponse:
    """The texts of one need. Begun with an example they are in the fields, and nowhere else until they are kept."""
    by = who_is_in(request)
    place, programme = _own(place_id, programme_id, by)
    asked = need_or_404(need)
    own = {row.layer: row.text for row in texts_by_need([programme])[programme.pk].get(need, [])}
    start = start_or_none(programme, request.GET.get("begin", "")[:32])
    lent = {layer: text for layer, text in start.texts_of(need).items() if layer not in own} if start else {}
    form = NeedForm({**lent, **own}, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            texts = {layer: text for layer, text in form.cleaned_data.items() if layer in request.POST}
            offers.write_need(programme=programme, need=need, texts=texts, by=by)
            messages.success(request, f"Bewaard: {asked.label}.")
            return redirect(_onward(place, programme, need, start.code if start else "", "next" in request.POST))
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.sentence)
    context = {"need": asked, "picture": need_pictures().get(need, ""), "form": form, "start": start, "lent": lent}
    context |= {"starts": starts_of(programme), "next": _after(need), **_frame(place, programme)}
    context["back_url"] = reverse("office_offers", args=[place_id, programme_id])
    return render(request, "school/office_offer.html", context, status=400 if form.errors else 200)


def _own(place_id: UUID, programme_id: UUID, by: User) -> tuple[Institution, Programme]:
    place = get_place_or_404(place_id, by)
    return place, places.get_programme_or_404(place, programme_id)


def _after(need: str) -> str:
    keys = [one.key for one in known_needs()]
    return keys[keys.index(need) + 1] if need != keys[-1] else ""


def _onward(place: Institution, programme: Programme, need: str, start: str, is_next: bool) -> str:
    """The next need, begun in the same way; after the last one, or without «verder», the whole programme."""
    following = _after(need) if is_next else ""
    if not following:
        return reverse("office_offers", args=[place.pk, programme.pk])
    address = reverse("office_offer", args=[place.pk, programme.pk, following])
    return f"{address}?{urlencode({'begin': start})}" if start else address


def _frame(place: Institution, programme: Programme) -> dict[str, object]:
    return {"place": place, "programme": programme, "on_programmes": True}
