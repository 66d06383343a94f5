"""The writes of a link: made with its share, a new code, and one try of a code (consent/links.py)."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import vault
from accounts.models import User
from accounts.refusals import NotHere, Refusal
from accounts.together import refuse_together
from consent import links
from consent.links import LinkTo, Sitting
from consent.models import RecipientKind, Share, ShareLink, ShareState


def make_link(share: Share, key: vault.Key, to: LinkTo) -> None:
    """Saves the link of a new share, in the transaction that gives it, with the student locked.

    Raises Refusal (409) when this address has an open share for this purpose already (contract, shares).
    """
    if open_link_share(share.student_id, share.purpose, key, to.email):
        raise Refusal("already_shared", "Je deelt dit al. Je kunt het daar veranderen.", status=409)
    links.new_link(share, key, to).save(force_insert=True)


def open_link_share(student_id: UUID, purpose: str, key: vault.Key, email: str) -> Share | None:
    """The share, live or waiting, of this student and purpose with this address. Addresses are compared opened."""
    shares = Share.objects.open_ended().filter(student=student_id, purpose=purpose, recipient_kind=RecipientKind.LINK)
    for share in shares.filter(link__isnull=False).select_related("link"):
        if not share.is_past and links.open_link(share.link, key).to.is_same_person(email):
            return share
    return None


def make_code(*, share: Share, key: vault.Key, by: User) -> str:
    """A new six-digit code, told once; the old one and whoever reads with it stop at once, and a lock opens.

    Raises NotHere for anybody but the student, Refusal (409) while nobody may read, or
    somebody sits beside the student.
    """
    if share.student.user_id != by.pk or share.recipient_kind != RecipientKind.LINK:
        raise NotHere()
    refuse_together(share.student)
    code = links.new_code()
    with transaction.atomic():
        locked = Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        if locked.state == ShareState.AWAITING_GUARDIAN:
            raise Refusal("waits", "We wachten nog op je ouder. Daarna maak je een code.", status=409)
        if locked.state != ShareState.ACTIVE or locked.is_past:
            raise Refusal("ended", "Je deelt dit niet meer.", status=409)
        made = {"code_mac": links.code_digest(share.pk, key, code), "code_made_at": timezone.now(), "wrong_codes": 0}
        ShareLink.objects.filter(share=locked).update(**made)
    return code


def try_code(*, token: str, typed: str) -> tuple[Sitting | None, int]:
    """One try of a code by whoever holds a link: a sitting, or None; and how many tries are left.

    The link's row is locked, so that tries at the same time come one after the other and never make a fourth. Three
    wrong ones in all lock the link until the student makes a new code. Raises NotHere when the link is not live.
    """
    found, key = links.find_live(token)
    with transaction.atomic():
        link = ShareLink.objects.select_for_update(no_key=True).filter(pk=found.pk).first()
        if link is None or link.wrong_codes >= links.MOST_WRONG:
            raise NotHere()
        if links.is_code(link, key, typed):
            return links.new_sitting(link), links.MOST_WRONG - link.wrong_codes
        ShareLink.objects.filter(pk=link.pk).update(wrong_codes=F("wrong_codes") + 1)
    left = links.MOST_WRONG - link.wrong_codes - 1
    if left == 0:
        raise NotHere()
    return None, left
