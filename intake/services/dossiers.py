"""What recipients other than an intaker have in hand: their list, and what was written back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import User
from consent import access
from consent import services as consent
from consent.models import Purpose, RecipientKind, Share
from consent.recipients import names_of
from consent.texts import Dossier
from intake.models import Case
from intake.services.handovers import WarmShare

DISAGREED = timedelta(days=60)  # how long the school team is told that a warm transfer does not go on
# The purposes as a reader says them; Purpose's own labels speak to the student.
PURPOSES: dict[str, str] = {
    Purpose.LOB: "Praten over later",
    Purpose.HOME: "Thuis meelezen",
    Purpose.COACHING: "Hulp als coach",
    Purpose.ORIENTATION: "Een dag meekijken",
    Purpose.INTAKE: "Intake",
    Purpose.GUIDANCE: "Begeleiding op het mbo",
    Purpose.INTERNSHIP: "Stage",
    Purpose.WORK: "Werk",
}


@dataclass(frozen=True, slots=True)
class DossierRow:
    share: Share
    display_name: str = field(repr=False)

    @property
    def purpose(self) -> str:
        return PURPOSES[self.share.purpose]


@dataclass(frozen=True, slots=True)
class SentReply:
    by: str
    at: datetime
    text: str = field(repr=False)


def list_dossiers(by: User, warm: Iterable[WarmShare] = ()) -> list[DossierRow]:
    """What is shared with this user today, newest first; an intake stands in the inbox, a warm transfer apart.

    Constant in queries, names are opened in memory.
    """
    opened = access.open_shares(by).exclude(recipient_kind=RecipientKind.PROGRAMME)
    opened = opened.exclude(pk__in=[one.share.pk for one in warm])
    shares = list(opened.order_by("-created_at", "pk"))
    keys = vault.open_keys({share.student_id for share in shares})
    return [
        DossierRow(share, identity_of(share.student, keys[share.student_id]).display_name)
        for share in shares
        if share.student_id in keys
    ]


def disagree_at_home(by: User) -> bool:
    """Whether the guardians of a student this user teaches said both yes and no to a warm transfer, these two months.

    For the school team of a student who shares with it: it would have read along. Not who said what, nor whose.
    """
    students = access.open_shares(by, kind=RecipientKind.SCHOOL_TEAM).values("student")
    since = timezone.now() - DISAGREED
    asked = Share.objects.filter(student__in=students, warm_transfer=True, ended_at__gte=since)
    return asked.filter(approvals__yes=True).filter(approvals__yes=False).exists()


def reads_along(dossier: Dossier, by: User) -> bool:
    """Whether somebody has this dossier open by its warm transfer, and is not whom it was shared with."""
    return dossier.share.warm_transfer and not access.stands_in_recipient(dossier.share.pk, by)


def sent_replies(dossier: Dossier, by: User) -> list[SentReply]:
    """What the recipient wrote back on a dossier that is open before them, newest first."""
    replies = consent.replies_to(dossier.share)
    names = names_of(reply.by for reply, _ in replies if reply.by_id != by.pk)
    return [SentReply(names.get(reply.by_id, ""), reply.at, text) for reply, text in replies]


def way_back(share: Share, by: User) -> tuple[str, UUID | None]:
    """The page a handover was asked from: the student's own share, the case, the dossier, or the list."""
    if share.student.user_id == by.pk:
        return "share", share.pk
    if not access.stands_in_recipient(share.pk, by):
        reads_along = access.open_shares(by).filter(pk=share.pk).exists()
        return ("dossier", share.pk) if reads_along else ("dossier_list", None)
    case = Case.objects.filter(share=share).first()
    return ("case_brief", case.pk) if case else ("dossier", share.pk)
