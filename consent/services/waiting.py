"""What a student under 16 asked for on top of what was approved, before a guardian's yes (contract, rule 10).

The items wait beside those that were given; a later end and the warm transfer wait in two fields of the share. The
recipient keeps what was approved.
"""

from collections.abc import Iterable, Mapping
from copy import copy

from consent.models import Share, ShareItem, ShareState
from passport.models import Answer

GIVEN, WAITING = ShareItem.State.GIVEN, ShareItem.State.WAITING
WAITING_FIELDS = ["waiting_valid_until", "waiting_warm_transfer"]


def as_asked(share: Share) -> tuple[Share, list[ShareItem]]:
    """The share and its items as they would be after a yes to all that waits; copies, nothing is saved."""
    items = list(share.items.select_related("answer__newest", "revision"))
    asked = copy(share)
    asked.valid_until = share.waiting_valid_until or share.valid_until
    asked.warm_transfer = share.warm_transfer or share.waiting_warm_transfer
    waiting = {bytes(item.slot): item for item in items if item.state == WAITING}
    given = [item for item in items if item.state == GIVEN and bytes(item.slot) not in waiting]
    return asked, [*given, *(_as_given(item) for item in waiting.values())]


def something_waits(share: Share) -> bool:
    """Whether an approved share was widened since and nobody said yes or no to that."""
    terms = share.waiting_valid_until is not None or share.waiting_warm_transfer
    return share.state == ShareState.ACTIVE and (terms or any(item.state == WAITING for item in share.items.all()))


def save_items(
    share: Share, items: Iterable[ShareItem], places: Mapping[bytes, Answer], state: str = GIVEN
) -> list[bytes]:
    """Saves planned items, and gives those that are still empty their place. Returns their slots."""
    items = list(items)
    slots = [bytes(item.slot) for item in items]
    if state == WAITING:
        share.items.filter(slot__in=slots, state=WAITING).delete()
    for item in items:
        item.share, item.state = share, state
        if item.answer is None and item.sealed_text is None:
            item.answer = places[bytes(item.slot)]
    ShareItem.objects.bulk_create(items)
    return slots


def take_waiting(share: Share) -> list[bytes]:
    """Makes all that waits given, each in the place of what was approved of that unit; the caller saves the share."""
    slots = _waiting_slots(share)
    share.items.filter(slot__in=slots, state=GIVEN).delete()
    share.items.filter(state=WAITING).update(state=GIVEN)
    share.valid_until = share.waiting_valid_until or share.valid_until
    share.warm_transfer = share.warm_transfer or share.waiting_warm_transfer
    share.waiting_valid_until, share.waiting_warm_transfer = None, False
    return slots


def drop_waiting(share: Share) -> list[bytes]:
    """Forgets all that waits; what was approved stays as it is. Returns the slots that waited."""
    slots = _waiting_slots(share)
    share.items.filter(state=WAITING).delete()
    share.waiting_valid_until, share.waiting_warm_transfer = None, False
    share.save(update_fields=WAITING_FIELDS)
    return slots


def _waiting_slots(share: Share) -> list[bytes]:
    return [bytes(slot) for slot in share.items.filter(state=WAITING).values_list("slot", flat=True)]


def _as_given(item: ShareItem) -> ShareItem:
    """As it would be saved at a yes: new, so looked at on that day."""
    given = copy(item)
    given.state, given._state.adding = GIVEN, True
    return given
