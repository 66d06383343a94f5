"""The writes of the consent room, one module per subject; this is its public face."""

from consent.services.giving import (
    Also,
    change_share,
    expire_share,
    give_share,
    nothing_else,
    open_share_to,
    release_units,
    withdraw_share,
)
from consent.services.keeping import drop_in_between_revisions, drop_old_drafts, shares_past_their_day
from consent.services.planning import (
    Plan,
    Wish,
    check_valid_until,
    digest_of,
    identity_text,
    needs_guardian,
    newer_units,
    plan_change,
    plan_release,
    plan_share,
    units_of,
)
from consent.services.replies import LONGEST_REPLY, REPLY_FIELD, replies_since, replies_to, write_reply

__all__ = [
    "LONGEST_REPLY",
    "REPLY_FIELD",
    "Also",
    "Plan",
    "Wish",
    "change_share",
    "check_valid_until",
    "digest_of",
    "drop_in_between_revisions",
    "drop_old_drafts",
    "expire_share",
    "give_share",
    "identity_text",
    "needs_guardian",
    "newer_units",
    "nothing_else",
    "open_share_to",
    "plan_change",
    "plan_release",
    "plan_share",
    "release_units",
    "replies_since",
    "replies_to",
    "shares_past_their_day",
    "units_of",
    "withdraw_share",
    "write_reply",
]
