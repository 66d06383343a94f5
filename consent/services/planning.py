"""What a wish comes to, before anything is saved: who must also say yes, what fits, and what they would see."""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone

from accounts import vault
from accounts.identity import AgeBand, Identity, age_band, identity_of
from accounts.models import Student, Tie
from accounts.refusals import Refusal
from accounts.services import school_of
from consent import access
from consent.links import LinkTo, check_to
from consent.models import RecipientKind, Share, ShareItem, ShareState
from consent.purposes import (
    MAY_BE_EMPTY,
    OUTSIDE_SCHOOL,
    SAFETY,
    WORKPLACES,
    allows_unit,
    fits,
    is_live,
    longest_until,
)
from consent.recipients import find_recipient
from consent.services.days import day_with
from consent.services.waiting import as_asked
from consent.texts import IDENTITY_UNITS, ITEM_FIELD, Dossier, shareable_units
from passport.models import Answer
from passport.services import Sheet, open_sheet, questions_of

AHEAD = timedelta(days=183)  # a placement that nobody waits for yet needs no link: half a year


@dataclass(frozen=True)
class Wish:
    """What a student wants to share: with whom, for what, which units, until when."""

    kind: str
    recipient_id: UUID | None
    purpose: str
    units: tuple[str, ...]
    valid_until: date
    warm_transfer: bool = False
    link: LinkTo | None = None


@dataclass(frozen=True)
class Plan:
    """A wish that fits: the share and items as they would be saved, and nothing saved yet."""

    share: Share
    items: tuple[ShareItem, ...]
    slots: Mapping[bytes, str]
    sheet: Sheet
    link: LinkTo | None = None

    def dossier(self, key: vault.Key) -> Dossier:
        """What the recipient would see."""
        return access.preview(share=self.share, items=self.items, key=key)


def needs_guardian(age: AgeBand, kind: str, *, represented: bool) -> bool:
    """Whether a share waits for somebody else's yes, on the day of the act (contract, rule 10).

    UAVG art. 5: under 16 the legal representative decides with the student; no known birth date counts as under
    16. An adult with a legal representative likewise; at 16 and 17 the student decides alone. School team and
    guardian are not outside school.
    """
    if kind not in OUTSIDE_SCHOOL:
        return False
    return age in {AgeBand.UNDER_16, AgeBand.UNKNOWN} or (represented and age is AgeBand.ADULT)


def waits_today(student: Student, key: vault.Key, kind: str) -> bool:
    """Whether a share of this student with this kind of recipient needs somebody else's yes today."""
    if kind not in OUTSIDE_SCHOOL:
        return False
    return needs_guardian(age_band(identity_of(student, key).born), kind, represented=_is_represented(student))


def plan_share(*, student: Student, key: vault.Key, wish: Wish, placed: Iterable[UUID] = ()) -> Plan:
    """Checks a wish against every rule of giving. Raises Refusal at the field that is wrong."""
    wish = replace(wish, link=_check_recipient(student, wish, placed))
    if not fits(wish.purpose, wish.kind):
        raise Refusal("wrong_purpose", "Dit doel past niet bij deze ontvanger.", field="purpose")
    starts_on = wish.link.starts_on if wish.link else None
    check_placement(wish.purpose, wish.kind, starts_on, wish.valid_until)
    starts_on = starts_on or day_with(student, wish.kind, wish.recipient_id)
    check_valid_until(wish.purpose, wish.kind, wish.valid_until, starts_on)
    return _plan(student, key, wish, kept=())


def plan_change(
    *,
    share: Share,
    key: vault.Key,
    units: Iterable[str] | None = None,
    valid_until: date | None = None,
    warm_transfer: bool | None = None,
) -> Plan:
    """What the recipient would see after `change_share`; nothing is saved. Raises Refusal."""
    refuse_ended(share)
    plan, wish = plan_for_change(share, key, units, valid_until, warm_transfer)
    after = lay_over(share, plan)
    after.share.valid_until, after.share.warm_transfer = wish.valid_until, wish.warm_transfer
    return after


def plan_release(*, share: Share, key: vault.Key, units: Iterable[str]) -> Plan:
    """What the recipient would see after `release_units`; nothing is saved. Raises Refusal."""
    refuse_ended(share)
    plan = plan_for_release(share, key, tuple(units))
    return lay_over(share, plan, replaced=set(plan.slots))


def plan_for_change(
    share: Share,
    key: vault.Key,
    units: Iterable[str] | None,
    valid_until: date | None,
    warm_transfer: bool | None,
) -> tuple[Plan, Wish]:
    """What is not named stays as it was asked, also what waits for a guardian."""
    asked, items = as_asked(share)
    had = _named(items, share, key)
    wish = Wish(
        share.recipient_kind,
        share.recipient_id,
        share.purpose,
        tuple(had if units is None else units),
        valid_until or asked.valid_until,
        asked.warm_transfer if warm_transfer is None else warm_transfer,
    )
    if wish.valid_until not in {share.valid_until, asked.valid_until}:
        starts_on = share.starts_on or day_with(share.student, share.recipient_kind, share.person_id)
        check_valid_until(share.purpose, share.recipient_kind, wish.valid_until, starts_on)
    _check_safety_apart(share, set(wish.units) - set(had))
    started, pinned = share.has_started, share.approval_required
    return _plan(share.student, key, wish, kept=had, pinned=pinned, started=started), wish


def plan_for_release(share: Share, key: vault.Key, units: tuple[str, ...]) -> Plan:
    sheet = open_sheet(share.student.passport, key)
    identity = identity_of(share.student, key)
    if not units or set(units) - set(units_of(share, key)):
        raise Refusal("unknown_unit", "Dit deel je niet met deze ontvanger.", field="units")
    if any(not _says(unit, sheet, identity, share.student) for unit in units):
        raise Refusal("nothing_to_share", "Hier staat nog niets in.", field="units")
    items, slots = _plan_items(share, units, sheet, identity, key)
    return Plan(share, items, slots, sheet)


def lay_over(share: Share, plan: Plan, replaced: Container[bytes] | None = None) -> Plan:
    """The share as the student asked for it with the plan laid over it: what stays keeps the text that was released.

    `replaced` None: the plan names every unit that stays; else only the units that get another text.
    """
    asked, stored = as_asked(share)
    if replaced is None:
        kept = [item for item in stored if bytes(item.slot) in plan.slots]
    else:
        kept = [item for item in stored if bytes(item.slot) not in replaced]
    there = {bytes(item.slot) for item in kept}
    new = [item for item in plan.items if bytes(item.slot) not in there]
    return Plan(asked, (*kept, *new), plan.slots, plan.sheet)


def check_valid_until(purpose: str, kind: str, valid_until: date, starts_on: date | None = None) -> None:
    """Raises Refusal for a day in the past or later than the purpose allows this kind of recipient."""
    today = timezone.localdate()
    if valid_until < today:
        raise Refusal("date_past", "Kies een dag die nog komt.", field="valid_until")
    if valid_until > longest_until(purpose, kind, today, starts_on):
        raise Refusal("date_too_late", "Zo lang mag dit niet. Kies een dag eerder.", field="valid_until")


def check_placement(purpose: str, kind: str, starts_on: date | None, valid_until: date) -> None:
    """A placement has a first day, and nothing else has. Raises Refusal at `starts_on`."""
    if purpose not in WORKPLACES or kind != RecipientKind.LINK:
        if starts_on is not None:
            raise Refusal("no_placement", "Een eerste dag hoort alleen bij stage of werk.", field="starts_on")
        return
    if starts_on is None:
        raise Refusal("no_first_day", "Kies de eerste dag.", field="starts_on")
    if starts_on > timezone.localdate() + AHEAD:
        raise Refusal("first_day_too_late", "Deze dag is nog te ver weg.", field="starts_on")
    if starts_on > valid_until:
        raise Refusal("first_day_after_last", "De eerste dag is na de laatste dag.", field="starts_on")


def check_seen(seen: str, after: Plan, key: vault.Key) -> None:
    if seen and seen != digest_of(after.dossier(key), key).hex():
        raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")


def digest_of(dossier: Dossier, key: vault.Key) -> bytes:
    """What the recipient sees as a keyed digest: the student's yes carries it (contract, rule 2)."""
    said = [[one.unit.key, one.value] for one in dossier.said]
    text = json.dumps([dict(dossier.student), said], sort_keys=True, ensure_ascii=False)
    return key.mac("preview", text.encode())


def units_of(share: Share, key: vault.Key) -> list[str]:
    """The units a share names, for its student, in reading order; not those that wait on top of it."""
    return _named(share.items.filter(state=ShareItem.State.GIVEN), share, key)


def waiting_units(share: Share, key: vault.Key) -> list[str]:
    """The units that wait for a guardian's yes: all of them before the first one, else what was added or newer."""
    if share.state == ShareState.AWAITING_GUARDIAN:
        return units_of(share, key)
    return _named(share.items.filter(state=ShareItem.State.WAITING), share, key) if share.is_open else []


def _named(items: Iterable[ShareItem], share: Share, key: vault.Key) -> list[str]:
    slots = {bytes(item.slot) for item in items}
    return [unit for unit in shareable_units(questions_of(share.student.passport)) if key.slot(unit) in slots]


def newer_units(
    share: Share, key: vault.Key, *, sheet: Sheet | None = None, items: Iterable[ShareItem] | None = None
) -> list[str]:
    """The shared units of which the student now has another text than the recipient sees.

    A list of shares passes the opened `sheet` and the loaded `items`, so it costs no query a share.
    """
    sheet = sheet or open_sheet(share.student.passport, key)
    items = list(share.items.select_related("answer__newest", "revision") if items is None else items)
    shown = {one.unit.key: one.value for one in access.preview(share=share, items=items, key=key).said}
    asked = {bytes(item.slot) for item in items if _waits_with_newest(item)}
    released = {bytes(item.slot) for item in items if item.revision_id} - asked
    said = sheet.said
    return [
        unit
        for unit in shareable_units(sheet.questions)
        if unit in said and key.slot(unit) in released and said[unit] != shown.get(unit)
    ]


def _waits_with_newest(item: ShareItem) -> bool:
    """Whether a guardian is asked for this very text already."""
    waits = item.state == ShareItem.State.WAITING and item.answer is not None
    return waits and item.revision_id == item.answer.newest_id  # type: ignore[union-attr]  # a text is there


def identity_text(unit: str, identity: Identity, student: Student) -> str:
    """The text of an identity unit, empty when it is not known."""
    school = school_of(student) if unit == "identity.school" else None
    return {
        "identity.official_name": identity.official_name,
        "identity.birth_date": identity.birth_date,
        "identity.school": school.name if school else "",
        "identity.application_ref": identity.application_ref,
    }[unit]


def refuse_ended(share: Share) -> None:
    if not share.is_open or share.is_past:
        raise Refusal("ended", "Je deelt dit niet meer.", status=409)


def _check_warm_transfer(wish: Wish) -> None:
    if wish.warm_transfer and wish.kind != RecipientKind.PROGRAMME:
        raise Refusal("no_warm_transfer", "Dit kan alleen bij een opleiding.", field="warm_transfer")


def _plan(
    student: Student, key: vault.Key, wish: Wish, kept: Iterable[str], pinned: bool = False, started: bool = False
) -> Plan:
    """`pinned`: a share that a guardian approved stays one of released texts, also after the birthday.

    `started`: the share is there already, and its placement has begun.
    """
    sheet = open_sheet(student.passport, key)
    identity = identity_of(student, key)
    _check_units(wish, sheet, identity, student, set(kept), started=started)
    _check_warm_transfer(wish)
    outside = waits_today(student, key, wish.kind)
    now = timezone.now()
    share = Share(
        student=student,
        recipient_kind=wish.kind,
        purpose=wish.purpose,
        state=ShareState.AWAITING_GUARDIAN if outside else ShareState.ACTIVE,
        valid_until=wish.valid_until,
        warm_transfer=wish.warm_transfer,
        approval_required=outside,
        created_at=now,
        released_at=now,
        **_recipient_field(student, wish),
    )
    items, slots = _plan_items(share, wish.units, sheet, identity, key, pinned=pinned)
    return Plan(share, items, slots, sheet, wish.link)


def _is_represented(student: Student) -> bool:
    ties = Tie.objects.current().filter(student=student, kind=Tie.Kind.REPRESENTATIVE)
    return ties.filter(authority_checked_at__isnull=False).exists()


def _check_recipient(student: Student, wish: Wish, placed: Iterable[UUID]) -> LinkTo | None:
    """Whether the student may choose this recipient; of a link to whom it goes, tidied."""
    if wish.kind == RecipientKind.LINK and wish.link:
        return check_to(wish.link)
    if wish.recipient_id is None or find_recipient(student, wish.kind, wish.recipient_id, placed) is None:
        raise Refusal("unknown_recipient", "Deze ontvanger kennen we niet.", field="recipient")
    return None


def _check_safety_apart(share: Share, added: set[str]) -> None:
    """For a workplace what is needed for safety is a last step of its own (contract, rule 1)."""
    if share.purpose in WORKPLACES and SAFETY in added and len(added) > 1:
        raise Refusal("safety_apart", "Deel dit apart, na de rest.", field="units")


def _recipient_field(student: Student, wish: Wish) -> dict[str, UUID | None]:
    """Who it is; of a person also in which tie, so that a tie of later opens nothing of it."""
    if wish.kind == RecipientKind.LINK:
        return {}
    if wish.kind == RecipientKind.SCHOOL_TEAM:
        return {"institution_id": wish.recipient_id}
    if wish.kind in {RecipientKind.PROGRAMME, RecipientKind.COLLEGE_TEAM}:
        return {"programme_id": wish.recipient_id}
    ties = Tie.objects.current().filter(student=student, person=wish.recipient_id, kind=wish.kind)
    tie = ties.filter(confirmed_at__isnull=False).order_by("-starts_on", "pk").values_list("pk", flat=True).first()
    return {"person_id": wish.recipient_id, "tie_id": tie}


def _check_units(
    wish: Wish, sheet: Sheet, identity: Identity, student: Student, kept: set[str], *, started: bool
) -> None:
    known = shareable_units(sheet.questions)
    if not wish.units:
        raise Refusal("no_units", "Kies eerst wat je wilt delen.", field="units")
    if any(unit not in known for unit in wish.units):
        raise Refusal("unknown_unit", "Dit staat niet in jouw paspoort.", field="units")
    allowed = partial(allows_unit, wish.purpose, started=started)
    if any(not allowed(unit, sensitive=known[unit].sensitive) for unit in wish.units):
        raise Refusal("unit_not_allowed", "Dit mag je met deze ontvanger niet delen.", field="units")
    if wish.purpose in MAY_BE_EMPTY:
        return
    if any(unit not in kept and not _says(unit, sheet, identity, student) for unit in wish.units):
        raise Refusal("nothing_to_share", "Hier staat nog niets in.", field="units")


def _says(unit: str, sheet: Sheet, identity: Identity, student: Student) -> bool:
    if unit in IDENTITY_UNITS:
        return bool(identity_text(unit, identity, student))
    return unit in sheet.said


def _plan_items(
    share: Share, units: Iterable[str], sheet: Sheet, identity: Identity, key: vault.Key, *, pinned: bool = False
) -> tuple[tuple[ShareItem, ...], dict[bytes, str]]:
    """The items of these units as they would be saved. A live purpose under 16 outside school is released too."""
    live = is_live(share.purpose, share.recipient_kind) and not (share.approval_required or pinned)
    answers = _newest_answers(share.student)
    known = shareable_units(sheet.questions)
    items, slots = [], {}
    for unit in dict.fromkeys(units):
        slot = key.slot(unit)
        slots[slot] = unit
        item = ShareItem(share=share, slot=slot)
        if unit in IDENTITY_UNITS:
            text = identity_text(unit, identity, share.student)
            item.sealed_text = key.seal(text, field=ITEM_FIELD, row=item.pk, unit=unit)
        else:
            item.answer = answers.get(key.slot(known[unit].question.key))
            item.revision = None if live or item.answer is None else item.answer.newest
        items.append(item)
    return tuple(items), slots


def _newest_answers(student: Student) -> dict[bytes, Answer]:
    rows = Answer.objects.filter(student=student).select_related("newest")
    return {bytes(row.slot): row for row in rows}
