"""What the worker does for the school: each task takes one id or nothing, may run twice, and calls a service."""

from uuid import UUID

from celery import shared_task

from passport import signs
from school import classlist_draft
from school.services import digest, passports


@shared_task(name="school.tasks.throw_away_old_class_lists")
def throw_away_old_class_lists() -> None:
    classlist_draft.throw_away_old()


@shared_task(name="school.tasks.drop_old_signs")
def drop_old_signs() -> None:
    signs.drop_old_signs()


@shared_task(name="school.tasks.send_digests")
def send_digests() -> None:
    digest.send_digests()


@shared_task(name="school.tasks.send_passport_invitation")
def send_passport_invitation(invitation_id: str) -> None:
    passports.send_invitation(UUID(invitation_id))


@shared_task(name="school.tasks.send_passport_code")
def send_passport_code(invitation_id: str) -> None:
    passports.send_code(UUID(invitation_id))


@shared_task(name="school.tasks.drop_old_passport_invitations")
def drop_old_passport_invitations() -> None:
    passports.drop_old_invitations()
