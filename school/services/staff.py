"""Staff of a school or college: who has which role there, from which day until which, kept by its coordinator.

A role is a dated membership and nothing else. A substitute is a mentor whose first and last day are that day. Who gets
a role reads nothing by it: that takes a student's share (contract, rule 1).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import staff_links
from accounts.models import Institution, Membership, Programme, Role, SchoolClass, User
from accounts.refusals import NotHere, Refusal
from passport.texts import clean_text
from school.models import OfficeEvent
from school.services.office import get_place_or_404, has_classes, record

OF_PLACE = (Role.COUNSELLOR, Role.CARE, Role.COACH, Role.COORDINATOR)
# A buddy goes along on a day (intake/services/taster_buddies.py).
OF_COLLEGE = (Role.COORDINATOR, Role.COACH, Role.BUDDY)
OF_PROGRAMME = (Role.MENTOR, Role.INTAKER)
LONGEST_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Post:
    """A role at one place: what a coordinator can give. `code` is how a form names it."""

    code: str
    label: str
    role: Role
    place: Mapping[str, Institution | SchoolClass | Programme]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who is invited, as typed. An account that is there already keeps its own name."""

    email: str
    name: str
    function: str = ""
    telephone: str = ""


def posts_of(place: Institution) -> list[Post]:
    """Every role that can be given at a place: of the place itself, of its classes, of its programmes."""
    whole = OF_PLACE if has_classes(place) else OF_COLLEGE
    found = [Post(f"{role}:{place.pk}", str(role.label), role, {"institution": place}) for role in whole]
    if has_classes(place):
        for one in place.classes.order_by("-school_year", "name"):
            label = f"Mentor van {one.name} ({one.school_year})"
            found.append(Post(f"{Role.MENTOR}:{one.pk}", label, Role.MENTOR, {"school_class": one}))
    for each in place.programmes.order_by("name", "level"):
        for role in OF_PROGRAMME:
            found.append(Post(f"{role}:{each.pk}", f"{role.label} van {each.label}", role, {"programme": each}))
    return found


def give_post(
    *, place: Institution, code: str, person: NewPerson, starts_on: date, ends_on: date | None, by: User
) -> Membership:
    """Gives somebody a role from a day until a day, and mails who has no account yet a link to make one.

    An address that is of a student or a parent gets an account for work beside it: a role never comes to a log-in from
    home. Nobody gives themselves a role that can read. Raises NotHere, Refusal.
    """
    get_place_or_404(place.pk, by)
    person = _cleaned(person)
    post = next((one for one in posts_of(place) if one.code == code), None)
    if post is None:
        raise Refusal("no_post", "Kies een rol.", field="post")
    _check_days(starts_on, ends_on)
    with transaction.atomic():
        Institution.objects.select_for_update(no_key=True).get(pk=place.pk)
        user = _colleague(person.email)
        if post.role != Role.COORDINATOR and _is_same(by, user, person.email):
            raise Refusal("own_role", "U kunt uzelf deze rol niet geven. Vraag een collega.", field="post")
        if user and _has(user, post, starts_on, ends_on):
            raise Refusal("has_post", "Deze persoon heeft deze rol dan al.", status=409, field="post")
        made = user is None
        user = user or _make_colleague(person)
        row = Membership.objects.create(
            user=user, role=post.role, starts_on=starts_on, ends_on=ends_on, **post.place
        )  # fmt: skip
        detail = f"{post.label}, {in_words(starts_on, ends_on)}"
        what = OfficeEvent.What.INVITED if made else OfficeEvent.What.ADDED
        record(place, what, by=by, person=user, detail=detail)
        if not user.has_usable_password():
            transaction.on_commit(lambda: staff_links.invite(user), robust=True)
    return row


def end_post(*, place: Institution, membership_id: UUID, ends_on: date, by: User) -> Membership:
    """Lets a role end on a day; the last day counts. One that has not begun goes. Raises NotHere, Refusal."""
    get_place_or_404(place.pk, by)
    with transaction.atomic():
        row: Membership | None = _of_place(place).select_for_update(of=("self",)).filter(pk=membership_id).first()
        if row is None:
            raise NotHere()
        if row.role == Role.COORDINATOR and row.user_id == by.pk:
            raise Refusal("own_role", "U kunt uw eigen rol niet laten eindigen. Vraag een collega.", field="ends_on")
        detail = f"{label_of(row)}, {in_words(row.starts_on, ends_on)}"
        if ends_on < row.starts_on:
            if row.starts_on <= timezone.localdate():
                raise Refusal("too_early", "De laatste dag is vóór de eerste.", field="ends_on")
            row.delete()
        else:
            row.ends_on = ends_on
            row.save(update_fields=["ends_on"])
        record(place, OfficeEvent.What.ENDED, by=by, person=row.user, detail=detail)
    return row


def staff_of(place: Institution, *, past: bool = False) -> QuerySet[Membership]:
    """Who has a role here today or later; with `past` who had one."""
    today = timezone.localdate()
    over = Q(ends_on__lt=today)
    rows = _of_place(place).filter(over if past else ~over | Q(ends_on__isnull=True))
    return rows.order_by("user__staff_name", "role", "starts_on")


def get_post_or_404(place: Institution, membership_id: UUID) -> Membership:
    """A role at this place that somebody of its staff has. Raises NotHere."""
    row: Membership | None = _of_place(place).filter(pk=membership_id).first()
    if row is None:
        raise NotHere()
    return row


def label_of(row: Membership) -> str:
    """A role as people say it: «Mentor van Klas A»."""
    part = row.school_class or row.programme
    role = str(row.get_role_display())
    return f"{role} van {part.name}" if part else role


def in_words(starts_on: date, ends_on: date | None) -> str:
    first = f"{starts_on.day}-{starts_on.month}-{starts_on.year}"
    return f"vanaf {first}" + (f" tot en met {ends_on.day}-{ends_on.month}-{ends_on.year}" if ends_on else "")


def send_again(*, place: Institution, membership_id: UUID, by: User) -> bool:
    """The same mail once more, for who never chose a password; False when they did. Raises NotHere."""
    get_place_or_404(place.pk, by)
    row = get_post_or_404(place, membership_id)
    if row.user.has_usable_password():
        return False
    transaction.on_commit(lambda: staff_links.invite(row.user), robust=True)
    return True


# --- The parts ---------------------------------------------------------------------------------------------


def _of_place(place: Institution) -> QuerySet[Membership]:
    """The roles of staff at this place; never a student's."""
    here = Q(institution=place) | Q(school_class__institution=place) | Q(programme__institution=place)
    rows: QuerySet[Membership] = Membership.objects.filter(here).exclude(role=Role.STUDENT)
    return rows.select_related("user", "institution", "school_class", "programme")


def _colleague(email: str) -> User | None:
    """The account for work with this address; never a student's, and never one from home."""
    rows = User.objects.filter(email__iexact=email.strip(), is_active=True, student=None, guardian=None)
    return rows.order_by("date_joined").first()


def _is_same(by: User, user: User | None, email: str) -> bool:
    return user == by or (bool(by.email) and by.email.casefold() == email.strip().casefold())


def _cleaned(person: NewPerson) -> NewPerson:
    """The same person without a BSN in any field (contract, rule 12). Raises Refusal at the field."""
    longest = {"name": 120, "function": 120, "telephone": 32}
    return replace(
        person, **{name: clean_text(getattr(person, name), longest=most, field=name) for name, most in longest.items()}
    )


def _make_colleague(person: NewPerson) -> User:
    address = person.email.strip()
    taken = len(address) > 64 or User.objects.filter(username__iexact=address).exists()
    return User.objects.create_user(
        f"medewerker-{secrets.token_hex(6)}" if taken else address.lower(),
        email=address,
        staff_name=person.name,
        staff_function=person.function,
        staff_telephone=person.telephone,
    )


def _has(user: User, post: Post, starts_on: date, ends_on: date | None) -> bool:
    """Whether somebody has this very role on one of these days already."""
    rows = Membership.objects.filter(user=user, role=post.role, **post.place)
    rows = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on))
    return rows.filter(starts_on__lte=ends_on).exists() if ends_on else rows.exists()


def _check_days(starts_on: date, ends_on: date | None) -> None:
    if ends_on and ends_on < starts_on:
        raise Refusal("days", "De laatste dag is vóór de eerste.", field="ends_on")
    if ends_on and ends_on < timezone.localdate():
        raise Refusal("over", "Die dagen zijn al voorbij.", field="ends_on")
    if starts_on < timezone.localdate() - LONGEST_BACK:
        raise Refusal("too_early", "De eerste dag is hoogstens 31 dagen geleden.", field="starts_on")
    if abs((starts_on - timezone.localdate()).days) > 800:
        raise Refusal("far", "Deze dag is te ver weg.", field="starts_on")
