"""Who helps in a region on the way to the next place: public to read, kept by the region (doorstroompunt).

What has ended says so and stands apart; what nobody looked at for a year says that too: nothing is silently stale.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Membership, Region, Role, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from intake.models import RegionHelp
from passport.texts import clean_text

LONGEST = {"name": 80, "for_whom": 200, "how_in": 200, "telephone": 20, "web": 200}
KINDS: list[str] = [kind.value for kind in RegionHelp.Kind]
UNSEEN, SOON = timedelta(days=365), timedelta(days=60)


# --- For everybody -----------------------------------------------------------------------------------------


def regions_with_help() -> list[Region]:
    """Every region that wrote something, by name."""
    return list(Region.objects.filter(help__isnull=False).distinct().order_by("name"))


def help_in(region: Region) -> tuple[list[RegionHelp], list[RegionHelp]]:
    """What runs in a region and what has ended, each by kind and name."""
    today = timezone.localdate()
    rows = _sorted(RegionHelp.objects.filter(region=region))
    return [one for one in rows if not one.has_ended(today)], [one for one in rows if one.has_ended(today)]


def is_unseen(row: RegionHelp) -> bool:
    """Whether nobody of the region looked at it for a year."""
    return timezone.now() - row.updated_at > UNSEEN


def ends_soon(row: RegionHelp, today: date | None = None) -> bool:
    """Whether its money ends within two months: the region is told in its own list."""
    today = today or timezone.localdate()
    return row.funded_until is not None and today <= row.funded_until <= today + SOON


# --- The region --------------------------------------------------------------------------------------------


def regions_of(by: User) -> QuerySet[Region]:
    """The regions somebody keeps the help of today: by a membership of the region itself."""
    mine = Membership.objects.current().filter(user=by, role=Role.REGION, region__isnull=False)
    return Region.objects.filter(pk__in=mine.values("region")).order_by("name")


def keeps_help(mine: Iterable[Place]) -> bool:
    """Whether somebody with these places keeps the help of a region."""
    return any(one.role == Role.REGION and one.region_id for one in mine)


def get_region_or_404(region_id: UUID, by: User) -> Region:
    """A region for who keeps its help. Raises NotHere."""
    found = regions_of(by).filter(pk=region_id).first()
    if found is None:
        raise NotHere()
    return found


def get_help_or_404(help_id: UUID, by: User) -> RegionHelp:
    """One row for who keeps that region. Raises NotHere."""
    found = RegionHelp.objects.filter(pk=help_id, region__in=regions_of(by)).select_related("region").first()
    if found is None:
        raise NotHere()
    return found


def kept_help(by: User) -> list[tuple[Region, list[RegionHelp]]]:
    """Every region somebody keeps with its rows, by kind and name. Raises NotHere for who keeps none."""
    regions = list(regions_of(by))
    if not regions:
        raise NotHere()
    rows = _sorted(RegionHelp.objects.filter(region__in=regions).select_related("written_by"))
    return [(region, [one for one in rows if one.region_id == region.pk]) for region in regions]


@transaction.atomic
def write_help(*, region: Region, said: Mapping[str, Any], by: User, help_id: UUID | None = None) -> RegionHelp:
    """Adds a row or changes one; keeping it unchanged says that it was looked at today.

    Raises NotHere for who does not keep this region, Refusal for a wrong text, for a row without any way to reach it,
    and for one that stands there already.
    """
    get_region_or_404(region.pk, by)
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    row = get_help_or_404(help_id, by) if help_id else RegionHelp(region=region)
    texts = {name: _clean(said[name], longest, name) for name, longest in LONGEST.items()}
    if not texts["telephone"] and not texts["web"]:
        raise Refusal("unreachable", "Schrijf een nummer om te bellen op, of een website.", field="telephone")
    same = RegionHelp.objects.filter(region=region, kind=said["kind"], name=texts["name"]).exclude(pk=row.pk)
    if same.exists():
        raise Refusal("said_already", "Deze hulp staat er al.", status=409, field="name")
    for name, value in texts.items():
        setattr(row, name, value)
    row.kind, row.funded_until = said["kind"], said["funded_until"]
    row.written_by, row.updated_at = by, timezone.now()
    row.save()
    return row


@transaction.atomic
def remove_help(*, help_id: UUID, by: User) -> None:
    """Takes a row away. Raises NotHere."""
    RegionHelp.objects.filter(pk=get_help_or_404(help_id, by).pk).delete()


def _sorted(rows: "QuerySet[RegionHelp]") -> Sequence[RegionHelp]:
    return sorted(rows, key=lambda one: (KINDS.index(one.kind), one.name))


def _clean(raw: str, longest: int, name: str) -> str:
    return " ".join(clean_text(raw, longest=longest, field=name, numbers=name in {"telephone", "web"}).split())
