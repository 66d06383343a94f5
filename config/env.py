"""Readers of the environment that fail loudly. Every value may also come from a file named in `…_FILE`."""

import base64
import json
import os
import re
import secrets
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

# Keys that were made for a demo begin with this, so that production can refuse them.
DEMO_MARK = "demo-"


class WrongSetting(SystemExit):
    """The start stops: the message has one line per wrong or missing value, without the value itself."""


def text(name: str, default: str = "") -> str:
    """The value of NAME, or of the file that NAME_FILE points at, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise WrongSetting(f"{name}_FILE: {error.strerror}") from None
    return os.environ.get(name, default).strip()


def flag(name: str, *, default: bool) -> bool:
    """1 or 0; anything else stops the start."""
    value = text(name)
    if value not in {"", "0", "1"}:
        raise WrongSetting(f"{name}: must be 0 or 1")
    return default if value == "" else value == "1"


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without the empty ones."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def contact(name: str) -> str:
    """Where somebody reports something: mailto:, https: or tel:, without a space; anything else stops the start."""
    value = text(name)
    if value and not re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[0-9-]+)", value):
        raise WrongSetting(f"{name}: begins with mailto:, https:// or tel:, and holds no space")
    return value


def address(name: str) -> str:
    """Where this posts to: https, or http on this machine; anything else stops the start."""
    value = text(name)
    if value and not re.fullmatch(r"(https://[^\s/@]+|http://(localhost|127\.0\.0\.1)(:\d+)?)(/\S*)?", value):
        raise WrongSetting(f"{name}: begins with https:// and holds no space")
    return value


def number(name: str, *, default: int) -> int:
    """A whole number of zero or more; anything else stops the start."""
    value = text(name)
    if value and not value.isdecimal():
        raise WrongSetting(f"{name}: must be a whole number")
    return int(value) if value else default


def day_of_year(name: str, *, default: str) -> tuple[int, int]:
    """A day of every year as MM-DD, 29 February left out; anything else stops the start. Gives (month, day)."""
    value = text(name) or default
    try:
        found = date.fromisoformat(f"2001-{value}")
    except ValueError:
        raise WrongSetting(f"{name}: a day as 02-01, the month first") from None
    return found.month, found.day


def oidc_providers(name: str) -> list[dict[str, str]]:
    """Schools' own log-ins: a JSON list of {id, name, issuer, client_id, client_secret}; anything else stops the start.

    `id` becomes part of an address and may not change afterwards; `issuer` is https and stands in every token.
    """
    try:
        found = json.loads(text(name) or "[]")
    except ValueError:
        raise WrongSetting(f"{name}: must be JSON") from None
    wanted = {"id", "name", "issuer", "client_id", "client_secret"}
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, dict) or set(one) != wanted or not all(isinstance(v, str) and v for v in one.values()):
            raise WrongSetting(f"{name}: a list of objects with {', '.join(sorted(wanted))}")
        if not re.fullmatch(r"[a-z0-9-]{1,20}", one["id"]) or not one["issuer"].startswith("https://"):
            raise WrongSetting(f"{name}: id is a-z, 0-9 and -, issuer begins with https://")
    if len({one["id"] for one in found}) != len(found):
        raise WrongSetting(f"{name}: every id once")
    return list(found)


def kept_secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """A secret that is made once and then kept in the folder: the embedded default.

    Two processes may start at the same moment: the first to link its file wins, both read that one.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / name
    if not kept.exists():
        handle, temporary = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(make())
        try:
            os.link(temporary, kept)
        except FileExistsError:
            pass
        finally:
            Path(temporary).unlink()
    return kept.read_text(encoding="utf-8").strip()


def random_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
