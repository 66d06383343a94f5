"""«Een dag meelopen», for the student: which days there are, putting one's name down, and taking it back.

A name is put down by the student's own tap and no other way (contract, rule 11). Then the counsellors of their own
school may read the name they are called by; whoever put up the day somewhere else only with a tick of its own, and
never of whom a parent decides along for (rule 10). It opens nothing of the passport. The name is taken back any time
before the day, and then nothing says that it was ever there.
"""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts import vault
from accounts.models import Institution, Student, User
from accounts.refusals import NotHere, Refusal
from accounts.services import school_of
from accounts.together import refuse_together
from consent.models import RecipientKind
from consent.services import waits_today
from intake.calendars import one_moment
from intake.models import TasterDay, TasterSignUp
from intake.services import taster_buddies
from passport.experiences import Card, written

State = TasterSignUp.State
HOLDS_A_PLACE = (State.ASKED, State.CONFIRMED)
CARD_KIND = "een dag meedoen"  # one of passport.experiences.KINDS


@dataclass(frozen=True, slots=True)
class OwnDay:
    """One day as its student sees it. Personal: never in a log or a URL."""

    day: TasterDay
    sign_up: TasterSignUp | None = None
    left: int = 0
    has_card: bool = False
    buddy: taster_buddies.Beside | None = field(default=None, repr=False)

    @property
    def wants_card(self) -> bool:
        """Whether the card of this day is ready to fill in: they were there, and did not write it yet."""
        return self.sign_up is not None and self.sign_up.came is True and not self.has_card

    @property
    def goes_on(self) -> bool:
        """Whether the student can go: the counsellor said yes, and the day is still to come."""
        return self.sign_up is not None and self.sign_up.state == State.CONFIRMED and self.day.is_coming


# --- Which days --------------------------------------------------------------------------------------------


def days_for(student: Student) -> list[OwnDay]:
    """The days a student can put their name down for, the soonest first: of their own school and of the colleges in
    its region. Nobody without a school has any: no counsellor would confirm."""
    rows = _with_places(_near(school_of(student))).exclude(sign_ups__student=student)
    return [OwnDay(day, left=_left(day)) for day in rows.order_by("starts_at", "pk")]


def own_days(student: Student) -> list[OwnDay]:
    """The days this student's name is on, the soonest first; what was a month ago is gone (retention)."""
    rows = list(_own(student).order_by("day__starts_at", "pk"))
    cards = written(student.pk, (row.pk for row in rows if row.came))
    return [OwnDay(row.day, row, has_card=row.pk in cards) for row in rows]


def news_of(student: Student) -> list[OwnDay]:
    """What stands on the start page: a day that comes, and a card that is ready. One query without any."""
    return [one for one in own_days(student) if one.wants_card or one.goes_on]


def get_day_or_404(student: Student, day_id: UUID) -> OwnDay:
    """One day this student may see: theirs, or one to put their name down for. Raises NotHere."""
    row = _own(student).filter(day=day_id).first()
    if row is not None:
        beside = taster_buddies.beside(row)
        cards = written(student.pk, [row.pk] if row.came else [])
        return OwnDay(row.day, row, has_card=bool(cards), buddy=beside)
    day = _with_places(_near(school_of(student))).filter(pk=day_id).first()
    if day is None:
        raise NotHere()
    return OwnDay(day, left=_left(day))


def is_elsewhere(student: Student, day: TasterDay) -> bool:
    """Whether somebody outside the student's own school put this day up."""
    school = school_of(student)
    return school is None or school.pk != day.institution_id


def may_name(student: Student, key: vault.Key, day: TasterDay) -> bool:
    """Whether this student may let who put the day up know their name: elsewhere, and alone (contract, rule 10)."""
    return is_elsewhere(student, day) and not waits_today(student, key, RecipientKind.BUDDY)


# --- What the student does ---------------------------------------------------------------------------------


def put_name_down(
    *, student: Student, key: vault.Key, day_id: UUID, by: User, name_to_host: bool = False
) -> TasterSignUp:
    """Puts the student's name down; the counsellor says whether it goes on. Twice is one name.

    Raises NotHere for anybody but the student and for a day that is not for them; Refusal when it is full, while the
    passport stands still or somebody sits beside the student, and for a name to a college of whom may not say so alone.
    """
    _refuse(student, by)
    day = get_day_or_404(student, day_id).day
    if name_to_host and not may_name(student, key, day):
        raise Refusal("not_alone", gettext("Dit kan als jij alleen beslist."), status=403)
    with transaction.atomic():
        locked = TasterDay.objects.select_for_update(no_key=True).get(pk=day.pk)
        known = TasterSignUp.objects.filter(day=locked, student=student).first()
        if known is not None:
            return known
        if not locked.is_coming:
            raise Refusal("closed", gettext("Deze dag is al begonnen of gaat niet door."), status=409)
        if locked.sign_ups.filter(state__in=HOLDS_A_PLACE).count() >= locked.places:
            raise Refusal("full", gettext("Deze dag is vol."), status=409)
        return TasterSignUp.objects.create(day=locked, student=student, name_to_host=name_to_host)


def withdraw_name(*, student: Student, key: vault.Key, day_id: UUID, by: User) -> None:
    """Takes the name back before the day begins, with whoever would go along and what was shared with them.

    Taking away never waits. Raises NotHere for anybody but the student; Refusal once the day began.
    """
    if student.user_id != by.pk:
        raise NotHere()
    row = _own(student).filter(day=day_id).first()
    if row is None:
        raise NotHere()
    if row.day.has_begun and row.state == State.CONFIRMED and row.day.cancelled_at is None:
        raise Refusal("begun", gettext("Deze dag is al begonnen. Je naam kan er niet meer af."), status=409)
    taster_buddies.part(student=student, key=key, row=row, by=by)
    TasterSignUp.objects.filter(pk=row.pk).delete()


def answer_buddy(*, student: Student, key: vault.Key, day_id: UUID, yes: bool, by: User) -> None:
    """The student says whether this buddy may go along; a no takes the buddy away at once, also later.

    A yes opens nothing: that takes a share. Raises NotHere, Refusal.
    """
    if student.user_id != by.pk:
        raise NotHere()
    row = _own(student).filter(day=day_id, tie__isnull=False).first()
    if row is None:
        raise NotHere()
    if not yes:
        taster_buddies.part(student=student, key=key, row=row, by=by)
        return
    _refuse(student, by)
    taster_buddies.accept(row=row, by=by)


# --- Beside it ---------------------------------------------------------------------------------------------


def card_for(student: Student, day_id: UUID) -> Card | None:
    """The card of a day the student was at, with its day and kind filled in and nothing kept; None when it is written.

    It has the id of the sign-up, so writing it twice makes one card. Raises NotHere for who was not there.
    """
    row = _own(student).filter(day=day_id, came=True).first()
    if row is None:
        raise NotHere()
    if written(student.pk, [row.pk]):
        return None
    return Card(id=row.pk, revision=0, created_at=timezone.now(), kind=CARD_KIND, on=row.day.on)


def card_id_of(student: Student, day_id: UUID) -> UUID:
    """The id of the card that was written of a day. Raises NotHere."""
    row = _own(student).filter(day=day_id).first()
    if row is None:
        raise NotHere()
    return row.pk


def invitation_of(day: TasterDay) -> bytes:
    """The day for a calendar: a time and a town; not where, not what, not whose (contract, rule 9)."""
    return one_moment(
        uid=str(uuid5(day.pk, "taster-day")),
        summary="Afspraak",
        starts_at=day.starts_at,
        ends_at=day.ends_at,
        town=day.town,
        version=day.version,
    )


# --- The parts ---------------------------------------------------------------------------------------------


def _refuse(student: Student, by: User) -> None:
    if student.user_id != by.pk:
        raise NotHere()
    refuse_together(student)
    if student.frozen_at is not None:
        raise Refusal("frozen", gettext("Je paspoort staat stil. Zet het eerst weer aan."), status=409)


def _near(school: Institution | None) -> Q:
    if school is None:
        return Q(pk__in=[])
    near = Q(institution=school)
    if school.region_id:
        near |= Q(institution__kind=Institution.Kind.MBO, institution__region=school.region_id)
    return near


def _with_places(near: Q) -> "QuerySet[TasterDay]":
    taken = Count("sign_ups", filter=Q(sign_ups__state__in=HOLDS_A_PLACE))
    return TasterDay.objects.coming().filter(near).select_related("institution").annotate(taken=taken)


def _left(day: TasterDay) -> int:
    taken: int = day.taken  # type: ignore[attr-defined]  # annotated
    return max(0, day.places - taken)


def _own(student: Student) -> "QuerySet[TasterSignUp]":
    rows = TasterSignUp.objects.filter(student=student)
    return rows.select_related("day__institution", "tie__person", "student")
