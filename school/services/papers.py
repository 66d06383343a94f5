"""What goes on paper or into the school's own file: never a third system to keep, never more than is shared."""

from uuid import UUID

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Student, User
from accounts.refusals import NotHere
from accounts.services import school_of
from consent import access
from consent.ledger import Action
from consent.models import Purpose
from consent.texts import Dossier
from intake.reading import sections_of
from passport.experiences import Card, cards_of
from passport.services import open_sheet
from passport.wording import answer_lines
from school import reference
from school.reference import Heading

OPINION, CERTIFICATES, PLACEMENT = "school.plan_opinion", "can.certificates", "stage"


def read_for_transfer(*, share_id: UUID, by: User) -> tuple[Dossier, list[Heading]]:
    """What is shared with the school team, under the headings of its region; logged as a download.

    Raises NotHere for any other share, and for whoever may not open it.
    """
    if access.get_share_or_404(share_id, by).purpose != Purpose.LOB:
        raise NotHere()
    dossier = access.read(share_id=share_id, by=by, action=Action.DOWNLOAD)
    school = school_of(dossier.share.student)
    region = school.region.code if school and school.region else ""
    return dossier, reference.under_headings(sections_of(dossier), region)


def name_of(student: Student, key: vault.Key) -> str:
    """The student's own name, for their own paper."""
    return identity_of(student, key).display_name


def opinion_of(student: Student, key: vault.Key) -> str:
    """What the student thinks of their plan at school; empty when there is no answer."""
    text = open_sheet(student.passport, key).text(OPINION)
    return str(text.value) if text.is_answered else ""


def certificates_of(student: Student, key: vault.Key) -> list[str]:
    """The certificates and diplomas the student wrote down."""
    sheet = open_sheet(student.passport, key)
    text = sheet.text(CERTIFICATES)
    if not text.is_answered:
        return []
    return answer_lines(sheet.questions, sheet.questions.questions[CERTIFICATES], text.value, {})


def placements_of(student: Student, key: vault.Key) -> list[Card]:
    """The cards about a placement, the oldest first."""
    found = [card for card in cards_of(student.passport, key) if card.kind == PLACEMENT]
    return sorted(found, key=lambda card: (card.on is None, card.on or card.created_at.date()))
