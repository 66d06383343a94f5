"""Who the student lets read what, since when, until when; and the proof of it."""

import uuid
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase

from accounts.models import Institution, Programme, Student, Tie, User
from passport.models import Answer, AnswerRevision


class Purpose(models.TextChoices):
    LOB = "lob", "Praten over later op school"
    HOME = "home", "Thuis meelezen"
    COACHING = "coaching", "Hulp van je coach"
    ORIENTATION = "orientation", "Een dag meekijken"
    INTAKE = "intake", "Intake bij een opleiding"
    GUIDANCE = "guidance", "Begeleiding op het mbo"
    INTERNSHIP = "internship", "Stage"
    WORK = "work", "Werk"


class RecipientKind(models.TextChoices):
    SCHOOL_TEAM = "school_team", "Mijn mentor en decaan"
    GUARDIAN = "guardian", "Iemand van thuis"
    COACH = "coach", "Mijn coach"
    BUDDY = "buddy", "Mijn buddy"
    PROGRAMME = "programme", "Intake van een opleiding"
    COLLEGE_TEAM = "college_team", "Mijn mentoren op het mbo"
    LINK = "link", "Iemand met een link"


PERSON_KINDS = (RecipientKind.GUARDIAN, RecipientKind.COACH, RecipientKind.BUDDY)  # somebody with a tie to the student


class ShareState(models.TextChoices):
    AWAITING_GUARDIAN = "awaiting_guardian", "Wacht op een ouder"
    ACTIVE = "active", "Gedeeld"
    WITHDRAWN = "withdrawn", "Gestopt"
    DECLINED = "declined", "Niet doorgegaan"
    EXPIRED = "expired", "Voorbij"


class ShareQuerySet(models.QuerySet["Share"]):
    def live(self, on: date | None = None) -> Self:
        """Given, not ended and not over on a day (today in Amsterdam). Who may read it is not asked here."""
        return self.filter(state=ShareState.ACTIVE, valid_until__gte=on or timezone.localdate())

    def may_have_lapsed(self) -> Self:
        """Those that take a place but may be over: past their day, waiting for a yes nobody can give any more, or given
        in a tie that ended."""
        today = timezone.localdate()
        over = Q(valid_until__lt=today) | Q(state=ShareState.AWAITING_GUARDIAN)
        over |= Q(Q(tie=None) | Q(tie__ends_on__lt=today), person__isnull=False)
        return self.open_ended().filter(over)

    def open_ended(self) -> Self:
        """Those that take the place of their recipient and purpose: live or still waiting."""
        return self.filter(state__in=[ShareState.ACTIVE, ShareState.AWAITING_GUARDIAN])


class Share(models.Model):
    """One yes of a student: these units, to this recipient, for this purpose, until the end of a day.

    `release` counts what the recipient can see: it goes up with every release, change and end, and a handover
    belongs to exactly one number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="shares")
    recipient_kind = models.CharField(max_length=16, choices=RecipientKind)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, null=True, blank=True, related_name="shares")
    person = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # The very tie with that person in which the yes was given: another one, whatever its dates, opens nothing.
    tie = models.ForeignKey(Tie, on_delete=models.SET_NULL, null=True, blank=True, related_name="shares")
    purpose = models.CharField(max_length=12, choices=Purpose)
    state = models.CharField(max_length=20, choices=ShareState)
    valid_until = models.DateField()
    warm_transfer = models.BooleanField(default=False)
    approval_required = models.BooleanField(default=False)
    # What a student under 16 asked for and a guardian has not said yes to yet; the recipient keeps what was approved.
    waiting_valid_until = models.DateField(null=True, blank=True)
    waiting_warm_transfer = models.BooleanField(default=False)
    # When to look again at each shared need, {unit: day}, padded so that it does not tell how many there are.
    sealed_reviews = models.BinaryField(null=True, blank=True)
    release = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the student answered whether to share this again in a new school year: it is asked once.
    asked_anew_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        permissions = [("open_dossier", "May open this dossier")]
        default_permissions = ()
        indexes = [
            models.Index(fields=["programme", "state"]),
            models.Index(fields=["student", "state"]),
            models.Index(fields=["person", "state"]),
            models.Index(fields=["institution", "state"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="share_names_its_recipient",
                condition=(
                    Q(recipient_kind="school_team", institution__isnull=False, programme=None, person=None)
                    | Q(
                        recipient_kind__in=["programme", "college_team"],
                        institution=None,
                        programme__isnull=False,
                        person=None,
                    )
                    | Q(
                        recipient_kind__in=[kind.value for kind in PERSON_KINDS],
                        institution=None,
                        programme=None,
                        person__isnull=False,
                    )
                    | Q(recipient_kind="link", institution=None, programme=None, person=None)
                ),
            ),
            models.UniqueConstraint(
                name="one_open_share_per_programme_and_purpose",
                fields=["student", "programme", "purpose"],
                condition=Q(state__in=["active", "awaiting_guardian"], programme__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_share_per_school_and_purpose",
                fields=["student", "institution", "purpose"],
                condition=Q(state__in=["active", "awaiting_guardian"], institution__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_open_share_per_person_and_purpose",
                fields=["student", "person", "purpose"],
                condition=Q(state__in=["active", "awaiting_guardian"], person__isnull=False),
            ),
            models.CheckConstraint(
                name="share_ended_has_a_moment",
                condition=Q(state__in=["active", "awaiting_guardian"], ended_at=None)
                | Q(state__in=["withdrawn", "declined", "expired"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def recipient_id(self) -> uuid.UUID | None:
        return self.institution_id or self.programme_id or self.person_id

    @property
    def starts_on(self) -> date | None:
        """The first day of a placement; None for everything that starts with the yes."""
        return self.link.starts_on if self.recipient_kind == RecipientKind.LINK else None

    @property
    def has_started(self) -> bool:
        """Whether its placement has begun (in Amsterdam)."""
        return self.starts_on is not None and self.starts_on <= timezone.localdate()

    @property
    def is_past(self) -> bool:
        """Whether its last day is over (in Amsterdam)."""
        return self.valid_until < timezone.localdate()

    @property
    def is_open(self) -> bool:
        return self.state in {ShareState.ACTIVE, ShareState.AWAITING_GUARDIAN}


class NamedReader(models.Model):
    """A care coordinator of the school whom the student added, by name, to what the school team reads."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="named_readers")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "person"], name="named_reader_once")]

    def __str__(self) -> str:
        return f"{self.share_id} {self.person_id}"


class ShareLink(models.Model):
    """How somebody without an account reads one share: a token in a mail and a code the student passes on in person.

    The database holds no token and no code, only what proves them: the token as SHA-256, the code as a keyed digest
    that dies with the student's key. `sealed_to` holds the address, the label and the token to mail again.
    """

    share = models.OneToOneField(Share, on_delete=models.CASCADE, related_name="link")
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    sealed_to = models.BinaryField()
    code_mac = models.BinaryField(max_length=32)
    code_made_at = models.DateTimeField()
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    # The first day of a placement; without one (an intake by link) the share starts with the yes.
    starts_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.share_id)


class ShareGroupObjectPermission(GroupObjectPermissionBase):
    """The door: one `open_dossier` row per live share, for the group of its recipient.

    Written by give and removed by every end. Nobody is put in a group and `has_perm` is never asked:
    consent/access.py joins this row to the reader's dated role.
    """

    content_object = models.ForeignKey(Share, on_delete=models.CASCADE)


class ShareItem(models.Model):
    """One shared unit, named by its slot.

    Released purposes point at the revision the student saw, identity units keep their text sealed here; a live
    purpose (lob, home, coaching) points only at the answer. `waiting` = added under 16, before a guardian's yes.
    """

    class State(models.TextChoices):
        GIVEN = "given", "Gedeeld"
        WAITING = "waiting", "Wacht op een ouder"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="items")
    slot = models.BinaryField(max_length=16)
    state = models.CharField(max_length=8, choices=State, default=State.GIVEN)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    revision = models.ForeignKey(
        AnswerRevision, on_delete=models.RESTRICT, null=True, blank=True, related_name="share_items"
    )
    sealed_text = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["share", "slot", "state"], name="unit_once_in_a_share"),
            models.CheckConstraint(
                name="item_is_an_answer_or_a_sealed_text",
                condition=Q(answer__isnull=False, sealed_text=None)
                | Q(answer=None, revision=None, sealed_text__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Release(models.Model):
    """What the recipient could see from a moment on, as a keyed digest of the preview: it dies with the key."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "number"], name="release_once")]

    def __str__(self) -> str:
        return f"{self.share_id} {self.number}"


class Approval(models.Model):
    """A guardian's yes or no to a share outside school, given for one release of it."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    yes = models.BooleanField()
    release = models.PositiveIntegerField()
    at = models.DateTimeField()
    sealed_note = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["share", "person", "release"], name="approval_once")]

    def __str__(self) -> str:
        return f"{self.share_id} {self.yes}"


class ShareDraft(models.Model):
    """What a student ticked so far, between two screens. Sealed: even a tick can tell which help is needed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="share_drafts")
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class Reply(models.Model):
    """What a recipient wrote back ("gelezen"); sealed with the student's key, read by the student."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="replies")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sealed_text = models.BinaryField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.pk)


class ConsentRecord(models.Model):
    """One signed consent record (ISO/IEC TS 27560): what was agreed, sealed for the student, with its signature."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="records")
    event = models.CharField(max_length=24)
    at = models.DateTimeField()
    sealed_record = models.BinaryField()

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return str(self.pk)


class PurposeSetting(models.Model):
    """What a purpose means in law from a day on, as the controller's privacy officer signs it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose)
    valid_from = models.DateField()
    controller = models.CharField(max_length=160)
    legal_basis = models.CharField(max_length=160)
    special_ground = models.CharField(max_length=160)
    age_rule = models.CharField(max_length=160)
    longest = models.CharField(max_length=160)
    notice_version = models.CharField(max_length=32)
    notice_language = models.CharField(max_length=8, default="nl")
    notice_text = models.TextField()
    # The same in other languages, by code: consent/notices.py:TRANSLATED. The text above is the one that was signed.
    translations = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "valid_from"], name="purpose_setting_once_a_day")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.valid_from}"


class LedgerEntry(models.Model):
    """One link of the chain: written once by consent/ledger.py, refused any change by triggers.

    No foreign keys: deleting a person never blocks, or is blocked by, the proof. No text, no name, no unit keys.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    event = models.CharField(max_length=24)
    actor_id = models.UUIDField(null=True)
    student_id = models.UUIDField()
    share_id = models.UUIDField(null=True)
    detail = models.JSONField()
    mac = models.BinaryField(max_length=32)
    # Of an entry that was just written: the mac of the one before it. Not a field.
    previous_mac: bytes = b""

    class Meta:
        indexes = [models.Index(fields=["student_id", "event", "-seq"])]
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.seq)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the ledger is append-only")
