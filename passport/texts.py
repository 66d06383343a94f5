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
_NINE_APART = re.compile(r"(?<![\d+])(?<!\d[ .-])\d(?:[ .-]?\d){8}(?![ .-]?\d)")
_COUNTRY_OR_ZERO = re.compile(r"(?:\+31|0031|(?<!\d)0)$")
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


def holds_bsn(text: str) -> bool:
    """Whether nine digits stand alone in it that pass the eleven-test and do not follow +31, 0031 or 0."""
    for match in (*_NINE_IN_A_ROW.finditer(text), *_NINE_APART.finditer(text)):
        before = text[: match.start()].rstrip(" .-()")
        if not _COUNTRY_OR_ZERO.search(before) and bsn.is_valid(re.sub(r"\D", "", match.group())):
            return True
    return False


def _unshowable(char: str) -> bool:
    if char in "\n\t":
        return False
    return char in _BIDI or unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"}


def _stacked(text: str) -> bool:
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > MAX_COMBINING:
            return True
    return False
