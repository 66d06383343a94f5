"""Mail without content: that something changed or will go, never what, whose or why (contract, rule 9)."""

import logging
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from accounts.models import User
from consent import ledger
from consent.models import LedgerEntry, Share

log = logging.getLogger("paspoort.mail")
CHANGED = "Er is iets veranderd in uw postvak"
CHANGED_TEXT = "Log in om te kijken wat er nog in staat:\n{address}\n\nIn deze mail staat met opzet niets anders."
GOING = "Wil je dit houden?"
GOING_TEXT = (
    "Je bent hier al een tijd niet geweest. Daarom wissen we over 30 dagen alles wat over jou gaat.\n\n"
    "Wil je het houden? Log dan in. Ga naar Instellingen en dan naar «Mijn gegevens». Tik op «Niet wissen».\n"
    "{address}\n\nDoe je niets? Dan gaat het vanzelf weg."
)


def tell_recipients_soon(share: Share) -> None:
    """After the commit, and by the worker: nobody waits for a mail server. A broker that is down costs the mail."""
    share_id = str(share.pk)
    transaction.on_commit(lambda: _wake("intake.tasks.tell_recipients", share_id), robust=True)


def tell_recipients(share_id: UUID) -> int:
    """Mails everybody who opened a share that something changed; returns how many. Needs no row of the share."""
    looks = LedgerEntry.objects.filter(share_id=share_id, event=ledger.Event.LOOK)
    readers = User.objects.filter(pk__in=looks.values("actor_id"), is_active=True, student=None).exclude(email="")
    for reader in readers:
        _send(reader, CHANGED, CHANGED_TEXT)
    return len(readers)


def tell_leaver_soon(student_id: UUID) -> None:
    _wake("intake.tasks.tell_leaver", str(student_id))


def tell_leaver(student_id: UUID) -> bool:
    """Mails a former student that the passport will go; False when there is no address or no wish to erase."""
    user = User.objects.filter(student=student_id, student__erase_after__isnull=False).first()
    return user is not None and bool(user.email) and _send(user, GOING, GOING_TEXT)


def _send(user: User, subject: str, text: str) -> bool:
    try:
        body = text.format(address=settings.BASE_URL)
        return bool(send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email]))
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False


def _wake(task: str, one: str) -> None:
    try:
        current_app.send_task(task, args=[one])
    except Exception:
        log.warning("broker_down", extra={"event": "mail"})
