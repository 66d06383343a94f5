"""Statements whose SQL is composed once per process; each run binds its own values and asks the database again.

Nothing that was read is kept. Composing the SQL of one decision costs Django some milliseconds of Python each time,
more than the database needs to answer it. This leans on the ORM's compiler (Django 5.2: `get_converters`
and `klass_info`), so a test compares every prepared statement with the same queryset run plainly.
"""

from collections.abc import Callable, Hashable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connections, models, router, transaction
from django.db.models import QuerySet
from django.db.models.base import ModelState

# What a builder gets in place of a value: found again among the parameters of the composed SQL.
MARKS: dict[type, list[Any]] = {
    UUID: [UUID(int=0xA5A5 << 96 | number) for number in range(4)],
    date: [date(1903, 1, 1 + number) for number in range(4)],
}
# Values that never change, and cost the most to make.
MADE_ONCE = (models.UUIDField, models.DateTimeField)
FIELDS: dict[type, Any] = {UUID: models.UUIDField(), date: models.DateField()}


class Prepared:
    """One composed statement. `rows` binds values by the order of the types the builder was given."""

    def __init__(self, queryset: QuerySet[Any], kinds: tuple[type, ...]) -> None:
        self._alias, compiler = queryset.db, queryset.query.get_compiler(queryset.db)
        self.sql, params = compiler.as_sql()
        self._params = list(params)
        self._kinds = kinds
        marks = [self._bound(kind, mark) for kind, mark in _marks(kinds)]
        self._places = [[at for at, value in enumerate(self._params) if value == mark] for mark in marks]
        if not all(self._places):
            raise RuntimeError("a value this statement is prepared for is not among its parameters")
        # How a row becomes models is worked out once as well: per run it cost more than the database.
        self._model, self._fields = queryset.model, _fields_of(compiler)
        converters = compiler.get_converters([column[0] for column in compiler.select])
        self._converters = [
            (at, those, of, isinstance(of.output_field, MADE_ONCE)) for at, (those, of) in converters.items()
        ]
        self._related = _related_of(compiler.klass_info, compiler.select)
        self._annotations = list(compiler.annotation_col_map.items())

    def rows(self, *values: Any, page: slice | None = None) -> list[Any]:
        """The model instances with their relations and annotations, as the queryset would give them."""
        params = list(self._params)
        for kind, places, value in zip(self._kinds, self._places, values, strict=True):
            bound = self._bound(kind, value)
            for place in places:
                params[place] = bound
        sql = self.sql
        if page is not None:
            sql, params = f"{sql} LIMIT %s OFFSET %s", [*params, page.stop - page.start, page.start]
        with connections[self._alias].cursor() as cursor:
            cursor.execute(sql, params)
            found = cursor.fetchall()
        return self._as_models(found)

    def _bound(self, kind: type, value: Any) -> Any:
        return FIELDS[kind].get_db_prep_value(value, connections[self._alias])

    def _as_models(self, found: list[tuple[Any, ...]]) -> list[Any]:
        first, last, names = self._fields
        made, seen = [], dict[Any, Any]()
        for row in self._as_python(found):
            one = _made(self._model, self._alias, names, row[first:last])
            for related in self._related:
                related.put(row, one, self._alias, seen)
            for name, at in self._annotations:
                setattr(one, name, row[at])
            made.append(one)
        return made

    def _as_python(self, found: list[tuple[Any, ...]]) -> list[list[Any]]:
        """The rows as the compiler's `apply_converters` gives them; what stands in many places is made once."""
        rows, made, db = list(map(list, found)), dict[Any, Any](), connections[self._alias]
        for at, converters, expression, is_made_once in self._converters:
            for row in rows:
                raw = row[at]
                if is_made_once and raw in made:
                    row[at] = made[raw]
                    continue
                for convert in converters:
                    row[at] = convert(row[at], expression, db)
                if is_made_once:
                    made[raw] = row[at]
        return rows


class _Related:
    """What comes along with a row (`select_related`); one row that many others point at is one instance."""

    def __init__(self, info: dict[str, Any], select: list[Any]) -> None:
        places = info["select_fields"]
        if info["from_parent"]:
            raise RuntimeError("a model with a parent's table is not prepared")
        self.model, self.first, self.last = info["model"], places[0], places[-1] + 1
        self.names = [column[0].target.attname for column in select[self.first : self.last]]
        self.pk = self.first + self.names.index(self.model._meta.pk.attname)
        self.link, self.link_back = info["local_setter"], info["remote_setter"]
        self.related = _related_of(info, select)
        # The newest text and the released one are mostly the same row: it may come along both ways.
        self.kind = self if self.related else (self.model, *self.names)

    def put(self, row: list[Any], on: Any, alias: str, seen: dict[Any, Any]) -> None:
        if row[self.pk] is None:
            self.link(on, None)
            return
        one = seen.get((self.kind, row[self.pk]))
        if one is None:
            one = _made(self.model, alias, self.names, row[self.first : self.last])
            seen[self.kind, row[self.pk]] = one
            for related in self.related:
                related.put(row, one, alias, seen)
        self.link(on, one)
        self.link_back(one, on)


def _made(model: type[models.Model], alias: str, names: list[str], values: list[Any]) -> Any:
    """An instance as `from_db` gives it, without what that does for signals; a field that was left out is deferred."""
    one = model.__new__(model)
    one._state = ModelState()
    one._state.adding, one._state.db = False, alias
    one.__dict__.update(zip(names, values, strict=True))
    return one


def _related_of(info: dict[str, Any], select: list[Any]) -> list[_Related]:
    return [_Related(one, select) for one in info.get("related_klass_infos", [])]


@cache
def prepared(build: Callable[..., QuerySet[Any]], kinds: tuple[type, ...], *shape: Hashable) -> Prepared:
    """The statement of `build(*marks, *shape)`, composed the first time it is asked for.

    `kinds`: the types of the values it binds, UUID or date, in order; `shape`: whatever else changes the SQL.
    A statement that locks rows is asked for inside a transaction, as Django demands.
    """
    return Prepared(build(*(mark for _, mark in _marks(kinds)), *shape), kinds)


def insert(one: models.Model) -> None:
    """Writes a new row, as `save(force_insert=True)` does of a model whose every value is set already; no signals.

    As with `save`, a row that is refused undoes the whole transaction, also when somebody catches the error.
    """
    connection = connections[router.db_for_write(type(one))]
    sql, fields = _insert_of(type(one), connection.alias)
    params = [field.get_db_prep_save(getattr(one, field.attname), connection) for field in fields]
    with transaction.mark_for_rollback_on_error(connection.alias), connection.cursor() as cursor:
        cursor.execute(sql, params)
    one._state.adding, one._state.db = False, connection.alias


@cache
def _insert_of(model: type[models.Model], alias: str) -> tuple[str, list[Any]]:
    # Only names of our own tables and columns stand in the text; every value is bound.
    fields, quote = list(model._meta.local_concrete_fields), connections[alias].ops.quote_name
    columns, places = ", ".join(quote(str(field.column)) for field in fields), ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})", fields  # noqa: S608  # nosec B608


def _marks(kinds: tuple[type, ...]) -> list[tuple[type, Any]]:
    left = {kind: iter(marks) for kind, marks in MARKS.items()}
    return [(kind, next(left[kind])) for kind in kinds]


def _fields_of(compiler: Any) -> tuple[int, int, list[str]]:
    places = compiler.klass_info["select_fields"]
    first, last = places[0], places[-1] + 1
    return first, last, [column[0].target.attname for column in compiler.select[first:last]]
