"""The words that stay on the screens, and what they mean: the one place for it (words.yaml)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("words.yaml")
# What is no text of ours: what somebody wrote, what is in a field, code; then every tag.
OWN = re.compile(r"<(\w+)[^<>]*\btranslate=\"no\"[^<>]*>.*?</\1>|<(textarea|script)\b.*?</\2>", re.S)
TAG = re.compile(r"<[^<>]*>")
TOKEN = re.compile(r"[^\W_][\w-]*")


@dataclass(frozen=True)
class Word:
    """One word: how it also stands in a sentence, what it means, and whether a page that uses it need not say so."""

    word: str
    means: str
    forms: tuple[str, ...] = ()
    everyday: bool = False


@cache
def fixed_words() -> tuple[Word, ...]:
    """The five words that always mean the same."""
    return tuple(Word(word, means, everyday=True) for word, means in _file()["fixed"].items())


@cache
def glossary() -> tuple[Word, ...]:
    """Every word that is explained, by the alphabet."""
    rows = _file()["words"]
    words = [Word(row["word"], row["means"], tuple(row["forms"]), row.get("everyday", False)) for row in rows]
    return tuple(sorted(words, key=lambda word: word.word.lower()))


def words_in(html: str, explained: Iterable[str] = ()) -> list[Word]:
    """The words of the glossary that a page uses and has not explained itself, without the everyday ones."""
    known = {word.lower() for word in explained}
    ours = OWN.sub(" ", html) if 'translate="no"' in html or "<textarea" in html else html
    used = _forms().keys() & set(TOKEN.findall(TAG.sub(" ", ours).lower()))
    found = {word for form in used for word in _forms()[form] if word.word.lower() not in known}
    return [word for word in glossary() if word in found]


@cache
def _forms() -> dict[str, list[Word]]:
    """The hard words by each of their forms, which is one word of a text."""
    forms: dict[str, list[Word]] = {}
    for word in glossary():
        for form in () if word.everyday else {word.word.lower(), *(form.lower() for form in word.forms)}:
            forms.setdefault(form, []).append(word)
    return forms


@cache
def _file() -> Any:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))
