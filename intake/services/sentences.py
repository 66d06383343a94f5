"""Who writes what a day at a programme asks, and who says that it is right.

A coordinator or intaker of the college writes and orders; a counsellor or care coordinator of another place reviews.
Only reviewed sentences reach a student (`expectations.days_of`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Institution, Membership, Programme, Role, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from intake.models import Expectation
from intake.models.offers import ExpectationQuerySet
from intake.services.expectations import LONGEST_QUESTION, LONGEST_TEXT, MOST
from passport.texts import clean_text

LONGEST_REMARK = 200
REVIEWERS = (Role.COUNSELLOR, Role.CARE)
NO_SCHOOL = (Institution.Kind.MBO, Institution.Kind.EMPLOYER)


# --- The college writes ------------------------------------------------------------------------------------


def written_by(by: User) -> QuerySet[Programme]:
    """The programmes whose sentences somebody may write: coordinator of the college, or intaker of the programme."""
    mine = Membership.objects.current().filter(user=by)
    places = mine.filter(role=Role.COORDINATOR, institution__isnull=False).values("institution")
    own = mine.filter(role=Role.INTAKER, programme__isnull=False).values("programme")
    found = Programme.objects.filter(Q(institution__in=places) | Q(pk__in=own))
    return found.select_related("institution").order_by("name", "level")


def writes_with(mine: Iterable[Place]) -> bool:
    """Whether there is a programme in `written_by` for somebody with these places."""
    return any(
        (one.role == Role.COORDINATOR and one.has_programmes) or (one.role == Role.INTAKER and one.programme_id)
        for one in mine
    )


def get_written_or_404(programme_id: UUID, by: User) -> Programme:
    """A programme, for who writes its sentences. Raises NotHere."""
    found = written_by(by).filter(pk=programme_id).first()
    if found is None:
        raise NotHere()
    return found


def sentences_of(programme: Programme) -> list[Expectation]:
    """All of a programme in their order, also those no school looked at."""
    return list(Expectation.objects.filter(programme=programme).select_related("reviewed_by").order_by("order", "pk"))


@transaction.atomic
def write_sentence(
    *, programme: Programme, text: str, question: str, by: User, sentence_id: UUID | None = None
) -> bool:
    """Adds a sentence at the end, or changes one; whether something is different now.

    New words are looked at again, and the last remark is done with. Raises NotHere for who does not write for this
    programme, Refusal for a thirteenth, one that is there already, or a text that cannot be kept.
    """
    rows = _locked(programme, by)
    said = {"text": _clean(text, LONGEST_TEXT, "text"), "question": _clean(question, LONGEST_QUESTION, "question")}
    row = _one_of(rows, sentence_id) if sentence_id else Expectation(programme=programme, order=len(rows) + 1)
    if any(one.text == said["text"] and one.pk != row.pk for one in rows):
        raise Refusal("said_already", "Deze zin staat er al.", status=409, field="text")
    if sentence_id is None and len(rows) >= MOST:
        raise Refusal("too_many", f"Er passen {MOST} zinnen bij een opleiding. Haal er eerst een weg.", field="text")
    if (row.text, row.question) == (said["text"], said["question"]):
        return False
    row.text, row.question, row.written_by = said["text"], said["question"], by
    row.reviewed_at, row.reviewed_by, row.remark = None, None, ""
    row.save()
    return True


@transaction.atomic
def move_sentence(*, programme: Programme, sentence_id: UUID, up: bool, by: User) -> bool:
    """Swaps a sentence with the one above or below it; whether it moved. Its words stay reviewed. Raises NotHere."""
    rows = _locked(programme, by)
    place = rows.index(_one_of(rows, sentence_id))
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return False
    rows[place], rows[other] = rows[other], rows[place]
    _number(rows)
    return True


@transaction.atomic
def remove_sentence(*, programme: Programme, sentence_id: UUID, by: User) -> Expectation:
    """Takes a sentence away; what students ticked of it they keep. Returns it. Raises NotHere."""
    rows = _locked(programme, by)
    row = _one_of(rows, sentence_id)
    Expectation.objects.filter(pk=row.pk).delete()
    _number([one for one in rows if one.pk != row.pk])
    return row


def _locked(programme: Programme, by: User) -> list[Expectation]:
    get_written_or_404(programme.pk, by)
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    return list(Expectation.objects.filter(programme=programme).order_by("order", "pk"))


def _one_of(rows: Sequence[Expectation], sentence_id: UUID) -> Expectation:
    found = next((one for one in rows if one.pk == sentence_id), None)
    if found is None:
        raise NotHere()
    return found


def _number(rows: Sequence[Expectation]) -> None:
    for order, row in enumerate(rows, 1):
        row.order = order
    Expectation.objects.bulk_update(rows, ["order"])


def _clean(raw: str, longest: int, name: str) -> str:
    text = " ".join(clean_text(raw, longest=longest, field=name).split())
    if not text:
        raise Refusal("empty", "Dit is nog leeg.", field=name)
    return text


# --- A school reviews --------------------------------------------------------------------------------------


def reviews_for(by: User) -> Institution | None:
    """The school for which somebody reviews today: as its counsellor or care coordinator. None for everybody else."""
    rows = Membership.objects.current().filter(user=by, role__in=REVIEWERS, institution__isnull=False)
    found = rows.exclude(institution__kind__in=NO_SCHOOL)
    row = found.select_related("institution").order_by("starts_on", "pk").first()
    return row.institution if row else None


def reviews_with(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places has a school in `reviews_for`."""
    return any(one.role in REVIEWERS and one.institution_id and one.kind not in NO_SCHOOL for one in mine)


def to_review(by: User) -> list[Programme]:
    """Programmes with sentences that wait, each with `waiting`, those of the reviewer's own region first.

    Raises NotHere for who does not review. Four queries, whatever there is.
    """
    school = reviews_for(by)
    rows = _reviewable(by, school).waiting()
    counted = rows.values("programme").annotate(many=models.Count("pk")).values_list("programme", "many")
    many = dict(counted.order_by())
    found = list(Programme.objects.filter(pk__in=many).select_related("institution").order_by("name", "level", "pk"))
    for one in found:
        one.waiting = many[one.pk]  # type: ignore[attr-defined]  # for the page
    region = school.region_id if school else None
    return sorted(found, key=lambda one: one.institution.region_id != region)


def waiting_of(programme_id: UUID, by: User) -> list[Expectation]:
    """The sentences of one programme that wait, in their order. Raises NotHere, also when none does."""
    rows = _reviewable(by, reviews_for(by)).waiting().filter(programme=programme_id)
    found = list(rows.select_related("programme__institution").order_by("order", "pk"))
    if not found:
        raise NotHere()
    return found


@transaction.atomic
def review_sentence(*, sentence_id: UUID, seen: str, remark: str | None, by: User) -> Expectation:
    """Says that a sentence is right for the own students (`remark` None), or sends it back with a remark.

    `seen` is `words_of` the sentence as it was shown. Raises NotHere for who does not review, who wrote it, who is of
    that college too, and for one that waits no more; Refusal for an empty remark, and when its words changed meanwhile.
    """
    school = reviews_for(by)
    row = _reviewable(by, school).waiting().select_for_update(of=("self",)).filter(pk=sentence_id).first()
    if row is None or school is None:
        raise NotHere()
    if words_of(row) != seen:
        raise Refusal("changed", "Deze zin is net veranderd. Lees hem nog een keer.", status=409)
    row.remark = "" if remark is None else _clean(remark, LONGEST_REMARK, "remark")
    row.reviewed_by, row.reviewed_at = school, timezone.now() if remark is None else None
    row.save(update_fields=["remark", "reviewed_by", "reviewed_at"])
    return row


def words_of(row: Expectation) -> str:
    """A digest of what a sentence says, so that nobody says yes to words they did not read."""
    return hashlib.sha256(f"{row.text}\n{row.question}".encode()).hexdigest()[:32]


def _reviewable(by: User, school: Institution | None) -> ExpectationQuerySet:
    """What somebody may review: of another place than where they are today, and not of their own hand."""
    if school is None:
        raise NotHere()
    mine = Membership.objects.current().filter(user=by)
    own = Programme.objects.filter(
        Q(institution__in=mine.filter(institution__isnull=False).values("institution"))
        | Q(institution__in=mine.filter(programme__isnull=False).values("programme__institution"))
    )
    rows = Expectation.objects.exclude(programme__in=own)
    return rows.exclude(written_by=by)
