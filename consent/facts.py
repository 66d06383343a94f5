"""The facts of the decision as SQL: one reader, one day, any share. Used by consent/access.py and its twin alone."""

from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Membership, Role, Tie, User
from consent import purposes
from consent.models import Approval, RecipientKind, Share, ShareGroupObjectPermission, ShareQuerySet


class Standing(StrEnum):
    """The reader's place in the recipient today."""

    CURRENT = "current"
    FUTURE = "future"
    ENDED = "ended"
    NONE = "none"


def door(share: str) -> QuerySet[Any]:
    """The permission row of a share; `share` names the share in the outer query."""
    return ShareGroupObjectPermission.objects.filter(
        content_object=OuterRef(share), permission__codename="open_dossier"
    )


def said(share: str, yes: bool) -> QuerySet[Approval]:
    """The guardians' yeses, or noes, to a share."""
    return Approval.objects.filter(share=OuterRef(share), yes=yes)


def fitting() -> Q:
    """Shares whose purpose belongs to their kind of recipient."""
    pairs = Q(pk__in=[])
    for purpose, rule in purposes.RULES.items():
        pairs |= Q(purpose=purpose, recipient_kind=rule.recipient)
    return pairs


def candidates(by: User) -> ShareQuerySet:
    """A wide net the indexes can cast; `standing` decides."""
    mine = Membership.objects.filter(user=by)
    schools = mine.filter(Q(institution__isnull=False) | Q(school_class__isnull=False))
    shares: ShareQuerySet = Share.objects.filter(
        Q(programme__in=mine.filter(programme__isnull=False).values("programme"))
        | Q(person=by)
        | Q(institution__in=schools.values("institution"))
        | Q(institution__in=schools.values("school_class__institution"))
    )
    return shares


def standing(by: User, on: date, share: str) -> Case:
    """SQL for the reader's place in the recipient of a share: current, future, ended or NULL."""
    ref = lambda name: OuterRef(f"{share}{name}")  # noqa: E731
    mine = Membership.objects.filter(user=by)
    intaker = mine.filter(role=Role.INTAKER, programme=ref("programme"))
    college = mine.filter(role=Role.MENTOR, programme=ref("programme"))
    in_class = Membership.objects.current(on).filter(
        user=OuterRef(ref("student__user")),
        role=Role.STUDENT,
        school_class__institution=OuterRef(ref("institution")),
    )
    school = mine.filter(
        Q(role=Role.MENTOR, school_class__in=in_class.values("school_class"))
        | Q(Exists(in_class), role=Role.COUNSELLOR, institution=ref("institution"))
    )
    tie = Tie.objects.filter(
        person=by,
        student=ref("student"),
        kind=ref("recipient_kind"),
        confirmed_at__isnull=False,
        person_id=ref("person"),
    )
    kind = f"{share}recipient_kind"
    return Case(
        When(**{kind: RecipientKind.PROGRAMME}, then=_dated(intaker, on)),
        When(**{kind: RecipientKind.COLLEGE_TEAM}, then=_dated(college, on)),
        When(**{kind: RecipientKind.SCHOOL_TEAM}, then=_dated(school, on)),
        default=_dated(tie, on),
        output_field=CharField(),
    )


def _dated(rows: Any, on: date) -> Subquery:
    """The best of somebody's dated rows: one that holds today before any other."""
    state = Case(
        When(ends_on__lt=on, then=Value(Standing.ENDED.value)),
        When(starts_on__gt=on, then=Value(Standing.FUTURE.value)),
        default=Value(Standing.CURRENT.value),
        output_field=CharField(),
    )
    # "current" sorts before "ended" and "future".
    return Subquery(rows.annotate(dated=state).order_by(F("dated")).values("dated")[:1])
