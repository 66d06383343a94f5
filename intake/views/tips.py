"""«Wat helpt hierbij?»: the tips per need for everybody, and the screens by which a region keeps them."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.refusals import NotHere, Refusal
from intake.services import tips
from intake.tip_forms import TipsForm
from intake.views.reading import reader_of


@login_not_required
@require_safe
def public_tips(request: HttpRequest) -> HttpResponse:
    """All tips; who works in a region gets those of that region. Nothing is asked, sent or kept."""
    known = tips.tips_for(request.user if isinstance(request.user, User) else None)
    rows = [(label, known[need]) for need, label in tips.need_labels().items() if need in known]
    return render(request, "intake/tips.html", {"rows": rows})


@require_safe
def region_tips(request: HttpRequest) -> HttpResponse:
    """Every need, whether the region has its own tips for it, and whether sentences of people may be read."""
    region = tips.region_of(reader_of(request))
    known, said = tips.tips_of(region), tips.sentences_of(region)
    rows = [
        (need, label, known[need].is_own if need in known else False, len(said.get(need, ())))
        for need, label in tips.need_labels().items()
    ]
    context = {"region": region, "rows": rows, "back_url": reverse("welcome")}
    return render(request, "intake/tips_region.html", context)


@require_http_methods(["GET", "POST"])
def region_tip(request: HttpRequest, need: str) -> HttpResponse:
    """The tips for one need, to change; and what people said that worked."""
    by = reader_of(request)
    region = tips.region_of(by)
    labels, known = tips.need_labels(), tips.tips_of(region)
    if need not in labels or need not in known:
        raise NotHere()
    form = TipsForm(request.POST) if request.method == "POST" else TipsForm.of(known[need])
    if request.method == "POST" and form.is_valid() and _saved(form, need, by):
        messages.success(request, "Bewaard. Iedereen in uw regio leest nu deze tips.")
        return redirect("region_tip", need=need)
    context = {
        "region": region,
        "label": labels[need],
        "tips": known[need],
        "form": form,
        "sentences": tips.sentences_of(region).get(need, ()),
        "fewest": tips.FEWEST_SENTENCES,
        "back_url": reverse("region_tips"),
    }
    return render(request, "intake/tips_need.html", context, status=400 if form.errors else 200)


@require_POST
def region_sentence(request: HttpRequest, sentence_id: UUID) -> HttpResponse:
    """Takes a sentence over into the tips for one audience, or throws it away."""
    by = reader_of(request)
    audience = request.POST.get("audience", "")
    if not audience:
        need = tips.drop_sentence(sentence_id=sentence_id, by=by)
        messages.success(request, "Weg. De zin staat er niet meer.")
        return redirect("region_tip", need=need)
    need = tips.need_of_sentence(sentence_id=sentence_id, by=by)
    try:
        tips.take_sentence(sentence_id=sentence_id, audience=audience, by=by)
        messages.success(request, "De zin staat nu bij de tips. U kunt hem nog veranderen.")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.sentence)
    return redirect("region_tip", need=need)


def _saved(form: TipsForm, need: str, by: User) -> bool:
    """Saves both lists, or neither and says at the field what does not fit."""
    try:
        tips.save_both(need=need, lists=dict(form.lists()), by=by)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)
        return False
    return True
