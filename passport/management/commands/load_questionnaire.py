from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from passport.questionnaire import WrongQuestionnaire, newest_file, publish
from passport.services import follow_newest


class Command(BaseCommand):
    help = (
        "Validates a questionnaire file, the newest of the project if none is named, and publishes it as a new version;"
        " refuses a changed or dropped key. From then on every student is asked the newest questions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = publish(options["file"] or newest_file())
        except WrongQuestionnaire as error:
            raise CommandError(str(error)) from None
        moved = follow_newest()
        self.stdout.write(f"questionnaire {version.version} is published; {moved} passports follow")
