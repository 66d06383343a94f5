"""The class and its lessons: only what is about lessons and lists. What a student writes lives in passport."""

import uuid
from datetime import datetime, time
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Institution, SchoolClass, Student, User

# --- The class list and the office of the coordinator --------------------------------------------------------


class ClassListDraft(models.Model):
    """A class list between upload and yes: sealed with a key of its own that is destroyed at the yes, or in an hour.

    The file itself is kept nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    school_year = models.CharField(max_length=9)
    made_at = models.DateTimeField(default=timezone.now)
    sealed_rows = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class ClassListColumns(models.Model):
    """What a school said its columns hold, for the next list. A heading is a keyed digest: it may be a name."""

    institution = models.OneToOneField(Institution, on_delete=models.CASCADE, related_name="+")
    columns = models.JSONField(default=dict)

    def __str__(self) -> str:
        return str(self.institution_id)


class SchoolNumber(models.Model):
    """The number a school has for a student, as a digest that only the key of that school can make."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="school_numbers")
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "digest"], name="school_number_once"),
            models.UniqueConstraint(fields=["institution", "student"], name="school_number_one_each"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PassportInvitation(models.Model):
    """Somebody without a school who is asked to make a passport, and has not answered yet.

    Its id and its key become the student's at the yes, and the row goes: nothing then leads back to who invited. At the
    no, or after two weeks, the key is destroyed. `sealed_to` holds the address and the token of the link.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    sealed_to = models.BinaryField()
    # The code that was mailed last follows from this moment and the key; it is kept nowhere.
    code_made_at = models.DateTimeField(null=True, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.pk)


class OfficeEvent(models.Model):
    """One thing staff did to a place: who changed which membership, text or name when. Never which student.

    Without `by` it was the list of DUO, or somebody who is here no more.
    """

    class What(models.TextChoices):
        INVITED = "invited", "nodigde een medewerker uit"
        ADDED = "added", "gaf een rol"
        ENDED = "ended", "liet een rol eindigen"
        CLASS_MADE = "class_made", "maakte een klas"
        PROGRAMME_MADE = "programme_made", "maakte een opleiding"
        PROGRAMME_CHANGED = "programme_changed", "veranderde een opleiding"
        PLACE_CHANGED = "place_changed", "veranderde de gegevens van de school"
        LIST_READ = "list_read", "las een klassenlijst in"
        CARDS_MADE = "cards_made", "maakte inlogkaarten"
        YEAR_ROLLED = "year_rolled", "zette een klas over naar het nieuwe schooljaar"
        DAY_WRITTEN = "day_written", "schreef een zin over een dag op een opleiding"
        DAY_CHANGED = "day_changed", "veranderde een zin over een dag op een opleiding"
        DAY_MOVED = "day_moved", "zette een zin over een dag op een andere plek"
        DAY_REMOVED = "day_removed", "haalde een zin over een dag weg"
        DAY_REVIEWED = "day_reviewed", "keek een zin over een dag na: klopt"
        DAY_SENT_BACK = "day_sent_back", "stuurde een zin over een dag terug"
        OFFER_WRITTEN = "offer_written", "schreef welke hulp een opleiding geeft"
        OFFER_CHANGED = "offer_changed", "veranderde welke hulp een opleiding geeft"
        OFFER_REMOVED = "offer_removed", "haalde een tekst over hulp weg"
        FACTS_CHANGED = "facts_changed", "veranderde de feiten over een opleiding"
        # By nobody who is logged in: the command import_institutions.
        DUO_MADE = "duo_made", "maakte deze plek"
        DUO_CHANGED = "duo_changed", "veranderde de gegevens van deze plek"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    what = models.CharField(max_length=20, choices=What)
    # A member of staff, never a student.
    person = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["institution", "-at"])]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_of_duo(self) -> bool:
        return self.what in {self.What.DUO_MADE, self.What.DUO_CHANGED}


# --- The lesson ----------------------------------------------------------------------------------------------


class LessonQuerySet(models.QuerySet["Lesson"]):
    def running(self) -> Self:
        """Those that started today and were not stopped: at midnight in Amsterdam a lesson ends by itself."""
        midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
        return self.filter(started_at__gte=midnight, stopped_at=None)


class Lesson(models.Model):
    """A lesson of a class: planned from the year plan (`key`, school/lessons.yaml) or made up for today (no key).

    It is about a class. Who did what in it is written nowhere.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="lessons")
    key = models.SlugField(max_length=24, blank=True)
    questions = models.JSONField()
    minutes = models.PositiveSmallIntegerField(default=30)
    day = models.DateField()
    skipped_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["school_class", "started_at"], name="lesson_class_started")]
        constraints = [
            models.UniqueConstraint(fields=["school_class", "key"], condition=~Q(key=""), name="ready_lesson_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_running(self) -> bool:
        started = self.started_at is not None and timezone.localdate(self.started_at) == timezone.localdate()
        return started and self.stopped_at is None
