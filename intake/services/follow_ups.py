"""How it goes after the start: three taps of the student and three of the college, at five moments.

Whose answers somebody may read or write decides intake/services/hearing.py. Every look of anybody but the student is in
the student's log, in the same transaction (contract, rule 5). Answers are sealed with the student's key.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from consent import ledger
from consent.ledger import Action, Event
from intake.models import Ask, Case, FollowUp, Moment, Side
from intake.services import hearing, placements, tally
from passport.texts import clean_text

FIELD = "intake.FollowUp.sealed_answers"
LONGEST = 300


class Status(models.TextChoices):
    """Where somebody is now, as the contract names it."""

    ENROLLED = "enrolled", "Nog op deze opleiding"
    SWITCHED = "switched", "Op een andere opleiding"
    STOPPED = "stopped", "Gestopt met school"
    GRADUATED = "graduated", "Diploma gehaald"
    UNKNOWN = "unknown", "Weet ik niet"


class Destination(models.TextChoices):
    """What somebody does now, who left."""

    MBO = "mbo", "Een andere mbo-opleiding"
    BRIDGING = "bridging", "Een schakeljaar"
    WORK = "work", "Werk"
    DAY_ACTIVITY = "day_activity", "Dagbesteding"
    CARE = "care", "Zorg of rust"
    OTHER = "other", "Iets anders"
    UNKNOWN = "unknown", "Weet ik niet"


class Goes(models.TextChoices):
    GOOD = "good", "Goed"
    SOME = "some", "Gaat wel"
    BAD = "bad", "Niet goed"


class Fits(models.TextChoices):
    YES = "yes", "Ja"
    PARTLY = "partly", "Een beetje"
    CHANGED = "changed", "Nee, dit is veranderd"


class Talk(models.TextChoices):
    NO = "no", "Nee, nu niet"
    LATER = "later", "Later misschien"
    YES = "yes", "Ja"


TAPS: dict[str, type[models.TextChoices]] = {
    "status": Status,
    "destination": Destination,
    "goes": Goes,
    "fits": Fits,
    "talk": Talk,
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What one side says at one moment. Empty = not said. Personal: never in a log or a URL."""

    status: str = field(default=Status.UNKNOWN.value, repr=False)
    destination: str = field(default=Destination.UNKNOWN.value, repr=False)
    to_programme: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    goes: str = field(default="", repr=False)
    fits: str = field(default="", repr=False)
    talk: str = field(default="", repr=False)
    worked: str = field(default="", repr=False)

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """From what somebody sent or what was sealed: unknown names are dropped. Raises Refusal at the field."""
        known = {name: raw[name] for name in cls.__dataclass_fields__ if raw.get(name)}
        for name, choices in TAPS.items():
            if name in known and known[name] not in choices.values:
                raise Refusal("unknown_choice", "Deze keuze kennen we niet.", field=name)
        for name in ("to_programme", "note", "worked"):
            if name in known:
                known[name] = clean_text(known[name], longest=LONGEST, field=name)
        return cls(**known)

    @property
    def says_something(self) -> bool:
        return self != Answers()

    def as_initial(self) -> dict[str, str]:
        """What was said, to fill in a form with."""
        nothing = Answers()
        return {name: said for name, said in asdict(self).items() if said != getattr(nothing, name)}

    def word(self, name: str) -> str:
        """What was tapped, in words; empty when nothing was."""
        value = getattr(self, name)
        return str(TAPS[name](value).label) if value else ""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer as somebody reads it."""

    moment: str
    side: str
    by: str
    at: datetime
    answers: Answers = field(repr=False)

    @property
    def moment_label(self) -> str:
        return str(Moment(self.moment).label)

    @property
    def went(self) -> str:
        return self.answers.word("goes")

    @property
    def fitted(self) -> str:
        return self.answers.word("fits")

    @property
    def wants_talk(self) -> str:
        return self.answers.word("talk")

    @property
    def status(self) -> str:
        known = self.answers.status != Status.UNKNOWN
        return self.answers.word("status") if known else ""

    @property
    def destination(self) -> str:
        known = self.answers.destination != Destination.UNKNOWN
        return self.answers.word("destination") if known else ""

    def as_json(self) -> dict[str, Any]:
        """As the contract has it."""
        said = self.answers
        return {
            "moment": self.moment,
            "by": self.side,
            "at": self.at,
            "status": said.status,
            "destination": said.destination,
            "to_programme": said.to_programme,
            "note": said.note,
        }


# --- Writing -----------------------------------------------------------------------------------------------


def answer(*, case_id: UUID, by: User, moment: str, answers: Answers, only: Collection[str] | None = None) -> FollowUp:
    """Keeps what one side says at a moment that has come; said again it takes the place of what that side said.

    `only`: the parts this saying is about; what was said of other parts stays.
    Raises NotHere for whoever may not, Refusal for a moment that is still to come.
    """
    case, _ = hearing.get_case_or_404(case_id, by)
    key = hearing.key_of(case)
    if not placements.may_be_answered(case, moment):
        raise Refusal("too_early", "Dit vragen we later.", status=409, field="moment")
    with transaction.atomic():
        # The student's row first, then who may: a yes that was just taken back is not passed by.
        student = Student.objects.select_for_update(no_key=True).get(pk=key.owner)
        place = hearing.place_at(case, by)
        if not place.may_answer:
            raise NotHere()
        row = _own(case, place, by).filter(moment=moment).first()
        if row is not None and only is not None:
            answers = replace(_opened(row, key), **{name: getattr(answers, name) for name in only})
        first = _is_first(case, moment, key)
        mine = {"case": case, "moment": Moment(moment), "side": place.side, "institution_id": place.institution}
        row = row or FollowUp(student=student, **mine)
        row.by, row.at = by, timezone.now()
        row.sealed_answers = key.seal(asdict(answers), field=FIELD, row=row.pk)
        row.save()
        if first:
            tally.count_follow_up_soon(answers.status, case.pk)
    return row


def later(*, student: Student, case: Case, about: str, by: User) -> None:
    """«Niet nu»: this is never on «Vandaag» again. Raises NotHere."""
    if student.user_id != by.pk or about not in Ask.About.values:
        raise NotHere()
    now = timezone.now()
    Ask.objects.update_or_create(
        student=student, case=case, about=about, defaults={"answered_at": now}, create_defaults=_asked(now)
    )


def _asked(now: datetime) -> dict[str, datetime]:
    return {"asked_at": now, "answered_at": now}


def refuse_outsiders(case_id: UUID, by: User) -> None:
    """Raises NotHere for whoever may not answer at this start, before anything they sent is looked at."""
    if not hearing.get_case_or_404(case_id, by)[1].may_answer:
        raise NotHere()


def as_answered(row: FollowUp) -> Told:
    """What somebody just answered, back to who said it."""
    return _told(row, vault.open_key(row.student_id), Side(row.side))


def said_at(student: Student, key: vault.Key, case: Case, moment: str) -> Answers | None:
    """What the student said at one moment, to go on from; None when nothing was said."""
    row = FollowUp.objects.filter(student=student, case=case, moment=moment, side=Side.STUDENT).first()
    return _opened(row, key) if row else None


def _is_first(case: Case, moment: str, key: vault.Key) -> bool:
    """Whether nobody told yet where the student is at this moment: only the first telling is counted."""
    earlier = FollowUp.objects.filter(case=case, moment=moment)
    return all(_opened(one, key).status == Status.UNKNOWN for one in earlier)


# --- Reading -----------------------------------------------------------------------------------------------


def read(*, case_id: UUID, by: User) -> list[Told]:
    """What this user may know of a start, oldest first; the look is written down before anything is opened.

    The student reads all. Everybody else reads what they told themselves: the college, one coach, one school; and what
    the student said when the student lets them hear it, a school only where the student is now and what worked. An
    answer that says nothing to this reader is not there for them. Raises NotHere.
    """
    case, _ = hearing.get_case_or_404(case_id, by)
    key = hearing.key_of(case)
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=key.owner)
        place = hearing.place_at(case, by)
        rows = list(_readable(case, place, by).select_related("by"))
        if place.hears and place.side is not Side.STUDENT:
            ledger.record_hearing(
                Event.LOOK,
                student_id=key.owner,
                actor=by,
                case_id=case.pk,
                slot=key.slot(ledger.FOLLOW_UPS),
                action=Action.READ,
            )
    told = [_told(row, key, place.side) for row in rows]
    if place.side is Side.STUDENT:
        return told
    return [one for one in told if one.side != Side.STUDENT or one.answers.says_something]


def own_follow_ups(student: Student, key: vault.Key, case: Case) -> list[Told]:
    """Every answer at one start, for the student."""
    rows = FollowUp.objects.filter(student=student, case=case).select_related("by")
    return [_told(row, key, Side.STUDENT) for row in rows]


def answered_by(side: Side, cases: Iterable[UUID]) -> set[tuple[UUID, str]]:
    """Which moments one side answered at these starts; opens nothing."""
    rows = FollowUp.objects.filter(case__in=list(cases), side=side)
    return set(rows.values_list("case", "moment"))


def _readable(case: Case, place: hearing.Place, by: User) -> models.QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(case=case)
    if place.side is Side.STUDENT:
        return rows
    told = _own(case, place, by)
    return told | rows.filter(side=Side.STUDENT) if place.hears else told


def _own(case: Case, place: hearing.Place, by: User) -> models.QuerySet[FollowUp]:
    """What this listener told themselves: two coaches, or two schools, know nothing of each other."""
    rows = FollowUp.objects.filter(case=case, side=place.side)
    if place.side is Side.COACH:
        return rows.filter(by=by)
    return rows.filter(institution=place.institution) if place.side is Side.SCHOOL else rows


def _told(row: FollowUp, key: vault.Key, reader: Side) -> Told:
    answers = _opened(row, key)
    if reader is Side.SCHOOL and row.side == Side.STUDENT:
        answers = Answers(answers.status, answers.destination, answers.to_programme, note=answers.worked)
    elif reader is not Side.STUDENT and row.side == Side.STUDENT:
        answers = replace(answers, worked="")
    name = row.by.staff_name if row.by else ""
    return Told(row.moment, row.side, name, row.at, answers)


def _opened(row: FollowUp, key: vault.Key) -> Answers:
    return Answers(**key.open(row.sealed_answers, field=FIELD, row=row.pk))
