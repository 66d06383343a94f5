"""Coming in at school: a card with a QR, and a PIN that only the student knows.

What other rooms call (`student` is a Student, `by` the User who acts):

    make_badge(student, by=user) -> str              the token of a first card, once: print it, it is kept nowhere
    make_badges(students, by=user) -> {id: str}      the same for a class in a few statements; who has a card is skipped
    replace_badge(student, by=user) -> str           a new card; the old one is dead at once, PIN and wrong tries stay
    reset_pin(student, by=user) -> None              «nieuwe pincode»: the student chooses one within the hour
    check(token, pin) -> Result                      one try; see Result
    choose_pin(token, pin) -> Student                the student's own first or new PIN
    state_of(students) -> {student id: BadgeState}   what a class page may show: has a card, has a PIN, is closed
    link_to(token) -> str                            the address for the QR;  grouped(token) for who types it over

`by` is a mentor of the student's class or a coordinator of that school today, else NotHere. Nobody of the school sets
or sees a PIN (ASVS 5.0, 6.4.6). A lock is on the card, never on the account: other ways in keep working.
Who has a way in of their own (accounts/own_ways.py) chooses a PIN only from inside: before that a card is OFF.
From the day after the last day in a class a card is DEAD, like one that never was; the page `keep_passport` says so.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts import vault
from accounts.models import Badge, Membership, Role, Student, User
from accounts.own_ways import has_own_way, own_way
from accounts.pins import refuse_weak
from accounts.refusals import NotHere, Refusal
from accounts.staff_links import tell_changed
from accounts.together import refuse_together

# Crockford's alphabet: no I, L, O or U, so it can be read aloud and typed over. 26 of them are 130 bits.
ALPHABET, LENGTH = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26
LOOKS_LIKE = str.maketrans("OIL", "011")
FIRST_PIN = timedelta(days=30)  # from the day a card is made until its owner first uses it
NEW_PIN = timedelta(hours=1)  # a lesson
# Five tries, then each wrong one costs more; after twenty the mentor has to help. 20 of 10,000: one in 500.
FREE_TRIES, MOST_TRIES = 5, 20
ERASING = "Dit kan nu niet. Vraag het de student zelf."
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(days=1))


class Outcome(StrEnum):
    """What one try with a card came to."""

    IN = "in"
    WRONG = "wrong"
    WAIT = "wait"
    STOPPED = "stopped"  # too often wrong: only a new PIN helps
    CHOOSE = "choose"  # no PIN yet, and now is the moment to choose one
    OFF = "off"  # its student has another way in, and switches the card on from inside
    NO_PIN = "no_pin"  # no PIN, and the moment is over: the mentor gives a new one
    DEAD = "dead"  # no such card (any more)


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    student: Student | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class BadgeState:
    """What the school may know of a log-in card: whether it works."""

    has_card: bool = False
    has_pin: bool = False
    may_choose: bool = False
    is_closed: bool = False


# --- What the school does ----------------------------------------------------------------------------------


def make_badge(student: Student, *, by: User) -> str:
    """Makes somebody's first card. Returns its token, once. Raises NotHere; Refusal for who has one or is leaving."""
    made = make_badges([student], by=by)
    if student.pk not in made:
        _refuse_erasing(student)
    if student.pk not in made:
        raise Refusal("has_badge", "Deze student heeft al een kaart. Maak een nieuwe.", status=409)
    return made[student.pk]


def make_badges(students: Iterable[Student], *, by: User) -> dict[UUID, str]:
    """First cards: {student id: token}, once; who has a card or erases their passport is left out.

    Who has an address hears it. Raises NotHere for any not of `by`.
    """
    asked = {one.pk: one for one in students}
    _must_be_of(asked.values(), by)
    with transaction.atomic():
        without = Student.objects.filter(pk__in=asked, badge=None, erase_after=None).values_list("pk", flat=True)
        tokens = {pk: _new_token() for pk in without}
        until = timezone.now() + FIRST_PIN
        Badge.objects.bulk_create(
            [
                Badge(student_id=pk, token_sha256=digest_of(token), made_by=by, pin_open_until=until)
                for pk, token in tokens.items()
            ],
            batch_size=500,
        )
    for user in User.objects.filter(student__in=tokens).exclude(email=""):
        tell_changed(user)
    return tokens


def replace_badge(student: Student, *, by: User) -> str:
    """A new card for who lost it: from now on the old one opens nothing. Returns the token, once.

    The PIN stays, and so does the count of wrong tries: it is about the PIN, and cards are made in a moment. The
    student hears by mail. Raises NotHere, also for who never had one; Refusal while an erasure waits.
    """
    _must_be_of([student], by)
    _refuse_erasing(student)
    token, now = _new_token(), timezone.now()
    with transaction.atomic():
        badge = Badge.objects.select_for_update().filter(student=student).first()
        if badge is None:
            raise NotHere()
        badge.token_sha256, badge.made_at, badge.made_by = digest_of(token), now, by
        if not badge.pin_hash:
            badge.pin_open_until = now + FIRST_PIN
        badge.save(update_fields=["token_sha256", "made_at", "made_by", "pin_open_until"])
    tell_changed(student.user)
    return token


def reset_pin(student: Student, *, by: User) -> None:
    """«Nieuwe pincode»: the old PIN is gone, and within the hour the student chooses one at the card.

    The mentor neither sets nor sees it. The student reads who did this and when, and with an address of their own hears
    by mail that something changed. Raises NotHere; Refusal while an erasure waits.
    """
    _must_be_of([student], by)
    _refuse_erasing(student)
    now = timezone.now()
    changed = Badge.objects.filter(student=student).update(
        pin_hash="", pin_set_at=None, pin_open_until=now + NEW_PIN, pin_reset_at=now, pin_reset_by=by,
        wrong_pins=0, closed_until=None,
    )  # fmt: skip
    if not changed:
        raise NotHere()
    tell_changed(student.user)


def may_help(student: Student, *, by: User) -> bool:
    """Whether `by` is a mentor of this student's class or a coordinator of that school today."""
    return _not_of([student], by) == set()


def state_of(students: Iterable[Student]) -> dict[UUID, BadgeState]:
    """Per student whether the log-in card works (contract, Roles); the caller may see the class."""
    wanted, now = [one.pk for one in students], timezone.now()
    found = {
        one.student_id: BadgeState(
            has_card=True,
            has_pin=bool(one.pin_hash),
            may_choose=_may_choose(one, now),
            is_closed=one.wrong_pins >= MOST_TRIES or _is_closed(one, now),
        )
        for one in _with_ways(Badge.objects.filter(student__in=wanted))
    }
    return {pk: found.get(pk, BadgeState()) for pk in wanted}


# --- What the student does ---------------------------------------------------------------------------------


def look(token_digest: bytes) -> Result:
    """What the page after a card has to ask: a PIN, a first PIN, or nothing. Opens and counts nothing."""
    badge = _live(token_digest)
    return _before(badge, timezone.now()) if badge else Result(Outcome.DEAD)


def check(token: str, pin: str) -> Result:
    """One try with a card and a PIN: with outcome `in` the student may come in; a wrong PIN counts for this card."""
    return check_digest(digest_of(token), pin)


def check_digest(token_digest: bytes, pin: str) -> Result:
    """`check`, for a page that remembers the digest of a token. The try is counted before the slow hash: no race."""
    with transaction.atomic():
        badge = _live(token_digest, lock=True)
        if badge is None:
            return Result(Outcome.DEAD)
        before = _before(badge, timezone.now())
        if before.outcome is not Outcome.IN:
            return before
        _count(badge)
    if not _is_pin(badge, pin):
        return Result(Outcome.WRONG if badge.closed_until is None else Outcome.WAIT, until=badge.closed_until)
    again = Badge.objects.filter(pk=badge.pk, pin_hash=badge.pin_hash, token_sha256=token_digest)
    if not again.update(wrong_pins=0, closed_until=None):
        return Result(Outcome.DEAD)
    return Result(Outcome.IN, badge.student)


def check_pin_of(student: Student, pin: str) -> bool:
    """Whether this is the PIN of somebody who is in already: the step before something big. Counts like a card does."""
    badge = _at_school().filter(student=student).first()
    return badge is not None and check_digest(bytes(badge.token_sha256), pin).outcome is Outcome.IN


def card_of(student: Student) -> Badge | None:
    """Somebody's own card, for the page of their ways in; who took the PIN away last is on it."""
    return Badge.objects.filter(student=student).select_related("pin_reset_by", "made_by").first()


def has_pin(student: Student) -> bool:
    """Whether somebody can show who they are with a PIN: no longer when school is over."""
    return _at_school().filter(student=student).exclude(pin_hash="").exists()


def may_choose_inside(student: Student) -> bool:
    """Whether somebody who is in may choose another PIN, or switch their card on with a first one."""
    return has_pin(student) or (has_own_way(student) and _at_school().filter(student=student).exists())


def choose_pin(token: str, pin: str) -> Student:
    """The student's own PIN, at the first use of a card or after a reset. Raises Refusal: weak, or not now."""
    return choose_pin_digest(digest_of(token), pin)


def choose_pin_digest(token_digest: bytes, pin: str) -> Student:
    """`choose_pin`, for a page that remembers the digest of a token."""
    badge = _live(token_digest)
    if badge is None or not _may_choose(badge, timezone.now()):
        raise Refusal("not_now", "Je kunt nu geen pincode kiezen. Vraag het je mentor.", status=409)
    hashed = _hash(badge.student, pin)
    # Conditional: who was first with this card chose.
    open_now = Badge.objects.filter(pk=badge.pk, pin_hash="", token_sha256=token_digest)
    if not open_now.update(pin_hash=hashed, pin_set_at=timezone.now(), pin_open_until=None, wrong_pins=0):
        raise Refusal("not_now", "Je kunt nu geen pincode kiezen. Vraag het je mentor.", status=409)
    tell_changed(badge.student.user)
    return badge.student


def change_pin(student: Student, pin: str, *, by: User) -> None:
    """Another PIN, or the one that switches a card on, by the student who just showed the old PIN or another way in.

    Raises NotHere, Refusal.
    """
    if student.user_id != by.pk:
        raise NotHere()
    refuse_together(student)
    if not may_choose_inside(student):
        raise NotHere()
    hashed = _hash(student, pin)
    rows = _at_school().filter(student=student)
    if not rows.update(
        pin_hash=hashed, pin_set_at=timezone.now(), pin_open_until=None, wrong_pins=0, closed_until=None
    ):
        raise NotHere()


# --- Tokens ------------------------------------------------------------------------------------------------


def link_to(token: str) -> str:
    """What the QR says: an address of this site. Capitals where they may be, so that the QR stays small."""
    return settings.BASE_URL + reverse("badge", kwargs={"token": token})


def grouped(token: str) -> str:
    """The token in groups of four or so, for who types it over."""
    return " ".join(token[at : at + 4] for at in range(0, len(token), 4))


def digest_of(typed: str) -> bytes:
    """What is kept of a token; small letters, spaces and look-alikes do not matter."""
    plain = "".join(sign for sign in typed.upper().translate(LOOKS_LIKE) if sign in ALPHABET)
    return hashlib.sha256(b"badge " + plain.encode()).digest()


def _new_token() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


# --- Inside ------------------------------------------------------------------------------------------------


def _at_school() -> QuerySet[Badge]:
    """Cards of who is in a class; a place that begins later counts too, as it does for who makes the card."""
    places = Membership.objects.filter(user=OuterRef("student__user"), role=Role.STUDENT, school_class__isnull=False)
    not_over = places.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()))
    return Badge.objects.filter(Exists(not_over), student__user__is_active=True)


def _with_ways(rows: QuerySet[Badge]) -> QuerySet[Badge]:
    """These cards, each with whether its student has another way in."""
    return rows.annotate(has_own_way=own_way("student__user"))


def _live(token_digest: bytes, *, lock: bool = False) -> Badge | None:
    rows = _with_ways(_at_school()).filter(token_sha256=token_digest).select_related("student__user")
    return (rows.select_for_update(of=("self",)) if lock else rows).first()


def _before(badge: Badge, now: datetime) -> Result:
    """What stands in the way of a try; `in` when nothing does."""
    if not badge.pin_hash and badge.has_own_way:  # type: ignore[attr-defined]  # from _with_ways
        return Result(Outcome.OFF)
    if not badge.pin_hash:
        return Result(Outcome.CHOOSE if _may_choose(badge, now) else Outcome.NO_PIN)
    if badge.wrong_pins >= MOST_TRIES:
        return Result(Outcome.STOPPED)
    if _is_closed(badge, now):
        return Result(Outcome.WAIT, until=badge.closed_until)
    return Result(Outcome.IN)


def _count(badge: Badge) -> None:
    badge.wrong_pins += 1
    past = badge.wrong_pins - FREE_TRIES
    badge.closed_until = timezone.now() + WAITS[min(past, len(WAITS) - 1)] if past >= 0 else None
    badge.save(update_fields=["wrong_pins", "closed_until"])


def _may_choose(badge: Badge, now: datetime) -> bool:
    """With the card alone. Never for who has another way in: whoever made the card would choose the PIN too."""
    if badge.pin_hash or badge.has_own_way:  # type: ignore[attr-defined]  # from _with_ways
        return False
    return badge.pin_open_until is not None and badge.pin_open_until > now


def _is_closed(badge: Badge, now: datetime) -> bool:
    return badge.closed_until is not None and badge.closed_until > now


def _peppered(student: Student, pin: str) -> str:
    """Four digits fall in seconds to who stole the table; not without this student's key, in the other database."""
    return vault.open_key(student.pk).mac("pin", pin.encode()).hex()


def _hash(student: Student, pin: str) -> str:
    refuse_weak(student, pin)
    return make_password(_peppered(student, pin))


def _is_pin(badge: Badge, pin: str) -> bool:
    return check_password(_peppered(badge.student, pin.strip()), badge.pin_hash)


def _refuse_erasing(student: Student) -> None:
    """In the days of regret nobody else makes a way in. The sentence does not say that an erasure waits."""
    if Student.objects.filter(pk=student.pk, erase_after__isnull=False).exists():
        raise Refusal("not_now", ERASING, status=409)


def _must_be_of(students: Iterable[Student], by: User) -> None:
    if _not_of(students, by):
        raise NotHere()


def _not_of(students: Iterable[Student], by: User) -> set[UUID]:
    """The users of these students for whom `by` is no mentor or coordinator. A place that begins later counts too."""
    wanted = {one.user_id for one in students}
    mine = Membership.objects.current().filter(user=by)
    classes = mine.filter(role=Role.MENTOR).values("school_class")
    schools = mine.filter(role=Role.COORDINATOR).values("institution")
    placed = Membership.objects.filter(
        Q(school_class__in=classes) | Q(school_class__institution__in=schools),
        Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()),
        user__in=wanted,
        role=Role.STUDENT,
    )
    return wanted - set(placed.values_list("user_id", flat=True))
