from datetime import time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.reading import ReadingCommand
from accounts.models import User
from consent.looks import readings_by
from consent.management.commands.who_read import moment


class Command(ReadingCommand):
    help = "What was read with one log-in, from the ledger, when that log-in was stolen. Oldest first, with tabs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--from", dest="since", default="", help="first day or moment, in Amsterdam")
        parser.add_argument("--until", default="", help="last day or moment, in Amsterdam")

    def handle(self, *args: Any, username: str, since: str, until: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError("there is nobody with that username")
        rows = readings_by(
            user.pk,
            since=moment(since, time.min) if since else None,
            until=moment(until, time.max) if until else None,
        )
        self.stdout.write("\t".join(("time", "student", "share", "action", "units")))
        for row in rows:
            at = timezone.localtime(row.at).isoformat(timespec="seconds")
            self.stdout.write("\t".join((at, row.student, str(row.share), row.action, str(row.units))))
