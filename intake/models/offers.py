"""What programmes say they give and ask; public, but for what a student thinks of it."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import Institution, Programme, Student, User


class Layer(models.TextChoices):
    BASIC = "basic", "Voor iedereen"
    EXTRA = "extra", "Extra hulp"
    EXTERNAL = "external", "Van buiten de school"


class Offer(models.Model):
    """What a programme gives for one need, in plain words; public."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="offers")
    need = models.SlugField(max_length=32)
    layer = models.CharField(max_length=8, choices=Layer)
    text = models.CharField(max_length=400)
    # A coordinator of the college; nobody for what came with the demo, or when that log-in is gone.
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["programme", "need", "layer"]
        constraints = [models.UniqueConstraint(fields=["programme", "need", "layer"], name="offer_once_per_layer")]

    def __str__(self) -> str:
        return str(self.pk)


class ExpectationQuerySet(models.QuerySet["Expectation"]):
    def reviewed(self) -> Self:
        """Those somebody of a vso read and found right: no student sees another."""
        return self.filter(reviewed_at__isnull=False)

    def waiting(self) -> Self:
        """Those no school looked at yet in the words they have now."""
        return self.filter(reviewed_at=None, remark="")


class Expectation(models.Model):
    """What a day at a programme asks, in one sentence of the college, and what a student can ask about it; public."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="expectations")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=120)
    question = models.CharField(max_length=80)
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The school whose counsellor or care coordinator said yes, or what it says first has to change.
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Institution, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    remark = models.CharField(max_length=200, blank=True)

    objects = ExpectationQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "order"]
        constraints = [models.UniqueConstraint(fields=["programme", "text"], name="expectation_said_once")]

    def __str__(self) -> str:
        return str(self.pk)


class ExpectationTicks(models.Model):
    """What a student thinks of one programme's expectations. Which programme it is only the student's key can tell.

    `sealed` holds {programme, ticks: {sentence: tick}}, by the sentence that was read: a changed one is asked anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="expectation_ticks")
    slot = models.BinaryField(max_length=16)
    sealed = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "slot"], name="ticks_once_per_programme")]

    def __str__(self) -> str:
        return str(self.pk)
