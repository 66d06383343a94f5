"""The register of processing (AVG art. 30): per purpose of sharing, and per processing beside it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import yaml
from django.conf import settings

from consent.models import Purpose, RecipientKind
from consent.purposes import DISPLAY_IDENTITY, RULES, allows_unit
from intake import data_map
from intake.data_map.lines import Kind
from passport.questionnaire import Questionnaire, newest_file, parse
from school.paperwork.processings import PROCESSINGS, Processing, check
from school.paperwork.words import KINDS, how_long, places


def questions() -> Questionnaire:
    """The newest questionnaire of the project."""
    return parse(yaml.safe_load(newest_file().read_text(encoding="utf-8")))


def settings_of_purposes() -> dict[str, dict[str, Any]]:
    """The newest setting of each purpose in consent/purposes.yaml, in the order of the code."""
    rows = yaml.safe_load((settings.BASE_DIR / "consent" / "purposes.yaml").read_text(encoding="utf-8"))["settings"]
    newest = {row["purpose"]: row for row in sorted(rows, key=lambda row: row["valid_from"])}
    return {purpose: newest[purpose] for purpose in Purpose.values}


def recipients_of(purpose: str) -> str:
    return " of ".join(RecipientKind(kind).label.lower() for one, kind in RULES if one == purpose)


def _live(purpose: str) -> str:
    found = {rule.live for (one, _), rule in RULES.items() if one == purpose}
    return "steeds de nieuwste tekst" if found == {True} else "de tekst die de student liet zien"


def units_of(purpose: str) -> str:
    """How many units this purpose allows of all there are, and how many of them are marked as sensitive."""
    units = questions().units.values()
    may = [unit for unit in units if allows_unit(purpose, unit.key, sensitive=unit.sensitive)]
    later = [unit for unit in units if allows_unit(purpose, unit.key, sensitive=unit.sensitive, started=True)]
    who = [key for key in DISPLAY_IDENTITY if allows_unit(purpose, key, sensitive=False)]
    marked = sum(unit.sensitive for unit in may)
    text = f"{len(may)} van {len(units)} onderdelen ({marked} extra gevoelig)"
    if len(later) > len(may):
        text += f", na de start nog {len(later) - len(may)}"
    return f"{text}; {len(who)} van {len(DISPLAY_IDENTITY)} gegevens over wie het is"


def purposes() -> str:
    """Per purpose of sharing what the register asks."""
    parts = []
    for purpose, row in settings_of_purposes().items():
        lines = {
            "Wie leest": recipients_of(purpose),
            "Verantwoordelijke": row["controller"],
            "Grondslag": row["legal_basis"],
            "Bijzondere gegevens": row["special_ground"],
            "Wie beslist": row["age_rule"],
            "Wat kan er hooguit in": units_of(purpose),
            "Wat ziet de lezer": _live(purpose),
            "Hoe lang hooguit": row["longest"],
            "Tekst voor de student": f"`{row['notice_version']}`, geldig vanaf {row['valid_from']:%d-%m-%Y}",
        }
        parts.append(f"### {Purpose(purpose).label} (`{purpose}`)\n\n" + _pairs(lines))
    return "\n\n".join(parts)


def purposes_in_short() -> str:
    """One row per purpose."""
    rows = [
        (Purpose(purpose).label, recipients_of(purpose), row["special_ground"], units_of(purpose), row["longest"])
        for purpose, row in settings_of_purposes().items()
    ]
    return _table(("Doel", "Wie leest", "Grond voor bijzondere gegevens", "Wat kan er hooguit in", "Hoe lang"), rows)


def processings() -> str:
    """Per processing beside sharing what the register asks. Raises Misplaced for a table without a place."""
    check()
    return "\n\n".join(_processing(one) for one in PROCESSINGS)


def _processing(one: Processing) -> str:
    lines = {
        "Doel": one.goal,
        "Grondslag": one.basis,
        "Betrokkenen": one.whose,
        "Gegevens": one.data,
        "Gezondheid": one.health,
        "Wie leest": one.readers,
        "Bewaartermijn": " · ".join(_terms(one)),
        "Hoe opgeslagen": stored(one.tables),
        "Tabellen": ", ".join(f"`{label}`" for label in (*one.tables, *one.library)),
    }
    return f"### {one.title}\n\n" + _pairs(lines)


def tables_in_short() -> str:
    """One row per processing: which tables, stored how. Every table of the data map stands in it. Raises Misplaced."""
    check()
    rows = [
        (
            one.title,
            one.data,
            one.health.partition(",")[0].partition(":")[0],
            stored(one.tables),
            ", ".join(f"`{label}`" for label in (*one.tables, *one.library)),
        )
        for one in PROCESSINGS
    ]
    return _table(("Verwerking", "Gegevens", "Gezondheid", "Velden", "Tabellen"), rows)


def beside() -> str:
    """What is kept outside the databases. Raises Untranslated."""
    rows = places(place for place, *_ in data_map.BESIDE)
    return _table(("Waar", "Wat", "Hoe", "Hoe lang"), rows)


def stored(tables: Iterable[str]) -> str:
    """How many fields of these tables are stored in which way."""
    found = Counter(line.kind for name, line in data_map.FIELDS.items() if name.rpartition(".")[0] in set(tables))
    return ", ".join(f"{found[kind]} {KINDS[kind]}" for kind in Kind if found[kind])


def _terms(one: Processing) -> list[str]:
    lines = data_map.FIELDS.items()
    return how_long(line.how_long for name, line in lines if name.rpartition(".")[0] in set(one.tables))


def _pairs(lines: dict[str, Any]) -> str:
    return _table(("", ""), [(f"**{name}**", text) for name, text in lines.items()])


def _table(heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
