"""The facts of the decision as SQL: one reader, one day, any share. Used by consent/access.py and its twin alone."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import Membership, Role, Student, Tie, User
from consent import purposes
from consent.models import (
    PERSON_KINDS,
    Approval,
    NamedReader,
    RecipientKind,
    Share,
    ShareGroupObjectPermission,
    ShareItem,
    ShareQuerySet,
)

# With a warm transfer the school team of the student reads these shares too; nobody else's.
WARM_KINDS = (RecipientKind.PROGRAMME, RecipientKind.COLLEGE_TEAM)
Reader = User | UUID | OuterRef
TEXT_COLUMNS = ("number", "questionnaire_id", "sealed", "created_at", "aside")


class Standing(StrEnum):
    """The reader's place in the recipient today."""

    CURRENT = "current"
    FUTURE = "future"
    ENDED = "ended"
    NONE = "none"


class Consent(StrEnum):
    """A guardian's say over a share outside school by somebody under 16 (contract, rule 10)."""

    NOT_NEEDED = "not_needed"
    GIVEN = "given"
    MISSING = "missing"
    REFUSED = "refused"


class Code(StrEnum):
    """What the holder of a link showed: the code that the student passed on, in this sitting."""

    NOT_NEEDED = "not_needed"
    SHOWN = "shown"
    MISSING = "missing"


class Life(StrEnum):
    """Whether there is a passport to read."""

    ACTIVE = "active"
    FROZEN = "frozen"
    ERASED = "erased"


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
    for purpose, kind in purposes.RULES:
        pairs |= Q(purpose=purpose, recipient_kind=kind)
    return pairs


def candidates(by: User | UUID, kind: str | None = None, *, warm: bool = True) -> ShareQuerySet:
    """A wide net the indexes can cast; `standing` decides. With `kind` only shares with that kind of recipient."""
    mine = Membership.objects.filter(user=by)
    nets = {
        RecipientKind.PROGRAMME: Q(programme__in=mine.filter(programme__isnull=False).values("programme")),
        RecipientKind.SCHOOL_TEAM: _at_school(mine),
        **dict.fromkeys(PERSON_KINDS, Q(person=by)),
    }
    nets[RecipientKind.COLLEGE_TEAM] = nets[RecipientKind.PROGRAMME]
    chosen = list(dict.fromkeys(nets.values())) if kind is None else [nets.get(RecipientKind(kind), Q(pk__in=[]))]
    shares: ShareQuerySet = Share.objects.filter(reduce(or_, [*chosen, *([_of_own_pupils(mine)] if warm else [])]))
    return shares if kind is None else shares.filter(recipient_kind=kind)


def of_reader(share_id: UUID, by: UUID, on: date, kind: str, warm: bool, approval: bool) -> QuerySet[Share]:
    """Every fact of one share for one reader in one row; it locks the share. The last three shape the SQL."""
    return _share(share_id, standing(by, on, "", kind, warm=warm), approval)


def of_recipient(share_id: UUID, kind: str, warm: bool, approval: bool) -> QuerySet[Share]:
    """The same for the recipient itself, whoever that is: a handover, or the holder of a link."""
    return _share(share_id, Value(Standing.CURRENT.value), approval)


def _share(share_id: UUID, standing: Any, approval: bool) -> QuerySet[Share]:
    return (
        Share.objects.filter(pk=share_id)
        .select_related("student__user", "programme__institution", "institution", "link")
        .annotate(
            door=Exists(door("pk")),
            standing=standing,
            refused=Exists(said("pk", False)) if approval else Value(False),
            agreed=Exists(said("pk", True)) if approval else Value(False),
        )
        .select_for_update(of=("self",), no_key=True)
    )


def shape_of(share_id: UUID) -> QuerySet[Share]:
    """Whose share this is, and what decides how its facts are asked."""
    return Share.objects.filter(pk=share_id).only("student", "recipient_kind", "warm_transfer", "approval_required")


def items_of(share_id: UUID) -> QuerySet[ShareItem]:
    """What a share names, with the newest and the released text of each: only the columns consent/texts.py reads."""
    texts = [f"{place}__{name}" for place in ("answer__newest", "revision") for name in TEXT_COLUMNS]
    items = ShareItem.objects.filter(share=share_id).select_related("answer__newest", "revision")
    return items.only("slot", "state", "sealed_text", "answer__newest_id", *texts)


def _at_school(mine: QuerySet[Membership]) -> Q:
    schools = mine.filter(Q(institution__isnull=False) | Q(school_class__isnull=False))
    return Q(institution__in=schools.values("institution")) | Q(
        institution__in=schools.values("school_class__institution")
    )


def _of_own_pupils(mine: QuerySet[Membership]) -> Q:
    pupils = Membership.objects.filter(role=Role.STUDENT).filter(
        Q(school_class__in=mine.filter(role=Role.MENTOR).values("school_class"))
        | Q(school_class__institution__in=mine.filter(role=Role.COUNSELLOR).values("institution"))
    )
    students = Student.objects.filter(user__in=pupils.values("user"))
    return Q(student__in=students.values("pk"), warm_transfer=True)


def standing(by: Reader, on: date, share: str, kind: str | None = None, *, warm: bool = True) -> Case | Subquery:
    """SQL for the reader's place in the recipient of a share: current, future, ended or NULL.

    A care coordinator stands in a school team only where the student added them by name (contract, recipients).
    `warm`: the school team of the student today stands beside the recipient of a warm transfer. `kind`: the kind of
    recipient when it is known, which never changes: only its part is built (building all costs 25 ms in Python). `by`
    may be a column of the query around this one (consent/news.py).
    """
    ref: Callable[[str], OuterRef] = lambda name: OuterRef(f"{share}{name}")  # noqa: E731
    mine = Membership.objects.filter(user=_deeper(by))

    def staff(role: str) -> Case | Subquery:
        own = Q(programme=ref("programme"), role=role)
        if not warm:
            return _dated(mine.filter(own), on)
        beside = _dated(mine.filter(own | _beside(ref, on)), on)
        warmer = When(**{f"{share}warm_transfer": True}, then=beside)
        return Case(warmer, default=_dated(mine.filter(own), on), output_field=CharField())

    def school() -> Subquery:
        here = _pupil(ref, on).filter(school_class__institution=OuterRef(ref("institution")))
        named = NamedReader.objects.filter(share=OuterRef(ref("pk")), person=_deeper(_deeper(by)))
        care = Q(Exists(here), Exists(named), role=Role.CARE, institution=ref("institution"))
        return _dated(mine.filter(_team(here, institution=ref("institution")) | care), on)

    def tie() -> Subquery:
        """The very tie the yes was given in: who is tied once more, on whatever dates, is asked once more."""
        own = {"pk": ref("tie"), "student": ref("student"), "kind": ref("recipient_kind"), "person_id": ref("person")}
        return _dated(Tie.objects.filter(person=_deeper(by), confirmed_at__isnull=False, **own), on)

    parts: dict[str, Callable[[], Case | Subquery]] = {
        RecipientKind.PROGRAMME: lambda: staff(Role.INTAKER),
        RecipientKind.COLLEGE_TEAM: lambda: staff(Role.MENTOR),
        RecipientKind.SCHOOL_TEAM: school,
    }
    if kind is not None:
        return parts.get(kind, tie)()
    whens = [When(**{f"{share}recipient_kind": one}, then=part()) for one, part in parts.items()]
    return Case(*whens, default=tie(), output_field=CharField())


def _deeper(by: Reader) -> Reader:
    """The reader as a query one level further in names them."""
    return OuterRef(by) if isinstance(by, OuterRef) else by


def _pupil(ref: Callable[[str], OuterRef], on: date) -> QuerySet[Membership]:
    """The student's place in a class on a day, for use two queries deep."""
    return Membership.objects.current(on).filter(
        user=OuterRef(ref("student__user")), role=Role.STUDENT, school_class__isnull=False
    )


def _beside(ref: Callable[[str], OuterRef], on: date) -> Q:
    pupil = _pupil(ref, on)
    return _team(pupil, institution__in=pupil.values("school_class__institution"))


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
