"""What a programme gives and its facts, with every change in the office log of the college (intake/services)."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import Programme, User
from intake.models import Offer
from intake.services import facts, offers
from intake.services.offers import Act
from school.models import OfficeEvent
from school.services.office import record

What = OfficeEvent.What
WHAT = {Act.WRITTEN: What.OFFER_WRITTEN, Act.CHANGED: What.OFFER_CHANGED, Act.REMOVED: What.OFFER_REMOVED}


@transaction.atomic
def write_need(*, programme: Programme, need: str, texts: Mapping[str, str], by: User) -> bool:
    """Keeps the texts of one need, per layer; whether something changed. Raises Refusal."""
    changes = offers.write_need(programme=programme, need=need, texts=texts, by=by)
    for one in changes:
        log_change(programme, one.act, one.offer, by)
    return bool(changes)


@transaction.atomic
def add(*, programme: Programme, need: str, layer: str, text: str, by: User) -> Offer:
    """Writes one text. Raises Refusal."""
    row = offers.add_offer(programme=programme, need=need, layer=layer, text=text, by=by)
    log_change(programme, Act.WRITTEN, row, by)
    return row


@transaction.atomic
def change(*, offer: Offer, by: User, **said: str) -> None:
    """Other words, layer or need. Raises Refusal, NotHere."""
    if offers.change_offer(offer=offer, by=by, **said):
        log_change(offer.programme, Act.CHANGED, offer, by)


@transaction.atomic
def remove(*, offer: Offer, by: User) -> None:
    """Takes one text away. Raises Refusal, NotHere."""
    offers.remove_offer(offer=offer, by=by)
    log_change(offer.programme, Act.REMOVED, offer, by)


@transaction.atomic
def write_facts(*, programme: Programme, said: Mapping[str, Any], by: User) -> None:
    """Keeps the facts of a programme. Raises Refusal."""
    if facts.write_facts(programme=programme, said=said, by=by):
        record(programme.institution, What.FACTS_CHANGED, by=by, detail=f"{programme.label} ({programme.code})")


def log_change(programme: Programme, act: Act, offer: Offer, by: User) -> None:
    """Writes one change in the log of the college, in the transaction that made it."""
    labels = {one.key: one.label for one in offers.known_needs()}
    detail = f"{programme.code}: {labels.get(offer.need, offer.need)}, {offer.get_layer_display().lower()}"
    record(programme.institution, WHAT[act], by=by, detail=detail)
