"""A birth date that was wrong: what follows from the right one, in the same transaction (contract, rule 10)."""

import logging
from collections.abc import Sequence
from datetime import date

from celery import current_app
from django.db import transaction

from accounts import vault
from accounts.identity import AgeBand, age_band, identity_of, with_birth_date
from accounts.models import Membership, Role, Student, Tie, User
from accounts.refusals import Refusal
from accounts.services import school_of
from consent.models import Share
from consent.services import WAITS_FOR_A_GUARDIAN, ask_guardian_after_all
from intake.models import CoachSignal
from intake.services import hearing, sharing

log = logging.getLogger("paspoort.mail")


def correct_birth_date(*, student: Student, key: vault.Key, born: date, by: User) -> list[Share]:
    """Saves the right birth date and closes what may not be open any more; returns the shares that wait now.

    Only a coordinator of the school the student is at today: no class list changes a date it knows. Raises Refusal.
    """
    school = school_of(student)
    runs = Membership.objects.current().filter(user=by, role=Role.COORDINATOR, institution=school)
    if school is None or not runs.exists():
        raise Refusal("not_the_school", "Alleen de school van deze student verandert dit.", status=403)
    before = age_band(identity_of(student, key).born)
    with transaction.atomic():
        locked = Student.objects.select_for_update(no_key=True).get(pk=student.pk)
        locked.sealed_identity = with_birth_date(locked, key, born)
        locked.save(update_fields=["sealed_identity"])
        waiting = close_what_was_alone(student=locked, key=key, before=before, by=by)
    if before is not age_band(born):
        tell_soon([student])
    return waiting


def close_what_was_alone(*, student: Student, key: vault.Key, before: AgeBand, by: User) -> list[Share]:
    """After another birth date, in its transaction: what somebody under 16 may not do alone stops now.

    `before`: how old they were by the date that was wrong.
    Shares outside school wait for a guardian, nobody hears how it goes any more, and no coach has a sign. Files go, and
    who looked gets the mail that something changed. From 16 on nothing happens.
    """
    if age_band(identity_of(student, key).born) not in WAITS_FOR_A_GUARDIAN:
        return []
    waiting = ask_guardian_after_all(student_id=student.pk, key=key, before=before, also=sharing.end)
    hearing.end_hearing_of(student, key, by)
    CoachSignal.objects.filter(student=student).delete()
    return waiting


def tell_soon(students: Sequence[Student]) -> None:
    """«Er staat iets nieuws klaar», to the student and their guardians, and never what (contract, rule 9)."""
    ties = Tie.objects.current().filter(student__in=students, kind=Tie.Kind.GUARDIAN, confirmed_at__isnull=False)
    for user in {one.user for one in students} | {tie.person for tie in ties.select_related("person")}:
        try:
            current_app.send_task("school.tasks.tell", args=[str(user.pk)])
        except Exception:  # a broker that is down stops no list
            log.warning("broker_down", extra={"event": "mail"})
