"""The intake of one student at one programme, and what the law asked for."""

import uuid

from django.db import models

from accounts.models import Programme, Student, User
from consent.models import Share


class Case(models.Model):
    """The intake of one student at one programme. Its state says nothing of why a share ended.

    When the student is erased the row stays without its share, and so leads to nobody: it looks like every other end.
    """

    class Status(models.TextChoices):
        NEW = "new", "Nieuw"
        READ = "read", "Gelezen"
        INVITED = "invited", "Uitgenodigd"
        DONE = "done", "Gesprek geweest"
        PLACED = "placed", "Geplaatst"
        NOT_PLACED = "not_placed", "Niet geplaatst"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.OneToOneField(Share, on_delete=models.SET_NULL, null=True, related_name="case")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="cases")
    status = models.CharField(max_length=12, choices=Status, default=Status.NEW)
    received_at = models.DateTimeField()
    intake_at = models.DateTimeField(null=True, blank=True)
    assigned_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # The first day at the programme, as far as known: the moments after the start count from it.
    starts_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["programme", "-received_at"])]

    def __str__(self) -> str:
        return str(self.pk)


class LawAnswer(models.Model):
    """A request by law that was answered with the student's own export (docs/rules.md, rule 6).

    `sealed_detail` holds what kind it was, who decided, the number in the controller's register, and until when and by
    which law the student may not know; only the student's key opens it. The ledger holds that it happened.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="law_answers")
    at = models.DateTimeField()
    sealed_detail = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)
