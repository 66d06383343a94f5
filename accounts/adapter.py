"""Our house rules for django-allauth: nobody signs up, and without a demo staff need a second factor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.entrance import belongs_to_another, home_of, needs_second_factor, who_is_in
from accounts.services import start_session


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": gettext_lazy("Deze naam en dit wachtwoord horen niet bij elkaar."),
        "too_many_login_attempts": gettext_lazy("Je probeerde het te vaak. Wacht vijf minuten. Probeer het dan weer."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from a school, a college or an invitation, never from a form."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """No «logged in as …»: a name would stand on the first page of a shared screen."""

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        start_session(request, user)
        request.session.set_expiry(0)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Outside the demo no staff with a password alone, not until a second factor is there."""
        if not settings.DEMO and needs_second_factor(user):
            sentence = _("Voor uw account is een wachtwoord alleen niet genoeg. De tweede stap is er nog niet.")
            return self._refuse(request, sentence)
        return super().pre_login(request, user, **kwargs)

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
