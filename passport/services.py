"""Keeping what a student writes. Every save is a new, immutable revision; nothing is ever overwritten.

A revision's sealed content is {"status", "value", "since", "by"}, and "suggested_by" when the student took over what
somebody proposed, "together" when a mentor sat beside the student meanwhile. `since` tells for every unit the value
speaks about from which revision on it has spoken without a break. A shared text shows only while it is not older than
that, so an answer that was emptied and filled again shows only after a new release (contract, rule 2).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import vault
from accounts.models import Programme, Student, User
from accounts.refusals import NotHere, Refusal
from accounts.together import is_together
from passport import questionnaire
from passport.models import Answer, AnswerRevision, Passport
from passport.questionnaire import Question, Questionnaire, QuestionType
from passport.values import Status, clean_answer, units_in

REVISION_FIELD = "passport.AnswerRevision.sealed"
# Wide enough that an answer of everyday length and no answer at all look the same in the database.
REVISION_BLOCK = 512
ROUTE_FIELD = "passport.Passport.sealed_route"
SITTING = timedelta(minutes=30)


class Conflict(Refusal):
    """Somebody saved another text meanwhile; `current` is that text, so nothing is lost."""

    def __init__(self, current: "Text") -> None:
        super().__init__("conflict", "Er is al een ander antwoord bewaard.", status=409)
        self.current = current


@dataclass(frozen=True, slots=True)
class Text:
    """One opened revision of an answer. Personal: never in a log, a URL or an exception."""

    key: str
    status: Status = Status.EMPTY
    value: Any = field(default=None, repr=False)
    revision: int = 0
    updated_at: datetime | None = None
    since: Mapping[str, int] = field(default_factory=dict, repr=False)
    by: str = ""
    aside: bool = False
    suggested_by: str = field(default="", repr=False)
    together: bool = False

    @property
    def is_answered(self) -> bool:
        return self.status is Status.ANSWERED


@dataclass(frozen=True)
class Sheet:
    """A student's passport, opened for the student: every question's text and what it says per unit."""

    passport: Passport
    questions: Questionnaire
    route: str | None
    texts: Mapping[str, Text] = field(repr=False)

    def text(self, key: str) -> Text:
        return self.texts.get(key, Text(key))

    @property
    def said(self) -> dict[str, Any]:
        """What each unit says now; units that say nothing are absent."""
        said: dict[str, Any] = {}
        for question in self.questions.questions.values():
            said |= units_in(question, self.text(question.key).value)
        return said


def make_passport(*, student: Student) -> Passport:
    """Gives a student an empty passport on the newest questions."""
    return Passport.objects.create(student=student, questionnaire=questionnaire.published())


def make_passports(students: Sequence[Student]) -> None:
    """The same for a class at once; in the transaction that makes the students."""
    newest = questionnaire.published()
    Passport.objects.bulk_create([Passport(student=one, questionnaire=newest) for one in students], batch_size=500)


def follow_newest() -> int:
    """Asks every student the newest questions from now on; returns how many passports moved. Repeatable.

    What stands there keeps the labels of the version it was written in, and a share names its units: none is reworded
    or widened (contract, rule 2; consent/texts.py:all_say).
    """
    newest = questionnaire.published()
    return Passport.objects.exclude(questionnaire=newest).update(questionnaire=newest)


def questions_of(passport: Passport) -> Questionnaire:
    return questionnaire.of_version(passport.questionnaire_id)


def question_or_404(questions: Questionnaire, key: str) -> Question:
    """The question with this key. Raises NotHere."""
    if key not in questions.questions:
        raise NotHere()
    return questions.questions[key]


def open_revision(key: vault.Key, question_key: str, row: AnswerRevision, updated_at: datetime | None = None) -> Text:
    """Opens one revision. Raises Tampered or Shredded."""
    content = key.open(row.sealed, field=REVISION_FIELD, row=row.pk, unit=question_key, revision=row.number)
    return Text(
        key=question_key,
        status=Status(content["status"]),
        value=content["value"],
        revision=row.number,
        updated_at=updated_at or row.created_at,
        since=content["since"],
        by=content["by"],
        aside=row.aside,
        suggested_by=content.get("suggested_by", ""),
        together=content.get("together", False),
    )


def open_sheet(passport: Passport, key: vault.Key) -> Sheet:
    """Opens the whole passport for its student: one query for all answers. Raises Tampered or Shredded."""
    questions = questions_of(passport)
    by_slot = {key.slot(question): question for question in questions.questions}
    texts = {}
    for answer in Answer.objects.filter(student=passport.student_id, newest__isnull=False).select_related("newest"):
        question_key = by_slot.get(bytes(answer.slot))
        if question_key and answer.newest:
            texts[question_key] = open_revision(key, question_key, answer.newest)
    return Sheet(passport, questions, route_of(passport, key), texts)


def open_answer(passport: Passport, key: vault.Key, question_key: str) -> Text:
    """The newest text of one question; an empty Text when there is none."""
    answer = (
        Answer.objects.filter(student=passport.student_id, slot=key.slot(question_key)).select_related("newest").first()
    )
    return open_revision(key, question_key, answer.newest) if answer and answer.newest else Text(question_key)


def history(passport: Passport, key: vault.Key, question_key: str) -> list[Text]:
    """Every kept text of one question, newest first."""
    rows = AnswerRevision.objects.filter(answer__student=passport.student_id, answer__slot=key.slot(question_key))
    return [open_revision(key, question_key, row) for row in rows.order_by("-number")]


def histories(passport: Passport, key: vault.Key) -> dict[str, list[Text]]:
    """Every kept text of every question, newest first, in one query: for the student's own export."""
    by_slot = {key.slot(question): question for question in questions_of(passport).questions}
    texts: dict[str, list[Text]] = {}
    rows = AnswerRevision.objects.filter(answer__student=passport.student_id).select_related("answer")
    for row in rows.order_by("answer", "-number"):
        if question := by_slot.get(bytes(row.answer.slot)):
            texts.setdefault(question, []).append(open_revision(key, question, row))
    return texts


def save_answer(
    *,
    passport: Passport,
    key: vault.Key,
    question_key: str,
    status: str,
    value: Any,
    revision: int,
    by: User,
    suggested_by: str = "",
) -> Text:
    """Keeps a new text when the caller saw the newest one (`revision`, 0 for none).

    `suggested_by`: who proposed what the student now takes over (passport/suggestions.py alone). Returns the new Text.
    Raises NotHere for an unknown question, Refusal for a value that does not fit and Conflict, holding the newest
    text, for a stale revision. Saving the same text again changes nothing.
    """
    question = question_or_404(questions_of(passport), question_key)
    current = open_answer(passport, key, question_key)
    cleaned_status, cleaned = cleaned_of(passport, question, status, value, current)
    theirs = question.written_by != "student" and not suggested_by
    if theirs and cleaned_status is Status.ANSWERED and cleaned != current.value:
        raise Refusal("not_yours_to_write", "Dit schrijft je mentor. Jij kunt het weghalen.", field="value")
    if question.off and cleaned_status is Status.ANSWERED and cleaned != current.value:
        raise Refusal("not_asked", "Deze vraag stellen we niet meer. Jij kunt je antwoord weghalen.", field="value")
    if current.revision != revision and not _saw_the_newest(passport, key, question_key, revision):
        raise Conflict(current)
    if (current.status, current.value) == (cleaned_status, cleaned) and current.revision:
        return current
    return _append(passport, key, question, current, cleaned_status, cleaned, by, suggested_by=suggested_by)


def lay_aside(
    *, passport: Passport, key: vault.Key, question_key: str, status: str, value: Any, current: Text, by: User
) -> Text:
    """Keeps the text that met the newest in a conflict, below it: whichever the student picks, none is lost.

    Returns the newest, which says what `current` said. The same two texts again change nothing. Raises Conflict when a
    third came meanwhile, and Refusal for a value that does not fit.
    """
    question = question_or_404(questions_of(passport), question_key)
    mine = cleaned_of(passport, question, status, value, current)
    newest, *before = history(passport, key, question_key) or [Text(question_key)]
    if newest.revision != current.revision:
        raise Conflict(newest)
    if newest.aside and mine in [(text.status, text.value) for text in before if text.aside]:
        return newest
    with transaction.atomic():
        below = _append(passport, key, question, newest, *mine, by, aside=True)
        # `since` goes on as it was: nobody ever read the text below, so what was shared speaks without a break.
        place = replace(below, since=newest.since)
        return _append(passport, key, question, place, newest.status, newest.value, by, aside=True)


def _saw_the_newest(passport: Passport, key: vault.Key, question_key: str, revision: int) -> bool:
    """Whether all that came after this revision was laid aside under the same text."""
    later = AnswerRevision.objects.filter(answer__student=passport.student_id, answer__slot=key.slot(question_key))
    later = later.filter(number__gt=revision)
    return later.exists() and not later.filter(aside=False).exists()


def _append(
    passport: Passport,
    key: vault.Key,
    question: Question,
    current: Text,
    status: Status,
    value: Any,
    by: User,
    *,
    aside: bool = False,
    suggested_by: str = "",
) -> Text:
    together = is_together(passport.student)
    if together:
        _refuse_other_whys(question, current.value, value)
    number, now = current.revision + 1, timezone.now()
    since = {unit: current.since.get(unit, number) for unit in units_in(question, value)}
    version = passport.questionnaire_id
    row = AnswerRevision(number=number, questionnaire_id=version, by=by, created_at=now, aside=aside)
    content = {"status": status, "value": value, "since": since, "by": "student"}
    if suggested_by:
        content["suggested_by"] = suggested_by
    if together:
        content["together"] = True
    place = {"field": REVISION_FIELD, "row": row.pk, "unit": question.key, "revision": number}
    row.sealed = key.seal(content, **place, block=REVISION_BLOCK)
    try:
        _store(passport, key.slot(question.key), row, now)
    except IntegrityError:
        # Two saves of the same revision at once: the first one stands, this one is told.
        raise Conflict(open_answer(passport, key, question.key)) from None
    return Text(question.key, status, value, number, now, since, "student", aside, suggested_by, together)


def cleaned_of(passport: Passport, question: Question, status: str, value: Any, current: Text) -> tuple[Status, Any]:
    """What would be kept of a value. While somebody sits beside the student a why was not on the page: it stays."""
    cleaned_status, cleaned = clean_answer(questions_of(passport), question, status, value, current.value)
    if question.type is QuestionType.NEEDS and is_together(passport.student):
        whys = {row["need"]: row.get("why") or "" for row in current.value or ()}
        cleaned = cleaned and [row | {"why": row["why"] or whys.get(row["need"], "")} for row in cleaned]
    return cleaned_status, cleaned


def as_shown(passport: Passport, text: Text) -> Text:
    """A text as the pages and the API show it: without its whys while somebody sits beside the student (rule 11)."""
    asked = questions_of(passport).questions.get(text.key)
    if asked is None or asked.type is not QuestionType.NEEDS or not text.value or not is_together(passport.student):
        return text
    return replace(text, value=[row | {"why": ""} for row in text.value])


def _refuse_other_whys(question: Question, before: Any, after: Any) -> None:
    """While a mentor sits beside the student no reason for a need is written; a need that goes takes its own along."""
    if question.type is not QuestionType.NEEDS:
        return
    whys = {row["need"]: row.get("why") or "" for row in before or ()}
    if any((row.get("why") or "") != whys.get(row["need"], "") for row in after or ()):
        raise Refusal("together", "Waarom vul je alleen in. Stop eerst met samen invullen.", status=409, field="value")


@transaction.atomic
def _store(passport: Passport, slot: bytes, row: AnswerRevision, now: datetime) -> None:
    answer_id = Answer.objects.filter(student=passport.student_id, slot=slot).values_list("pk", flat=True).first()
    if answer_id is None:
        answer_id = Answer.objects.create(student_id=passport.student_id, slot=slot).pk
    row.answer_id = answer_id
    row.save(force_insert=True)
    Answer.objects.filter(pk=answer_id).update(revision=row.number, newest=row, updated_at=now)


def undo(*, passport: Passport, key: vault.Key, question_key: str, revision: int, by: User) -> Text:
    """Puts the text before the newest back, as a new revision. Raises NotHere when there is none before."""
    question = question_or_404(questions_of(passport), question_key)
    texts = history(passport, key, question_key)
    if not texts or texts[0].revision != revision:
        raise Conflict(texts[0] if texts else Text(question_key))
    before = texts[1] if len(texts) > 1 else Text(question_key)
    return _append(passport, key, question, texts[0], before.status, before.value, by)


def restore(*, passport: Passport, key: vault.Key, question_key: str, number: int, revision: int, by: User) -> Text:
    """Puts an earlier text back, as a new revision; number 0 is the empty page before the first.

    Raises NotHere when that text is not kept (any more) and Conflict for a stale revision.
    """
    question = question_or_404(questions_of(passport), question_key)
    current = open_answer(passport, key, question_key)
    if current.revision != revision:
        raise Conflict(current)
    before = _kept_text(passport, key, question_key, number)
    if (before.status, before.value) == (current.status, current.value):
        return current
    return _append(passport, key, question, current, before.status, before.value, by)


def _kept_text(passport: Passport, key: vault.Key, question_key: str, number: int) -> Text:
    if number == 0:
        return Text(question_key)
    place = {"answer__student": passport.student_id, "answer__slot": key.slot(question_key)}
    row = AnswerRevision.objects.filter(number=number, **place).first()
    if row is None:
        raise NotHere()
    return open_revision(key, question_key, row)


def last_of_sittings(texts: Sequence[Text]) -> list[Text]:
    """Of texts that stand newest first the last one of each sitting: autosave keeps many in between.

    A sitting with a mentor is another one than a sitting alone, and what was taken over from a suggestion stands apart
    from what the student wrote. Of two texts that met in a conflict both, each once.
    """
    shown: list[Text] = []
    newer: datetime | None = None
    newer_way = (False, "")
    for text in texts:
        is_last = newer is None or text.updated_at is None or newer - text.updated_at >= SITTING
        way = (text.together, text.suggested_by)
        is_last = is_last or way != newer_way
        if is_last or (text.aside and (text.status, text.value) not in [(one.status, one.value) for one in shown]):
            shown.append(text)
        newer, newer_way = text.updated_at, way
    return shown


def find_programmes(words: str, most: int = 8) -> list[Programme]:
    """Programmes with all these words in name, place, school or code, by name; without words the first."""
    rows = Programme.objects.select_related("institution").order_by("name", "institution__name", "level")
    for word in words.split()[:6]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(place__icontains=word)
            | Q(institution__name__icontains=word)
            | Q(code__iexact=word)
        )
    return list(rows[:most])


def programmes_of(codes: Sequence[str]) -> list[Programme]:
    """The programmes with these codes, in this order, in one query; a code that is gone is left out."""
    rows = {row.code: row for row in Programme.objects.filter(code__in=codes).select_related("institution")}
    return [rows[code] for code in codes if code in rows]


def ensure_answer_places(*, student_id: Any, slots: Collection[bytes]) -> dict[bytes, Answer]:
    """The places of these slots, made where the student has not answered yet: a live share may name them."""
    Answer.objects.bulk_create([Answer(student_id=student_id, slot=slot) for slot in slots], ignore_conflicts=True)
    rows = Answer.objects.filter(student=student_id, slot__in=list(slots)).select_related("newest")
    return {bytes(row.slot): row for row in rows}


def route_of(passport: Passport, key: vault.Key) -> str | None:
    if passport.sealed_route is None:
        return None
    route: str = key.open(passport.sealed_route, field=ROUTE_FIELD, row=passport.pk)
    return route


@transaction.atomic
def choose_route(*, passport: Passport, key: vault.Key, route: str | None, by: User) -> Passport:
    """Sets the way the student wants to go (mbo, work, or None for not known). Raises Refusal."""
    if route is not None and route not in {option.key for option in questions_of(passport).routes}:
        raise Refusal("unknown_route", "Kies een van de antwoorden.", field="route")
    passport.sealed_route = None if route is None else key.seal(route, field=ROUTE_FIELD, row=passport.pk)
    passport.save(update_fields=["sealed_route"])
    return passport
