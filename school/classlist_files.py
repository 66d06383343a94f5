"""A class list as a school has it, CSV or XLSX, as rows of plain text. Nothing is run, and nothing is written down.

Limits come first: bytes, what a zip says and holds when opened, rows, columns, the length of a cell. XML goes through
defusedxml, so no entity expands. A formula counts as the value the sheet kept of it; in a CSV it stays text.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
from openpyxl.xml import DEFUSEDXML

from accounts.refusals import Refusal

MOST_BYTES = 5 << 20
# Unpacked, all parts together: 5,000 students are 3 MB. The texts of a sheet are held in memory, four times as big.
MOST_UNPACKED, MOST_UNPACKED_TABLE, MOST_PARTS = 16 << 20, 64 << 20, 500
MOST_BESIDE = 4 << 20  # of a part that is read whole: what is no sheet and no text of one
READ_ROW_BY_ROW = re.compile(r"xl/(?:worksheets/[^/]+|sharedStrings)\.xml")
MOST_ROWS, MOST_COLUMNS, MOST_SHEET_ROWS = 5_000, 60, 100_000
LONGEST_CELL = 300
ABOVE = 30  # rows a file may have on top of and under its students
OLD_EXCEL, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
QUOTED_FORMULA = re.compile(r'^="(.*)"$', re.S)

Rows = list[tuple[int, list[str]]]  # the number a row has in the file, and its cells


def read_rows(content: bytes, *, longest: int = LONGEST_CELL) -> Rows:
    """Every row that holds something, with its number in the file. Raises Refusal at `file`, for people.

    Of a cell over `longest` one character more is kept, so that who reads it sees that it is too long.
    """
    if not content.strip(b"\0\r\n\t ;,"):
        raise _no("empty", "Dit bestand is leeg.")
    if len(content) > MOST_BYTES:
        raise _no("too_big", "Dit bestand is te groot. Er past 5 MB in.")
    if content.startswith(OLD_EXCEL):
        raise _no("old_excel", "Dit is een oud Excel-bestand, of er zit een wachtwoord op. Bewaar het als xlsx of csv.")
    rows = _xlsx(content, MOST_UNPACKED, longest) if content.startswith(ZIP) else _csv(content, longest)
    return _bounded(rows, MOST_ROWS + ABOVE)


def read_table(content: bytes) -> Rows:
    """The same for a public list of schools: longer, and of at most 20 MB."""
    if len(content) > 4 * MOST_BYTES:
        raise _no("too_big", "This file is too big.")
    is_zip = content.startswith(ZIP)
    rows = _xlsx(content, MOST_UNPACKED_TABLE, LONGEST_CELL) if is_zip else _csv(content, LONGEST_CELL)
    return _bounded(rows, MOST_SHEET_ROWS)


def _bounded(rows: Iterable[tuple[int, list[str]]], most: int) -> Rows:
    found: Rows = []
    for number, cells in rows:
        if number > MOST_SHEET_ROWS or len(found) > most:
            raise _no("too_many", "Dit bestand heeft meer dan 5.000 rijen. Maak er twee bestanden van.")
        if any(cells):
            found.append((number, cells))
    if not found:
        raise _no("empty", "Dit bestand is leeg.")
    return found


def _no(code: str, sentence: str) -> Refusal:
    return Refusal(code, sentence, field="file")


def _unreadable() -> Refusal:
    return _no("unreadable", "Dit bestand kunnen wij niet lezen. Bewaar het als xlsx of csv en probeer het weer.")


# --- XLSX --------------------------------------------------------------------------------------------------


def _xlsx(content: bytes, most: int, longest: int) -> Iterator[tuple[int, list[str]]]:
    if not DEFUSEDXML:
        raise RuntimeError("openpyxl reads files of strangers only with defusedxml beside it")
    _weigh(content, most)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # what the file says of its own size is not to be trusted
            if next(_lines(sheet, longest), None) is not None:
                yield from _lines(sheet, longest)
                return
    except Refusal:
        raise
    except Exception:  # a library on a strange file raises anything; its words may hold a cell
        raise _unreadable() from None


def _lines(sheet: Any, longest: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet that hold something; a row far below all others ends it."""
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True), 1):
        cells = [_text(value, longest) for value in row]
        if any(cells) or number > MOST_SHEET_ROWS:
            yield number, _trimmed(cells)


def _weigh(content: bytes, most: int) -> None:
    """Opens every part of the zip once, with a counter: what it says of its own size may be a lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise _unreadable()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most:
                raise _no("too_big", "Dit bestand is uitgepakt te groot.")
            left = most
            # The small ones first: what is too big there is refused before anything big is opened.
            for part in sorted(parts, key=_is_read_in_rows):
                left -= _open_whole(packed, part, left if _is_read_in_rows(part) else min(left, MOST_BESIDE))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, ValueError, zipfile.zlib.error):  # type: ignore[attr-defined]  # zipfile brings it
        raise _unreadable() from None


def _is_read_in_rows(part: zipfile.ZipInfo) -> bool:
    return READ_ROW_BY_ROW.fullmatch(part.filename) is not None


def _open_whole(packed: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How much is in it. Raises Refusal as soon as that is more than `most`."""
    found = 0
    with packed.open(part) as opened:
        while found <= most and (block := opened.read(1 << 20)):
            found += len(block)
    if max(found, part.file_size) > most:
        raise _no("too_big", "Dit bestand is uitgepakt te groot.")
    return found


def _text(value: Any, longest: int) -> str:
    """A cell as text: a whole number without its point, a date as year-month-day."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _plain(str(value), longest)


# --- CSV ---------------------------------------------------------------------------------------------------


def _csv(content: bytes, longest: int) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n")
    said = re.match(r"sep=(.)\n", text, re.I)
    first = 2 if said else 1
    text = text[said.end() :] if said else text
    delimiter = said[1] if said else _delimiter(text)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), first):
            if any(cell.count("\n") > 3 for cell in row):
                raise _no("quote", f'In rij {number} staat het teken " één keer te veel. Haal het weg.')
            if cells := _trimmed([_plain(cell, longest) for cell in row[:MOST_COLUMNS]]):
                yield number, cells
    except csv.Error:
        raise _unreadable() from None


def _decoded(content: bytes) -> str:
    """UTF-16 and UTF-8 by their marks and shape; else an old Windows or Mac. Raises Refusal for what is no text.

    The newlines tell those two apart: charset-normalizer, asked to choose between them, was wrong on one small class in
    ten, both ways. The page after it shows every name before anything comes in.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _checked(content, "utf-16")
    if content[1:400:2].count(0) > len(content[1:400:2]) // 2:
        return _checked(content, "utf-16-le")
    try:
        return _checked(content, "utf-8-sig")
    except Refusal:
        return _checked(content, "cp1252" if b"\n" in content else "mac_roman")


def _checked(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError:
        raise _unreadable() from None
    if any(ord(char) < 32 and char not in "\t\r\n" for char in text):
        raise _unreadable()
    return text


def _delimiter(text: str) -> str:
    """The mark that cuts most of the first rows into equally many cells."""
    lines = text.split("\n", 60)[:60]

    def evenness(mark: str) -> tuple[int, int]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1]
        except csv.Error:
            return 0, 0
        common = max(set(widths), key=widths.count, default=0)
        return widths.count(common), common

    return max(";\t,|", key=evenness)


def _plain(cell: str, longest: int) -> str:
    """One line without space around it. `="0012"`, Excel's way to keep a nought, is the text in it."""
    if unwrapped := QUOTED_FORMULA.match(cell.strip()):
        cell = unwrapped[1]
    return " ".join(cell.split())[: longest + 1]


def _trimmed(cells: Iterable[str]) -> list[str]:
    found = list(cells)
    while found and not found[-1]:
        found.pop()
    return found
