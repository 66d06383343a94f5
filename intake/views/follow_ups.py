"""«Na de start»: how it goes, who may hear that, and what the student is asked once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import NotHere, Refusal
from consent.drafts import make_draft
from consent.models import RecipientKind
from consent.services import open_share_to
from intake.follow_up_forms import FollowUpForm
from intake.models import Ask, Case, Side
from intake.services import (
    after,
    first_day,
    follow_ups,
    hearing,
    hearing_proof,
    placements,
    sharing,
    signals,
    talk_series,
)
from intake.services.follow_ups import Fits, Talk
from intake.views.intake_talk import calendar_file
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport

NEEDS = "need.support"


@require_safe
def after_start(request: HttpRequest) -> HttpResponse:
    """What there is after the start: the first day, each moment, and who hears it."""
    passport, key = own_passport(request)
    case = placements.get_told_case_or_404(passport.student)
    told = follow_ups.own_follow_ups(passport.student, key, case)
    mine = {one.moment for one in told if one.side == Side.STUDENT}
    moments = [(one, one.moment in mine) for one in placements.moments_of(case)]
    context = {
        "case": case,
        "started": case.status == Case.Status.PLACED,
        "moments": moments,
        "told": told,
        "cards": after.cards_for(passport.student, key),
        "signals": signals.sent_by(passport.student),
        "next_talk": talk_series.next_of(case),
        "back_url": reverse("today"),
    }
    return render(request, "intake/follow_up_start.html", context)


@require_safe
def after_talks_file(request: HttpRequest) -> HttpResponse:
    """The talks of the first year for the student's own calendar: days, and nothing else."""
    passport, _key = own_passport(request)
    case = placements.get_own_case_or_404(passport.student)
    return calendar_file(talk_series.calendar_of(case))


@require_http_methods(["GET", "POST"])
def follow_up(request: HttpRequest, moment: str) -> HttpResponse:
    """Three taps. A moment that did not come yet is not there."""
    passport, key = own_passport(request)
    student = passport.student
    case = placements.get_own_case_or_404(student)
    if not placements.may_be_answered(case, moment):
        raise NotHere()
    coaches = signals.may_tell(student, key)
    said_before = follow_ups.said_at(student, key, case, moment)
    form = FollowUpForm.of(request.POST if request.method == "POST" else None, said_before)
    if request.method == "POST":
        wanted = {one.pk for one in coaches if str(one.pk) in request.POST.getlist("coach")}

        def write(data: object) -> None:
            answers = form.answers()
            parts = list(form.fields)
            follow_ups.answer(case_id=case.pk, by=student.user, moment=moment, answers=answers, only=parts)
            signals.send(student=student, coaches=wanted, by=student.user)

        if kept(form, write):
            said = form.cleaned_data
            changed = said["fits"] in {Fits.CHANGED, Fits.PARTLY}
            if changed or said["talk"] == Talk.YES:
                return redirect("follow_up_next")
            messages.success(request, _("Bewaard. Dank je wel."))
            return redirect("after_start")
    context = {
        "moment": next(one for one in placements.moments_of(case) if one.moment == moment),
        "form": form,
        "taps": [form["fits"], form["talk"]],
        "coaches": coaches,
        "heard": [one for one in hearing.listeners_of(student, case) if one.is_on],
        "back_url": reverse("after_start"),
    }
    return render(request, "intake/follow_up_taps.html", context, status=400 if form.errors else 200)


@require_safe
def follow_up_next(request: HttpRequest) -> HttpResponse:
    """What changed: to the question itself, and then whether the team may see the new text; and with whom to talk."""
    passport, key = own_passport(request)
    student = passport.student
    case = placements.get_own_case_or_404(student)
    share = after.guidance_share(student, case)
    page = first_day.own_page(student, key)[1]
    context = {
        "needs": after.shared_needs(share, key) if share else [],
        "question": NEEDS,
        "share": share,
        "newer": after.newer_for_guidance(share, key) if share else [],
        "page": page,
        "signals": signals.sent_by(student),
        "back_url": reverse("after_start"),
    }
    return render(request, "intake/follow_up_next.html", context)


@require_http_methods(["GET", "POST"])
def follow_up_hears(request: HttpRequest) -> HttpResponse:
    """«Wie hoort hoe het gaat?»: a switch for each listener, all off until the student turns one on."""
    passport, key = own_passport(request)
    student, by = passport.student, reader_of(request)
    case = placements.get_told_case_or_404(student)
    if request.method == "POST":
        whom = {"kind": request.POST.get("kind", ""), "listener": _id(request.POST.get("listener", ""))}
        try:
            if request.POST.get("on") == "1":
                hearing.let_hear(student=student, key=key, by=by, **whom)  # type: ignore[arg-type]  # as the form made it
                messages.success(request, _("Bewaard. Je kunt altijd stoppen."))
            else:
                hearing.stop_hearing(student=student, key=key, by=by, **whom)  # type: ignore[arg-type]  # as the form made it
                messages.success(request, _("Gestopt. Dat werkt meteen."))
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            messages.warning(request, refusal.sentence)
        return redirect("follow_up_hears")
    context = {
        "listeners": hearing.listeners_of(student, case),
        "choice": _(hearing_proof.CHOICE),
        "stopping": _(hearing_proof.STOPPING),
        "has_proofs": hearing_proof.has_proofs(student),
        "back_url": reverse("after_start"),
    }
    return render(request, "intake/follow_up_hears.html", context)


@require_safe
def follow_up_proofs(request: HttpRequest) -> HttpResponse:
    """Every yes and every end of it: when, whom it was about, the text that was read, and the signed file."""
    passport, key = own_passport(request)
    placements.get_told_case_or_404(passport.student)
    proofs = hearing_proof.proofs_of(passport.student, key)
    context = {"proofs": proofs, "back_url": reverse("follow_up_hears")}
    return render(request, "intake/follow_up_proofs.html", context)


@require_safe
def follow_up_proof_file(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """One record as a file, under a name that says nothing."""
    passport, key = own_passport(request)
    proof = hearing_proof.get_proof_or_404(passport.student, key, record_id)
    headers = {"Content-Disposition": 'attachment; filename="bewijs.json"', "Cache-Control": "no-store, private"}
    return HttpResponse(proof.as_file, content_type="application/json; charset=utf-8", headers=headers)


@require_POST
def signal_back(request: HttpRequest) -> HttpResponse:
    """The student does not want to talk any more."""
    passport, _key = own_passport(request)
    signals.take_back(student=passport.student, by=reader_of(request))
    messages.success(request, _("Weggehaald. Je coach ziet het niet meer."))
    return redirect("after_start")


@require_POST
def after_asked(request: HttpRequest, about: str) -> HttpResponse:
    """A yes leads to the screen where it can be done, a no to nothing; neither is asked again."""
    passport, key = own_passport(request)
    student, by = passport.student, reader_of(request)
    case = placements.get_own_case_or_404(student)
    yes = request.POST.get("answer") == "yes"
    if about == Ask.About.GUIDANCE and yes:
        kind, college = RecipientKind.COLLEGE_TEAM.value, case.programme_id
        there = open_share_to(student, key, kind, college, also=sharing.end)
        if there:
            return redirect("share", share_id=there.pk)
        draft = make_draft(student=student, key=key, kind=kind, recipient_id=college)
        return redirect("share_what", draft_id=draft.id)
    share = after.guidance_share(student, case)
    follow_ups.later(student=student, case=case, about=about, by=by)
    if about == Ask.About.WORK and yes:
        return redirect("share_link_to", goal="werk")
    if about == Ask.About.REVIEW and yes and share:
        return redirect("share_review", share_id=share.pk)
    messages.info(request, _("Dat is goed. We vragen het niet nog eens."))
    return redirect("today")


def _id(raw: str) -> UUID | None:
    try:
        return UUID(raw) if raw else None
    except ValueError:
        raise NotHere() from None
