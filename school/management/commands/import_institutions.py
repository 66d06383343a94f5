"""Reads a list of schools as DUO publishes them; twice is no error."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Institution
from accounts.refusals import Refusal
from school.institutions import UnknownList, import_institutions

KINDS = [kind.value for kind in Institution.Kind if kind is not Institution.Kind.EMPLOYER]


class Command(BaseCommand):
    help = "Imports schools or colleges from a DUO open-data list (csv or xlsx)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", required=True, choices=KINDS)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = import_institutions(options["file"].read_bytes(), options["kind"])
        except OSError:
            raise CommandError(f"cannot read {options['file']}") from None
        except (UnknownList, Refusal) as error:
            raise CommandError(getattr(error, "sentence", str(error))) from None
        self.stdout.write(
            f"{outcome.made} made, {outcome.changed} changed, {outcome.same} the same,"
            f" {outcome.other_kind} of another kind left out"
        )
        if outcome.wrong:
            rows = ", ".join(str(number) for number in outcome.wrong[:20])
            self.stdout.write(f"{len(outcome.wrong)} rows without a usable code or name: {rows}")
