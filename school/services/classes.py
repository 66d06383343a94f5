"""Whose class it is today, from dated memberships alone: a substitute for a day has it for that day."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Membership, Role, SchoolClass, Student, User
from accounts.refusals import NotHere


@dataclass(frozen=True, slots=True)
class SeenClass:
    """A class that somebody sees today; `is_mentor` when it is their own, else they are a counsellor of its school."""

    school_class: SchoolClass
    is_mentor: bool


def own_classes(by: User) -> list[SchoolClass]:
    """The classes somebody is mentor of today, by name."""
    return list(_own(by).order_by("name", "pk"))


def seen_classes(by: User) -> list[SeenClass]:
    """The classes somebody sees today: their own first, then the others of the schools they are counsellor of."""
    own = own_classes(by)
    rest = _of_schools(by).exclude(pk__in=[one.pk for one in own]).order_by("-school_year", "name", "pk")
    return [SeenClass(one, True) for one in own] + [SeenClass(one, False) for one in rest]


def get_own_class_or_404(class_id: UUID, by: User) -> SchoolClass:
    """A class `by` is mentor of today. Raises NotHere."""
    found = _own(by).filter(pk=class_id).first()
    if found is None:
        raise NotHere()
    return found


def get_seen_class_or_404(class_id: UUID, by: User) -> SeenClass:
    """A class `by` is mentor of today, or counsellor of its school. Raises NotHere."""
    if own := _own(by).filter(pk=class_id).first():
        return SeenClass(own, True)
    if other := _of_schools(by).filter(pk=class_id).first():
        return SeenClass(other, False)
    raise NotHere()


def students_in(classes: Sequence[SchoolClass]) -> dict[UUID, list[Student]]:
    """The students of these classes today, in one query."""
    rows = Membership.objects.current().filter(role=Role.STUDENT, school_class__in=classes, user__is_active=True)
    found: dict[UUID, dict[UUID, Student]] = {one.pk: {} for one in classes}
    for row in rows.filter(user__student__isnull=False).select_related("user__student"):
        if row.school_class_id:
            student = row.user.student
            student.user = row.user
            found[row.school_class_id][student.pk] = student
    return {pk: list(students.values()) for pk, students in found.items()}


def get_student_or_404(class_id: UUID, student_id: UUID, by: User) -> Student:
    """A student who is today in a class `by` is mentor of today. Raises NotHere."""
    school_class = get_own_class_or_404(class_id, by)
    found = next((one for one in students_in([school_class])[school_class.pk] if one.pk == student_id), None)
    if found is None:
        raise NotHere()
    return found


def _own(by: User) -> QuerySet[SchoolClass]:
    mine = Membership.objects.current().filter(user=by, role=Role.MENTOR, school_class__isnull=False)
    return SchoolClass.objects.select_related("institution").filter(pk__in=mine.values("school_class"))


def _of_schools(by: User) -> QuerySet[SchoolClass]:
    mine = Membership.objects.current().filter(user=by, role=Role.COUNSELLOR, institution__isnull=False)
    return SchoolClass.objects.select_related("institution").filter(institution__in=mine.values("institution"))
