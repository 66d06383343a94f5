"""The talk of an intake: the intaker's page to plan it, the student's page to see it, and the file for a calendar."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refusals import NotHere
from consent.given import get_given_or_404
from intake.intake_talk_forms import PlanForm, TalkAnswerForm
from intake.services import cases, intake_talk
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport


@require_http_methods(["GET", "POST"])
def case_plan(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Plans the talk beside what the student wants and both sides ask. To see the page is a look."""
    by = reader_of(request)
    if request.method == "POST":
        row = cases.get_open_case_or_404(by, case_id)
        form = PlanForm(row.case, request.POST)
        if kept(form, lambda data: intake_talk.plan_talk(case_id=case_id, by=by, **form.plan())):
            messages.success(request, "Het gesprek is bewaard. De student ziet het meteen.")
            return redirect("case_brief", case_id)
        case, dossier = cases.read_case(case_id=case_id, by=by)
        plan, wanted = intake_talk.plan_of(case, dossier), intake_talk.wanted(dossier)
    else:
        case, dossier = cases.read_case(case_id=case_id, by=by)
        plan, wanted = intake_talk.plan_of(case, dossier), intake_talk.wanted(dossier)
        form = PlanForm(case, plan=plan, wanted=wanted)
    context = {
        "case": case,
        "dossier": dossier,
        "plan": plan,
        "wanted": wanted,
        "form": form,
        "back_url": reverse("case_brief", args=[case_id]),
    }
    return render(request, "intake/intake_talk_plan.html", context, status=400 if form.errors else 200)


@require_safe
def case_talk_file(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """The talk for the intaker's calendar: a time and a town, no content."""
    return calendar_file(intake_talk.invitation_for_reader(case_id, reader_of(request)))


@require_http_methods(["GET", "POST"])
def share_intake_talk(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The student sees the plan, and can ask for another time or say whom they bring."""
    passport, key = own_passport(request)
    given = get_given_or_404(passport, key, share_id)
    plan = intake_talk.own_plan(given.share, key)
    if plan is None:
        raise NotHere()
    form = TalkAnswerForm.of(plan)
    if request.method == "POST":
        form = TalkAnswerForm(request.POST, auto_id="answer_%s")
        student = passport.student.user
        if kept(form, lambda data: intake_talk.answer_talk(share=given.share, key=key, by=student, **data)):
            messages.success(request, _("Bewaard. Het mbo ziet dit meteen."))
            return redirect("share_intake_talk", share_id=share_id)
    context = {
        "one": given,
        "plan": plan,
        "is_seen": intake_talk.is_seen(given.share) and plan.at is not None,
        "form": form,
        "back_url": reverse("share", args=[share_id]),
    }
    return render(request, "intake/intake_talk.html", context, status=400 if form.errors else 200)


@require_safe
def share_talk_file(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """The talk for the student's own calendar: a time and a town, no content."""
    passport, key = own_passport(request)
    return calendar_file(intake_talk.invitation_of(get_given_or_404(passport, key, share_id).share))


@require_safe
def intake_talk_next(request: HttpRequest) -> HttpResponse:
    """Where the mail leads to: the student's next talk. The address holds no id; without a talk, what they share."""
    passport, _key = own_passport(request)
    coming = intake_talk.coming(passport.student)
    return redirect("share_intake_talk", coming[0].share_id) if coming else redirect("share_list")


def calendar_file(content: bytes, name: str = "gesprek.ics") -> HttpResponse:
    """Named after nothing and nobody: the file lies among other downloads."""
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
