"""With whom a student can share, and how that recipient is called on the screen."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accounts.identity import guardian_name
from accounts.models import Institution, Programme, Student, Tie, User
from accounts.services import class_of, college_team, school_team, staff_places
from consent.models import RecipientKind, Share

MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient as a student sees it: never only a name, always also the place and, for a team, who is in it."""

    kind: str
    id: UUID
    code: str
    label: str
    institution: str
    people: tuple[str, ...] = ()

    def as_json(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "id": str(self.id),
            "code": self.code,
            "label": self.label,
            "institution": self.institution,
        }


def recipients_for(student: Student, *, q: str = "", placed: Iterable[UUID] = ()) -> list[Recipient]:
    """Every recipient a student can choose today; `q` searches label, institution and code.

    `placed` are the programmes the student started with: only their team can be chosen for guidance.
    """
    found = [*_near(student), *_college_teams(placed)]
    if q:
        found = [one for one in found if q.casefold() in f"{one.label} {one.institution} {one.code}".casefold()]
    programmes = Programme.objects.select_related("institution").order_by("institution__name", "name")
    for word in q.split()[:6]:
        programmes = programmes.filter(
            Q(name__icontains=word) | Q(institution__name__icontains=word) | Q(code__icontains=word)
        )
    return found + [of_programme(programme) for programme in programmes[:MOST_FOUND]]


def find_recipient(student: Student, kind: str, recipient_id: UUID, placed: Iterable[UUID] = ()) -> Recipient | None:
    """One recipient this student may choose, or None."""
    if kind == RecipientKind.PROGRAMME:
        programme = Programme.objects.select_related("institution").filter(pk=recipient_id).first()
        return of_programme(programme) if programme else None
    near = [*_near(student), *_college_teams(placed)]
    return next((one for one in near if (one.kind, one.id) == (kind, recipient_id)), None)


def recipient_of(share: Share) -> Recipient:
    """The recipient of a share, also when it can no longer be chosen."""
    if share.recipient_kind == RecipientKind.PROGRAMME and share.programme:
        return of_programme(share.programme)
    if share.recipient_kind == RecipientKind.COLLEGE_TEAM and share.programme:
        return _team(share.programme)
    if share.recipient_kind == RecipientKind.SCHOOL_TEAM and share.institution:
        return _school(share.student, share.institution)
    tie = Tie.objects.filter(student=share.student_id, person=share.person_id, kind=share.recipient_kind).first()
    return _of_tie(tie) if tie else Recipient(share.recipient_kind, share.pk, "", "Iemand van vroeger", "")


def of_programme(programme: Programme) -> Recipient:
    return Recipient(RecipientKind.PROGRAMME, programme.pk, programme.code, programme.label, programme.institution.name)


def _team(programme: Programme) -> Recipient:
    people = tuple(user.staff_name for user in college_team(programme.pk))
    return Recipient(
        RecipientKind.COLLEGE_TEAM,
        programme.pk,
        programme.code,
        f"Mentoren van {programme.name}",
        programme.institution.name,
        people,
    )


def _college_teams(placed: Iterable[UUID]) -> list[Recipient]:
    return [_team(one) for one in Programme.objects.filter(pk__in=list(placed)).select_related("institution")]


def _school(student: Student, school: Institution) -> Recipient:
    school_class = class_of(student)
    people: tuple[str, ...] = ()
    if school_class and school_class.institution_id == school.pk:
        people = tuple(user.staff_name for user in school_team(school_class))
    return Recipient(RecipientKind.SCHOOL_TEAM, school.pk, "", "Mijn mentor en decaan", school.name, people)


def _near(student: Student) -> list[Recipient]:
    school_class = class_of(student)
    near = [_school(student, school_class.institution)] if school_class else []
    ties = Tie.objects.current().filter(student=student, confirmed_at__isnull=False).select_related("person")
    kinds = (RecipientKind.GUARDIAN, RecipientKind.COACH, RecipientKind.BUDDY)
    return near + [_of_tie(tie) for tie in ties.filter(kind__in=kinds).order_by("kind", "label")]


def _of_tie(tie: Tie) -> Recipient:
    person: User = tie.person
    name = guardian_name(person.guardian) if hasattr(person, "guardian") else person.staff_name
    place = staff_places([person.pk]).get(person.pk, "")
    return Recipient(tie.kind, person.pk, "", f"{name} ({tie.label})" if tie.label else name, place)
