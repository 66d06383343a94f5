"""The demo student who started: first day, the first moment told, who hears it, and a sign to the coach."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Role, SchoolClass, User
from intake.demo.content import load, school_year_start
from intake.demo.places import Places
from intake.models import Case, FirstDay, FollowUp, FollowUpGrant
from intake.services import first_day, follow_ups, hearing, placements, signals
from intake.services.first_day import Page
from intake.services.follow_ups import Answers

Kind = FollowUpGrant.Kind


def make_after(places: Places, users: Mapping[str, User]) -> None:
    """Makes what is missing; what somebody changed in the demo meanwhile stays."""
    said, student = load("after"), users["student.placed"].student
    _school_of_before(places, student.user, said["class"])
    case = placements.newest_case(student)
    if case is None or FirstDay.objects.filter(case=case).exists():
        return
    start = timezone.localdate() - timedelta(days=said["days_ago"])
    mentor, key = users["mentor.college"], vault.open_key(student.pk)
    contact = {"contact": mentor.staff_name, "telephone": mentor.staff_telephone}
    first_day.write_page(case_id=case.pk, by=mentor, page=Page(day=start, **said["first_day"], **contact))
    follow_ups.answer(case_id=case.pk, by=student.user, moment="w2", answers=Answers.of(said["w2"]))
    FollowUp.objects.filter(case=case).update(at=timezone.now() - timedelta(days=said["days_ago"] - 15))
    school = places.institutions["vso1"]
    for kind, listener in ((Kind.COLLEGE, None), (Kind.SCHOOL, school.pk)):
        hearing.let_hear(student=student, key=key, kind=kind, listener=listener, by=student.user)
    signals.send(student=student, coaches=[users["coach.one"].pk], by=student.user)
    Case.objects.filter(pk=case.pk).update(starts_on=start)


def _school_of_before(places: Places, user: User, name: str) -> None:
    """Where this student was in class until last summer."""
    start = school_year_start()
    year = f"{start.year - 1}-{start.year}"
    vso = places.institutions["vso1"]
    school_class, _ = SchoolClass.objects.get_or_create(institution=vso, name=name, school_year=year)
    Membership.objects.get_or_create(
        user=user,
        role=Role.STUDENT,
        school_class=school_class,
        defaults={"starts_on": start.replace(year=start.year - 1), "ends_on": start - timedelta(days=1)},
    )
