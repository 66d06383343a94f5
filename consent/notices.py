"""What a purpose means in law: dated settings with the notice a student reads. In force, one never changes.

A share keeps the setting of the day on which it was given, so a basis is never swapped afterwards (contract, Purposes).
A setting can have its texts in other languages too; a language may be added later, and its text never changes either.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language

from consent.models import Purpose, PurposeSetting, Share

FIELDS = tuple(
    "controller legal_basis special_ground age_rule longest notice_version notice_language notice_text".split()
)


TRANSLATED = tuple("controller legal_basis special_ground age_rule longest notice_text".split())


class WrongPurposes(Exception):
    """The file cannot be loaded, or a purpose has no setting: the message names purpose, day and field."""


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of a setting in one language, as somebody reads it before a yes."""

    notice_version: str
    notice_language: str
    controller: str
    legal_basis: str
    special_ground: str
    age_rule: str
    longest: str
    notice_text: str

    @property
    def sha256(self) -> str:
        """The fingerprint of the text as it was read."""
        return hashlib.sha256(self.notice_text.encode()).hexdigest()


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


def notice_of(setting: PurposeSetting, language: str | None = None) -> Notice:
    """The notice in a language (that of the page); in the language it was signed in when there is no other text."""
    code = language or get_language() or setting.notice_language
    texts = setting.translations.get(code)
    if texts is None:
        code, texts = setting.notice_language, {name: getattr(setting, name) for name in TRANSLATED}
    return Notice(setting.notice_version, code, **texts)


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
    if unknown := set(raw) - {"purpose", "valid_from", "translations", *FIELDS}:
        raise WrongPurposes(f"{name}: unknown {', '.join(sorted(map(str, unknown)))}")
    others = _translations(raw.get("translations") or {}, name)
    return PurposeSetting(
        purpose=raw["purpose"], valid_from=raw["valid_from"], translations=others, **_texts(raw, name)
    )


def _translations(raw: Any, name: str) -> dict[str, dict[str, str]]:
    """Every language has every text: half a notice is none."""
    for code, texts in raw.items() if isinstance(raw, dict) else [("translations", None)]:
        whole = texts if isinstance(texts, dict) and set(texts) == set(TRANSLATED) else {"": ""}
        if not all(isinstance(text, str) and text.strip() for text in whole.values()):
            raise WrongPurposes(f"{name}: {code} needs exactly {', '.join(TRANSLATED)}")
    return dict(raw)


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
        return _add_languages(old, row)
    today, others = timezone.localdate(), [one for one in known.values() if one.purpose == row.purpose]
    if row.valid_from <= today and others:
        if from_tomorrow and (same := next((one for one in others if _is_same(one, row)), None)):
            return _add_languages(same, row)
        if not from_tomorrow or row.notice_version in {one.notice_version for one in others}:
            raise WrongPurposes(_too_late(row, old))
        row.valid_from = today + timedelta(days=1)
        old = known.get((row.purpose, row.valid_from))
    if old:
        PurposeSetting.objects.filter(pk=old.pk).update(
            **{field: getattr(row, field) for field in (*FIELDS, "translations")}
        )
    else:
        row.save(force_insert=True)
    return True


def _add_languages(old: PurposeSetting, row: PurposeSetting) -> bool:
    """Whether a language was added. What somebody may have read in a language is not changed any more."""
    in_force = old.valid_from <= timezone.localdate()
    for code, texts in old.translations.items():
        if in_force and row.translations.get(code, texts) != texts:
            raise WrongPurposes(f"{old}: {code} is in force and cannot change: give a later valid_from")
    both = {**old.translations, **row.translations}
    if both == old.translations:
        return False
    return bool(PurposeSetting.objects.filter(pk=old.pk).update(translations=both))


def _is_same(one: PurposeSetting, other: PurposeSetting) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in FIELDS)


def _too_late(row: PurposeSetting, old: PurposeSetting | None) -> str:
    if old:
        return f"{row}: is in force and cannot change: give a later valid_from"
    return f"{row}: there is a setting already; a new one begins tomorrow at the earliest"
