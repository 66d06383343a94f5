"""Where the passport holds sealed values (accounts/sealed.py)."""

from functools import cache
from typing import Any
from uuid import UUID

from accounts import vault
from accounts.sealed import Place, Sealed, SealedColumn
from passport import questionnaire
from passport.models import AnswerRevision, Experience, Goal, Passport, Suggestion


def _of_a_revision(key: vault.Key) -> Place:
    """A revision is bound to its question, which only the slot of its answer tells."""

    @cache
    def by_slot(version: UUID) -> dict[bytes, str]:
        return {key.slot(question): question for question in questionnaire.of_version(version).questions}

    def place(row: AnswerRevision) -> dict[str, Any]:
        # A slot of no question: the place is wrong, so the value does not open.
        question = by_slot(row.questionnaire_id).get(bytes(row.answer.slot), "")
        return {"row": row.pk, "unit": question, "revision": row.number}

    return place


def _of_a_text(key: vault.Key) -> Place:
    return lambda row: {"row": row.pk, "revision": row.revision}


SEALED: tuple[Sealed, ...] = (
    SealedColumn(Passport, "sealed_route", "student"),
    SealedColumn(AnswerRevision, "sealed", "answer__student", _of_a_revision, ("answer",)),
    SealedColumn(Experience, "sealed", "student", _of_a_text),
    SealedColumn(Goal, "sealed", "student", _of_a_text),
    SealedColumn(Suggestion, "sealed", "student"),
)
