"""A no to a need goes to the student after a second person of the college saw it: the need and the reason, no name.

Who looks has no share, so the door is narrow: staff of the same college, never who wrote it, one no at a time, and of
the student nothing but which help it is about. The student sees that look like every other. It hangs on the share: when
that ends, stands still or no longer says the need, there is nothing to look at (docs/decisions/0015).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import vault
from accounts.models import Membership, Programme, Role, User
from accounts.places import Place
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Action, Event
from consent.looks import WITHOUT_NAME
from consent.models import Share, ShareItem, ShareState
from consent.texts import Dossier, Said
from intake.fit_reading import LINE_FIELD
from intake.models import Fit
from intake.services import fits, tally


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the list: that somebody asks, and who. Nothing of a student, so showing it is no look."""

    id: UUID
    by: str


@dataclass(frozen=True, slots=True)
class ToSecond:
    """What the second person reads: which help, why not, what then. No name, no case, no programme, no date."""

    id: UUID
    by: str
    label: str = field(repr=False)
    comment: str = field(repr=False)
    alternative: str = field(repr=False)


def seconds_of(programme: Programme, *, but: User) -> QuerySet[User]:
    """Who at the college of a programme can look along today, by name: its intakers, mentors and coordinators."""
    college = programme.institution_id
    here = Membership.objects.current().filter(
        Q(role__in=[Role.INTAKER, Role.MENTOR], programme__institution=college)
        | Q(role=Role.COORDINATOR, institution=college)
    )
    return User.objects.filter(pk__in=here.values("user"), is_active=True).exclude(pk=but.pk).order_by("staff_name")


def has_second(programme: Programme, *, but: User) -> bool:
    """Whether anybody at the college of a programme can look along today."""
    return seconds_of(programme, but=but).exists()


def college_doors(mine: Iterable[Place]) -> dict[str, bool]:
    """What somebody with these places can do for a college: look along, and (a coordinator) see what it lacked."""
    places = list(mine)
    runs = any(one.role == Role.COORDINATOR and one.has_programmes for one in places)
    works = any(one.role in (Role.INTAKER, Role.MENTOR) and one.programme_id for one in places)
    return {"looks_along": runs or works, "sees_unmet": runs}


def list_asked(by: User) -> list[Asked]:
    """The noes that wait for a second person at the colleges of this user, by who asks; never their own.

    Constant in queries. Raises NotHere for who works at no college in such a role.
    """
    if not _places(by).exists():
        raise NotHere()
    rows = list(_waiting(by).select_related("by", "share__student"))
    keys = vault.open_keys({row.share.student_id for row in rows})
    items = ShareItem.objects.filter(share__in=[row.share_id for row in rows]).select_related(
        "answer__newest", "revision"
    )
    by_share: dict[UUID, list[ShareItem]] = {}
    for item in items if rows else ():
        by_share.setdefault(item.share_id, []).append(item)
    return [
        Asked(row.pk, _name(row))
        for row in rows
        if (key := keys.get(row.share.student_id))
        and _need_of(row, access.preview(share=row.share, items=by_share.get(row.share_id, ()), key=key), key)
    ]


def open_asked(fit_id: UUID, by: User) -> ToSecond:
    """Opens one no for a second person and writes the look at this one need. Raises NotHere for every no."""
    fit, said, key = _found(fit_id, by)
    content = fits.content_of(fit, key)
    with transaction.atomic():
        _lock(fit, by, key)
        ledger.record(Event.LOOK, share=fit.share, actor=by, slots=_seen(fit, key), action=Action.READ)
    return ToSecond(fit.pk, _name(fit), said.unit.label, content["comment"], content["alternative"])


def agree(fit_id: UUID, by: User) -> None:
    """A second person is of the same mind: the student reads the no from now on.

    Raises NotHere, and Refusal for who did not open it: nobody agrees with what they did not read.
    """
    fit, said, key = _found(fit_id, by)
    figures = tally.figures_key()
    with transaction.atomic():
        _lock(fit, by, key)
        _refuse_unseen(fit, by, key)
        fits.send(fit, key, figures, need=said.unit.need, second_by=by)


def send_back(fit_id: UUID, by: User, line: str = "") -> None:
    """«Praat er nog over»: back to who wrote it, with a line if they like. The student sees nothing of it.

    Raises NotHere, and Refusal for a line that does not fit and for who did not open it.
    """
    fit, _, key = _found(fit_id, by)
    cleaned = fits.clean(line, "line")
    with transaction.atomic():
        _lock(fit, by, key)
        _refuse_unseen(fit, by, key)
        fit.state, fit.second_by, fit.second_at = Fit.State.RETURNED, by, timezone.now()
        fit.sealed_line = key.seal(cleaned, field=LINE_FIELD, row=fit.pk) if cleaned else None
        fit.save(update_fields=["state", "second_by", "second_at", "sealed_line"])


# --- The parts ---------------------------------------------------------------------------------------------


def _places(by: User) -> QuerySet[Membership]:
    """This user's places at colleges today, in the roles that may look along."""
    at_programme = Q(role__in=[Role.INTAKER, Role.MENTOR], programme__isnull=False)
    here = Exists(Programme.objects.filter(institution=OuterRef("institution")))
    return Membership.objects.current().filter(at_programme | Q(here, role=Role.COORDINATOR), user=by)


def _waiting(by: User) -> QuerySet[Fit]:
    """What waits at this user's colleges and was written by somebody else, on shares that are live now."""
    mine = _places(by)
    colleges = Q(share__programme__institution__in=mine.filter(programme=None).values("institution")) | Q(
        share__programme__institution__in=mine.filter(programme__isnull=False).values("programme__institution")
    )
    live = Q(
        share__state=ShareState.ACTIVE,
        share__valid_until__gte=timezone.localdate(),
        share__student__frozen_at=None,
        share__student__user__is_active=True,
    )
    rows = Fit.objects.filter(colleges, live, state=Fit.State.WAITING).exclude(by=by)
    return rows.order_by("by__staff_name", "pk")


def _found(fit_id: UUID, by: User) -> tuple[Fit, Said, vault.Key]:
    """A no this user may look at, with the need it is about, asked of consent/access.py as its recipient."""
    fit = _waiting(by).select_related("by", "share__student").filter(pk=fit_id).first()
    if fit is None:
        raise NotHere()
    dossier = access.read_as_recipient(share_id=fit.share_id, release=fit.share.release)
    key = vault.open_key(fit.share.student_id)
    said = _need_of(fit, dossier, key)
    if said is None:
        raise NotHere()
    return fit, said, key


def _need_of(fit: Fit, dossier: Dossier, key: vault.Key) -> Said | None:
    needs = (said for said in dossier.said if said.unit.part == "support")
    return next((said for said in needs if key.slot(said.unit.key) == bytes(fit.slot)), None)


def _lock(fit: Fit, by: User, key: vault.Key) -> None:
    """The share, locked and asked again: a withdrawal, another answer or an emptied need comes before or after."""
    share = Share.objects.select_for_update(of=("self",), no_key=True).select_related("student").get(pk=fit.share_id)
    still = any(key.slot(unit) == bytes(fit.slot) for unit in fits.needs_said(share, key))
    if not still or share.release != fit.share.release or not _waiting(by).filter(pk=fit.pk).exists():
        raise NotHere()


def _seen(fit: Fit, key: vault.Key) -> list[bytes]:
    """What a look of a second person is about: the need, and that there is no name beside it."""
    return [bytes(fit.slot), key.slot(WITHOUT_NAME)]


def _refuse_unseen(fit: Fit, by: User, key: vault.Key) -> None:
    if not ledger.has_looked(share=fit.share, actor=by, slots=_seen(fit, key), since=fit.at):
        raise Refusal("look_first", "Lees eerst wat uw collega schreef. Kies daarna.", status=409)


def _name(fit: Fit) -> str:
    return fit.by.staff_name if fit.by else ""
