"""What a page says, by blocks; and what is wrong with how it is built (language, titles, headings, labels)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "textarea", "template", "code", "svg"}
INLINE = set("a abbr b bdi cite dfn em i kbd mark q s small strong sub sup svg time u use".split())
SPOKEN = {"aria-label", "alt", "title", "placeholder"}
SAID_LATER = "data-say-"  # what a script will say
FIELDS = {"input", "select", "textarea"}
NO_LABEL = {"hidden", "submit", "button", "image", "reset"}
VAGUE = {"klik hier", "hier", "lees meer", "meer", "link", "deze link", "klik"}
LANGUAGES = {"nl", "en", "tr", "ar", "pl", "uk", "ti", "fr", "de"}
EMOJI = re.compile("[\U0001f300-\U0001faff☀-➿]")


@dataclass
class Tag:
    """One open element: what it says of itself, and what it hands down."""

    name: str
    attrs: dict[str, str]
    reader: str
    silent: bool
    language: str
    text: str = ""


@dataclass
class Page:
    """One page, read. `lines` holds (reader, text) per block; own words, other languages and code are left out."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # what somebody wrote, marked with translate="no"
    title: str = ""
    terms: set[str] = field(default_factory=set)  # words explained here
    tags: list[Tag] = field(default_factory=list)

    @property
    def is_for_staff(self) -> bool:
        """Whether the page speaks to parents and staff: «u»."""
        return any(tag.name == "body" and "staff" in tag.attrs.get("class", "").split() for tag in self.tags)

    @property
    def main_reader(self) -> str:
        """Who the whole of a page is for, when its layout does not say it (`data-reader` on main)."""
        return next((tag.reader for tag in self.tags if tag.name == "main"), "")

    def has_link_to(self, address: str) -> bool:
        return any(tag.name == "a" and tag.attrs.get("href") == address for tag in self.tags)

    def of(self, reader: str) -> list[str]:
        """The lines for one kind of reader: "" for whom the page is, else the name in `data-reader`."""
        return [text for who, text in self.lines if who == reader]


def read(html: str) -> Page:
    """Reads a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.flush()
    return reader.page


def _is_left_out(attrs: dict[str, str]) -> bool:
    """Own words, and what nobody sees or hears."""
    return attrs.get("translate") == "no" or attrs.get("aria-hidden") == "true" or "hidden" in attrs


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.block = Page(), ""
        self.open = [Tag("", {}, "", False, "nl")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known, above = {name: value or "" for name, value in attrs}, self.open[-1]
        if self._breaks(tag, known):
            self.flush()
        language = known.get("lang", above.language)
        silent = above.silent or tag in SILENT or language[:2] != "nl" or _is_left_out(known)
        one = Tag(tag, known, known.get("data-reader", above.reader), silent, language)
        self.page.tags.append(one)
        self.page.terms |= {known["data-word"]} if "data-word" in known else set()
        if not silent:
            said = [text for name, text in known.items() if name in SPOKEN or name.startswith(SAID_LATER)]
            self.page.lines += [(one.reader, text.strip()) for text in said if text.strip()]
        if tag not in VOID:
            self.open.append(one)

    def handle_endtag(self, tag: str) -> None:
        if tag not in [one.name for one in self.open]:
            return
        if self._breaks(tag, self.open[-1].attrs):
            self.flush()
        while self.open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(one.name in SILENT for one in self.open):
            for one in self.open:
                one.text += data
        here = self.open[-1]
        if here.name == "title":
            self.page.title += data.strip()
        if any(one.attrs.get("translate") == "no" for one in self.open) and data.strip():
            self.page.own.append(data.strip())
        if here.name == "title":
            return
        if not here.silent:
            self.block += re.sub(r"\s+", " ", data)
        elif self.block and not self.block.endswith(" "):
            self.block += " … " if here.attrs.get("translate") == "no" and here.name in INLINE | {"span"} else ""

    def flush(self) -> None:
        """Ends a block."""
        if self.block.strip():
            self.page.lines.append((self.open[-1].reader, re.sub(r"\s+", " ", self.block).strip()))
        self.block = ""

    @staticmethod
    def _breaks(tag: str, attrs: dict[str, str]) -> bool:
        """A word in a sentence does not end it, nor what is only heard; a part of its own does: a button, a span."""
        if tag == "span":
            return attrs.get("class") != "vh"
        if tag == "a":
            return bool({"btn", "link"} & set(attrs.get("class", "").split()))
        return tag not in INLINE


# --- How a page is built -----------------------------------------------------------------------------------


def structure(page: Page) -> list[str]:
    """What is wrong with how a page is built, as far as words go."""
    return [*_language(page), *_headings(page), *_fields(page), *_links(page), *_other(page)]


def _named(page: Page, *names: str) -> list[Tag]:
    return [tag for tag in page.tags if tag.name in names]


def _language(page: Page) -> Iterator[str]:
    html = _named(page, "html")
    if not html or html[0].attrs.get("lang") != "nl":
        yield "the page does not say lang=nl"
    for tag in page.tags:
        if "lang" in tag.attrs and tag.attrs["lang"].split("-")[0] not in LANGUAGES:
            yield f"unknown lang «{tag.attrs['lang']}»"


def _headings(page: Page) -> Iterator[str]:
    if not page.title.removeprefix("Fout:").strip():
        yield "no title"
    levels = [int(tag.name[1]) for tag in page.tags if re.fullmatch(r"h[1-6]", tag.name)]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    for before, after in pairwise(levels):
        if after > before + 1:
            yield f"h{after} after h{before}"
    yield from (f"empty {tag.name}" for tag in _named(page, "h1", "h2", "h3") if not tag.text.strip())
    wrong = any("error" in tag.attrs.get("class", "").split() and "hidden" not in tag.attrs for tag in page.tags)
    if wrong and not page.title.startswith("Fout:"):
        yield "an error, and the title does not say Fout:"


def _fields(page: Page) -> Iterator[str]:
    labels = {tag.attrs.get("for", ""): tag for tag in _named(page, "label")}
    ids = [tag.attrs["id"] for tag in page.tags if "id" in tag.attrs]
    yield from (f"id «{one}» stands twice" for one in sorted({one for one in ids if ids.count(one) > 1}))
    yield from (f"label for «{one}», which is not there" for one in labels if one and one not in ids)
    for tag in _named(page, *FIELDS):
        if tag.attrs.get("type") in NO_LABEL:
            continue
        name = tag.attrs.get("name") or tag.attrs.get("id", "?")
        if "placeholder" in tag.attrs:
            yield f"field «{name}» has a placeholder"
        label = labels.get(tag.attrs.get("id", ""))
        if label is None:
            yield f"field «{name}» has no label that can be seen"
        elif not label.text.strip() or label.attrs.get("class") == "vh":
            yield f"the label of «{name}» says nothing that can be seen"


def _links(page: Page) -> Iterator[str]:
    for tag in _named(page, "a", "button", "summary"):
        said = (tag.text.strip() or tag.attrs.get("aria-label", "")).strip()
        if not said:
            yield f"{tag.name} without words"
        if said.lower().strip(" .…»") in VAGUE:
            yield f"{tag.name} that says only «{said}»"


def _other(page: Page) -> Iterator[str]:
    for tag in page.tags:
        if tag.attrs.get("tabindex", "0").lstrip("+").isdigit() and int(tag.attrs.get("tabindex", "0")) > 0:
            yield "tabindex above 0"
        if tag.name == "img" and "alt" not in tag.attrs:
            yield "img without alt"
    if any(EMOJI.search(text) for _, text in page.lines):
        yield "emoji"
