"""People, the places they learn and work, and since when and until when they belong there."""

import uuid
from datetime import date
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.nl import brin

from accounts.token_models import Token as Token


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A log-in. Of staff the name and e-mail are readable; of students and guardians only a random handle."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    staff_name = models.CharField(max_length=120, blank=True)
    staff_function = models.CharField(max_length=120, blank=True)
    staff_telephone = models.CharField(max_length=32, blank=True)
    # How this person likes to read: text size, spacing, colours, calm mode, read-aloud (accounts/reading.py).
    reading = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    is_superuser = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_student(self) -> bool:
        return hasattr(self, "student")


class Region(models.Model):
    """A Doorstroompunt region (RMC-regio)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name


class Institution(models.Model):
    """A school or college of any kind; nothing in the code asks for vso."""

    class Kind(models.TextChoices):
        VSO = "vso", "Voortgezet speciaal onderwijs"
        PRO = "pro", "Praktijkonderwijs"
        VO = "vo", "Voortgezet onderwijs"
        ISK = "isk", "Internationale schakelklas"
        MBO = "mbo", "Mbo"
        EMPLOYER = "employer", "Werkgever"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=Kind)
    place = models.CharField(max_length=80, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="institutions", null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class InstitutionIdentifier(models.Model):
    """A code of an institution as (type, value): BRIN is on its way out, RIO on its way in."""

    class Kind(models.TextChoices):
        BRIN = "brin", "BRIN (instelling)"
        BRIN6 = "brin6", "BRIN (vestiging)"
        RIO = "rio", "RIO"
        OIN = "oin", "OIN"

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identifier_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    def clean(self) -> None:
        """Normalises a BRIN with python-stdnum; RIO and OIN are kept as given (their shape is not published)."""
        if self.kind not in {self.Kind.BRIN, self.Kind.BRIN6}:
            return
        try:
            self.value = brin.compact(brin.validate(self.value))
        except StdnumError as error:
            raise ValidationError({"value": "Dit is geen BRIN-nummer."}) from error
        if (len(self.value) == 6) != (self.kind == self.Kind.BRIN6):
            raise ValidationError({"value": "Een BRIN heeft 4 tekens, een vestiging 6."})


class SchoolClass(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="classes")
    name = models.CharField(max_length=40)
    school_year = models.CharField(max_length=9)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "name", "school_year"], name="class_once_a_year")]

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """What a student can start with. `partner` is the second school of an entree given at a vso."""

    class Kind(models.TextChoices):
        MBO = "mbo", "Mbo-opleiding"
        BRIDGING = "bridging", "Schakeltraject"
        ENTREE = "entree", "Entree"

    class Sector(models.TextChoices):
        TECHNOLOGY = "technology", "Techniek"
        CARE = "care", "Zorg en welzijn"
        ECONOMY = "economy", "Economie"
        GREEN = "green", "Groen"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="programmes")
    partner = models.ForeignKey(
        Institution, on_delete=models.SET_NULL, related_name="partner_programmes", null=True, blank=True
    )
    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MBO)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    sector = models.CharField(max_length=12, choices=Sector, blank=True)
    learning_route = models.CharField(max_length=8, blank=True)
    crebo = models.CharField(max_length=5, blank=True)
    place = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(level__range=(1, 4)), name="programme_level_1_to_4"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        return f"{self.name}, niveau {self.level}" if self.level else self.name


class Student(models.Model):
    """Someone with a passport. `sealed_identity` holds the names, the birth date and the application reference."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="student")
    sealed_identity = models.BinaryField()
    frozen_at = models.DateTimeField(null=True, blank=True)
    # «Stuur mij een mail als er is gekeken»: off until the student turns it on; the mail has no content.
    mail_on_look = models.BooleanField(default=False)
    look_mailed_at = models.DateTimeField(null=True, blank=True)
    erase_after = models.DateTimeField(null=True, blank=True)
    together_since = models.DateTimeField(null=True, blank=True)  # accounts/together.py

    def __str__(self) -> str:
        return str(self.pk)


class Guardian(models.Model):
    """A parent or other guardian, with a data key of their own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="guardian")
    sealed_identity = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)


class DatedQuerySet(models.QuerySet[Any]):
    def current(self, on: date | None = None) -> Self:
        """Those that hold on a day (today in Amsterdam): begun, and not over. The last day counts."""
        on = on or timezone.localdate()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on)


class Role(models.TextChoices):
    STUDENT = "student", "Student"
    MENTOR = "mentor", "Mentor"
    COUNSELLOR = "counsellor", "Decaan"
    CARE = "care", "Zorgcoördinator"
    GUARDIAN = "guardian", "Ouder of verzorger"
    COACH = "coach", "Coach"
    BUDDY = "buddy", "Buddy"
    INTAKER = "intaker", "Intaker"
    COORDINATOR = "coordinator", "Coördinator"
    REGION = "region", "Regio"


class Membership(models.Model):
    """Someone's role at one institution, class, programme or region, from a day until a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)
    institution = models.ForeignKey(
        Institution, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    school_class = models.ForeignKey(
        SchoolClass, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships"
    )
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True, blank=True, related_name="memberships")
    starts_on = models.DateField(default=timezone.localdate)
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "role"])]
        constraints = [
            models.CheckConstraint(
                name="membership_of_one_place",
                condition=(
                    Q(institution__isnull=False, school_class=None, programme=None, region=None)
                    | Q(institution=None, school_class__isnull=False, programme=None, region=None)
                    | Q(institution=None, school_class=None, programme__isnull=False, region=None)
                    | Q(institution=None, school_class=None, programme=None, region__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Tie(models.Model):
    """A confirmed relation between a student and one person: guardian, coach or buddy.

    A guardian counts for approving once they accepted (`confirmed_at`) and the school recorded its check of
    authority, gezag (`authority_checked_at`); contract, rule 10. Who ended and comes back gets a new row, so that
    nothing that was said in the tie of before holds in this one.
    """

    class Kind(models.TextChoices):
        GUARDIAN = "guardian", "Ouder of verzorger"
        COACH = "coach", "Coach"
        BUDDY = "buddy", "Buddy"
        REPRESENTATIVE = "representative", "Wettelijk vertegenwoordiger"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="ties")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ties")
    kind = models.CharField(max_length=16, choices=Kind)
    label = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    authority_checked_at = models.DateTimeField(null=True, blank=True)
    # Whoever asked this person does not check the authority too; gone when that log-in is.
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    starts_on = models.DateField(default=timezone.localdate)
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_tie_without_an_end", fields=["student", "person", "kind"], condition=Q(ends_on=None)
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Invitation(models.Model):
    """Somebody who is asked to be a student's guardian or representative, and has not answered yet.

    There is no log-in and no tie before they say yes. `sealed_to` holds the address, the relation in a word and the
    token of the link, under the student's key; the row goes with the answer, or after two weeks.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="invitations")
    kind = models.CharField(max_length=16, choices=Tie.Kind)
    invited_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    sealed_to = models.BinaryField()
    # The code that was mailed last follows from this moment and the student's key; it is kept nowhere.
    code_made_at = models.DateTimeField(null=True, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_is_of_somebody_at_home", condition=Q(kind__in=["guardian", "representative"])
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MailCode(models.Model):
    """One request for a code to log in with (accounts/mail_codes.py); of an address nobody has here it leads to nobody.

    The code itself and the address are kept nowhere: the code follows from this row's id and the person's own key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    guardian = models.ForeignKey(Guardian, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    # Proves a new address of a student who is in (accounts/own_mail.py); lets nobody in.
    confirms = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.pk)


class Badge(models.Model):
    """The card somebody at school logs in with, and the PIN that goes with it (accounts/badges.py).

    One card a student: a new one takes the place of the old. The token is kept as a hash, the PIN as an argon2id hash
    of a digest that only the student's own key can make.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    student = models.OneToOneField(Student, on_delete=models.CASCADE, related_name="badge")
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    pin_hash = models.CharField(max_length=128, blank=True)
    pin_set_at = models.DateTimeField(null=True, blank=True)
    # Until when the student may choose a PIN with the card alone.
    pin_open_until = models.DateTimeField(null=True, blank=True)
    # Who took the PIN away last, and when: the student reads it at «Inloggen».
    pin_reset_at = models.DateTimeField(null=True, blank=True)
    pin_reset_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    closed_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class DataKey(models.Model):
    """One wrapped data key, in the key database. Destroyed = `wrapped` is gone and nothing opens any more."""

    owner_id = models.UUIDField()
    version = models.PositiveSmallIntegerField(default=1)
    kek_id = models.CharField(max_length=32)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "version"], name="key_version_once"),
            models.CheckConstraint(
                name="key_wrapped_or_destroyed",
                condition=Q(wrapped__isnull=False, destroyed_at=None) | Q(wrapped=None, destroyed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} v{self.version}"
