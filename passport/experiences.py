"""Cards of what a student did to find out what they want. A card is sealed and no unit: nobody else ever reads one.

What a card says leaves it in one way only: the student takes a sentence over into the answer to `want.expect`. From
then on it is that answer, seen by whoever may see it (contract, rules 1 and 11). Nothing takes over by itself.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from passport.models import Experience, Passport
from passport.services import Text, open_answer, save_answer
from passport.texts import clean_text
from passport.values import LONG, OWN_WORDS

CARD_FIELD = "passport.Experience.sealed"
# A card of everyday length and an empty one look the same in the database.
CARD_BLOCK = 512
QUESTION = "want.expect"
MOST_CARDS = 50
FIRST_DAY = date(2000, 1, 1)
LONGEST: Mapping[str, int] = {"kind": OWN_WORDS, "did": LONG, "learned": LONG}
# As with chips the text itself is kept: it stays readable when this list changes.
KINDS = ("open dag", "een dag meedoen", "stage", "werk naast school", "praten met een buddy")
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Face:
    """One of three answers to «Hoe vond je het?»: the key is kept, `face` is the drawing beside the word."""

    key: str
    label: str | Promise
    face: str


FELT = (Face("good", _("Fijn"), "good"), Face("some", _("Ging wel"), "some"), Face("bad", _("Niet fijn"), "no"))


@dataclass(frozen=True, slots=True)
class Card:
    """One opened card. Personal: never in a log, a URL or an exception."""

    id: UUID
    revision: int
    created_at: datetime
    kind: str = field(default="", repr=False)
    on: date | None = field(default=None, repr=False)
    did: str = field(default="", repr=False)
    felt: str = field(default="", repr=False)
    learned: str = field(default="", repr=False)

    @property
    def content(self) -> dict[str, Any]:
        """What the student filled in."""
        return {name: getattr(self, name) for name in ("kind", "on", "did", "felt", "learned")}

    @property
    def day(self) -> date:
        """The day it was, else the day it was written down."""
        return self.on or timezone.localdate(self.created_at)

    @property
    def face(self) -> Face | None:
        return next((face for face in FELT if face.key == self.felt), None)

    @property
    def sentences(self) -> list[str]:
        """What the student did and learned, sentence by sentence, each once."""
        return list(dict.fromkeys([*sentences_in(self.did), *sentences_in(self.learned)]))


class CardConflict(Refusal):
    """The card was changed elsewhere meanwhile; `current` is what it says now, so nothing is lost."""

    def __init__(self, current: Card) -> None:
        super().__init__("conflict", "Dit kaartje is net veranderd.", status=409)
        self.current = current


def sentences_in(text: str) -> list[str]:
    """A text, cut after every end of a sentence and of a line."""
    return [piece.strip() for piece in SENTENCE.split(text) if piece.strip()]


# --- Reading -----------------------------------------------------------------------------------------------


def cards_of(passport: Passport, key: vault.Key) -> list[Card]:
    """Every card of a student, in one query; the newest day first, without a day the day it was written."""
    cards = [_open(row, key) for row in Experience.objects.filter(student=passport.student_id)]
    return sorted(cards, key=lambda card: (card.day, card.created_at), reverse=True)


def card_or_404(passport: Passport, key: vault.Key, card_id: UUID) -> Card:
    """One card of this student. Raises NotHere, also for a card of somebody else."""
    row = Experience.objects.filter(student=passport.student_id, pk=card_id).first()
    if row is None:
        raise NotHere()
    return _open(row, key)


def written(student_id: UUID, card_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these cards this student wrote; opens nothing, and asks nothing for no card."""
    ids = list(card_ids)
    return set(Experience.objects.filter(student=student_id, pk__in=ids).values_list("pk", flat=True)) if ids else set()


# --- Writing -----------------------------------------------------------------------------------------------


def check_card(content: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a card. Raises Refusal at the field that does not fit, and for a card that says nothing."""
    texts = {name: clean_text(content.get(name) or "", longest=most, field=name) for name, most in LONGEST.items()}
    on, felt = content.get("on"), content.get("felt") or ""
    if on is not None and not isinstance(on, date):
        raise Refusal("invalid_type", "Dit is geen dag.", field="on")
    if on and not FIRST_DAY <= on <= timezone.localdate():
        raise Refusal("wrong_day", "Kies een dag die al is geweest.", field="on")
    if felt not in {"", *(face.key for face in FELT)}:
        raise Refusal("unknown_option", "Kies een van de antwoorden.", field="felt")
    checked: dict[str, Any] = {**texts, "on": on, "felt": felt}
    if not any(checked.values()):
        raise Refusal("blank", "Kies wat je deed. Of schrijf er iets over.", field="kind")
    return checked


def save_card(
    *, passport: Passport, key: vault.Key, card_id: UUID, revision: int, content: Mapping[str, Any], by: User
) -> Card:
    """Keeps a card. `revision` is the one last seen; 0 makes a new one, and sending that twice makes one card.

    Returns the card. Raises NotHere for somebody else's card and for a card that is gone, Refusal for what does not
    fit, and CardConflict, holding the newest, when it was changed elsewhere.
    """
    _only_by_its_student(passport, by)
    checked = check_card(content)
    row = Experience.objects.filter(student=passport.student_id, pk=card_id).first()
    if row is None:
        if revision:
            raise NotHere()
        return _add(passport, key, card_id, checked)
    current = _open(row, key)
    if current.content == checked:
        return current
    sealed = _seal(key, row.pk, revision + 1, checked)
    same = Experience.objects.filter(pk=row.pk, revision=revision)
    if not same.update(revision=revision + 1, sealed=sealed):
        raise CardConflict(card_or_404(passport, key, card_id))
    return card_or_404(passport, key, card_id)


def remove_card(*, passport: Passport, card_id: UUID, by: User) -> None:
    """Takes a card away for good. What was taken over from it stays in the answer. Raises NotHere."""
    _only_by_its_student(passport, by)
    gone, _rows = Experience.objects.filter(student=passport.student_id, pk=card_id).delete()
    if not gone:
        raise NotHere()


def take_over(
    *, passport: Passport, key: vault.Key, card_id: UUID, sentences: Collection[str], revision: int, by: User
) -> Text:
    """Puts these sentences of a card below the answer to `want.expect`, as a new revision of it.

    `revision` is the one of the answer that the student saw. Raises NotHere, Refusal when nothing of the card was
    chosen or it does not fit any more, and passport.services.Conflict.
    """
    _only_by_its_student(passport, by)
    chosen = [one for one in card_or_404(passport, key, card_id).sentences if one in sentences]
    if not chosen:
        raise Refusal("nothing_chosen", "Kies een zin.", field="sentence")
    now = open_answer(passport, key, QUESTION).value
    return save_answer(
        passport=passport,
        key=key,
        question_key=QUESTION,
        status="answered",
        value="\n".join([*([now] if now else []), *chosen]),
        revision=revision,
        by=by,
    )


# --- The parts ---------------------------------------------------------------------------------------------


def _only_by_its_student(passport: Passport, by: User) -> None:
    if passport.student.user_id != by.pk:
        raise NotHere()


def _add(passport: Passport, key: vault.Key, card_id: UUID, content: Mapping[str, Any]) -> Card:
    if Experience.objects.filter(student=passport.student_id).count() >= MOST_CARDS:
        raise Refusal("too_many", _("Je hebt al %(most)s kaartjes. Haal er eerst een weg.") % {"most": MOST_CARDS})
    if Experience.objects.filter(pk=card_id).exists():
        card_id = uuid4()  # somebody else's: whoever made that address up learns nothing
    row = Experience(pk=card_id, student_id=passport.student_id, created_at=timezone.now())
    row.sealed = _seal(key, row.pk, 1, content)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # The same page was sent twice at once: the first one stands.
        raise CardConflict(card_or_404(passport, key, card_id)) from None
    return _open(row, key)


def _seal(key: vault.Key, card_id: UUID, revision: int, content: Mapping[str, Any]) -> bytes:
    kept = {**content, "on": content["on"].isoformat() if content["on"] else ""}
    return key.seal(kept, field=CARD_FIELD, row=card_id, revision=revision, block=CARD_BLOCK)


def _open(row: Experience, key: vault.Key) -> Card:
    kept = key.open(row.sealed, field=CARD_FIELD, row=row.pk, revision=row.revision)
    kept["on"] = date.fromisoformat(kept["on"]) if kept["on"] else None
    return Card(id=row.pk, revision=row.revision, created_at=row.created_at, **kept)
