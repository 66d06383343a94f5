"""The work of a college with what came through the door: cases, offers, handovers."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Institution, Programme, SchoolClass, Student, User
from consent.models import Share


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

    class Meta:
        indexes = [models.Index(fields=["programme", "-received_at"])]

    def __str__(self) -> str:
        return str(self.pk)


class WarmTalk(models.Model):
    """The talk of a warm transfer, planned by the school team beside the student; sealed with the student's key.

    `sealed_plan` holds who is there, where and the agenda; `sealed_outcome` what was agreed; `sealed_comment` what the
    student says about that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.OneToOneField(Share, on_delete=models.CASCADE, related_name="warm_talk")
    planned_for = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    sealed_plan = models.BinaryField()
    sealed_outcome = models.BinaryField(null=True, blank=True)
    sealed_comment = models.BinaryField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

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


class TalkNote(models.Model):
    """What was said and agreed in a talk at school, written on what the student shares with the school team.

    The note is the student's too: sealed with their key, read by both. `sealed_note` holds section, text and points;
    `sealed_done` which points the student ticked off. It goes when the student takes it away or is erased.
    """

    class Kind(models.TextChoices):
        MENTOR = "mentor", "Met uw student"
        PARENT = "parent", "Met z'n drieën, met iemand van thuis"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="talk_notes")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MENTOR)
    held_on = models.DateField()
    sealed_note = models.BinaryField()
    sealed_done = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-held_on", "-created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class Remark(models.Model):
    """What somebody from home writes beside one unit that is shared with them, never in the student's own text.

    Sealed with the student's key; read by who wrote it and by the student, who can hide it. No other reader gets it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="remarks")
    slot = models.BinaryField(max_length=16)
    sealed_text = models.BinaryField()
    hidden = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["share", "slot"], name="remark_once_per_unit")]

    def __str__(self) -> str:
        return str(self.pk)


class MailDay(models.Model):
    """When somebody last had a mail that could wait, so that it is one a day at most; `stopped_at`: no more of them."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="mail_day")
    last_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)
