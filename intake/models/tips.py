"""What helps with a need, as a region says it, and what it hears that worked. Public, or of nobody."""

import uuid

from django.db import models

from accounts.models import Region, User


class Audience(models.TextChoices):
    SCHOOL = "school", "Op school"
    WORK = "work", "Op de werkplek"


class RegionTip(models.Model):
    """One tip of a region for one need and one audience; its list takes the place of ours (intake/tips.yaml)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="tips")
    need = models.SlugField(max_length=32)
    audience = models.CharField(max_length=8, choices=Audience)
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=160)
    edited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["region", "need", "audience", "order"]
        constraints = [
            models.UniqueConstraint(fields=["region", "need", "audience", "order"], name="tip_one_at_a_place")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class WorkedWell(models.Model):
    """One impersonal sentence about a support that worked well, for the region to make a tip of.

    It leads to nobody: no case, no student, no school, no writer, and of the day only the month. When the region is
    done with it the text goes; the row stays, so that the sentences that came with it are counted as before.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="worked_well")
    need = models.SlugField(max_length=32)
    month = models.DateField()
    text = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(month__day=1), name="worked_well_by_the_month")]

    def __str__(self) -> str:
        return str(self.pk)
