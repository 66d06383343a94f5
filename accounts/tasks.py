"""What the worker does for coming in; the rest is in intake/tasks.py."""

from uuid import UUID

from celery import shared_task
from django.core.cache import cache
from django.core.management import call_command

from accounts import mail_codes, own_mail, staff_links

ALIVE = "worker-alive"
ALIVE_SECONDS = 300  # five times its turn: a worker that renders a class is not dead


@shared_task(name="accounts.tasks.say_alive")
def say_alive() -> None:
    """Leaves a sign that timer and worker live; it fades by itself."""
    cache.set(ALIVE, 1, ALIVE_SECONDS)


@shared_task(name="accounts.tasks.send_mail_code")
def send_mail_code(code_id: str) -> None:
    """Mails the code of one request to log in."""
    mail_codes.send(UUID(code_id))


@shared_task(name="accounts.tasks.send_staff_link")
def send_staff_link(user_id: str) -> None:
    """Mails one member of staff the link to choose a password."""
    staff_links.send(UUID(user_id))


@shared_task(name="accounts.tasks.send_login_changed")
def send_login_changed(user_id: str) -> None:
    """Tells one person that something changed about their log-in, not what."""
    staff_links.send_changed(UUID(user_id))


@shared_task(name="accounts.tasks.drop_unproved_addresses")
def drop_unproved_addresses() -> None:
    """Drops addresses that were typed and not proved within a day."""
    own_mail.drop_unproved()


@shared_task(name="accounts.tasks.drop_old_sessions")
def drop_old_sessions() -> None:
    """Drops what is left of sessions that are over."""
    call_command("clearsessions")
