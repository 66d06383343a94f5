from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from school import paperwork
from school.paperwork.processings import Misplaced
from school.paperwork.words import Untranslated


class Command(BaseCommand):
    help = (
        "Writes the made parts of docs/papers/ and docs/beheer/: register, purposes, data, hours, conversation guide."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for path in paperwork.papers():
            text = path.read_text(encoding="utf-8")
            try:
                made = paperwork.fill(text)
            except (paperwork.UnknownPart, Misplaced, Untranslated) as error:
                raise CommandError(f"{path.name}: {error}") from None
            if made != text:
                path.write_text(made, encoding="utf-8")
                self.stdout.write(f"written: {path.relative_to(settings.BASE_DIR)}")
