"""PDFs as jobs, one by one and in bulk."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Programme, SchoolClass, User
from consent.models import Share


class HandoverQuerySet(models.QuerySet["Handover"]):
    def waiting(self) -> Self:
        return self.filter(status__in=[Handover.Status.QUEUED, Handover.Status.RENDERING])


class Handover(models.Model):
    """One PDF of one release of a share. The row is the job: states, lease and attempts live here."""

    class Status(models.TextChoices):
        QUEUED = "queued", "In de rij"
        RENDERING = "rendering", "Wordt gemaakt"
        READY = "ready", "Klaar"
        FAILED = "failed", "Niet gelukt"
        VOID = "void", "Niet meer geldig"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="handovers")
    release = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    code_sha256 = models.CharField(max_length=64, unique=True, null=True, blank=True)
    file = models.CharField(max_length=80, blank=True)
    # What the file says, as a keyed digest: when the share says something else now, the file is void.
    content_digest = models.BinaryField(max_length=32, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["share", "release"], name="one_handover_per_release"),
            models.CheckConstraint(
                name="ready_handover_has_a_file",
                condition=~Q(status="ready") | (Q(ready_at__isnull=False) & ~Q(file="")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Batch(models.Model):
    """The handovers somebody asked for at once: of a class, or of a programme. It holds nobody's text and lives a day.

    What each row shows is asked again of consent/access.py; a batch gives no right to anything.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="batches")
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="batch_of_a_class_or_a_programme",
                condition=Q(school_class__isnull=False, programme=None) | Q(school_class=None, programme__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BatchRow(models.Model):
    """One handover in a batch. `place` is its number on the screen and in the ZIP: a file name tells nobody's name."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="rows")
    place = models.PositiveSmallIntegerField()
    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "place"], name="place_once_in_a_batch"),
            models.UniqueConstraint(fields=["batch", "handover"], name="handover_once_in_a_batch"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
