"""What a day at a programme asks, with every change in the office log of the college (intake/services/sentences.py)."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import Programme, User
from accounts.places import Place
from intake.models import Expectation
from intake.services import sentences
from school.models import OfficeEvent
from school.services.office import record

What = OfficeEvent.What


@transaction.atomic
def write(*, programme: Programme, text: str, question: str, by: User, sentence_id: UUID | None = None) -> None:
    """Adds or changes a sentence. Raises NotHere, Refusal."""
    changed = sentences.write_sentence(
        programme=programme, text=text, question=question, by=by, sentence_id=sentence_id
    )
    if changed:
        _log(programme, What.DAY_CHANGED if sentence_id else What.DAY_WRITTEN, by, text)


@transaction.atomic
def move(*, programme: Programme, sentence_id: UUID, up: bool, by: User) -> None:
    """Puts a sentence one place up or down. Raises NotHere."""
    if sentences.move_sentence(programme=programme, sentence_id=sentence_id, up=up, by=by):
        _log(programme, What.DAY_MOVED, by, "omhoog" if up else "omlaag")


@transaction.atomic
def remove(*, programme: Programme, sentence_id: UUID, by: User) -> None:
    """Takes a sentence away. Raises NotHere."""
    row = sentences.remove_sentence(programme=programme, sentence_id=sentence_id, by=by)
    _log(programme, What.DAY_REMOVED, by, row.text)


@transaction.atomic
def review(*, sentence_id: UUID, seen: str, remark: str | None, by: User) -> Expectation:
    """A school's yes, or its remark. Raises NotHere, Refusal."""
    row = sentences.review_sentence(sentence_id=sentence_id, seen=seen, remark=remark, by=by)
    what = What.DAY_REVIEWED if remark is None else What.DAY_SENT_BACK
    _log(row.programme, what, by, row.text)
    return row


def doors_of(mine: Iterable[Place]) -> dict[str, bool]:
    """Whether somebody with these places writes for a programme, and whether they review."""
    places = list(mine)
    return {"writes": sentences.writes_with(places), "reviews": sentences.reviews_with(places)}


def _log(programme: Programme, what: OfficeEvent.What, by: User, detail: str) -> None:
    record(programme.institution, what, by=by, detail=f"{programme.code}: {' '.join(detail.split())}")
