"""Our own texts in the language of the page: questions, options, stories (locale/<code>/content.yaml).

A translation hangs on the Dutch text, whatever version of the questionnaire it stands in (contract, Answers): what is
stored, shared, hashed and handed over stays that text. What a student wrote is in no file, so it is never translated.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import yaml
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

FOLDER = Path(settings.LOCALE_PATHS[0])


class Phrase(str):
    """A text of ours in the language of the page. Any other text was written by somebody, or has no translation."""

    __slots__ = ()


def is_dutch() -> bool:
    """Whether the page is in the language the texts were written in."""
    return (get_language() or settings.LANGUAGE_CODE) == settings.LANGUAGE_CODE


def translated(text: object) -> str:
    """A text of ours in the language of the page, as a Phrase; what has no translation comes back as it is."""
    if isinstance(text, Phrase):
        return text
    said = str(text)
    if not said or is_dutch():
        return said
    known = content_in(str(get_language()))
    if said in known:
        return Phrase(known[said])
    found = gettext(said)
    return Phrase(found) if found != said else said


def option(text: object) -> str:
    """A stored option of a question in the language of the page; own words come back as they are.

    Only the questions are looked through: a student's «Print» is no button of ours.
    """
    return options((text,))[0]


def options(texts: Iterable[object]) -> list[str]:
    """The same for many at once."""
    known = {} if is_dutch() else content_in(str(get_language()))
    return [Phrase(known[said]) if said in known else said for said in map(str, texts)]


def on_page(text: object) -> str:
    """The same for in a page: what has no translation is marked as Dutch (WCAG 3.1.2)."""
    if is_dutch():
        return str(text)
    said = translated(text)
    if not said or isinstance(said, Phrase):
        return said
    return format_html('<span lang="{}" dir="auto">{}</span>', settings.LANGUAGE_CODE, said)


def joined(separator: str, lines: Iterable[str]) -> str:
    """Lines as one text; a Phrase when all of them are."""
    lines = list(lines)
    text = separator.join(lines)
    return Phrase(text) if lines and all(isinstance(line, Phrase) for line in lines) else text


@cache
def content_in(code: str) -> Mapping[str, str]:
    """Every translated text of a language by its Dutch text; empty for a language without a file."""
    path = FOLDER / code / "content.yaml"
    parts = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {str(dutch): str(said) for part in parts.values() for dutch, said in part.items()}
