"""«Klopt dit nog?» as a student answers it: one yes for everybody who reads the same text, and the files follow."""

from datetime import date

from django.db import transaction

from accounts import vault
from accounts.models import User
from consent import services as consent
from consent.asked_again import AskedAgain
from consent.models import Share
from consent.services import Also
from intake.models import Handover
from intake.services.handover_files import destroy_files


def look_again(*, asked: AskedAgain, key: vault.Key, by: User) -> None:
    """«Ja, dit klopt nog», in every share that shows this text. Raises NotHere or Refusal."""
    for share, day in zip(asked.shares, asked.days, strict=True):
        consent.look_again(share=share, key=key, unit=asked.unit.key, by=by, seen=asked.seen, also=_void_marked(day))


def look_later(*, asked: list[AskedAgain], key: vault.Key, by: User) -> None:
    """«Later», to all that is asked now: a student is not asked five times a day. Raises NotHere or Refusal."""
    for share in {share.pk: share for one in asked for share in one.shares}.values():
        consent.look_later(share=share, key=key, by=by)


def _void_marked(day: date) -> Also:
    """Files made since that day say «Nog niet opnieuw bekeken», which is no longer so; older ones say nothing wrong."""

    def void(share: Share) -> None:
        marked = Handover.objects.filter(share=share, ready_at__date__gte=day).exclude(status=Handover.Status.VOID)
        if marked.update(status=Handover.Status.VOID, lease_until=None):
            transaction.on_commit(destroy_files, robust=True)

    return void
