"""What a mentor proposes in the demo, and the small goals of its students: through the same services as on a screen."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts import vault
from accounts.models import User
from consent import access
from consent import services as consent
from consent.models import Purpose
from intake.demo.content import load
from passport import goals
from passport.services import open_sheet
from passport.suggestions import all_suggestions


def make_aims(users: Mapping[str, User]) -> None:
    """Makes what is missing; what somebody decided or wrote in the demo meanwhile stays."""
    for username, rows in load("aims")["suggestions"].items():
        _suggestions(users, users[username], rows)
    for username, rows in load("aims")["goals"].items():
        _goals(users[username], rows)


def _suggestions(users: Mapping[str, User], student: User, rows: Sequence[Mapping[str, Any]]) -> None:
    if all_suggestions(student.student.passport, vault.open_key(student.student.pk)):
        return
    for row in rows:
        by = users[row["by"]]
        share = access.open_shares(by).filter(student=student.student, purpose=Purpose.LOB).first()
        if share:
            consent.suggest(share_id=share.pk, unit=row["unit"], value=row["value"], by=by)


def _goals(user: User, rows: Sequence[Mapping[str, Any]]) -> None:
    """What was reached gets its day back: the demo looks as if it was in use for a while."""
    passport, key = user.student.passport, vault.open_key(user.student.pk)
    if goals.goals_of(passport, key) != (None, []):
        return
    today, skills = timezone.localdate(), {one.key: one for one in goals.skills_of(open_sheet(passport, key))}
    for row in rows:
        skill, on = skills[row["skill"]], today + timedelta(days=row.get("days", 0))
        aim = goals.save_goal(passport=passport, key=key, skill=skill, step=row["step"], on=on, by=user)
        if ago := row.get("done_days_ago"):
            done = today - timedelta(days=ago)
            goals.reach_goal(passport=passport, key=key, goal_id=aim.id, by=user, on=done)
