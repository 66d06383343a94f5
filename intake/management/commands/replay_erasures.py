from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import erasure
from consent import anchor, ledger
from intake.services import hearing
from intake.services.leaving import replay_erasures
from intake.services.sharing import end_again


def moment(text: str) -> datetime:
    """A moment, in Amsterdam unless it says otherwise. Raises CommandError."""
    at = parse_datetime(text)
    if at is None:
        raise CommandError(f"{text}: write 2026-11-22T03:00")
    return at if timezone.is_aware(at) else timezone.make_aware(at)


class Command(BaseCommand):
    help = (
        "After a restore: erases everybody on the erasure list again, ends again what was shared no more, and opens the"
        " site. May run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--restored-from",
            default="",
            metavar="MOMENT",
            help="when the backup was made, if something else than script/restore put it back; noted in the anchor",
        )

    def handle(self, *args: Any, restored_from: str, **options: Any) -> None:
        if erasure.waits_for() is erasure.Waits.RESTORE:
            raise CommandError("a restore stopped halfway: run script/restore again; the site stays closed")
        if restored_from:
            head, mac = ledger.head()
            anchor.note_restore(head=head, mac=mac, taken=moment(restored_from))
        left, ended, heard = replay_erasures(), end_again(), hearing.end_again()
        erasure.open_site()
        if not erasure.are_replayed():
            raise CommandError("somebody on the erasure list is still there")
        listed = len(erasure.listed())
        self.stdout.write(f"ready: {listed} on the list, {left} erased again, {ended} shares ended again")
        if heard:
            self.stdout.write(f"{heard} times somebody hears no more how it goes: the student can turn that on anew")
        if not ledger.stands():
            self.stderr.write("the ledger is behind its anchor: run this again with --restored-from MOMENT")
