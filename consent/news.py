"""For whom there is something new, many readers at once: for the daily mail, which never says what (contract, rule 9).

The shares are those of `consent/access.py:open_shares`, by the same facts; a test compares the two for everybody. It
opens nothing: whoever comes to read goes through the door.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Role, Tie
from consent import facts
from consent.facts import Standing
from consent.ledger import Event
from consent.models import LedgerEntry, Share
from consent.purposes import OUTSIDE_SCHOOL
from consent.services import shares_that_wait, whose_yes, with_authority

Newest = dict[UUID, datetime]


def newest_shares(since: datetime) -> Newest:
    """Per reader when a share they can open today was last released, as far as that was after `since`: five queries."""
    on = timezone.localdate()
    here = Membership.objects.current(on)
    pupils = "student__user__memberships"
    mentor = {f"{pupils}__role": Role.STUDENT, f"{pupils}__school_class": OuterRef("school_class")}
    counsellor = {f"{pupils}__role": Role.STUDENT, f"{pupils}__school_class__institution": OuterRef("institution")}
    nets: list[tuple[QuerySet[Any], str, Q]] = [
        (here.filter(programme__isnull=False), "user", Q(programme=OuterRef("programme"))),
        (here.filter(institution__isnull=False), "user", Q(institution=OuterRef("institution"))),
        (here.filter(school_class__isnull=False), "user", Q(institution=OuterRef("school_class__institution"))),
        (here.filter(role=Role.MENTOR, school_class__isnull=False), "user", Q(warm_transfer=True, **mentor)),
        (here.filter(role=Role.COUNSELLOR, institution__isnull=False), "user", Q(warm_transfer=True, **counsellor)),
        (Tie.objects.current(on).filter(confirmed_at__isnull=False), "person", Q(tie=OuterRef("pk"))),
    ]
    return _newest(pair for net in nets for pair in _of_net(*net, since, on))


def newest_asks(since: datetime) -> Newest:
    """Per guardian when a student last asked them for something that still waits for their yes, after `since`.

    Whose yes counts is asked as for one person (`consent/services/approving.py`): by the student's age today.
    """
    waiting = shares_that_wait().filter(recipient_kind__in=OUTSIDE_SCHOOL, valid_until__gte=timezone.localdate())
    waiting = waiting.filter(student__frozen_at=None, student__user__is_active=True)
    asked = LedgerEntry.objects.filter(event__in=[Event.ASSENTED, Event.REQUESTED], at__gt=since)
    at = dict(asked.values("share_id").annotate(last=Max("at")).values_list("share_id", "last"))
    shares = [share for share in waiting if share.pk in at]
    if not shares:
        return {}
    keys = vault.open_keys({share.student_id for share in shares})
    ties = with_authority(Tie.objects.current()).filter(student__in=list(keys), person__student=None)
    people: dict[tuple[UUID, str], list[UUID]] = {}
    for student_id, kind, person_id in ties.values_list("student", "kind", "person"):
        people.setdefault((student_id, kind), []).append(person_id)
    return _newest(
        (person_id, at[share.pk])
        for share in shares
        if share.student_id in keys
        for person_id in people.get((share.student_id, str(whose_yes(share.student, keys[share.student_id]))), ())
    )


def _of_net(rows: QuerySet[Any], person: str, net: Q, since: datetime, on: date) -> Iterable[tuple[UUID, datetime]]:
    """The newest share of every row that finds one; who is a student too hears of it as a student."""
    found = _open_to(OuterRef(person), net, since, on).order_by("-released_at").values("released_at")[:1]
    rows = rows.filter(**{f"{person}__student": None}).annotate(newest=Subquery(found)).exclude(newest=None)
    return rows.values_list(person, "newest")


def _open_to(by: OuterRef, net: Q, since: datetime, on: date) -> QuerySet[Share]:
    """The conditions of `open_shares`, for the reader of the row around it."""
    shares: QuerySet[Any] = Share.objects.live(on).filter(net, released_at__gt=since)
    shares = shares.filter(Exists(facts.door("pk")), student__frozen_at=None, student__user__is_active=True)
    shares = shares.filter(facts.fitting()).annotate(
        standing=facts.standing(by, on, ""),
        refused=Exists(facts.said("pk", False)),
        agreed=Exists(facts.said("pk", True)),
    )
    return shares.filter(standing=Standing.CURRENT).filter(Q(approval_required=False) | Q(agreed=True, refused=False))


def _newest(pairs: Iterable[tuple[UUID, datetime]]) -> Newest:
    found: Newest = {}
    for person_id, at in pairs:
        found[person_id] = max(at, found.get(person_id, at))
    return found
