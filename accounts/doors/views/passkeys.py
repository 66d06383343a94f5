"""Passkeys, for everybody: adding one, taking one away, and coming in with one. The only pages that need a script."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import second_factor, sessions, staff_links
from accounts.doors.entering import after
from accounts.doors.views.second_locks import AfterAdding, NeverTheLast
from accounts.entrance import needs_second_factor, who_is_in
from accounts.models import User
from accounts.own_ways import refuse_new
from accounts.step_up import fresh


@method_decorator([login_not_required, never_cache], name="dispatch")
class PasskeyLogIn(LoginWebAuthnView):
    """The challenge (GET, for the script) and the answer (POST)."""

    def form_valid(self, form: Any) -> HttpResponse:
        return after(self.request, super().form_valid(form))

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.warning(self.request, _("Inloggen met deze passkey lukte niet. Kies een andere manier."))
        return redirect("account_login")


@method_decorator(fresh, name="dispatch")
class NewPasskey(AfterAdding, AddWebAuthnView):
    template_name = "mfa/webauthn/add_form.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.user, User) and request.user.is_student:
            refuse_new(request.user.student)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = auth.begin_registration(self.request.user, True)
        back = reverse("own_login")
        return {"form": self.get_form(), "js_data": {"creation_options": options}, "back_url": back, **kwargs}

    def form_valid(self, form: Any) -> HttpResponse:
        user = who_is_in(self.request)
        name = second_factor.MFAAdapter().generate_authenticator_name(user, Authenticator.Type.WEBAUTHN)
        if not needs_second_factor(user):
            # Emergency codes are for who has a second lock; for a student this is a door.
            auth.WebAuthn.add(user, name, form.cleaned_data["credential"])
            staff_links.tell_changed(user)
            response = redirect("own_login")
        else:
            form.cleaned_data["name"] = name
            response = super().form_valid(form)
        second_factor.set_up(self.request)
        sessions.renew(self.request)
        messages.success(self.request, _("Bewaard. Inloggen kan nu ook met een passkey."))
        return response


@method_decorator(fresh, name="dispatch")
class RemovePasskey(NeverTheLast, RemoveWebAuthnView):
    template_name = "mfa/webauthn/authenticator_confirm_delete.html"


class PasskeyOnceMore(ReauthenticateWebAuthnView):
    """«Ben jij het nog?» with a passkey."""

    template_name = "mfa/webauthn/reauthenticate.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        sessions.renew(self.request)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        messages.warning(self.request, _("Dat lukte niet. Probeer het nog een keer."))
        return redirect("account_reauthenticate")


def may_use_passkeys(request: HttpRequest) -> bool:
    """Browsers keep passkeys only for a site with https, and for localhost."""
    return request.is_secure() or request.get_host().partition(":")[0] == "localhost"
