"""What somebody of the school team proposes beside an answer. It is no answer, until its student takes it over.

Who may write one is decided in consent/services/suggesting.py; this module keeps it, shows it to its student alone,
and lets the student decide. A suggestion stays with the student when the share ends: it is theirs. The writer never
hears what was decided: a no costs nothing (contract, rules 4 and 11).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from passport.models import Answer, Passport, Suggestion
from passport.questionnaire import Question, Questionnaire, QuestionType, Unit
from passport.services import Text, open_answer, questions_of, save_answer
from passport.values import Status, clean_answer
from passport.wording import lines_of, programme_names

SUGGESTION_FIELD = "passport.Suggestion.sealed"
SUGGESTION_BLOCK = 512
DECIDED_KEPT = timedelta(days=30)
State = Suggestion.State


@dataclass(frozen=True, slots=True)
class Proposal:
    """One opened suggestion. Personal: never in a log, a URL or an exception."""

    id: UUID
    unit: Unit
    state: State
    at: datetime
    writer: UUID | None
    value: Any = field(repr=False)
    by: str = field(repr=False)

    @property
    def is_open(self) -> bool:
        return self.state == State.OPEN

    @property
    def question(self) -> Question:
        return self.unit.question

    @property
    def lines(self) -> list[str]:
        """What it says, to read."""
        names = programme_names(self.value) if self.question.type is QuestionType.PROGRAMMES else None
        return lines_of(self.unit, self.value, names)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


# --- Writing -----------------------------------------------------------------------------------------------


def clean_suggestion(questions: Questionnaire, unit: Unit, value: Any) -> Any:
    """The value as it would be an answer: the same checks, and no BSN. Raises Refusal.

    The reason for a need is the student's alone to tell: nobody proposes one.
    """
    if unit.part == "why":
        raise Refusal("not_for_others", _("De reden vertelt alleen de student zelf."), field="unit")
    if unit.part != "support":
        return clean_answer(questions, unit.question, Status.ANSWERED, value)[1]
    if not isinstance(value, dict) or set(value) - {"need", "how_often", "what_works"}:
        raise Refusal("invalid_type", _("Dit voorstel past niet bij de vraag."), field="value")
    if value.get("need", unit.need) != unit.need:
        raise Refusal("unknown_need", _("Dit voorstel past niet bij de vraag."), field="value")
    row = clean_answer(questions, unit.question, Status.ANSWERED, [{**value, "need": unit.need}])[1][0]
    cleaned = {part: row[part] for part in ("need", "how_often", "what_works")}
    if not (cleaned["how_often"] or cleaned["what_works"]):
        raise Refusal("blank", _("Schrijf eerst iets."), field="value")
    return cleaned


def keep_suggestion(*, passport: Passport, key: vault.Key, unit: Unit, value: Any, by: User) -> Suggestion:
    """Keeps a cleaned value beside the newest text; the writer's open one for this unit makes way for it.

    Call it within the transaction that proves `by` may write here.
    """
    slot = key.slot(unit.key)
    mine = Suggestion.objects.filter(student=passport.student_id, slot=slot, by=by, state=State.OPEN)
    mine.delete()
    row = Suggestion(student_id=passport.student_id, slot=slot, by=by, created_at=timezone.now())
    row.about_id = _newest_of(passport, key, unit.question.key)
    content = {"unit": unit.key, "value": value, "by": by.staff_name}
    row.sealed = key.seal(content, field=SUGGESTION_FIELD, row=row.pk, block=SUGGESTION_BLOCK)
    row.save(force_insert=True)
    return row


# --- Reading -----------------------------------------------------------------------------------------------


def open_suggestions(passport: Passport, key: vault.Key) -> list[Proposal]:
    """What waits for this student, newest first, in one query."""
    return [one for one in _opened(passport, key, state=State.OPEN) if not one.question.off]


def suggestions_at(passport: Passport, key: vault.Key, question_key: str) -> list[Proposal]:
    """What waits at one question, newest first."""
    return [one for one in suggestions_for(passport, key, question_key) if one.is_open and not one.question.off]


def suggestions_for(passport: Passport, key: vault.Key, question_key: str) -> list[Proposal]:
    """Every suggestion at one question that is still kept, newest first, decided ones too."""
    units = questions_of(passport).units.values()
    slots = [key.slot(unit.key) for unit in units if unit.question.key == question_key]
    return _opened(passport, key, slot__in=slots)


def suggestions_by(passport: Passport, key: vault.Key, writer: User) -> list[Proposal]:
    """What one member of staff wrote, newest first, without what was decided; ask consent before showing it."""
    return _opened(passport, key, by=writer)


def all_suggestions(passport: Passport, key: vault.Key) -> list[Proposal]:
    """Everything that is kept, newest first: for the student's own export."""
    return _opened(passport, key)


def suggestion_or_404(passport: Passport, key: vault.Key, suggestion_id: UUID, question_key: str = "") -> Proposal:
    """One suggestion to this student, at this question. Raises NotHere, also for somebody else's."""
    found = _opened(passport, key, pk=suggestion_id)
    if not found or (question_key and found[0].question.key != question_key):
        raise NotHere()
    return found[0]


# --- Deciding ----------------------------------------------------------------------------------------------


def accept_suggestion(
    *, passport: Passport, key: vault.Key, suggestion_id: UUID, by: User, revision: int | None = None
) -> Text:
    """«Neem over»: the student makes it their answer, as a new revision that tells whose suggestion it was.

    `revision` is the answer the student saw; None: the newest. Raises NotHere, Refusal 409 when it was decided
    before, Refusal when it does not fit any more, and passport.services.Conflict.
    """
    _only_by_its_student(passport, by)
    chosen = suggestion_or_404(passport, key, suggestion_id)
    now = open_answer(passport, key, chosen.question.key)
    with transaction.atomic():
        # Also within one sitting the text that makes way is kept, as long as this row is.
        _decide(passport, chosen, State.ACCEPTED, about=_newest_of(passport, key, chosen.question.key))
        return save_answer(
            passport=passport,
            key=key,
            question_key=chosen.question.key,
            status=Status.ANSWERED,
            value=_put_in(chosen, now.value),
            revision=now.revision if revision is None else revision,
            by=by,
            suggested_by=chosen.by,
        )


def decline_suggestion(*, passport: Passport, key: vault.Key, suggestion_id: UUID, by: User) -> Proposal:
    """«Nee, dank je»; twice is no error. Raises NotHere, and Refusal 409 when it was taken over before."""
    _only_by_its_student(passport, by)
    chosen = suggestion_or_404(passport, key, suggestion_id)
    if chosen.state != State.DECLINED:
        _decide(passport, chosen, State.DECLINED)
    return suggestion_or_404(passport, key, suggestion_id)


def mark_adapted(*, passport: Passport, key: vault.Key, suggestion_id: UUID, by: User) -> None:
    """The student wrote an answer of their own with the suggestion beside it. Quiet when it is gone or decided."""
    _only_by_its_student(passport, by)
    mine = Suggestion.objects.filter(pk=suggestion_id, student=passport.student_id, state=State.OPEN)
    mine.update(state=State.ADAPTED, decided_at=timezone.now())


def undecided() -> QuerySet[Suggestion]:
    """What waits for a student, unopened: to know that there is something, never what."""
    return Suggestion.objects.filter(state=State.OPEN)


def drop_decided_suggestions() -> int:
    """Drops what was decided a month ago; returns how many. The answer's history keeps what was taken over."""
    old = Suggestion.objects.exclude(state=State.OPEN).filter(decided_at__lt=timezone.now() - DECIDED_KEPT)
    return old.delete()[0]


# --- The parts ---------------------------------------------------------------------------------------------


def _only_by_its_student(passport: Passport, by: User) -> None:
    if passport.student.user_id != by.pk:
        raise NotHere()


def _newest_of(passport: Passport, key: vault.Key, question_key: str) -> UUID | None:
    """The newest text of an answer, without opening it."""
    places = Answer.objects.filter(student=passport.student_id, slot=key.slot(question_key))
    return places.values_list("newest", flat=True).first()


def _decide(passport: Passport, chosen: Proposal, state: State, **also: Any) -> None:
    waiting = Suggestion.objects.filter(pk=chosen.id, student=passport.student_id, state=State.OPEN)
    if not waiting.update(state=state, decided_at=timezone.now(), **also):
        raise Refusal("already_decided", _("Je koos hier al iets bij."), status=409)


def _put_in(chosen: Proposal, now: Any) -> Any:
    """What the whole answer becomes: of a list of needs only this one changes, and its reason stays."""
    if chosen.unit.part != "support":
        return chosen.value
    rows: list[Mapping[str, Any]] = list(now or ())
    if all(row["need"] != chosen.unit.need for row in rows):
        return [*rows, chosen.value]
    return [{**row, **chosen.value} if row["need"] == chosen.unit.need else row for row in rows]


def _opened(passport: Passport, key: vault.Key, **which: Any) -> list[Proposal]:
    rows = list(Suggestion.objects.filter(student=passport.student_id, **which).order_by("-created_at", "pk"))
    units = questions_of(passport).units if rows else {}
    return [_open(row, key, units) for row in rows]


def _open(row: Suggestion, key: vault.Key, units: Mapping[str, Unit]) -> Proposal:
    kept = key.open(row.sealed, field=SUGGESTION_FIELD, row=row.pk)
    if key.slot(kept["unit"]) != bytes(row.slot):
        raise vault.Tampered()
    state = State(row.state)
    return Proposal(row.pk, units[kept["unit"]], state, row.created_at, row.by_id, kept["value"], kept["by"])
