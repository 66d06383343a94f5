from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake.services.expectations import WrongExpectations, load_expectations


class Command(BaseCommand):
    help = "Loads what a day at programmes asks; the list of every programme in the file becomes what the file says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = load_expectations(yaml.safe_load(options["file"].read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"cannot read the file: {type(error).__name__}") from None
        except yaml.YAMLError as error:
            raise CommandError(f"this is no YAML: {error}") from None
        except WrongExpectations as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"expectations of {count} programmes are loaded")
