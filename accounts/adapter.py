"""Our house rules for django-allauth: nobody signs up, and without a demo staff need a second factor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.services import start_session


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from a school, a college or an invitation, never from a form."""
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        start_session(request, user)

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Outside the demo staff may not come in with a password alone, so until a second factor is there: no."""
        if not settings.DEMO and not user.is_student and not hasattr(user, "guardian"):
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)
