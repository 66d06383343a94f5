"""The lists of schools that DUO publishes, read whatever its columns are called this year (open_onderwijsdata).

DUO renames its columns and files; what a row holds stays the same. Each column has its aliases here, and a list we do
not know is refused with the headings we found, so that somebody can add one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from stdnum.exceptions import ValidationError as StdnumError
from stdnum.nl import brin

from accounts.models import Institution, InstitutionIdentifier, Region
from passport.texts import holds_bsn
from school.classlist_columns import plain
from school.classlist_files import Rows, read_table
from school.models import OfficeEvent
from school.services.office import record

ALIASES: Mapping[str, tuple[str, ...]] = {
    "code": ("instellingscode", "brinnummer", "brin", "brincode", "instellingsnummer", "onderwijsinstellingscode"),
    "branch": ("vestigingscode", "vestigingsnummer", "vestiging", "brinvest", "onderwijslocatiecode"),
    "name": ("vestigingsnaam", "instellingsnaam", "naamvestiging", "naaminstelling", "schoolnaam", "naam"),
    "town": ("plaatsnaam", "plaats", "vestigingsplaats", "woonplaats"),
    "region_code": ("rmcregiocode", "rmcregio", "coderesultaatrmcregio", "rmccode"),
    "region_name": ("rmcregionaam", "naamrmcregio"),
    "sort": ("soortinstelling", "soortprimaironderwijs", "soortpo", "onderwijssoort", "soort", "typeonderwijs"),
    "structure": ("onderwijsstructuur", "onderwijsstructuren", "structuur"),
}
NEEDED = ("code", "name")
LABELS: Mapping[str, str] = {"name": "naam", "kind": "soort", "place": "plaats", "region": "regio"}
# A list of primary education or of all secondary schools holds more than one kind: which rows are this one.
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "vso": ("vso", "speciaalonderwijs", "voortgezetspeciaal"),
    "pro": ("pro", "praktijkonderwijs"),
}


class UnknownList(Exception):
    """A file in which a column that is needed was not found. Its words are for who runs the command."""


@dataclass(frozen=True, slots=True)
class Row:
    """One school or branch as the list says it."""

    code: str
    branch: str
    name: str
    town: str
    region_code: str
    region_name: str


@dataclass(slots=True)
class Outcome:
    made: int = 0
    changed: int = 0
    same: int = 0
    other_kind: int = 0
    wrong: tuple[int, ...] = ()


def import_institutions(content: bytes, kind: str) -> Outcome:
    """Brings a list in, all or nothing; run twice it changes nothing. Raises UnknownList, or Refusal for a bad file.

    A school is known by its branch code, else by its institution code. What its coordinator wrote is written over: DUO
    is the source here. Nobody is removed: a school that merged stays for who was there. What was made or changed stands
    in the log of the place.
    """
    rows = read_table(content)
    columns, first = _columns(rows)
    outcome, wrong = Outcome(), []
    with transaction.atomic():
        regions: dict[str, Region] = {}
        for number, cells in rows[first:]:
            said = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
            if not _is_of_kind(said, kind):
                outcome.other_kind += 1
                continue
            row = _row(said)
            if row is None:
                wrong.append(number)
                continue
            _keep(row, kind, regions, outcome)
    outcome.wrong = tuple(wrong)
    return outcome


def _columns(rows: Rows) -> tuple[dict[str, int], int]:
    """Which column holds what, and where the rows begin."""
    for place, (_number, cells) in enumerate(rows[:10]):
        names = [plain(cell) for cell in cells]
        found = dict(_found(names))
        if all(name in found for name in NEEDED):
            return found, place + 1
    seen = ", ".join(cell for cell in rows[0][1] if cell)[:400]
    raise UnknownList(f"No column found for {' and '.join(NEEDED)}. Headings: {seen}")


def _found(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    for logical, aliases in ALIASES.items():
        for alias in aliases:
            if alias in names:
                yield logical, names.index(alias)
                break


def _is_of_kind(said: Mapping[str, str], kind: str) -> bool:
    words = plain(said.get("sort", "") + said.get("structure", ""))
    wanted = OF_KIND.get(kind)
    if not words or wanted is None:
        return True
    return any(word in words for word in wanted)


def _row(said: Mapping[str, str]) -> Row | None:
    try:
        code = brin.compact(brin.validate(said["code"]))
    except StdnumError:
        return None
    if not said["name"] or any(holds_bsn(said.get(name, "")) for name in ("name", "town", "region_name")):
        return None
    branch = _branch(code[:4], said.get("branch", "") or (code if len(code) == 6 else ""))
    region = said.get("region_code", "").lstrip("0")
    return Row(code[:4], branch, said["name"][:160], said.get("town", "")[:80], region, said.get("region_name", ""))


def _branch(code: str, said: str) -> str:
    """`16SW03`, `03` or only `3`: always with its institution in front; empty when the list has no branches."""
    digits = said.strip().upper().removeprefix(code).strip()
    return f"{code}{int(digits):02}" if digits.isdigit() and len(digits) <= 2 else ""


def _keep(row: Row, kind: str, regions: dict[str, Region], outcome: Outcome) -> None:
    of = InstitutionIdentifier.Kind.BRIN6 if row.branch else InstitutionIdentifier.Kind.BRIN
    value = row.branch or row.code
    known = InstitutionIdentifier.objects.filter(kind=of, value=value).select_related("institution__region").first()
    fields: dict[str, Any] = {"name": row.name, "kind": kind, "place": row.town}
    if region := _region(row, regions):
        fields["region"] = region
    if known is None:
        made = Institution.objects.create(**fields)
        InstitutionIdentifier.objects.create(institution=made, kind=of, value=value)
        record(made, OfficeEvent.What.DUO_MADE, by=None, detail=f"{row.name}, {row.town} ({value})")
        outcome.made += 1
        return
    changed = [name for name, value in fields.items() if getattr(known.institution, name) != value]
    before = {name: getattr(known.institution, name) for name in changed}
    for name in changed:
        setattr(known.institution, name, fields[name])
    if changed:
        known.institution.save(update_fields=changed)
        now = ", ".join(f"{LABELS[name]} {before[name] or '–'} → {fields[name] or '–'}" for name in changed)
        record(known.institution, OfficeEvent.What.DUO_CHANGED, by=None, detail=now)
        outcome.changed += 1
    else:
        outcome.same += 1


def _region(row: Row, regions: dict[str, Region]) -> Region | None:
    """The RMC region is the region of a Doorstroompunt; its code is text of at most two digits."""
    if not row.region_code:
        return None
    if row.region_code not in regions:
        name = row.region_name or f"Regio {row.region_code}"
        regions[row.region_code] = Region.objects.get_or_create(code=row.region_code[:8], defaults={"name": name})[0]
    return regions[row.region_code]
