"""The year plan: eight ready lessons, from the autumn holiday to the day to apply by (school/lessons.yaml).

A mentor takes them over for a class with one tap, moves one to another day, skips it, or takes it back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from django.utils import timezone

from accounts.models import SchoolClass, User
from accounts.refusals import NotHere, Refusal
from passport.questionnaire import Question, Questionnaire
from school.models import Lesson
from school.services.classes import get_own_class_or_404

FILE = Path(__file__).parent.parent / "lessons.yaml"
MOST_QUESTIONS = 6
LESSONS = 8
WEEK = timedelta(days=7)


class WrongLessons(Exception):
    """The file does not fit: the message names the lesson."""


@dataclass(frozen=True, slots=True)
class Ready:
    """One ready lesson of the file."""

    key: str
    title: str
    aim: str
    minutes: int
    questions: tuple[str, ...]
    tips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YearPlan:
    """What the file says: the lessons in their order, and the two dates as (month, day)."""

    begins: tuple[int, int]
    apply_by: tuple[int, int]
    lessons: tuple[Ready, ...]

    def by_key(self, key: str) -> Ready | None:
        return next((one for one in self.lessons if one.key == key), None)


@cache
def year_plan() -> YearPlan:
    return parse_plan(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def parse_plan(raw: dict[str, Any]) -> YearPlan:
    """The content of the file, checked for its shape. Raises WrongLessons."""
    lessons = tuple(
        Ready(row["key"], row["title"], row["aim"], int(row["minutes"]), tuple(row["questions"]), tuple(row["tips"]))
        for row in raw["lessons"]
    )
    if len(lessons) != LESSONS or len({one.key for one in lessons}) != LESSONS:
        raise WrongLessons(f"there are {LESSONS} lessons, each with its own key")
    return YearPlan(_day(raw["begins"]), _day(raw["apply_by"]), lessons)


def check_plan(plan: YearPlan, questions: Questionnaire) -> None:
    """Raises WrongLessons when a lesson asks what is not there, too much, or what does not belong on a board."""
    for lesson in plan.lessons:
        if not 0 < len(lesson.questions) <= MOST_QUESTIONS:
            raise WrongLessons(f"{lesson.key}: 1 to {MOST_QUESTIONS} questions")
        for key in lesson.questions:
            if key not in questions.questions or not fits_a_class(questions.questions[key]):
                raise WrongLessons(f"{lesson.key}: {key} is no question for a class")


def fits_a_class(question: Question) -> bool:
    """Whether a question may stand on a board: the student writes it, it is not delicate and not about home."""
    return question.written_by == "student" and not question.sensitive and question.section != "home"


def days_for(school_class: SchoolClass, today: date, count: int = LESSONS) -> list[date]:
    """Days for so many lessons, evenly over what is left until the day to apply by; after it, one a week.

    Never in a weekend; holidays a mentor moves by hand.
    """
    first_year = _first_year(school_class, today)
    plan = year_plan()
    first = max(date(first_year, *plan.begins), today + timedelta(days=1))
    last = date(first_year + 1, *plan.apply_by) - WEEK
    steps = max(1, count - 1)
    weeks = max(steps, (last - first).days // 7)
    return [_weekday(first + WEEK * (place * weeks // steps)) for place in range(count)]


def apply_by(school_class: SchoolClass) -> date:
    """The day to apply by, in the school year of this class."""
    return date(_first_year(school_class, timezone.localdate()) + 1, *year_plan().apply_by)


@transaction.atomic
def take_over(*, class_id: UUID, by: User) -> list[Lesson]:
    """Plans every ready lesson the class does not have yet. Twice is no error. Raises NotHere for who is no mentor."""
    school_class = get_own_class_or_404(class_id, by)
    SchoolClass.objects.select_for_update(no_key=True).get(pk=school_class.pk)
    there = set(Lesson.objects.filter(school_class=school_class).values_list("key", flat=True))
    new = [one for one in year_plan().lessons if one.key not in there]
    days = days_for(school_class, timezone.localdate())[-len(new) :] if new else []
    return Lesson.objects.bulk_create(
        [
            Lesson(school_class=school_class, key=one.key, questions=list(one.questions), minutes=one.minutes, day=day)
            for one, day in zip(new, days, strict=True)
        ]
    )


def move_lesson(*, lesson_id: UUID, day: date, by: User) -> Lesson:
    """Another day for a lesson that did not start. Raises NotHere; Refusal for a day that is over or far away."""
    lesson = get_planned_or_404(lesson_id, by)
    today = timezone.localdate()
    if not today <= day <= today + timedelta(days=365):
        raise Refusal("wrong_day", "Kies een dag vanaf vandaag, binnen een jaar.", field="day")
    lesson.day, lesson.skipped_at = day, None
    lesson.save(update_fields=["day", "skipped_at"])
    return lesson


def skip_lesson(*, lesson_id: UUID, skip: bool, by: User) -> Lesson:
    """Leaves a lesson out, or takes it back in. Raises NotHere."""
    lesson = get_planned_or_404(lesson_id, by)
    lesson.skipped_at = timezone.now() if skip else None
    lesson.save(update_fields=["skipped_at"])
    return lesson


def get_planned_or_404(lesson_id: UUID, by: User) -> Lesson:
    """A lesson of a class `by` is mentor of today, that did not start. Raises NotHere."""
    lesson = get_lesson_or_404(lesson_id, by)
    if lesson.started_at is not None:
        raise NotHere()
    return lesson


def get_lesson_or_404(lesson_id: UUID, by: User) -> Lesson:
    """A lesson of a class `by` is mentor of today. Raises NotHere."""
    lesson = Lesson.objects.select_related("school_class").filter(pk=lesson_id).first()
    if lesson is None:
        raise NotHere()
    get_own_class_or_404(lesson.school_class_id, by)
    return lesson


def lessons_of(school_class: SchoolClass) -> list[Lesson]:
    """The ready lessons of a class, by day."""
    return list(Lesson.objects.filter(school_class=school_class).exclude(key="").order_by("day", "pk"))


def next_planned(classes: Sequence[SchoolClass]) -> dict[UUID, Lesson]:
    """Per class the first lesson that is still to come, today's too, in one query."""
    rows = Lesson.objects.filter(school_class__in=classes, skipped_at=None, started_at=None)
    coming: dict[UUID, Lesson] = {}
    for lesson in rows.exclude(key="").filter(day__gte=timezone.localdate()).order_by("day", "pk"):
        coming.setdefault(lesson.school_class_id, lesson)
    return coming


def _first_year(school_class: SchoolClass, today: date) -> int:
    """The year a school year begins in, as the class says it; else of today, from August on."""
    start = school_class.school_year[:4]
    return int(start) if start.isascii() and start.isdecimal() else today.year - (today.month < 8)


def _weekday(day: date) -> date:
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _day(text: str) -> tuple[int, int]:
    month, day = str(text).split("-")
    date(2027, int(month), int(day))
    return int(month), int(day)
