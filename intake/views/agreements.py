"""The support agreement on paper and screen: the college drafts it, the student and home read and sign it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import step_up
from accounts.refusals import NotHere, Refusal
from consent.ledger import Action
from intake.agreement_forms import AgreementForm, ReviewForm, WorkedForm
from intake.models import SignatureRole
from intake.services import (
    agreement_drafting,
    agreement_files,
    agreement_keeping,
    agreement_reviews,
    agreement_signing,
    agreements,
)
from intake.services.agreement_life import is_workable
from intake.services.agreements import Opened, Standing
from intake.views.reading import reader_of
from passport.owner import own_passport

A_PAGE = 50
PAGES = {SignatureRole.STUDENT: "own_agreement", SignatureRole.GUARDIAN: "home_agreement"}


# --- The college -------------------------------------------------------------------------------------------


@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    """What waits for a signature of the college, and what is agreed; the first day to look back first."""
    by = reader_of(request)
    pages = Paginator(agreements.listed_for(by), A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    waiting = agreements.list_names(agreements.waiting_for_college(by))
    if not waiting and not pages.count and not agreements.is_at_college(by):
        raise NotHere()
    context = {"waiting": waiting, "page": page, "rows": agreements.list_names(page.object_list)}
    return render(request, "intake/agreement_list.html", context)


@require_safe
def case_agreement(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The newest version as the student sees it, and what the college can do with it."""
    by = reader_of(request)
    standing = agreements.standing_as_or_404(by, case_id, SignatureRole.COLLEGE)
    if not standing.is_coordinator and not agreements.visible(standing):
        if not is_workable(standing.case):
            raise NotHere()
        return render(request, "intake/agreement_none.html", _frame(standing))
    return _show(request, standing, "intake/agreement_case.html")


@require_http_methods(["GET", "POST"])
def case_agreement_draft(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The form: prefilled from the fits, or from what is agreed now. Kept as a draft, looked at, then offered."""
    by = reader_of(request)
    standing = agreements.college_or_404(by, case_id)
    proposal = agreement_drafting.proposal_for(standing, by)
    form = AgreementForm(proposal, request.POST or None)
    if "more" not in request.POST and form.is_valid():
        places, rows = form.rows()
        gone = agreement_drafting.gone_since(standing, by, form.cleaned_data["shared"], rows)
        if gone is not None:
            form = form.without(proposal, [places[one] for one in gone])
        elif _keep(form, request, case_id):
            return redirect("case_agreement", case_id)
    adding = "more" in request.POST
    if adding:
        form.errors.clear()
    context = _frame(standing) | {"form": form, "adding": adding}
    return render(request, "intake/agreement_draft.html", context, status=400 if form.errors else 200)


@require_POST
def case_agreement_offer(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Offers what was seen to the student, or throws the draft away."""
    by = reader_of(request)
    if request.POST.get("answer") == "drop":
        agreement_drafting.throw_away(case_id=case_id, by=by)
        messages.success(request, "Weggegooid. De student ziet dit niet meer.")
        return redirect("case_agreement", case_id)
    try:
        agreement_drafting.offer(case_id=case_id, by=by, seen=request.POST.get("seen", ""))
        messages.success(request, "Aangeboden. De student kan dit nu lezen en tekenen.")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.sentence)
    return redirect("case_agreement", case_id)


@require_POST
def case_agreement_sign(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The signature of the college; a coordinator goes back to their list, because the case is not theirs to read."""
    by = reader_of(request)
    standing = agreements.standing_as_or_404(by, case_id, SignatureRole.COLLEGE)
    if not _sign(request, case_id):
        return redirect("case_agreement", case_id)
    messages.success(request, "U hebt getekend voor het mbo.")
    return redirect("inbox") if standing.is_coordinator else redirect("case_agreement", case_id)


@require_http_methods(["GET", "POST"])
def case_agreement_review(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """«Klopt dit nog?», for the college: what the student said beside it, and what happens next."""
    standing = agreements.college_or_404(reader_of(request), case_id)
    return _review(request, standing, "intake/agreement_review.html", "case_agreement")


@require_POST
def case_agreement_worked(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """«Werkte goed»: one sentence for the tips, about nobody."""
    form = WorkedForm(request.POST)
    agreements.college_or_404(reader_of(request), case_id)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("case_agreement_review", case_id)
    try:
        agreement_reviews.worked(case_id=case_id, by=reader_of(request), **form.cleaned_data)
        messages.success(request, "Bewaard voor de tips. Er staat niet bij van wie het komt.")
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, refusal.sentence)
    return redirect("case_agreement_review", case_id)


# --- The student, and home ---------------------------------------------------------------------------------


@require_safe
def own_agreements(request: HttpRequest) -> HttpResponse:
    """«Onze afspraken»: one line for each college."""
    passport, _key = own_passport(request)
    rows = agreements.own_rows(passport.student)
    if len(rows) == 1:
        return redirect("own_agreement", rows[0].case_id)
    return render(request, "intake/agreement_own_list.html", {"rows": rows, "back_url": reverse("today")})


@require_http_methods(["GET", "POST"])
def own_agreement(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The whole text, what a yes and a no mean, and two equal answers."""
    return _read_and_answer(request, case_id, SignatureRole.STUDENT, "intake/agreement_own.html", reverse("today"))


@require_http_methods(["GET", "POST"])
def home_agreement(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The same for a parent who has to sign too."""
    back_url = reverse("home_approvals")
    return _read_and_answer(request, case_id, SignatureRole.GUARDIAN, "intake/agreement_home.html", back_url)


@require_http_methods(["GET", "POST"])
def own_agreement_review(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """«Klopt dit nog?», for the student: one choice for each agreement."""
    standing = _own(request, case_id, SignatureRole.STUDENT)
    return _review(request, standing, "intake/agreement_own_review.html", "own_agreement")


@require_safe
def agreement_file(request: HttpRequest, agreement_id: UUID) -> HttpResponse:
    """The PDF of a signed version, for whoever may read it; before it is ready the page it came from says so."""
    try:
        pdf = agreement_files.open_file(agreement_id=agreement_id, by=reader_of(request))
    except Refusal as refusal:
        if refusal.status != 409:
            raise
        context = {"sentence": refusal.sentence, **_layout(request)}
        return render(request, "intake/agreement_wait.html", context, status=409)
    headers = {"Content-Disposition": 'attachment; filename="afspraken.pdf"', "Cache-Control": "no-store, private"}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


# --- The parts ---------------------------------------------------------------------------------------------


def _read_and_answer(
    request: HttpRequest, case_id: UUID, role: SignatureRole, template: str, back_url: str
) -> HttpResponse:
    standing = _own(request, case_id, role)
    if request.method == "POST":
        if request.POST.get("answer") == "no":
            agreement_signing.refuse(case_id=case_id, by=reader_of(request))
            messages.success(request, _("Dat is goed. Er is niets getekend."))
            return redirect(PAGES[role], case_id)
        if step_up.is_needed(request):
            return step_up.ask(request, request.path)
        if _sign(request, case_id):
            messages.success(request, _("Getekend."))
        return redirect(PAGES[role], case_id)
    return _show(request, standing, template, back_url=back_url)


def _own(request: HttpRequest, case_id: UUID, role: SignatureRole) -> Standing:
    """Who has exactly this role to the agreements of a case. Raises NotHere for everybody else."""
    return agreements.standing_as_or_404(reader_of(request), case_id, role)


def _show(request: HttpRequest, standing: Standing, template: str, **extra: Any) -> HttpResponse:
    printing = "print" in request.GET
    by = reader_of(request)
    newest, *earlier = agreements.read(standing, by, Action.PRINT if printing else Action.READ)
    row, in_force = newest.agreement, next((one for one in (newest, *earlier) if one.status == "signed"), None)
    context = _frame(standing) | {
        "one": newest,
        "earlier": earlier,
        "in_force": in_force,
        "kept_until": agreement_keeping.kept_until(in_force.agreement) if in_force else None,
        "may_sign": agreement_signing.may_sign(standing, row),
        "waits_for": agreement_signing.waits_for(standing, row) if row.status == "offered" else [],
        "guardian_signs": row.is_unsigned and agreements.needs_guardian(standing),
        "is_due": _is_due(standing, newest, earlier),
        "may_draft": standing.is_college and not standing.is_coordinator and is_workable(standing.case),
        "signs_as": agreement_signing.home_name(by) if standing.is_home else "",
        "printing": printing,
        **extra,
    }
    return render(request, template, context)


def _is_due(standing: Standing, newest: Opened, earlier: list[Opened]) -> bool:
    """Whether «Klopt dit nog?» is asked now: of what is agreed, while there is a student to ask."""
    return standing.case.share_id is not None and any(
        agreements.is_due(one.agreement) for one in (newest, *earlier) if not standing.is_coordinator
    )


def _sign(request: HttpRequest, case_id: UUID) -> bool:
    """The yes to what was seen; when it cannot be given a message says why."""
    try:
        agreement_signing.sign(case_id=case_id, by=reader_of(request), seen=request.POST.get("seen", ""))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.warning(request, refusal.sentence)
        return False
    return True


def _keep(form: AgreementForm, request: HttpRequest, case_id: UUID) -> bool:
    places, rows = form.rows()
    data = form.cleaned_data
    if data["review_date"] is None:
        form.add_error("review_date", "Kies een dag om terug te kijken.")
        return False
    try:
        agreement_drafting.put_draft(
            case_id=case_id,
            by=reader_of(request),
            rows=rows,
            review_date=data["review_date"],
            signer=data["signer"],
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.refused(refusal, places)
        return False
    return True


def _review(request: HttpRequest, standing: Standing, template: str, done: str) -> HttpResponse:
    row, key, content = agreement_reviews.in_force(standing)
    is_college = standing.is_college
    if standing.case.share_id is None or not agreements.is_due(row):
        return redirect(done, standing.case.pk)
    form = ReviewForm(content, request.POST or None, is_college=is_college)
    if form.is_valid() and _answer(form, request, standing):
        return redirect("case_agreement_draft" if "new" in request.POST else done, standing.case.pk)
    agreements.log_look(standing, reader_of(request))  # also when the form comes back: the page shows it all
    said = agreement_reviews.said_across(standing, row, key)
    context = _frame(standing) | {
        "form": form,
        "pairs": form.pairs(content),
        "row": row,
        "said": said,
        "worked_form": WorkedForm(),
        "from_needs": [(place, one) for place, one in enumerate(content.rows) if one.need],
        "back_url": reverse(done, args=[standing.case.pk]),
        "content": content,
    }
    return render(request, template, context, status=400 if form.errors else 200)


def _answer(form: ReviewForm, request: HttpRequest, standing: Standing) -> bool:
    keep_until = None if "new" in request.POST else form.keep_until
    if standing.is_college and "new" not in request.POST and keep_until is None:
        form.add_error("keep_until", "Kies een dag, of maak nieuwe afspraken.")
        return False
    try:
        agreement_reviews.answer(
            case_id=standing.case.pk,
            by=reader_of(request),
            verdicts=form.verdicts(),
            note=form.cleaned_data["note"],
            keep_until=keep_until,
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        field = "keep_until" if refusal.field == "review_date" else refusal.field
        form.add_error(field if field in form.fields else None, refusal.sentence)
        return False
    messages.success(request, _("Bewaard."))
    return True


def _frame(standing: Standing) -> dict[str, Any]:
    case = standing.case
    return {"case": case, "is_here": case.share_id is not None, "is_coordinator": standing.is_coordinator}


def _layout(request: HttpRequest) -> dict[str, str]:
    return {"layout": "layout_student.html" if reader_of(request).is_student else "intake/_reader.html"}
