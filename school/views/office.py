"""The start page of a coordinator, and their classes, programmes and log. No page here opens a passport."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.models import Institution
from accounts.refusals import NotHere, Refusal
from school.office_forms import ClassForm, PlaceForm, ProgrammeForm
from school.services import places
from school.services.office import events_of, get_place_or_404, get_school_or_404, has_classes, places_of

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 50


@require_safe
def office(request: HttpRequest) -> HttpResponse:
    """Straight to the one school or college somebody runs; a choice for who runs more."""
    mine = list(places_of(who_is_in(request)))
    if not mine:
        raise NotHere()
    if len(mine) == 1:
        return redirect("office_place", place_id=mine[0].pk)
    return render(request, "school/office.html", {"places": mine})


@GET_OR_POST
def office_place(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """What there is to do here, in counts; and the name and town of the place."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    form = PlaceForm(request.POST or None, instance=place)
    if places.has_fixed_name(place):
        form.fields["name"].disabled = True
        form.fields["name"].help_text = "Deze naam staat in het register van scholen. U kunt hem hier niet veranderen."
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            places.change_place(place=place, name=said["name"], town=said["place"], by=by)
            messages.success(request, "Bewaard.")
            return redirect("office_place", place_id=place_id)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    context = {"place": get_place_or_404(place_id, by), "form": form, "counts": places.counts_of(place)}
    context |= {"has_classes": has_classes(place), "on_place": True}
    return render(request, "school/office_place.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def office_classes(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """The classes of this year and the next, with counts; and a new one."""
    by = who_is_in(request)
    place = get_school_or_404(place_id, by)
    form = ClassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            places.make_class(place=place, by=by, **form.cleaned_data)
            messages.success(request, "De klas is gemaakt.")
            return redirect("office_classes", place_id=place_id)
        except Refusal as refusal:
            form.add_error("name", refusal.sentence)
    context = {"place": place, "form": form, "rows": places.classes_of(place), "on_classes": True}
    return render(request, "school/office_classes.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def office_programmes(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """What a college offers; and a new programme."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    form = ProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, form, place):
        return redirect("office_programmes", place_id=place_id)
    context = {"place": place, "form": form, "programmes": places.programmes_of(place), "on_programmes": True}
    return render(request, "school/office_programmes.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def office_programme(request: HttpRequest, place_id: UUID, programme_id: UUID) -> HttpResponse:
    """One programme, to correct it. Its code stays: students chose it by that."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    programme = places.get_programme_or_404(place, programme_id)
    form = ProgrammeForm(request.POST or None, instance=programme)
    if request.method == "POST" and form.is_valid() and _saved(request, form, place):
        return redirect("office_programmes", place_id=place_id)
    context = {"place": place, "form": form, "programme": programme, "on_programmes": True}
    context["back_url"] = reverse("office_programmes", args=[place_id])
    return render(request, "school/office_programme.html", context, status=400 if form.errors else 200)


def _saved(request: HttpRequest, form: ProgrammeForm, place: Institution) -> bool:
    try:
        places.save_programme(place=place, programme=form.save(commit=False), by=who_is_in(request))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    messages.success(request, "De opleiding is bewaard.")
    return True


@require_safe
def office_log(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Who changed what when; nothing about a student's passport, and no student's name."""
    place = get_place_or_404(place_id, who_is_in(request))
    page = Paginator(events_of(place), A_PAGE).get_page(request.GET.get("bladzijde"))
    return render(request, "school/office_log.html", {"place": place, "page": page, "on_log": True})
