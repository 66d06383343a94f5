from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from passport.questionnaire import WrongQuestionnaire, publish


class Command(BaseCommand):
    help = "Validates a questionnaire file and publishes it as a new version; refuses a changed or dropped key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = publish(options["file"])
        except WrongQuestionnaire as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"questionnaire {version.version} is published")
