"""The class page of a mentor or counsellor: per student the name, whether the log-in card works, and what they allow.

Always by name. There is no number to compare: «Bezig met 3 onderdelen» only for who turned it on, and in words.
"""

from dataclasses import dataclass, field
from uuid import UUID

from accounts import badges, vault
from accounts.badges import BadgeState
from accounts.identity import identity_of
from accounts.models import SchoolClass, Student, User
from consent import access
from consent.models import RecipientKind, Share
from passport import signs
from passport.signs import Signs
from school.services.classes import SeenClass, students_in


@dataclass(frozen=True, slots=True)
class Row:
    """One student of a class, as far as they allow."""

    student: Student
    card: BadgeState
    share: Share | None
    signs: Signs
    sections: int | None
    name: str = field(repr=False)

    @property
    def card_says(self) -> str:
        """Whether the log-in card works, in a word (contract, Roles)."""
        if not self.card.has_card:
            return "Nog geen kaart"
        if self.card.is_closed:
            return "Op slot"
        return "Werkt" if self.card.has_pin else "Nog geen pincode"


def rows_of(seen: SeenClass, by: User) -> list[Row]:
    """Everybody in a class today, by name. The same few queries for two students as for thirty.

    A counsellor sees no wish to talk and no progress: those are for the mentor.
    """
    students = students_in([seen.school_class])[seen.school_class.pk]
    keys = vault.open_keys([one.pk for one in students])
    cards, shares = badges.state_of(students), _shares(by, [one.pk for one in students])
    shown = signs.signs_for(list(keys)) if seen.is_mentor else {}
    begun = signs.sections_begun({pk: keys[pk] for pk, one in shown.items() if one.progress})
    rows = [
        Row(
            student=one,
            card=cards[one.pk],
            share=shares.get(one.pk),
            signs=shown.get(one.pk, Signs()),
            sections=begun.get(one.pk),
            name=identity_of(one, keys[one.pk]).full_name,
        )
        for one in students
        if one.pk in keys
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), str(row.student.pk)))


@dataclass(frozen=True, slots=True)
class Card:
    """One student with a log-in card, for «Nieuwe pincode» in the lesson."""

    student: Student
    name: str = field(repr=False)


def cards_in(school_class: SchoolClass) -> list[Card]:
    """Who of a class has a log-in card today, by name: for its mentor alone. A few queries, however many students."""
    students = students_in([school_class])[school_class.pk]
    cards = badges.state_of(students)
    keys = vault.open_keys([one.pk for one in students if cards[one.pk].has_card])
    found = [Card(one, identity_of(one, keys[one.pk]).full_name) for one in students if one.pk in keys]
    return sorted(found, key=lambda one: (one.name.casefold(), str(one.student.pk)))


def _shares(by: User, students: list[UUID]) -> dict[UUID, Share]:
    """Per student what they share with the school team and this reader may open today."""
    opened = access.open_shares(by, kind=RecipientKind.SCHOOL_TEAM, warm=False).filter(student__in=students)
    return {share.student_id: share for share in opened}
