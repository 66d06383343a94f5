"""Where somebody is logged in: a list for themselves, and an end to it. No address and no browser's name is kept."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import badges
from accounts.models import Student, User
from accounts.refusals import NotHere

log = logging.getLogger("paspoort.people")
NO_ADDRESS = "0.0.0.0"  # noqa: S104  # nosec B104  # the library's table wants one
DEVICES = ("iPhone", "iPad", "Android", "CrOS", "Windows", "Macintosh", "Linux")
IN_WORDS = {"CrOS": "Chromebook", "Macintosh": "Mac"}


@dataclass(frozen=True, slots=True)
class OwnSession:
    id: int
    device: str
    since: datetime
    is_here: bool


def note(request: HttpRequest, user: User) -> None:
    """Writes down a log-in: on what kind of device and since when. Rows of sessions that ended go."""
    UserSession.objects.purge_and_list(user)
    key = request.session.session_key or ""
    known = {"user": user, "ip": NO_ADDRESS, "user_agent": device_of(request)}
    UserSession.objects.update_or_create(session_key=key, defaults=known)


def renew(request: HttpRequest) -> None:
    """A new id for this session, after somebody showed once more who they are (ASVS 5.0, 7.2.4)."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def device_of(request: HttpRequest) -> str:
    said = request.headers.get("User-Agent", "")
    known = next((one for one in DEVICES if one in said), "")
    return IN_WORDS.get(known, known)


def sessions_of(request: HttpRequest, user: User) -> list[OwnSession]:
    """Where this person is logged in now, newest first."""
    here = request.session.session_key
    rows = sorted(UserSession.objects.purge_and_list(user), key=lambda one: one.created_at, reverse=True)
    return [
        OwnSession(one.pk, one.user_agent or _("Een apparaat"), one.created_at, one.session_key == here) for one in rows
    ]


def end_session(session_id: int, *, by: User) -> None:
    """«Log daar uit», for one's own sessions. Raises NotHere."""
    row = UserSession.objects.filter(pk=session_id, user=by).first()
    if row is None:
        raise NotHere()
    row.end()


def end_other_sessions(request: HttpRequest, user: User) -> int:
    """Everywhere but here: after a new PIN or password, or with one tap. Returns how many."""
    rows = UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key or "")
    return _end(rows)


def end_sessions(student: Student, *, by: User) -> int:
    """Everywhere: a mentor of the class or a coordinator of the school for a student, or the student. Returns how many.

    Raises NotHere.
    """
    if by.pk != student.user_id and not badges.may_help(student, by=by):
        raise NotHere()
    ended = end_all_of(student.user)
    log.info("sessions_ended", extra={"event": "sessions_ended", "count": ended})
    return ended


def end_all_of(user: User) -> int:
    """Everywhere, without asking who wants it: for services that asked already."""
    return _end(UserSession.objects.filter(user=user))


def _end(rows: Iterable[UserSession]) -> int:
    found = list(rows)
    for one in found:
        one.end()
    return len(found)
