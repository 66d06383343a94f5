"""A coach and their own students: moments, what was promised, and by whom. Read by both, and the student's.

The door is the live share for coaching in the tie between them (consent/access.py): without one a coach has a name and
no more, and after the last day of the tie nothing. What was written stays with the student, who can take it away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import age_band, identity_of
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent import services as consent
from consent.ledger import Action, Event
from consent.looks import COACHING
from consent.models import RecipientKind, Share
from intake.models import CoachMoment
from intake.services import coach_ties
from passport.texts import clean_staff_text

NOTE_FIELD = "intake.CoachMoment.sealed_note"
DONE_FIELD = "intake.CoachMoment.sealed_done"
LONGEST_TEXT, LONGEST_PROMISE, MOST_PROMISES, MOST_PLANNED = 1000, 120, 6, 10
COACH, STUDENT = "coach", "student"
State = CoachMoment.State


@dataclass(frozen=True, slots=True)
class Promise:
    number: int
    who: str
    text: str = field(repr=False)
    on: date | None
    is_done: bool

    @property
    def is_of_coach(self) -> bool:
        return self.who == COACH


@dataclass(frozen=True, slots=True)
class Met:
    """A moment as somebody reads it. Personal: never in a log or a URL."""

    id: UUID
    on: date
    is_planned: bool
    by: str
    text: str = field(repr=False)
    promises: tuple[Promise, ...] = field(repr=False)

    @property
    def is_ahead(self) -> bool:
        return self.is_planned and self.on >= timezone.localdate()


@dataclass(frozen=True, slots=True)
class Row:
    """One student of a coach, as far as a list tells."""

    tie: Tie
    share: Share | None
    name: str = field(repr=False)
    next_on: date | None = None

    @property
    def goes_soon(self) -> bool:
        return coach_ties.goes_soon(self.tie)


@dataclass(frozen=True, slots=True)
class Opened:
    row: Row
    moments: list[Met] = field(repr=False)


# --- The coach ---------------------------------------------------------------------------------------------


def students_of(by: User) -> list[Row]:
    """Whose coach this user is today, by name; a list shows names without a row in the log. Constant in queries.

    Who shares nothing stands there by name, as the student was told at their yes. Whoever shares outside school only
    with a yes from home has none before that yes (contract, rule 10): until then they are not in the list.
    """
    ties = list(_ties_of(by))
    keys = vault.open_keys(tie.student_id for tie in ties) if ties else {}
    shares = {share.tie_id: share for share in _shares(by)} if ties else {}
    shown = [tie for tie in ties if tie.student_id in keys and (tie.pk in shares or _is_alone(tie, keys))]
    next_on = _next_days([tie.pk for tie in shown if tie.pk in shares]) if shown else {}
    names = {tie.pk: identity_of(tie.student, keys[tie.student_id]).display_name for tie in shown}
    rows = [Row(tie, shares.get(tie.pk), names[tie.pk], next_on.get(tie.pk)) for tie in shown]
    return sorted(rows, key=lambda row: row.name.casefold())


def open_student(*, share_id: UUID, by: User) -> Opened:
    """Opens what this coach and one student agreed, and writes the look (contract, rule 5). Raises NotHere."""
    share = _open_share(share_id, by)
    key = vault.open_key(share.student_id)
    with transaction.atomic():
        tie = _locked(share_id, by)
        ledger.record(Event.LOOK, share=share, actor=by, slots=[key.slot(COACHING)], action=Action.READ)
        rows = list(CoachMoment.objects.filter(tie=tie).select_related("by"))
    moments = [_opened(row, key) for row in rows]
    ahead = min((one.on for one in moments if one.is_ahead), default=None)
    return Opened(Row(tie, share, identity_of(share.student, key).display_name, ahead), moments)


def get_share_or_404(share_id: UUID, by: User) -> Share:
    """A share by which this coach writes with its student today, without opening it. Raises NotHere."""
    return _open_share(share_id, by)


def plan_moment(*, share_id: UUID, by: User, on: date, text: str = "") -> CoachMoment:
    """Puts a day for the next moment; the student sees it at once. Raises NotHere, Refusal at the field."""
    content = {"text": clean_staff_text(text, longest=LONGEST_TEXT, field="text"), "promises": []}
    if on < timezone.localdate():
        raise Refusal("too_early", "Deze dag is al geweest.", field="on")
    return _write(share_id, by, content, CoachMoment(by=by, state=State.PLANNED, on=on))


def write_moment(
    *,
    share_id: UUID,
    by: User,
    on: date,
    text: str = "",
    own: Iterable[str] = (),
    students: Iterable[str] = (),
    until: date | None = None,
    planned: UUID | None = None,
) -> CoachMoment:
    """Keeps how a moment went: what was said, what the coach (`own`) and the student promised, and before which day.

    `planned`: the moment it was. Raises NotHere, and Refusal at the field that does not fit.
    """
    if on > timezone.localdate():
        raise Refusal("not_yet", "Deze dag komt nog.", field="on")
    promised = _promises(COACH, own, "own", until) + _promises(STUDENT, students, "students", until)
    content = {"text": clean_staff_text(text, longest=LONGEST_TEXT, field="text"), "promises": promised}
    if not content["text"] and not promised:
        raise Refusal("blank", "Schrijf eerst iets.", field="text")
    row = get_planned_or_404(share_id, by, planned) if planned else CoachMoment(by=by)
    row.state, row.on = State.HAD, on
    return _write(share_id, by, content, row)


def get_planned_or_404(share_id: UUID, by: User, moment_id: UUID) -> CoachMoment:
    """A moment this coach put a day for and has not written about yet. Raises NotHere."""
    tie = _open_share(share_id, by).tie_id
    row = CoachMoment.objects.filter(pk=moment_id, tie=tie, by=by, state=State.PLANNED).first()
    if row is None:
        raise NotHere()
    return row


def drop_planned(*, share_id: UUID, by: User, moment_id: UUID) -> None:
    """It did not go on: the day goes, for the student too. Raises NotHere."""
    get_planned_or_404(share_id, by, moment_id).delete()


def keep_promise(*, share_id: UUID, by: User, moment_id: UUID, number: int, done: bool) -> None:
    """The coach ticks off what the coach promised. Raises NotHere, and Refusal for what is not theirs."""
    share = _open_share(share_id, by)
    key = vault.open_key(share.student_id)
    with transaction.atomic():
        _tick(CoachMoment.objects.filter(pk=moment_id, tie=_locked(share_id, by)), key, number, done, COACH)


# --- The student -------------------------------------------------------------------------------------------


def own_moments(student: Student, key: vault.Key) -> dict[UUID, list[Met]]:
    """Per tie every moment of this student with a coach, also of who is no coach any more; newest first, one query."""
    found: dict[UUID, list[Met]] = {}
    for row in CoachMoment.objects.filter(tie__student=student).select_related("by"):
        found.setdefault(row.tie_id, []).append(_opened(row, key))
    return found


def shared_ties(student: Student) -> set[UUID]:
    """The ties in which a coach reads along now: there is a live share, and nothing stands still."""
    if student.frozen_at is not None:
        return set()
    rows = student.shares.live(timezone.localdate()).filter(recipient_kind=RecipientKind.COACH, tie__isnull=False)
    return set(rows.values_list("tie", flat=True))


def tick_own(*, student: Student, key: vault.Key, moment_id: UUID, number: int, done: bool, by: User) -> None:
    """The student ticks off what the student promised. Raises NotHere, and Refusal for what is not theirs."""
    with transaction.atomic():
        _tick(_of_student(student, by).filter(pk=moment_id), key, number, done, STUDENT)


def remove_moment(*, student: Student, moment_id: UUID, by: User) -> None:
    """A moment is the student's: it goes when they say so, for the coach too. Raises NotHere."""
    if not _of_student(student, by).filter(pk=moment_id).delete()[0]:
        raise NotHere()


# --- The parts ---------------------------------------------------------------------------------------------


def _ties_of(by: User) -> QuerySet[Tie]:
    decides = Tie.objects.current().filter(student=OuterRef("student"), kind=Tie.Kind.REPRESENTATIVE)
    ties = Tie.objects.current().filter(person=by, kind=Tie.Kind.COACH, confirmed_at__isnull=False)
    found: QuerySet[Tie] = ties.filter(student__frozen_at=None, student__user__is_active=True)
    represented = Exists(decides.filter(authority_checked_at__isnull=False))
    return found.select_related("student").annotate(represented=represented)


def _next_days(ties: list[UUID]) -> dict[UUID, date]:
    rows = CoachMoment.objects.filter(tie__in=ties, state=State.PLANNED, on__gte=timezone.localdate())
    return dict(rows.order_by().values("tie").annotate(first=Min("on")).values_list("tie", "first"))


def _is_alone(tie: Any, keys: dict[UUID, vault.Key]) -> bool:
    age = age_band(identity_of(tie.student, keys[tie.student_id]).born)
    return not consent.needs_guardian(age, RecipientKind.COACH, represented=tie.represented)


def _shares(by: User) -> QuerySet[Share]:
    return access.open_shares(by, kind=RecipientKind.COACH)


def _open_share(share_id: UUID, by: User) -> Share:
    share = _shares(by).filter(pk=share_id).first()
    if share is None:
        raise NotHere()
    return share


def _locked(share_id: UUID, by: User) -> Tie:
    """The tie of a share that is open now, locked so that a withdrawal comes before or after, never in between."""
    Share.objects.select_for_update(no_key=True).filter(pk=share_id).first()
    tie = _open_share(share_id, by).tie
    if tie is None:
        raise NotHere()
    return tie


def _write(share_id: UUID, by: User, content: dict[str, Any], row: CoachMoment) -> CoachMoment:
    key = vault.open_key(_open_share(share_id, by).student_id)
    row.sealed_note = key.seal(content, field=NOTE_FIELD, row=row.pk)
    with transaction.atomic():
        row.tie = _locked(share_id, by)
        if row.tie.ends_on and row.on > row.tie.ends_on:
            raise Refusal("too_late", "Dan is uw tijd met deze student voorbij.", field="on")
        waiting = CoachMoment.objects.filter(tie=row.tie, state=State.PLANNED).exclude(pk=row.pk)
        if row.state == State.PLANNED and waiting.count() >= MOST_PLANNED:
            raise Refusal("too_many", "Er staan al genoeg dagen. Schrijf eerst op hoe die gingen.", field="on")
        row.save()
    return row


def _promises(who: str, lines: Iterable[str], name: str, until: date | None) -> list[dict[str, Any]]:
    cleaned = (clean_staff_text(one, longest=LONGEST_PROMISE, field=name) for one in lines)
    said = list(dict.fromkeys(line for line in cleaned if line))
    if len(said) > MOST_PROMISES:
        raise Refusal("too_many", f"Dit zijn te veel regels. Er passen er {MOST_PROMISES}.", field=name)
    return [{"who": who, "text": one, "on": until.isoformat() if until else None} for one in said]


def _of_student(student: Student, by: User) -> QuerySet[CoachMoment]:
    if student.user_id != by.pk:
        raise NotHere()
    return CoachMoment.objects.filter(tie__student=student)


def _tick(rows: QuerySet[CoachMoment], key: vault.Key, number: int, done: bool, who: str) -> None:
    row = rows.select_for_update(of=("self",), no_key=True).first()
    if row is None:
        raise NotHere()
    promises, ticked = _content(row, key)["promises"], _done(row, key)
    if not 0 <= number < len(promises) or promises[number]["who"] != who:
        raise Refusal("no_promise", "Dit staat er niet meer.")
    ticked = ticked | {number} if done else ticked - {number}
    row.sealed_done = key.seal(sorted(ticked), field=DONE_FIELD, row=row.pk) if ticked else None
    row.save(update_fields=["sealed_done"])


def _opened(row: CoachMoment, key: vault.Key) -> Met:
    content, ticked = _content(row, key), _done(row, key)
    promises = tuple(
        Promise(number, one["who"], one["text"], date.fromisoformat(one["on"]) if one["on"] else None, number in ticked)
        for number, one in enumerate(content["promises"])
    )
    by = row.by.staff_name if row.by else ""
    return Met(row.pk, row.on, row.state == State.PLANNED, by, content["text"], promises)


def _content(row: CoachMoment, key: vault.Key) -> dict[str, Any]:
    content: dict[str, Any] = key.open(row.sealed_note, field=NOTE_FIELD, row=row.pk)
    return content


def _done(row: CoachMoment, key: vault.Key) -> set[int]:
    return set(key.open(row.sealed_done, field=DONE_FIELD, row=row.pk)) if row.sealed_done else set()
