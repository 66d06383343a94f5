"""What a college and a student agreed on about support (WEB art. 8.1.3a), and how they look back at it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from intake.models.cases import Case


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def unsigned(self) -> Self:
        """Those somebody is still working on: they end with the share."""
        return self.filter(status__in=[Agreement.Status.DRAFT, Agreement.Status.OFFERED])

    def in_force(self) -> Self:
        return self.filter(status=Agreement.Status.SIGNED)

    def kept(self) -> Self:
        """The college's own: signed now, or signed once and followed by a newer one."""
        return self.filter(status__in=Agreement.KEPT)


class Agreement(models.Model):
    """One version of the support agreement of a case, sealed with a key of its own: `key_owner`, random, nobody's id.

    So a signed one outlives the passport and an unsigned one is destroyed by itself. The day to look back is readable:
    the timer has to find it. A refused one holds no text any more, only that there was an offer and when.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Concept"
        OFFERED = "offered", "Aangeboden"
        SIGNED = "signed", "Getekend"
        REFUSED = "refused", "Niet getekend"
        SUPERSEDED = "superseded", "Vervangen"

    class Signer(models.TextChoices):
        INTAKER = "intaker", "De intaker"
        COORDINATOR = "coordinator", "De coördinator"

    KEPT = (Status.SIGNED, Status.SUPERSEDED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    signer = models.CharField(max_length=12, choices=Signer, default=Signer.INTAKER)
    key_owner = models.UUIDField(unique=True)
    sealed_content = models.BinaryField(null=True, blank=True)
    # Until it is signed: the slots of the needs and the name it was built on; when one says nothing more, it ends.
    built_on = models.BinaryField(default=b"", blank=True)
    review_date = models.DateField()
    drafted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    drafted_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    objects = AgreementQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="agreement_version_once"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status__in=["draft", "offered"]), name="one_unsigned_agreement_per_case"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="signed"), name="one_agreement_in_force_per_case"
            ),
            models.CheckConstraint(
                name="refused_agreement_holds_no_text",
                condition=Q(status="refused", sealed_content=None)
                | (~Q(status="refused") & Q(sealed_content__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_unsigned(self) -> bool:
        return self.status in {self.Status.DRAFT, self.Status.OFFERED}

    @property
    def is_kept(self) -> bool:
        return self.status in self.KEPT


class SignatureRole(models.TextChoices):
    STUDENT = "student", "Student"
    GUARDIAN = "guardian", "Ouder of verzorger"
    COLLEGE = "college", "Het mbo"


class Signature(models.Model):
    """A yes to one text: `digest` is of the text that was seen, `sealed_name` the name that signed, in the agreement.

    `alone`: of a student, whether on that day nobody else had to sign too (16 or older, and no representative).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    role = models.CharField(max_length=8, choices=SignatureRole)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    alone = models.BooleanField(default=False)
    digest = models.BinaryField(max_length=32)
    sealed_name = models.BinaryField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["agreement", "role"], name="signature_once_per_role")]

    def __str__(self) -> str:
        return str(self.pk)


class AgreementReview(models.Model):
    """«Klopt dit nog?»: what the student or the college found of each agreement on the day to look back.

    Sealed with the agreement's key. No part of what was signed: it goes when the student is erased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="reviews")
    role = models.CharField(max_length=8, choices=SignatureRole)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    about = models.DateField()
    at = models.DateTimeField()
    sealed_answers = models.BinaryField()

    class Meta:
        ordering = ["-about", "at"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "role", "about"], name="review_once_per_side_and_day")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class AgreementFile(models.Model):
    """The PDF of one signed version. The row is the job and holds the file: fixed text, so it is made once.

    In the database, sealed with the agreement's key: it goes with its row, and no crash leaves a file of nobody.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "In de rij"
        RENDERING = "rendering", "Wordt gemaakt"
        READY = "ready", "Klaar"
        FAILED = "failed", "Niet gelukt"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.OneToOneField(Agreement, on_delete=models.CASCADE, related_name="file")
    status = models.CharField(max_length=12, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sealed_pdf = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ready_agreement_file_holds_a_pdf",
                condition=Q(status="ready", sealed_pdf__isnull=False) | (~Q(status="ready") & Q(sealed_pdf=None)),
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)
