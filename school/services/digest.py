"""The daily mail: «er staat iets nieuws voor je klaar», at most one a day, never what, whose or why (contract, rule 9).

Only who has something new since they last came, and did not say stop. Who works at a school finds a day that matters in
the same mail. A morning that was missed is caught up. What must be heard at once goes by itself
(intake/services/mail.py): a link, a code, and that something one read was changed or ended.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.languages import language_of
from accounts.models import Membership, Role, Student, User
from consent import news as consent_news
from consent.models import Reply
from intake.models import CoachMoment, MailDay, Remark, TalkNote, WarmTalk
from intake.services import after, mailday, news, signals
from passport.suggestions import undecided
from school import reference
from school.reference import Moment

log = logging.getLogger("paspoort.mail")
NEWS = timedelta(days=7)  # so long a missed morning is caught up; what was in a mail is in none after it
BATCH = 500
AT_SCHOOL = {Role.MENTOR, Role.COUNSELLOR}
TO_STUDENT = _("Er staat iets nieuws voor je klaar")
TO_STUDENT_TEXT = _(
    "Er staat iets nieuws voor je klaar. Log in om het te zien:\n{address}\n\n"
    "In deze mail staat met opzet niets anders.\n\nWil je deze mail niet meer? Tik hier:\n{stop}"
)
TO_OTHERS = _("Er staat iets nieuws voor u klaar")
TO_OTHERS_TEXT = _(
    "Er staat iets nieuws voor u klaar. Log in om het te zien:\n{address}\n\n"
    "In deze mail staat met opzet niets anders.\n\nWilt u deze mail niet meer? Tik hier:\n{stop}"
)
# To staff alone, so in Dutch.
DATE, DATE_TEXT, NO_MORE = "Een dag om te onthouden", "{day}: {about}", "Wilt u deze mail niet meer? Tik hier:\n{stop}"


def send_digests() -> int:
    """Mails everybody who has news or a day to remember; returns how many.

    One mail holds both. May run twice: the day is claimed before a mail goes.
    """
    days = _days_to_tell()
    sent = sum(send_digest(user, is_news=True, days=days.pop(user.pk, ())) for user in _with_news())
    only_days = _mailable().filter(pk__in=list(days))
    return sent + sum(send_digest(user, is_news=False, days=days[user.pk]) for user in only_days)


def tell(user_id: UUID) -> bool:
    """The mail of today for somebody of whom something was changed; False for who may have none, or had it."""
    user = _mailable().filter(pk=user_id).first()
    return user is not None and send_digest(user, is_news=True, days=())


def send_digest(user: User, *, is_news: bool, days: Sequence[Moment]) -> bool:
    """The one mail of today, in the language this person keeps; False when they had it or it could not be sent."""
    before = MailDay.objects.filter(user=user).values_list("last_at", flat=True).first()
    if not mailday.claim_day(user):
        return False
    with translation.override(language_of(user)):
        subject, body = _words(user, is_news, days)
    if _post(user, subject, body):
        return True
    mailday.give_back(user, before)
    return False


# --- Who ---------------------------------------------------------------------------------------------------


def _with_news() -> Iterator[User]:
    """Who may have mail and has something new since they last logged in or had a mail."""
    yield from _mailable().filter(student__in=_students_with_news())
    yield from _mailable().filter(pk__in=list(after.to_remind()))
    yield from _to_whom_something_came()


def _to_whom_something_came() -> Iterator[User]:
    """Who can read, or is asked, something since they last logged in or had a mail: set-wise, whoever and how many."""
    came = _newest_since(timezone.now() - NEWS)
    pks = list(came)
    for start in range(0, len(pks), BATCH):
        for user in _mailable().filter(pk__in=pks[start : start + BATCH]).select_related("mail_day"):
            seen = [user.last_login, user.mail_day.last_at if hasattr(user, "mail_day") else None]
            if all(at is None or at < came[user.pk] for at in seen):
                yield user


def _newest_since(moment: datetime) -> dict[UUID, datetime]:
    """When something last came for somebody, by log-in: a share, a question at home, a sign, a word of a college."""
    sources = (consent_news.newest_shares, consent_news.newest_asks, signals.newest_since, news.newest_since)
    found: dict[UUID, datetime] = {}
    for source in sources:
        for user_id, at in source(moment).items():
            found[user_id] = max(at, found.get(user_id, at))
    return found


def _mailable() -> QuerySet[User]:
    found = User.objects.filter(is_active=True).exclude(email="").exclude(mail_day__stopped_at__isnull=False)
    return found.exclude(mailday.had_mail_today())


def _students_with_news() -> QuerySet[Student]:
    """Set-wise: a reply, note, remark, talk, suggestion or word of a coach since they last came or had a mail.

    Nothing is opened.
    """
    since = timezone.now() - NEWS
    found = Q(pk__in=[])
    suggested = undecided().filter(student=OuterRef("pk"))
    by_share = ((Reply, "at"), (TalkNote, "created_at"), (Remark, "at"), (WarmTalk, "updated_at"))
    kinds = [(model._default_manager.filter(share__student=OuterRef("pk")), moment) for model, moment in by_share]
    met = CoachMoment.objects.filter(tie__student=OuterRef("pk"))
    for rows, moment in (*kinds, (suggested, "created_at"), (met, "created_at")):
        known = [Coalesce(OuterRef(name), since) for name in ("user__last_login", "user__mail_day__last_at")]
        found |= Q(Exists(rows.filter(*(Q(**{f"{moment}__gt": one}) for one in (since, *known)))))
    return Student.objects.filter(found, frozen_at=None)


def _days_to_tell() -> dict[UUID, list[Moment]]:
    """Who works at a school and had no mail since the day to remind of it: every mail from then on named it."""
    found: dict[UUID, list[Moment]] = {}
    staff = Membership.objects.current().filter(role__in=AT_SCHOOL).values("user")
    for one in reference.moments():
        if one.reminds(timezone.localdate()):
            untold = Q(mail_day__last_at=None) | Q(mail_day__last_at__lt=one.reminds_from)
            for pk in _mailable().filter(untold, pk__in=staff).values_list("pk", flat=True):
                found.setdefault(pk, []).append(one)
    return found


# --- What --------------------------------------------------------------------------------------------------


def _words(user: User, is_news: bool, days: Sequence[Moment]) -> tuple[str, str]:
    """Subject and text: the public sentence of a day first, then that there is news."""
    lines = [DATE_TEXT.format(day=f"{one.on:%d-%m-%Y}", about=one.text) for one in days]
    if not is_news:
        subject, last = DATE, NO_MORE
    elif user.is_student:
        subject, last = gettext(TO_STUDENT), gettext(TO_STUDENT_TEXT)
    else:
        subject, last = gettext(TO_OTHERS), gettext(TO_OTHERS_TEXT)
    return subject, "\n\n".join([*lines, last.format(address=settings.BASE_URL, stop=mailday.stop_link(user))])


def _post(user: User, subject: str, body: str) -> bool:
    """With the one tap to stop for the mail program too (RFC 8058)."""
    stop = mailday.stop_link(user)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    try:
        return bool(EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email], headers=headers).send())
    except OSError:
        log.warning("mail_failed", extra={"event": "mail"})
        return False
