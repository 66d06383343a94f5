"""Where somebody has a role today, in one statement: what the links on their pages are decided with."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest

from accounts.models import Membership, Programme, SchoolClass, User

KEPT = "_places_today"


@dataclass(frozen=True, slots=True)
class Place:
    """One current membership: a role at one institution, class, programme or region."""

    role: str
    institution_id: UUID | None
    kind: str | None
    school_class_id: UUID | None
    programme_id: UUID | None
    region_id: UUID | None
    has_classes: bool
    has_programmes: bool


def places_today(by: User) -> list[Place]:
    """Every role this user has by a membership today; a link that is shown by it opens nothing by itself."""
    of_place = {"institution": OuterRef("institution")}
    rows = Membership.objects.current().filter(user=by)
    rows = rows.annotate(
        kind=F("institution__kind"),
        has_classes=Exists(SchoolClass.objects.filter(**of_place)),
        has_programmes=Exists(Programme.objects.filter(**of_place)),
    )
    return [Place(**row) for row in rows.values(*Place.__slots__)]


def places_in(request: HttpRequest) -> list[Place]:
    """The same for who is logged in, asked once in a request: many tags of one page want it."""
    if not isinstance(request.user, User):
        return []
    found: list[Place] | None = getattr(request, KEPT, None)
    if found is None:
        found = places_today(request.user)
        setattr(request, KEPT, found)
    return found
