"""A coach's contact moments with a student: the student's too, sealed with their key."""

import uuid

from django.db import models

from accounts.models import Tie, User


class CoachMoment(models.Model):
    """One moment a coach and a student had or will have, in the tie between them.

    The note is the student's too: sealed with their key, read by both. `sealed_note` holds the text and what each
    promised; `sealed_done` which promises are kept. It goes when the student takes it away or is erased.
    """

    class State(models.TextChoices):
        PLANNED = "planned", "Gepland"
        HAD = "had", "Geweest"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tie = models.ForeignKey(Tie, on_delete=models.CASCADE, related_name="coach_moments")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State)
    on = models.DateField()
    sealed_note = models.BinaryField()
    sealed_done = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
