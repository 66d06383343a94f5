"""A code that was mailed to whoever holds the link of an invitation: one way to check it, for every kind."""

import hmac
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.refusals import NotHere


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
