"""`seed_demo` of intake, and after it what the school shows: this app stands before intake in INSTALLED_APPS."""

from intake.management.commands.seed_demo import Command as IntakeCommand
from school.demo import make_lessons


class Command(IntakeCommand):
    def _seed(self, students: int) -> None:
        super()._seed(students)
        make_lessons()
