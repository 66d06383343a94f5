from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.reading import ReadingCommand
from accounts.refusals import Refusal
from intake.services import publishing


class Command(ReadingCommand):
    help = "Publishes the figures of a school year that is over, once. By itself that happens on 1 September."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", default="", metavar="2025-2026", help="the last one when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        year = options["year"] or publishing.last_year(timezone.localdate())
        if not publishing.is_year(year):
            raise CommandError("--year: as 2025-2026")
        try:
            made = publishing.publish(year)
        except Refusal as refusal:
            raise CommandError(f"{year}: {refusal.sentence}") from None
        self.stdout.write(f"{year}: {made} publications" if made else f"{year}: nothing was counted")
