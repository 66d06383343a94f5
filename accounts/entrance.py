"""Who comes in through which door, and which page is theirs first."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Role, Tie, User
from accounts.own_ways import may_stay
from accounts.refusals import NotHere
from accounts.services import roles_of

WITHOUT_READING = {Role.COORDINATOR, Role.REGION}
AT_HOME = {Tie.Kind.GUARDIAN, Tie.Kind.REPRESENTATIVE}
PERSONAL = {Role.STUDENT, Role.GUARDIAN, Role.BUDDY, Tie.Kind.REPRESENTATIVE}
DEVICE_COOKIE, DEVICE_DAYS = "__Host-device" if settings.HTTPS else "device", 365


def who_is_in(request: HttpRequest) -> User:
    """The logged-in person; for pages that LoginRequiredMiddleware guards."""
    if not isinstance(request.user, User):
        raise NotHere()
    return request.user


def home_of(user: User) -> str:
    """The first page after logging in, by what somebody is today."""
    if user.is_student:
        return "/vandaag/"
    roles = set(roles_of(user))
    if Role.INTAKER in roles:
        return "/intake/"
    if Role.MENTOR in roles and at_school(user).exists():
        return "/klas/"
    if is_at_home(user) and not roles - PERSONAL:
        return "/thuis/"
    if Role.COORDINATOR in roles and not roles - WITHOUT_READING:
        return "/beheer/"
    return "/gedeeld/" if roles - WITHOUT_READING or hasattr(user, "guardian") else "/welkom/"


def is_at_home(user: User) -> bool:
    """Whether somebody has a page for what a student asks at home: a guardian, or an adult's representative."""
    return hasattr(user, "guardian") or ties_at_home(user).exists()


def ties_at_home(user: User | UUID, on: date | None = None) -> QuerySet[Tie]:
    """The confirmed ties by which somebody is at home with a student on a day (today)."""
    ties: QuerySet[Tie] = Tie.objects.current(on).filter(person=user, kind__in=AT_HOME, confirmed_at__isnull=False)
    return ties


def at_school(user: User | UUID, on: date | None = None) -> QuerySet[Membership]:
    """What makes that somebody has a class to see on a day (today): mentor of one, or counsellor of a school."""
    rows: QuerySet[Membership] = Membership.objects.current(on).filter(user=user)
    return rows.filter(Q(role=Role.MENTOR, school_class__isnull=False) | Q(role=Role.COUNSELLOR))


def needs_second_factor(user: User) -> bool:
    """Whoever works for a school, a college or the site; also when they are a parent or a student too."""
    works = user.is_superuser or bool(set(roles_of(user)) - PERSONAL)
    return works or not (user.is_student or hasattr(user, "guardian"))


def roles_in_words(user: User) -> list[str]:
    """What somebody is here today, as people say it."""
    labels = dict(Role.choices) | dict(Tie.Kind.choices)
    words = [str(labels[role]) for role in roles_of(user)]
    return [*words, str(_("Beheerder van de website"))] if user.is_superuser else words


# --- «Is dit jouw eigen telefoon?» --------------------------------------------------------------------------


def remembered_device(request: HttpRequest) -> str:
    """What this student said about this browser before: own, shared, or empty when they never did."""
    try:
        who, kind = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE)
    except (signing.BadSignature, ValueError):
        return ""
    return str(kind) if who == account_mark(who_is_in(request)) else ""


def is_own_device(request: HttpRequest) -> bool:
    """Whether this student called this browser their own, and this session lasts as it does there."""
    return request.session.get("kind") == "own" and remembered_device(request) == "own"


def belongs_to_another(request: HttpRequest, user: User) -> bool:
    """Whether somebody else called this browser their own: what waits in it is not for this person."""
    try:
        who, _kind = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE)
    except (signing.BadSignature, ValueError):
        return False
    return bool(who != account_mark(user))


def remember_device(response: HttpResponse, user: User, kind: str) -> None:
    """Keeps the answer in this browser under a mark that tells nobody who it is. «Stop voor nu» wipes it."""
    value = signing.dumps([account_mark(user), kind], salt=DEVICE_COOKIE)
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=DEVICE_DAYS * 86400,
        httponly=True,
        samesite="Lax",
        secure=settings.HTTPS,
    )


def set_device(request: HttpRequest, kind: str) -> None:
    """Lets this session last as fits the device (settings.SESSION_LIMITS); never touches when it began.

    In the week after the school acted on a card it lasts as on a device of others (accounts/own_ways.py).
    """
    user = who_is_in(request)
    if kind == "own" and user.is_student and not may_stay(user.student):
        kind = "shared"
    request.session["kind"] = kind
    request.session.set_expiry(None if kind == "own" else 0)


def account_mark(user: User) -> str:
    """Tells whether two pages are of the same account, and to nobody else which account that is."""
    return salted_hmac(DEVICE_COOKIE, str(user.pk)).hexdigest()[:32]
