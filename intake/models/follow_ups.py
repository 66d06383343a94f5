"""After a student has started: how it goes, who may hear that, the first day, and what is asked once.

Every row hangs on the student and goes with them. States, moments and days are readable; words are sealed.
"""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Institution, Student, Tie, User
from intake.models.cases import Case


class Moment(models.TextChoices):
    """When it is asked how it goes, counted from the first day."""

    W2 = "w2", "Na twee weken"
    W6 = "w6", "Na zes weken"
    M3 = "m3", "Na drie maanden"
    M6 = "m6", "Na een half jaar"
    Y1 = "y1", "Na een jaar"


class Side(models.TextChoices):
    """Who answers. Student and college have one answer per moment; each coach and each school has its own."""

    STUDENT = "student", "De student"
    COLLEGE = "college", "Het mbo"
    COACH = "coach", "De coach"
    SCHOOL = "school", "De school van vroeger"


class FollowUp(models.Model):
    """One answer at one moment. Which moment, by whom and when is readable; what was answered only the key opens:
    that somebody stopped, or went to care, may say something about health."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="follow_ups")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="follow_ups")
    moment = models.CharField(max_length=2, choices=Moment)
    side = models.CharField(max_length=8, choices=Side)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # Which school told it; another school never reads it.
    institution = models.ForeignKey(Institution, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    sealed_answers = models.BinaryField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                name="follow_up_once_per_side",
                fields=["case", "moment", "side"],
                condition=Q(side__in=["student", "college"]),
            ),
            models.UniqueConstraint(
                name="follow_up_once_per_coach", fields=["case", "moment", "by"], condition=Q(side="coach")
            ),
            models.UniqueConstraint(
                name="follow_up_once_per_school", fields=["case", "moment", "institution"], condition=Q(side="school")
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class GrantQuerySet(models.QuerySet["FollowUpGrant"]):
    def open(self) -> Self:
        """Those the student did not stop. Who may read by it is asked in intake/services/hearing.py."""
        return self.filter(ended_at=None)


class FollowUpGrant(models.Model):
    """The student's own yes to one listener: the mentors at the college, one coach, or one school of before.

    It opens nothing by itself but how it goes (docs/decisions/0017).
    """

    class Kind(models.TextChoices):
        COLLEGE = "college_team", "Mijn mentoren op het mbo"
        COACH = "coach", "Mijn coach"
        SCHOOL = "school_team", "Mijn school van vroeger"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="follow_up_grants")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="follow_up_grants")
    kind = models.CharField(max_length=16, choices=Kind)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # The very tie with that coach in which the yes was given; another one is asked anew.
    tie = models.ForeignKey(Tie, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_names_who_hears",
                condition=Q(kind="college_team", institution=None, person=None)
                | Q(kind="coach", institution=None, person__isnull=False)
                | Q(kind="school_team", institution__isnull=False, person=None),
            ),
            models.UniqueConstraint(
                name="one_open_grant_per_college", fields=["case"], condition=Q(ended_at=None, kind="college_team")
            ),
            models.UniqueConstraint(
                name="one_open_grant_per_coach", fields=["case", "person"], condition=Q(ended_at=None, kind="coach")
            ),
            models.UniqueConstraint(
                name="one_open_grant_per_school",
                fields=["case", "institution"],
                condition=Q(ended_at=None, kind="school_team"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class FirstDay(models.Model):
    """The page of a student's first day: where, when, who is there; written by the college, sealed for the student."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="first_days")
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="first_day")
    sealed_page = models.BinaryField()
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.pk)


class Ask(models.Model):
    """Something a student is asked once after the start; `answered_at` set means: never on «Vandaag» again.

    Whatever the answer was, it is not kept here: a yes leads to the screens of sharing, a no to nothing.
    """

    class About(models.TextChoices):
        GUIDANCE = "guidance", "Delen met de mentoren op het mbo"
        WORK = "work", "Het paspoort op weg naar werk"
        REVIEW = "review", "Klopt dit nog?"
        W2 = "w2", "Na twee weken"
        W6 = "w6", "Na zes weken"
        M3 = "m3", "Na drie maanden"
        M6 = "m6", "Na een half jaar"
        Y1 = "y1", "Na een jaar"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="asks")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="asks")
    about = models.CharField(max_length=8, choices=About)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "about"], name="asked_once_per_case")]

    def __str__(self) -> str:
        return str(self.pk)


class CoachSignal(models.Model):
    """«X wil praten», sent by the student to one coach. It holds no words: only that, and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="coach_signals")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tie = models.ForeignKey(Tie, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "person"], name="one_signal_per_coach")]

    def __str__(self) -> str:
        return str(self.pk)
