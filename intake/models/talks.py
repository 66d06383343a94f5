"""Talks about what was shared, and words from home: the student's too, sealed with their key."""

import uuid

from django.db import models

from accounts.models import User
from consent.models import Share


class WarmTalk(models.Model):
    """The talk of a warm transfer, planned by the school team beside the student; sealed with the student's key.

    `sealed_plan` holds who is there, where and the agenda; `sealed_outcome` what was agreed; `sealed_comment` what the
    student says about that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.OneToOneField(Share, on_delete=models.CASCADE, related_name="warm_talk")
    planned_for = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sealed_plan = models.BinaryField()
    sealed_outcome = models.BinaryField(null=True, blank=True)
    sealed_comment = models.BinaryField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.pk)


class IntakeTalk(models.Model):
    """The talk of an intake, planned by the intaker beside what the student wants; sealed with the student's key.

    When it is stands in one place, `Case.intake_at`. `sealed_plan` holds where, how, who and the agenda;
    `sealed_answer` what the student says of it: another time, somebody to bring, and why.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.OneToOneField(Share, on_delete=models.CASCADE, related_name="intake_talk")
    planned_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    minutes = models.PositiveSmallIntegerField(default=45)
    # How often the invitation changed: a calendar takes the newest (RFC 5545, SEQUENCE).
    version = models.PositiveSmallIntegerField(default=0)
    sealed_plan = models.BinaryField(null=True, blank=True)
    sealed_answer = models.BinaryField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.pk)


class TalkNote(models.Model):
    """What was said and agreed in a talk at school, written on what the student shares with the school team.

    The note is the student's too: sealed with their key, read by both. `sealed_note` holds section, text and points;
    `sealed_done` which points the student ticked off. It goes when the student takes it away or is erased.
    """

    class Kind(models.TextChoices):
        MENTOR = "mentor", "Met uw student"
        PARENT = "parent", "Met z'n drieën, met iemand van thuis"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="talk_notes")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MENTOR)
    held_on = models.DateField()
    sealed_note = models.BinaryField()
    sealed_done = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-held_on", "-created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class Remark(models.Model):
    """What somebody from home writes beside one unit that is shared with them, never in the student's own text.

    Sealed with the student's key; read by who wrote it and by the student, who can hide it. No other reader gets it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="remarks")
    slot = models.BinaryField(max_length=16)
    sealed_text = models.BinaryField()
    hidden = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["share", "slot"], name="remark_once_per_unit")]

    def __str__(self) -> str:
        return str(self.pk)
