"""The help of a whole college as a file: out for its own system, and in again after a look at what would change."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.models import Institution
from accounts.refusals import Refusal
from intake.models import Layer
from intake.services.offers import Act, known_needs
from school.offer_files import COLUMNS
from school.offer_forms import OffersFileForm, OffersYesForm
from school.services import offer_import
from school.services.offer_import import OfferPlan
from school.services.office import get_place_or_404

MOST_SHOWN = 200
HEADS = {Act.WRITTEN: "Nieuw", Act.CHANGED: "Anders", Act.REMOVED: "Niet in het bestand"}


@require_safe
def office_offers_file(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Every text of the own college as CSV; it is all public, and of nobody."""
    place = get_place_or_404(place_id, who_is_in(request))
    headers = {"Content-Disposition": 'attachment; filename="hulp-per-opleiding.csv"'}
    return HttpResponse(offer_import.own_file(place), content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def office_offers_upload(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """A file in, then what it would change, then the yes. Between them it waits on the page, never with us."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    form = OffersFileForm(request.POST or None, request.FILES or None)
    yes = OffersYesForm(request.POST) if "waiting" in request.POST else None
    if yes is not None:
        form = OffersFileForm()
    try:
        if yes is not None and yes.is_valid():
            said = yes.cleaned_data
            plan = offer_import.plan_again(place, said["waiting"], said["seen"])
            many = offer_import.import_offers(plan=plan, take_away=said["take_away"], by=by)
            messages.success(request, f"Ingelezen. {many} {'tekst is' if many == 1 else 'teksten zijn'} nu anders.")
            return redirect("office_programmes", place_id=place.pk)
        if request.method == "POST" and form.is_valid():
            plan = offer_import.make_plan(place, form.cleaned_data["file"].read())
            return _check(request, place, plan)
    except Refusal as refusal:
        form = _refused(refusal)
    context = {"form": form, "place": place, "columns": COLUMNS.values(), "needs": known_needs()}
    context |= {"layers": Layer.labels, "on_programmes": True}
    context["back_url"] = reverse("office_programmes", args=[place.pk])
    return render(request, "school/office_offers_upload.html", context, status=400 if form.errors else 200)


def _refused(refusal: Refusal) -> OffersFileForm:
    """The empty form with why not."""
    form = OffersFileForm({})
    form.errors.clear()
    form.add_error("file" if refusal.field == "file" else None, refusal.sentence)
    return form


def _check(request: HttpRequest, place: Institution, plan: OfferPlan) -> HttpResponse:
    """What would happen, text by text, with the counts of all of it."""
    needs = {one.key: one.label for one in known_needs()}
    layers = dict(Layer.choices)
    groups = []
    for act, head in HEADS.items():
        rows = [(one, needs[one.need], layers[one.layer]) for one in plan.of(act)[:MOST_SHOWN] if one.need in needs]
        if rows:
            groups.append((act.value, head, len(plan.of(act)), rows))
    waiting = {"waiting": offer_import.waiting(plan), "seen": plan.digest}
    context = {"place": place, "plan": plan, "groups": groups, "form": OffersYesForm(initial=waiting)}
    context |= {"wrong": plan.wrong[:MOST_SHOWN], "more_wrong": max(0, len(plan.wrong) - MOST_SHOWN)}
    context |= {"gone": plan.of(Act.REMOVED), "on_programmes": True}
    context["back_url"] = reverse("office_offers_upload", args=[place.pk])
    return render(request, "school/office_offers_check.html", context, status=400 if plan.wrong else 200)
