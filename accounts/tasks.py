"""What the worker does for coming in; the rest is in intake/tasks.py."""

from uuid import UUID

from celery import shared_task

from accounts import mail_codes, own_mail, staff_links


@shared_task(name="accounts.tasks.send_mail_code")
def send_mail_code(code_id: str) -> None:
    mail_codes.send(UUID(code_id))


@shared_task(name="accounts.tasks.send_staff_link")
def send_staff_link(user_id: str) -> None:
    staff_links.send(UUID(user_id))


@shared_task(name="accounts.tasks.send_login_changed")
def send_login_changed(user_id: str) -> None:
    staff_links.send_changed(UUID(user_id))


@shared_task(name="accounts.tasks.drop_unproved_addresses")
def drop_unproved_addresses() -> None:
    own_mail.drop_unproved()
