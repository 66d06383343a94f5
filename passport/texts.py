"""What a text may hold: no characters that hide or break it, and no citizen service number (contract, rule 12)."""

import re
import unicodedata

from django.utils.translation import gettext as _
from stdnum.nl import bsn

from accounts.refusals import Refusal

# Marks that messaging apps paste along; they show nothing, so they are dropped.
_INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\ufeff\u00ad"), None)
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NINE_IN_A_ROW = re.compile(r"(?<!\d)\d{9}(?!\d)")
_SEPARATORS = " .-/_,\n"


def _nine_apart(between: str) -> re.Pattern[str]:
    mark = f"[{re.escape(between)}]"
    return re.compile(rf"(?<![\d+])(?<!\d{mark})\d(?:{mark}?\d){{8}}(?!{mark}?\d)")


# Each mark alone too: a digit on the line above must not hide the number below it.
_NINE = (_NINE_IN_A_ROW, *map(_nine_apart, (" .-", _SEPARATORS, *_SEPARATORS)))
_COUNTRY_OR_ZERO = re.compile(r"(?:\+31|0031|(?<!\d)0)$")
_DAY = re.compile(
    r"(?<!\d)(?<!\d[-/.])(?:[0-3]?\d([-/.])[01]?\d\1(?:19|20)\d\d|(?:19|20)\d\d([-/.])[01]?\d\2[0-3]?\d)(?![-/.]?\d)"
)
MAX_COMBINING = 3


def clean_text(raw: object, *, longest: int, field: str = "value", numbers: bool = False) -> str:
    """A student's text, normalised to NFC with plain line ends and without space around it.

    Raises Refusal for a wrong type, a text over `longest` characters, characters that cannot be shown, and,
    unless `numbers`, for a citizen service number.
    """
    if not isinstance(raw, str):
        raise Refusal("invalid_type", "Dit antwoord past niet bij de vraag.", field=field)
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)).strip()
    if len(text) > longest:
        raise Refusal("too_long", _("Dit is te lang. Er passen %(most)s tekens in.") % {"most": longest}, field=field)
    if any(_unshowable(char) for char in text) or _stacked(text):
        raise Refusal("bad_characters", "Er staan tekens in die wij niet kunnen bewaren.", field=field)
    if not numbers and holds_bsn(text):
        raise Refusal(
            "bsn",
            "Is dit een telefoonnummer? Zet er dan een 0 voor."
            " Is het je BSN? Haal het dan weg. Dat nummer is alleen voor jou.",
            field=field,
        )
    return text


def clean_staff_text(raw: object, *, longest: int, field: str) -> str:
    """A text of staff or a parent, as `clean_text`; a citizen service number is refused in their words.

    Raises Refusal at the field.
    """
    try:
        return clean_text(raw, longest=longest, field=field)
    except Refusal as refusal:
        if refusal.code != "bsn":
            raise
        raise Refusal("bsn", "Hier lijkt een BSN te staan. Haal dat weg.", field=field) from None


def holds_bsn(text: str) -> bool:
    """Whether nine digits stand alone in it that pass the eleven-test and do not follow +31, 0031 or 0."""
    text = _DAY.sub("day", _in_plain_marks(text))
    for match in (found for pattern in _NINE for found in pattern.finditer(text)):
        before = text[: match.start()].rstrip(_SEPARATORS + "()")
        if not _COUNTRY_OR_ZERO.search(before) and bsn.is_valid(re.sub(r"\D", "", match.group())):
            return True
    return False


def _in_plain_marks(text: str) -> str:
    """Every digit as 0 to 9, every space and dash as the plain one, and nothing that shows nothing."""
    return "".join(_plain_mark(char) for char in text)


def _plain_mark(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    kind = unicodedata.category(char)
    if kind == "Zs" or char == "\t":
        return " "
    if kind == "Pd" or char == "\u2212":
        return "-"
    return "" if kind == "Cf" else "\n" if char in "\r\u2028\u2029" else char


def _unshowable(char: str) -> bool:
    if char in "\n\t":
        return False
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"}


def _stacked(text: str) -> bool:
    run = 0
    for char in text:
        # By category: a mark that goes around a letter (U+20DD) has no combining class.
        run = run + 1 if unicodedata.category(char) in {"Mn", "Me"} else 0
        if run > MAX_COMBINING:
            return True
    return False
