"""For somebody of staff who lost phone and emergency codes: the next log-in sets a new second step."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factor, sessions, staff_links
from accounts.models import User


class Command(BaseCommand):
    help = "Takes the second step of somebody away, ends their sessions, and tells them by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("Nobody has this log-in name.")
        gone, ended = second_factor.drop_all(user), sessions.end_all_of(user)
        staff_links.tell_changed(user)
        self.stdout.write(f"{gone} taken away, {ended} sessions ended")
