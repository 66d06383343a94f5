"""Coming in, going out, and the pages anyone may read."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.demo import accounts_by_group, get_demo_user_or_404
from accounts.entrance import home_of, remember_device, remembered_device, roles_in_words, set_device, who_is_in
from accounts.forms import DeviceForm, LookForm, PasswordLoginForm
from accounts.refusals import NotHere
from accounts.services import class_of, school_team

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
WIPE_BROWSER = '"cache", "cookies", "storage"'


# --- Coming in ---------------------------------------------------------------------------------------------


@method_decorator(login_not_required, name="dispatch")
class LogIn(LoginView):
    """Name and password; the adapter says who may come in with a password alone."""

    form_class = PasswordLoginForm
    template_name = "accounts/login.html"

    def get_form_class(self) -> type[PasswordLoginForm]:
        return self.form_class

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"next": get_next_redirect_url(self.request) or ""}

    def form_valid(self, form: PasswordLoginForm) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        user = self.request.user
        if not user.is_authenticated or not user.is_student:
            return response
        if known := remembered_device(self.request):
            set_device(self.request, known)
        elif not settings.DEMO:
            return redirect(f"{reverse('own_device')}?{urlencode({'next': response['Location']})}")
        return response


@login_not_required
@GET_OR_POST
def demo(request: HttpRequest) -> HttpResponse:
    """One tap to come in as one of the invented people. Only in the demo."""
    if not settings.DEMO:
        raise Http404
    if request.method == "POST":
        user = get_demo_user_or_404(request.POST.get("username", ""))
        response: HttpResponse = perform_login(request, user)
        return response
    return render(request, "accounts/demo.html", {"groups": accounts_by_group()})


@GET_OR_POST
def own_device(request: HttpRequest) -> HttpResponse:
    """«Is dit jouw eigen telefoon?»: decides how long the log-in lasts here. Asked once per browser."""
    student = who_is_in(request)
    if not student.is_student:
        raise NotHere()
    next_url = get_next_redirect_url(request) or home_of(student)
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data["kind"]
        set_device(request, kind)
        response = redirect(next_url)
        remember_device(response, student, kind)
        return response
    return render(request, "accounts/own_device.html", {"next": next_url, "back_url": next_url})


# --- Going out ---------------------------------------------------------------------------------------------


@login_not_required
@GET_OR_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Ends the session and wipes what this site left in the browser; a GET only asks."""
    if request.method != "POST":
        if not request.user.is_authenticated:
            return redirect("goodbye")
        return render(request, "accounts/logout.html", {"back_url": home_of(request.user)})
    get_adapter(request).logout(request)
    response = redirect("goodbye")
    response.headers["Clear-Site-Data"] = WIPE_BROWSER
    return response


@login_not_required
@require_safe
def goodbye(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/goodbye.html")


# --- For whoever is in -------------------------------------------------------------------------------------


@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    """For people whose pages are not there yet: what they are here, and that they read no passports."""
    return render(request, "accounts/welcome.html", {"roles": roles_in_words(who_is_in(request))})


@GET_OR_POST
def own_settings(request: HttpRequest) -> HttpResponse:
    """How pages look for this person, kept for as long as they are in."""
    form = LookForm(request.POST if request.method == "POST" else request.session.get("look", {}))
    if request.method == "POST" and form.is_valid():
        request.session["look"] = form.look()
        messages.success(request, _("Bewaard. Zo ziet het er nu uit."))
        return redirect("settings")
    reader = who_is_in(request)
    context = {
        "form": form,
        "layout": "layout_student.html" if reader.is_student else "layout_staff.html",
        "back_url": home_of(reader),
        "kind": request.session.get("kind"),
    }
    return render(request, "accounts/settings.html", context)


# --- For anyone --------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    return render(request, "accounts/home.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Whom to ask: for a student the mentors and counsellors of their class, with a telephone number."""
    student = getattr(request.user, "student", None)
    school_class = class_of(student) if student else None
    return render(request, "accounts/help.html", {"team": school_team(school_class) if school_class else ()})


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/privacy.html", {"controller": getattr(settings, "CONTROLLER", "")})


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/accessibility.html")
