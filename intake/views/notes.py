"""What a talk left («Afgesproken»), and what somebody from home wrote: written by one, the student's own."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consent import access
from intake.note_forms import NoteForm, RemarkForm
from intake.services import notes, remarks
from intake.views.dossiers import show_dossier
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport


@require_POST
def note_write(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The school team writes down what was agreed, on the dossier's page."""
    by = reader_of(request)
    access.get_share_or_404(share_id, by)
    form = NoteForm(request.POST, auto_id="note_%s")
    if not kept(form, lambda data: notes.write_note(share_id=share_id, by=by, **data)):
        return show_dossier(request, share_id, note_form=form)
    messages.success(request, "Bewaard. De student ziet dit meteen.")
    return redirect("dossier", share_id)


@require_POST
def remark_write(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Somebody from home writes beside a text."""
    by = reader_of(request)
    access.get_share_or_404(share_id, by)
    form = RemarkForm(request.POST)

    def write(data: dict[str, str]) -> None:
        remarks.write_remark(share_id=share_id, by=by, unit=data["unit"], text=data["remark"])

    if not kept(form, write):
        return show_dossier(request, share_id, remark_form=form)
    messages.success(request, _("Bewaard. Alleen u en uw kind zien dit."))
    return redirect("dossier", share_id)


@require_safe
def own_notes(request: HttpRequest) -> HttpResponse:
    """«Afgesproken»: what was agreed in talks, to tick off, and what was written down beside it."""
    passport, key = own_passport(request)
    context = {"notes": notes.own_notes(passport.student, key), "back_url": reverse("today")}
    return render(request, "intake/own_notes.html", context)


@require_POST
def note_tick(request: HttpRequest, note_id: UUID) -> HttpResponse:
    passport, key = own_passport(request)
    raw = request.POST.get("number", "")
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 4 else -1
    done = request.POST.get("done") == "1"
    notes.tick_point(
        student=passport.student, key=key, note_id=note_id, number=number, done=done, by=reader_of(request)
    )
    messages.success(request, _("Gedaan.") if done else _("Staat weer open."))
    return redirect("own_notes")


@require_POST
def note_remove(request: HttpRequest, note_id: UUID) -> HttpResponse:
    passport, _key = own_passport(request)
    notes.remove_note(student=passport.student, note_id=note_id, by=reader_of(request))
    messages.success(request, _("Weggehaald. School ziet het ook niet meer."))
    return redirect("own_notes")


@require_safe
def own_remarks(request: HttpRequest) -> HttpResponse:
    """What somebody from home wrote, apart from the student's own text."""
    passport, key = own_passport(request)
    found = remarks.remarks_for(passport.student, key)
    context = {
        "shown": [one for one in found if not one.hidden],
        "hidden": [one for one in found if one.hidden],
        "back_url": reverse("today"),
    }
    return render(request, "intake/own_remarks.html", context)


@require_POST
def remark_hide(request: HttpRequest, remark_id: UUID) -> HttpResponse:
    passport, _key = own_passport(request)
    hidden = request.POST.get("hidden") == "1"
    remarks.hide_remark(student=passport.student, remark_id=remark_id, hidden=hidden, by=reader_of(request))
    return redirect("own_remarks")
