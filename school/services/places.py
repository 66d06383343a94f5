"""A school's classes and a college's programmes, as their coordinator keeps them; counts, never who."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import Badge, Institution, InstitutionIdentifier, Membership, Programme, Role, SchoolClass, User
from accounts.refusals import NotHere, Refusal
from passport.texts import clean_text
from school.models import OfficeEvent
from school.services.office import get_place_or_404, get_school_or_404, has_classes, record
from school.services.staff import staff_of
from school.services.years import leavers, year_of


@dataclass(slots=True)
class ClassRow:
    """A class with how many are in it today or on its first day, how many have a card, and who is its mentor."""

    school_class: SchoolClass
    students: int = 0
    cards: int = 0
    mentors: list[str] = field(default_factory=list)


def classes_of(place: Institution) -> list[ClassRow]:
    """The classes of this school year and later, and older ones where students still are."""
    today = timezone.localdate()
    rows: dict[UUID | None, ClassRow] = {one.pk: ClassRow(one) for one in place.classes.order_by("school_year", "name")}
    members = Membership.objects.filter(school_class__in=rows, user__is_active=True).exclude(ends_on__lt=today)
    carded = set(Badge.objects.filter(student__user__memberships__in=members).values_list("student__user", flat=True))
    for member in members.select_related("user").order_by("user__staff_name"):
        row = rows[member.school_class_id]
        if member.role == Role.STUDENT:
            row.students += 1
            row.cards += member.user_id in carded
        elif member.role == Role.MENTOR:
            row.mentors.append(member.user.staff_name)
    return [row for row in rows.values() if row.school_class.school_year >= year_of() or row.students]


def counts_of(place: Institution) -> dict[str, int]:
    """What stands on the start page of a coordinator."""
    if not has_classes(place):
        return {"programmes": place.programmes.count(), "staff": staff_of(place).values("user").distinct().count()}
    here = Membership.objects.current().filter(school_class__institution=place, user__is_active=True)
    students = here.filter(role=Role.STUDENT)
    return {
        "students": students.values("user").distinct().count(),
        "classes": students.values("school_class").distinct().count(),
        "without_card": students.filter(user__student__badge=None).values("user").distinct().count(),
        "without_mentor": students.exclude(
            school_class__in=here.filter(role=Role.MENTOR).values("school_class")
        ).values("school_class").distinct().count(),
        "leavers": leavers(place),
        "staff": staff_of(place).values("user").distinct().count(),
    }  # fmt: skip


@transaction.atomic
def make_class(*, place: Institution, name: str, school_year: str, by: User) -> SchoolClass:
    """Makes a class. Raises NotHere; Refusal when there is one of that name in that year."""
    get_school_or_404(place.pk, by)
    Institution.objects.select_for_update(no_key=True).get(pk=place.pk)
    name = " ".join(clean_text(name, longest=40, field="name").split())
    if SchoolClass.objects.filter(institution=place, name__iexact=name, school_year=school_year).exists():
        raise Refusal("class_exists", "Deze klas is er al.", status=409, field="name")
    made = SchoolClass.objects.create(institution=place, name=name, school_year=school_year)
    record(place, OfficeEvent.What.CLASS_MADE, by=by, detail=f"{name}, {school_year}")
    return made


def has_fixed_name(place: Institution) -> bool:
    """Whether its name is that of a register: a school must not be able to pose as a college."""
    kinds = InstitutionIdentifier.Kind
    return place.identifiers.filter(kind__in=[kinds.BRIN, kinds.BRIN6, kinds.RIO]).exists()


@transaction.atomic
def change_place(*, place: Institution, name: str, town: str, by: User) -> Institution:
    """Corrects the name and the town of one's own place. Raises NotHere; Refusal for a name that a register gave."""
    place = get_place_or_404(place.pk, by)
    if name.strip() != place.name and has_fixed_name(place):
        raise Refusal("fixed_name", "Deze naam staat in het register van scholen en blijft zo.", field="name")
    place.name = clean_text(name, longest=160, field="name")
    place.place = clean_text(town, longest=80, field="place")
    place.save(update_fields=["name", "place"])
    record(place, OfficeEvent.What.PLACE_CHANGED, by=by, detail=f"{place.name}, {place.place}")
    return place


def programmes_of(place: Institution) -> list[Programme]:
    return list(place.programmes.order_by("name", "level"))


def get_programme_or_404(place: Institution, programme_id: UUID) -> Programme:
    found = place.programmes.filter(pk=programme_id).first()
    if found is None:
        raise NotHere()
    return found


@transaction.atomic
def save_programme(*, place: Institution, programme: Programme, by: User) -> Programme:
    """Makes or corrects a programme of one's own place. Raises NotHere; Refusal for an mbo programme at no college."""
    place = get_place_or_404(place.pk, by)
    is_new = programme._state.adding
    if not is_new and programme.institution_id != place.pk:
        raise NotHere()
    if programme.kind == Programme.Kind.MBO and place.kind != Institution.Kind.MBO:
        raise Refusal("no_college", "Een mbo-opleiding hoort bij een mbo. Kies een andere soort.", field="kind")
    for name, longest in (("name", 160), ("code", 32), ("place", 80)):
        clean_text(getattr(programme, name), longest=longest, field=name)
    programme.institution = place
    programme.save()
    what = OfficeEvent.What.PROGRAMME_MADE if is_new else OfficeEvent.What.PROGRAMME_CHANGED
    record(place, what, by=by, detail=f"{programme.label} ({programme.code})")
    return programme
