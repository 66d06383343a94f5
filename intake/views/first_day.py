"""The first day: the student reads and prints it, the college writes it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from intake.follow_up_forms import FirstDayForm
from intake.services import college_mentor, facts
from intake.services import first_day as days
from intake.views.reading import reader_of
from intake.views.talks import kept
from passport.owner import own_passport


@require_safe
def first_day(request: HttpRequest) -> HttpResponse:
    """Who, where, what was agreed, and one person to call; made to be printed."""
    passport, key = own_passport(request)
    case, page = days.own_page(passport.student, key)
    context = {
        "case": case,
        "page": page,
        "agreed": days.agreed_for_student(passport.student, case),
        "printing": "print" in request.GET,
        "back_url": reverse("after_start"),
    }
    return render(request, "intake/first_day.html", context)


@require_http_methods(["GET", "POST"])
def first_day_write(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """An intaker or a mentor of the programme writes it, while something of this student is shared with them."""
    by = reader_of(request)
    case, page = days.page_for_college(case_id=case_id, by=by)
    usual = {} if page else facts.first_day_of(case.programme)
    form = FirstDayForm(request.POST) if request.method == "POST" else FirstDayForm.of(page, by, usual)
    if request.method == "POST" and kept(form, lambda data: days.write_page(case_id=case_id, by=by, page=form.page())):
        messages.success(request, "Bewaard. De student ziet dit meteen.")
        return redirect("first_day_write", case_id)
    back = reverse("college_students" if college_mentor.is_mentor(by) else "inbox")
    context = {"case": case, "form": form, "written": page is not None, "usual": usual, "back_url": back}
    return render(request, "intake/first_day_write.html", context, status=400 if form.errors else 200)
