"""«Een dag meelopen», for staff: putting up a day, who may come, who came, and whom to call.

A counsellor keeps the days of their school, a coordinator those of their college. Names are read by the counsellors of
the student's own school today; by whoever put the day up elsewhere only where the student ticked that, and only once
the counsellor said yes. A name that is not theirs to read is «Een student» of a school. Nothing here opens a passport.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Institution, Membership, Role, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from intake.models import TasterDay, TasterSignUp
from intake.services import taster_buddies
from passport.texts import clean_staff_text

State = TasterSignUp.State
LONGEST = {"name": 80, "town": 80, "where": 120, "doing": 300, "travel": 200, "along": 120}
MOST_PLACES, AHEAD, LASTS = 60, timedelta(days=366), timedelta(hours=14)
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptDay:
    """One day on the page of staff, with counts of the names they may read something of."""

    day: TasterDay
    is_host: bool
    asked: int = 0
    confirmed: int = 0
    untold: int = 0  # the day is over, and nobody said whether they came

    @property
    def is_over(self) -> bool:
        return self.day.has_begun or self.day.cancelled_at is not None


@dataclass(frozen=True, slots=True)
class Name:
    """One student on a day, as one member of staff may read it. Personal: never in a log or a URL."""

    row: TasterSignUp
    day: TasterDay
    school: str
    is_own: bool
    name: str = field(default="", repr=False)
    class_name: str = field(default="", repr=False)
    buddy: taster_buddies.Beside | None = field(default=None, repr=False)

    @property
    def may_decide(self) -> bool:
        return self.is_own and self.row.state == State.ASKED and self.day.is_coming

    @property
    def may_tick(self) -> bool:
        """Whether this reader says if the student came: who can read the name, from the day on."""
        there = self.row.state == State.CONFIRMED and self.day.has_begun and self.day.cancelled_at is None
        return there and bool(self.name)

    @property
    def may_get_buddy(self) -> bool:
        return self.row.state == State.CONFIRMED and self.day.is_coming and self.buddy is None


# --- Who ---------------------------------------------------------------------------------------------------


def keeps_days(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places puts up days: counsellor of a school, coordinator of a college."""
    return any(
        one.institution_id
        and (one.role == Role.COUNSELLOR or (one.role == Role.COORDINATOR and one.kind == Institution.Kind.MBO))
        for one in mine
    )


def places_of(by: User) -> QuerySet[Institution]:
    """The schools and colleges somebody puts up days for today."""
    mine = Membership.objects.current().filter(user=by, institution__isnull=False)
    colleges = mine.filter(role=Role.COORDINATOR).values("institution")
    found = Q(pk__in=mine.filter(role=Role.COUNSELLOR).values("institution"))
    return Institution.objects.filter(found | Q(kind=Institution.Kind.MBO, pk__in=colleges)).order_by("name")


def get_place_or_404(place_id: UUID, by: User) -> Institution:
    """A school or college this user puts up days for. Raises NotHere."""
    place = places_of(by).filter(pk=place_id).first()
    if place is None:
        raise NotHere()
    return place


def get_own_day_or_404(day_id: UUID, by: User) -> TasterDay:
    """A day that this user's own school or college put up. Raises NotHere."""
    day = TasterDay.objects.filter(pk=day_id, institution__in=places_of(by)).select_related("institution").first()
    if day is None:
        raise NotHere()
    return day


def get_kept_or_404(day_id: UUID, by: User) -> KeptDay:
    """A day that is theirs, or that a student of their school put a name down for. Raises NotHere."""
    found = next((one for one in kept_days(by) if one.day.pk == day_id), None)
    if found is None:
        raise NotHere()
    return found


# --- The day -----------------------------------------------------------------------------------------------


def put_up(*, place_id: UUID, said: Mapping[str, Any], by: User) -> TasterDay:
    """Puts up a day; students who may come see it at once. Raises NotHere, and Refusal at the field."""
    place = get_place_or_404(place_id, by)
    day = TasterDay(institution=place, put_up_by=by)
    _fill(day, said)
    day.save(force_insert=True)
    return day


@transaction.atomic
def change(*, day_id: UUID, said: Mapping[str, Any], by: User) -> TasterDay:
    """Changes a day that is still to come. Not its date once a name stands on it: they said yes to that day.

    Raises NotHere, and Refusal at the field.
    """
    get_own_day_or_404(day_id, by)
    day = TasterDay.objects.select_for_update(no_key=True).get(pk=day_id)
    before = day.on
    if not day.is_coming:
        raise Refusal("over", "Deze dag is voorbij of afgezegd.", status=409)
    _fill(day, said)
    names = day.sign_ups.exclude(state=State.DECLINED).count()
    if names and day.on != before:
        raise Refusal("names", "Er staan al namen op. Zeg deze dag af en zet een nieuwe neer.", field="day")
    if names > day.places:
        raise Refusal("places", f"Er staan al {names} namen op.", field="places")
    day.version += 1
    day.save()
    return day


@transaction.atomic
def call_off(*, day_id: UUID, by: User) -> None:
    """The day goes off: who put their name down sees that, and whoever would go along is free. Raises NotHere."""
    get_own_day_or_404(day_id, by)
    day = TasterDay.objects.select_for_update(no_key=True).get(pk=day_id)
    if not day.is_coming:
        raise Refusal("over", "Deze dag is voorbij of afgezegd.", status=409)
    taster_buddies.end_ties(day.sign_ups.filter(tie__isnull=False).values_list("tie", flat=True))
    day.sign_ups.update(tie=None, buddy_asked_at=None)
    day.cancelled_at, day.version = timezone.now(), day.version + 1
    day.save(update_fields=["cancelled_at", "version"])


def kept_days(by: User) -> list[KeptDay]:
    """The days of this user's own school or college, and those their students put a name down for: two queries."""
    places = set(places_of(by).values_list("pk", flat=True))
    own = TasterSignUp.objects.filter(student__user__in=_pupils(by).values("user"), student__frozen_at=None)
    own = own.exclude(state=State.DECLINED)
    mine, sure = Q(sign_ups__in=own), Q(sign_ups__state=State.CONFIRMED)
    rows = TasterDay.objects.filter(Q(institution__in=places) | Q(pk__in=own.values("day")))
    rows = rows.select_related("institution").annotate(
        asked=_count(mine & Q(sign_ups__state=State.ASKED)),
        sure=_count(mine & sure),
        all_sure=_count(sure),
        untold=_count(mine & sure & Q(sign_ups__came=None)),
    )
    return [_kept(row, row.institution_id in places) for row in rows.order_by("starts_at", "pk")]


def _count(which: Q) -> Count:
    return Count("sign_ups", filter=which)


def _kept(row: Any, is_host: bool) -> KeptDay:
    over = row.has_begun and row.cancelled_at is None
    return KeptDay(row, is_host, row.asked, row.all_sure if is_host else row.sure, row.untold if over else 0)


# --- The names ---------------------------------------------------------------------------------------------


def names_on(kept: KeptDay, by: User) -> list[Name]:
    """Who is on a day, as this user may read it, by name; constant in queries."""
    rows = kept.day.sign_ups.filter(student__frozen_at=None, student__user__is_active=True)
    rows = rows.exclude(state=State.DECLINED).select_related("student__user", "tie__person", "day__institution")
    return _named(list(rows), kept.is_host, by)


def get_name_or_404(sign_up_id: UUID, by: User) -> Name:
    """One student on a day, for who may do something with it. Raises NotHere."""
    row = TasterSignUp.objects.filter(pk=sign_up_id).first()
    kept = get_kept_or_404(row.day_id, by) if row else None
    found = next((one for one in names_on(kept, by) if one.row.pk == sign_up_id), None) if kept else None
    if found is None:
        raise NotHere()
    return found


def decide(*, sign_up_id: UUID, yes: bool, by: User) -> None:
    """The counsellor of the student's own school says whether it goes on. Raises NotHere, Refusal."""
    name = get_name_or_404(sign_up_id, by)
    if not name.is_own:
        raise NotHere()
    state = State.CONFIRMED if yes else State.DECLINED
    waiting = TasterSignUp.objects.filter(pk=sign_up_id, state=State.ASKED)
    if not name.may_decide or not waiting.update(state=state, decided_at=timezone.now()):
        raise Refusal("decided", "Dit is al beslist, of de dag is voorbij.", status=409)


def tick(*, sign_up_id: UUID, came: bool, by: User) -> None:
    """Says whether a student came; once more corrects it. Raises NotHere, and Refusal before the day."""
    name = get_name_or_404(sign_up_id, by)
    if not name.name:
        raise NotHere()
    if not name.may_tick:
        raise Refusal("not_yet", "Dat kan vanaf de dag zelf.", status=409)
    TasterSignUp.objects.filter(pk=sign_up_id).update(came=came)


def ask_buddy(*, sign_up_id: UUID, person_id: UUID, by: User) -> None:
    """Asks the student whether this buddy may go along. Raises NotHere for who may not see this line, and Refusal."""
    taster_buddies.tie_buddy(row=get_name_or_404(sign_up_id, by).row, person_id=person_id, by=by)


def take_buddy_off(*, sign_up_id: UUID, by: User) -> None:
    """Takes a buddy off the day, asked or accepted; what was shared with them holds no more. Raises NotHere."""
    taster_buddies.untie(get_name_or_404(sign_up_id, by).row)


def to_call(by: User) -> list[Name]:
    """Who did not come and was not reached, for the counsellors of their own school: until reached, or a month."""
    rows = TasterSignUp.objects.filter(came=False, student__user__in=_pupils(by).values("user"))
    rows = rows.filter(student__frozen_at=None, student__user__is_active=True)
    rows = rows.select_related("student__user", "tie__person", "day__institution").order_by("day__starts_at", "pk")
    return [one for one in _named(list(rows), is_host=False, by=by) if one.name]


def reached(*, sign_up_id: UUID, by: User) -> None:
    """Somebody of school spoke the student: the row goes, and with it that they were not there. Raises NotHere."""
    if all(one.row.pk != sign_up_id for one in to_call(by)):
        raise NotHere()
    TasterSignUp.objects.filter(pk=sign_up_id).delete()


def drop_old() -> int:
    """Drops days of a month ago with every name on them; returns how many rows went. Repeatable."""
    return int(TasterDay.objects.filter(starts_at__lt=timezone.now() - KEPT).delete()[0])


# --- The parts ---------------------------------------------------------------------------------------------


def _pupils(by: User) -> "QuerySet[Membership]":
    """Who is in a class today at a school where this user is counsellor today."""
    mine = Membership.objects.current().filter(user=by, role=Role.COUNSELLOR, institution__isnull=False)
    found: QuerySet[Membership] = Membership.objects.current().filter(
        role=Role.STUDENT, school_class__institution__in=mine.values("institution")
    )
    return found


def _named(rows: list[TasterSignUp], is_host: bool, by: User) -> list[Name]:
    users = [row.student.user_id for row in rows]
    own = set(_pupils(by).filter(user__in=users).values_list("user", flat=True))
    places = Membership.objects.current().filter(user__in=users, role=Role.STUDENT, school_class__isnull=False)
    where = {
        user: (class_name, school)
        for user, class_name, school in places.order_by("starts_on").values_list(
            "user", "school_class__name", "school_class__institution__name"
        )
    }
    seen = [row for row in rows if row.student.user_id in own or (is_host and row.state == State.CONFIRMED)]
    read = [row for row in seen if row.student.user_id in own or row.name_to_host]
    keys = vault.open_keys({row.student_id for row in read}) if read else {}
    beside = taster_buddies.beside_all(seen)
    found = []
    for row in seen:
        is_own, key = row.student.user_id in own, keys.get(row.student_id)
        class_name, school = where.get(row.student.user_id, ("", ""))
        name = identity_of(row.student, key).display_name if key else ""
        found.append(Name(row, row.day, school, is_own, name, class_name if is_own else "", beside.get(row.pk)))
    return sorted(found, key=lambda one: (not one.name, one.name.casefold(), one.school))


def _fill(day: TasterDay, said: Mapping[str, Any]) -> None:
    """Puts what staff wrote on a day. Raises Refusal at the field that does not fit."""
    for name, longest in LONGEST.items():
        setattr(day, name, " ".join(clean_staff_text(said[name], longest=longest, field=name).split()))
    starts, ends = (_moment(said["day"], said[name]) for name in ("starts", "ends"))
    if starts <= timezone.now():
        raise Refusal("past", "Kies een dag die nog komt.", field="day")
    if starts > timezone.now() + AHEAD:
        raise Refusal("far", "Deze dag is te ver weg.", field="day")
    if not starts < ends <= starts + LASTS:
        raise Refusal("ends", "De dag is dan al voorbij voor hij begint.", field="ends")
    if not 0 < said["places"] <= MOST_PLACES:
        raise Refusal("places", f"Kies een getal van 1 tot en met {MOST_PLACES}.", field="places")
    day.kind, day.places, day.starts_at, day.ends_at = said["kind"], said["places"], starts, ends


def _moment(day: Any, at: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
