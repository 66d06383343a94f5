"""What programmes say they give per need, in three layers: public to read, kept by the coordinator of the college.

An example is text to start from, never an offer: what stands between [ ] in it must be filled in before it can be
kept, and nothing is public until the college keeps it (WEB 8.1.3a asks a concrete offer before enrolment).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

import yaml
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, Programme, Role, User
from accounts.refusals import NotHere, Refusal
from intake.models import Layer, Offer
from passport import questionnaire
from passport.questionnaire import Option
from passport.texts import clean_text

LONGEST = 400
LAYERS: tuple[str, ...] = (Layer.BASIC, Layer.EXTRA, Layer.EXTERNAL)
EXAMPLES = Path(__file__).parent.parent / "offer_examples.yaml"


class Act(StrEnum):
    """What happened to one text."""

    WRITTEN, CHANGED, REMOVED = "written", "changed", "removed"


@dataclass(frozen=True, slots=True)
class Change:
    act: Act
    offer: Offer


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a file of many: what stands there (`old`) and what should (`new`); empty is: nothing."""

    programme: Programme
    need: str
    layer: str
    old: str
    new: str

    @property
    def act(self) -> Act:
        return Act.REMOVED if not self.new else Act.CHANGED if self.old else Act.WRITTEN


# --- Reading -----------------------------------------------------------------------------------------------


def list_offers(*, programme: str = "", need: str = "", institution: str = "") -> QuerySet[Offer]:
    """The offers of a programme (its code), for a need, or of an institution (its id). Raises Refusal for no id."""
    rows = Offer.objects.select_related("programme__institution").order_by("programme__code", "need", "layer")
    if programme:
        rows = rows.filter(programme__code=programme)
    if need:
        rows = rows.filter(need=need)
    return rows.filter(programme__institution=_uuid(institution)) if institution else rows


def known_needs() -> tuple[Option, ...]:
    """The needs of the published questions, in their order: a college describes its help with the same codes."""
    return questionnaire.of_version(questionnaire.published().pk).needs


def need_or_404(code: str) -> Option:
    """One need by its code. Raises NotHere."""
    found = next((one for one in known_needs() if one.key == code), None)
    if found is None:
        raise NotHere()
    return found


def texts_by_need(programmes: Sequence[Programme]) -> dict[UUID, dict[str, list[Offer]]]:
    """What these programmes wrote, per programme and need, for everyone first: one query."""
    found: dict[UUID, dict[str, list[Offer]]] = {one.pk: {} for one in programmes}
    if not found:
        return found
    rows = Offer.objects.filter(programme__in=found)
    for row in sorted(rows, key=lambda one: LAYERS.index(one.layer)):
        found[row.programme_id].setdefault(row.need, []).append(row)
    return found


def said_by(programmes: Sequence[Programme]) -> dict[tuple[str, str, str], str]:
    """Every text of these programmes by (code, need, layer), in that order: one query."""
    rows = Offer.objects.filter(programme__in=programmes).values_list("programme__code", "need", "layer", "text")
    found = sorted(rows, key=lambda row: (row[0], row[1], LAYERS.index(row[2])))
    return {(code, need, layer): text for code, need, layer, text in found}


def described(most: int = 8) -> list[Programme]:
    """The first programmes by name that wrote something, for who did not search yet."""
    rows = Programme.objects.filter(pk__in=Offer.objects.values("programme")).select_related("institution")
    return list(rows.order_by("name", "institution__name", "level")[:most])


# --- Writing -----------------------------------------------------------------------------------------------


def kept_by(by: User) -> QuerySet[Programme]:
    """The programmes whose help somebody writes today: as coordinator of the college, and nobody else."""
    mine = Membership.objects.current().filter(user=by, role=Role.COORDINATOR, institution__isnull=False)
    return Programme.objects.filter(institution__in=mine.values("institution")).select_related("institution")


def get_kept(code: str, by: User) -> Programme:
    """A programme by its code, for its own coordinator. Raises Refusal: that there is one is public, so it says no."""
    found = Programme.objects.filter(code=code).select_related("institution").first()
    if found is None:
        raise Refusal("unknown_programme", "Deze opleiding kennen we niet.", field="programme")
    _refuse_others(found, by)
    return found


def get_offer(offer_id: UUID, by: User) -> Offer:
    """An offer, for the coordinator of its college. Raises NotHere for none, Refusal for who may not change it."""
    row = Offer.objects.filter(pk=offer_id).select_related("programme__institution").first()
    if row is None:
        raise NotHere()
    _refuse_others(row.programme, by)
    return row


@transaction.atomic
def add_offer(*, programme: Programme, need: str, layer: str, text: str, by: User) -> Offer:
    """Writes a new text. Raises Refusal: not theirs, an unknown need, one that is there already, or no fit text."""
    _locked(programme, by)
    row = Offer(programme=programme, written_by=by)
    _put(row, need=need, layer=layer, text=text)
    return row


@transaction.atomic
def change_offer(
    *, offer: Offer, by: User, need: str | None = None, layer: str | None = None, text: str | None = None
) -> bool:
    """Other words, another layer or another need; whether something is different now. Raises Refusal, NotHere."""
    _locked(offer.programme, by)
    row = _still_here(offer)
    before = (row.need, row.layer, row.text)
    said = (need or row.need, layer or row.layer, row.text if text is None else text)
    if said == before:
        return False
    row.written_by, row.updated_at = by, timezone.now()
    _put(row, need=said[0], layer=said[1], text=said[2])
    return (row.need, row.layer, row.text) != before


@transaction.atomic
def remove_offer(*, offer: Offer, by: User) -> None:
    """Takes a text away. Raises Refusal, NotHere."""
    _locked(offer.programme, by)
    _still_here(offer).delete()


@transaction.atomic
def write_need(*, programme: Programme, need: str, texts: Mapping[str, str], by: User) -> list[Change]:
    """Makes the texts of one need what `texts` says per layer; returns what changed.

    An empty text takes that layer away, a layer that is not named stays. Raises Refusal with the layer as its field,
    and changes nothing then.
    """
    _locked(programme, by)
    rows = {row.layer: row for row in Offer.objects.filter(programme=programme, need=need)}
    changes = []
    for layer in (one for one in LAYERS if one in texts):
        row, text = rows.get(layer), fit_text(texts[layer], field=layer)
        if not text:
            if row:
                changes.append(Change(Act.REMOVED, row))
                Offer.objects.filter(pk=row.pk).delete()
        elif row is None or row.text != text:
            act = Act.WRITTEN if row is None else Act.CHANGED
            row = row or Offer(programme=programme)
            row.written_by, row.updated_at = by, timezone.now()
            _put(row, need=need, layer=layer, text=text)
            changes.append(Change(act, row))
    return changes


@transaction.atomic
def write_lines(*, lines: Sequence[Line], by: User) -> list[Change]:
    """Writes every line, or none; returns what changed.

    Raises Refusal when one is of another college, has no fit text, or when another text stands there by now than
    `old`: then whoever said yes said it to something else.
    """
    for programme in sorted({one.programme for one in lines}, key=lambda one: one.code):
        _locked(programme, by)
    now = said_by([one.programme for one in lines])
    if any(now.get((one.programme.code, one.need, one.layer), "") != one.old for one in lines):
        raise Refusal("changed", "Intussen is er iets veranderd. Lees het bestand opnieuw in.", status=409)
    said: dict[tuple[Programme, str], dict[str, str]] = {}
    for one in lines:
        said.setdefault((one.programme, one.need), {})[one.layer] = one.new
    return [
        change
        for (programme, need), texts in said.items()
        for change in write_need(programme=programme, need=need, texts=texts, by=by)
    ]


def _refuse_others(programme: Programme, by: User) -> None:
    if not kept_by(by).filter(pk=programme.pk).exists():
        raise Refusal("forbidden", "Alleen de coördinator van dit mbo schrijft dit.", status=403)


def _locked(programme: Programme, by: User) -> None:
    _refuse_others(programme, by)
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)


def _still_here(offer: Offer) -> Offer:
    row = Offer.objects.filter(pk=offer.pk).first()
    if row is None:
        raise NotHere()
    return row


def _put(row: Offer, *, need: str, layer: str, text: str) -> None:
    if need not in {one.key for one in known_needs()}:
        raise Refusal("unknown_need", "Deze soort hulp kennen we niet.", field="need")
    row.need, row.layer, row.text = need, layer, fit_text(text)
    if not row.text:
        raise Refusal("empty", "Dit is nog leeg.", field="text")
    same = Offer.objects.filter(programme=row.programme, need=need, layer=layer).exclude(pk=row.pk)
    if same.exists():
        raise Refusal("said_already", "Hier staat al een tekst. Verander die.", status=409, field="layer")
    row.save()


def fit_text(raw: str, *, field: str = "text") -> str:
    """One text on one line, as it can be kept. Raises Refusal at `field`: too long, a gap that is not filled in."""
    text = " ".join(clean_text(raw, longest=LONGEST, field=field).split())
    if "[" in text or "]" in text:
        raise Refusal("unfilled", "Vul in wat tussen [ ] staat. Haal de haken weg.", field=field)
    return text


# --- «Begin met een voorbeeld» -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Start:
    """Texts to begin with: of our file, or of another programme of the same college. Nobody sees them yet."""

    code: str
    label: str
    texts: Mapping[str, Mapping[str, str]] = field(repr=False)

    def texts_of(self, need: str) -> Mapping[str, str]:
        return self.texts.get(need, {})


OUR_EXAMPLE = "voorbeeld"


def starts_of(programme: Programme) -> list[tuple[str, str]]:
    """What a college may begin with, as (code, label): our examples, then its other programmes that wrote something."""
    others = Programme.objects.filter(institution=programme.institution_id, offers__isnull=False)
    rows = others.exclude(pk=programme.pk).distinct().order_by("name", "level")
    return [(OUR_EXAMPLE, "Onze voorbeelden"), *((one.code, one.label) for one in rows)]


def start_or_none(programme: Programme, code: str) -> Start | None:
    """The texts of one of `starts_of`; None for any other code, so also for a programme of another college."""
    label = dict(starts_of(programme)).get(code) if code else None
    if label is None:
        return None
    if code == OUR_EXAMPLE:
        return Start(code, label, examples())
    texts: dict[str, dict[str, str]] = {}
    for row in Offer.objects.filter(programme__code=code):
        texts.setdefault(row.need, {})[row.layer] = row.text
    return Start(code, label, texts)


@cache
def examples() -> Mapping[str, Mapping[str, str]]:
    """Our neutral sentences per need and layer; every one holds a gap [ ] that only the college can fill."""
    rows = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return {str(need): {str(layer): str(text) for layer, text in said.items()} for need, said in rows.items()}


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Refusal("invalid", "Dit is geen geldig nummer.", field="institution") from None
