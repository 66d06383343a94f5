"""Our house rules for django-allauth: nobody signs up, and whoever works here needs a second step."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import second_factor, sessions
from accounts.entrance import belongs_to_another, home_of, who_is_in
from accounts.services import start_session
from accounts.staff_links import tell_changed
from accounts.step_up import is_fresh
from accounts.together import end_at_log_out

SAID = {
    "socialaccount/messages/account_connected.txt": gettext_lazy("Gelukt. Inloggen kan nu ook met je school."),
    "socialaccount/messages/account_connected_other.txt": gettext_lazy(
        "Dit lukte niet. Iemand anders gebruikt dit al."
    ),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("Deze naam en dit wachtwoord horen niet bij elkaar."),
        "too_many_login_attempts": gettext_lazy("Je probeerde het te vaak. Wacht vijf minuten. Probeer het dan weer."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from a school, a college or an invitation, never from a form."""
        return False

    def add_message(self, request: HttpRequest, level: int, message_template: str = "", *_a: Any, **_kw: Any) -> None:
        """No «logged in as …»: a name would stand on the first page of a shared screen."""
        if message_template in SAID:
            messages.add_message(request, level, SAID[message_template])

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        start_session(request, user)
        second_factor.note(request, user)
        request.session.set_expiry(0)
        sessions.note(request, user)

    def logout(self, request: HttpRequest) -> None:
        end_at_log_out(request)
        super().logout(request)

    def get_login_stages(self) -> list[str]:
        """One stage: a second step for who works here. For everybody else a passkey is a door, not a lock."""
        return ["accounts.second_factor.SecondFactorStage"]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who came in a moment ago, or showed it once more, is not asked again (accounts/step_up.py)."""
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """One page asks, by whatever way this person has; the passkey's is a page of its own."""
        names = ("account_reauthenticate", "mfa_reauthenticate_webauthn")
        return [{"id": name, "description": "", "url": reverse(name)} for name in names]

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """«Er is iets veranderd aan hoe u inlogt»: from the worker, without an address, a browser or what it was."""
        tell_changed(user)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """An answer that waits on this phone for somebody else goes at the log-in of another (ux.md, 30)."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if belongs_to_another(request, user):
            response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return self._refuse(request, _("Dit account is gestopt. Vraag het op school."))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(who_is_in(request))

    def is_safe_url(self, url: str) -> bool:
        """Only a path of this site: never another host, also not one of our own."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def _refuse(self, request: HttpRequest, sentence: str) -> HttpResponse:
        clear_login(request)
        return render(request, "refusal.html", {"sentence": sentence}, status=403)
