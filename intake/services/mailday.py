"""Mail that can wait: one a day at most for one person, and none once they said stop."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Student, User
from accounts.refusals import NotHere
from intake.models import MailDay

SALT = "intake.mail.stop"


def had_mail_today() -> Q:
    """Users who had a mail today that could wait (in Amsterdam), for a query on MailDay's user."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Q(mail_day__last_at__gte=today)


@transaction.atomic
def claim_day(user: User) -> bool:
    """Takes this person's one mail of today; False when it was taken. Two workers never both get it."""
    row, _ = MailDay.objects.get_or_create(user=user)
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    free = MailDay.objects.filter(Q(last_at=None) | Q(last_at__lt=today), pk=row.pk)
    return bool(free.update(last_at=timezone.now()))


def give_back(user: User, before: datetime | None) -> None:
    """The mail of today could not be sent: what it would have told is still to be told."""
    MailDay.objects.filter(user=user).update(last_at=before)


def wants_mail(user: User) -> bool:
    """Whether somebody did not say stop."""
    return not MailDay.objects.filter(user=user, stopped_at__isnull=False).exists()


def set_wish(*, user: User, on: bool) -> None:
    """Turns the daily mail on or off. Off is off for «Er is gekeken» too: one tap stops all that can wait."""
    MailDay.objects.update_or_create(user=user, defaults={"stopped_at": None if on else timezone.now()})
    if not on:
        Student.objects.filter(user=user).update(mail_on_look=False)


def stop_link(user: User) -> str:
    """The address of the one tap: signed, of nobody's name, and it can only stop."""
    return f"{settings.BASE_URL}{reverse('mail_stop', args=[signing.dumps(str(user.pk), salt=SALT)])}"


def whose(token: str) -> User:
    """The person a stop link is of. Raises NotHere for any other token."""
    try:
        user = User.objects.filter(pk=UUID(signing.loads(token, salt=SALT)), is_active=True).first()
    except (signing.BadSignature, ValueError, TypeError):
        raise NotHere() from None
    if user is None:
        raise NotHere()
    return user
