from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from intake.services import leaving, retention


class Command(BaseCommand):
    help = "Former students whose passport goes: who is mailed, who waits, who is erased. The timer does it every day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only list, by id, and change nothing")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        if not dry_run:
            self.stdout.write(f"warned: {retention.warn_leavers()}, erased: {leaving.erase_due()}")
            return
        listed = list(retention.due())
        for one in listed:
            self.stdout.write(f"{one.student_id}\t{one.step}\t{one.on or '-'}")
        self.stdout.write(f"{len(listed)} listed, nothing changed")
