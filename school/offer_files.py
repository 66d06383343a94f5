"""The help of a college as a file for its own system: one row per text, out as CSV, in as CSV or XLSX.

What goes out comes in the same: reading what was written changes nothing. A cell a spreadsheet would take for a formula
goes out with ' in front of it, which is taken off again; a formula itself never comes in.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.refusals import Refusal
from intake.models import Layer
from intake.services.offers import LONGEST
from school.classlist_columns import plain
from school.classlist_files import read_rows

COLUMNS: Mapping[str, str] = {
    "programme": "Code opleiding",
    "name": "Opleiding",
    "need": "Code hulp",
    "label": "Soort hulp",
    "layer": "Laag",
    "text": "Tekst",
}
# Names and labels are there to read; only these say something when the file comes back. The API calls them so too.
NEEDED = ("programme", "need", "layer", "text")
HEADINGS_WITHIN = 10
FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
LAYERS = {plain(said): code for code, label in Layer.choices for said in (code, label)}


@dataclass(frozen=True, slots=True)
class Row:
    """One text of a file: of which programme, for which need, in which layer; `number` is where it stands."""

    number: int
    programme: str
    need: str
    layer: str
    text: str
    name: str = ""
    label: str = ""
    is_formula: bool = False


def write_rows(rows: Iterable[Row]) -> str:
    """The rows as CSV, with the layer as people call it; no cell of it is a formula."""
    out = io.StringIO(newline="")
    file = csv.writer(out, delimiter=";", lineterminator="\r\n")
    file.writerow(COLUMNS.values())
    for row in rows:
        said = (row.programme, row.name, row.need, row.label, Layer(row.layer).label, row.text)
        file.writerow([_guarded(str(cell)) for cell in said])
    return out.getvalue()


def read_file(content: bytes) -> list[Row]:
    """The rows of a file, a layer by its code; what is wrong in a row is for who knows the college.

    Raises Refusal at `file`: no file we can read, or no columns we know.
    """
    rows = read_rows(content, longest=LONGEST + 2)
    place, columns = _headings(rows)
    found = []
    for number, cells in rows[place + 1 :]:
        raw = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        said = {name: _bare(cell) for name, cell in raw.items()}
        said["layer"] = LAYERS.get(plain(said["layer"]), "")
        found.append(Row(number, **said, is_formula=raw["text"].startswith("=")))
    if not found:
        raise Refusal("no_rows", "Onder de kopjes staat niets.", field="file")
    return found


def _headings(rows: list[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    """Where the headings stand, and which column is which."""
    for place, (_number, cells) in enumerate(rows[:HEADINGS_WITHIN]):
        heads = [plain(cell) for cell in cells]
        columns = {
            name: next(at for at, head in enumerate(heads) if head in {plain(COLUMNS[name]), name})
            for name in NEEDED
            if {plain(COLUMNS[name]), name} & set(heads)
        }
        if len(columns) == len(NEEDED):
            return place, columns
    needed = ", ".join(COLUMNS[name] for name in NEEDED)
    raise Refusal("no_headings", f"Wij vinden geen rij met deze kopjes: {needed}.", field="file")


def _guarded(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
