"""A care coordinator reads along with the school team only when the student adds them, by name (contract, recipients).

Whether they may read is asked at every reading (consent/facts.py:standing): the row below, and a care coordinator of
the school where the student is in class today. The school team is not outside school, so nothing waits for a guardian.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from accounts.refusals import Refusal
from accounts.services import care_team
from consent.models import NamedReader, RecipientKind, Share


@dataclass(frozen=True, slots=True)
class Named:
    """A care coordinator as the student meets them: whether they were added, and whether they work there today."""

    id: UUID
    name: str = field(repr=False)
    function: str
    is_added: bool
    is_here: bool


def set_named(share: Share, people: Iterable[UUID]) -> None:
    """Makes these the care coordinators who read a share, in the transaction that changes it and proves that.

    Raises Refusal: `no_named_readers` for another recipient, `unknown_reader` for who is no care coordinator there
    today. Who was added before may stay named.
    """
    wanted = set(people)
    if wanted and share.recipient_kind != RecipientKind.SCHOOL_TEAM:
        raise Refusal("no_named_readers", "Dit kan alleen bij je school.", field="named")
    rows = NamedReader.objects.filter(share=share)
    new = wanted - set(rows.values_list("person", flat=True))
    if new - set(_care(share).values_list("pk", flat=True)):
        raise Refusal("unknown_reader", "Deze persoon kennen we niet.", field="named")
    rows.exclude(person__in=wanted).delete()
    NamedReader.objects.bulk_create([NamedReader(share=share, person_id=person) for person in new])


def named_ids(share: Share) -> list[UUID]:
    """Who was added to a share by name; no query more when `named_readers` was fetched before."""
    return [row.person_id for row in share.named_readers.all()]


def care_readers(share: Share) -> list[Named]:
    """Every care coordinator the student can add to a share or take off it, by name; empty for another recipient."""
    if share.recipient_kind != RecipientKind.SCHOOL_TEAM:
        return []
    added, here = set(named_ids(share)), {user.pk: user for user in _care(share)}
    gone = User.objects.filter(pk__in=added - set(here))
    people = sorted([*here.values(), *gone], key=lambda user: user.staff_name)
    return [Named(one.pk, one.staff_name, one.staff_function, one.pk in added, one.pk in here) for one in people]


def _care(share: Share) -> QuerySet[User]:
    return care_team(share.institution_id) if share.institution_id else User.objects.none()
