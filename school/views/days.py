"""«Een dag op de opleiding»: the college writes what a day asks, a school says whether it is right for its students."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.entrance import who_is_in
from accounts.models import Programme, User
from accounts.refusals import NotHere, Refusal
from intake.services import sentences
from intake.services.expectations import MOST
from school.office_forms import RemarkForm, SentenceForm
from school.services import days
from school.services.office import runs

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
A_PAGE = 50


@require_safe
def programme_days(request: HttpRequest) -> HttpResponse:
    """The programmes somebody writes for; straight to the one of who has one."""
    found = list(sentences.written_by(who_is_in(request)))
    if not found:
        raise NotHere()
    if len(found) == 1:
        return redirect("programme_day", found[0].pk)
    return render(request, "school/programme_days.html", {"programmes": found})


@GET_OR_POST
def programme_day(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """The sentences of one programme in their order, how far each is, and room for a new one."""
    by = who_is_in(request)
    programme = sentences.get_written_or_404(programme_id, by)
    form = SentenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            days.write(programme=programme, by=by, **form.cleaned_data)
            messages.success(request, "Bewaard. Een school kijkt de zin eerst na.")
            return redirect("programme_day", programme_id)
        except Refusal as refusal:
            _tell(form, refusal)
    rows = sentences.sentences_of(programme)
    context = {"programme": programme, "form": form, "rows": rows, "most": MOST, "is_full": len(rows) >= MOST}
    context |= _office(programme, by)
    return render(request, "school/programme_day.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def programme_sentence(request: HttpRequest, programme_id: UUID, sentence_id: UUID) -> HttpResponse:
    """One sentence: other words, another place, or away."""
    by = who_is_in(request)
    programme = sentences.get_written_or_404(programme_id, by)
    row = next((one for one in sentences.sentences_of(programme) if one.pk == sentence_id), None)
    if row is None:
        raise NotHere()
    what: dict[str, Any] = {"programme": programme, "sentence_id": sentence_id, "by": by}
    if request.method == "POST" and "remove" in request.POST:
        days.remove(**what)
        messages.success(request, "De zin is weg.")
        return redirect("programme_day", programme_id)
    if request.method == "POST" and request.POST.get("move") in {"up", "down"}:
        days.move(up=request.POST["move"] == "up", **what)
        return redirect("programme_day", programme_id)
    said = {"text": row.text, "question": row.question}
    form = SentenceForm(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            days.write(**what, **form.cleaned_data)
            messages.success(request, "Bewaard.")
            return redirect("programme_day", programme_id)
        except Refusal as refusal:
            _tell(form, refusal)
    context = {"programme": programme, "form": form, "row": row, **_office(programme, by)}
    context["back_url"] = reverse("programme_day", args=[programme_id])
    return render(request, "school/programme_sentence.html", context, status=400 if form.errors else 200)


@require_safe
def day_reviews(request: HttpRequest) -> HttpResponse:
    """Programmes with sentences that nobody of a school looked at yet."""
    found = Paginator(sentences.to_review(who_is_in(request)), A_PAGE)
    return render(request, "school/day_reviews.html", {"page": found.get_page(request.GET.get("bladzijde"))})


@GET_OR_POST
def day_review(request: HttpRequest, programme_id: UUID) -> HttpResponse:
    """«Klopt dit voor onze studenten?»: yes, or back with a remark, sentence by sentence."""
    by = who_is_in(request)
    rows = sentences.waiting_of(programme_id, by)
    asked = next((one for one in rows if str(one.pk) == request.POST.get("sentence")), None)
    is_yes = request.POST.get("answer") == "yes"
    form = None
    if request.method == "POST":
        if asked is None:
            raise NotHere()
        form = RemarkForm(asked.pk, None if is_yes else request.POST)
        try:
            if is_yes or form.is_valid():
                remark = None if is_yes else form.cleaned_data["remark"]
                days.review(sentence_id=asked.pk, seen=request.POST.get("seen", ""), remark=remark, by=by)
                messages.success(request, "Dank u. Studenten zien de zin nu." if is_yes else "De zin is terug.")
                return redirect("day_review", programme_id) if len(rows) > 1 else redirect("day_reviews")
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            if refusal.status == 409:
                messages.warning(request, refusal.sentence)
                return redirect("day_review", programme_id)
            form.add_error("remark", refusal.sentence)
    shown = [(one, sentences.words_of(one), form if form and one is asked else RemarkForm(one.pk)) for one in rows]
    context = {"programme": rows[0].programme, "rows": shown, "form": form, "back_url": reverse("day_reviews")}
    return render(request, "school/day_review.html", context, status=400 if form and form.errors else 200)


def _tell(form: SentenceForm, refusal: Refusal) -> None:
    if refusal.status == 404:
        raise refusal
    form.add_error(refusal.field or None, refusal.sentence)


def _office(programme: Programme, by: User) -> dict[str, object]:
    """A coordinator stays in the office; an intaker comes from the intake, and goes back there."""
    if runs(programme.institution, by):
        back = reverse("office_programme", args=[programme.institution_id, programme.pk])
        return {"frame": "school/_office.html", "place": programme.institution, "on_programmes": True, "back_url": back}
    return {"frame": "intake/_reader.html", "back_url": reverse("programme_days")}
