"""What the worker does for coming in; the rest is in intake/tasks.py."""

from uuid import UUID

from celery import shared_task

from accounts import mail_codes


@shared_task(name="accounts.tasks.send_mail_code")
def send_mail_code(code_id: str) -> None:
    mail_codes.send(UUID(code_id))
