"""Drafting, offering and signing an agreement in a test, through the services a screen uses."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts import vault
from intake.models import Agreement, Case
from intake.services import agreement_drafting, agreement_signing, agreements
from intake.services.agreement_texts import Row

WHAT = "Een rustige plek bij toetsen"


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def row(what: str = WHAT, *, internship: bool = False, need: str = "", **said: Any) -> Row:
    known = {"who": "mevrouw Bos", "starts_on": in_days(10), "works": "We vragen het elke maand", **said}
    return Row(what, known["who"], known["starts_on"], known["works"], need, internship)


def rows(*whats: str, need: str = "quiet") -> list[Row]:
    return [*(row(what, need=need) for what in whats or [WHAT]), row("Samen een plek zoeken", internship=True)]


def case_of(share: Any) -> Case:
    return Case.objects.get(share=share)


def draft(case: Case, by: Any, *whats: str, offer: bool = False, **terms: Any) -> Agreement:
    known = {"review_date": in_days(200), "rows": rows(*whats, need=_need(case)), **terms}
    return agreement_drafting.put_draft(case_id=case.pk, by=by, offer=offer, **known)


def _need(case: Case) -> str:
    """The need the rows came from, when the share names it."""
    share = case.share
    if share is None or not vault.with_a_key([share.student_id]):
        return ""
    slot = vault.open_key(share.student_id).slot("need.support.quiet")
    return "quiet" if share.items.filter(slot=slot).exists() else ""


def offered(case: Case, by: Any, *whats: str, **terms: Any) -> Agreement:
    return draft(case, by, *whats, offer=True, **terms)


def seen_by(case: Case, who: Any) -> str:
    """The digest of the newest version as this person's page shows it."""
    user = getattr(who, "user", who)
    return agreements.read(agreements.standing_or_404(user, case.pk), user)[0].digest


def sign(case: Case, *people: Any) -> Agreement:
    for who in people:
        user = getattr(who, "user", who)
        found = agreement_signing.sign(case_id=case.pk, by=user, seen=seen_by(case, who))
    return found


def signed(case: Case, student: Any, by: Any, *whats: str, **terms: Any) -> Agreement:
    """The case with an agreement that student and college signed."""
    offered(case, by, *whats, **terms)
    return sign(case, student, by)


def status_of(agreement: Agreement) -> str:
    return Agreement.objects.get(pk=agreement.pk).status


def has_key(agreement: Agreement) -> bool:
    return bool(vault.with_a_key([agreement.key_owner]))
