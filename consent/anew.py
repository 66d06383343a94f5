"""Asked again at the end of a school year (contract, Purposes): what ran until then with school or with home.

Once, kindly, in the first months of the new year: a yes starts the screens of sharing with nothing ticked, a no is a
no. Nothing comes back by itself.
"""

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.refusals import NotHere
from consent.given import Called, called, own_shares
from consent.models import RecipientKind, Share, ShareState
from consent.purposes import MAY_BE_EMPTY, end_of_school_year
from consent.recipients import find_recipient
from passport.models import Passport

ASKED_FOR = timedelta(days=153)  # from 1 August to the end of the year


def last_day_before(on: date) -> date:
    """The last day of the school year before the one that a day is in."""
    end = end_of_school_year(on)
    return date(end.year - 1, end.month, end.day)


def to_ask_anew(passport: Passport) -> list[tuple[Share, Called]]:
    """What ended with the school year, was not given anew, and can be: with whom. One query when there is nothing."""
    today, student = timezone.localdate(), passport.student
    ended = last_day_before(today)
    if today > ended + ASKED_FOR or student.frozen_at is not None:
        return []
    rows = own_shares(passport).filter(purpose__in=MAY_BE_EMPTY, valid_until=ended, asked_anew_at=None)
    rows = rows.filter(state__in=[ShareState.EXPIRED, ShareState.ACTIVE])  # the night's work may still have to come
    found: dict[tuple[str, object], tuple[Share, Called]] = {}
    for share in rows:
        recipient = find_recipient(student, share.recipient_kind, share.recipient_id) if share.recipient_id else None
        if recipient is not None and not _is_given_anew(share, ended):
            found.setdefault((share.recipient_kind, share.recipient_id), (share, called(recipient)))
    return list(found.values())


def answer_anew(*, passport: Passport, share_id: object, by: User) -> Share:
    """The student answered, a yes or a no; it is not asked once more. Raises NotHere for what is not asked."""
    if passport.student.user_id != by.pk:
        raise NotHere()
    share = next((share for share, _ in to_ask_anew(passport) if share.pk == share_id), None)
    if share is None:
        raise NotHere()
    alike = {"recipient_kind": share.recipient_kind, "valid_until": share.valid_until, "purpose": share.purpose}
    whom = "institution" if share.recipient_kind == RecipientKind.SCHOOL_TEAM else "person"
    same = passport.student.shares.filter(**alike, **{whom: share.recipient_id}, asked_anew_at=None)
    same.update(asked_anew_at=timezone.now())
    return share


def _is_given_anew(share: Share, ended: date) -> bool:
    rows = Share.objects.filter(student=share.student_id, recipient_kind=share.recipient_kind, purpose=share.purpose)
    return any(one.recipient_id == share.recipient_id for one in rows.filter(valid_until__gt=ended))
