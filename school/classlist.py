"""One row of a class list as a person, or as one clear sentence about what is wrong with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils import timezone

from accounts.identity import Identity, age_on
from accounts.refusals import Refusal
from passport.texts import clean_text, holds_bsn
from school.classlist_columns import Columns, plain
from school.classlist_files import Rows

# What stands before a surname; a name that is nothing else is a surname after all.
PREFIXES = {
    "van", "der", "den", "de", "het", "'t", "ter", "ten", "te", "op", "in", "aan", "uit", "uijt", "bij", "voor",
    "onder", "over", "el", "al", "da", "das", "dos", "do", "di", "du", "la", "le", "les", "von", "zu", "zum", "zur",
    "ben", "bin", "ibn", "y", "af", "av", "'s",
}  # fmt: skip
LONGEST_NAME, LONGEST_CLASS, LONGEST_NUMBER = 80, 40, 20
YOUNGEST, OLDEST = 9, 30
FORMULA = ("=", "+", "-", "@", "\t")
DAY_FIRST = re.compile(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$")
YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
COMPACT = re.compile(r"^(\d{2})(\d{2})((?:19|20)\d{2})$")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `errors` are sentences for whoever uploads; with one it does not come in. Personal: never in a log."""

    row: int
    number: str = field(default="", repr=False)
    calling_name: str = field(default="", repr=False)
    prefix: str = field(default="", repr=False)
    surname: str = field(default="", repr=False)
    official_name: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    class_name: str = field(default="", repr=False)
    errors: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.calling_name, self.prefix, self.surname) if part)

    @property
    def born(self) -> str:
        """The birth date as people write it."""
        return "-".join(reversed(self.birth_date.split("-")))

    @property
    def same_number(self) -> str:
        """The number without noughts in front: `1234` and `001234` are one student, whoever took them off."""
        return plain(self.number).lstrip("0")

    @property
    def same_name(self) -> str:
        return " ".join(plain(part) for part in (self.calling_name, self.prefix + self.surname))

    def identity(self, known: Identity | None = None) -> Identity:
        """Who this is. What the list does not say of somebody we know stays as it is."""
        return Identity(
            calling_name=self.calling_name,
            prefix=self.prefix,
            surname=self.surname,
            official_name=self.official_name or (known.official_name if known else "") or self.full_name,
            birth_date=self.birth_date or (known.birth_date if known else ""),
            application_ref=known.application_ref if known else "",
        )


def read_entries(rows: Rows, headings: int, columns: Columns, one_class: str = "") -> list[Entry]:
    """Every row below the headings as an entry; the headings themselves, printed once more, are left out."""
    top = [plain(cell) for cell in rows[headings][1]]
    found = [
        _entry(number, cells, columns, one_class)
        for number, cells in rows[headings + 1 :]
        if [plain(cell) for cell in cells] != top
    ]
    return list(_without_doubles(found))


def _entry(row: int, cells: Sequence[str], columns: Columns, one_class: str) -> Entry:
    said = {name: [cells[place] for place, what in columns.items() if what == name and place < len(cells)]
            for name in set(columns.values())}  # fmt: skip
    joined = {name: " ".join(part for part in parts if part) for name, parts in said.items()}
    checks = _Checks()
    names = _names(joined)
    calling, prefix, surname = (
        checks.name(names[0], "roepnaam", needed=True),
        checks.name(names[1], "tussenvoegsel"),
        checks.name(names[2], "achternaam", needed=True),
    )
    first_names = checks.name(joined.get("first_names", ""), "voornamen")
    return Entry(
        row=row,
        number=checks.number(joined.get("number", "")),
        calling_name=calling,
        prefix=prefix,
        surname=surname,
        official_name=" ".join(part for part in (first_names, prefix, surname) if part) if first_names else "",
        birth_date=checks.birth_date(joined.get("birth_date", "")),
        class_name=checks.class_name(joined.get("class_name", "") or one_class),
        errors=tuple(checks.errors),
    )


class _Checks:
    """Reads the parts of one row, and keeps a sentence for each that is wrong. No sentence repeats a cell."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def name(self, raw: str, what: str, *, needed: bool = False) -> str:
        if not raw:
            if needed:
                self.errors.append(f"De {what} is leeg.")
            return ""
        if any(char.isdigit() for char in raw) or not any(char.isalpha() for char in raw):
            return self._wrong(f"In de {what} staat iets dat geen naam is." if what != "tussenvoegsel" else
                               "In het tussenvoegsel staat iets dat geen naam is.")  # fmt: skip
        return self._clean(raw, LONGEST_NAME, what)

    def number(self, raw: str) -> str:
        if not raw:
            return ""
        if len(raw) == 9 and holds_bsn(raw):
            return self._wrong("Het leerlingnummer lijkt op een BSN. Dat bewaren wij nooit.")
        if not plain(raw) or not re.fullmatch(r"[\w./ -]+", raw):
            return self._wrong("In het leerlingnummer staan tekens die wij niet kennen.")
        return self._clean(raw, LONGEST_NUMBER, "leerlingnummer")

    def class_name(self, raw: str) -> str:
        if not raw:
            return self._wrong("De klas is leeg.")
        return self._clean(raw, LONGEST_CLASS, "klas")

    def birth_date(self, raw: str) -> str:
        if not raw:
            return ""
        born = _date_of(raw)
        if born is None:
            return self._wrong("Wanneer deze student geboren is, begrijpen wij niet. Schrijf het als 14-03-2010.")
        if not YOUNGEST <= (age_on(born) or 0) <= OLDEST:
            return self._wrong(f"De dag van geboorte klopt niet. Een student is {YOUNGEST} tot {OLDEST} jaar.")
        return born.isoformat()

    def _clean(self, raw: str, longest: int, what: str) -> str:
        if raw.startswith(FORMULA):
            return self._wrong(f"Er staat een formule bij {what}. Zet er de tekst zelf.")
        try:
            return clean_text(raw, longest=longest)
        except Refusal as refusal:
            why = {"too_long": "is te lang", "bsn": "lijkt een BSN te bevatten"}
            return self._wrong(f"Wat bij {what} staat, {why.get(refusal.code, 'kunnen wij niet lezen')}.")

    def _wrong(self, sentence: str) -> str:
        self.errors.append(sentence)
        return ""


def _names(said: dict[str, str]) -> tuple[str, str, str]:
    """Calling name, prefix and surname, from three columns, from two, or from one."""
    calling, prefix, surname = (said.get(name, "") for name in ("calling_name", "prefix", "surname"))
    if not (calling or surname) and (whole := said.get("full_name", "")):
        calling, prefix, surname = _split(whole)
    if not prefix:
        prefix, surname = _off(surname)
    return calling, prefix, surname


def _split(whole: str) -> tuple[str, str, str]:
    """«Vries, Anna de», «de Vries, Anna» or «Anna de Vries». Without a comma the last word is the surname."""
    if "," in whole:
        surname, _, rest = whole.partition(",")
        words = rest.split()
        at = next((place for place, word in enumerate(words) if place and _is_prefix(word)), len(words))
        return " ".join(words[:at]), " ".join(words[at:]), surname.strip()
    words = whole.split()
    at = next((place for place, word in enumerate(words) if place and _is_prefix(word)), 0)
    if at and at < len(words) - 1:
        prefix, surname = _off(" ".join(words[at:]))
        return " ".join(words[:at]), prefix, surname
    return " ".join(words[:-1]), "", " ".join(words[-1:])


def _off(surname: str) -> tuple[str, str]:
    """A prefix that stands with the surname: «van der Berg», «Berg van der», «Berg, van der»."""
    words = surname.replace(",", " ").split()
    front = next((place for place, word in enumerate(words) if not _is_prefix(word)), len(words))
    if 0 < front < len(words):
        return " ".join(words[:front]), " ".join(words[front:])
    back = next((place for place in range(len(words), 0, -1) if not _is_prefix(words[place - 1])), 0)
    if 0 < back < len(words):
        return " ".join(words[back:]), " ".join(words[:back])
    return "", " ".join(words)


def _is_prefix(word: str) -> bool:
    return word.casefold().replace("’", "'") in PREFIXES


def _date_of(raw: str) -> date | None:
    try:
        if found := YEAR_FIRST.match(raw):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := DAY_FIRST.match(raw) or COMPACT.match(raw):
            year = int(found[3])
            century = 2000 if year <= timezone.localdate().year % 100 else 1900
            return date(year if year > 99 else year + century, int(found[2]), int(found[1]))
    except ValueError:
        return None
    return None


def _without_doubles(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Who stands there twice comes in once: the second row says where the first is."""
    numbers: dict[str, int] = {}
    people: dict[tuple[str, str], Entry] = {}
    for one in entries:
        errors = list(one.errors)
        if one.same_number:
            first = numbers.setdefault(one.same_number, one.row)
            if first != one.row:
                errors.append(f"Dit leerlingnummer staat ook in rij {first}. Een 0 ervoor telt niet mee.")
        if not one.errors and one.calling_name:
            earlier = people.setdefault((one.same_name, one.birth_date), one)
            if earlier is not one and (not one.same_number or not earlier.same_number):
                errors.append(f"Deze student staat ook in rij {earlier.row}.")
        yield replace(one, errors=tuple(errors))
