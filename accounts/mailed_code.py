"""A code that was mailed to whoever holds the link of an invitation: one way to make and check it, for every kind.

It follows from a key, the row and the moment it was asked for, so it is kept nowhere.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import vault
from accounts.refusals import NotHere

LASTS = timedelta(minutes=15)


def six_digits(digest: bytes) -> str:
    """A code of a keyed digest."""
    return f"{int.from_bytes(digest) % 10**6:06}"


def mailed_code(row: Any, key: vault.Key, what_for: str) -> str:
    """The code of an invitation that counts now; empty when none was asked for, or it is too old."""
    made = row.code_made_at
    if made is None or timezone.now() - made > LASTS:
        return ""
    return six_digits(key.mac(what_for, row.pk.bytes + str(made.timestamp()).encode()))


def try_mailed_code(rows: QuerySet[Any], code_of: Callable[[Any], str], typed: str) -> bool:
    """Whether `typed` is the code of the one invitation of `rows`; it works once, and a wrong try is counted.

    `code_of` says which code counts now, empty for none. Raises NotHere where there is no such invitation (any more).
    """
    with transaction.atomic():
        row = rows.select_for_update(of=("self",), no_key=True).first()
        if row is None:
            raise NotHere()
        code = code_of(row)
        if code and hmac.compare_digest(code, "".join(typed.split()).encode("ascii", "replace").decode()):
            row.code_made_at = None
            row.save(update_fields=["code_made_at"])
            return True
        row.wrong_codes += 1
        row.save(update_fields=["wrong_codes"])
    return False
