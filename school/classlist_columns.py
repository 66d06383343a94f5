"""What the columns of a class list are: guessed by their heading, refused by heading and by what is in them.

Rule 12 of the contract: no BSN, onderwijsnummer, ECK iD, vso cluster or diagnosis comes in, whatever the column is
called. A file with such a column is refused whole, before anything of it is kept.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from stdnum.nl import bsn, onderwijsnummer

from accounts.refusals import Refusal
from school.classlist_files import Rows

FIELDS: Mapping[str, str] = {
    "number": "Leerlingnummer",
    "calling_name": "Roepnaam",
    "prefix": "Tussenvoegsel",
    "surname": "Achternaam",
    "full_name": "Hele naam in één kolom",
    "first_names": "Alle voornamen (officieel)",
    "birth_date": "Geboren op",
    "class_name": "Klas",
}
# In the order of how sure we are: «Roepnaam» wins from «Voornaam» when both are there.
KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "leerlingnummer", "leerlingnr", "llnr", "llnummer", "stamnummer", "stamnr", "studentnummer", "leerlingid",
        "nummer", "nr",
    ),
    "calling_name": ("roepnaam", "voornaam", "rnaam"),
    "prefix": ("tussenvoegsel", "tussenvoegsels", "voorvoegsel", "voorvoegsels", "tussenv", "tussen", "tv", "tvs"),
    "surname": ("achternaam", "familienaam", "geslachtsnaam", "anaam"),
    "full_name": ("volledigenaam", "leerlingnaam", "naamleerling", "studentnaam", "naam", "leerling", "student"),
    "first_names": ("voornamen", "officielevoornamen", "doopnamen"),
    "birth_date": ("geboortedatum", "gebdatum", "gebdat", "geboortedag", "geboren", "geborenop"),
    "class_name": ("klas", "stamklas", "stamgroep", "basisgroep", "klasnaam", "groep", "groepsnaam", "klascode"),
}  # fmt: skip
JOINED = {"calling_name", "prefix", "surname", "first_names"}  # may stand in more than one column
NEVER: Mapping[str, str] = {
    "bsn": "BSN", "burgerservice": "BSN", "sofinummer": "BSN", "sofinr": "BSN",
    "onderwijsnummer": "onderwijsnummer", "onderwijsnr": "onderwijsnummer", "pgn": "onderwijsnummer",
    "persoonsgebonden": "onderwijsnummer", "eckid": "ECK iD", "ketenid": "ECK iD",
    "cluster": "cluster", "diagnos": "diagnose", "dsm": "diagnose", "stoornis": "diagnose", "syndroom": "diagnose",
    "beperking": "diagnose", "handicap": "diagnose", "medicatie": "medicijnen", "medicijn": "medicijnen",
    "medisch": "iets over gezondheid", "indicatie": "indicatie", "tlv": "toelaatbaarheid",
    "toelaatbaarheid": "toelaatbaarheid", "iqscore": "IQ",
}  # fmt: skip
NEVER_WHOLE: Mapping[str, str] = {"iq": "IQ", "tiq": "IQ", "pgb": "iets over gezondheid"}
NUMBER = re.compile(r"(?<!\d)\d{8,9}(?!\d)")
DATE = re.compile(r"^(?:\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:\d{4}|\d{2}))$")
HEADINGS_WITHIN = 30

Columns = dict[int, str]  # the place of a column, and what it holds


def plain(heading: str) -> str:
    """A heading as we compare it: letters and digits, small, without accents."""
    parts = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(char for char in parts if char.isalnum())


def letter(place: int) -> str:
    """What a spreadsheet calls a column: A … Z, AA …"""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def find_headings(rows: Rows, is_known: Callable[[str], bool] = lambda heading: False) -> int:
    """Where in `rows` the headings stand: below a title, above the students. Raises Refusal at `file`."""
    best, most = -1, 1
    for place, (_number, cells) in enumerate(rows[:HEADINGS_WITHIN]):
        known = sum(bool(_field_of(cell)) or bool(_never(cell)) or is_known(cell) for cell in cells if cell)
        if known > most:
            best, most = place, known
    if best < 0:
        sentence = (
            "Wij vinden geen rij met kopjes. Zet boven de kolommen wat erin staat:"
            " Leerlingnummer, Roepnaam, Tussenvoegsel, Achternaam, Geboren op, Klas."
        )
        raise Refusal("no_headings", sentence, field="file")
    if best == len(rows) - 1:
        raise Refusal("no_rows", "Onder de kopjes staat niemand.", field="file")
    return best


def refuse_columns(rows: Rows, headings: int) -> None:
    """Raises Refusal when a column may never come in: by its heading, or by the numbers in it."""
    for place, heading in enumerate(rows[headings][1]):
        if what := _never(heading):
            raise Refusal("never", _refused(place, f"Daar staat: {what}."), field="file")
    width = max(len(cells) for _number, cells in rows)
    for place in range(width):
        if _looks_like_bsn([cells[place] for _number, cells in rows if place < len(cells)]):
            raise Refusal("bsn", _refused(place, "Daar staan nummers die op een BSN lijken."), field="file")


def _refused(place: int, why: str) -> str:
    return f"Kolom {letter(place)} mag niet mee. {why} Dat bewaren wij nooit. Haal de kolom weg en probeer het weer."


def guess(headings: Sequence[str], remembered: Callable[[str], str] = lambda heading: "") -> Columns:
    """What each column holds: as this school said before, else by its heading. What we do not know is left out."""
    found: Columns = {}
    for place, heading in enumerate(headings):
        if heading and (field := remembered(heading)) in FIELDS:
            found[place] = field
    for field, names in KNOWN_AS.items():
        if field in found.values():
            continue
        for name in names:
            places = [at for at, heading in enumerate(headings) if _base(heading, field) == name and at not in found]
            if places:
                found |= dict.fromkeys(places if field in JOINED else places[:1], field)
                break
    if {"calling_name", "surname"} <= set(found.values()):
        found = {place: field for place, field in found.items() if field != "full_name"}
    return found


def check_columns(columns: Columns, one_class: str) -> None:
    """Raises Refusal when a column that is needed is missing or stands there twice."""
    chosen = list(columns.values())
    for field in FIELDS:
        if chosen.count(field) > 1 and field not in JOINED:
            raise Refusal("twice", f"«{FIELDS[field]}» staat bij twee kolommen. Kies er één.", field="columns")
    if "full_name" not in chosen and not {"calling_name", "surname"} <= set(chosen):
        raise Refusal("no_name", "Kies waar de roepnaam en de achternaam staan.", field="columns")
    if "class_name" not in chosen and not one_class:
        raise Refusal("no_class", "Kies waar de klas staat, of schrijf de klas op.", field="one_class")


def _base(heading: str, field: str) -> str:
    """A heading without the number behind it where more columns go together: «Tussenvoegsel 2»."""
    return plain(heading).rstrip("123456789") if field in JOINED else plain(heading)


def _field_of(heading: str) -> str:
    name = plain(heading)
    return next((field for field, names in KNOWN_AS.items() if name in names), "")


def _never(heading: str) -> str:
    name = plain(heading)
    found = next((what for part, what in NEVER.items() if part in name), "")
    return NEVER_WHOLE.get(name, found)


def _looks_like_bsn(cells: Sequence[str]) -> bool:
    """Whether most of the long numbers in a column pass the eleven-test; by chance one in eleven does.

    Eight digits may be nine without the nought in front; one of those by itself says nothing. A date is no number.
    """
    packed = [re.sub(r"[ .-]", "", cell) for cell in cells if not DATE.match(cell)]
    numbers = [match.group() for cell in packed for match in NUMBER.finditer(cell)]
    passing = [one for one in numbers if bsn.is_valid(one.zfill(9)) or onderwijsnummer.is_valid(one.zfill(9))]
    enough = len(passing) > 1 or any(len(one) == 9 for one in passing)
    return enough and len(passing) * 2 >= len(numbers)
