"""The proof of a switch of «Wie hoort hoe het gaat?»: as consent/models.py:ConsentRecord is of a share."""

import uuid

from django.db import models

from accounts.models import Student
from intake.models.follow_ups import FollowUpGrant


class HearingRecord(models.Model):
    """One yes, or one end of it: who, when and the text that was read; signed, and sealed with the student's key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="hearing_records")
    grant = models.ForeignKey(FollowUpGrant, on_delete=models.CASCADE, related_name="records")
    event = models.CharField(max_length=24)
    at = models.DateTimeField()
    sealed_record = models.BinaryField()

    class Meta:
        ordering = ["-at", "event"]
        constraints = [models.UniqueConstraint(fields=["grant", "event"], name="one_hearing_record_per_act")]

    def __str__(self) -> str:
        return str(self.pk)
