"""All that is asked of the words of one page, in one list of faults."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from passport import words
from tests.words import lint
from tests.words.page import Page, read, structure

# Who a part of a page is for, when that is not who the page is for (`data-reader`).
READERS = {"student": lint.STUDENT, "parent": lint.PARENT, "staff": lint.STAFF}
# A day or a moment that stands alone is data.
MOMENT = re.compile(r"(?:\w+ )?\d{1,2} [a-z]+(?: \d{4})?(?:,? \d{2}:\d{2})?[:.]?")
ADDRESS = re.compile(r"\S+@\S+\w|https?://\S+\w/?")
NO_NAME = re.compile(r"(?!)")


@dataclass(frozen=True)
class Known:
    """What needs no judging: names, the words of the glossary, the labels of questions, and what people wrote."""

    names: re.Pattern[str] = NO_NAME
    glossary: Collection[str] = frozenset()
    questions: Collection[str] = ()
    written: Collection[str] = ()


def page_faults(html: str, known: Known, is_parent: bool = False) -> list[str]:
    """What is wrong with a page for whom it is: its layout says student or staff, `is_parent` which staff."""
    page = read(html)
    found = [*structure(page), *_explained(page, known), *_own_words(page, known)]
    for reader in {"", page.main_reader, *(who for who, _ in page.lines)}:
        limits = READERS[reader] if reader else limits_of(page, is_parent)
        lines = lines_of(page, reader, known)
        is_whole = reader in ("", page.main_reader)
        found += lint.page_faults(lines, limits, known.glossary, is_whole)
        found += [fault for line in lines for fault in lint.sentence_faults(line, limits, known.glossary)]
    return found


def limits_of(page: Page, is_parent: bool = False) -> lint.Limits:
    """The limits of a page: «u» in the layout of parents and staff, else a student's."""
    if not page.is_for_staff:
        return lint.STUDENT
    return lint.PARENT if is_parent else lint.STAFF


def lines_of(page: Page, reader: str, known: Known) -> list[str]:
    """The sentences of a page for one reader, «Sam» for every name and address, without the labels of questions."""
    said = page.of(reader) + [page.title] * (reader == page.main_reader)
    # «Schrijf hier iets naast: Waar ben je trots op?»: about a question, and the question as the student got it.
    cut = (text.partition(": ") for text in said if text not in known.questions)
    said = [head if tail in known.questions else head + colon + tail for head, colon, tail in cut]
    texts = [known.names.sub("Sam", ADDRESS.sub("Sam", text)) for text in said]
    return [line for text in texts for line in lint.sentences(text) if not MOMENT.fullmatch(line)]


def same_titles(pages: Iterable[tuple[str, str]]) -> list[str]:
    """Pages (name, HTML) that say they are another: the same title for two addresses that were read."""
    titles: dict[str, set[str]] = {}
    for name, html in pages:
        if name.endswith("write"):
            continue
        titles.setdefault(read(html).title.removeprefix("Fout:").strip(), set()).add(name.split(" ")[0])
    return [f"title «{title}» of {' and '.join(sorted(names))}" for title, names in titles.items() if len(names) > 1]


def _explained(page: Page, known: Known) -> Iterator[str]:
    """A hard word is explained on a student's page itself; elsewhere the page of words is one tap away."""
    used = words.words_in(" ".join(text for _, text in page.lines if text not in known.questions))
    if used and not page.has_link_to("/woorden/") and any(tag.name == "footer" for tag in page.tags):
        yield "no link to the page of hard words"
    if not page.is_for_staff:
        yield from (f"«{word.word}» is not explained here" for word in used if word.word.lower() not in page.terms)


def _own_words(page: Page, known: Known) -> Iterator[str]:
    """What somebody wrote is marked, so no browser sends it to a translator and no rule of ours judges it."""
    said = "\n".join(text for _, text in page.lines)
    yield from (f"own words that are not marked: {text}" for text in known.written if text in said)
