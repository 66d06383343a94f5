"""What every page that adds or takes away a second step does the same way."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _

from accounts import second_factor


class AfterAdding:
    """With the first second step come emergency codes; then the page of one's ways in."""

    did_generate_recovery_codes: bool

    def get_success_url(self) -> str:
        return reverse("mfa_view_recovery_codes" if self.did_generate_recovery_codes else "own_login")


class NeverTheLast:
    """Taking one away, while enough is left."""

    request: HttpRequest
    success_url = reverse_lazy("own_login")

    def form_valid(self, form: Any) -> HttpResponse:
        if not second_factor.may_remove(self.request):
            messages.warning(self.request, _("U hebt een tweede stap nodig. Stel eerst een andere in."))
            return redirect("own_login")
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # a mixin
        return response
