"""«Stel iets voor bij dit antwoord»: a mentor, counsellor or named care coordinator writes, the student decides."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent import services as consent
from consent.ledger import Action
from consent.services import Writing
from consent.texts import Dossier
from intake.reading import sections_of
from intake.suggestion_forms import SENTENCES, SuggestionForm, has_form
from intake.views.reading import reader_of
from passport.questionnaire import Unit


@require_http_methods(["GET", "POST"])
def dossier_suggest(request: HttpRequest, share_id: UUID, place: int) -> HttpResponse:
    """One answer with a form beside it; found by its place, because a URL may not tell which need it is."""
    by = reader_of(request)
    writing = consent.writing_at(share_id, by)
    unit = _unit_at(writing, place, request.POST.get("unit"))
    if request.method != "POST":
        return _show(request, share_id, unit)
    form = SuggestionForm(unit, data=request.POST)
    if not form.is_valid() or not _sent(form, share_id, by):
        return _show(request, share_id, unit, form)
    messages.success(request, "Uw voorstel is verstuurd. De student kiest zelf.")
    return redirect("dossier", share_id)


def what_to_suggest(dossier: Dossier, by: User) -> dict[str, Any]:
    """For the page of a dossier: at which answers this reader may propose something, and what they proposed."""
    try:
        writing = consent.writing_in(dossier)
    except NotHere:
        return {}
    places = {unit.key: place for place, unit in enumerate(writing.units.values(), 1) if has_form(unit)}
    added = [places[key] for key, unit in writing.units.items() if unit.question.written_by == "mentor"]
    return {
        "suggest_places": places,
        "suggest_added": added[0] if added else None,
        "suggested": consent.own_suggestions(writing, by),
    }


def _unit_at(writing: Writing, place: int, named: str | None) -> Unit:
    units = list(writing.units.values())
    unit = writing.units.get(named) if named else units[place - 1] if 0 < place <= len(units) else None
    if unit is None or not has_form(unit):
        raise NotHere()
    return unit


def _sent(form: SuggestionForm, share_id: UUID, by: User) -> bool:
    try:
        consent.suggest(share_id=share_id, unit=form.of.key, value=form.value, by=by)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(form.shown[0].name, SENTENCES.get(refusal.code, refusal.sentence))
        return False
    return True


def _show(request: HttpRequest, share_id: UUID, unit: Unit, form: SuggestionForm | None = None) -> HttpResponse:
    opened = access.read(share_id=share_id, by=reader_of(request), action=Action.READ)
    said = next((one.value for one in opened.said if one.unit.key == unit.key), None)
    read = (field for section in sections_of(opened) for field in section.fields if field.unit == unit.key)
    context = {
        "form": form or SuggestionForm(unit, said),
        "dossier": opened,
        "unit": unit,
        "adds": unit.question.written_by == "mentor",
        "field": next(read, None),
        "back_url": reverse("dossier", args=[share_id]),
    }
    return render(request, "intake/suggest.html", context, status=400 if form else 200)
