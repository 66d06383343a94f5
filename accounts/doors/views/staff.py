"""Staff: choosing a password, the second step at a log-in, and setting one (forced outside the demo)."""

from functools import wraps
from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import second_factor, sessions, staff_links
from accounts.doors.forms import OwnMailForm
from accounts.doors.views.second_locks import AfterAdding, NeverTheLast
from accounts.entrance import home_of, needs_second_factor, who_is_in
from accounts.models import User
from accounts.qr import drawing_of
from accounts.refusals import NotHere
from accounts.step_up import View, fresh

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def for_staff(view: View) -> View:
    """The page is not there for students and people at home, for whom nothing is ever a second lock."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.user, User) and not needs_second_factor(request.user):
            raise NotHere()
        return view(request, *args, **kwargs)

    return guarded


@login_not_required
@never_cache
@GET_OR_POST
def forgot_password(request: HttpRequest) -> HttpResponse:
    """«Wachtwoord vergeten?», for staff. For every address the same answer."""
    form = OwnMailForm(request.POST or None, request=request, action="reset_password")
    form.fields["email"].label = _("Uw mailadres")
    sent = request.method == "POST" and form.is_valid()
    if sent:
        staff_links.ask(form.cleaned_data["email"])
    return render(request, "accounts/forgot_password.html", {"form": form, "sent": sent})


@method_decorator([login_not_required, never_cache], name="dispatch")
class NewPassword(PasswordResetFromKeyView):
    """The link of an invitation or of «vergeten»; its key leaves the address. Other sessions end."""

    template_name = "accounts/new_password.html"

    def form_valid(self, form: Any) -> HttpResponse:
        sessions.end_all_of(self.reset_user)
        response: HttpResponse = super().form_valid(form)
        return response


@method_decorator([login_not_required, never_cache], name="dispatch")
class SecondStep(AuthenticateView):
    """A code of the app, an emergency code, or a passkey: after the password."""

    template_name = "mfa/authenticate.html"


@for_staff
@require_safe
def second_step(request: HttpRequest) -> HttpResponse:
    """Where staff without a second step come first, whatever page they asked for."""
    user = who_is_in(request)
    if second_factor.has_one(user) and not second_factor.is_missing(request):
        return redirect("own_login")
    return render(request, "accounts/second_factor.html", {"home": home_of(user)})


@method_decorator([for_staff, fresh], name="dispatch")
class NewApp(AfterAdding, ActivateTOTPView):
    template_name = "mfa/totp/activate_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = dict(super().get_context_data(**kwargs))
        context["qr"], context["qr_size"] = drawing_of(context["totp_url"])
        return context

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        second_factor.set_up(self.request)
        sessions.renew(self.request)
        return response


@method_decorator([for_staff, fresh], name="dispatch")
class RemoveApp(NeverTheLast, DeactivateTOTPView):
    template_name = "mfa/totp/deactivate_form.html"


@method_decorator([for_staff, fresh, never_cache], name="dispatch")
class EmergencyCodes(ViewRecoveryCodesView):
    template_name = "mfa/recovery_codes/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        home = home_of(who_is_in(self.request))
        return dict(super().get_context_data(**kwargs)) | {"home": home, "back_url": reverse("own_login")}


@method_decorator([for_staff, fresh], name="dispatch")
class NewEmergencyCodes(GenerateRecoveryCodesView):
    template_name = "mfa/recovery_codes/generate.html"
