"""What readers say of the questions, never of a student: «hielp mij» or «miste ik», counted of nobody."""

import uuid

from django.db import models


class MarkKind(models.TextChoices):
    HELPED = "helped", "Hielp mij"
    MISSED = "missed", "Miste ik"


class QuestionMark(models.Model):
    """One tap of a reader at a question, in the month it was made; without student, share, reader or moment.

    `slot` says that a reader counted already this month, and which question only the key of the figures can tell.
    `sealed` holds {version, question, kind} under that key. Both go in the first night of the next month.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.DateField()
    slot = models.BinaryField(max_length=16, unique=True)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class QuestionTally(models.Model):
    """How often readers tapped what at the questions of one version, of months that are over; shown in whole fives.

    `sealed` holds {question: {kind: count}} under the key of the figures.
    """

    version = models.OneToOneField(
        "passport.QuestionnaireVersion", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    sealed = models.BinaryField(null=True)

    def __str__(self) -> str:
        return str(self.pk)
