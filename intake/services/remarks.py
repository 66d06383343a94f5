"""What somebody from home writes beside a text that is shared with them: apart from it, for the student's eyes alone.

The door is the share (purpose home). No other reader ever gets a remark; nothing composes it into a dossier. The
student sees it beside their own text and can hide it; when the share ends only the student still has it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent import access
from consent.models import Purpose, Share
from consent.recipients import Recipient, recipient_of
from consent.texts import Dossier, shareable_units
from intake.models import Remark
from passport.services import questions_of
from passport.texts import clean_staff_text

TEXT_FIELD = "intake.Remark.sealed_text"
LONGEST_REMARK = 500


@dataclass(frozen=True, slots=True)
class FromHome:
    """A remark as the student reads it."""

    id: UUID
    share_id: UUID
    at: datetime
    hidden: bool
    by: Recipient = field(repr=False)
    label: str = field(repr=False)
    text: str = field(repr=False)


def write_remark(*, share_id: UUID, by: User, unit: str, text: str) -> None:
    """Keeps the remark beside one unit, in the place of an earlier one; empty takes it away.

    Raises NotHere when this is not shared with this person at home, or the unit says nothing to them now; Refusal for
    a text that does not fit.
    """
    share = _open_share(share_id, by)
    key = vault.open_key(share.student_id)
    cleaned = clean_staff_text(text, longest=LONGEST_REMARK, field="remark")
    with transaction.atomic():
        # Locked, and asked again: a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share_id)
        if unit not in _says(_open_share(share_id, by), key):
            raise NotHere()
        slot = key.slot(unit)
        Remark.objects.filter(share=share_id, slot=slot).delete()
        if cleaned:
            row = Remark(share=share, slot=slot, at=timezone.now())
            row.sealed_text = key.seal(cleaned, field=TEXT_FIELD, row=row.pk)
            row.save(force_insert=True)


def remarks_on(dossier: Dossier, by: User) -> dict[str, str]:
    """What this person wrote beside the units of a dossier that is open before them, by unit."""
    share = dossier.share
    if share.purpose != Purpose.HOME or share.person_id != by.pk:
        return {}
    rows = list(Remark.objects.filter(share=share))
    if not rows:
        return {}
    key = vault.open_key(share.student_id)
    units = {key.slot(said.unit.key): said.unit.key for said in dossier.said}
    return {units[bytes(row.slot)]: _text(row, key) for row in rows if bytes(row.slot) in units}


def remarks_for(student: Student, key: vault.Key) -> list[FromHome]:
    """Every remark from home, newest first, for the student; also of a share that ended, and what was hidden."""
    rows = Remark.objects.filter(share__student=student).select_related("share__student__user", "share__person")
    found = list(rows)
    if not found:
        return []
    units = {key.slot(unit.key): unit.label for unit in shareable_units(questions_of(student.passport)).values()}
    return [
        FromHome(
            row.pk,
            row.share_id,
            row.at,
            row.hidden,
            recipient_of(row.share),
            units.get(bytes(row.slot), ""),
            _text(row, key),
        )
        for row in found
    ]


def hide_remark(*, student: Student, remark_id: UUID, hidden: bool, by: User) -> None:
    """The student puts a remark out of sight, or back. Who wrote it does not hear that. Raises NotHere."""
    rows = Remark.objects.filter(pk=remark_id, share__student=student)
    if student.user_id != by.pk or not rows.update(hidden=hidden):
        raise NotHere()


def _open_share(share_id: UUID, by: User) -> Share:
    share = access.get_share_or_404(share_id, by)
    if share.purpose != Purpose.HOME or share.person_id != by.pk:
        raise NotHere()
    return share


def _says(share: Share, key: vault.Key) -> set[str]:
    """The units that say something to this reader now; nobody is shown a text here."""
    items = share.items.select_related("answer__newest", "revision")
    return {said.unit.key for said in access.preview(share=share, items=items, key=key).said}


def _text(row: Remark, key: vault.Key) -> str:
    return str(key.open(row.sealed_text, field=TEXT_FIELD, row=row.pk))
