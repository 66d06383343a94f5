"""Days to look around at a company or on a programme, and which students put their name down.

A day is about no student. Who put their name down is a row that hangs on the student and goes with them; the name
itself stands nowhere but in the student's own sealed record.
"""

import uuid
from datetime import date, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Institution, Student, Tie, User


class TasterDayQuerySet(models.QuerySet["TasterDay"]):
    def coming(self) -> Self:
        """Those that go on and did not begin yet."""
        return self.filter(cancelled_at=None, starts_at__gt=timezone.now())


class TasterDay(models.Model):
    """One day somewhere: how many places, how to get there, who goes along, and what one does there."""

    class Kind(models.TextChoices):
        COMPANY = "company", "Bij een bedrijf"
        PROGRAMME = "programme", "Op een opleiding"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Who put it up: a school for its own students, a college for every school in its region.
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="taster_days")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=80)
    town = models.CharField(max_length=80)
    where = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    doing = models.CharField(max_length=300)
    travel = models.CharField(max_length=200)
    along = models.CharField(max_length=120)
    put_up_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # Counts the changes: a calendar takes the newest version of an invitation.
    version = models.PositiveSmallIntegerField(default=0)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = TasterDayQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["institution", "starts_at"], name="taster_day_of_place")]
        constraints = [
            models.CheckConstraint(name="taster_day_has_a_place", condition=Q(places__gt=0)),
            models.CheckConstraint(
                name="taster_day_ends_after_it_starts", condition=Q(ends_at__gt=models.F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def on(self) -> date:
        """The day itself, in Amsterdam."""
        return timezone.localdate(self.starts_at)

    @property
    def is_coming(self) -> bool:
        return self.cancelled_at is None and self.starts_at > timezone.now()

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def last_day_of_buddy(self) -> date:
        """A buddy is there until a week after the day (contract, Purposes: `orientation`)."""
        return self.on + timedelta(days=7)


class TasterSignUp(models.Model):
    """A student put their name down for a day. States and moments are readable; it opens nothing of a passport."""

    class State(models.TextChoices):
        ASKED = "asked", "Gevraagd"
        CONFIRMED = "confirmed", "Gaat door"
        DECLINED = "declined", "Gaat niet door"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.ForeignKey(TasterDay, on_delete=models.CASCADE, related_name="sign_ups")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="taster_sign_ups")
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    # The student's own tick: whoever put up the day, somewhere else than their own school, may see their name.
    name_to_host = models.BooleanField(default=False)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    came = models.BooleanField(null=True, blank=True)
    # Who goes along, from the asking on; the tie counts once the student said yes, and ends a week after the day.
    tie = models.ForeignKey(Tie, on_delete=models.SET_NULL, null=True, blank=True, related_name="taster_sign_ups")
    buddy_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "student"], name="one_name_a_day")]

    def __str__(self) -> str:
        return str(self.pk)
