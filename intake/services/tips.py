"""Tips per need: ours (intake/tips.yaml), or the list a region put in its place; and what people say that worked.

Public text, nothing of a person: a need is no diagnosis, and a tip says what to do, never what somebody has. Who reads
gets the tips of the region their institution is in; who has no institution here gets ours.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import yaml
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Institution, Membership, Region, User
from accounts.prepared import prepared
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of
from consent.purposes import WORKPLACES
from consent.texts import Dossier
from intake.models import Audience, RegionTip, WorkedWell
from intake.services.region_help import regions_of
from passport import questionnaire
from passport.texts import clean_text

FILE = Path(__file__).parents[1] / "tips.yaml"
LONGEST, MOST, FEWEST_SENTENCES = 160, 6, 5
NO_NAME = "Schrijf dit zonder naam. Schrijf over de hulp, niet over iemand."

_CONTACT = re.compile(r"@|https?:|www\.|(?:\d[\s.\-/()]*){6,}", re.I)
# One person is told about, not what worked.
_PERSONAL = re.compile(
    r"\b(?:ik|mij|mijn|hij|hem|haar|zij is|zij heeft|meneer|mevrouw|meester|juf|dhr|mw|mevr)\b", re.IGNORECASE
)
# Letters that are said apart and days are no names, wherever they stand.
_CAPITALS = {"Nederlands", "Engels", "Word", "Teams", "Magister"}


@dataclass(frozen=True, slots=True)
class NeedTips:
    """What helps with one need: what it can mean, and what to do at school and at work."""

    need: str
    about: str
    school: tuple[str, ...]
    work: tuple[str, ...]
    is_own: bool = False

    def of(self, audience: str) -> tuple[str, ...]:
        """The tips for one audience."""
        return self.work if audience == Audience.WORK else self.school


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one need that is shared: public text, but that it stands there is personal."""

    label: str = field(repr=False)
    about: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of somebody, in the hands of the region; of its moment nothing is told."""

    id: UUID
    text: str = field(repr=False)


# --- Who reads ---------------------------------------------------------------------------------------------


def beside(dossier: Dossier, by: User | None) -> list[Beside]:
    """The tips for the needs in a dossier that is open before somebody: for a workplace or for a school.

    `by` None: whoever holds a link; they get the tips of the region of the student's school. Without a need no query.
    """
    needs = [said.unit for said in dossier.said if said.unit.part == "support"]
    if not needs:
        return []
    at_work = dossier.share.purpose in WORKPLACES
    tips = tips_for(by) if by is not None else _tips_by_link(dossier)
    audience = Audience.WORK if at_work else Audience.SCHOOL
    known = [(unit.label, tips[unit.need]) for unit in needs if unit.need in tips]
    return [Beside(label, one.about, one.of(audience)) for label, one in known]


def tips_for(by: User | None) -> Mapping[str, NeedTips]:
    """The tips per need for who reads, by the region of their institution; ours for a visitor. One query at most."""
    return _composed(prepared(_rows_for, (UUID, date)).rows(by.pk, timezone.localdate()) if by is not None else ())


def _tips_by_link(dossier: Dossier) -> Mapping[str, NeedTips]:
    school_class = class_of(dossier.share.student)
    region_id = school_class.institution.region_id if school_class else None
    return _composed(RegionTip.objects.filter(region=region_id) if region_id else ())


def _rows_for(by: UUID, on: date) -> QuerySet[RegionTip]:
    """The lists of the regions somebody works in on a day, by their class, programme, institution or the region."""
    mine = Membership.objects.current(on).filter(user=by)
    wanted = Q(pk__in=mine.values("region"))
    for place in ("institution", "school_class__institution", "programme__institution"):
        wanted |= Q(pk__in=mine.values(f"{place}__region"))
    return RegionTip.objects.filter(region__in=Region.objects.filter(wanted).values("pk"))


def _composed(rows: Iterable[RegionTip]) -> dict[str, NeedTips]:
    """Ours, with the lists of a region in their place; of who works in two regions, always the same one."""
    found = sorted(rows, key=lambda row: (str(row.region_id), row.order))
    if not found:
        return _ours_composed()
    own: dict[tuple[str, str], list[str]] = {}
    for row in found:
        if row.region_id == found[0].region_id:
            own.setdefault((row.need, row.audience), []).append(row.text)
    needs = dict.fromkeys([*_ours(), *(need for need, _ in own)])
    return {need: _need(need, own) for need in needs}


def _need(need: str, own: Mapping[tuple[str, str], Sequence[str]]) -> NeedTips:
    ours = _ours().get(need, {"about": ""})
    school, work = (
        tuple(own.get((need, audience)) or ours.get(audience, ())) for audience in (Audience.SCHOOL, Audience.WORK)
    )
    return NeedTips(need, ours["about"], school, work, is_own=any(key[0] == need for key in own))


@cache
def _ours_composed() -> dict[str, NeedTips]:
    return {need: _need(need, {}) for need in _ours()}


@cache
def _ours() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def need_labels() -> dict[str, str]:
    """The needs of the published questionnaire, in its order: code and words."""
    return questionnaire.of_version(questionnaire.published().pk).need_labels


# --- «Werkte goed» -----------------------------------------------------------------------------------------


def note_worked(*, need: str, sentence: str, institution: Institution, names: Iterable[str] = ()) -> None:
    """Keeps, of nobody, one impersonal sentence about a support that worked well, for the region of an institution.

    No case, no student, no school and no writer goes with it, and of today only the month. Raises Refusal («zonder
    naam») for a sentence that seems to tell of one person, or to hold a way to reach somebody; `names` are the names
    the caller has open (the student's, the people of the agreement), which it may not hold either. Another name at the
    start or in small letters is seen by nobody but the region, which reads every sentence before it is a tip.
    Of a need nobody asks about, empty, or of an institution without a region, nothing is kept.
    """
    text = impersonal(sentence, names)
    if text and institution.region_id and need in need_labels():
        month = timezone.localdate().replace(day=1)
        WorkedWell.objects.create(region_id=institution.region_id, need=need, month=month, text=text)


def impersonal(sentence: str, names: Iterable[str] = ()) -> str:
    """One line that tells of nobody; empty stays empty. Raises Refusal with the words «zonder naam»."""
    text = _clean(sentence, "sentence")
    said = {word.casefold() for word in _words(text)}
    known = {part.casefold() for name in names for part in _words(name) if len(part) > 1}
    if _CONTACT.search(text) or _PERSONAL.search(text) or said & known or _looks_like_a_name(text):
        raise Refusal("no_name", NO_NAME, field="sentence")
    return text


def _looks_like_a_name(text: str) -> bool:
    """A capital inside a sentence, that is not a word said letter by letter (mbo, OPP)."""
    inside = [word for part in re.split(r"[.!?:]\s+", text) for word in _words(part)[1:]]
    return any(word[0].isupper() and not word.isupper() and word not in _CAPITALS for word in inside)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text)


def _clean(text: str, field: str) -> str:
    """One line. The sentence about a number is the staff's: the other one speaks to a student."""
    try:
        return " ".join(clean_text(text, longest=LONGEST, field=field).split())
    except Refusal as refusal:
        if refusal.code != "bsn":
            raise
        raise Refusal("no_name", NO_NAME, field=field) from None


# --- The region --------------------------------------------------------------------------------------------


def region_of(by: User) -> Region:
    """The region somebody coordinates today. Raises NotHere for everybody else."""
    region = regions_of(by).first()
    if region is None:
        raise NotHere()
    return region


def tips_of(region: Region) -> Mapping[str, NeedTips]:
    """The tips per need as everybody in this region reads them."""
    return _composed(RegionTip.objects.filter(region=region))


@transaction.atomic
def save_tips(*, need: str, audience: str, texts: Iterable[str], by: User) -> None:
    """Puts the list of this user's region in the place of what stood there; an empty list, or ours, brings ours back.

    Raises NotHere for who coordinates no region and for a need nobody asks about, Refusal for a text that does not fit.
    """
    region = region_of(by)
    _known(need, audience)
    lines = list(dict.fromkeys(text for raw in texts if (text := _tip(raw, audience))))
    if len(lines) > MOST:
        raise Refusal("too_many", f"Dit zijn te veel tips. Er passen er {MOST}.", field=audience)
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    rows = RegionTip.objects.filter(region=region, need=need, audience=audience)
    if list(rows.order_by("order").values_list("text", flat=True)) == lines:
        return
    rows.delete()
    if lines != _ours().get(need, {}).get(audience):
        kept = {"region": region, "need": need, "audience": audience, "edited_by": by}
        RegionTip.objects.bulk_create(RegionTip(order=order, text=text, **kept) for order, text in enumerate(lines, 1))


@transaction.atomic
def save_both(*, need: str, lists: Mapping[str, Iterable[str]], by: User) -> None:
    """Saves the list of every audience, or none of them. Raises NotHere and Refusal."""
    for audience, texts in lists.items():
        save_tips(need=need, audience=audience, texts=texts, by=by)


def sentences_of(region: Region) -> dict[str, list[Sentence]]:
    """What people in this region said that worked, per need, as far as the region may read it. One query.

    It is read only in batches of at least five sentences about one need, of months that are over, and in no order: a
    single new sentence would lead to the one review that was held that day. A batch is never broken up later: what the
    region is done with still counts. Until there are five nobody reads them, and the page does not tell how many wait.
    """
    rows = WorkedWell.objects.filter(region=region, month__lt=timezone.localdate().replace(day=1))
    found: dict[str, list[Sentence]] = {}
    batches: dict[str, list[WorkedWell]] = {}
    months: dict[tuple[str, date], list[WorkedWell]] = {}
    for row in rows.order_by("month", "pk"):
        months.setdefault((row.need, row.month), []).append(row)
    for (need, _month), new in months.items():
        batches.setdefault(need, []).extend(new)
        if len(batches[need]) >= FEWEST_SENTENCES:
            batch = sorted(batches.pop(need), key=lambda row: row.pk)
            found.setdefault(need, []).extend(Sentence(row.pk, row.text) for row in batch if row.text)
    return {need: said for need, said in found.items() if said}


def need_of_sentence(*, sentence_id: UUID, by: User) -> str:
    """The need a sentence is about. Raises NotHere for a sentence this region may not read."""
    return _readable(sentence_id, by).need


@transaction.atomic
def take_sentence(*, sentence_id: UUID, audience: str, by: User) -> str:
    """Makes a tip of a sentence, below those that are there, and takes it off the list; returns its need.

    Raises NotHere for a sentence this region may not read, Refusal when there is no room.
    """
    row = _readable(sentence_id, by)
    _known(row.need, audience)
    now = tips_of(row.region)[row.need].of(audience)
    save_tips(need=row.need, audience=audience, texts=[*now, row.text], by=by)
    return _done_with(row)


@transaction.atomic
def drop_sentence(*, sentence_id: UUID, by: User) -> str:
    """Throws a sentence away; returns its need. Raises NotHere for a sentence this region may not read."""
    return _done_with(_readable(sentence_id, by))


def _readable(sentence_id: UUID, by: User) -> WorkedWell:
    region = region_of(by)
    if not any(one.id == sentence_id for said in sentences_of(region).values() for one in said):
        raise NotHere()
    return WorkedWell.objects.select_related("region").get(pk=sentence_id, region=region)


def _done_with(row: WorkedWell) -> str:
    WorkedWell.objects.filter(pk=row.pk).update(text="")
    return row.need


def _known(need: str, audience: str) -> None:
    if need not in need_labels() or audience not in Audience.values:
        raise NotHere()


def _tip(raw: str, audience: str) -> str:
    text = _clean(raw, audience)
    if _CONTACT.search(text):
        raise Refusal("no_name", NO_NAME, field=audience)
    return text
