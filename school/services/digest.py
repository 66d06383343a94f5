"""The daily mail: «er staat iets nieuws voor je klaar», at most one a day, never what, whose or why (contract, rule 9).

Only who has something new since they last came, and did not say stop. What must be heard at once goes by itself
(intake/services/mail.py): a link, a code, and that something one read was changed or ended.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Membership, Role, Student, Tie, User
from consent import access
from consent.asked import asked_of
from consent.models import Reply
from intake.models import MailDay, Remark, TalkNote, WarmTalk
from intake.services import mailday
from school import reference

log = logging.getLogger("paspoort.mail")
NEWS = timedelta(days=1)  # older news was in the mail of the day before
AT_SCHOOL = {Role.MENTOR, Role.COUNSELLOR}
TO_STUDENT = "Er staat iets nieuws voor je klaar"
TO_STUDENT_TEXT = (
    "Er staat iets nieuws voor je klaar. Log in om het te zien:\n{address}\n\n"
    "In deze mail staat met opzet niets anders.\n\nWil je deze mail niet meer? Tik hier:\n{stop}"
)
TO_OTHERS = "Er staat iets nieuws voor u klaar"
TO_OTHERS_TEXT = (
    "Er staat iets nieuws voor u klaar. Log in om het te zien:\n{address}\n\n"
    "In deze mail staat met opzet niets anders.\n\nWilt u deze mail niet meer? Tik hier:\n{stop}"
)
DATE, DATE_TEXT = "Een dag om te onthouden", "{day}: {about}\n\nWilt u deze mail niet meer? Tik hier:\n{stop}"


def send_digests() -> int:
    """Mails everybody who has news; returns how many. May run twice: the day is claimed before a mail goes."""
    return sum(_send_news(user) for user in _with_news()) + _remind_of_days()


def _with_news() -> Iterator[User]:
    """Who may have mail and has something new since they last logged in, or in the last day."""
    yield from _mailable().filter(student__in=_students_with_news())
    at_work = Membership.objects.current().values("user")
    at_home = Tie.objects.current().filter(confirmed_at__isnull=False).values("person")
    for user in _mailable().filter(Q(pk__in=at_work) | Q(pk__in=at_home), student=None).iterator(chunk_size=200):
        if _is_news_for(user):
            yield user


def _mailable() -> QuerySet[User]:
    found = User.objects.filter(is_active=True).exclude(email="").exclude(mail_day__stopped_at__isnull=False)
    return found.exclude(mailday.had_mail_today())


def _students_with_news() -> QuerySet[Student]:
    """Set-wise: a reply, a note, a remark or a talk since they last came or had a mail. Nothing of it is opened."""
    since = timezone.now() - NEWS
    found = Q(pk__in=[])
    for model, moment in ((Reply, "at"), (TalkNote, "created_at"), (Remark, "at"), (WarmTalk, "updated_at")):
        rows = model._default_manager.filter(share__student=OuterRef("pk"), **{f"{moment}__gt": since})
        known = (Coalesce(OuterRef(name), since) for name in ("user__last_login", "user__mail_day__last_at"))
        found |= Q(Exists(rows.filter(*(Q(**{f"{moment}__gt": one}) for one in known))))
    return Student.objects.filter(found, frozen_at=None)


def _is_news_for(user: User) -> bool:
    """Something that was shared with this person, or asked of them, since they last came."""
    since = _since(user)
    if access.open_shares(user).filter(released_at__gt=since).exists():
        return True
    return any(one.waits and one.share.created_at > since for one in asked_of(user))


def _since(user: User) -> datetime:
    """When this person was last up to date: they came, they had a mail, or a day ago."""
    mailed = MailDay.objects.filter(user=user).values_list("last_at", flat=True).first()
    return max(one for one in (timezone.now() - NEWS, user.last_login, mailed) if one)


def _send_news(user: User) -> bool:
    subject, text = (TO_STUDENT, TO_STUDENT_TEXT) if user.is_student else (TO_OTHERS, TO_OTHERS_TEXT)
    return _send(user, subject, text, address=settings.BASE_URL)


def _remind_of_days() -> int:
    """A day that matters is coming: to who works at a school, with the public sentence alone."""
    coming = [one for one in reference.moments() if one.reminds(timezone.localdate())]
    if not coming:
        return 0
    staff = Membership.objects.current().filter(role__in=AT_SCHOOL).values("user")
    one = coming[0]
    day = f"{one.on:%d-%m-%Y}"
    return sum(_send(user, DATE, DATE_TEXT, day=day, about=one.text) for user in _mailable().filter(pk__in=staff))


def _send(user: User, subject: str, text: str, **said: str) -> bool:
    """One mail, with the one tap to stop in the text and for the mail program (RFC 8058)."""
    if not mailday.claim_day(user):
        return False
    stop = mailday.stop_link(user)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    body = text.format(stop=stop, **said)
    try:
        return bool(EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email], headers=headers).send())
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False
