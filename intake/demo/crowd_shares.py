"""One in ten made-up students shares with a programme: the rows a yes on the screen writes, many at a time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts.models import Programme
from consent import access, ledger
from consent.models import (
    Purpose,
    RecipientKind,
    Release,
    Share,
    ShareGroupObjectPermission,
    ShareItem,
    ShareState,
)
from consent.purposes import longest_until
from consent.reviews import renewed
from consent.services import digest_of
from intake.models import Case
from passport.values import units_in

if TYPE_CHECKING:
    from intake.demo.crowd import Recruit

MOST_UNITS = 12
STATUSES = (Case.Status.NEW, Case.Status.NEW, Case.Status.READ, Case.Status.INVITED)


class Shelf:
    """The programmes the crowd shares with, each with the group that its door is for."""

    def __init__(self, programmes: Sequence[Programme]) -> None:
        self.programmes = programmes
        self.codes = [one.code for one in programmes]
        self.permission = Permission.objects.get(codename="open_dossier", content_type__app_label="consent")
        self.groups = {one.pk: _group(one) for one in programmes}

    def give(self, recruits: Sequence["Recruit"]) -> None:
        """Gives the shares of these students: share, items, release, door, case and, last, the ledger."""
        given = [(one, share, items) for one in recruits for share, items in [self._plan(one)] if items]
        shares = [share for _, share, _ in given]
        Share.objects.bulk_create(shares)
        ShareItem.objects.bulk_create([item for _, _, items in given for item in items])
        Release.objects.bulk_create([_release(one, share, items) for one, share, items in given])
        ShareGroupObjectPermission.objects.bulk_create([self._door(share) for share in shares])
        Case.objects.bulk_create([_case(one, share) for one, share, _ in given])
        for one, share, items in given:
            ledger.record(ledger.Event.GIVEN, share=share, actor=one.user, slots=[bytes(item.slot) for item in items])

    def _plan(self, one: "Recruit") -> tuple[Share, list[ShareItem]]:
        at = timezone.now() - timedelta(minutes=one.rng.randint(60, 60 * 24 * 50))
        share = Share(
            student=one.student,
            recipient_kind=RecipientKind.PROGRAMME,
            programme=one.rng.choice(self.programmes),
            purpose=Purpose.INTAKE,
            state=ShareState.ACTIVE,
            valid_until=longest_until(Purpose.INTAKE, RecipientKind.PROGRAMME, timezone.localdate()),
            created_at=at,
            released_at=at,
        )
        items = _items(one, share)
        share.sealed_reviews = renewed(share, one.key, access.preview(share=share, items=items, key=one.key).said)
        return share, items

    def _door(self, share: Share) -> ShareGroupObjectPermission:
        group = self.groups[_programme_of(share)]
        return ShareGroupObjectPermission(permission=self.permission, group=group, content_object=share)


def _programme_of(share: Share) -> UUID:
    """The programme of a share; the crowd shares with nobody else."""
    return cast(UUID, share.programme_id)


def _group(programme: Programme) -> Group:
    """The group of a recipient, under the name access.open_door gives it."""
    return Group.objects.get_or_create(name=f"{RecipientKind.PROGRAMME}:{programme.pk}")[0]


def _items(one: "Recruit", share: Share) -> list[ShareItem]:
    """What this student shares: what they said, without a reason for a need and without what is sensitive."""
    items: list[ShareItem] = []
    for text in one.texts:
        units = () if text.question.sensitive else units_in(text.question, text.value)
        items += [
            ShareItem(share=share, slot=one.key.slot(unit), answer=text.answer, revision=text.revision)
            for unit in units
        ]
    return items[:MOST_UNITS]


def _release(one: "Recruit", share: Share, items: list[ShareItem]) -> Release:
    digest = digest_of(access.preview(share=share, items=items, key=one.key), one.key)
    return Release(share=share, number=share.release, at=share.released_at, digest=digest)


def _case(one: "Recruit", share: Share) -> Case:
    status: Any = one.rng.choice(STATUSES)
    return Case(share=share, programme_id=_programme_of(share), status=status, received_at=share.released_at)
