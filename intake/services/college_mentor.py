"""The page of a mentor at a college: who shares with the team, what comes next, and three lines of each.

The list shows names without a row in the log; opening one is a look (contract, rule 5).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Membership, Role, User
from accounts.refusals import NotHere
from consent import access
from consent.ledger import Action
from consent.models import RecipientKind, Share
from consent.texts import Dossier
from intake.models import Agreement, Case, Side
from intake.reading import ReadField, sections_of
from intake.services import after, agreements, follow_ups, placements
from intake.services.placements import Asked

SIGNALS = ("need.signals", "need.what_to_do")


@dataclass(frozen=True, slots=True)
class Row:
    """One student of the team, as far as a list tells."""

    share: Share
    case: Case | None
    name: str = field(repr=False)
    next_talk: date | None = None
    due: Asked | None = None

    @property
    def programme(self) -> str:
        return self.share.programme.name if self.share.programme else ""


@dataclass(frozen=True, slots=True)
class Opened:
    """One student, opened: three lines in the student's words. Personal: never in a log."""

    dossier: Dossier
    row: Row
    helps: list[ReadField] = field(repr=False)
    signals: list[ReadField] = field(repr=False)
    agreed: list[str] = field(repr=False)


def is_mentor(by: User) -> bool:
    """Whether this user is a mentor of a programme today: only they have a list."""
    return Membership.objects.current().filter(user=by, role=Role.MENTOR, programme__isnull=False).exists()


def students_of(by: User) -> list[Row]:
    """Whose guidance share this mentor may open today, by name. The queries do not grow with the students."""
    shares = list(_shares(by))
    keys = vault.open_keys({share.student_id for share in shares}) if shares else {}
    names = {
        share.pk: identity_of(share.student, keys[share.student_id]).display_name
        for share in shares
        if share.student_id in keys
    }
    rows = _rows([share for share in shares if share.pk in names], names)
    return sorted(rows, key=lambda row: row.name.casefold())


def open_student(*, share_id: UUID, by: User) -> Opened:
    """Opens one of them and writes the look. Raises NotHere for every no, in the same words."""
    if not _shares(by).filter(pk=share_id).exists():
        raise NotHere()
    dossier = access.read(share_id=share_id, by=by, action=Action.READ)
    [row] = _rows([dossier.share], {dossier.share.pk: dossier.display_name})
    said = [one for section in sections_of(dossier) for one in section.fields]
    return Opened(
        dossier,
        row,
        helps=[one for one in said if one.unit.startswith("need.support.")],
        signals=[one for one in said if one.unit in SIGNALS],
        agreed=_agreed(row.case, by) if row.case else [],
    )


def _shares(by: User) -> QuerySet[Share]:
    return access.open_shares(by, kind=RecipientKind.COLLEGE_TEAM, warm=False).order_by("-created_at", "pk")


def _rows(shares: list[Share], names: dict[UUID, str]) -> list[Row]:
    cases = _cases(shares)
    done = follow_ups.answered_by(Side.COLLEGE, [case.pk for case in cases.values()])

    def one(share: Share) -> Row:
        case = cases.get((share.student_id, share.programme_id))
        if case is None:
            return Row(share, None, names[share.pk])
        now = placements.moment_now(case)
        due = now if now and (case.pk, now.moment.value) not in done else None
        return Row(share, case, names[share.pk], placements.next_talk(case), due)

    return [one(share) for share in shares]


def _agreed(case: Case, by: User) -> list[str]:
    """What is in force at this start; reading it is a look of its own (intake/services/agreements.py)."""
    try:
        standing = agreements.college_or_404(by, case.pk)
    except NotHere:  # nothing holds that a mentor reads
        return []
    if not any(row.status == Agreement.Status.SIGNED for row in agreements.visible(standing)):
        return []
    found = [one.content for one in agreements.read(standing, by) if one.status == Agreement.Status.SIGNED]
    return [row.what for content in found if content for row in content.rows]


def _cases(shares: Iterable[Share]) -> dict[tuple[UUID, UUID | None], Case]:
    """The start of each student at the programme of the share, the newest one."""
    rows = list(shares)
    cases = Case.objects.filter(
        status=Case.Status.PLACED,
        share__student__in={share.student_id for share in rows},
        programme__in={share.programme_id for share in rows},
    )
    cases = cases.select_related("share", "programme").order_by("received_at")
    return {(case.share.student_id, case.programme_id): case for case in cases if case.share}


def reviews_waiting(rows: Iterable[Row]) -> set[UUID]:
    """The starts whose student was asked «Klopt dit nog?» lately."""
    return after.reviews_asked([row.case.pk for row in rows if row.case])
