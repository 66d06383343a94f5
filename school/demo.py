"""What the demo shows of the school: the class of `mentor.one` has a year plan, and its first lesson is for today."""

from django.utils import timezone

from accounts.models import User
from school.services import classes, plan

MENTOR = "mentor.one"


def make_lessons() -> None:
    """Plans the eight lessons once; who runs it again keeps what was moved."""
    mentor = User.objects.get(username=MENTOR)
    for school_class in classes.own_classes(mentor):
        if made := plan.take_over(class_id=school_class.pk, by=mentor):
            first = min(made, key=lambda lesson: lesson.day)
            plan.move_lesson(lesson_id=first.pk, day=timezone.localdate(), by=mentor)
