"""The intaker: the inbox, the two-minute brief, the whole dossier and its text."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Programme, User
from accounts.refusals import NotHere, Refusal
from consent.ledger import Action
from intake.brief import make_brief
from intake.fit_forms import boxes_of, shown
from intake.models import Case
from intake.reader_forms import AssignForm, InboxForm, ReplyForm
from intake.reading import identity_lines, marked_at, plain_text, sections_of
from intake.services import cases, dossiers, intake_talk, talks, tips
from intake.services.second_look import seconds_of
from intake.views.reading import reader_of, send_reply

PAGE_SIZE = 50
FILTERS = ("status", "programme", "ordering", "tab")


@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """The cases of this intaker. A name is searched by POST: it may not stand in a URL (contract, rule 9).

    A coordinator of the college gets the same list without names, to give cases to intakers.
    """
    by = reader_of(request)
    programmes = cases.programmes_in_inbox(by)
    if not programmes:
        raise NotHere()
    asked = request.POST if request.method == "POST" else request.GET
    form = InboxForm(programmes, asked or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    if request.method == "POST" and form.is_valid() and not wanted["q"]:
        return redirect(f"{reverse('inbox')}{_as_query(wanted)}")
    return _show_inbox(request, by, programmes, form, AssignForm(programmes))


def _show_inbox(
    request: HttpRequest, by: User, programmes: list[Programme], form: InboxForm, assign: AssignForm
) -> HttpResponse:
    asked = request.POST if request.method == "POST" else request.GET
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    q = wanted.get("q", "") if request.method == "POST" else ""
    chosen = {name: wanted.get(name, "") for name in FILTERS}
    rows = cases.list_cases(by, q=q, **chosen)
    query = _as_query(wanted)
    tab = chosen["tab"]
    context = {
        "form": form,
        "assign": assign,
        "page": Paginator(rows, PAGE_SIZE).get_page(asked.get("page")),
        "q": q,
        "query": query.replace("?", "&"),
        "here": f"{reverse('inbox')}{query}",
        "tab": tab,
        "tabs": [(label, _as_query({**chosen, "tab": one, "q": ""}), one == tab) for one, label in cases.TABS.items()],
        "filters": form.filters(),
        "filtered": bool(_as_query({**wanted, "tab": ""}) or q),
        "may_read": not getattr(rows, "is_coordinator", False),
    }
    return render(request, "intake/inbox.html", context, status=400 if form.errors or assign.errors else 200)


@require_POST
def case_assign(request: HttpRequest) -> HttpResponse:
    """Gives the ticked cases to one colleague, or to nobody; then back to the list, as it was chosen."""
    by = reader_of(request)
    programmes = cases.programmes_in_inbox(by)
    if not programmes:
        raise NotHere()
    filters = InboxForm(programmes, {name: request.POST.get(name, "") for name in FILTERS})
    back = f"{reverse('inbox')}{_as_query(filters.cleaned_data) if filters.is_valid() else ''}"
    form = AssignForm(programmes, request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect(back)
    try:
        many = cases.assign_cases(case_ids=form.cleaned_data["case"], to=form.cleaned_data["to"], by=by)
        messages.success(request, f"{many} {'intake is' if many == 1 else 'intakes zijn'} doorgegeven.")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.sentence)
    return redirect(back)


def _as_query(wanted: dict[str, str]) -> str:
    """The filters as a query string, without the name."""
    query = QueryDict(mutable=True)
    query.update({key: value for key, value in wanted.items() if value and key != "q"})
    return query.urlencode() and f"?{query.urlencode()}"


@require_GET
def case_brief(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return show_brief(request, case_id)


def show_brief(
    request: HttpRequest,
    case_id: UUID,
    *,
    reply_form: ReplyForm | None = None,
    wrong_fits: Mapping[str, Form] | None = None,
) -> HttpResponse:
    """The brief with what an intaker can do; a form with a mistake in it comes back on the same page."""
    printing = "print" in request.GET
    case, dossier = cases.read_case(
        case_id=case_id, by=reader_of(request), action=Action.PRINT if printing else Action.READ
    )
    wrong = next((form for form in (reply_form, *(wrong_fits or {}).values()) if form and form.errors), None)
    brief, boxes = make_brief(dossier), boxes_of(dossier, wrong_fits)
    context = {
        "case": case,
        "dossier": dossier,
        "brief": brief,
        "boxes": boxes,
        **shown(boxes, (need.unit for need in brief.needs), reader_of(request).pk),
        "seconds": seconds_of(case.programme, but=reader_of(request)) if boxes else (),
        "replies": dossiers.sent_replies(dossier, reader_of(request)),
        "talk": talks.talk_of(dossier),
        "reply_form": reply_form or ReplyForm(),
        "plan": intake_talk.plan_of(case, dossier),
        "tips": tips.beside(dossier, reader_of(request)),
        # A case that was looked at is read, so "new" is no step anybody can stay on.
        "steps": [Case.Status(step) for step in cases.next_steps(case.status) if step != Case.Status.NEW],
        "printing": printing,
        "form": wrong,
    }
    return render(request, "intake/case_brief.html", context, status=400 if wrong else 200)


@require_GET
def case_dossier(request: HttpRequest, case_id: UUID) -> HttpResponse:
    context = _whole(request, case_id, Action.READ)
    dossier = context["dossier"]
    context |= {"identity": identity_lines(dossier), "tips": tips.beside(dossier, reader_of(request))}
    context |= {"marks": marked_at(context["sections"]), "mark_url": reverse("case_mark", args=[case_id])}
    return render(request, "intake/case_dossier.html", context)


@require_POST
def case_text(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The text for the college's own system. By POST, because taking text along is logged as a download."""
    context = _whole(request, case_id, Action.DOWNLOAD)
    return render(request, "intake/case_text.html", context | {"whole": plain_text(context["dossier"])})


def _whole(request: HttpRequest, case_id: UUID, action: Action) -> dict[str, Any]:
    """Everything that is shared on a case, opened and logged once."""
    case, dossier = cases.read_case(case_id=case_id, by=reader_of(request), action=action)
    back_url = reverse("case_brief", args=[case_id])
    return {"case": case, "dossier": dossier, "sections": sections_of(dossier), "back_url": back_url}


@require_POST
def case_reply(request: HttpRequest, case_id: UUID) -> HttpResponse:
    row = cases.get_case_or_404(reader_of(request), case_id)
    form = ReplyForm(request.POST)
    if row.case.share_id is None or not send_reply(form, row.case.share_id, request):
        return show_brief(request, case_id, reply_form=form)
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
