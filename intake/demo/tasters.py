"""The demo's days to look around: one that comes, one full of names, and one that was, with somebody to call."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from intake.demo.content import load
from intake.demo.places import Places
from intake.models import TasterDay, TasterSignUp


def make_taster_days(places: Places, users: Mapping[str, User]) -> None:
    """Makes the days once; what somebody changed in the demo meanwhile stays."""
    if TasterDay.objects.exists():
        return
    for row in load("tasters"):
        moment = timezone.localdate() + timedelta(days=row["in_days"])
        starts, ends = (
            timezone.make_aware(datetime.combine(moment, time.fromisoformat(row[at]))) for at in ("starts", "ends")
        )
        day = TasterDay.objects.create(
            institution=places.institutions[row["of"]],
            put_up_by=users[row["by"]],
            starts_at=starts,
            ends_at=ends,
            **row["day"],
        )
        for username, said in row["names"].items():
            TasterSignUp.objects.create(day=day, student=users[username].student, decided_at=timezone.now(), **said)
