"""What a day at a programme asks: sentences of the college that a vso reviewed, and what a student thinks of them.

Who writes and who reviews is in sentences.py. A student sees a sentence only in the very words that were reviewed.

What a student ticks is sealed, also about which programme it is, and nobody else reads it. A sentence that is hard for
a student comes with a question for the intake; it comes into the passport when the student takes it over, and is from
then on part of the answer to `transition.my_questions`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Programme, Student, User
from accounts.refusals import NotHere, Refusal
from intake.models import Expectation, ExpectationTicks
from passport.services import Text, open_answer, programmes_of, save_answer
from passport.texts import clean_text

TICKS_FIELD = "intake.ExpectationTicks.sealed"
# Twelve ticked sentences, twelve of before, and none look the same in the database.
TICKS_BLOCK = 4096
PROGRAMMES, QUESTIONS = "want.programmes", "transition.my_questions"
LONGEST_TEXT, LONGEST_QUESTION, MOST = 120, 80, 12


class Tick(models.TextChoices):
    FITS = "fits", "Past bij mij"
    HARD = "hard", "Lastig"
    UNSURE = "unsure", "Weet ik niet"


class WrongExpectations(Exception):
    """The file cannot be loaded: the message names the programme, the place in its list and what is wrong."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence as a student gets it, with their own tick ("" for none) and whether its question was taken."""

    id: UUID
    text: str
    question: str
    tick: str = field(default="", repr=False)
    is_taken: bool = field(default=False, repr=False)

    @property
    def name(self) -> str:
        """The name of its field on a page."""
        return f"tick_{self.id.hex}"

    @property
    def choices(self) -> list[dict[str, Any]]:
        """Its three answers as a page shows them."""
        return [
            {"value": tick.value, "label": tick.label, "id": f"id_{self.name}_{tick}", "checked": tick == self.tick}
            for tick in Tick
        ]


@dataclass(frozen=True, slots=True)
class Day:
    """One programme of the student's own list, at its place there. Personal: which one is in no URL and no title."""

    place: int
    programme: Programme = field(repr=False)
    statements: tuple[Statement, ...] = field(repr=False)
    # What was ticked of sentences that were changed or taken away since: (sentence, tick).
    earlier: tuple[tuple[str, Tick], ...] = field(default=(), repr=False)

    @property
    def state(self) -> str:
        """How far the student is: empty, busy or done."""
        ticked = [bool(one.tick) for one in self.statements]
        return "done" if ticked and all(ticked) else "busy" if any(ticked) else "empty"

    @property
    def hard(self) -> list[Statement]:
        """What comes with a question for the intake."""
        return [one for one in self.statements if one.tick == Tick.HARD]


# --- The student -------------------------------------------------------------------------------------------


def days_of(student: Student, key: vault.Key) -> list[Day]:
    """The programmes the student chose, in their order, each with its reviewed sentences: five queries."""
    programmes = programmes_of(open_answer(student.passport, key, PROGRAMMES).value or [])
    if not programmes:
        return []
    said: dict[UUID, list[Expectation]] = {}
    for row in Expectation.objects.reviewed().filter(programme__in=programmes).order_by("order"):
        said.setdefault(row.programme_id, []).append(row)
    ticks = _ticks_of(student.pk, key)
    taken = open_answer(student.passport, key, QUESTIONS).value or []
    return [
        _day(place, one, said.get(one.pk, ()), ticks.get(one.code, {}), taken)
        for place, one in enumerate(programmes, 1)
    ]


def day_or_404(student: Student, key: vault.Key, place: int) -> Day:
    """The programme at this place of the student's own list. Raises NotHere, also when nothing was reviewed yet."""
    found = next((day for day in days_of(student, key) if day.place == place and day.statements), None)
    if found is None:
        raise NotHere()
    return found


def keep_ticks(*, student: Student, key: vault.Key, day: Day, ticks: Mapping[UUID, str], by: User) -> None:
    """Keeps what the student ticked, in the place of what was ticked before; no tick at all takes everything away.

    What was ticked of a sentence that has changed since stays readable, the last twelve of it.

    Raises NotHere for anybody but the student, and Refusal for a tick that does not exist.
    """
    _only_by_its_student(student, by)
    said = {one.text: ticks[one.id] for one in day.statements if ticks.get(one.id)}
    if set(said.values()) - set(Tick.values):
        raise Refusal("unknown_option", "Kies een van de antwoorden.")
    own = ExpectationTicks.objects.filter(student=student, slot=_slot(key, day.programme))
    if not said:
        own.delete()
        return
    earlier = {text: str(tick) for text, tick in day.earlier[-MOST:]}
    content = {"programme": day.programme.code, "ticks": {**earlier, **said}}
    row = own.first() or _new_row(student.pk, key, day.programme)
    own.filter(pk=row.pk).update(sealed=_seal(key, row, content))


def take_question(*, student: Student, key: vault.Key, statement: Statement, revision: int, by: User) -> Text:
    """Adds the question of a sentence to the student's own questions, as a new revision of that answer.

    `revision` is the one the student saw. Raises NotHere for a sentence that is not hard for the student, Refusal when
    there is no room, and passport.services.Conflict.
    """
    _only_by_its_student(student, by)
    if statement.tick != Tick.HARD:
        raise NotHere()
    return save_answer(
        passport=student.passport,
        key=key,
        question_key=QUESTIONS,
        status="answered",
        value=[*(open_answer(student.passport, key, QUESTIONS).value or []), statement.question],
        revision=revision,
        by=by,
    )


def ticks_of(student: Student, key: vault.Key) -> list[dict[str, Any]]:
    """Everything this student ticked, for their own export; also about programmes they chose no more."""
    ticks = _ticks_of(student.pk, key)
    names = {one.code: one.label for one in programmes_of(list(ticks))}
    return [
        {
            "programme": names.get(code, code),
            "ticks": [{"text": text, "tick": tick, "label": Tick(tick).label} for text, tick in said.items()],
        }
        for code, said in sorted(ticks.items())
    ]


# --- The college's file ------------------------------------------------------------------------------------


@transaction.atomic
def load_expectations(content: Any, *, replace: bool = False) -> list[str]:
    """Makes the list of every programme in the file what the file says; other programmes stay. Returns their codes.

    A list of which somebody wrote or reviewed a sentence on a screen stays as it is too, and is not among the codes,
    unless with `replace`. `{code: [{text, question, reviewed}]}`; without the day of `reviewed` no student sees the
    sentence. A sentence that stays the same keeps what students ticked; a changed one is a new one. Raises
    WrongExpectations.
    """
    if not isinstance(content, dict) or not content:
        raise WrongExpectations("the file does not have the shape {code: [{text, question, reviewed}]}")
    programmes = {row.code: row for row in Programme.objects.filter(code__in=[str(code) for code in content])}
    touched = set() if replace else _touched_on_a_screen(programmes)
    loaded = []
    for code, rows in content.items():
        if code not in programmes:
            raise WrongExpectations(f"{code}: there is no such programme")
        checked = _checked(str(code), rows)
        if code not in touched:
            _make_list(programmes[code], checked)
            loaded.append(str(code))
    return loaded


def _touched_on_a_screen(codes: Iterable[str]) -> set[str]:
    """The programmes of which a person wrote a sentence, said yes to one, or sent one back."""
    rows = Expectation.objects.filter(programme__code__in=list(codes))
    rows = rows.filter(models.Q(written_by__isnull=False) | models.Q(reviewed_by__isnull=False) | ~models.Q(remark=""))
    return set(rows.values_list("programme__code", flat=True))


def _checked(code: str, rows: Any) -> list[Expectation]:
    if not isinstance(rows, list) or len(rows) > MOST:
        raise WrongExpectations(f"{code}: must be a list of at most {MOST}")
    made = [_row(f"{code}, {order}", row, order) for order, row in enumerate(rows, 1)]
    if len({row.text for row in made}) < len(made):
        raise WrongExpectations(f"{code}: says the same twice")
    return made


def _row(where: str, row: Any, order: int) -> Expectation:
    if not isinstance(row, dict) or set(row) - {"text", "question", "reviewed"}:
        raise WrongExpectations(f"{where}: has text, question and reviewed, nothing else")
    said = {}
    for name, longest in (("text", LONGEST_TEXT), ("question", LONGEST_QUESTION)):
        try:
            said[name] = clean_text(row.get(name), longest=longest, field=name)
        except Refusal as refusal:
            raise WrongExpectations(f"{where}: {name}: {refusal.code}, at most {longest} characters") from None
        if not said[name]:
            raise WrongExpectations(f"{where}: {name} is missing")
    return Expectation(order=order, reviewed_at=_moment(where, row.get("reviewed")), **said)


def _moment(where: str, day: Any) -> datetime | None:
    if day is None:
        return None
    if not isinstance(day, date) or isinstance(day, datetime) or day > timezone.localdate():
        raise WrongExpectations(f"{where}: reviewed is a day that was, as 2026-10-01")
    return timezone.make_aware(datetime.combine(day, time()))


def _make_list(programme: Programme, rows: Sequence[Expectation]) -> None:
    """Row by row, so that a sentence keeps its id; saved only where something is different."""
    known = {row.text: row for row in Expectation.objects.filter(programme=programme)}
    for row in rows:
        kept = known.pop(row.text, None)
        new = {"order": row.order, "question": row.question, "reviewed_at": row.reviewed_at}
        if kept is not None and (row.reviewed_at or row.question != kept.question):
            new["remark"] = ""
        if kept is None:
            row.programme = programme
            row.save(force_insert=True)
        elif {name: getattr(kept, name) for name in new} != new:
            Expectation.objects.filter(pk=kept.pk).update(**new)
    Expectation.objects.filter(pk__in=[row.pk for row in known.values()]).delete()


# --- The parts ---------------------------------------------------------------------------------------------


def _only_by_its_student(student: Student, by: User) -> None:
    if student.user_id != by.pk:
        raise NotHere()


def _day(
    place: int, programme: Programme, rows: Sequence[Expectation], ticks: Mapping[str, str], taken: Sequence[str]
) -> Day:
    now = {row.text for row in rows}
    earlier = tuple((text, Tick(tick)) for text, tick in ticks.items() if text not in now)
    return Day(place, programme, tuple(_statement(row, ticks, taken) for row in rows), earlier)


def _statement(row: Expectation, ticks: Mapping[str, str], taken: Sequence[str]) -> Statement:
    return Statement(row.pk, row.text, row.question, ticks.get(row.text, ""), row.question in taken)


def _slot(key: vault.Key, programme: Programme) -> bytes:
    return key.slot(f"expectations:{programme.pk}")


def _ticks_of(student_id: UUID, key: vault.Key) -> dict[str, dict[str, str]]:
    """What was ticked, per code of a programme."""
    rows = ExpectationTicks.objects.filter(student=student_id)
    opened = [key.open(row.sealed, field=TICKS_FIELD, row=row.pk) for row in rows]
    return {content["programme"]: content["ticks"] for content in opened}


def _seal(key: vault.Key, row: ExpectationTicks, content: Mapping[str, Any]) -> bytes:
    return key.seal(content, field=TICKS_FIELD, row=row.pk, block=TICKS_BLOCK)


def _new_row(student_id: UUID, key: vault.Key, programme: Programme) -> ExpectationTicks:
    row = ExpectationTicks(student_id=student_id, slot=_slot(key, programme))
    row.sealed = _seal(key, row, {"programme": programme.code, "ticks": {}})
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Two pages at once: both write to the row of the first.
        return ExpectationTicks.objects.get(student=student_id, slot=row.slot)
    return row
