from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent import ledger
from consent.models import LedgerEntry


class Command(BaseCommand):
    help = "Checks the hash chain of the ledger; exit 1 and the first broken entry, also when the tail was cut."

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := ledger.verify():
            raise CommandError(f"entry {broken.seq}: {broken.reason}")
        self.stdout.write(f"the ledger holds: {LedgerEntry.objects.count()} entries")
