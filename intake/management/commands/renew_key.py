import time
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from accounts.management.reading import ReadingCommand
from accounts.sealed import Resealed
from intake.services import resealing


def wait(until: datetime) -> None:
    time.sleep(max(0.0, (until - timezone.now()).total_seconds()))


class Command(ReadingCommand):
    help = (
        "Gives a student or guardian a new data key, seals everything anew and destroys the old one, while the site"
        " runs. Run it again when it was stopped halfway."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="*")
        parser.add_argument("--everybody", action="store_true", help="every student and guardian")
        parser.add_argument(
            "--pause",
            type=int,
            default=int(resealing.PAUSE.total_seconds()),
            help="seconds to let running work finish, twice; 0 only while web and worker are off",
        )
        parser.add_argument("--drop-broken", action="store_true", help="destroy the old key of what does not open, too")

    def handle(self, *args: Any, **options: Any) -> None:
        owners = self._owners(options["username"], options["everybody"])
        pause = timedelta(seconds=max(0, options["pause"]))
        done = Resealed()
        self.stdout.write(f"{len(owners)} keys to renew; waits twice {pause.seconds} seconds")
        for step in resealing.renew_keys(owners, pause=pause, wait=wait, drop_broken=options["drop_broken"]):
            done = Resealed(done.done + step.done, step.broken)
            self.stdout.write(f"{done.done} values sealed anew")
        if done.broken and not options["drop_broken"]:
            raise CommandError(f"{done.broken} values do not open: the old key of whose they are was kept")
        self.stdout.write(f"ready: {done.done} values sealed anew, the old keys are destroyed")

    def _owners(self, usernames: list[str], everybody: bool) -> list[Any]:
        if everybody == bool(usernames):
            raise CommandError("give usernames, or --everybody")
        if everybody:
            return resealing.all_owners()
        found = {username: resealing.owners_of(username) for username in usernames}
        if not all(found.values()):
            raise CommandError("one of these usernames is of no student or guardian")
        return list(dict.fromkeys(owner for owners in found.values() for owner in owners))
