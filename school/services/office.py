"""What a coordinator may run: their own school or college, today. And the log of what they did there."""

import logging
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Institution, Membership, Role, SchoolClass, User
from accounts.refusals import NotHere
from school.models import OfficeEvent

log = logging.getLogger("paspoort.office")


def places_of(by: User) -> QuerySet[Institution]:
    """The schools and colleges somebody is coordinator of today."""
    mine = Membership.objects.current().filter(user=by, role=Role.COORDINATOR, institution__isnull=False)
    return Institution.objects.filter(pk__in=mine.values("institution")).select_related("region").order_by("name")


def runs(place: Institution, by: User) -> bool:
    """Whether somebody is coordinator of this place today."""
    return places_of(by).filter(pk=place.pk).exists()


def get_place_or_404(place_id: UUID, by: User) -> Institution:
    """A school or college for its own coordinator. Raises NotHere for everybody else."""
    place = places_of(by).filter(pk=place_id).first()
    if place is None:
        raise NotHere()
    return place


def get_school_or_404(place_id: UUID, by: User) -> Institution:
    """The same for a place with classes: anything but a college."""
    place = get_place_or_404(place_id, by)
    if not has_classes(place):
        raise NotHere()
    return place


def has_classes(place: Institution) -> bool:
    return place.kind not in {Institution.Kind.MBO, Institution.Kind.EMPLOYER}


def get_class_or_404(class_id: UUID, by: User) -> SchoolClass:
    """A class for the coordinator of its school, or for its own mentor today. Raises NotHere."""
    row = SchoolClass.objects.filter(pk=class_id).select_related("institution").first()
    mine = Membership.objects.current().filter(user=by)
    if row is None:
        raise NotHere()
    mentors = mine.filter(role=Role.MENTOR, school_class=row)
    if not mentors.exists() and not mine.filter(role=Role.COORDINATOR, institution=row.institution_id).exists():
        raise NotHere()
    return row


def record(
    place: Institution, what: OfficeEvent.What, *, by: User | None, person: User | None = None, detail: str = ""
) -> None:
    """Writes down who did what, in the transaction that does it. `person` is staff, never a student.

    `by` is None for a list of DUO alone: a command, behind which nobody is logged in.
    """
    OfficeEvent.objects.create(institution=place, what=what, by=by, person=person, detail=detail[:200])
    log.info(what, extra={"event": "office"})


def events_of(place: Institution) -> QuerySet[OfficeEvent]:
    """The log of a place, newest first."""
    return OfficeEvent.objects.filter(institution=place).select_related("by", "person").order_by("-at", "-pk")
