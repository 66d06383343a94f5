"""What the pages of all readers share: who reads, and «Gelezen», the short answer they can send back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent.services import write_reply
from intake.reader_forms import ReplyForm


def reader_of(request: HttpRequest) -> User:
    """Who is logged in: without one the log-in page came first (LoginRequiredMiddleware)."""
    if not isinstance(request.user, User):
        raise NotHere()
    return request.user


def send_reply(form: ReplyForm, share_id: UUID, request: HttpRequest) -> bool:
    """Sends a reply when it is good; else the form tells what is wrong. Raises NotHere."""
    if not form.is_valid():
        return False
    try:
        write_reply(share_id=share_id, text=form.cleaned_data["reply"], by=reader_of(request))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        form.add_error("reply", refusal.sentence)
        return False
    messages.success(request, _("Uw antwoord is verstuurd."))
    return True
