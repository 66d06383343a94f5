"""What a student lets their mentor see: a hand in the lesson, «Ik wil praten», and how far they are.

All three are off until the student turns them on, and only the student does. They are times, not words: which question
a hand is about, what somebody wants to talk about and what was answered is written nowhere. Who may see them is decided
in school/services/board.py.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere
from passport import questionnaire
from passport.models import Answer, MentorSign
from passport.questionnaire import Questionnaire

# A wish to talk that nobody heard stands no longer than this.
LONGEST_WISH = timedelta(days=30)


class Sign(StrEnum):
    HAND = "hand"
    TALK = "talk"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class Signs:
    """Since when each sign stands; None is off."""

    hand: datetime | None = None
    talk: datetime | None = None
    progress: datetime | None = None


def set_sign(*, student: Student, sign: Sign, on: bool, by: User) -> None:
    """Turns a sign on or off; on again keeps its first moment. Raises NotHere for anybody but the student."""
    if student.user_id != by.pk:
        raise NotHere()
    if not on:
        drop_sign([student.pk], sign)
        return
    MentorSign.objects.get_or_create(student=student)
    off = MentorSign.objects.filter(student=student, **{f"{_field(sign)}__isnull": True})
    if sign is Sign.HAND:
        off = MentorSign.objects.filter(student=student).exclude(hand_at__gte=_midnight())
    off.update(**{_field(sign): timezone.now()})


def drop_sign(students: Iterable[UUID], sign: Sign) -> None:
    """Turns a sign off: heard by the mentor (school asks who may), or taken back. Twice is no error."""
    MentorSign.objects.filter(student__in=list(students)).update(**{_field(sign): None})
    MentorSign.objects.filter(hand_at=None, talk_at=None, progress_at=None).delete()


def signs_for(students: Collection[UUID]) -> dict[UUID, Signs]:
    """The signs of these students now, in one query; who shows none, or stands still, is absent."""
    rows = MentorSign.objects.filter(student__in=students, student__frozen_at=None)
    found = {row.student_id: _signs(row) for row in rows}
    return {pk: signs for pk, signs in found.items() if signs != Signs()}


def signs_of(student: Student) -> dict[str, datetime]:
    """For the student in person: what stands now, also while nobody else sees it."""
    row = MentorSign.objects.filter(student=student).first()
    signs = _signs(row) if row else Signs()
    return {sign.value: at for sign in Sign if (at := getattr(signs, sign.value))}


def drop_old_signs() -> int:
    """Hands of before today and wishes of a month ago go; returns how many. May run twice."""
    old = timezone.now() - LONGEST_WISH
    gone = MentorSign.objects.filter(hand_at__lt=_midnight()).update(hand_at=None)
    gone += MentorSign.objects.filter(talk_at__lt=old).update(talk_at=None)
    MentorSign.objects.filter(hand_at=None, talk_at=None, progress_at=None).delete()
    return gone


def sections_begun(keys: Mapping[UUID, vault.Key]) -> dict[UUID, int]:
    """In how many sections each of these students saved something, in one query. Opens no answer and no status.

    Only for who turned `progress` on (the caller asks). «Wil ik niet zeggen» counts as any other text.
    """
    questions = questionnaire.of_version(questionnaire.published().pk) if keys else None
    begun: dict[UUID, set[str]] = {pk: set() for pk in keys}
    places = {pk: _sections_by_slot(questions, key) for pk, key in keys.items() if questions}
    rows = Answer.objects.filter(student__in=list(keys), newest__isnull=False)
    for student_id, slot in rows.values_list("student_id", "slot"):
        if section := places[student_id].get(bytes(slot)):
            begun[student_id].add(section)
    return {pk: len(sections) for pk, sections in begun.items()}


def _sections_by_slot(questions: Questionnaire, key: vault.Key) -> dict[bytes, str]:
    return {key.slot(question.key): question.section for question in questions.questions.values()}


def _signs(row: MentorSign) -> Signs:
    """What stands of a row: a hand of another day and a wish of a month ago no longer do."""
    hand = row.hand_at if row.hand_at and row.hand_at >= _midnight() else None
    talk = row.talk_at if row.talk_at and row.talk_at >= timezone.now() - LONGEST_WISH else None
    return Signs(hand, talk, row.progress_at)


def _field(sign: Sign) -> str:
    return f"{sign.value}_at"


def _midnight() -> datetime:
    """The start of today in Amsterdam."""
    return timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
