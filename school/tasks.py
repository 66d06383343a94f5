"""What the worker does for the school: each task takes one id or nothing, may run twice, and calls a service."""

from uuid import UUID

from celery import shared_task

from passport import signs
from school import classlist_draft
from school.services import digest, passports


@shared_task(name="school.tasks.throw_away_old_class_lists")
def throw_away_old_class_lists() -> None:
    """Throws away class lists that were uploaded and not confirmed within the hour."""
    classlist_draft.throw_away_old()


@shared_task(name="school.tasks.drop_old_signs")
def drop_old_signs() -> None:
    """Drops hands and wishes to talk whose time is over."""
    signs.drop_old_signs()


@shared_task(name="school.tasks.send_digests")
def send_digests() -> None:
    """Sends the one mail of today to who has news or a day to remember."""
    digest.send_digests()


@shared_task(name="school.tasks.tell")
def tell(user_id: str) -> None:
    """Mails one person that there is something new: their school changed something."""
    digest.tell(UUID(user_id))


@shared_task(name="school.tasks.send_passport_invitation")
def send_passport_invitation(invitation_id: str) -> None:
    """Mails the link of one invitation to make a passport."""
    passports.send_invitation(UUID(invitation_id))


@shared_task(name="school.tasks.send_passport_code")
def send_passport_code(invitation_id: str) -> None:
    """Mails the code of one invitation to make a passport."""
    passports.send_code(UUID(invitation_id))


@shared_task(name="school.tasks.drop_old_passport_invitations")
def drop_old_passport_invitations() -> None:
    """Drops invitations to make a passport that nobody answered; their keys too."""
    passports.drop_old_invitations()
