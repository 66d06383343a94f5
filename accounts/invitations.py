"""How somebody becomes a student's guardian: asked by student or school, and by their own yes (contract, rule 10).

The link in the mail proves nothing: its page mails a code to the same address, and only who types that code learns who
asks. Their yes makes the log-in and the tie. That gives no say yet: authority the school records apart
(accounts/services.py:record_authority). Every no is the same no: never existed, answered, too old, too often wrong.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import vault
from accounts.entrance import AT_HOME, needs_second_factor
from accounts.identity import AgeBand, age_band, guardian_name, identity_of
from accounts.languages import language_of, offered
from accounts.mailed_code import mailed_code, try_mailed_code
from accounts.models import Guardian, Invitation, Membership, Role, Student, Tie, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of, make_guardian, school_team

log = logging.getLogger("paspoort.people")
TO_FIELD = "accounts.Invitation.sealed_to"
TOKEN_BYTES = 16  # 128 bits: nobody guesses one
KEPT = timedelta(days=14)
CODE_AGAIN = timedelta(minutes=1)
MOST_WRONG = 5  # in all, so that a link in the wrong hands is worth nothing
MOST_OPEN = 4  # at the same time, for one student


@dataclass(frozen=True, slots=True)
class InvitedTo:
    """What stands sealed in an invitation. Personal: never in a log."""

    email: str = field(repr=False)
    label: str = field(repr=False)
    token: str = field(repr=False)
    language: str = ""  # as the inviter knows it; empty when they do not


@dataclass(frozen=True, slots=True)
class Pupil:
    """A student as their own school knows them: name and class (contract, Roles)."""

    student: Student
    name: str = field(repr=False)
    class_name: str


@dataclass(frozen=True, slots=True)
class AtHome:
    """A guardian or representative as the student knows them."""

    name: str = field(repr=False)
    label: str
    has_authority: bool


# --- Who may ask -------------------------------------------------------------------------------------------


def kind_by(by: User, student: Student, key: vault.Key) -> Tie.Kind:
    """As what this person may invite somebody for this student today.

    The student asks guardians. The school team asks them too while the student is under 16, and of an adult the
    representative; from 16 the student decides alone. Others at school check the authority, so that nobody does both.
    Raises NotHere for everybody else; Refusal `decides_alone`.
    """
    if by.pk == student.user_id:
        return Tie.Kind.GUARDIAN
    if not _is_school_team(by, student):
        raise NotHere()
    kind = _asked_by_school(student, key)
    if kind is None:
        sentence = "Deze student is 16 of 17 en nodigt zelf iemand uit."
        raise Refusal("decides_alone", sentence, status=409, field="student")
    return kind


def pupils_of(by: User) -> list[Pupil]:
    """The students for whom somebody of a school may ask: of their class, or of the whole school; by name."""
    mine = Membership.objects.current().filter(user=by)
    classes = mine.filter(role=Role.MENTOR).values("school_class")
    schools = mine.filter(role=Role.COUNSELLOR).values("institution")
    here = Membership.objects.current().filter(role=Role.STUDENT, user__is_active=True)
    here = here.filter(school_class__in=classes) | here.filter(school_class__institution__in=schools)
    here = here.select_related("user__student", "school_class").distinct()
    rows: list[tuple[Any, Student]] = [(row, row.user.student) for row in here if row.user.is_student]
    keys = vault.open_keys({student.pk for _, student in rows})
    found = {
        row.user_id: Pupil(student, identity_of(student, keys[student.pk]).full_name, row.school_class.name)
        for row, student in rows
        if student.pk in keys
    }
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.class_name))


def may_invite(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places works at a school in a role that may ask guardians; opens nothing."""
    return any(one.role == Role.COUNSELLOR or (one.role == Role.MENTOR and one.school_class_id) for one in mine)


# --- Asking ------------------------------------------------------------------------------------------------


def invite(*, student: Student, key: vault.Key, email: str, label: str, by: User, language: str = "") -> Invitation:
    """Asks somebody. The caller cleaned both texts, and sends the mail. Raises NotHere; Refusal at `email`.

    `language`: in which to write to them, when the inviter knows; one that is not offered counts as unknown.

    The school is not told who is at home already: that person is just asked again, and a yes changes nothing.
    """
    kind = kind_by(by, student, key)
    address = email.strip()
    if address.casefold() == student.user.email.casefold():
        raise Refusal("own_email", "Dit is het adres van de student zelf.", field="email")
    if address.casefold() == by.email.casefold():
        raise Refusal("own_email", "Dit is uw eigen adres.", field="email")
    if by.pk == student.user_id and _is_home(student, address, kind):
        raise Refusal("already_home", "Deze persoon hoort er al bij.", status=409, field="email")
    # What the other side asked is nothing this side hears of.
    open_now = [one for one in waiting_for([student]) if is_by_school(one) == (by.pk != student.user_id)]
    if any(opened(one, key).email.casefold() == address.casefold() for one in open_now):
        raise Refusal("already_invited", "Deze persoon is al uitgenodigd.", status=409, field="email")
    if len(open_now) >= MOST_OPEN:
        raise Refusal("too_many", "Er zijn nu genoeg mensen uitgenodigd. Haal er eerst een weg.", status=409)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = Invitation(student=student, kind=kind, invited_by=by, token_sha256=_digest(token))
    known = {one.code for one in offered(to_student=False)}
    content = {"email": address, "label": label, "token": token, "language": language if language in known else ""}
    row.sealed_to = key.seal(content, field=TO_FIELD, row=row.pk)
    row.save(force_insert=True)
    return row


def waiting_for(students: Iterable[Student]) -> QuerySet[Invitation]:
    """The invitations that can still be answered, oldest first."""
    rows = _alive().filter(student__in=list(students))
    return rows.select_related("student", "invited_by").order_by("created_at", "pk")


def people_at_home(student: Student) -> list[AtHome]:
    """Who said yes before, as the student knows them; whose key is gone has no name."""
    ties = Tie.objects.current().filter(student=student, kind__in=AT_HOME, confirmed_at__isnull=False)
    rows = list(ties.select_related("person__guardian").order_by("confirmed_at"))
    guardians = {row.pk: row.person.guardian for row in rows if hasattr(row.person, "guardian")}
    keys = vault.open_keys(one.pk for one in guardians.values())
    names = {pk: guardian_name(one, keys[one.pk]) for pk, one in guardians.items() if one.pk in keys}
    return [AtHome(names.get(row.pk, ""), row.label, row.authority_checked_at is not None) for row in rows]


def opened(invitation: Invitation, key: vault.Key) -> InvitedTo:
    """To whom an invitation goes. Raises Tampered or Shredded."""
    return InvitedTo(**key.open(invitation.sealed_to, field=TO_FIELD, row=invitation.pk))


def language_for(invitation: Invitation, key: vault.Key) -> str:
    """In which language to write to the invited: their own when they are known here, else what the inviter said.

    Empty when nobody knows, or when it is offered no more.
    """
    to = opened(invitation, key)
    known = person_at_home(to.email)
    if known is not None:
        return language_of(known)
    return to.language if to.language in {one.code for one in offered(to_student=False)} else ""


def take_back(*, invitation_id: UUID, by: User) -> None:
    """Takes an invitation back: the student any of them, the school team what the school asked. Raises NotHere."""
    row = _alive().select_related("student__user", "invited_by").filter(pk=invitation_id).first()
    if row is None:
        raise NotHere()
    if by.pk != row.student.user_id and not (is_by_school(row) and _is_school_team(by, row.student)):
        raise NotHere()
    row.delete()


def is_by_school(invitation: Invitation) -> bool:
    """Whether the school asked. Whom a student asks at home is nothing the school hears of."""
    return invitation.invited_by_id != invitation.student.user_id


# --- Answering ---------------------------------------------------------------------------------------------


def find_invitation(token: str) -> tuple[Invitation, vault.Key]:
    """The invitation with this token while it can be answered, and the student's key. Changes nothing. NotHere."""
    return _with_key(_alive().filter(token_sha256=_digest(token)))


def get_invitation(invitation_id: UUID) -> tuple[Invitation, vault.Key]:
    """The same by its id, for a browser session that found it before, and for the worker. Raises NotHere."""
    return _with_key(_alive().filter(pk=invitation_id))


def make_code(invitation: Invitation) -> bool:
    """From now on another code counts; False when one was made a minute ago. The caller mails it."""
    now = timezone.now()
    if invitation.code_made_at and now - invitation.code_made_at < CODE_AGAIN:
        return False
    return Invitation.objects.filter(pk=invitation.pk).update(code_made_at=now) == 1


def code_of(invitation: Invitation, key: vault.Key) -> str:
    """The six digits that count now; empty when there are none. They follow from the key, so they are kept nowhere."""
    return mailed_code(invitation, key, "invitation code")


def try_code(*, invitation_id: UUID, typed: str) -> bool:
    """Whether this is the code that was mailed; it works once. Too many wrong ones and the invitation is gone.

    Raises NotHere.
    """
    _, key = get_invitation(invitation_id)
    return try_mailed_code(_alive().filter(pk=invitation_id), lambda row: code_of(row, key), typed)


def asks_name(invitation: Invitation, key: vault.Key) -> bool:
    """Whether a yes makes a new log-in, which needs a name."""
    return person_at_home(opened(invitation, key).email) is None


def accept(*, invitation_id: UUID, name: str = "") -> User:
    """The yes: the log-in of a guardian, made when there is none with this address, and the tie. Returns who it is.

    The caller proved the code. Raises NotHere, also for whoever answers second; Refusal without a name.
    """
    row, key = get_invitation(invitation_id)
    to = opened(row, key)
    own = None
    if person_at_home(to.email) is None:
        if not name:
            raise Refusal("no_name", "Schrijf op hoe u heet.", field="name")
        own = vault.create_key(uuid4())  # before the transaction: it is of another database
    try:
        user = _said_yes(row, key, to, name, own)
    finally:
        if own and not Guardian.objects.filter(pk=own.owner).exists():
            vault.shred(own.owner)
    log.info("guardian_accepted", extra={"event": "guardian_accepted"})
    return user


def decline(*, invitation_id: UUID) -> None:
    """The no: nothing was made, and nothing is left. Twice is no error."""
    Invitation.objects.filter(pk=invitation_id).delete()


def drop_old_invitations() -> int:
    """Drops what nobody answered in two weeks or can answer any more; returns how many."""
    dead = Invitation.objects.exclude(pk__in=_alive().values("pk"))
    return dead.delete()[0]


def person_at_home(email: str) -> User | None:
    """The guardian who comes in with a code at this address; never somebody who needs a second factor."""
    rows = User.objects.filter(email__iexact=email, is_active=True, guardian__isnull=False).order_by("date_joined")
    asked = list(rows) or [User()]  # for nobody as many queries as for somebody: the clock tells nothing
    return next((one for one in asked if email and not needs_second_factor(one)), None)


# --- The parts ---------------------------------------------------------------------------------------------


def _is_school_team(by: User, student: Student) -> bool:
    school_class = class_of(student)
    return school_class is not None and school_team(school_class).filter(pk=by.pk).exists()


def _alive() -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(created_at__gt=timezone.now() - KEPT, wrong_codes__lt=MOST_WRONG)
    return rows.filter(student__user__is_active=True)


def _with_key(rows: QuerySet[Invitation]) -> tuple[Invitation, vault.Key]:
    row = rows.select_related("student__user", "invited_by").first()
    key = vault.open_keys([row.student_id]).get(row.student_id) if row else None
    if row is None or key is None:
        raise NotHere()
    if is_by_school(row) and row.kind != _asked_by_school(row.student, key):
        raise NotHere()  # since it was sent there was a birthday
    return row, key


def _asked_by_school(student: Student, key: vault.Key) -> Tie.Kind | None:
    """As what the school may ask somebody for this student today; None at 16 and 17."""
    band = age_band(identity_of(student, key).born)
    if band is AgeBand.FROM_16:
        return None
    return Tie.Kind.REPRESENTATIVE if band is AgeBand.ADULT else Tie.Kind.GUARDIAN


def _digest(token: str) -> bytes:
    """A token is kept hashed; 128 random bits need no salt."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _is_home(student: Student, email: str, kind: str) -> bool:
    known = person_at_home(email)
    ties = Tie.objects.current().filter(student=student, kind=kind, confirmed_at__isnull=False)
    return known is not None and ties.filter(person=known).exists()


@transaction.atomic
def _said_yes(row: Invitation, key: vault.Key, to: InvitedTo, name: str, own: vault.Key | None) -> User:
    """All of a yes or nothing of it, one at a time for an address and for a student. Raises NotHere."""
    _one_at_a_time(to.email)
    there = Student.objects.select_for_update(no_key=True).filter(pk=row.student_id).first()
    if there is None or not Invitation.objects.filter(pk=row.pk).delete()[0]:
        raise NotHere()
    user = person_at_home(to.email)
    if user is None:
        if own is None:
            raise NotHere()
        user = User.objects.create_user(f"thuis-{secrets.token_hex(6)}", email=to.email)
        make_guardian(user=user, name=name, key=own)
    _tie(row, user, to.label)
    for other in Invitation.objects.filter(student=row.student_id, kind=row.kind):
        if opened(other, key).email.casefold() == to.email.casefold():
            other.delete()
    return user


def _one_at_a_time(email: str) -> None:
    """Two students may ask the same new address: who says yes twice at once waits, and becomes one person.

    There is no row to lock yet, so on PostgreSQL it is a lock on a digest; SQLite writes one by one anyway.
    """
    if connection.vendor == "postgresql":
        digest = hashlib.sha256(b"at home " + email.casefold().encode()).digest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


def _tie(row: Invitation, user: User, label: str) -> None:
    """Somebody who comes back has no authority by what the school checked before (contract, rule 10).

    Their tie is another row: a yes that was given in the one of before stays closed. Who is there already stays as
    they are, whoever asked them once more.
    """
    ties = Tie.objects.filter(student=row.student, person=user, kind=row.kind)
    if ties.current().filter(confirmed_at__isnull=False).exists():
        return
    now = {"confirmed_at": timezone.now(), "starts_on": timezone.localdate(), "ends_on": None, "label": label}
    fields = now | {"authority_checked_at": None, "invited_by": row.invited_by}
    ties.filter(ends_on=None).delete()  # never confirmed, or not begun: nothing hangs on it
    Tie.objects.create(student=row.student, person=user, kind=row.kind, **fields)
