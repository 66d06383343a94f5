"""Where the support agreement is found: on the pages of other rooms and subjects."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import template

from accounts.places import places_in
from consent.models import Share
from intake.models import Agreement
from intake.services import agreements

register = template.Library()


@dataclass(frozen=True, slots=True)
class Own:
    """One agreement of a student, as a link to it."""

    case_id: UUID
    share_id: UUID | None
    programme: str
    asks: str  # sign, review, or nothing


@register.simple_tag(takes_context=True)
def own_agreements(context: Any) -> list[Own]:
    """The agreements of the student who is logged in, and what each asks of them."""
    student = getattr(context["request"].user, "student", None)
    return [_own(row) for row in agreements.own_rows(student)] if student else []


@register.simple_tag(takes_context=True)
def own_agreement_of(context: Any, share: Share) -> Own | None:
    """The agreement that came from one share, for its student."""
    return next((one for one in own_agreements(context) if one.share_id == share.pk), None)


@register.inclusion_tag("intake/_agreement_at_home.html", takes_context=True)
def agreements_at_home(context: Any) -> dict[str, Any]:
    """What a parent with a say has to sign, or agreed to."""
    return {"asked": agreements.asked_at_home(context["request"].user)}


@register.simple_tag(takes_context=True)
def reads_agreements(context: Any) -> bool:
    """Whether the list of agreements is for this reader: of a programme, or a coordinator who has to sign."""
    return agreements.reads_the_list(context["request"].user, places_in(context["request"]))


def _own(row: Agreement) -> Own:
    asks = "review" if agreements.is_due(row) else ""
    if row.status == Agreement.Status.OFFERED and not any(one.role == "student" for one in row.signatures.all()):
        asks = "sign"
    return Own(row.case_id, row.case.share_id, row.case.programme.label, asks)
