"""How somebody from home, or a student with an address of their own, comes in: with a code in a mail.

Nobody hears who is known here (contract, rule 4).

The library's own flow keeps the code and the typed address readable in the session, and mails inside the request, so
that the clock tells a known address from an unknown one. Here the session holds one random id, and a worker mails.
"""

import hmac
import logging
from datetime import timedelta
from uuid import UUID, uuid4

from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import own_mail, vault
from accounts.entrance import needs_second_factor
from accounts.invitations import person_at_home
from accounts.languages import language_of
from accounts.mailed_code import six_digits
from accounts.models import MailCode, User

log = logging.getLogger("paspoort.mail")
LASTS = timedelta(minutes=15)
MOST_WRONG = 3


def ask(*, email: str) -> UUID:
    """Asks for a code and wakes the worker; for an unknown address the same work, and a row that leads to nobody.

    Returns the id of the request, for the session. The caller limits how often.
    """
    student, parent = own_mail.student_of(email), person_at_home(email)
    # Who has one mailbox for two log-ins comes in as the parent: that opens the less.
    row = MailCode(guardian=parent.guardian) if parent else MailCode(student=student)
    return put(row)


def put(row: MailCode) -> UUID:
    """Keeps a request, drops those that are over, and wakes the worker that mails."""
    MailCode.objects.filter(made_at__lt=timezone.now() - LASTS).delete()
    row.save()
    _wake(row.pk)
    return row.pk


def send(code_id: UUID) -> bool:
    """Mails the code of a request to the address as it is kept, and with intent nothing else (contract, rule 9)."""
    row = _alive(code_id)
    code = _code_of(row) if row else ""
    address = _address_of(row) if row else ""
    if row is None or not code or not address:
        return False
    owner = row.student or row.guardian
    with translation.override(language_of(owner.user if owner else User())):
        text = render_to_string("emails/student_code.txt" if row.student else "emails/login_code.txt", {"code": code})
        subject = _("Je code") if row.student else _("Uw code")
    try:
        return bool(send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [address]))
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False


def is_open(code_id: UUID) -> bool:
    """Whether a code can still be typed for this request, also when no mail went out."""
    return _alive(code_id) is not None


def try_code(*, code_id: UUID, typed: str, confirms: bool = False) -> User | None:
    """Who comes in when this is the code, or whose address it proves; it works once. Three wrong ones end it."""
    row = _alive(code_id)
    if row is None or row.confirms is not confirms:
        return None
    code, user = _code_of(row), _user_of(row)
    said = "".join(typed.split()).encode("ascii", "replace").decode()
    right = hmac.compare_digest(code or "-", said) and bool(code)
    with transaction.atomic():
        there = MailCode.objects.select_for_update(no_key=True).filter(pk=row.pk, wrong_codes__lt=MOST_WRONG).first()
        if there is None:
            return None
        if right and user:
            there.delete()
            return user
        there.wrong_codes += 1
        there.save(update_fields=["wrong_codes"])
    return None


def _alive(code_id: UUID) -> MailCode | None:
    rows = MailCode.objects.filter(pk=code_id, made_at__gte=timezone.now() - LASTS, wrong_codes__lt=MOST_WRONG)
    return rows.select_related("guardian__user", "student__user").first()


def _user_of(row: MailCode) -> User | None:
    owner = row.guardian or row.student
    return owner.user if owner else None


def _address_of(row: MailCode) -> str:
    """Where the code goes: the address as it is kept, never as somebody typed it at the door."""
    if row.student:
        return own_mail.waiting_of(row.student.user) if row.confirms else own_mail.address_of(row.student.user)
    return row.guardian.user.email if row.guardian else ""


def _code_of(row: MailCode) -> str:
    """The six digits, from the person's key and this row; empty for who may not come in this way (any more)."""
    person = row.guardian or row.student
    owner = person.pk if person else uuid4()
    key = vault.open_keys([owner]).get(owner)
    user = _user_of(row) or User()
    if needs_second_factor(user) or not user.is_active or key is None:
        return ""
    # A code for a new address is of that address alone: another one typed since makes another code.
    proves = _address_of(row).encode() if row.confirms else b""
    return six_digits(key.mac("log-in code", row.pk.bytes + proves))


def _wake(code_id: UUID) -> None:
    try:
        current_app.send_task("accounts.tasks.send_mail_code", args=[str(code_id)])
    except Exception:
        log.warning("broker_down", extra={"event": "mail"})
