"""Where sealed values stand: every room lists its columns, so that a renewed key reaches each of them.

A value is bound to its place, so it is opened and sealed anew for that same place; what it says does not change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Model

from accounts import vault
from accounts.models import Guardian, Invitation, Student

Place = Callable[[Any], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values were sealed anew, and how many do not open at all."""

    done: int = 0
    broken: int = 0

    def __add__(self, other: "Resealed") -> "Resealed":
        return Resealed(self.done + other.done, self.broken + other.broken)


class Sealed(Protocol):
    """One place in the data map that holds sealed values."""

    @property
    def label(self) -> str: ...

    def reseal(self, key: vault.Key) -> Resealed:
        """Seals anew what this person's key sealed with an older version."""


def of_its_row(key: vault.Key) -> Place:
    """The place of a value that is bound to its row alone."""
    return lambda row: {"row": row.pk}


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column. `owner` leads from its row to whose key it is; `place` says to what else a value is bound."""

    model: type[Model]
    name: str
    owner: str
    place: Callable[[vault.Key], Place] = field(default=of_its_row)
    related: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.model._meta.label}.{self.name}"

    def reseal(self, key: vault.Key) -> Resealed:
        """Row by row, each by itself: whoever writes the same row at that moment wins, and is seen the next time."""
        place, found = self.place(key), Resealed()
        rows = self.model._base_manager.filter(**{self.owner: key.owner, f"{self.name}__isnull": False})
        for row in rows.select_related(*self.related) if self.related else rows:
            old = bytes(getattr(row, self.name))
            if key.is_stale(old):
                found += self._reseal_one(key, row.pk, old, place(row))
        return found

    def _reseal_one(self, key: vault.Key, pk: Any, old: bytes, place: Mapping[str, Any]) -> Resealed:
        try:
            new = key.reseal(old, field=self.label, **place)
        except (vault.Tampered, vault.Shredded):
            return Resealed(broken=1)
        same = self.model._base_manager.filter(pk=pk, **{self.name: old})
        return Resealed(done=same.update(**{self.name: new}))


SEALED: tuple[Sealed, ...] = (
    SealedColumn(Student, "sealed_identity", "pk"),
    SealedColumn(Guardian, "sealed_identity", "pk"),
    SealedColumn(Invitation, "sealed_to", "student"),
)
