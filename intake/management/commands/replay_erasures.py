from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import erasure
from intake.services.leaving import replay_erasures


class Command(BaseCommand):
    help = "Erases everybody on the erasure list again, after a restore; may run again."

    def handle(self, *args: Any, **options: Any) -> None:
        left = replay_erasures()
        if not erasure.are_replayed():
            raise CommandError("somebody on the erasure list is still there")
        self.stdout.write(f"ready: {len(erasure.listed())} on the list, {left} erased again")
