from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import vault
from accounts.management.reading import ReadingCommand
from accounts.models import Student
from accounts.refusals import Refusal
from intake.services.law import Asked, answer_request
from intake.services.law_log import Kind


class Command(ReadingCommand):
    help = (
        "Answers a request by law with the student's own export, in a new file. The student must be there, or two"
        " officers decide. It stands in the student's log. See docs/beheer/verzoek-van-de-wet.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--kind", required=True, choices=[str(kind) for kind in Kind])
        parser.add_argument("--student-present", action="store_true", help="the student sits beside you")
        parser.add_argument("--officer", action="append", default=[], help="log-in name of who decided; give it twice")
        parser.add_argument("--reason-number", required=True, help="the number in your own register; no name")
        parser.add_argument("--hidden-until", type=date.fromisoformat, help="the student sees it after this day")
        parser.add_argument("--law", default="", help="the article of law that forbids telling the student")
        parser.add_argument("--to", type=Path, required=True, help="the new file; outside the project and its data")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        student = Student.objects.select_related("user", "passport").filter(user__username=username).first()
        if student is None:
            raise CommandError("there is no student with that username")
        asked = Asked(
            kind=Kind(options["kind"]),
            number=options["reason_number"],
            student_present=options["student_present"],
            officers=tuple(options["officer"]),
            hidden_until=options["hidden_until"],
            law=options["law"],
        )
        try:
            answer_request(student=student, asked=asked, to=options["to"])
        except Refusal as refusal:
            raise CommandError(refusal.sentence) from None
        except (OSError, vault.Shredded, vault.Tampered, Student.DoesNotExist) as error:
            raise CommandError(f"nothing was written: {type(error).__name__}") from None
        until = options["hidden_until"]
        self.stdout.write("written; it stands in the student's log" + (f", to be seen after {until}" if until else ""))
        self.stdout.write("Hand it over in person or encrypted, and destroy this file afterwards.")
