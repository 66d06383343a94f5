"""«Sleutels voor andere systemen», for staff: make one, see it once, take it away."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import staff_links, step_up, tokens
from accounts.doors.token_forms import TokenForm
from accounts.entrance import who_is_in
from accounts.models import User
from accounts.refusals import Refusal

GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


def for_makers(view: step_up.View) -> step_up.View:
    """The page is not there for who can make none, also when they would have to show who they are first."""

    @wraps(view)
    def guarded(request: HttpRequest) -> Any:
        if isinstance(request.user, User):
            tokens.may_make_or_404(request.user)
        return view(request)

    return guarded


@require_safe
def own_tokens(request: HttpRequest) -> HttpResponse:
    """One's own keys, with what each may do, until when, and when it was last used."""
    user = who_is_in(request)
    rows = tokens.tokens_of(user)
    if not rows:
        tokens.may_make_or_404(user)
    context = {"rows": rows, "may_make": bool(tokens.scopes_for(user)), "back_url": reverse("settings")}
    return render(request, "accounts/tokens.html", context)


@for_makers
@step_up.fresh
@never_cache
@GET_OR_POST
def own_token_new(request: HttpRequest) -> HttpResponse:
    """Makes one, by who just showed who they are; the key stands on the answer and nowhere else."""
    user = who_is_in(request)
    form = TokenForm(request.POST or None, scopes=tokens.may_make_or_404(user))
    context = {"form": form, "back_url": reverse("own_tokens")}
    if request.method == "POST" and form.is_valid():
        try:
            row, key = tokens.make_token(by=user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, refusal.sentence)
        else:
            staff_links.tell_changed(user)
            return render(request, "accounts/token_made.html", {"row": row, "key": key})
    return render(request, "accounts/token_new.html", context, status=400 if form.errors else 200)


@require_POST
def own_token_revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Takes one away: it stops at the next request."""
    user = who_is_in(request)
    tokens.revoke(tokens.get_token_or_404(token_id, user), by=user)
    messages.success(request, "De sleutel is weg. Hij werkt niet meer.")
    return redirect("own_tokens" if tokens.scopes_for(user) or tokens.tokens_of(user) else "settings")
