import sys
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import vault
from accounts.models import User
from accounts.refusals import Refusal
from intake.services.birth_dates import correct_birth_date


class Command(BaseCommand):
    help = "Corrects a birth date (YYYY-MM-DD, read from standard input, so that it stands in no shell history)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("student")
        parser.add_argument("--by", required=True, help="the coordinator of the school who looked it up")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            student = User.objects.get(username=options["student"]).student
            by = User.objects.get(username=options["by"])
            born = date.fromisoformat(sys.stdin.readline().strip())
            waiting = correct_birth_date(student=student, key=vault.open_key(student.pk), born=born, by=by)
        except (User.DoesNotExist, User.student.RelatedObjectDoesNotExist, vault.Shredded):
            raise CommandError("one of these usernames is not known, or is not a student") from None
        except ValueError:
            raise CommandError("this is no day as 2010-03-14") from None
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        self.stdout.write(f"corrected; {len(waiting)} shares wait for a guardian now")
