"""Statements whose SQL is composed once per process; each run binds its own values and asks the database again.

Nothing that was read is kept. Composing the SQL of one decision costs Django some milliseconds of Python each time,
more than the database needs to answer it. This leans on the ORM's compiler (Django 5.2: `results_iter` and
`get_related_populators`), so a test compares every prepared statement with the same queryset run plainly.
"""

from collections.abc import Callable, Hashable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

# What a builder gets in place of a value: found again among the parameters of the composed SQL.
MARKS: dict[type, list[Any]] = {
    UUID: [UUID(int=0xA5A5 << 96 | number) for number in range(4)],
    date: [date(1903, 1, 1 + number) for number in range(4)],
}
FIELDS: dict[type, Any] = {UUID: models.UUIDField(), date: models.DateField()}


class Prepared:
    """One composed statement. `rows` binds values by the order of the types the builder was given."""

    def __init__(self, queryset: QuerySet[Any], kinds: tuple[type, ...]) -> None:
        compiler = queryset.query.get_compiler(queryset.db)
        self.sql, params = compiler.as_sql()
        self._params = list(params)
        self._kinds = kinds
        marks = [_bound(kind, mark) for kind, mark in _marks(kinds)]
        self._places = [[at for at, value in enumerate(self._params) if value == mark] for mark in marks]
        if not all(self._places):
            raise RuntimeError("a value this statement is prepared for is not among its parameters")
        self._compiler = compiler
        self._model, self._fields = queryset.model, _fields_of(compiler)

    def rows(self, *values: Any, page: slice | None = None) -> list[Any]:
        """The model instances with their relations and annotations, as the queryset would give them."""
        params = list(self._params)
        for kind, places, value in zip(self._kinds, self._places, values, strict=True):
            bound = _bound(kind, value)
            for place in places:
                params[place] = bound
        sql = self.sql
        if page is not None:
            sql, params = f"{sql} LIMIT %s OFFSET %s", [*params, page.stop - page.start, page.start]
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchall()
        return self._as_models(found)

    def _as_models(self, found: list[tuple[Any, ...]]) -> list[Any]:
        compiler = self._compiler
        first, last, names = self._fields
        related = get_related_populators(compiler.klass_info, compiler.select, connection.alias)
        annotations = list(compiler.annotation_col_map.items())
        made = []
        for row in compiler.results_iter([found]):
            one = self._model.from_db(connection.alias, names, row[first:last])
            for populator in related:
                populator.populate(row, one)
            for name, at in annotations:
                setattr(one, name, row[at])
            made.append(one)
        return made


@cache
def prepared(build: Callable[..., QuerySet[Any]], kinds: tuple[type, ...], *shape: Hashable) -> Prepared:
    """The statement of `build(*marks, *shape)`, composed the first time it is asked for.

    `kinds`: the types of the values it binds, UUID or date, in order; `shape`: whatever else changes the SQL.
    A statement that locks rows is asked for inside a transaction, as Django demands.
    """
    return Prepared(build(*(mark for _, mark in _marks(kinds)), *shape), kinds)


def _marks(kinds: tuple[type, ...]) -> list[tuple[type, Any]]:
    left = {kind: iter(marks) for kind, marks in MARKS.items()}
    return [(kind, next(left[kind])) for kind in kinds]


def _bound(kind: type, value: Any) -> Any:
    return FIELDS[kind].get_db_prep_value(value, connection)


def _fields_of(compiler: Any) -> tuple[int, int, list[str]]:
    places = compiler.klass_info["select_fields"]
    first, last = places[0], places[-1] + 1
    return first, last, [column[0].target.attname for column in compiler.select[first:last]]
