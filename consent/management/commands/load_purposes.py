from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consent.notices import WrongPurposes, load_purposes


class Command(BaseCommand):
    help = "Loads the dated settings of the purposes; one that is in force never changes. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--from-tomorrow",
            action="store_true",
            help="what would change a setting in force begins tomorrow; its notice needs a version of its own",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            new = load_purposes(options["file"], from_tomorrow=options["from_tomorrow"])
        except WrongPurposes as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"purposes are loaded: {new} new")
