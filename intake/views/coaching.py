"""A coach and their own students, on a calm page; and for the student «Jouw coach»."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.refusals import NotHere, Refusal
from intake.coach_forms import CoachCodeForm, CoachLabelForm, CoachMomentForm, CoachPlanForm
from intake.services import coach_ties, coaching
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


# --- The coach ---------------------------------------------------------------------------------------------


@GET_OR_POST
def coach_students(request: HttpRequest) -> HttpResponse:
    """Everybody whose coach this is today; and a code for somebody new, shown once."""
    by, code = reader_of(request), []
    if not coach_ties.is_coach(by):
        raise NotHere()
    form = CoachLabelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        kept(form, lambda data: code.append(coach_ties.make_code(by=by, label=data["label"])))
    rows = coaching.students_of(by)
    context = {"rows": rows, "form": form, "code": code[0] if code else "", "soon": [r for r in rows if r.goes_soon]}
    return render(request, "intake/coach_students.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def coach_student(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """One student: what is planned, what was promised, when to let go. Opening it is a look."""
    by = reader_of(request)
    form = CoachPlanForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and kept(
        form, lambda data: coaching.plan_moment(share_id=share_id, by=by, on=data["on"], text=data["text"])
    ):
        messages.success(request, "Bewaard. De student ziet deze dag meteen.")
        return redirect("coach_student", share_id)
    opened = coaching.open_student(share_id=share_id, by=by)
    planned = sorted((one for one in opened.moments if one.is_planned), key=lambda one: one.on)
    context = {
        "row": opened.row,
        "planned": planned,
        "had": [one for one in opened.moments if not one.is_planned],
        "form": form,
        "back_url": reverse("coach_students"),
    }
    return render(request, "intake/coach_student.html", context, status=400 if form.errors else 200)


@GET_OR_POST
def coach_moment(request: HttpRequest, share_id: UUID, moment_id: UUID | None = None) -> HttpResponse:
    """How a moment went: one that was planned, or one that was not."""
    by = reader_of(request)
    coaching.get_share_or_404(share_id, by)
    planned = coaching.get_planned_or_404(share_id, by, moment_id) if moment_id else None
    day = {"on": planned.on} if planned else {}
    form = CoachMomentForm(request.POST if request.method == "POST" else None, initial=day)

    def write(data: dict[str, object]) -> None:
        coaching.write_moment(share_id=share_id, by=by, planned=moment_id, **form.said())

    if request.method == "POST" and kept(form, write):
        messages.success(request, "Bewaard. De student leest dit ook.")
        return redirect("coach_student", share_id)
    context = {"form": form, "planned": planned, "back_url": reverse("coach_student", args=[share_id])}
    return render(request, "intake/coach_moment.html", context, status=400 if form.errors else 200)


@require_POST
def coach_moment_off(request: HttpRequest, share_id: UUID, moment_id: UUID) -> HttpResponse:
    """It does not go on."""
    coaching.drop_planned(share_id=share_id, by=reader_of(request), moment_id=moment_id)
    messages.success(request, "Weggehaald. De student ziet deze dag niet meer.")
    return redirect("coach_student", share_id)


@require_POST
def coach_promise(request: HttpRequest, share_id: UUID, moment_id: UUID) -> HttpResponse:
    """The coach ticks off what the coach promised."""
    number, done = _ticked(request)
    coaching.keep_promise(share_id=share_id, by=reader_of(request), moment_id=moment_id, number=number, done=done)
    messages.success(request, "Bewaard. De student ziet het ook.")
    return redirect("coach_student", share_id)


# --- The student -------------------------------------------------------------------------------------------


@require_safe
def own_coach(request: HttpRequest) -> HttpResponse:
    """Who the coach is, what for, until when, and what was agreed; and the way to stop."""
    passport, key = own_passport(request)
    coaches = coach_ties.coaches_of(passport.student)
    moments, seen = coaching.own_moments(passport.student, key), coaching.shared_ties(passport.student)
    context = {
        "now": [(one, moments.get(one.tie.pk, []), one.tie.pk in seen) for one in coaches if not one.is_over],
        "before": [(one, moments.get(one.tie.pk, [])) for one in coaches if one.is_over],
        "back_url": reverse("people"),
    }
    return render(request, "intake/own_coach.html", context)


@GET_OR_POST
def own_coach_code(request: HttpRequest) -> HttpResponse:
    """The code, then who it is, then two equal answers. Nothing is kept before the yes."""
    own_passport(request)
    form = CoachCodeForm(request.POST if request.method == "POST" else None)
    if request.POST.get("answer") == "no":
        messages.success(request, _("Goed. Er is niets veranderd."))
        return redirect("own_coach")
    if request.method == "POST":
        answer = _coach_answered(request, form)
        if answer:
            return answer
    context = {"form": form, "back_url": reverse("own_coach")}
    return render(request, "intake/own_coach_code.html", context, status=400 if form.errors else 200)


@require_POST
def own_coach_off(request: HttpRequest) -> HttpResponse:
    """A yes whose time has not begun."""
    passport, _key = own_passport(request)
    coach_ties.take_back(student=passport.student, by=reader_of(request))
    messages.success(request, _("Goed. Deze coach begint niet."))
    return redirect("own_coach")


@require_POST
def own_coach_tick(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    passport, key = own_passport(request)
    number, done = _ticked(request)
    by = reader_of(request)
    coaching.tick_own(student=passport.student, key=key, moment_id=moment_id, number=number, done=done, by=by)
    messages.success(request, _("Gedaan.") if done else _("Staat weer open."))
    return redirect("own_coach")


@require_POST
def own_coach_remove(request: HttpRequest, moment_id: UUID) -> HttpResponse:
    passport, _key = own_passport(request)
    coaching.remove_moment(student=passport.student, moment_id=moment_id, by=reader_of(request))
    messages.success(request, _("Weggehaald. Je coach ziet het ook niet meer."))
    return redirect("own_coach")


def _coach_answered(request: HttpRequest, form: CoachCodeForm) -> HttpResponse | None:
    """The page that asks, or what follows the yes. None: an error stands in the form."""
    if not form.is_valid():
        return None
    passport, _key = own_passport(request)
    student, typed = passport.student, form.cleaned_data["code"]
    try:
        if request.POST.get("answer") == "yes":
            coach_ties.accept(student=student, typed=typed, by=reader_of(request))
            messages.success(request, _("Dit is nu je coach. Jij kiest wat je deelt."))
            return redirect("own_coach")
        offer = coach_ties.find_offer(student=student, typed=typed)
        first, last = coach_ties.time_with(student, timezone.localdate())
        context = {"offer": offer, "code": typed, "first": first, "last": last, "back_url": reverse("own_coach")}
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error("code", refusal.sentence)
        return None
    return render(request, "intake/own_coach_yes.html", context)


def _ticked(request: HttpRequest) -> tuple[int, bool]:
    raw = request.POST.get("number", "")
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 4 else -1
    return number, request.POST.get("done") == "1"
