"""Looking again at a shared need, half a year on: «Ja, dit klopt nog», or «Later». Only the student does it.

It widens nothing: the recipient keeps the text they had, without «Nog niet opnieuw bekeken» beside it.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.ledger import Event
from consent.models import Share, ShareItem, ShareState
from consent.reviews import digest_of_text, put_off, renewed
from consent.services.giving import Also, lock_open, nothing_else
from consent.services.proof import prove
from consent.texts import Said


def due(share: Share, key: vault.Key, on: date | None = None) -> list[Said]:
    """What of this share its student is asked to look at again on a day (today), as its reader sees it.

    Not while the passport stands still, and not what waits for a guardian: there the student looked already.
    """
    on = on or timezone.localdate()
    if share.state != ShareState.ACTIVE or share.valid_until < on or share.student.frozen_at is not None:
        return []
    items = list(share.items.select_related("answer__newest", "revision"))
    waiting = {bytes(item.slot) for item in items if item.state == ShareItem.State.WAITING}
    said = access.preview(share=share, items=items, key=key).said
    return [
        one for one in said if one.look_again_on and one.look_again_on <= on and key.slot(one.unit.key) not in waiting
    ]


def look_again(
    *, share: Share, key: vault.Key, unit: str, by: User, seen: str = "", also: Also = nothing_else
) -> Share:
    """«Ja, dit klopt nog»: a new day for this need, with its proof. What is not due stays as it is; twice is no error.

    `seen`: the digest of the text on the screen. Raises NotHere for anybody but the student; Refusal (409) when the
    share ended or the text `changed`.
    """
    if share.student.user_id != by.pk:
        raise NotHere()
    with transaction.atomic():
        locked = lock_open(share)
        one = next((said for said in due(locked, key) if said.unit.key == unit), None)
        if one is None:
            return locked
        if seen and seen != digest_of_text(key, unit, one.value):
            raise Refusal("changed", "Er is iets veranderd. Kijk nog een keer.", status=409, field="seen")
        items = list(locked.items.select_related("answer__newest", "revision"))
        said = access.preview(share=locked, items=items, key=key).said
        locked.sealed_reviews = renewed(locked, key, said, {key.slot(unit)})
        locked.save(update_fields=["sealed_reviews"])
        also(locked)
        # The ledger names the whole share: an entry about one slot would tell that it is a need (contract, rule 6).
        slots = {bytes(item.slot) for item in items if item.state == ShareItem.State.GIVEN}
        prove(Event.RECONFIRMED, share=locked, actor=by, key=key, slots=slots, about=[key.slot(unit)])
        return locked


def look_later(*, share: Share, key: vault.Key, by: User) -> Share:
    """«Later»: for the days that came, the start page asks no more. Nothing is written down of it. Raises NotHere."""
    if share.student.user_id != by.pk:
        raise NotHere()
    with transaction.atomic():
        locked = lock_open(share)
        locked.sealed_reviews = put_off(locked, key, due(locked, key))
        locked.save(update_fields=["sealed_reviews"])
        return locked
