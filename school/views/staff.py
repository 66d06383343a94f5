"""Who works here in which role, from when until when. A substitute is a mentor for one day."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.entrance import who_is_in
from accounts.refusals import Refusal
from school.office_forms import EndForm, StaffForm
from school.services import staff
from school.services.office import get_place_or_404

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@GET_OR_POST
def office_staff(request: HttpRequest, place_id: UUID) -> HttpResponse:
    """Everybody with a role here now or later, and a new one. Who is over is behind a fold."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    form = StaffForm(staff.posts_of(place), request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        days = {"starts_on": said["starts_on"], "ends_on": said["ends_on"]}
        try:
            staff.give_post(place=place, code=said["post"], person=form.person, by=by, **days)
            messages.success(request, "Bewaard. Wie nog geen wachtwoord heeft, krijgt een mail.")
            return redirect("office_staff", place_id=place_id)
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
    context = {"place": place, "form": form, "on_staff": True}
    context["rows"] = [(row, staff.label_of(row)) for row in staff.staff_of(place)]
    context["past"] = [(row, staff.label_of(row)) for row in staff.staff_of(place, past=True)[:100]]
    return render(request, "school/office_staff.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def office_post(request: HttpRequest, place_id: UUID, membership_id: UUID) -> HttpResponse:
    """One role: its last day, or the mail once more for who has no password yet."""
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    row = staff.get_post_or_404(place, membership_id)
    form = EndForm(request.POST if "ends_on" in request.POST else None, initial={"ends_on": row.ends_on})
    if request.method == "POST":
        if "again" in request.POST:
            sent = staff.send_again(place=place, membership_id=membership_id, by=by)
            messages.success(request, "De mail is onderweg." if sent else "Deze persoon heeft al een wachtwoord.")
            return redirect("office_staff", place_id=place_id)
        if form.is_valid() and _ended(form, request, place_id, membership_id):
            return redirect("office_staff", place_id=place_id)
    context = {"place": place, "row": row, "label": staff.label_of(row), "form": form, "on_staff": True}
    context |= {"waits": not row.user.has_usable_password(), "back_url": reverse("office_staff", args=[place_id])}
    return render(request, "school/office_post.html", context, status=400 if form.errors else 200)


def _ended(form: EndForm, request: HttpRequest, place_id: UUID, membership_id: UUID) -> bool:
    by = who_is_in(request)
    place = get_place_or_404(place_id, by)
    try:
        staff.end_post(place=place, membership_id=membership_id, ends_on=form.cleaned_data["ends_on"], by=by)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error("ends_on", refusal.sentence)
        return False
    messages.success(request, "Bewaard. Na de laatste dag kan deze persoon hier niets meer.")
    return True
