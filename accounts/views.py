"""Coming in, going out, and the pages anyone may read."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_next_redirect_url, perform_login
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mail_codes, step_up
from accounts.demo import accounts_by_group, get_demo_user_or_404
from accounts.doors.entering import after, come_in
from accounts.doors.views.passkeys import may_use_passkeys
from accounts.entrance import home_of, remember_device, roles_in_words, set_device, who_is_in
from accounts.forms import CODE_WRONG, DeviceForm, MailCodeForm, PasswordLoginForm, TypeMailCodeForm
from accounts.languages import is_work
from accounts.models import User
from accounts.reading import ReadingForm, keep_reading, known_only, reading_of
from accounts.refusals import NotHere
from accounts.school_login import schools
from accounts.services import class_of, school_team, set_mail_on_look
from accounts.tokens import scopes_for, tokens_of

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
STUDENT_MAIL = "accounts/student_mail_code.html"
AS_STUDENT = "mail_code_student"  # in the session: which of the two pages asked
MAIL_CODE = "mail_code"  # in the session: the id of one request, never a code or an address
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
        ways = {"schools": schools(), "passkey": may_use_passkeys(self.request)}
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"next": get_next_redirect_url(self.request) or ""} | ways

    def form_valid(self, form: PasswordLoginForm) -> HttpResponse:
        return after(self.request, super().form_valid(form))


@login_not_required
@never_cache
@GET_OR_POST
def mail_code(request: HttpRequest, template: str = "accounts/mail_code.html") -> HttpResponse:
    """A guardian or a student comes in with a code in the mail. For every address the same answer, known or not."""
    if request.user.is_authenticated:
        return redirect(home_of(who_is_in(request)))
    form = MailCodeForm(request.POST or None, request=request)
    if template == STUDENT_MAIL:
        form.fields["email"].label = _("Je eigen mailadres")
    if request.method == "POST" and form.is_valid():
        request.session[MAIL_CODE] = str(mail_codes.ask(email=form.cleaned_data["email"]))
        request.session[AS_STUDENT] = template == STUDENT_MAIL
        return redirect("account_confirm_login_code")
    return render(request, template, {"form": form})


@login_not_required
@never_cache
@GET_OR_POST
def student_mail_code(request: HttpRequest) -> HttpResponse:
    """The same door in the words for a student."""
    return mail_code(request, STUDENT_MAIL)


@login_not_required
@never_cache
@GET_OR_POST
def type_mail_code(request: HttpRequest) -> HttpResponse:
    """The code from the mail; three wrong ones, and it starts anew."""
    asked_at = "student_mail_code" if request.session.get(AS_STUDENT) else "account_request_login_code"
    try:
        code_id = UUID(request.session.get(MAIL_CODE, ""))
    except ValueError:
        return redirect(asked_at)
    if request.user.is_authenticated or not mail_codes.is_open(code_id):
        return redirect(asked_at)
    form = TypeMailCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if user := mail_codes.try_code(code_id=code_id, typed=form.cleaned_data["code"]):
            del request.session[MAIL_CODE]
            return come_in(request, user, by="mail_code")
        if not mail_codes.is_open(code_id):
            return redirect(asked_at)
        form.add_error("code", CODE_WRONG)
    context = {"form": form, "ask_url": reverse(asked_at)}
    template = "accounts/student_code_type.html" if request.session.get(AS_STUDENT) else "accounts/mail_code_type.html"
    return render(request, template, context)


@login_not_required
@GET_OR_POST
def demo(request: HttpRequest) -> HttpResponse:
    """One tap to come in as one of the invented people. Only in the demo."""
    if not settings.DEMO:
        raise Http404
    if request.method == "POST":
        user = get_demo_user_or_404(request.POST.get("username", ""))
        record_authentication(request, user, method="demo")
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
        if kind == "own" and not step_up.is_fresh(request):
            return step_up.ask(request, f"{request.path}?{urlencode({'next': next_url}, safe='/')}")
        set_device(request, kind)
        if request.session["kind"] != kind:
            messages.info(request, _("Je kaart of je pincode is nieuw. De eerste week log je hier vaker in."))
        response = redirect(next_url)
        if kind == "shared":
            response.headers["Clear-Site-Data"] = '"storage"'  # what waited here to be sent
        remember_device(response, student, kind)
        return response
    context = {"next": next_url, "back_url": next_url, "https": settings.HTTPS}
    return render(request, "accounts/own_device.html", context)


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


@require_safe
def own_settings(request: HttpRequest) -> HttpResponse:
    """What one can set: how to read, and for a student this device and their own data."""
    reader = who_is_in(request)
    context = {
        "layout": _layout_of(request),
        "back_url": home_of(reader),
        "kind": request.session.get("kind"),
        "tokens": scopes_for(reader) or tokens_of(reader),
    }
    return render(request, "accounts/settings.html", context)


@require_POST
def settings_mail(request: HttpRequest) -> HttpResponse:
    """Turns the mail «Er is gekeken» on with `on` in the body, else off."""
    student = who_is_in(request)
    if not student.is_student:
        raise NotHere()
    on = request.POST.get("answer") == "on"
    set_mail_on_look(student=student.student, on=on, by=student)
    messages.success(request, _("Bewaard. Je krijgt een mail.") if on else _("Bewaard. Je krijgt geen mail."))
    return redirect("settings")


# --- For anyone --------------------------------------------------------------------------------------------


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(home_of(request.user))
    return render(request, "accounts/home.html")


@login_not_required
@GET_OR_POST
def reading(request: HttpRequest) -> HttpResponse:
    """«Hoe wil jij lezen?», for anybody. Shows a choice before it is kept, and goes back to the page one was on.

    A script sends one setting at a time (the voice, the closed card): what is not sent stays as it was.
    """
    user = request.user
    home_url = home_of(user) if isinstance(user, User) else reverse("home")
    next_url = get_next_redirect_url(request) or _came_from(request) or home_url
    look = reading_of(request)
    if "preview" in request.POST:
        look |= known_only(request.POST)
    elif request.method == "POST":
        keep_reading(request, request.POST)
        if "size" in request.POST:
            messages.success(request, _("Bewaard. Zo ziet het er nu uit."))
        return redirect(next_url)
    form = ReadingForm(initial=look, to_student=isinstance(user, User) and user.is_student)
    context = {"form": form, "look": look, "next": next_url, "back_url": next_url, "is_work": is_work(request)}
    return render(request, "accounts/reading.html", context | {"layout": _layout_of(request)})


def _came_from(request: HttpRequest) -> str:
    """The page of this site somebody was on, as their browser says it; empty when it does not.

    So no page has to carry its own address: an error page and a link's page may not (contract, rules 4 and 9).
    """
    said = urlsplit(request.headers.get("Referer", ""))
    is_ours = said.netloc == request.get_host() and get_adapter(request).is_safe_url(said.path)
    return said.path if is_ours and said.path != reverse("reading") else ""


def _layout_of(request: HttpRequest) -> str:
    if not isinstance(request.user, User):
        return "accounts/public.html"
    return "layout_student.html" if request.user.is_student else "layout_staff.html"


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
