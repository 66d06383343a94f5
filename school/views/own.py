"""What a student does in and around a lesson: a hand, a wish to talk, showing progress, and filling in together."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import together as services
from accounts.entrance import who_is_in
from accounts.models import Student
from accounts.refusals import Refusal
from passport import signs
from passport.owner import own_passport
from passport.signs import Sign
from school.services import hands


@require_POST
def hand(request: HttpRequest) -> HttpResponse:
    """«Help»: a silent hand, up or down. Goes back to the question, which is told to nobody."""
    student = _student(request)
    by = who_is_in(request)
    if request.POST.get("answer") == "off":
        hands.lower_hand(student=student, by=by)
        messages.success(request, _("Je hand is weer omlaag."))
    else:
        try:
            hands.raise_hand(student=student, by=by)
            messages.success(request, _("Je mentor ziet je hand. Je mentor komt zo."))
        except Refusal as refusal:
            messages.warning(request, refusal.sentence)
    return redirect(_back(request))


@require_POST
def wish_to_talk(request: HttpRequest) -> HttpResponse:
    """«Ik wil praten»: the mentor sees the name and nothing else; or taken back."""
    on = request.POST.get("answer") == "on"
    signs.set_sign(student=_student(request), sign=Sign.TALK, on=on, by=who_is_in(request))
    messages.success(request, _("Je mentor ziet dat je wilt praten.") if on else _("Je mentor ziet dit niet meer."))
    return redirect("today")


@require_http_methods(["GET", "POST"])
def mentor_sees(request: HttpRequest) -> HttpResponse:
    """What the mentor may see of how far one is: off until the student turns it on."""
    student = _student(request)
    if request.method == "POST":
        on = request.POST.get("answer") == "on"
        signs.set_sign(student=student, sign=Sign.PROGRESS, on=on, by=who_is_in(request))
        messages.success(
            request, _("Bewaard. Je mentor ziet dit nu.") if on else _("Bewaard. Je mentor ziet dit niet.")
        )
        return redirect("mentor_sees")
    context = {"on": Sign.PROGRESS.value in signs.signs_of(student), "back_url": reverse("settings")}
    return render(request, "school/mentor_sees.html", context)


@require_http_methods(["GET", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """«Samen invullen»: says what it is, starts it, and ends it."""
    student, by = _student(request), who_is_in(request)
    if request.method != "POST":
        context = {"minutes": int(services.LASTS.total_seconds() // 60), "back_url": reverse("today")}
        return render(request, "school/together.html", context)
    if request.POST.get("answer") == "off":
        services.stop_here(request, student, by)
        messages.success(request, _("Je vult nu weer alleen in."))
        return redirect("today")
    services.start_here(request, student, by)
    return redirect("passport_overview")


def _student(request: HttpRequest) -> Student:
    """Raises NotHere for whoever is not a student."""
    return own_passport(request)[0].student


def _back(request: HttpRequest) -> str:
    """The page the hand was raised on; only a path of this site."""
    url = request.POST.get("next", "")
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None) else reverse("today")
