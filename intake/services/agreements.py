"""Who reads a support agreement, and how it stands (WEB art. 8.1.3a; docs/decisions/0016).

A signed one is the college's own: it is read at its case, whatever became of the share, the student and their key.
What is not signed yet ends with what is shared (intake/services/agreement_life.py). While the student is here every
look stands in «Wie keek er?».
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Role, Student, User
from accounts.places import Place
from accounts.refusals import NotHere
from consent import ledger
from consent.ledger import Action, Event
from consent.looks import AGREEMENT
from consent.models import RecipientKind, Share
from consent.services import has_say, ties_with_authority, waits_today, whose_say
from intake.models import Agreement, Case, Signature, SignatureRole
from intake.services.agreement_life import alive
from intake.services.agreement_texts import NAME_FIELD, Content, digest_of, open_content

SOON = timedelta(days=14)  # so long before its day an agreement is looked at again
STUDENT, GUARDIAN, COLLEGE = SignatureRole.STUDENT, SignatureRole.GUARDIAN, SignatureRole.COLLEGE


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is to the agreements of one case today. `key` is the student's, where that is needed."""

    case: Case
    role: SignatureRole
    is_coordinator: bool = False
    key: vault.Key | None = field(default=None, repr=False)

    @property
    def is_student(self) -> bool:
        return self.role == STUDENT

    @property
    def is_home(self) -> bool:
        return self.role == GUARDIAN

    @property
    def is_college(self) -> bool:
        return self.role == COLLEGE


@dataclass(frozen=True, slots=True)
class Signed:
    role: SignatureRole
    name: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """One version, opened for who may read it; of a refused one only that it was offered. Personal: never in a log."""

    agreement: Agreement
    content: Content | None = field(default=None, repr=False)
    signatures: tuple[Signed, ...] = field(default=(), repr=False)
    digest: str = ""

    @property
    def status(self) -> str:
        return self.agreement.status

    @property
    def roles(self) -> set[str]:
        return {one.role for one in self.signatures}


# --- Who somebody is to a case -----------------------------------------------------------------------------


def standing_or_404(by: User, case_id: UUID) -> Standing:
    """The student of the case, somebody of its programme, a coordinator who has to sign, or a parent with a say.

    Raises NotHere for everybody else, and for what does not exist.
    """
    case = _cases().filter(pk=case_id).first()
    if case is None:
        raise NotHere()
    share = case.share
    if share and share.student.user_id == by.pk:
        return Standing(case, STUDENT, key=vault.open_key(share.student_id))
    if works_at(by, case):
        return Standing(case, COLLEGE)
    if _signs_as_coordinator(by, case):
        return Standing(case, COLLEGE, is_coordinator=True)
    key = _key_with_say(by, share)
    if key is None:
        raise NotHere()
    return Standing(case, GUARDIAN, key=key)


def standing_as_or_404(by: User, case_id: UUID, role: SignatureRole) -> Standing:
    """The same, for exactly this role. Raises NotHere."""
    found = standing_or_404(by, case_id)
    if found.role != role:
        raise NotHere()
    return found


def college_or_404(by: User, case_id: UUID) -> Standing:
    """An intaker of the programme; a mentor once the student is placed with what they agreed on. Raises NotHere for a
    coordinator."""
    found = standing_or_404(by, case_id)
    if found.role != COLLEGE or found.is_coordinator:
        raise NotHere()
    return found


def works_at(by: User, case: Case) -> bool:
    return at_programmes(by).filter(pk=case.pk).exists()


def at_programmes(by: User | UUID) -> QuerySet[Case]:
    """The cases whose agreements this user reads and writes today: of an intaker, or placed with a mentor.

    A mentor does not read the intake: without a version that holds there is nothing here for them, also no draft.
    """
    mine = Membership.objects.current().filter(user=by, programme__isnull=False)
    intake = Q(programme__in=mine.filter(role=Role.INTAKER).values("programme"))
    placed = Q(programme__in=mine.filter(role=Role.MENTOR).values("programme"), status=Case.Status.PLACED)
    agreed = Exists(Agreement.objects.in_force().filter(case=OuterRef("pk")))
    return _cases().filter(intake | placed & agreed)


def is_at_college(by: User) -> bool:
    """Whether this user reads agreements of a programme today, if there are any."""
    mine = Membership.objects.current().filter(user=by, programme__isnull=False)
    return mine.filter(role__in=[Role.INTAKER, Role.MENTOR]).exists()


def reads_the_list(by: User, mine: Iterable[Place]) -> bool:
    """Whether the list of agreements is for this user, with their places today; a query for a coordinator alone."""
    places = list(mine)
    if any(one.role in (Role.INTAKER, Role.MENTOR) and one.programme_id for one in places):
        return True
    return any(one.role == Role.COORDINATOR for one in places) and as_coordinator(by).exists()


def as_coordinator(by: User | UUID) -> QuerySet[Case]:
    """The cases where a coordinator of the college has to sign what was offered, and did not yet.

    They are the last: before the student said yes, and home where that counts, they learn of nobody.
    """
    colleges = Membership.objects.current().filter(user=by, role=Role.COORDINATOR, institution__isnull=False)
    signed = Signature.objects.filter(agreement=OuterRef("pk"))
    asked = Agreement.objects.filter(
        Exists(signed.filter(role=STUDENT, alone=True))
        | Exists(signed.filter(role=STUDENT)) & Exists(signed.filter(role=GUARDIAN)),
        case=OuterRef("pk"),
        status=Agreement.Status.OFFERED,
        signer=Agreement.Signer.COORDINATOR,
    ).exclude(Exists(signed.filter(role=COLLEGE)))
    return _cases().filter(Exists(asked), programme__institution__in=colleges.values("institution"))


def needs_guardian(standing: Standing) -> bool:
    """Whether somebody else signs too today: under 16, no known birth date, or a representative (contract, rule 10)."""
    share = standing.case.share
    if share is None:
        return False
    key = standing.key or vault.open_key(share.student_id)
    return waits_today(share.student, key, RecipientKind.PROGRAMME)


def visible(standing: Standing) -> list[Agreement]:
    """The versions somebody may see, newest first. A draft is the college's alone; a coordinator sees what waits."""
    keys = {standing.key.owner: standing.key} if standing.key else None
    rows = alive(standing.case.agreements.prefetch_related("signatures"), keys)
    if standing.role != COLLEGE:
        return [row for row in rows if row.status != Agreement.Status.DRAFT]
    if standing.is_coordinator:
        return [row for row in rows if row.status == Agreement.Status.OFFERED]
    return rows


# --- Reading -----------------------------------------------------------------------------------------------


def read(standing: Standing, by: User, action: Action = Action.READ) -> list[Opened]:
    """Opens every version somebody may see, newest first; the look is written first. Raises NotHere: nothing there."""
    rows = visible(standing)
    keys = vault.open_keys(row.key_owner for row in rows)
    rows = [row for row in rows if row.sealed_content is None or row.key_owner in keys]  # the rest is over
    if not rows:
        raise NotHere()
    log_look(standing, by, action)
    return [open_one(row, keys) for row in rows]


def open_one(row: Agreement, keys: dict[UUID, vault.Key]) -> Opened:
    """One version with its text and names. Raises Shredded when its key is gone, Tampered when it was changed."""
    if row.sealed_content is None:
        return Opened(row)
    key = keys.get(row.key_owner)
    if key is None:
        raise vault.Shredded("agreement")
    content = open_content(key, row)
    digest = digest_of(key, row, content)
    return Opened(row, content, _signed(row, key, digest), digest.hex())


def _signed(row: Agreement, key: vault.Key, digest: bytes) -> tuple[Signed, ...]:
    """The names that signed exactly this text; a signature on any other is no signature. Raises Tampered."""
    found = []
    for one in row.signatures.all():
        if not hmac.compare_digest(bytes(one.digest), digest):
            raise vault.Tampered("intake.Signature.digest")
        name: str = key.open(one.sealed_name, field=NAME_FIELD, row=one.pk)
        found.append(Signed(SignatureRole(one.role), name, one.at))
    return tuple(found)


def log_look(standing: Standing, by: User, action: Action = Action.READ) -> None:
    """Writes a look of anybody but the student, while there is a student to tell (contract, rule 5)."""
    share = standing.case.share
    if standing.role == STUDENT or share is None:
        return
    key = standing.key or vault.open_keys([share.student_id]).get(share.student_id)
    if key is None:  # halfway an erasure: nobody is left to tell
        return
    with transaction.atomic():
        ledger.record(Event.LOOK, share=share, actor=by, slots=[key.slot(AGREEMENT)], action=action)


# --- Lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list: no text of an agreement, and only the name that stands in it."""

    case: Case
    agreement: Agreement
    name: str = field(repr=False)

    @property
    def is_former(self) -> bool:
        return self.case.share_id is None

    @property
    def is_due(self) -> bool:
        return is_due(self.agreement)


def is_due(agreement: Agreement, today: date | None = None) -> bool:
    """Whether it is time for «Klopt dit nog?»."""
    today = today or timezone.localdate()
    return agreement.status == Agreement.Status.SIGNED and agreement.review_date <= today + SOON


def listed_for(by: User) -> QuerySet[Agreement]:
    """What the college has in force at this user's programmes, the first day to look back first."""
    rows = Agreement.objects.in_force().filter(case__in=at_programmes(by).values("pk"))
    return rows.select_related("case__programme").order_by("review_date", "pk")


def waiting_for_college(by: User) -> QuerySet[Agreement]:
    """What this user has to sign for the college: offered, and no colleague did."""
    signed = Signature.objects.filter(agreement=OuterRef("pk"), role=COLLEGE)
    rows = Agreement.objects.filter(status=Agreement.Status.OFFERED).exclude(Exists(signed))
    own = Q(signer=Agreement.Signer.INTAKER, case__in=at_programmes(by).values("pk"))
    asked = Q(signer=Agreement.Signer.COORDINATOR, case__in=as_coordinator(by).values("pk"))
    return rows.filter(own | asked).select_related("case__programme", "case__share__student__user").order_by("pk")


def list_names(rows: Iterable[Agreement]) -> list[Listed]:
    """These rows with the name that stands in each; constant in queries, names opened in memory."""
    rows = alive(rows)
    keys = vault.open_keys(row.key_owner for row in rows)
    return [Listed(row.case, row, open_content(keys[row.key_owner], row).name) for row in rows if row.key_owner in keys]


def own_rows(student: Student) -> list[Agreement]:
    """The newest version of each case that its student may see, newest case first."""
    rows = Agreement.objects.filter(case__share__student=student).exclude(status=Agreement.Status.DRAFT)
    rows = rows.select_related("case__share__student__user", "case__programme__institution")
    rows = rows.prefetch_related("signatures")
    newest: dict[UUID, Agreement] = {}
    for row in alive(rows.order_by("-case__received_at", "-version")):
        newest.setdefault(row.case_id, row)
    return list(newest.values())


def asked_at_home(by: User) -> list[tuple[Agreement, str]]:
    """Of whom this person has a say today: what is offered or agreed, with the calling name they know.

    Constant in queries.
    """
    rows = Agreement.objects.exclude(status__in=[Agreement.Status.DRAFT, Agreement.Status.REFUSED])
    rows = rows.exclude(status=Agreement.Status.SUPERSEDED)
    rows = rows.filter(case__share__student__in=ties_with_authority(by).values("student"))
    rows = rows.select_related("case__share__student__user", "case__programme__institution")
    rows = rows.prefetch_related("signatures").order_by("-offered_at")
    students = {row.case.share.student_id: row.case.share.student for row in rows if row.case.share}
    keys = vault.open_keys(students)
    asked = whose_say(by, students.values(), keys)
    mine = [row for row in rows if row.case.share and row.case.share.student_id in asked]
    return [(row, _calling_name(row, keys)) for row in alive(mine, keys)]


# --- The parts ---------------------------------------------------------------------------------------------


def _calling_name(row: Agreement, keys: Mapping[UUID, vault.Key]) -> str:
    student = row.case.share.student  # type: ignore[union-attr]  # a live share
    return identity_of(student, keys[student.pk]).calling_name


def _cases() -> QuerySet[Case]:
    return Case.objects.select_related("share__student__user", "share__student__passport", "programme__institution")


def _signs_as_coordinator(by: User, case: Case) -> bool:
    return as_coordinator(by).filter(pk=case.pk).exists()


def _key_with_say(by: User, share: Share | None) -> vault.Key | None:
    """The student's key for a parent whose signature counts today; None for everybody else."""
    if share is None or not ties_with_authority(by).filter(student=share.student_id).exists():
        return None
    key = vault.open_keys([share.student_id]).get(share.student_id)
    return key if key and has_say(by, share.student, key) else None
