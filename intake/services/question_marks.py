"""«Hielp mij» and «miste ik»: what a reader says of a question, for the working group that writes them.

Never of the student: kept are the question, its version, the month, and a digest by which one reader counts once for
each question in a month. The working group gets whole fives, of months that are over (docs/decisions/0018): who looked
every day would see one tap come.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import Refusal
from consent import access
from intake.models import MarkKind, QuestionMark, QuestionTally
from intake.services import tally
from intake.services.rounding import rounded
from passport import questionnaire

MARK_FIELD, TALLY_FIELD = "intake.QuestionMark.sealed", "intake.QuestionTally.sealed"
MARK_BLOCK, TALLY_BLOCK = 256, 8192  # their length does not tell which question, or how many
AT_ONCE = 500

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Marks:
    """How often readers tapped at one question of one version: whole fives, None below five."""

    version: str
    helped: int | None
    missed: int | None


def mark_question(*, share_id: UUID, version: str, question: str, kind: str, by: User) -> None:
    """Counts what a reader of a share says of a question; the other word in the same month takes its place.

    It opens nothing and writes nothing at the share. Raises NotHere for who may not read the share now, and Refusal
    for a question or a word that is not there.
    """
    access.get_share_or_404(share_id, by)
    if kind not in MarkKind.values or question not in _questions_in(version):
        raise Refusal("unknown_mark", "Kies «hielp mij» of «miste ik» onder een vraag.")
    month, figures = _month(timezone.localdate()), tally.figures_key()
    slot = figures.slot(f"mark/{by.pk}/{month}/{version}/{question}")
    row = QuestionMark(month=month, slot=slot)
    content = {"version": version, "question": question, "kind": kind}
    row.sealed = figures.seal(content, field=MARK_FIELD, row=row.pk, block=MARK_BLOCK)
    with suppress(IntegrityError), transaction.atomic():  # the same reader on two screens at once
        QuestionMark.objects.filter(slot=slot).delete()
        row.save(force_insert=True)


def fold(today: date | None = None) -> int:
    """Adds the marks of months that are over to the counts and destroys them; returns how many. May run twice."""
    this, done = _month(today or timezone.localdate()), 0
    while some := _fold_some(this):
        done += some
    return done


def marks_at(question: str) -> list[Marks]:
    """What readers said of a question, per version, the newest first; a version without a five is left out."""
    rows = QuestionTally.objects.select_related("version").defer("version__content")
    found, figures = [], tally.figures_key()
    for row in rows.order_by("-version__published_at"):
        of = _opened(row, figures).get(question, {})
        helped, missed = (rounded(of.get(kind, 0)) for kind in MarkKind.values)
        if helped or missed:
            found.append(Marks(row.version.version, helped, missed))
    return found


def _fold_some(this: date) -> int:
    figures = tally.figures_key()
    with transaction.atomic():
        marks = list(QuestionMark.objects.select_for_update().filter(month__lt=this)[:AT_ONCE])
        told: dict[str, list[tuple[str, str]]] = {}
        for mark in marks:
            said = figures.open(mark.sealed, field=MARK_FIELD, row=mark.pk)
            told.setdefault(said["version"], []).append((said["question"], said["kind"]))
        for version, taps in told.items():
            _add(version, taps, figures)
        QuestionMark.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return len(marks)


def _add(version: str, taps: list[tuple[str, str]], figures: vault.Key) -> None:
    known = questionnaire.version_named(version)
    if known is None:
        return
    QuestionTally.objects.get_or_create(version_id=known.pk)
    row = QuestionTally.objects.select_for_update().get(version_id=known.pk)
    counts = _opened(row, figures)
    for question, kind in taps:
        of = counts.setdefault(question, {})
        of[kind] = of.get(kind, 0) + 1
    row.sealed = figures.seal(counts, field=TALLY_FIELD, row=row.pk, block=TALLY_BLOCK)
    row.save(update_fields=["sealed"])


def _opened(row: QuestionTally, figures: vault.Key) -> Counts:
    counts: Counts = figures.open(row.sealed, field=TALLY_FIELD, row=row.pk) if row.sealed else {}
    return counts


def _questions_in(version: str) -> set[str]:
    known = questionnaire.version_named(version)
    return set(questionnaire.of_version(known.pk).questions) if known else set()


def _month(day: date) -> date:
    return day.replace(day=1)
