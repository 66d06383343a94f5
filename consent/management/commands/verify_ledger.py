from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent import anchor, ledger
from consent.models import LedgerEntry


class Command(BaseCommand):
    help = (
        "Checks the hash chain of the ledger; exit 1 and the first broken entry, also when the tail was cut. Names"
        " every backup that was put back, and what of the chain went with it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if broken := ledger.verify():
            raise CommandError(f"entry {broken.seq}: {broken.reason}")
        self.stdout.write(f"the ledger holds: {LedgerEntry.objects.count()} entries")
        for gap in ledger.gaps():
            self.stdout.write(f"restored on {gap.at}: {_told(gap)}")


def _told(gap: anchor.Gap) -> str:
    """What a restore took out of the chain, in words; nothing is hidden and nothing is guessed."""
    first = f"a backup of {gap.taken} was put back, up to entry {gap.head}"
    if gap.lost == gap.head:
        return f"{first}; the anchor knows of no entry after it, which does not prove that there was none"
    return f"{first}; entries {gap.head + 1} to {gap.lost} of before are gone, their numbers are used anew"
