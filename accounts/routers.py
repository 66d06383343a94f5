"""The wrapped data keys live in a database of their own, apart from what they open."""

from typing import Any

KEY_MODEL = "datakey"


class KeyRouter:
    """Sends `DataKey` to the key database and everything else to the data."""

    def db_for_read(self, model: Any, **_: Any) -> str:
        return "keys" if model._meta.model_name == KEY_MODEL else "default"

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool:
        return KEY_MODEL not in {one._meta.model_name, other._meta.model_name}

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **_: Any) -> bool:
        return (db == "keys") == (model_name == KEY_MODEL)
