"""Who of the school team may propose something beside an answer: whoever reads it by a live `lob` share, now.

That is a mentor of the student's class, a counsellor, and a care coordinator the student added by name. They may at
each unit that speaks in that dossier, and at what a mentor adds; where a unit says nothing, they hear what they hear
of a unit that does not exist (contract, rule 4). The student decides, in passport/suggestions.py.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere
from consent import access, ledger
from consent.ledger import Event
from consent.models import Purpose, RecipientKind, Share
from consent.texts import Dossier
from passport import suggestions
from passport.questionnaire import Unit
from passport.services import questions_of
from passport.suggestions import Proposal


@dataclass(frozen=True)
class Writing:
    """One share through which somebody may write, with what they may write at."""

    share: Share
    key: vault.Key
    units: dict[str, Unit]


def writing_at(share_id: UUID, by: User) -> Writing:
    """The units at which this person may propose something now. Opens no text to them. Raises NotHere."""
    share = access.get_share_or_404(share_id, by)
    if not _is_for_the_team(share):
        raise NotHere()
    return writing_in(access.read_as_recipient(share_id=share_id, release=share.release))


def writing_in(dossier: Dossier) -> Writing:
    """The same for a dossier that is open before its reader. Raises NotHere when nobody may propose anything there."""
    share = dossier.share
    if not _is_for_the_team(share):
        raise NotHere()
    return Writing(share, vault.open_key(share.student_id), _units(share, dossier))


def suggest(*, share_id: UUID, unit: str, value: Any, by: User) -> Proposal:
    """Proposes a value at one unit; an open one of the same writer at that unit makes way. In the ledger.

    Raises NotHere when the share is not theirs to write at or the unit says nothing there, and Refusal for a value
    that would not fit as an answer.
    """
    place = writing_at(share_id, by)
    passport, key = place.share.student.passport, place.key
    questions = questions_of(passport)
    if unit not in questions.units:
        raise NotHere()
    # Whether it fits is public; only after that one hears whether the unit is there, and then it is written down.
    cleaned = suggestions.clean_suggestion(questions, questions.units[unit], value)
    if unit not in place.units:
        raise NotHere()
    with transaction.atomic():
        # Locked, so that a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share_id)
        access.get_share_or_404(share_id, by)
        row = suggestions.keep_suggestion(passport=passport, key=key, unit=questions.units[unit], value=cleaned, by=by)
        ledger.record(Event.SUGGESTED, share=place.share, actor=by, slots=[key.slot(unit)])
    return suggestions.suggestion_or_404(passport, key, row.pk)


def own_suggestions(place: Writing, by: User) -> list[Proposal]:
    """What this person proposed at units they still read here; what the student decided is not theirs to know."""
    found = suggestions.suggestions_by(place.share.student.passport, place.key, by)
    return [one for one in found if one.unit.key in place.units]


def _is_for_the_team(share: Share) -> bool:
    return (share.purpose, share.recipient_kind) == (Purpose.LOB, RecipientKind.SCHOOL_TEAM)


def _units(share: Share, dossier: Dossier) -> dict[str, Unit]:
    """What speaks in the dossier, without reasons for a need; and, spoken or not, what a mentor adds."""
    known = questions_of(share.student.passport).units
    speaks = {said.unit.key for said in dossier.said}
    return {
        key: unit
        for key, unit in known.items()
        if unit.part != "why" and not unit.question.off and (key in speaks or unit.question.written_by == "mentor")
    }
