"""What programmes say they give per need; public."""

from uuid import UUID

from django.db.models import QuerySet

from accounts.refusals import Refusal
from intake.models import Offer


def list_offers(*, programme: str = "", need: str = "", institution: str = "") -> QuerySet[Offer]:
    """The offers of a programme (its code), for a need, or of an institution (its id). Raises Refusal for no id."""
    rows = Offer.objects.select_related("programme__institution").order_by("programme__code", "need", "layer")
    if programme:
        rows = rows.filter(programme__code=programme)
    if need:
        rows = rows.filter(need=need)
    return rows.filter(programme__institution=_uuid(institution)) if institution else rows


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise Refusal("invalid", "Dit is geen geldig nummer.", field="institution") from None
