"""A student adds an address of their own to log in with, and proves it with a code (accounts/own_mail.py)."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import mail_codes, staff_links
from accounts.models import MailCode, User
from accounts.own_mail import address_of, waiting_of
from accounts.own_ways import refuse_new
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together

TAKEN = "Dit adres hoort hier al bij iemand anders. Kies een adres dat alleen van jou is."


def ask_for(email: str, *, by: User) -> UUID:
    """Mails a code to a new address, also to one that is somebody else's: nobody hears that yet. Raises NotHere.

    Returns the id of the request, for the session. The caller limits how often.
    """
    if not by.is_student:
        raise NotHere()
    refuse_together(by.student)
    refuse_new(by.student)
    address = email.strip().lower()
    if address == address_of(by):
        raise Refusal("same", "Dit adres heb je al.", status=409, field="email")
    with transaction.atomic():
        EmailAddress.objects.filter(user=by, verified=False).delete()
        EmailAddress.objects.create(user=by, email=address, verified=False, primary=False)
    return mail_codes.put(MailCode(student=by.student, confirms=True))


def confirm(code_id: UUID, typed: str, *, by: User) -> bool:
    """Whether this was the code of the address that waits. Then it is the way in, in the place of an older one.

    The older one hears first that something changed (ASVS 5.0, 6.3.7). Raises Refusal when somebody else here has it:
    who reads the mailbox may know that.
    """
    refuse_together(by.student)
    refuse_new(by.student)
    email, old = waiting_of(by), address_of(by)
    if not email or mail_codes.try_code(code_id=code_id, typed=typed, confirms=True) != by:
        return False
    others = User.objects.filter(email__iexact=email).exclude(pk=by.pk)
    if others.exists() or EmailAddress.objects.filter(email=email, verified=True).exclude(user=by).exists():
        raise Refusal("taken", TAKEN, status=409, field="email")
    staff_links.tell_old_address(by, old)
    try:
        with transaction.atomic():
            waiting = EmailAddress.objects.select_for_update(no_key=True).filter(user=by, email=email, verified=False)
            if waiting.first() is None:  # another address was typed at this very moment
                return False
            EmailAddress.objects.filter(user=by, verified=True).delete()
            waiting.update(verified=True, primary=True)
            User.objects.filter(pk=by.pk).update(email=email)
    except IntegrityError:
        raise Refusal("taken", TAKEN, status=409, field="email") from None
    return True
