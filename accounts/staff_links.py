"""The link with which staff choose a password: in an invitation, or after «wachtwoord vergeten». A second step follows.

The library mails such a link inside the request, so that the clock tells who is known; here a worker does.
"""

import logging
from uuid import UUID, uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.entrance import needs_second_factor
from accounts.languages import language_of
from accounts.models import User
from accounts.refusals import NotHere

log = logging.getLogger("paspoort.mail")


def start_link(user: User) -> str:
    """The address to choose a password at: three days, once, and dead after a log-in. Raises NotHere for no staff.

    For the mail alone: whoever has it and the mailbox comes in, and still sets a second step.
    """
    if not _is_staff(user):
        raise NotHere()
    kwargs = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=kwargs)


def invite(user: User) -> None:
    """Mails new staff their first link, by the worker."""
    _wake(user.pk)


def ask(email: str) -> None:
    """«Wachtwoord vergeten»: for an unknown address the same work, and an id that leads to nobody."""
    found = (
        User.objects.filter(email__iexact=email.strip(), is_active=True, student=None).order_by("date_joined").first()
    )
    _wake(found.pk if found else uuid4())


def send(user_id: UUID) -> bool:
    """Mails the link to the address as it is kept."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None or not _is_staff(user):
        return False
    with translation.override(language_of(user)):
        return _post(user.email, _("Uw wachtwoord"), "emails/staff_link.txt", {"link": start_link(user)})


def send_changed(user_id: UUID) -> bool:
    """«Er is iets veranderd aan hoe u inlogt»: to who has an address, and not what (ASVS 5.0, 6.3.7)."""
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return False
    return _say_changed(user, user.email)


def tell_old_address(user: User, address: str) -> bool:
    """The same mail to an address that is about to go. Sent at once: afterwards nobody knows that address any more."""
    return bool(address) and _say_changed(user, address)


def tell_changed(user: User) -> None:
    """Wakes the worker for that mail; a broker that is down stops nobody."""
    _wake(user.pk, "accounts.tasks.send_login_changed")


def _say_changed(user: User, address: str) -> bool:
    template = "emails/student_login_changed.txt" if user.is_student else "emails/login_changed.txt"
    with translation.override(language_of(user)):
        return _post(address, _("Inloggen is veranderd"), template, {})


def _post(address: str, subject: str, template: str, context: dict[str, object]) -> bool:
    try:
        text = render_to_string(template, context)
        return bool(send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address]))
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False


def _is_staff(user: User) -> bool:
    return needs_second_factor(user)


def _wake(user_id: UUID, task: str = "accounts.tasks.send_staff_link") -> None:
    try:
        current_app.send_task(task, args=[str(user_id)])
    except Exception:
        log.warning("broker_down", extra={"event": "mail"})
