"""Which PINs are too easy, said kindly. Nobody but the student hears which one was refused."""

import re
from itertools import pairwise

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Student
from accounts.refusals import Refusal

SHAPE = "Een pincode heeft 4, 5 of 6 cijfers."
TOO_EASY = "Deze pincode is te makkelijk te raden. Kies een andere."
YEAR = re.compile(r"(19|20)\d\d")


def refuse_weak(student: Student, pin: str) -> None:
    """Raises Refusal at `pin` for a PIN that others guess first: 0000, 1234, 1212, a year, a birthday."""
    if not re.fullmatch(r"[0-9]{4,6}", pin):
        raise Refusal("pin_shape", SHAPE, field="pin")
    if is_easy(pin) or pin in _birthdays(student):
        raise Refusal("pin_weak", TOO_EASY, field="pin")


def is_easy(pin: str) -> bool:
    """The same digit, a row up or down, a pair or triple that repeats, or a year."""
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(pin)}
    halves = {pin[: len(pin) // part] * part for part in (2, 3) if len(pin) % part == 0}
    return len(steps) == 1 or pin in halves or len(set(pin)) == 1 or bool(YEAR.fullmatch(pin))


def _birthdays(student: Student) -> set[str]:
    born = identity_of(student, vault.open_key(student.pk)).born
    if born is None:
        return set()
    return {born.strftime(shape) for shape in ("%Y", "%d%m", "%m%d", "%d%m%y", "%y%m%d", "%m%d%y")}
