"""What a purpose means in law: dated settings with the notice a student reads. In force, one never changes.

A share keeps the setting of the day on which it was given, so a basis is never swapped afterwards (contract, Purposes).
"""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from consent.models import Purpose, PurposeSetting, Share

FIELDS = tuple(
    "controller legal_basis special_ground age_rule longest notice_version notice_language notice_text".split()
)


class WrongPurposes(Exception):
    """The file cannot be loaded, or a purpose has no setting: the message names purpose, day and field."""


def load_purposes(path: Path, *, from_tomorrow: bool = False) -> int:
    """Adds the settings of a file; returns how many were new. The same file again changes nothing.

    Raises WrongPurposes: a setting that is in force never changes, and a new one for a purpose that has one begins
    tomorrow at the earliest. One that has not begun yet may still be corrected. With `from_tomorrow`, for a site that
    gets a newer version of this software, what comes too late begins tomorrow, if its notice has a version of its own.
    """
    rows = [_row(raw) for raw in _read(path)]
    if len({(row.purpose, row.valid_from) for row in rows}) < len(rows):
        raise WrongPurposes("a purpose stands twice on the same day")
    with transaction.atomic():
        known = {(row.purpose, row.valid_from): row for row in PurposeSetting.objects.all()}
        missing = set(Purpose.values) - {row.purpose for row in (*rows, *known.values())}
        if missing:
            raise WrongPurposes(f"{', '.join(sorted(missing))}: has no setting")
        return sum(_keep(row, known, from_tomorrow) for row in rows)


def setting_on(purpose: str, on: date) -> PurposeSetting:
    """The setting of a purpose on a day. Before the first one began, that one. Raises WrongPurposes without any."""
    settings = list(PurposeSetting.objects.filter(purpose=purpose).order_by("valid_from"))
    if not settings:
        raise WrongPurposes(f"{purpose}: has no setting; run manage.py load_purposes consent/purposes.yaml")
    return next((one for one in reversed(settings) if one.valid_from <= on), settings[0])


def setting_of(share: Share) -> PurposeSetting:
    """The setting a share was given under, whatever came after. Raises WrongPurposes."""
    return setting_on(share.purpose, timezone.localdate(share.created_at))


def notice_sha256(setting: PurposeSetting) -> str:
    """The fingerprint of the notice as it was read."""
    return hashlib.sha256(setting.notice_text.encode()).hexdigest()


def _read(path: Path) -> list[Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise WrongPurposes("the file cannot be read") from None
    except yaml.YAMLError:
        raise WrongPurposes("this is not valid YAML") from None
    rows = content.get("settings") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise WrongPurposes("settings: is missing")
    return rows


def _row(raw: Any) -> PurposeSetting:
    if not isinstance(raw, dict) or raw.get("purpose") not in Purpose.values:
        raise WrongPurposes("purpose: is missing or unknown")
    name = f"{raw['purpose']} {raw.get('valid_from')}"
    if type(raw.get("valid_from")) is not date:
        raise WrongPurposes(f"{name}: valid_from is not a day")
    if unknown := set(raw) - {"purpose", "valid_from", *FIELDS}:
        raise WrongPurposes(f"{name}: unknown {', '.join(sorted(map(str, unknown)))}")
    return PurposeSetting(purpose=raw["purpose"], valid_from=raw["valid_from"], **_texts(raw, name))


def _texts(raw: Mapping[str, Any], name: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for field in FIELDS:
        text, longest = raw.get(field), getattr(PurposeSetting._meta.get_field(field), "max_length", None)
        if not isinstance(text, str) or not text.strip():
            raise WrongPurposes(f"{name}: {field} is empty")
        if longest and len(text) > longest:
            raise WrongPurposes(f"{name}: {field} is longer than {longest}")
        texts[field] = text
    return texts


def _keep(row: PurposeSetting, known: Mapping[tuple[str, date], PurposeSetting], from_tomorrow: bool) -> bool:
    """Adds a setting or corrects one that has not begun; whether anything was written."""
    old = known.get((row.purpose, row.valid_from))
    if old and _is_same(old, row):
        return False
    today, others = timezone.localdate(), [one for one in known.values() if one.purpose == row.purpose]
    if row.valid_from <= today and others:
        if from_tomorrow and any(_is_same(one, row) for one in others):
            return False
        if not from_tomorrow or row.notice_version in {one.notice_version for one in others}:
            raise WrongPurposes(_too_late(row, old))
        row.valid_from = today + timedelta(days=1)
        old = known.get((row.purpose, row.valid_from))
    if old:
        PurposeSetting.objects.filter(pk=old.pk).update(**{field: getattr(row, field) for field in FIELDS})
    else:
        row.save(force_insert=True)
    return True


def _is_same(one: PurposeSetting, other: PurposeSetting) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in FIELDS)


def _too_late(row: PurposeSetting, old: PurposeSetting | None) -> str:
    if old:
        return f"{row}: is in force and cannot change: give a later valid_from"
    return f"{row}: there is a setting already; a new one begins tomorrow at the earliest"
