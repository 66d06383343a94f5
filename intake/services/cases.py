"""The inbox of an intaker: cases of their programmes, opened by a share, closed to view the moment it ends."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, When
from django.db.models.lookups import IsNull
from django.utils import timezone

from accounts import vault
from accounts.entrance import at_school, ties_at_home
from accounts.identity import identity_of
from accounts.models import Guardian, Membership, Programme, Role, Tie, User
from accounts.prepared import prepared
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Action
from consent.models import RecipientKind, Share, ShareState
from consent.texts import Dossier
from intake.models import Case, Event, IntakeTalk
from intake.services import handover_files, handovers, hearing, mail, tally
from intake.services.placements import estimated_start

STEPS = [Case.Status.NEW, Case.Status.READ, Case.Status.INVITED, Case.Status.DONE]
OUTCOMES = handover_files.OUTCOMES
ENDED, ENDED_LABEL = "ended", "Niet meer gedeeld"
ORDERINGS = {"received_at", "-received_at", "intake_at", "-intake_at", "student", "-student"}
NEW_TAB, MINE_TAB, WEEK_TAB = "new", "mine", "week"
TABS = {"": "Alles", NEW_TAB: "Nieuw", MINE_TAB: "Van mij", WEEK_TAB: "Deze week"}


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of the inbox; of an ended case no name is known any more, whatever ended it.

    `is_live` without `is_open`: the share runs, and this user may give the case to somebody but not open it.
    """

    case: Case
    is_open: bool
    display_name: str | None
    is_live: bool = False

    @property
    def status(self) -> str:
        return self.case.status if self.is_live or self.is_open else ENDED

    @property
    def status_label(self) -> str:
        return self.case.get_status_display() if self.is_live or self.is_open else ENDED_LABEL


def open_case(share: Share) -> Case | None:
    """Opens the case of a live share with a programme; called in the transaction that makes it live."""
    if share.programme_id is None or share.recipient_kind != RecipientKind.PROGRAMME:
        return None
    if share.state != ShareState.ACTIVE:
        return None
    case, _ = Case.objects.get_or_create(
        share=share, defaults={"programme_id": share.programme_id, "received_at": share.released_at}
    )
    return case


def programmes_of(by: User | UUID, on: date | None = None) -> QuerySet[Programme]:
    """The programmes this user does the intake of on a day (today)."""
    mine = Membership.objects.current(on).filter(user=by, role=Role.INTAKER, programme__isnull=False)
    return Programme.objects.filter(pk__in=mine.values("programme")).order_by("name")


def lists_of(by: User) -> User:
    """What a reader's menu shows today, in one statement.

    `is_intaker`, `is_guardian`, `is_tied_at_home`, `is_at_school`, `is_counsellor`, `is_college_mentor`, `is_coach`,
    `is_tied_coach`.
    """
    found: User = prepared(_lists, (UUID, date)).rows(by.pk, timezone.localdate())[0]
    return found


def _lists(by: UUID, on: date) -> QuerySet[User]:
    now = Membership.objects.current(on).filter(user=by)
    reader = User.objects.filter(pk=by).only("pk")
    return reader.annotate(
        is_intaker=Exists(programmes_of(by, on)),
        is_guardian=Exists(Guardian.objects.filter(user=by)),
        is_tied_at_home=Exists(ties_at_home(by, on)),
        is_at_school=Exists(at_school(by, on)),
        is_counsellor=Exists(at_school(by, on).filter(role=Role.COUNSELLOR)),
        is_college_mentor=Exists(now.filter(role=Role.MENTOR, programme__isnull=False)),
        is_tied_coach=Exists(
            Tie.objects.current(on).filter(person=by, kind=Tie.Kind.COACH, confirmed_at__isnull=False)
        ),
        is_coach=Exists(now.filter(role=Role.COACH)),
    )


def intakers_of(programme_id: UUID) -> QuerySet[User]:
    """Who does the intake of a programme today: a case can be given to one of them."""
    current = Membership.objects.current().filter(role=Role.INTAKER, programme=programme_id)
    return User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("staff_name")


def get_assignee(user_id: UUID) -> User:
    """Somebody to give a case to; `change_case` asks whether they do the intake. Raises Refusal."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Refusal("unknown_user", "Deze persoon kennen we niet.", field="assigned_to")
    return user


def programmes_run_by(by: User | UUID, on: date | None = None) -> QuerySet[Programme]:
    """The programmes of the colleges this user is coordinator of: they give a case to somebody, and open none."""
    mine = Membership.objects.current(on).filter(user=by, role=Role.COORDINATOR, institution__isnull=False)
    return Programme.objects.filter(institution__in=mine.values("institution")).order_by("name")


def programmes_in_inbox(by: User) -> list[Programme]:
    """The programmes whose cases this user sees: those they do the intake of, else those they coordinate."""
    return list(programmes_of(by)) or list(programmes_run_by(by))


def list_cases(
    by: User, *, status: str = "", programme: str = "", q: str = "", ordering: str = "", tab: str = ""
) -> "Sequence[CaseRow]":
    """The inbox: constant in queries, names opened in memory and only within this user's programmes.

    `q` looks in names, `ordering` is one of ORDERINGS, `tab` one of TABS. Raises Refusal for one that does not exist.
    What needs no name is filtered and paged by the database: ask it for a slice. Who does no intake and coordinates a
    college gets the cases of that college without a name.
    """
    ordering = ordering or "received_at"
    if ordering not in ORDERINGS:
        raise Refusal("unknown_ordering", "In deze volgorde kan het niet.", field="ordering")
    if tab not in TABS:
        raise Refusal("unknown_tab", "Dit overzicht is er niet.", field="tab")
    pages = CasePages(by, ordering, _Wanted(status, programme, tab))
    if not pages and not programmes_of(by).exists():
        return CasePages(by, ordering, _Wanted(status, programme, tab), is_coordinator=True)
    if not q and not ordering.endswith("student"):
        return pages
    rows = pages.everything()
    if q:
        rows = [row for row in rows if row.display_name and q.casefold() in row.display_name.casefold()]
    return _by_name(rows, ordering) if ordering.endswith("student") else rows


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the database can choose by: nothing in it is a name."""

    status: str = ""
    programme: str = ""
    tab: str = ""

    @property
    def is_everything(self) -> bool:
        return not (self.status or self.programme or self.tab)

    def of(self, cases: QuerySet[Any], by: User) -> QuerySet[Any]:
        """These cases as far as they are wanted; one that ended is in no step and on no tab."""
        if self.programme:
            cases = cases.filter(programme__code=self.programme)
        if self.status:
            step = {} if self.status == ENDED else {"status": self.status}
            cases = cases.filter(is_open=self.status != ENDED, **step)
        if not self.tab:
            return cases
        monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
        start = timezone.make_aware(datetime.combine(monday, time()))
        end = timezone.make_aware(datetime.combine(monday + timedelta(days=7), time()))
        on_tab: dict[str, dict[str, Any]] = {
            NEW_TAB: {"status": Case.Status.NEW},
            MINE_TAB: {"assigned_to": by},
            WEEK_TAB: {"intake_at__gte": start, "intake_at__lt": end},
        }
        return cases.filter(is_open=True, **on_tab[self.tab])


class CasePages(Sequence[CaseRow]):
    """An inbox by date: its length is counted and a slice is read by the database, nothing before that."""

    def __init__(self, by: User, ordering: str, wanted: _Wanted, *, is_coordinator: bool = False) -> None:
        self.by, self.ordering, self.wanted, self.is_coordinator = by, ordering, wanted, is_coordinator

    def __len__(self) -> int:
        return self._count

    @cached_property
    def _count(self) -> int:
        if self.wanted.is_everything:
            programmes = programmes_run_by if self.is_coordinator else programmes_of
            return Case.objects.filter(programme__in=programmes(self.by).order_by()).count()
        return self._found().count()

    def __getitem__(self, wanted: Any) -> Any:
        if not isinstance(wanted, slice):
            return self[wanted : wanted + 1][0]
        start, stop, _ = wanted.indices(len(self))
        if self.is_coordinator:
            return _rows_without_names(self._found()[start:stop])
        if not self.wanted.is_everything:
            return _rows(self._found()[start:stop])
        composed = prepared(_cases, (UUID, date), self.ordering)
        return _rows(composed.rows(self.by.pk, timezone.localdate(), page=slice(start, stop)))

    def everything(self) -> list[CaseRow]:
        """Every row, with every name: to search and sort by."""
        return _rows(self._found())

    def _found(self) -> QuerySet[Case]:
        composed = _cases_to_give if self.is_coordinator else _cases
        return self.wanted.of(composed(self.by, timezone.localdate(), self.ordering), self.by)


def _by_name(rows: list[CaseRow], ordering: str) -> list[CaseRow]:
    """By name; those without one come last, whichever way."""
    named = [row for row in rows if row.display_name]
    named.sort(key=lambda row: (row.display_name or "").casefold(), reverse=ordering.startswith("-"))
    return named + [row for row in rows if not row.display_name]


def _cases(by: User | UUID, on: date, ordering: str = "received_at") -> QuerySet[Case]:
    open_now = access.open_shares(by, kind=RecipientKind.PROGRAMME, warm=False, on=on).filter(pk=OuterRef("share"))
    return _in_order(Case.objects.filter(programme__in=programmes_of(by, on).order_by()), open_now, ordering)


def _cases_to_give(by: User | UUID, on: date, ordering: str = "received_at") -> QuerySet[Case]:
    """The cases of a coordinator's college. Here `is_open` says that the share runs: nothing of it is opened."""
    runs = Share.objects.live(on).filter(pk=OuterRef("share"), student__frozen_at=None, student__user__is_active=True)
    return _in_order(Case.objects.filter(programme__in=programmes_run_by(by, on).order_by()), runs, ordering)


def _in_order(cases: QuerySet[Case], is_open: QuerySet[Share], ordering: str) -> QuerySet[Case]:
    cases = cases.select_related("share__student", "programme", "assigned_to")
    # One share at a time: of an EXISTS PostgreSQL may first make the set of all shares of the country that are open.
    cases = cases.annotate(is_open=IsNull(Subquery(is_open.values("pk")[:1]), False))
    field: Any = F("received_at")
    if ordering.endswith("intake_at"):  # of an ended case nobody sees the talk, so its place may not tell it either
        field = models.Case(When(is_open=True, then=F("intake_at")))
    newest_first = ordering in {"-received_at", "-intake_at"}
    # Nulls last on both engines: a case without a talk date is never the first.
    by_field = field.desc(nulls_last=True) if newest_first else field.asc(nulls_last=True)
    return cases.order_by(by_field, "pk")


def _rows(cases: Iterable[Any]) -> list[CaseRow]:
    cases = list(cases)
    keys = vault.open_keys({case.share.student_id for case in cases if case.is_open})
    rows = []
    for case in cases:
        key = keys.get(case.share.student_id) if case.is_open else None
        rows.append(CaseRow(case, key is not None, identity_of(case.share.student, key).display_name if key else None))
    return rows


def _rows_without_names(cases: Iterable[Any]) -> list[CaseRow]:
    return [CaseRow(case, False, None, is_live=case.is_open) for case in cases]


def get_case_or_404(by: User, case_id: UUID) -> CaseRow:
    """A case of this user's programmes, open or ended. Raises NotHere."""
    own = _cases(by, timezone.localdate()).filter(pk=case_id)
    rows = _rows(own.select_related("share__student", "programme__institution", "assigned_to"))
    if not rows:
        raise NotHere()
    return rows[0]


def get_open_case_or_404(by: User, case_id: UUID) -> CaseRow:
    """A case whose share this user may open now: only on these there is work. Raises NotHere."""
    row = get_case_or_404(by, case_id)
    if not row.is_open:
        raise NotHere()
    return row


def get_case_to_give_or_404(by: User, case_id: UUID) -> CaseRow:
    """A case somebody may give to an intaker: their own, or of the college they coordinate. Raises NotHere."""
    own = _rows(_cases(by, timezone.localdate()).filter(pk=case_id))
    rows = own or _rows_without_names(_cases_to_give(by, timezone.localdate()).filter(pk=case_id))
    if not rows:
        raise NotHere()
    return rows[0]


def assign_cases(*, case_ids: Iterable[UUID], to: User | None, by: User) -> int:
    """Gives these cases to one intaker, or to nobody; returns how many. All of them, or none.

    Raises NotHere for a case that is not theirs to give or that ended, Refusal for somebody who does no intake there.
    """
    with transaction.atomic():
        rows = _locked(case_ids, by, gives=True)
        _refuse_no_intaker(to, {row.programme_id for row in rows})
        Case.objects.filter(pk__in=[row.pk for row in rows]).update(assigned_to=to)
    return len(rows)


def intakers_for(programmes: Iterable[Programme]) -> QuerySet[User]:
    """Who does the intake of one of these programmes today, by name: a case can be given to one of them."""
    current = Membership.objects.current().filter(role=Role.INTAKER, programme__in=[one.pk for one in programmes])
    return User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("staff_name", "pk")


def read_case(*, case_id: UUID, by: User, action: Action = Action.READ) -> tuple[Case, Dossier]:
    """Opens the dossier of a case, logs the look, and makes a new case read. Raises NotHere."""
    own = Case.objects.filter(pk=case_id, programme__in=programmes_of(by))
    case = own.select_related("programme__institution", "assigned_to").first()
    if case is None or case.share_id is None:
        raise NotHere()
    # Whether the share is open is asked here, once, with everything else.
    dossier = access.read(share_id=case.share_id, by=by, action=action)
    if case.status == Case.Status.NEW:
        Case.objects.filter(pk=case_id, status=Case.Status.NEW).update(status=Case.Status.READ)
        case.refresh_from_db(fields=["status"])
        tally.count_soon(Event.READ, case.pk)
    return case, dossier


@transaction.atomic
def change_case(
    *,
    case: Case,
    by: User,
    status: str | None = None,
    intake_at: datetime | None = None,
    assigned_to: User | None = None,
    fields: Iterable[str],
) -> Case:
    """Moves a case one step on or one back, plans the talk, or assigns it. Who may only give it assigns, no more.

    Raises NotHere for a case that is not open to them (any more), Refusal: a wrong step is 409.
    """
    fields = set(fields)
    [locked] = _locked([case.pk], by, gives=fields <= {"assigned_to"})
    if "status" in fields and status != locked.status:
        if status not in next_steps(locked.status):
            raise Refusal("wrong_step", "Deze stap kan nu niet.", status=409, field="status")
        if locked.status == Case.Status.PLACED:
            hearing.end_hearing_at(locked, by)
        locked.status = status
        if status == Case.Status.PLACED and locked.starts_on is None:
            locked.starts_on = estimated_start(timezone.localdate())
    if "intake_at" in fields and intake_at != locked.intake_at:
        locked.intake_at = intake_at
        # A calendar takes the newest version of an invitation; the student hears that there is something to see.
        talk, _ = IntakeTalk.objects.get_or_create(share_id=locked.share_id, defaults={"planned_by": by})
        IntakeTalk.objects.filter(pk=talk.pk).update(version=F("version") + 1)
        mail.tell_of_talk_soon(locked.share_id)
    if "assigned_to" in fields:
        _refuse_no_intaker(assigned_to, {locked.programme_id})
        locked.assigned_to = assigned_to
    locked.save(update_fields=["status", "intake_at", "assigned_to", "starts_on"])
    if locked.status in OUTCOMES:
        handovers.void_handovers(locked.share)
    moved: Case = locked
    return moved


def _locked(case_ids: Iterable[UUID], by: User, *, gives: bool) -> list[Any]:
    """These cases locked, after their shares, and asked again: a withdrawal comes before or after, never in between.

    `gives`: also those this user may only give to somebody. No name is opened. Raises NotHere unless it is all of them.
    """
    left, today, found = set(case_ids), timezone.localdate(), list[Any]()
    shares = Share.objects.select_for_update(no_key=True, of=("self",)).filter(case__in=left).order_by("pk")
    list(shares)
    for composed in (_cases, _cases_to_give) if gives else (_cases,):
        rows = composed(by, today).filter(pk__in=left).order_by("pk")
        found += rows.select_for_update(no_key=True, of=("self",))
        left -= {row.pk for row in found}
    if left or not all(row.is_open for row in found):
        raise NotHere()
    return found


def _refuse_no_intaker(to: User | None, programme_ids: set[UUID]) -> None:
    if to and programmes_of(to).filter(pk__in=programme_ids).count() < len(programme_ids):
        raise Refusal("not_an_intaker", "Deze persoon doet geen intake voor deze opleiding.", field="assigned_to")


def next_steps(status: str) -> list[str]:
    """Where a case can go from here: one step on, one step back."""
    if status in OUTCOMES:
        return [Case.Status.DONE]
    place = STEPS.index(Case.Status(status))
    steps: list[str] = [STEPS[place - 1]] if place else []
    steps += OUTCOMES if status == Case.Status.DONE else [STEPS[place + 1]]
    return steps


def placed_programmes(student_id: UUID) -> list[UUID]:
    """The programmes a student started with: their team may be chosen for guidance."""
    cases = Case.objects.filter(share__student=student_id, status=Case.Status.PLACED)
    return list(cases.values_list("programme_id", flat=True))
