"""The log-in cards of a class, ten on a sheet. A token exists while the page is made, and then on paper only."""

from collections import Counter
from dataclasses import dataclass

from accounts import badges, vault
from accounts.identity import identity_of
from accounts.models import SchoolClass, Student, User
from school.models import OfficeEvent
from school.services.classes import students_in
from school.services.office import get_class_or_404, record
from school.services.one_card import Card, card_for

A_SHEET = 10


@dataclass(frozen=True, slots=True)
class Cards:
    """How many of a class have a card: what the page before the sheet says."""

    students: int
    have: int

    @property
    def lack(self) -> int:
        return self.students - self.have


def cards_of(school_class: SchoolClass) -> Cards:
    """Counts only; who it is stands on the cards."""
    students = students_in([school_class])[school_class.pk]
    states = badges.state_of(students)
    return Cards(len(students), sum(one.has_card for one in states.values()))


def make_sheets(*, school_class: SchoolClass, anew: bool, by: User) -> list[list[Card]]:
    """New cards, ten a sheet, by name: for who has none, or with `anew` for everybody, and then every old one is dead.

    What is returned is shown once and kept nowhere. Raises NotHere for anybody but a mentor of the class or a
    coordinator of the school.
    """
    get_class_or_404(school_class.pk, by)
    students = students_in([school_class])[school_class.pk]
    names = _names(students)
    tokens = badges.make_badges(students, by=by)
    if anew:
        left = [one for one in students if one.pk not in tokens and one.erase_after is None]
        tokens |= {one.pk: badges.replace_badge(one, by=by) for one in left}
    cards = sorted((names[pk].casefold(), card_for(token, names[pk])) for pk, token in tokens.items() if pk in names)
    record(school_class.institution, OfficeEvent.What.CARDS_MADE, by=by, detail=f"{school_class.name}: {len(cards)}")
    return [[card for _, card in cards[at : at + A_SHEET]] for at in range(0, len(cards), A_SHEET)]


def _names(students: list[Student]) -> dict[object, str]:
    """The calling name; with the first letter of the surname where a class has two of them."""
    keys = vault.open_keys(one.pk for one in students)
    people = {one.pk: identity_of(one, keys[one.pk]) for one in students if one.pk in keys}
    often = Counter(one.calling_name.casefold() for one in people.values())
    return {
        pk: one.display_name if often[one.calling_name.casefold()] > 1 else one.calling_name
        for pk, one in people.items()
    }
