"""Standing still and going away: freeze, days of regret, erase, and erasing again after a restore.

Erasing goes in this order, and every step may run again after a crash: a line on the erasure list, the keys
destroyed, the shares ended in the ledger, the files gone, the rows gone (house.md, "Two databases, keys first").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import erasure, vault
from accounts.models import Guardian, Membership, Student, Tie, User
from accounts.own_ways import refuse_new
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together
from consent import access, ledger
from consent.ledger import Event
from consent.models import Reply, Share, ShareState
from intake.models import Handover
from intake.services import agreement_keeping, mail, retention
from intake.services.handovers import void_handovers

REGRET = timedelta(days=7)


# --- Standing still ----------------------------------------------------------------------------------------


@transaction.atomic
def freeze(*, student: Student, by: User) -> Student:
    """Nobody reads from the next request on; the keys and what was written stay. Every file made is void.

    Who looked gets the same mail as at an end.
    """
    locked = _own(student, by)
    if locked.frozen_at is None:
        locked.frozen_at = timezone.now()
        locked.save(update_fields=["frozen_at"])
        for share in Share.objects.live().filter(student=locked):
            mail.tell_recipients_soon(share)
    _void_files(locked)
    return locked


@transaction.atomic
def unfreeze(*, student: Student, by: User) -> Student:
    """Whoever had a share reads again; files come back only by a new handover. Raises Refusal on waiting days."""
    locked = _own(student, by)
    if locked.erase_after is not None:
        raise Refusal("erasing", "We wissen je paspoort al. Stop dat eerst.", status=409)
    locked.frozen_at = None
    locked.save(update_fields=["frozen_at"])
    return locked


# --- Days of regret ----------------------------------------------------------------------------------------


@transaction.atomic
def ask_to_erase(*, student: Student, by: User) -> Student:
    """Starts the seven days of regret; everything stands still meanwhile. Asking twice never makes it later."""
    refuse_new(student)
    locked = freeze(student=student, by=by)
    due = timezone.now() + REGRET
    locked.erase_after = min(locked.erase_after or due, due)
    locked.save(update_fields=["erase_after"])
    return locked


def keep_passport(*, student: Student, key: vault.Key, by: User) -> Student:
    """Takes an erasing back. What stood still stays so: only the student's own next tap opens it again.

    Raises Refusal when it is over: from 27 on a former student cannot keep it any longer.
    """
    if not retention.lets_keep(student, key):
        raise Refusal("too_long", "Dit kan niet langer blijven. Download het, dan heb je het zelf.", status=409)
    with transaction.atomic():
        locked = _own(student, by)
        locked.erase_after = None
        locked.save(update_fields=["erase_after"])
    return locked


def erase_due() -> int:
    """Erases everybody whose days of regret are over, and whoever an earlier run left half erased."""
    due = list(Student.objects.filter(erase_after__lte=timezone.now()).values_list("pk", flat=True))
    for student_id in due:
        erase_student(student_id)
    return len(due)


# --- Erasing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaving:
    """All that goes with one student: ids alone, so that it can be worked out again after a crash."""

    student: Student
    guardians: tuple[Guardian, ...]

    @property
    def owners(self) -> list[UUID]:
        """Whose keys are destroyed."""
        people = [self.student.pk, *(guardian.pk for guardian in self.guardians)]
        # What the college signed is its own and stays; what nobody signed goes (docs/decisions/0016).
        return [*people, *agreement_keeping.keys_of_unsigned(self.student)]

    @property
    def users(self) -> list[UUID]:
        """Whose log-in goes. A guardian who also works here keeps theirs."""
        people = [guardian.user_id for guardian in self.guardians]
        working = set(Membership.objects.filter(user__in=people).values_list("user", flat=True))
        working |= set(Student.objects.filter(user__in=people).values_list("user", flat=True))
        return [self.student.user_id, *(one for one in people if one not in working)]

    @property
    def shares(self) -> QuerySet[Share]:
        """The student's own, and what others share with somebody who goes."""
        return Share.objects.filter(Q(student=self.student) | Q(person__in=self.users))


def erase_student(student_id: UUID, by: User | None = None) -> date:
    """Erases a student and the guardians who are here for nobody else. Cannot be undone. Repeatable.

    Returns the day from which no backup can bring it back. A student who is gone already is no error.
    """
    now = timezone.now()
    student = Student.objects.filter(pk=student_id).first()
    if student is not None:
        if by is not None and by.pk == student.user_id:
            refuse_together(student)
            refuse_new(student)
        # First of all, so that the timer finishes what a crash leaves halfway.
        Student.objects.filter(pk=student_id).update(erase_after=now, frozen_at=student.frozen_at or now)
        leaving = Leaving(student, tuple(_only_for(student)))
        erasure.write_down(leaving.owners)
        _destroy_keys(leaving.owners)
        _end_shares(leaving, by)
        _destroy_files(leaving)
        _delete_rows(leaving)
    return erasure.gone_from(timezone.localdate(now))


def replay_erasures() -> int:
    """Erases everybody on the erasure list again, after a restore. Returns how many were left. Repeatable.

    Whose key was destroyed belongs on that list as well: the key database remembers it, should the list be lost.
    """
    erasure.write_down(_destroyed_and_here())
    left = list(dict.fromkeys([*erasure.left_in("keys"), *erasure.left_in("default")]))
    _destroy_keys(left)
    students = Student.objects.filter(pk__in=left).values_list("pk", flat=True)
    for student_id in list(students):
        erase_student(student_id)
    for guardian in Guardian.objects.filter(pk__in=left):
        _delete_guardian(guardian)
    return len(left)


def _destroyed_and_here() -> list[UUID]:
    gone = vault.destroyed()
    here = [*Student.objects.values_list("pk", flat=True), *Guardian.objects.values_list("pk", flat=True)]
    return [owner for owner in here if owner in gone]


def _only_for(student: Student) -> QuerySet[Guardian]:
    """The guardians with a tie to this student and to nobody else, ever."""
    others = Tie.objects.exclude(student=student)
    here = Tie.objects.filter(student=student).values("person")
    return Guardian.objects.filter(user__in=here).exclude(user__in=others.values("person"))


def _destroy_keys(owners: Iterable[UUID]) -> None:
    for owner in owners:
        vault.shred(owner)
    vault.scrub()


@transaction.atomic
def _end_shares(leaving: Leaving, by: User | None) -> None:
    """Closes every open share with its entry in the ledger. It needs no key: the entry names no unit."""
    Student.objects.select_for_update(no_key=True).get(pk=leaving.student.pk)
    shares = leaving.shares.filter(state__in=[ShareState.ACTIVE, ShareState.AWAITING_GUARDIAN])
    for share in shares.select_for_update(no_key=True):
        own = share.student_id == leaving.student.pk
        share.state = ShareState.WITHDRAWN if own else ShareState.EXPIRED
        share.ended_at, share.release = timezone.now(), share.release + 1
        share.save(update_fields=["state", "ended_at", "release"])
        access.close_door(share)
        void_handovers(share)
        event = Event.WITHDRAWN if own else Event.EXPIRED
        ledger.record(event, share=share, actor=by if own else None)
        mail.tell_recipients_soon(share)


def _destroy_files(leaving: Leaving) -> None:
    rows = Handover.objects.filter(share__in=leaving.shares).exclude(file="")
    for handover_id, name in list(rows.values_list("pk", "file")):
        default_storage.delete(name)
        Handover.objects.filter(pk=handover_id).update(status=Handover.Status.VOID, file="", code_sha256=None)


@transaction.atomic
def _delete_rows(leaving: Leaving) -> None:
    """Everything that hangs on the student goes in one transaction, with the log-ins and their sessions."""
    users = leaving.users
    agreement_keeping.delete_unsigned(leaving.shares)
    leaving.shares.delete()
    leaving.student.delete()
    for guardian in leaving.guardians:
        guardian.delete()
    _delete_users(users)


@transaction.atomic
def _delete_guardian(guardian: Guardian) -> None:
    """A guardian whose student is gone: the row, and the log-in unless they work here."""
    works = Membership.objects.filter(user=guardian.user_id).exists()
    user_id = guardian.user_id
    guardian.delete()
    if not works:
        _delete_users([user_id])


def _delete_users(users: Iterable[UUID]) -> None:
    users = list(users)
    # What they wrote back to others goes with its writer.
    Reply.objects.filter(by__in=users).delete()
    for user_id in users:
        Group.objects.filter(name__endswith=f":{user_id}").delete()
    User.objects.filter(pk__in=users).delete()
    _delete_sessions({str(user_id) for user_id in users})


def _delete_sessions(users: set[str]) -> None:
    """A session names its user inside its signed data, so each is looked into."""
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get(SESSION_KEY) in users:
            session.delete()


# --- The parts ---------------------------------------------------------------------------------------------


def _own(student: Student, by: User) -> Student:
    """The student's row, locked. Raises NotHere for anybody else, Refusal while somebody sits beside the student."""
    if student.user_id != by.pk:
        raise NotHere()
    locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
    refuse_together(locked)
    return locked


def _void_files(student: Student) -> None:
    for share in Share.objects.filter(student=student, state=ShareState.ACTIVE):
        void_handovers(share)
