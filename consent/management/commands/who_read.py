from datetime import datetime, time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.management.reading import ReadingCommand
from accounts.models import Student
from consent.looks import readings_of


def moment(text: str, end: time) -> datetime:
    """A day or a moment, in Amsterdam unless it says otherwise; a day alone means its first or last moment."""
    day = parse_date(text)
    at = datetime.combine(day, end) if day else parse_datetime(text)
    if at is None:
        raise CommandError(f"{text}: write 2026-11-22 or 2026-11-22T10:00")
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Command(ReadingCommand):
    help = "Who read what a student shares, from the ledger, for the report of a data leak. Oldest first, with tabs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--from", dest="since", default="", help="first day or moment, in Amsterdam")
        parser.add_argument("--until", default="", help="last day or moment, in Amsterdam")

    def handle(self, *args: Any, username: str, since: str, until: str, **options: Any) -> None:
        student = Student.objects.filter(user__username=username).first()
        if student is None:
            raise CommandError("there is no student with that username")
        rows = readings_of(
            student.pk,
            since=moment(since, time.min) if since else None,
            until=moment(until, time.max) if until else None,
        )
        self.stdout.write("\t".join(("time", "who", "institution", "share", "action", "units")))
        for row in rows:
            at = timezone.localtime(row.at).isoformat(timespec="seconds")
            self.stdout.write("\t".join((at, row.who, row.institution, str(row.share), row.action, str(row.units))))
