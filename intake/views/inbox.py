"""The intaker: the inbox, the two-minute brief, the whole dossier and its text."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import NotHere, Refusal
from consent.ledger import Action
from intake.brief import make_brief
from intake.models import Case
from intake.reader_forms import InboxForm, PlanForm, ReplyForm
from intake.reading import identity_lines, plain_text, sections_of
from intake.services import cases, dossiers, talks
from intake.views.reading import reader_of, send_reply

PAGE_SIZE = 50


@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """The cases of this intaker. A name is searched by POST: it may not stand in a URL (contract, rule 9)."""
    by = reader_of(request)
    programmes = list(cases.programmes_of(by))
    if not programmes:
        raise NotHere()
    asked = request.POST if request.method == "POST" else request.GET
    form = InboxForm(programmes, asked or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    if request.method == "POST" and form.is_valid() and not wanted["q"]:
        return redirect(f"{reverse('inbox')}{_as_query(wanted)}")
    q = wanted.get("q", "") if request.method == "POST" else ""
    rows = cases.list_cases(
        by,
        status=wanted.get("status", ""),
        programme=wanted.get("programme", ""),
        ordering=wanted.get("ordering", ""),
        q=q,
    )
    page = Paginator(rows, PAGE_SIZE).get_page(asked.get("page"))
    query = _as_query(wanted).replace("?", "&")
    context = {
        "form": form,
        "page": page,
        "q": q,
        "query": query,
        "filters": form.filters(),
        "filtered": bool(query or q),
    }
    return render(request, "intake/inbox.html", context, status=400 if form.errors else 200)


def _as_query(wanted: dict[str, str]) -> str:
    """The filters as a query string, without the name."""
    query = QueryDict(mutable=True)
    query.update({key: value for key, value in wanted.items() if value and key != "q"})
    return query.urlencode() and f"?{query.urlencode()}"


@require_GET
def case_brief(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return _show_brief(request, case_id)


def _show_brief(
    request: HttpRequest,
    case_id: UUID,
    *,
    reply_form: ReplyForm | None = None,
    plan_form: PlanForm | None = None,
) -> HttpResponse:
    """The brief with what an intaker can do; a form with a mistake in it comes back on the same page."""
    printing = "print" in request.GET
    case, dossier = cases.read_case(
        case_id=case_id, by=reader_of(request), action=Action.PRINT if printing else Action.READ
    )
    wrong = next((form for form in (reply_form, plan_form) if form and form.errors), None)
    context = {
        "case": case,
        "dossier": dossier,
        "brief": make_brief(dossier),
        "replies": dossiers.sent_replies(dossier, reader_of(request)),
        "talk": talks.talk_of(dossier),
        "reply_form": reply_form or ReplyForm(),
        "plan_form": plan_form or PlanForm(case),
        # A case that was looked at is read, so "new" is no step anybody can stay on.
        "steps": [Case.Status(step) for step in cases.next_steps(case.status) if step != Case.Status.NEW],
        "printing": printing,
        "form": wrong,
    }
    return render(request, "intake/case_brief.html", context, status=400 if wrong else 200)


@require_GET
def case_dossier(request: HttpRequest, case_id: UUID) -> HttpResponse:
    case, dossier = cases.read_case(case_id=case_id, by=reader_of(request))
    context = {
        "case": case,
        "dossier": dossier,
        "sections": sections_of(dossier),
        "identity": identity_lines(dossier),
        "back_url": reverse("case_brief", args=[case_id]),
    }
    return render(request, "intake/case_dossier.html", context)


@require_POST
def case_text(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The text for the college's own system. By POST, because taking text along is logged as a download."""
    case, dossier = cases.read_case(case_id=case_id, by=reader_of(request), action=Action.DOWNLOAD)
    context = {
        "case": case,
        "dossier": dossier,
        "whole": plain_text(dossier),
        "sections": sections_of(dossier),
        "back_url": reverse("case_brief", args=[case_id]),
    }
    return render(request, "intake/case_text.html", context)


@require_POST
def case_reply(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = cases.get_case_or_404(reader_of(request), case_id)
    form = ReplyForm(request.POST)
    if not send_reply(form, row.case.share_id, request):
        return _show_brief(request, case_id, reply_form=form)
    return redirect("case_brief", case_id)


@require_POST
def case_step(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One step on or back. A step that can no longer be made says so on the page it came from."""
    row = cases.get_open_case_or_404(reader_of(request), case_id)
    status = request.POST.get("status", "")
    try:
        case = cases.change_case(case=row.case, by=reader_of(request), status=status, fields=["status"])
        messages.success(request, f"De stap is nu: {case.get_status_display()}.")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("case_brief", case_id)


@require_POST
def case_plan(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = cases.get_open_case_or_404(reader_of(request), case_id)
    form = PlanForm(row.case, request.POST)
    if not form.is_valid():
        return _show_brief(request, case_id, plan_form=form)
    cases.change_case(
        case=row.case,
        by=reader_of(request),
        intake_at=form.intake_at,
        assigned_to=form.cleaned_data["assigned_to"],
        fields=["intake_at", "assigned_to"],
    )
    messages.success(request, "De afspraak is bewaard.")
    return redirect("case_brief", case_id)
