"""On a device of one's own, before something sensitive is shared: is it still you? (house.md, Sessions)"""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

from accounts import step_up
from accounts.refusals import Refusal
from passport.services import questions_of

NOT_YET = ("once_more", "Laat eerst nog een keer zien dat jij het bent.")


def asks_once_more(request: HttpRequest, passport: Any, units: Iterable[str]) -> bool:
    """Whether these units hold something sensitive and the student did not show lately that it is them."""
    if not step_up.is_needed(request):
        return False
    known = questions_of(passport).units
    return any(known[unit].sensitive for unit in units if unit in known)


def refuse_without(request: HttpRequest, passport: Any, units: Iterable[str]) -> None:
    """The same for the API. Raises Refusal: `once_more`, at /nog-even/ one shows it."""
    if asks_once_more(request, passport, units):
        raise Refusal(*NOT_YET, status=403)


def refuse_stale(request: HttpRequest) -> None:
    """For the API, before all of the passport goes out at once. Raises Refusal: `once_more`."""
    if step_up.is_needed(request):
        raise Refusal(*NOT_YET, status=403)
