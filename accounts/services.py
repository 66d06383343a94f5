"""Making people and their places, and what follows from where somebody belongs today."""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts import vault
from accounts.identity import Identity, seal_guardian, seal_identity
from accounts.models import Guardian, Institution, Membership, Role, SchoolClass, Student, Tie, User
from accounts.reading import take_over
from accounts.refusals import NotHere, Refusal
from accounts.together import carry_over, refuse_together

log = logging.getLogger("paspoort.people")
MAY_CHECK_AUTHORITY = {Role.CARE, Role.COORDINATOR}
WITH_AUTHORITY = {Tie.Kind.GUARDIAN, Tie.Kind.REPRESENTATIVE}


def make_student(*, user: User, identity: Identity) -> Student:
    """Gives a user a student's record. The data key is committed first, in its own database."""
    student_id = uuid4()
    key = vault.create_key(student_id)
    return Student.objects.create(pk=student_id, user=user, sealed_identity=seal_identity(key, student_id, identity))


def make_guardian(*, user: User, name: str, key: vault.Key | None = None) -> Guardian:
    """Gives a user a guardian's record, with a data key of their own; in a transaction with a `key` made before it."""
    key = key or vault.create_key(uuid4())
    return Guardian.objects.create(pk=key.owner, user=user, sealed_identity=seal_guardian(key, key.owner, name))


def roles_of(user: User, on: date | None = None) -> list[str]:
    """The roles somebody has on a day, from dated memberships and confirmed ties only (contract, Roles)."""
    roles = set(Membership.objects.current(on).filter(user=user).values_list("role", flat=True))
    roles |= set(Tie.objects.current(on).filter(person=user, confirmed_at__isnull=False).values_list("kind", flat=True))
    if user.is_student:
        roles.add(Role.STUDENT)
    return sorted(str(role) for role in roles)


def places_of(user: User, on: date | None = None) -> set[str]:
    """The ids of the memberships and confirmed ties somebody has on a day: where `roles_of` comes from."""
    places = set(Membership.objects.current(on).filter(user=user).values_list("pk", flat=True))
    places |= set(Tie.objects.current(on).filter(person=user, confirmed_at__isnull=False).values_list("pk", flat=True))
    return {str(place) for place in places}


def class_of(student: Student, on: date | None = None) -> SchoolClass | None:
    """The class a student is in on a day, or None for someone without a school."""
    membership = (
        Membership.objects.current(on)
        .filter(user=student.user_id, role=Role.STUDENT, school_class__isnull=False)
        .select_related("school_class__institution__region")
        .order_by("-starts_on")
        .first()
    )
    return membership.school_class if membership else None


def set_mail_on_look(*, student: Student, on: bool, by: User) -> Student:
    """Turns the mail «Er is gekeken» on or off; only the student does it (contract, rule 11). Raises NotHere."""
    if student.user_id != by.pk:
        raise NotHere()
    refuse_together(student)
    student.mail_on_look = on
    student.save(update_fields=["mail_on_look"])
    return student


def school_of(student: Student, on: date | None = None) -> Institution | None:
    school_class = class_of(student, on)
    return school_class.institution if school_class else None


def school_team(school_class: SchoolClass, on: date | None = None) -> QuerySet[User]:
    """The mentors of a class and the counsellors of its school on a day (contract, Roles)."""
    current = Membership.objects.current(on).filter(
        Q(role=Role.MENTOR, school_class=school_class)
        | Q(role=Role.COUNSELLOR, institution=school_class.institution_id)
    )
    return User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("staff_name")


def care_team(school_id: UUID, on: date | None = None) -> QuerySet[User]:
    """The care coordinators of a school on a day; they read only where a student added them by name."""
    current = Membership.objects.current(on).filter(role=Role.CARE, institution=school_id)
    return User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("staff_name")


def class_mentors(school_class: SchoolClass, on: date | None = None) -> QuerySet[User]:
    """The mentors of a class on a day."""
    current = Membership.objects.current(on).filter(role=Role.MENTOR, school_class=school_class)
    return User.objects.filter(pk__in=current.values("user"), is_active=True).order_by("staff_name")


def staff_places(users: Iterable[UUID]) -> dict[UUID, str]:
    """Per user the name of the school or college where they work today: what a student reads beside a name.

    Who works in more places is named with the newest.
    """
    places: dict[UUID, str] = {}
    rows = (
        Membership.objects.current()
        .filter(user__in=list(users))
        .select_related("institution", "school_class__institution", "programme__institution", "region")
        .order_by("-starts_on", "pk")
    )
    for row in rows:
        place: Any = row.institution or (row.school_class or row.programme or row).institution or row.region
        places.setdefault(row.user_id, place.name if place else "")
    return places


@transaction.atomic
def record_authority(*, student: Student, person: User, by: User) -> Tie:
    """The school's check of authority (gezag): from now on this tie counts for approving (contract, rule 10).

    Only a care coordinator or coordinator of the school the student is at today, and never who asked this person.
    Raises Refusal.
    """
    school = school_of(student)
    checks = Membership.objects.current().filter(user=by, role__in=MAY_CHECK_AUTHORITY, institution=school)
    if school is None or not checks.exists():
        raise Refusal("not_the_school", "Alleen de school van deze student legt dit vast.", status=403)
    ties = Tie.objects.current().filter(student=student, person=person, kind__in=WITH_AUTHORITY)
    tie: Tie | None = ties.filter(confirmed_at__isnull=False).first()
    if tie is None:
        raise Refusal("no_tie", "Deze persoon is niet bevestigd als ouder of vertegenwoordiger.", status=409)
    if tie.invited_by_id == by.pk:
        raise Refusal("asked_them", "U vroeg deze persoon zelf. Laat een collega het gezag nakijken.", status=409)
    tie.authority_checked_at = timezone.now()
    tie.save(update_fields=["authority_checked_at"])
    log.info("authority_recorded", extra={"event": "authority_recorded"})
    return tie


def start_session(request: HttpRequest, user: User) -> None:
    """Marks how long this session may last: a student's device counts as shared until they say otherwise."""
    personal = user.is_student or hasattr(user, "guardian")
    request.session["kind"] = "shared" if personal else "staff"
    request.session["started"] = request.session["seen"] = timezone.now().timestamp()
    take_over(request, user)
    carry_over(request, user)
