"""How a count of people may be published: whole fives, rounded down, and nothing below five (contract, figures).

Down and not to the nearest: every published number then stands for five possible counts, the smallest too (5 for 5 to
9). To the nearest, a 5 would mean 5, 6 or 7, and that is narrower than the contract allows. See docs/decisions/0018.
"""

from typing import Any

STEP = 5


def rounded(count: int) -> int | None:
    """A count as it may be published: a multiple of five, rounded down; None below five. Raises ValueError below 0."""
    if count < 0:
        raise ValueError("a count is never negative")
    return count // STEP * STEP or None


def as_json(value: int | None) -> dict[str, Any]:
    """A rounded count as the API gives it: one that is left out does not say why."""
    return {"value": value, "suppressed": value is None}
