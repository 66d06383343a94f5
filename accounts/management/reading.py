"""Commands that show what students have: none of them runs on a backup that came back and was not replayed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import erasure


class ReadingCommand(BaseCommand):
    """Refuses until `replay_erasures` ran, as the site does (contract, rule 8)."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError while somebody who was erased may be here."""
        if not erasure.are_replayed():
            raise CommandError("a backup was put back: run manage.py replay_erasures first")
        return super().execute(*args, **options)
