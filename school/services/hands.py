"""A silent hand, and «Ik wil praten»: the student raises them, their mentor sees a name and nothing else.

Both are a moment in passport/signs.py. Which question a hand is about and what somebody wants to say stands nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts import vault
from accounts.identity import identity_of
from accounts.models import SchoolClass, Student, User
from accounts.refusals import Refusal
from passport import signs
from passport.signs import Sign
from school.services.classes import get_student_or_404, students_in
from school.services.lessons import lesson_for, running_in


@dataclass(frozen=True, slots=True)
class Raised:
    """One student who raised something, as their mentor sees it."""

    student_id: UUID
    class_id: UUID
    at: datetime
    name: str = field(repr=False)


def raise_hand(*, student: Student, by: User) -> None:
    """Only in a lesson; twice is no error. Raises NotHere for anybody but the student, Refusal without a lesson."""
    if lesson_for(student.user_id) is None:
        raise Refusal("no_lesson", "De les is voorbij.", status=409)
    signs.set_sign(student=student, sign=Sign.HAND, on=True, by=by)


def lower_hand(*, student: Student, by: User) -> None:
    """By the student. Raises NotHere for anybody else."""
    signs.set_sign(student=student, sign=Sign.HAND, on=False, by=by)


def hear(*, class_id: UUID, student_id: UUID, sign: Sign, by: User) -> None:
    """The mentor came by: the hand goes down, or the wish to talk is met. Raises NotHere."""
    student = get_student_or_404(class_id, student_id, by)
    if sign is not Sign.PROGRESS:
        signs.drop_sign([student.pk], sign)


def drop_hands(school_class: SchoolClass) -> None:
    """With the lesson the hands of its class are over."""
    signs.drop_sign([one.pk for one in students_in([school_class])[school_class.pk]], Sign.HAND)


def raised_in(classes: Sequence[SchoolClass]) -> tuple[list[Raised], list[Raised]]:
    """Hands, first raised first and only in a lesson that runs; and who wants to talk, by name. For a mentor of these.

    The same few queries for one student as for sixty; only the names of who raised something are opened.
    """
    there = [(pk, one) for pk, found in students_in(classes).items() for one in found]
    of_class, students = {one.pk: pk for pk, one in there}, {one.pk: one for _, one in there}
    shown, running = signs.signs_for(list(students)), running_in(classes)
    keys = vault.open_keys([pk for pk, one in shown.items() if one.hand or one.talk])
    hands, talks = [], []
    for pk, key in keys.items():
        name, class_id = identity_of(students[pk], key).display_name, of_class[pk]
        if (hand := shown[pk].hand) and class_id in running:
            hands.append(Raised(pk, class_id, hand, name))
        if talk := shown[pk].talk:
            talks.append(Raised(pk, class_id, talk, name))
    return sorted(hands, key=lambda one: one.at), sorted(talks, key=lambda one: one.name.casefold())
