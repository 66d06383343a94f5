from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import vault


class Command(BaseCommand):
    help = "Wraps every data key with the newest key-encryption key while the site runs; restartable."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        try:
            while done := vault.rewrap():
                total += done
                self.stdout.write(f"{total} keys wrapped with {vault.newest_kek()}")
        except vault.Tampered:
            raise CommandError(f"a key does not open with the keys of FIELD_KEYS; {total} were wrapped") from None
        self.stdout.write(f"ready: {total} keys wrapped, all hang on {vault.newest_kek()}")
