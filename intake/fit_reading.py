"""What a programme answered to the needs it reads, opened for who may read it. The writing: intake/services/fits.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts import vault
from consent.models import RecipientKind
from consent.texts import Dossier
from intake.models import Fit, FitAnswer, FitReaction
from passport.questionnaire import Unit

ANSWER_FIELD = "intake.Fit.sealed"
LINE_FIELD = "intake.Fit.sealed_line"
REACTION_FIELD = "intake.Fit.sealed_reaction"
SUPPORT = "need.support."


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to one need, opened for who may read it. Personal: never in a log or a URL."""

    id: UUID
    unit: str = field(repr=False)
    label: str = field(repr=False)
    answer: str = field(repr=False)
    comment: str = field(repr=False)
    alternative: str = field(repr=False)
    state: str
    at: datetime
    by: str
    by_id: UUID | None
    line: str = field(default="", repr=False)
    second_by: str = ""
    reaction: str = field(default="", repr=False)
    reaction_text: str = field(default="", repr=False)
    reacted_at: datetime | None = None

    @property
    def need(self) -> str:
        """The code of the need, as in `need.support.<code>`."""
        return self.unit.removeprefix(SUPPORT)

    @property
    def answer_label(self) -> str:
        return str(FitAnswer(self.answer).label)

    @property
    def reaction_label(self) -> str:
        return str(FitReaction(self.reaction).label) if self.reaction else ""

    @property
    def is_sent(self) -> bool:
        return self.state == Fit.State.SENT

    @property
    def is_returned(self) -> bool:
        return self.state == Fit.State.RETURNED

    @property
    def is_no(self) -> bool:
        return self.answer == FitAnswer.NO

    @property
    def has_new_answer(self) -> bool:
        """Whether the college answered anew after the student's reaction."""
        return self.reacted_at is not None and self.reacted_at < self.at


def fits_on(dossier: Dossier, *, sent: bool = True) -> dict[str, Answered]:
    """By unit, on a dossier that was made for its reader: what was sent, or (`sent=False`) what waits."""
    units = [said.unit for said in dossier.said if said.unit.part == "support"]
    if dossier.share.recipient_kind != RecipientKind.PROGRAMME or not units:
        return {}
    rows = Fit.objects.filter(share=dossier.share).select_related("by", "second_by")
    found = list(rows.filter(state=Fit.State.SENT) if sent else rows.exclude(state=Fit.State.SENT))
    if not found:
        return {}
    return {one.unit: one for one in opened(found, vault.open_key(dossier.share.student_id), units)}


def content_of(fit: Fit, key: vault.Key) -> dict[str, str]:
    """{answer, comment, alternative} of a row. Raises Tampered or Shredded."""
    content: dict[str, str] = key.open(fit.sealed, field=ANSWER_FIELD, row=fit.pk)
    return content


def opened(rows: Iterable[Fit], key: vault.Key, units: Iterable[Unit]) -> list[Answered]:
    """Rows whose need is among these units, in their order; what was sent comes first."""
    places = {key.slot(unit.key): (order, unit) for order, unit in enumerate(units)}
    if isinstance(rows, QuerySet):
        rows = rows.select_related("by", "second_by")
    found = [(*places[bytes(row.slot)], row) for row in rows if bytes(row.slot) in places]
    found.sort(key=lambda one: (one[0], one[2].state != Fit.State.SENT))
    return [_answered(row, unit, key) for _, unit, row in found]


def _answered(row: Fit, unit: Unit, key: vault.Key) -> Answered:
    content = content_of(row, key)
    said: Mapping[str, Any] = {}
    if row.sealed_reaction is not None:
        said = key.open(row.sealed_reaction, field=REACTION_FIELD, row=row.pk)
    line = "" if row.sealed_line is None else str(key.open(row.sealed_line, field=LINE_FIELD, row=row.pk))
    return Answered(
        id=row.pk,
        unit=unit.key,
        label=unit.label,
        answer=content["answer"],
        comment=content["comment"],
        alternative=content["alternative"],
        state=row.state,
        at=row.at,
        by=row.by.staff_name if row.by else "",
        by_id=row.by_id,
        line=line,
        second_by=row.second_by.staff_name if row.second_by else "",
        reaction=said.get("reaction", ""),
        reaction_text=said.get("text", ""),
        reacted_at=row.reacted_at,
    )
