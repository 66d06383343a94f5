from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from passport.models import QuestionnaireVersion
from passport.questionnaire import WrongQuestionnaire, newest_file, publish
from passport.services import follow_newest


class Command(BaseCommand):
    help = (
        "Validates a questionnaire file, the newest of the project if none is named, and publishes it as a new version;"
        " refuses a changed or dropped key. From then on every student is asked the newest questions. Where a working"
        " group published its own version, only a file that is named goes over it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            version = self._own(options["file"]) or publish(options["file"] or newest_file())
        except WrongQuestionnaire as error:
            raise CommandError(str(error)) from None
        moved = follow_newest()
        self.stdout.write(f"questionnaire {version.version} is published; {moved} passports follow")

    def _own(self, file: Path | None) -> QuestionnaireVersion | None:
        """The newest version, when a working group made it and no file is named: a new release leaves it alone."""
        newest = QuestionnaireVersion.objects.order_by("published_at").last()
        if file is not None or newest is None or newest.based_on_id is None:
            return None
        self.stdout.write("a working group made the newest version: name a file to publish that over it")
        return newest
