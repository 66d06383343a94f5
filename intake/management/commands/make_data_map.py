from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from intake import data_map


class Command(BaseCommand):
    help = "Writes docs/data-map.md: what every field holds, how it is stored, whose it is and how long it stays."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = data_map.render()
        except data_map.Unclassified as error:
            raise CommandError(str(error)) from None
        path = settings.BASE_DIR / "docs" / "data-map.md"
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"written: {path.relative_to(settings.BASE_DIR)}")
