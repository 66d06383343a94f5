"""The lesson of today: a mentor starts it, the class sees its questions, and it ends by hand or at midnight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Role, SchoolClass, User
from accounts.refusals import Refusal
from passport import questionnaire
from passport.questionnaire import Question, Questionnaire, QuestionType, Section
from school.models import Lesson
from school.services.classes import get_own_class_or_404
from school.services.plan import MOST_QUESTIONS, fits_a_class, get_lesson_or_404, get_planned_or_404, year_plan

OWN_TITLE = "Les van vandaag"
EXAMPLES = 5
# For a lesson a mentor made up, and when a ready one has none: nobody has to tell about themselves.
TIPS = (
    "Lees de vraag samen.",
    "Vertel een voorbeeld van iemand anders.",
    "Je hoeft niets over jezelf te vertellen.",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a lesson says: made of the file and the questionnaire, nothing of a person."""

    lesson: Lesson
    title: str
    aim: str
    tips: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def until(self) -> datetime | None:
        """When the planned minutes are over; the lesson itself goes on until it is stopped."""
        return self.lesson.started_at + timedelta(minutes=self.lesson.minutes) if self.lesson.started_at else None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One question as it stands on the board."""

    question: Question
    section: Section
    place: int
    total: int
    examples: tuple[str, ...]
    tips: tuple[str, ...]

    @property
    def before(self) -> int | None:
        return self.place - 1 if self.place > 1 else None

    @property
    def after(self) -> int | None:
        return self.place + 1 if self.place < self.total else None


def start_planned(*, lesson_id: UUID, by: User) -> Lesson:
    """Starts a planned lesson now, on whichever day it stands. Raises NotHere."""
    lesson = get_planned_or_404(lesson_id, by)
    lesson.skipped_at, lesson.day = None, timezone.localdate()
    return _start(lesson)


def start_own(*, class_id: UUID, keys: Iterable[str], by: User) -> Lesson:
    """Starts a lesson with questions a mentor picked for today. Raises NotHere; Refusal for none, or too many."""
    school_class = get_own_class_or_404(class_id, by)
    known = {question.key for _, questions in choices() for question in questions}
    picked = [key for key in dict.fromkeys(keys) if key in known]
    if not 0 < len(picked) <= MOST_QUESTIONS:
        raise Refusal("wrong_questions", f"Kies één tot {MOST_QUESTIONS} vragen.", field="questions")
    return _start(Lesson(school_class=school_class, questions=picked, day=timezone.localdate()))


def stop_lesson(*, lesson_id: UUID, by: User) -> Lesson:
    """Ends a lesson now; twice is no error. Raises NotHere."""
    lesson = get_lesson_or_404(lesson_id, by)
    Lesson.objects.running().filter(pk=lesson.pk).update(stopped_at=timezone.now())
    return lesson


def running_in(classes: Iterable[SchoolClass]) -> dict[UUID, Lesson]:
    """Per class the lesson that runs now, in one query."""
    rows = Lesson.objects.running().filter(school_class__in=list(classes)).order_by("started_at")
    return {lesson.school_class_id: lesson for lesson in rows}


def lesson_for(user: User | UUID) -> Lesson | None:
    """The lesson that runs now in the class this student is in today, in one query."""
    mine = Membership.objects.current().filter(user=user, role=Role.STUDENT, school_class__isnull=False)
    rows = Lesson.objects.running().filter(school_class__in=mine.values("school_class"))
    return rows.order_by("-started_at").first()


def sheet_of(lesson: Lesson) -> Sheet:
    """What a lesson says, with the newest questions; one that is switched off since is left out."""
    known, ready = newest().questions, year_plan().by_key(lesson.key)
    questions = tuple(known[key] for key in lesson.questions if key in known and not known[key].off)
    if ready is None:
        return Sheet(lesson, OWN_TITLE, "", TIPS, questions)
    return Sheet(lesson, ready.title, ready.aim, ready.tips, questions)


def board_page(sheet: Sheet, place: int) -> BoardPage:
    """The question at a place, counted from one; a place that is not there is the nearest one that is."""
    place = max(1, min(place, len(sheet.questions)))
    question = sheet.questions[place - 1]
    section = next(one for one in newest().sections if one.key == question.section)
    return BoardPage(question, section, place, len(sheet.questions), _examples(question), sheet.tips)


def choices() -> list[tuple[Section, list[Question]]]:
    """Every question a mentor may pick for a class, per section."""
    rows = [
        (section, [one for one in section.questions if fits_a_class(one) and not one.off])
        for section in newest().sections
    ]
    return [(section, questions) for section, questions in rows if questions]


def newest() -> Questionnaire:
    return questionnaire.of_version(questionnaire.published().pk)


@transaction.atomic
def _start(lesson: Lesson) -> Lesson:
    """One lesson at a time in a class: what still runs stops."""
    SchoolClass.objects.select_for_update(no_key=True).get(pk=lesson.school_class_id)
    now = timezone.now()
    Lesson.objects.running().filter(school_class=lesson.school_class_id).update(stopped_at=now)
    lesson.started_at, lesson.stopped_at = now, None
    lesson.save()
    return lesson


def _examples(question: Question) -> tuple[str, ...]:
    """What a made-up student says, else the first things one can choose."""
    if question.example:
        return (question.example,)
    if question.type is QuestionType.SCALE:
        return tuple(one.label for one in question.statements[:EXAMPLES])
    if question.type is QuestionType.NEEDS:
        return tuple(need.label for need in newest().needs[:EXAMPLES])
    return question.options[:EXAMPLES]
