"""With whom a student can share, and how that recipient is called on the screen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from accounts import vault
from accounts.identity import guardian_name, identity_of
from accounts.models import Guardian, Institution, Membership, Programme, Role, SchoolClass, Student, Tie, User
from accounts.services import class_of, school_team, staff_places
from consent import links
from consent.links import LinkTo
from consent.models import PERSON_KINDS, RecipientKind, Share

MOST_FOUND = 200
GONE = "Iemand van vroeger"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient as a student sees it: never only a name, always also the place and, for a team, who is in it."""

    kind: str
    id: UUID
    code: str
    label: str
    institution: str
    people: tuple[str, ...] = ()
    email: str = field(default="", repr=False)

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
    return recipients_of([share])[share.pk]


def recipients_of(shares: Iterable[Share]) -> dict[UUID, Recipient]:
    """The recipients of many shares, by share; the queries grow only with the number of students."""
    shares = list(shares)
    people = _mentors(share.programme_id for share in shares if share.recipient_kind == RecipientKind.COLLEGE_TEAM)
    persons = [share for share in shares if share.person_id]
    ties = Tie.objects.filter(
        student__in={share.student_id for share in persons}, person__in={share.person_id for share in persons}
    )
    known: dict[tuple[UUID, UUID | None, str], Recipient] = {
        (tie.student_id, tie.person_id, tie.kind): one for tie, one in _of_ties(ties.order_by("starts_on", "pk"))
    }
    linked = links.opened_of(share.pk for share in shares if share.recipient_kind == RecipientKind.LINK)
    school = cache(lambda student_id, institution_id: _school(students[student_id], schools[institution_id]))
    students = {share.student_id: share.student for share in shares if share.institution_id}
    schools = {share.institution_id: share.institution for share in shares if share.institution}
    found = {}
    for share in shares:
        gone = Recipient(share.recipient_kind, share.pk, "", gettext(GONE), "")
        if share.recipient_kind == RecipientKind.PROGRAMME and share.programme:
            found[share.pk] = of_programme(share.programme)
        elif share.recipient_kind == RecipientKind.COLLEGE_TEAM and share.programme:
            found[share.pk] = _team(share.programme, people.get(share.programme.pk, ()))
        elif share.recipient_kind == RecipientKind.SCHOOL_TEAM and share.institution:
            found[share.pk] = school(share.student_id, share.institution_id)
        elif share.pk in linked:
            found[share.pk] = of_link(share.pk, linked[share.pk].to)
        else:
            found[share.pk] = known.get((share.student_id, share.person_id, share.recipient_kind), gone)
    return found


def names_of(users: Iterable[User]) -> dict[UUID, str]:
    """What others call these people on a screen: staff by their name, the others by the name only their key opens.

    A name whose key was destroyed is empty.
    """
    staff = {user.pk: user.staff_name for user in users}
    opened = _opened_names(pk for pk, name in staff.items() if not name)
    return {pk: name or opened.get(pk, "") for pk, name in staff.items()}


def of_programme(programme: Programme) -> Recipient:
    return Recipient(RecipientKind.PROGRAMME, programme.pk, programme.code, programme.label, programme.institution.name)


def of_link(share_id: UUID, to: LinkTo) -> Recipient:
    """Who holds a link, as the student named them; a link has no other id than that of its share."""
    return Recipient(RecipientKind.LINK, share_id, "", to.label, "", email=to.email)


def _team(programme: Programme, people: tuple[str, ...]) -> Recipient:
    return Recipient(
        RecipientKind.COLLEGE_TEAM,
        programme.pk,
        programme.code,
        gettext("Mentoren van %(programme)s") % {"programme": programme.name},
        programme.institution.name,
        people,
    )


def _college_teams(placed: Iterable[UUID]) -> list[Recipient]:
    programmes = list(Programme.objects.filter(pk__in=list(placed)).select_related("institution"))
    people = _mentors(one.pk for one in programmes)
    return [_team(one, people.get(one.pk, ())) for one in programmes]


def _mentors(programmes: Iterable[UUID | None]) -> dict[UUID, tuple[str, ...]]:
    """Per programme the names of its mentors today."""
    rows = Membership.objects.current().filter(role=Role.MENTOR, programme__in=set(programmes), user__is_active=True)
    names: dict[UUID, dict[UUID, str]] = {}
    for programme, user, name in rows.order_by("user__staff_name").values_list("programme", "user", "user__staff_name"):
        names.setdefault(programme, {})[user] = name
    return {programme: tuple(people.values()) for programme, people in names.items()}


def _school(student: Student, school: Institution) -> Recipient:
    return _school_of_class(class_of(student), school)


def _school_of_class(school_class: SchoolClass | None, school: Institution) -> Recipient:
    people: tuple[str, ...] = ()
    if school_class and school_class.institution_id == school.pk:
        people = tuple(user.staff_name for user in school_team(school_class))
    return Recipient(RecipientKind.SCHOOL_TEAM, school.pk, "", gettext("Mijn mentor en decaan"), school.name, people)


def _near(student: Student) -> list[Recipient]:
    school_class = class_of(student)
    near = [_school_of_class(school_class, school_class.institution)] if school_class else []
    ties = Tie.objects.current().filter(student=student, confirmed_at__isnull=False, kind__in=PERSON_KINDS)
    return near + [one for _, one in _of_ties(ties.order_by("kind", "label"))]


def _of_ties(ties: QuerySet[Tie]) -> list[tuple[Tie, Recipient]]:
    """Each tie with its recipient: the names open with one query for the keys, the places come in one."""
    rows = list(ties.select_related("person"))
    opened = _opened_names(tie.person_id for tie in rows)
    places = staff_places(tie.person_id for tie in rows)
    found = []
    for tie in rows:
        name = opened.get(tie.person_id) or tie.person.staff_name
        label = f"{name} ({tie.label})" if name and tie.label else name or tie.label or gettext(GONE)
        found.append((tie, Recipient(tie.kind, tie.person_id, "", label, places.get(tie.person_id, ""))))
    return found


def _opened_names(users: Iterable[UUID]) -> dict[UUID, str]:
    """The sealed names of guardians and students among these users; whose key was destroyed is absent."""
    ids = list(users)
    if not ids:
        return {}
    guardians, students = Guardian.objects.filter(user__in=ids), Student.objects.filter(user__in=ids)
    rows: list[Guardian | Student] = [*guardians, *students]
    keys = vault.open_keys([row.pk for row in rows]) if rows else {}
    return {row.user_id: _name(row, keys[row.pk]) for row in rows if row.pk in keys}


def _name(row: Guardian | Student, key: vault.Key) -> str:
    return guardian_name(row, key) if isinstance(row, Guardian) else identity_of(row, key).display_name
