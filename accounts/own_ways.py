"""Whether somebody has a way in of their own, one that nobody at school can give or take; and what waits without one.

With one, only the student switches a PIN on, from inside: a card and a PIN made at school open nothing. Without one,
whoever has the card first chooses the PIN, and that could be the wrong person. So nothing that lasts comes of it at
once: no new way in, no export and no erasing for a day, and no long log-in for a week (docs/asvs.md).
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Badge, Student, User
from accounts.refusals import Refusal

NOTHING_BIG = timedelta(days=1)
NO_LONG_LOGIN = timedelta(days=7)
NOT_YET = "School maakte net een kaart of een pincode voor je. Wacht 24 uur. Dan kan dit wel."


def own_way(user: str) -> Q:
    """For a query: whether the user at this path proved an address, has a passkey or tied a log-in of a school.

    A password counts too, not in the demo: there everybody knows it.
    """
    owner = OuterRef(user)
    passkeys = Authenticator.objects.filter(user=owner, type=Authenticator.Type.WEBAUTHN)
    found = (
        Q(Exists(EmailAddress.objects.filter(user=owner, verified=True)))
        | Q(Exists(passkeys))
        | Q(Exists(SocialAccount.objects.filter(user=owner)))
    )
    if settings.DEMO:
        return found
    usable = User.objects.filter(pk=owner).exclude(password="").exclude(password__startswith="!")  # noqa: S106
    return found | Q(Exists(usable))


def has_own_way(student: Student) -> bool:
    """Whether this student can come in without the card."""
    return Student.objects.filter(own_way("user"), pk=student.pk).exists()


def with_own_way(users: Iterable[UUID]) -> set[UUID]:
    """Which of these users can come in without a card, in one query."""
    return set(User.objects.filter(own_way("pk"), pk__in=list(users)).values_list("pk", flat=True))


def is_new(student: Student, within: timedelta) -> bool:
    """Whether school made a card or took a PIN away so lately, for a student without a way in of their own."""
    since = timezone.now() - within
    acts = Q(made_at__gt=since) | Q(pin_reset_at__gt=since)
    return Badge.objects.filter(acts, ~own_way("student__user"), student=student).exists()


def refuse_new(student: Student) -> None:
    """Raises Refusal for what lasts, in the first day after the school acted on the card."""
    if is_new(student, NOTHING_BIG):
        raise Refusal("card_new", NOT_YET, status=409)


def may_stay(student: Student) -> bool:
    """Whether a long log-in («eigen telefoon») may begin: not in the first week after the school acted on the card."""
    return not is_new(student, NO_LONG_LOGIN)
