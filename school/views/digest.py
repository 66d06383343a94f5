"""One tap to stop the daily mail, also for a mail program (RFC 8058), and turning it on again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from intake.services import mailday
from intake.views.reading import reader_of


@csrf_exempt  # a mail program has no token of ours; the address itself is the proof, and it can only stop
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail_stop(request: HttpRequest, token: str) -> HttpResponse:
    """A button; looking at it changes nothing, so a mail scanner may."""
    user = mailday.whose(token)
    if request.method == "POST":
        mailday.set_wish(user=user, on=False)
    return render(request, "school/mail_stop.html", {"is_stopped": not mailday.wants_mail(user)})


@require_http_methods(["GET", "HEAD", "POST"])
def mail_wish(request: HttpRequest) -> HttpResponse:
    """The same wish from the settings, both ways."""
    by = reader_of(request)
    if request.method == "POST":
        on = request.POST.get("answer") == "on"
        mailday.set_wish(user=by, on=on)
        messages.success(request, _("Dit staat aan.") if on else _("Dit staat uit."))
        return redirect("mail_wish")
    context = {
        "is_on": mailday.wants_mail(by),
        "layout": "layout_student.html" if by.is_student else "intake/_reader.html",
        "back_url": reverse("settings"),
    }
    return render(request, "school/mail_wish.html", context)
