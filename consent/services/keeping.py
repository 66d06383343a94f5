"""What runs by itself: ending what is over and dropping what nobody points at."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from consent.models import Share, ShareDraft, ShareItem, ShareQuerySet, ShareState
from passport.models import AnswerRevision, Suggestion

DRAFTS_KEPT = timedelta(days=1)


def shares_past_their_day() -> ShareQuerySet:
    """Shares whose last day is over but that were not ended yet."""
    shares: ShareQuerySet = Share.objects.open_ended().filter(valid_until__lt=timezone.localdate())
    return shares


def shares_that_wait() -> ShareQuerySet:
    """Shares that wait for a guardian, or that something waits on: the birthday may have ended that."""
    waits = Q(items__state=ShareItem.State.WAITING) | Q(waiting_valid_until__isnull=False)
    waits |= Q(waiting_warm_transfer=True) | Q(state=ShareState.AWAITING_GUARDIAN)
    shares: ShareQuerySet = Share.objects.open_ended().filter(waits).select_related("student").distinct()
    return shares


@transaction.atomic
def drop_in_between_revisions(*, before: datetime | None = None, sitting: timedelta = timedelta(minutes=30)) -> int:
    """Drops revisions that a later one of the same sitting replaced and that nothing points at; returns how many.

    What points: a share, a suggestion that waits beside that text, and one that was taken over in its place.

    A sitting ends after 30 minutes without a change; its last text stays (house.md, Sittings), and so do two texts that
    met in a conflict.
    """
    until = timezone.now() - timedelta(days=1) if before is None else before
    kept_by_shares = ShareItem.objects.filter(revision__isnull=False).values("revision")
    speaking = (Suggestion.State.OPEN, Suggestion.State.ACCEPTED)
    kept_by_suggestions = Suggestion.objects.filter(state__in=speaking, about__isnull=False).values("about")
    rows = AnswerRevision.objects.filter(created_at__lt=until).order_by("answer", "number")
    drop, last = [], None
    for row in rows.values_list("pk", "answer_id", "created_at"):
        if last and last[1] == row[1] and row[2] - last[2] < sitting:
            drop.append(last[0])
        last = row
    stale = AnswerRevision.objects.filter(pk__in=drop, newest_of=None, aside=False).exclude(pk__in=kept_by_shares)
    return stale.exclude(pk__in=kept_by_suggestions).delete()[0]


def drop_old_drafts() -> int:
    """Drops what was ticked more than a day ago and never shared; returns how many."""
    return ShareDraft.objects.filter(created_at__lt=timezone.now() - DRAFTS_KEPT).delete()[0]
