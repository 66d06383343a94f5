"""What ends with a tie: every share that was given in it. The tie itself is ended by intake/services/people.py."""

from accounts import vault
from accounts.models import Student, Tie, User
from consent.ledger import Event
from consent.models import Share, ShareState
from consent.services.giving import Also, end_locked


def end_shares_in(*, tie: Tie, key: vault.Key, by: User, also: Also) -> list[Share]:
    """Withdraws every open share given in this tie, each with its record; in the transaction that ends the tie.

    Only its student does that, and the caller asked. Twice is no error.
    """
    Student.objects.select_for_update(no_key=True).get(pk=tie.student_id)
    rows = Share.objects.open_ended().filter(tie=tie).select_for_update(no_key=True, of=("self",))
    shares = list(rows.select_related("student__passport"))
    for share in shares:
        end_locked(share, key, ShareState.WITHDRAWN, Event.WITHDRAWN, by, also)
    return shares
