"""`manage.py make_schema` writes the shape of a dossier for other systems (docs/schema/)."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from intake.dossier_schema import NAME, make_schema


class Command(BaseCommand):
    help = "Writes the JSON Schema of a dossier, made from the code that fills it."

    def handle(self, **options: Any) -> None:
        place = settings.BASE_DIR / "docs" / "schema" / NAME
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(make_schema(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        self.stdout.write(f"{place.relative_to(settings.BASE_DIR)} is written.")
