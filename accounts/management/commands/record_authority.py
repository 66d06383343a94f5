from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.refusals import Refusal
from accounts.services import record_authority


class Command(BaseCommand):
    help = "Records that a school checked the authority (gezag) of a guardian or representative over a student."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("student")
        parser.add_argument("guardian")
        parser.add_argument("--by", required=True, help="the care coordinator or coordinator of the school who checked")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            users = [User.objects.get(username=options[name]) for name in ("student", "guardian", "by")]
            record_authority(student=users[0].student, person=users[1], by=users[2])
        except (User.DoesNotExist, User.student.RelatedObjectDoesNotExist):
            raise CommandError("one of these usernames is not known, or is not a student") from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write("recorded: this person's yes counts from now on")
