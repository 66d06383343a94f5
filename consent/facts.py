"""The facts of the decision as SQL: one reader, one day, any share. Used by consent/access.py and its twin alone."""

from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Membership, Role, Student, Tie, User
from consent import purposes
from consent.models import Approval, RecipientKind, Share, ShareGroupObjectPermission, ShareQuerySet

# With a warm transfer the school team of the student reads these shares too; nobody else's.
WARM_KINDS = (RecipientKind.PROGRAMME, RecipientKind.COLLEGE_TEAM)


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
    """The guardians' yeses, or noes, to a share; a no to what only waited (release 0) is not about the share."""
    return Approval.objects.filter(share=OuterRef(share), yes=yes, release__gt=0)


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
    pupils = Membership.objects.filter(role=Role.STUDENT).filter(
        Q(school_class__in=mine.filter(role=Role.MENTOR).values("school_class"))
        | Q(school_class__institution__in=mine.filter(role=Role.COUNSELLOR).values("institution"))
    )
    students = Student.objects.filter(user__in=pupils.values("user"))
    shares: ShareQuerySet = Share.objects.filter(
        Q(programme__in=mine.filter(programme__isnull=False).values("programme"))
        | Q(person=by)
        | Q(institution__in=schools.values("institution"))
        | Q(institution__in=schools.values("school_class__institution"))
        | Q(student__in=students.values("pk"), warm_transfer=True)
    )
    return shares


def standing(by: User, on: date, share: str, *, warm: bool = True) -> Case:
    """SQL for the reader's place in the recipient of a share: current, future, ended or NULL.

    `warm`: the school team of the student today stands beside the recipient of a warm transfer.
    """
    ref = lambda name: OuterRef(f"{share}{name}")  # noqa: E731
    mine = Membership.objects.filter(user=by)
    staff = Q(programme=ref("programme"))
    intaker, college = staff & Q(role=Role.INTAKER), staff & Q(role=Role.MENTOR)
    pupil = Membership.objects.current(on).filter(
        user=OuterRef(ref("student__user")), role=Role.STUDENT, school_class__isnull=False
    )
    here = pupil.filter(school_class__institution=OuterRef(ref("institution")))
    school = _team(here, institution=ref("institution"))
    beside = _team(pupil, institution__in=pupil.values("school_class__institution"))
    tie = Tie.objects.filter(
        person=by,
        student=ref("student"),
        kind=ref("recipient_kind"),
        confirmed_at__isnull=False,
        person_id=ref("person"),
    )
    kind, is_warm = f"{share}recipient_kind", {f"{share}warm_transfer": True}
    whens = [
        When(**{kind: RecipientKind.PROGRAMME}, then=_dated(mine.filter(intaker), on)),
        When(**{kind: RecipientKind.COLLEGE_TEAM}, then=_dated(mine.filter(college), on)),
        When(**{kind: RecipientKind.SCHOOL_TEAM}, then=_dated(mine.filter(school), on)),
    ]
    if warm:
        warmer = {RecipientKind.PROGRAMME: intaker | beside, RecipientKind.COLLEGE_TEAM: college | beside}
        whens = [
            *(When(**{kind: one}, **is_warm, then=_dated(mine.filter(who), on)) for one, who in warmer.items()),
            *whens,
        ]
    return Case(*whens, default=_dated(tie, on), output_field=CharField())


def _team(pupil: QuerySet[Membership], **school: Any) -> Q:
    """The mentors of the pupil's class and the counsellors of that school, while the pupil is there."""
    return Q(role=Role.MENTOR, school_class__in=pupil.values("school_class")) | Q(
        Exists(pupil), role=Role.COUNSELLOR, **school
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
