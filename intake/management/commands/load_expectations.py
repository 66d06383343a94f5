from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake.services.expectations import WrongExpectations, load_expectations


class Command(BaseCommand):
    help = "Loads what a day at programmes asks; a list of the file takes the place of what there is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="also lists that were changed on a screen")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = yaml.safe_load(options["file"].read_text(encoding="utf-8"))
            loaded = load_expectations(content, replace=options["replace"])
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"cannot read the file: {type(error).__name__}") from None
        except yaml.YAMLError as error:
            raise CommandError(f"this is no YAML: {error}") from None
        except WrongExpectations as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"expectations of {len(loaded)} programmes are loaded")
        for code in sorted({str(code) for code in content} - set(loaded)):
            self.stdout.write(f"{code} stays as it is: it was changed on a screen (--replace overwrites it)")
