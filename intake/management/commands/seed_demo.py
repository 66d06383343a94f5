from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.demo import ACCOUNTS
from accounts.models import User
from intake.demo.after import make_after
from intake.demo.aims import make_aims
from intake.demo.crowd import make_crowd
from intake.demo.figures import make_figures
from intake.demo.people import PASSWORD, make_people
from intake.demo.places import Places
from intake.demo.shares import make_shares
from intake.demo.tasters import make_taster_days
from passport.questionnaire import WrongQuestionnaire, published


class Command(BaseCommand):
    help = "Makes the demo accounts and what they share; may run again: nothing is doubled. Only where DEMO=1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is anybody already")
        parser.add_argument("--list", action="store_true", help="only print the accounts")
        parser.add_argument(
            "--students", type=int, default=0, metavar="N", help="and N made-up students who cannot log in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("seed_demo makes accounts with a known password: only where DEMO=1.")
        if options["students"] < 0:
            raise CommandError("--students: must be 0 or more")
        if options["list"]:
            self._list()
        elif not (options["if_empty"] and User.objects.exists()):
            self._seed(options["students"])

    def _seed(self, students: int) -> None:
        try:
            published()
        except WrongQuestionnaire as error:
            raise CommandError(str(error)) from None
        places = Places()
        users = make_people(places)
        make_shares(places, users)
        make_aims(users)
        make_after(places, users)
        make_taster_days(places, users)
        make_figures()
        made = make_crowd(students, places) if students else 0
        self.stdout.write(f"demo: {len(users)} accounts" + (f", {made} more students made" if students else ""))

    def _list(self) -> None:
        self.stdout.write(f"password: {PASSWORD}")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.username:<20} {account.line}")
