"""Who reads along since a student began to share with their mentor and counsellor (contract, Roles)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership, Role, SchoolClass, Student
from accounts.services import class_of, school_team
from consent.models import RecipientKind, Share
from school.models import OfficeEvent

SHOWN = timedelta(days=14)
READS = Q(detail__startswith=Role.MENTOR.label) | Q(detail__startswith=Role.COUNSELLOR.label)
ADDED = [OfficeEvent.What.INVITED, OfficeEvent.What.ADDED]


def new_readers(student: Student) -> list[str]:
    """The names of who joined the school team in the last two weeks, after this student shared with it.

    A first day may lie in the past: then the day it was written down counts. Opens nothing of a passport.
    """
    now = class_of(student)
    if now is None:
        return []
    live = Share.objects.live().filter(recipient_kind=RecipientKind.SCHOOL_TEAM, institution=now.institution_id)
    given = live.filter(student=student).order_by("created_at").values_list("created_at", flat=True).first()
    if given is None:
        return []
    team = {user.pk: user.staff_name for user in school_team(now)}
    fresh = _begun(team, now, given) - _at_first(student, given) | _written_down(team, now, given)
    return [name for pk, name in team.items() if pk in fresh]


def _begun(team: dict[UUID, str], now: SchoolClass, given: datetime) -> set[UUID]:
    """Whose role began in the last two weeks, after the share."""
    since = max(timezone.localdate() - SHOWN, timezone.localdate(given) + timedelta(days=1))
    here = Q(role=Role.MENTOR, school_class=now) | Q(role=Role.COUNSELLOR, institution=now.institution_id)
    rows = Membership.objects.current().filter(here, user__in=team, starts_on__gte=since)
    return set(rows.values_list("user_id", flat=True))


def _at_first(student: Student, given: datetime) -> set[UUID]:
    """Who was in the team already when it was shared: a mentor who goes along to the next class is not new."""
    then = class_of(student, timezone.localdate(given))
    return {user.pk for user in school_team(then, timezone.localdate(given))} if then else set()


def _written_down(team: dict[UUID, str], now: SchoolClass, given: datetime) -> set[UUID]:
    """Who was given a reading role in the last two weeks, after the share, whatever first day it was given."""
    since = max(timezone.now() - SHOWN, given)
    rows = OfficeEvent.objects.filter(READS, institution=now.institution_id, what__in=ADDED, at__gt=since)
    return set(rows.filter(person__in=team).values_list("person_id", flat=True))
