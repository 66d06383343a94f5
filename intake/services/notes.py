"""Notes of a talk at school: written on what the student shares with the school team, read by both, and the student's.

The door is the share (purpose lob): when it ends or stands still only the student sees its notes. Agreed points become
the student's own list; the student ticks them off and can take a note away. Nothing here gives or widens a share.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from accounts import vault
from accounts.models import Student, Tie, User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.models import Purpose, Share
from consent.texts import Dossier
from intake.models import Remark, TalkNote, TasterSignUp
from passport.texts import clean_staff_text

NOTE_FIELD = "intake.TalkNote.sealed_note"
DONE_FIELD = "intake.TalkNote.sealed_done"
LONGEST_TEXT, LONGEST_POINT, MOST_POINTS = 1000, 120, 8


@dataclass(frozen=True, slots=True)
class Point:
    number: int
    text: str = field(repr=False)
    is_done: bool = field(repr=False)


@dataclass(frozen=True, slots=True)
class Note:
    """A note as somebody reads it. Personal: never in a log or a URL."""

    id: UUID
    held_on: date
    kind: str
    by: str
    text: str = field(repr=False)
    points: tuple[Point, ...] = field(repr=False)
    is_seen: bool = True  # whether school reads it too


def write_note(
    *, share_id: UUID, by: User, held_on: date, kind: str, text: str = "", points: Iterable[str] = ()
) -> TalkNote:
    """Keeps what was said and agreed; the student and who reads this share see it at once.

    Raises NotHere for whoever may not open the share as the school team, Refusal at the field that does not fit.
    """
    share = _open_share(share_id, by)
    key = vault.open_key(share.student_id)
    agreed = [line for one in points if (line := clean_staff_text(one, longest=LONGEST_POINT, field="points"))]
    said = clean_staff_text(text, longest=LONGEST_TEXT, field="text")
    content = {"text": said, "points": list(dict.fromkeys(agreed))}
    if not content["text"] and not content["points"]:
        raise Refusal("blank", "Schrijf eerst iets.", field="text")
    if len(content["points"]) > MOST_POINTS:
        raise Refusal("too_many", f"Dit zijn te veel regels. Er passen er {MOST_POINTS}.", field="points")
    if held_on > timezone.localdate():
        raise Refusal("not_yet", "Deze dag komt nog.", field="held_on")
    note = TalkNote(share=share, by=by, kind=TalkNote.Kind(kind), held_on=held_on)
    note.sealed_note = key.seal(content, field=NOTE_FIELD, row=note.pk)
    with transaction.atomic():
        # Locked, so that a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share_id)
        _open_share(share_id, by)
        note.save(force_insert=True)
    return note


def notes_of(dossier: Dossier) -> list[Note]:
    """The notes on a dossier that is open before a reader, newest first; none but for the school team."""
    if dossier.share.purpose != Purpose.LOB:
        return []
    rows = list(TalkNote.objects.filter(share=dossier.share).select_related("by"))
    if not rows:
        return []
    key = vault.open_key(dossier.share.student_id)
    return [_opened(row, key) for row in rows]


def own_notes(student: Student, key: vault.Key) -> list[Note]:
    """Every note of this student, newest first, also of a share that ended; says which school still reads."""
    rows = TalkNote.objects.filter(share__student=student).select_related("by", "share")
    return [_opened(row, key, is_seen=_is_seen(row.share, student)) for row in rows]


def written_beside(student: Student) -> dict[str, bool]:
    """Whether this student has notes of talks, remarks from home in sight, a coach, and their name on a day to look.

    What their first page links to, in one query.
    """
    notes = TalkNote.objects.filter(share__student=student)
    home = Remark.objects.filter(share__student=student, hidden=False)
    coach = Tie.objects.filter(student=student, kind=Tie.Kind.COACH, confirmed_at__isnull=False)
    days = TasterSignUp.objects.filter(student=student)
    asked = (Exists(notes), Exists(home), Exists(coach), Exists(days))
    found = Student.objects.filter(pk=student.pk).values_list(*asked).get()
    return dict(zip(("has_notes", "has_remarks", "has_coach", "has_days"), found, strict=True))


def tick_point(*, student: Student, key: vault.Key, note_id: UUID, number: int, done: bool, by: User) -> None:
    """The student ticks an agreed point off, or on again. Raises NotHere, and Refusal for a point that is not there."""
    with transaction.atomic():
        row = _own(student, note_id, by, lock=True)
        content, ticked = _content(row, key), _done(row, key)
        if not 0 <= number < len(content["points"]):
            raise Refusal("no_point", "Dit staat er niet meer.")
        ticked = ticked | {number} if done else ticked - {number}
        row.sealed_done = key.seal(sorted(ticked), field=DONE_FIELD, row=row.pk) if ticked else None
        row.save(update_fields=["sealed_done"])


def remove_note(*, student: Student, note_id: UUID, by: User) -> None:
    """The note is the student's: it goes when they say so, for school too. Raises NotHere."""
    _own(student, note_id, by).delete()


def _open_share(share_id: UUID, by: User) -> Share:
    share = access.get_share_or_404(share_id, by)
    if share.purpose != Purpose.LOB:
        raise NotHere()
    return share


def _own(student: Student, note_id: UUID, by: User, *, lock: bool = False) -> TalkNote:
    rows = TalkNote.objects.filter(pk=note_id, share__student=student)
    if student.user_id != by.pk:
        raise NotHere()
    row = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if row is None:
        raise NotHere()
    return row


def _is_seen(share: Share, student: Student) -> bool:
    return share.is_open and not share.is_past and student.frozen_at is None


def _opened(row: TalkNote, key: vault.Key, *, is_seen: bool = True) -> Note:
    content, ticked = _content(row, key), _done(row, key)
    points = tuple(Point(number, text, number in ticked) for number, text in enumerate(content["points"]))
    by = row.by.staff_name if row.by else ""
    return Note(row.pk, row.held_on, row.get_kind_display(), by, content["text"], points, is_seen)


def _content(row: TalkNote, key: vault.Key) -> dict[str, Any]:
    content: dict[str, Any] = key.open(row.sealed_note, field=NOTE_FIELD, row=row.pk)
    return content


def _done(row: TalkNote, key: vault.Key) -> set[int]:
    return set(key.open(row.sealed_done, field=DONE_FIELD, row=row.pk)) if row.sealed_done else set()
