"""Counting without persons: what happened, who counted already, what is counted, and what was published.

A tick names nobody; who counted already is a slot under the student's own key; the counts are sealed with a key of the
site, so a copy of the database tells neither (docs/decisions/0018). Published are rounded numbers alone.
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Institution, Region, Student


class Event(models.TextChoices):
    """What is counted: each student once per school year."""

    STARTED = "started", "Begonnen"
    SHARED = "shared", "Gedeeld met een opleiding"
    READ = "read", "Gelezen door de opleiding"
    ANSWERED = "answered", "Antwoord gekregen"
    AGREED = "agreed", "Afspraken getekend"
    STILL_THERE = "still_there", "Nog op de opleiding"
    SWITCHED = "switched", "Overgestapt"
    STOPPED = "stopped", "Gestopt"


class Tick(models.Model):
    """One thing that happened, without the person: sealed with the key of the figures, and gone into Tally at night."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school_year = models.CharField(max_length=9)
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class Counted(models.Model):
    """That a student counted already for something: which thing only the student's key can tell.

    Goes with the student; those of a year go when the year is published. Without a year: that they ever started.
    """

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="counted")
    school_year = models.CharField(max_length=9, blank=True)
    slot = models.BinaryField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "slot"], name="counted_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Tally(models.Model):
    """The exact counts of a school year that still has to be published, sealed; destroyed once it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school_year = models.CharField(max_length=9, unique=True)
    sealed = models.BinaryField(null=True)

    def __str__(self) -> str:
        return self.school_year


class Publication(models.Model):
    """The figures of one region, school or college over one school year. Made once; never changed.

    `tables`: {table: {row: {event: number or null}}}, rounded by intake/services/rounding.py.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school_year = models.CharField(max_length=9)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True, blank=True, related_name="publications")
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, null=True, blank=True, related_name="publications"
    )
    tables = models.JSONField()
    published_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="publication_of_one_place",
                condition=Q(region__isnull=False, institution=None) | Q(region=None, institution__isnull=False),
            ),
            models.UniqueConstraint(fields=["region", "school_year"], name="region_published_once_a_year"),
            models.UniqueConstraint(fields=["institution", "school_year"], name="institution_published_once_a_year"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Published is published: two versions of one table could be subtracted."""
        if not self._state.adding:
            raise TypeError("a publication is immutable")
        super().save(*args, **kwargs)
