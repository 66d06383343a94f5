"""What one must know of a programme to compare it with another, apart from its help; public."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Programme, User


class PartTime(models.TextChoices):
    YES = "yes", "Ja"
    ASK = "ask", "Soms"
    NO = "no", "Nee"


class ProgrammeFacts(models.Model):
    """One row a programme; what a college did not fill in stays empty. Its learning route stands on the programme."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.OneToOneField(Programme, on_delete=models.CASCADE, related_name="facts")
    starts = models.CharField(max_length=120, blank=True)
    days_a_week = models.PositiveSmallIntegerField(null=True, blank=True)
    hours_a_week = models.PositiveSmallIntegerField(null=True, blank=True)
    group_size = models.PositiveSmallIntegerField(null=True, blank=True)
    travel = models.CharField(max_length=200, blank=True)
    part_time = models.CharField(max_length=4, choices=PartTime, blank=True)
    # Not for comparing: these make the form of a first day ready, for whoever fills it in (intake/services/facts.py).
    first_day_time = models.CharField(max_length=20, blank=True)
    first_day_where = models.CharField(max_length=160, blank=True)
    first_day_who = models.CharField(max_length=120, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="facts_of_a_week_and_a_class",
                condition=(Q(days_a_week=None) | Q(days_a_week__range=(1, 7)))
                & (Q(hours_a_week=None) | Q(hours_a_week__range=(1, 60)))
                & (Q(group_size=None) | Q(group_size__range=(1, 60))),
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
