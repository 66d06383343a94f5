"""Everybody else who reads: mentor, counsellor, guardian, coach, mentor at the college."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.invitations import may_invite
from accounts.models import User
from accounts.places import places_in
from consent import access
from consent.ledger import Action
from consent.models import Purpose, RecipientKind
from consent.purposes import is_live
from consent.recipients import recipient_of
from consent.texts import Dossier
from intake.note_forms import NoteForm, RemarkForm
from intake.reader_forms import ReplyForm
from intake.reading import ReadField, ReadSection, identity_lines, marked_at, sections_of
from intake.services import dossiers, handovers, notes, remarks, talks, tips
from intake.talk_forms import TalkOutcomeForm, TalkPlanForm
from intake.views.reading import reader_of, send_reply
from intake.views.suggesting import what_to_suggest


@require_GET
def dossier_list(request: HttpRequest) -> HttpResponse:
    warm = handovers.warm_shares(reader_of(request))
    context = {
        "rows": dossiers.list_dossiers(reader_of(request), warm),
        "warm": warm,
        "may_invite": may_invite(places_in(request)),
        "disagree": dossiers.disagree_at_home(reader_of(request)),
    }
    return render(request, "intake/dossier_list.html", context)


@require_GET
def dossier(request: HttpRequest, share_id: UUID) -> HttpResponse:
    return show_dossier(request, share_id)


@require_POST
def dossier_reply(request: HttpRequest, share_id: UUID) -> HttpResponse:
    form = ReplyForm(request.POST)
    if not send_reply(form, share_id, request):
        return show_dossier(request, share_id, reply_form=form)
    return redirect("dossier", share_id)


def show_dossier(
    request: HttpRequest,
    share_id: UUID,
    *,
    reply_form: ReplyForm | None = None,
    plan_form: TalkPlanForm | None = None,
    outcome_form: TalkOutcomeForm | None = None,
    note_form: NoteForm | None = None,
    remark_form: RemarkForm | None = None,
) -> HttpResponse:
    """The dossier with what its reader can do; a form with a mistake in it comes back on the same page."""
    printing = "print" in request.GET
    opened = access.read(share_id=share_id, by=reader_of(request), action=Action.PRINT if printing else Action.READ)
    forms = (reply_form, plan_form, outcome_form, note_form, remark_form)
    wrong = next((form for form in forms if form and form.errors), None)
    sections = sections_of(opened)
    share, along = opened.share, dossiers.reads_along(opened, reader_of(request))
    context = {
        "dossier": opened,
        "sections": sections,
        "marks": marked_at(sections) if share.purpose != Purpose.HOME else (),
        "mark_url": reverse("dossier_mark", args=[share_id]),
        "identity": identity_lines(opened),
        "along": recipient_of(share) if along else None,
        "replies": [] if along else dossiers.sent_replies(opened, reader_of(request)),
        "is_live": is_live(share.purpose, share.recipient_kind) and not share.approval_required,
        "can_hand_over": share.recipient_kind == RecipientKind.PROGRAMME or share.warm_transfer,
        "form": wrong,
        "reply_form": reply_form or ReplyForm(),
        "printing": printing,
        "tips": [] if share.purpose == Purpose.HOME else tips.beside(opened, reader_of(request)),
        "back_url": reverse("dossier_list"),
        **_talk(opened, reader_of(request), plan_form, outcome_form),
        **_beside(opened, reader_of(request), note_form, remark_form),
        **what_to_suggest(opened, reader_of(request)),
    }
    page = "intake/dossier_home.html" if share.purpose == Purpose.HOME else "intake/dossier.html"
    return render(request, page, context, status=400 if wrong else 200)


def _talk(
    opened: Dossier, by: User, plan_form: TalkPlanForm | None, outcome_form: TalkOutcomeForm | None
) -> dict[str, Any]:
    """The talk of a warm transfer: everybody who reads the share sees it, the school team plans it."""
    if not opened.share.warm_transfer:
        return {}
    talk = talks.talk_of(opened)
    with_me, questions = talks.suggested(opened)
    return {
        "talk": talk,
        "may_plan": talks.may_plan(opened.share, by),
        "with_me": with_me,
        "plan_form": plan_form or TalkPlanForm.of(talk, with_me, questions),
        "outcome_form": outcome_form or TalkOutcomeForm.of(talk),
    }


def _beside(opened: Dossier, by: User, note_form: NoteForm | None, remark_form: RemarkForm | None) -> dict[str, Any]:
    """What the school team wrote of its talks, or what somebody from home wrote beside the texts."""
    if opened.share.purpose == Purpose.LOB:
        return {"notes": notes.notes_of(opened), "note_form": note_form or NoteForm(auto_id="note_%s")}
    if opened.share.purpose == Purpose.HOME:
        return {"home": _with_remarks(opened, by, remark_form), "remark_form": remark_form}
    return {}


def _with_remarks(
    opened: Dossier, by: User, form: RemarkForm | None
) -> list[tuple[ReadSection, list[tuple[ReadField, str, bool]]]]:
    """Every text with what was written beside it; one that did not fit comes back as it was typed."""
    written, wrong = remarks.remarks_on(opened, by), form["unit"].value() if form else ""
    return [
        (
            section,
            [
                (one, str(form["remark"].value() or ""), True)
                if form and one.unit == wrong
                else (one, written.get(one.unit, ""), False)
                for one in section.fields
            ],
        )
        for section in sections_of(opened)
    ]
