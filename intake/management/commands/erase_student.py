from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Student
from intake.services.leaving import erase_student


class Command(BaseCommand):
    help = "Erases a student: keys, files and rows. Cannot be undone. May run again after a crash."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, username: str, yes: bool, **options: Any) -> None:
        student = Student.objects.filter(user__username=username).first()
        if student is None:
            raise CommandError("there is no student with that username")
        if not yes and input("This cannot be undone. Type the username again: ") != username:
            raise CommandError("nothing was erased")
        day = erase_student(student.pk)
        self.stdout.write(f"erased; from {day.isoformat()} on no backup can bring it back")
