"""Who may see what, now: the only door through which anyone but the student reads a passport.

`decide` is pure: facts in, a reason out; the facts come from one statement on the data, plus the student's key.
Nothing is cached. `open_shares` is its set-wise twin for lists. The library guardian is used only here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from accounts import vault
from accounts.models import User
from accounts.prepared import prepared
from accounts.refusals import NotHere
from consent import facts, ledger, purposes
from consent.facts import Code, Consent, Life, Standing
from consent.models import RecipientKind, Share, ShareGroupObjectPermission, ShareItem, ShareState
from consent.texts import Dossier, Said, TextFact, compose

PERMISSION = "consent.open_dossier"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision knows: one reader, one share, one unit (or the door alone), this moment."""

    state: ShareState
    over: bool
    door: bool
    standing: Standing
    fits: bool
    life: Life
    consent: Consent
    code: Code
    unit_allowed: bool
    text: TextFact


class Reason(StrEnum):
    """Why not. For tests and the student; a reader only ever gets 404 or nothing."""

    ALLOWED = "allowed"
    ERASED = "erased"
    FROZEN = "frozen"
    NOT_GIVEN = "not_given"
    OVER = "over"
    NO_DOOR = "no_door"
    NOT_IN_ROLE = "not_in_role"
    NO_CODE = "no_code"
    OTHER_PURPOSE = "other_purpose"
    NO_CONSENT = "no_consent"
    UNIT_BARRED = "unit_barred"
    SAYS_NOTHING = "says_nothing"


# The rules of contract rule 1 and 2, in this order: the first that holds is the reason for a no.
RULES: tuple[tuple[Reason, Callable[[Facts], bool]], ...] = (
    (Reason.ERASED, lambda f: f.life is Life.ERASED),
    (Reason.FROZEN, lambda f: f.life is Life.FROZEN),
    (Reason.NOT_GIVEN, lambda f: f.state is not ShareState.ACTIVE),
    (Reason.OVER, lambda f: f.over),
    (Reason.NO_DOOR, lambda f: not f.door),
    (Reason.NOT_IN_ROLE, lambda f: f.standing is not Standing.CURRENT),
    (Reason.NO_CODE, lambda f: f.code not in {Code.NOT_NEEDED, Code.SHOWN}),
    (Reason.OTHER_PURPOSE, lambda f: not f.fits),
    (Reason.NO_CONSENT, lambda f: f.consent not in {Consent.NOT_NEEDED, Consent.GIVEN}),
    (Reason.UNIT_BARRED, lambda f: not f.unit_allowed),
    (Reason.SAYS_NOTHING, lambda f: f.text not in {TextFact.DOOR, TextFact.LIVE, TextFact.RELEASED}),
)


def decide(known: Facts) -> Reason:
    """May this reader see this, now? ALLOWED, or the first rule that says no. Pure, total, default no."""
    return next((reason for reason, holds in RULES if holds(known)), Reason.ALLOWED)


def read(*, share_id: UUID, by: User | None, action: ledger.Action, code: Code = Code.MISSING) -> Dossier:
    """Opens a share for a reader and writes the look in the same transaction; no entry, no reading.

    `by` None: whoever holds its link, and `code` is what consent/links.py knows of the code. Raises NotHere for every
    no, in the same words, Tampered or Shredded when a seal does not open.
    """
    key, shape = _before(share_id)
    if by is None and shape[0] != RecipientKind.LINK:
        raise NotHere()
    with transaction.atomic():
        dossier = _open(share_id, by, key, shape, code)
        slots = key.slots((*(said.unit.key for said in dossier.said), *_identity(dossier)))
        ledger.record(ledger.Event.LOOK, share=dossier.share, actor=by, slots=slots, action=action)
    return dossier


def read_as_recipient(*, share_id: UUID, release: int) -> Dossier:
    """Opens one release of a share as its recipient, for a handover; nobody looks yet, so there is no entry.

    Raises NotHere when the share may not be read now or is no longer at this release.
    """
    key, shape = _before(share_id)
    with transaction.atomic():
        dossier = _open(share_id, None, key, shape)
    if dossier.share.release != release:
        raise NotHere()
    return dossier


def preview(*, share: Share, items: Iterable[ShareItem], key: vault.Key) -> Dossier:
    """What the recipient sees, or would see after a yes: for the student and an approving guardian.

    The same composition as `read`. The items may be a plan that is not saved yet.
    """
    return compose(share, list(items), key, lambda item, text: text)


def newest_open_shares(by: User | UUID) -> QuerySet[Share]:
    """The same as `open_shares`, the newest release first: a list for who reads."""
    return open_shares(by).order_by("-released_at", "pk")


def get_share_or_404(share_id: UUID, by: User) -> Share:
    """A share this user may open now, without opening it. Raises NotHere."""
    known = Share.objects.filter(pk=share_id).values_list("recipient_kind", "warm_transfer").first()
    share = open_shares(by, kind=known[0], warm=known[1]).filter(pk=share_id).first() if known else None
    if share is None:
        raise NotHere()
    return share


def open_shares(
    by: User | UUID, *, kind: str | None = None, warm: bool = True, on: date | None = None
) -> QuerySet[Share]:
    """The set-wise twin of `decide` for the door: every share this user may open on a day, today.

    `kind`: only those with this kind of recipient; `warm=False`: not those a school team may read along.
    """
    on = on or timezone.localdate()
    return (
        facts.candidates(by, kind, warm=warm)
        .live(on)
        .filter(Exists(facts.door("pk")), student__frozen_at=None, student__user__is_active=True)
        .filter(facts.fitting())
        .annotate(
            standing=facts.standing(by, on, "", kind, warm=warm),
            refused=Exists(facts.said("pk", False)),
            agreed=Exists(facts.said("pk", True)),
        )
        .filter(standing=Standing.CURRENT)
        .filter(Q(approval_required=False) | Q(agreed=True, refused=False))
        .select_related("student", "programme__institution", "institution")
    )


def stands_in_recipient(share_id: UUID, by: User) -> bool:
    """Whether this user belongs to the recipient itself of a share today, live or ended. Opens nothing."""
    rows = Share.objects.filter(pk=share_id).annotate(standing=facts.standing(by, timezone.localdate(), "", warm=False))
    return rows.filter(standing=Standing.CURRENT).exists()


def open_door(share: Share) -> None:
    """Writes the one permission row of a live share, for the group of its recipient."""
    group, _ = Group.objects.get_or_create(name=f"{share.recipient_kind}:{share.recipient_id or share.pk}")
    assign_perm(PERMISSION, group, share)


def close_door(share: Share) -> None:
    """Removes the permission row: whoever asks next is refused."""
    for row in ShareGroupObjectPermission.objects.filter(content_object=share).select_related("group"):
        remove_perm(PERMISSION, row.group, share)
    Group.objects.filter(name=f"{RecipientKind.LINK}:{share.pk}").delete()  # a link has a group of its own


# --- The facts ---------------------------------------------------------------------------------------------


def _before(share_id: UUID) -> tuple[vault.Key, tuple[str, bool, bool]]:
    """The key row is read before the write transaction opens (house.md, two databases); and what shapes the query.

    The kind of a recipient never changes; whatever else is wider by then than here fails closed until the next request.
    """
    share = next(iter(prepared(facts.shape_of, (UUID,)).rows(share_id)), None)
    key = vault.open_keys([share.student_id]).get(share.student_id) if share else None
    if share is None or key is None:  # never existed, or erased: the same words (contract, rule 4)
        raise NotHere()
    return key, (share.recipient_kind, share.warm_transfer, share.approval_required)


def _open(share_id: UUID, by: User | None, key: vault.Key, shape: Any, code: Code = Code.MISSING) -> Dossier:
    """Two statements: every fact of the door, with the share locked so that a withdrawal waits or was first; its items.

    Their SQL is composed once per process; the facts themselves are asked of the database each time.
    """
    on = timezone.localdate()
    if by is None:
        found = prepared(facts.of_recipient, (UUID,), *shape).rows(share_id)
    else:
        found = prepared(facts.of_reader, (UUID, UUID, date), *shape).rows(share_id, by.pk, on)
    if not found or decide(door := _door_facts(found[0], on, code)) is not Reason.ALLOWED:
        raise NotHere()
    share, items = found[0], prepared(facts.items_of, (UUID,)).rows(share_id)

    def as_decided(item: ShareItem, said: Said) -> Said:
        known = replace(door, text=said.text, unit_allowed=_allowed(share, said))
        return said if decide(known) is Reason.ALLOWED else said.silenced()

    return compose(share, items, key, as_decided)


def _door_facts(share: Any, on: date, code: Code) -> Facts:
    consent = Consent.NOT_NEEDED
    if share.approval_required:
        consent = Consent.REFUSED if share.refused else Consent.GIVEN if share.agreed else Consent.MISSING
    return Facts(
        state=ShareState(share.state),
        over=share.valid_until < on,
        door=share.door,
        standing=Standing(share.standing or Standing.NONE),
        fits=purposes.fits(share.purpose, share.recipient_kind),
        life=_life(share),
        consent=consent,
        code=code if share.recipient_kind == RecipientKind.LINK else Code.NOT_NEEDED,
        unit_allowed=True,
        text=TextFact.DOOR,
    )


def _life(share: Share) -> Life:
    if not share.student.user.is_active:
        return Life.ERASED
    return Life.FROZEN if share.student.frozen_at else Life.ACTIVE


def _allowed(share: Share, said: Said) -> bool:
    return purposes.allows_unit(share.purpose, said.unit.key, sensitive=said.unit.sensitive, started=share.has_started)


def _identity(dossier: Dossier) -> list[str]:
    return [f"identity.{name}" for name in dossier.student if name != "display_name"]
