"""What a recipient writes back; sealed with the student's key, read by the student."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.prepared import prepared
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.ledger import Event
from consent.models import Reply, Share
from passport.texts import clean_text

REPLY_FIELD = "consent.Reply.sealed_text"
LONGEST_REPLY = 300


def write_reply(*, share_id: UUID, text: str, by: User) -> Reply:
    """A recipient's answer to the student, e.g. "gelezen". Raises NotHere when the share is not open to them."""
    share = access.get_share_or_404(share_id, by)
    if share.warm_transfer and not access.stands_in_recipient(share_id, by):
        raise NotHere()  # the school team reads along with a warm transfer, and is not who it was sent to
    cleaned = clean_text(text, longest=LONGEST_REPLY, field="reply")
    if not cleaned:
        raise Refusal("blank", "Schrijf eerst iets.", field="reply")
    key = vault.open_key(share.student_id)
    reply = Reply(share=share, by=by, at=timezone.now())
    reply.sealed_text = key.seal(cleaned, field=REPLY_FIELD, row=reply.pk)
    with transaction.atomic():
        # Locked, so that a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share_id)
        access.get_share_or_404(share_id, by)
        reply.save(force_insert=True)
        ledger.record(Event.REPLIED, share=share, actor=by)
    return reply


def replies_to(share: Share, key: vault.Key | None = None) -> list[tuple[Reply, str]]:
    """What recipients wrote back on a share, newest first, for its student; the key is opened when there is any."""
    rows = prepared(_replies_on, (UUID,)).rows(share.pk)
    if not rows:
        return []
    key = key or vault.open_key(share.student_id)
    return [(row, key.open(row.sealed_text, field=REPLY_FIELD, row=row.pk)) for row in rows]


def replies_since(student: Student, moment: datetime) -> list[Reply]:
    """The replies on what a student shares now, newest first and one a share; their texts stay sealed."""
    rows = Reply.objects.filter(share__in=student.shares.live(), at__gte=moment)
    rows = rows.select_related("share__student__user", "share__programme__institution", "share__institution")
    newest: dict[UUID, Reply] = {}
    for row in rows:
        newest.setdefault(row.share_id, row)
    return list(newest.values())


def _replies_on(share_id: UUID) -> QuerySet[Reply]:
    return Reply.objects.filter(share=share_id).select_related("by")
