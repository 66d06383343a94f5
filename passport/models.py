"""What a student tells. Every answer is a row of immutable revisions; the database sees slots, not questions."""

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Student, User


class QuestionnaireVersion(models.Model):
    """One published version of the questions: never changed, never deleted while a revision points at it.

    `based_on`: the version a working group edited to make this one; a version that came from a file has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.CharField(max_length=32, unique=True)
    language = models.CharField(max_length=8)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now_add=True)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    published_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        get_latest_by = "published_at"

    def __str__(self) -> str:
        return self.version


class QuestionnaireDraft(models.Model):
    """What a working group is making of the newest version: its whole content, edited. Nothing of a person.

    One for each version; it goes when it is published or thrown away.
    """

    based_on = models.OneToOneField(
        QuestionnaireVersion, on_delete=models.CASCADE, primary_key=True, related_name="draft"
    )
    content = models.JSONField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)


class Passport(models.Model):
    """One per student. `sealed_route` holds the route (mbo or work)."""

    student = models.OneToOneField(Student, on_delete=models.CASCADE, primary_key=True, related_name="passport")
    questionnaire = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="passports")
    sealed_route = models.BinaryField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class Answer(models.Model):
    """The place of one answer: which question it is only the student's key can tell (`slot`).

    `revision` is the number of the newest revision, 0 when there is none yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="answers")
    slot = models.BinaryField(max_length=16)
    revision = models.PositiveIntegerField(default=0)
    newest = models.ForeignKey(
        "AnswerRevision", on_delete=models.SET_NULL, null=True, blank=True, related_name="newest_of"
    )
    updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "slot"], name="answer_once")]

    def __str__(self) -> str:
        return str(self.pk)


class AnswerRevision(models.Model):
    """One text a student kept. `sealed` holds {status, value, since, by}; see passport/services.py for `since`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    questionnaire = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    # One of two texts that met in a conflict: it stays in the history, whatever else of its sitting goes.
    aside = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "number"], name="revision_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="revision_counts_from_one"),
        ]
        ordering = [F("number").desc()]

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A revision is written once: what somebody agreed to share must stay what they saw."""
        if not self._state.adding:
            raise TypeError("an answer revision is immutable")
        super().save(*args, **kwargs)


class Experience(models.Model):
    """A card of what a student did to find out what they want: an open day, a placement, a talk with a buddy.

    `sealed` holds {kind, on, did, felt, learned}; `revision` tells two telephones apart. A card is no unit: nobody
    reads it but its student, until the student takes a sentence of it over into an answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="experiences")
    revision = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class Suggestion(models.Model):
    """What somebody of the school team would write for one unit. Never part of an answer until the student accepts.

    `sealed` holds {unit, value, by}: `by` is the writer's name as the student saw it. `about` is the text it was
    written beside, and once accepted the text that made way: the nightly job keeps that one.
    """

    class State(models.TextChoices):
        OPEN = "open", "Voorgesteld"
        ACCEPTED = "accepted", "Overgenomen"
        ADAPTED = "adapted", "Aangepast"
        DECLINED = "declined", "Nee gezegd"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="suggestions")
    slot = models.BinaryField(max_length=16)
    sealed = models.BinaryField()
    about = models.ForeignKey(AnswerRevision, on_delete=models.SET_NULL, null=True, related_name="suggestions")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_open_suggestion_per_writer_and_unit",
                fields=["student", "slot", "by"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="suggestion_decided_has_a_moment",
                condition=Q(state="open", decided_at=None)
                | Q(state__in=["accepted", "adapted", "declined"], decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Goal(models.Model):
    """One thing a student practises, or practised: {skill, label, step, on, done_on}, sealed. Nobody else reads it.

    `revision` tells two telephones apart, as with an Experience.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="goals")
    revision = models.PositiveIntegerField(default=1)
    sealed = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class MentorSign(models.Model):
    """What a student lets their mentor see beside their name, each since when: times and no words (passport/signs.py).

    A hand is gone at the end of the lesson's day, a wish to talk when they talked or the student takes it back.
    """

    student = models.OneToOneField(Student, on_delete=models.CASCADE, primary_key=True, related_name="sign")
    hand_at = models.DateTimeField(null=True, blank=True)
    talk_at = models.DateTimeField(null=True, blank=True)
    progress_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
