"""Somebody who started: made through the services, for the tests of the time after the start."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Programme, Role, Student, User
from consent.models import Share
from intake.models import Case
from tests import factories


def start(student: Student, programme: Programme, *, days_ago: int = 50) -> Case:
    """The student started at this programme so many days ago; their intake share is live unless it was ended."""
    share = Share.objects.filter(student=student, programme=programme, purpose="intake").first()
    share = share or factories.share_with_programme(student, programme, "me.free_time")
    began = timezone.localdate() - timedelta(days=days_ago)
    Case.objects.filter(share=share).update(
        status=Case.Status.PLACED, starts_on=began, received_at=timezone.now() - timedelta(days=days_ago + 30)
    )
    return Case.objects.get(share=share)


def make_mentor(programme: Programme, name: str = "mevrouw Smit") -> User:
    return factories.make_staff(Role.MENTOR, programme=programme, name=name)


def guide(student: Student, programme: Programme, *units: str) -> Share:
    """The student shares with the mentors of the programme."""
    return factories.share(student, "college_team", programme.pk, *(units or ("need.support.quiet",)))


def make_coach(student: Student, name: str = "coach Bo", **share: Any) -> User:
    coach = factories.make_user(staff_name=name)
    factories.make_tie(student, coach, "coach")
    return coach
