"""Who reads after the start: the mentor at the college, the coach who hears a sign, the school of before."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.refusals import NotHere
from intake.follow_up_forms import CollegeFollowUpForm
from intake.services import after, back_to_school, college_mentor, follow_ups, hearing, placements, signals, tips
from intake.views.reading import reader_of
from intake.views.talks import kept


@require_GET
def college_students(request: HttpRequest) -> HttpResponse:
    """The students of this mentor, by name, with what comes next."""
    by = reader_of(request)
    if not college_mentor.is_mentor(by):
        raise NotHere()
    return render(request, "intake/college_mentor_list.html", {"rows": college_mentor.students_of(by)})


@require_http_methods(["GET", "POST"])
def college_student(request: HttpRequest, share_id: UUID) -> HttpResponse:
    """Three lines of one student, and three taps when it is time. Opening it is a look."""
    by = reader_of(request)
    opened = college_mentor.open_student(share_id=share_id, by=by)
    case = opened.row.case
    form = CollegeFollowUpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = placements.moment_now(case) if case else None
        if case is None or now is None:
            raise NotHere()

        def write(data: object) -> None:
            follow_ups.answer(case_id=case.pk, by=by, moment=now.moment, answers=form.answers(), only=list(form.fields))

        if kept(form, write):
            messages.success(request, "Bewaard. De student leest dit ook.")
            return redirect("college_student", share_id)
    context = {
        "opened": opened,
        "row": opened.row,
        "case": case,
        "form": form,
        "told": follow_ups.read(case_id=case.pk, by=by) if case else [],
        "hears": case is not None and hearing.is_heard_by_college(case),
        "review_asked": case is not None and case.pk in college_mentor.reviews_waiting([opened.row]),
        "tips": tips.beside(opened.dossier, by),
        "back_url": reverse("college_students"),
    }
    return render(request, "intake/college_mentor_student.html", context, status=400 if form.errors else 200)


@require_POST
def college_review(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """«Klopt dit nog?»: asks the student, who decides whether to look."""
    after.ask_review(case_id=case_id, by=reader_of(request))
    messages.success(request, "Gevraagd. De student kiest zelf of er iets verandert.")
    return redirect("college_students")


@require_POST
def signal_heard(request: HttpRequest, signal_id: UUID) -> HttpResponse:
    """The coach takes it up."""
    signals.hear(signal_id=signal_id, by=reader_of(request))
    messages.success(request, "Goed. Het seintje is weg.")
    return redirect("dossier_list")


@require_GET
def back_to_school_list(request: HttpRequest) -> HttpResponse:
    """Students of before who let this school hear how it goes; without one the page is not there."""
    rows = back_to_school.former_students(reader_of(request))
    if not rows:
        raise NotHere()
    return render(request, "intake/back_to_school_list.html", {"rows": rows, "back_url": reverse("dossier_list")})


@require_GET
def back_to_school_one(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Where one of them is now and what worked; opening it is a look."""
    former, told = back_to_school.read_one(case_id=case_id, by=reader_of(request))
    context = {"former": former, "told": told, "back_url": reverse("back_to_school_list")}
    return render(request, "intake/back_to_school_one.html", context)
