"""A student's own address to log in with: also when school is over. The student adds it, proves it and takes it away.

The rows are django-allauth's `EmailAddress`; a log-in address is readable (contract, rule 6), and nothing but a code
and «er is iets» goes to it.
"""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts import staff_links
from accounts.models import MailCode, Student, User
from accounts.refusals import NotHere
from accounts.together import refuse_together


def student_of(email: str) -> Student | None:
    """The student who proved this address; None for anybody else's."""
    rows = EmailAddress.objects.filter(email=email.strip().lower(), verified=True, user__is_active=True)
    row = rows.exclude(user__student=None).select_related("user__student").first()
    return row.user.student if row else None


def address_of(user: User) -> str:
    """The address a student proved; empty without one."""
    row = EmailAddress.objects.filter(user=user, verified=True).first()
    return row.email if row else ""


def waiting_of(user: User) -> str:
    """The address a student typed and did not prove yet."""
    row = EmailAddress.objects.filter(user=user, verified=False).order_by("-pk").first()
    return row.email if row else ""


def remove(*, by: User) -> None:
    """Takes the address away, everywhere; its mailbox hears it first (ASVS 5.0, 6.3.7).

    Raises NotHere, for who has none too.
    """
    if by.is_student:
        refuse_together(by.student)
        staff_links.tell_old_address(by, address_of(by))
    gone = EmailAddress.objects.filter(user=by).delete()[0] if by.is_student else 0
    if not gone:
        raise NotHere()
    User.objects.filter(pk=by.pk).update(email="")


def drop_unproved(before: timedelta = timedelta(days=1)) -> int:
    """Addresses that were typed and never proved go, with the nightly work. Returns how many."""
    asked = MailCode.objects.filter(confirms=True, made_at__gte=timezone.now() - before).values("student__user")
    return int(EmailAddress.objects.filter(verified=False).exclude(user__in=asked).delete()[0])
