"""A class list in three steps: the file, its columns, and what it would do. The fourth page is the class."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.entrance import who_is_in
from accounts.identity import AgeBand
from accounts.refusals import Refusal
from school.classlist_columns import FIELDS
from school.classlist_draft import OpenList, get_list_or_404, set_columns, take_in, throw_away
from school.office_forms import ColumnsForm, ImportForm, UploadForm
from school.services.importing import Fate, Plan, import_list, make_plan
from school.services.office import get_school_or_404

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
MOST_SHOWN = 200
EXAMPLES = 3
BANDS = {
    AgeBand.UNKNOWN: "niet bekend (telt als jonger dan 16)",
    AgeBand.UNDER_16: "jonger dan 16",
    AgeBand.FROM_16: "16 of 17",
    AgeBand.ADULT: "18 of ouder",
}
HEADS = {
    Fate.NEW: "Nieuw hier",
    Fate.MOVED: "Naar een andere klas",
    Fate.BACK: "Terug op school",
    Fate.SAME: "Blijft in de klas",
}


@GET_OR_POST
def class_list_upload(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Step 1: the file, and for which year. It is read from memory and let go of (school/uploads.py)."""
    by = who_is_in(request)
    place = get_school_or_404(place_id, by)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["file"].read()
        try:
            list_id = take_in(content, institution=place, school_year=form.cleaned_data["school_year"], by=by)
            return redirect("class_list_columns", list_id=list_id)
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
    context = {"form": form, "place": place, "fields": FIELDS.values(), "on_list": True}
    context["back_url"] = reverse("office_place", args=[place.pk])
    return render(request, "school/class_list_upload.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def class_list_columns(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Step 2: what each column holds, with the first names in it to recognise it by."""
    opened = get_list_or_404(list_id, who_is_in(request))
    form = ColumnsForm(opened.heading_cells, opened.columns, opened.one_class, request.POST or None)
    if request.method == "POST":
        if "away" in request.POST:
            return _away(request, opened)
        if form.is_valid():
            try:
                set_columns(opened, form.columns, form.cleaned_data["one_class"].strip())
                return redirect("class_list_check", list_id=list_id)
            except Refusal as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    fields = [(form[f"column_{place}"], _examples(opened, place)) for place in form.places]
    context = {"form": form, "fields": fields, "place": opened.institution, "on_list": True}
    context["back_url"] = reverse("class_list_upload", args=[opened.institution.pk])
    return render(request, "school/class_list_columns.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def class_list_check(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """Step 3: what would happen, row by row; and the yes that does all of it or nothing."""
    by = who_is_in(request)
    opened = get_list_or_404(list_id, by)
    if request.method == "POST" and "away" in request.POST:
        return _away(request, opened)
    plan = make_plan(opened)
    missing = [(str(one.student.pk), f"{one.identity.full_name} ({_class_of(one)})") for one in plan.missing]
    form = ImportForm(missing, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        left = {UUID(one) for one in said["left"]}
        try:
            done = import_list(opened, left=left, skip_wrong=said["skip_wrong"], by=by, new_bands=said["new_bands"])
            messages.success(request, f"Ingelezen. {len(done.rows)} studenten staan nu in hun klas.")
            return redirect("office_classes", place_id=opened.institution.pk)
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
            plan = make_plan(opened)
    context = {"form": form, "plan": plan, "place": opened.institution, "on_list": True, **_shown(plan)}
    context["back_url"] = reverse("class_list_columns", args=[list_id])
    return render(request, "school/class_list_check.html", context, status=400 if form.errors else 200)


def _away(request: HttpRequest, opened: OpenList) -> HttpResponse:
    throw_away(opened.id)
    messages.success(request, "De lijst is weg. Er is niets ingelezen.")
    return redirect("office_place", place_id=opened.institution.pk)


def _examples(opened: OpenList, place: int) -> list[str]:
    cells = [cells[place] for _number, cells in opened.rows[opened.headings + 1 :] if place < len(cells)]
    return [cell for cell in cells if cell][:EXAMPLES]


def _class_of(one: Any) -> str:
    return one.now.school_class.name if one.now and one.now.school_class else ""


def _shown(plan: Plan) -> dict[str, Any]:
    """The rows per group, cut where a page gets too long; the counts are of all of them."""
    groups = [(HEADS[fate], len(rows), rows[:MOST_SHOWN]) for fate in Fate if (rows := plan.of(fate))]
    bands = [(one, *(BANDS[band] for band in one.new_band)) for one in plan.new_bands if one.new_band]
    return {
        "groups": groups,
        "bands": bands,
        "wrong": plan.wrong[:MOST_SHOWN],
        "more_wrong": max(0, len(plan.wrong) - MOST_SHOWN),
    }
