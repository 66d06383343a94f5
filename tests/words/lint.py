"""How hard a Dutch text is: pure functions over sentences, and what is wrong with them for one kind of reader.

The limits are those of the readability brief (row 1-5): nothing here knows of Django or HTML. A fault is one line of
text: what is wrong, and where.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.words import lists

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+(?:[.:]\d+)*")
# A sentence ends at its mark, at a dot in the middle, and at a colon before a capital: «Zo dacht je: Wat doe je graag?»
END = re.compile(r"(?<=[.!?…:])[»\"')]*\s+(?=[«\"'(]?[^\W_a-zà-ÿ])|\s+[·|–]\s+|\n")
QUOTED = re.compile(r"«[^»]*»|\([^()]*\)")
# Vowels that sound as one. What is not here, as the «ea» of beantwoorden, sounds as two.
SOUND = re.compile(
    "aai|ooi|oei|eeu|ieu|eau|oa(?=ch|st)|aa|ee|éé|oo|uu|ie|eu|oe|ui|ei|ij|ou|au|ai|[aeo]y|[aeiouyáàâäéèêëíìïóòôöúùûü]"
)
LINE = 4  # words: a shorter line is a label, and no measure of a text
PAGE = 30  # words: below it a page has no Flesch-Douma


@dataclass(frozen=True)
class Limits:
    """What one kind of reader can take. `rare` is the share of rare words outside the glossary."""

    reader: str
    longest: int
    mean: float
    flesch: float
    rare: float
    address: re.Pattern[str]  # the form of address that is wrong here
    is_student: bool = False


STUDENT = Limits("student", longest=12, mean=8, flesch=80, rare=0, address=lists.FORMAL, is_student=True)
PARENT = Limits("parent", longest=12, mean=9, flesch=80, rare=0, address=lists.INFORMAL)
STAFF = Limits("staff", longest=18, mean=18, flesch=60, rare=0.03, address=lists.INFORMAL)


@dataclass
class Measure:
    """The numbers of one text, for a report."""

    words: int = 0
    sentences: int = 0
    syllables: int = 0
    longest: int = 0
    rare: list[str] = field(default_factory=list)

    @property
    def mean(self) -> float:
        return self.words / self.sentences if self.sentences else 0.0

    @property
    def flesch(self) -> float | None:
        """Flesch-Douma, or nothing for a page of fewer than 30 words."""
        if self.words < PAGE:
            return None
        return 206.835 - 0.93 * self.mean - 77 * self.syllables / self.words


@cache
def common() -> frozenset[str]:
    """Every Dutch word of zipf 3.5 and more."""
    lines = Path(__file__).with_name("common_nl.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def sentences(text: str) -> list[str]:
    """The sentences of one block of text; one that is fixed is left out."""
    for fixed in lists.FIXED:
        text = text.replace(fixed, "")
    return [part for part in (piece.strip() for piece in END.split(text)) if WORD.search(part)]


def words(text: str) -> list[str]:
    """Words and numbers, as they stand there."""
    return WORD.findall(text)


def syllables(word: str) -> int:
    """Syllables by groups of vowels; letters that are said apart (mbo, QR) count one each, a number counts one."""
    return 1 if word[0].isdigit() else sum(map(_sounds, re.split("['’-]", word.lower())))


def _sounds(part: str) -> int:
    if part in lists.SPELLED or not SOUND.search(part):
        return len(part) if len(part) > 1 else 0
    return len(SOUND.findall(part.replace("qu", "kw")))


def is_rare(word: str, known: Collection[str] = ()) -> bool:
    """Whether a word is below zipf 3.5 and not known. Of a word with a hyphen every part counts."""
    low = word.lower().replace("’", "'")
    parts = [low] if _is_easy(low, known) else [part for part in re.split("['-]", low) if len(part) > 1]
    return not parts or not all(_is_easy(part, known) for part in parts)


def _is_easy(low: str, known: Collection[str]) -> bool:
    return low[0].isdigit() or low in known or low in common() or low in lists.FORMS or low in lists.TRADE


def measure(lines: Iterable[str], known: Collection[str] = ()) -> Measure:
    """The numbers of a page: mean and Flesch over its lines of four words and more, rare words over all."""
    found = Measure()
    for line in lines:
        here = words(line)
        found.longest = max(found.longest, len(here))
        found.rare += [word for word in here if is_rare(word, known)]
        if len(here) >= LINE:
            found.sentences += 1
            found.words += len(here)
            found.syllables += sum(syllables(word) for word in here)
    return found


def page_faults(lines: Sequence[str], limits: Limits, known: Collection[str] = (), is_whole: bool = True) -> list[str]:
    """What is wrong with the lines of a page as a whole; of a part for another reader only its rare words."""
    found, wrong = measure(lines, known if limits.rare == 0 else {*known, *lists.OFFICE}), []
    if is_whole and found.words >= PAGE and found.mean > limits.mean:
        wrong.append(f"mean sentence {found.mean:.1f} words, at most {limits.mean:g}")
    if is_whole and found.flesch is not None and found.flesch < limits.flesch:
        wrong.append(f"Flesch-Douma {found.flesch:.1f}, at least {limits.flesch:g}")
    most = limits.rare * sum(len(words(line)) for line in lines)
    if len(found.rare) > most:
        wrong.append(f"rare words: {', '.join(sorted(set(found.rare)))}")
    return wrong


def sentence_faults(line: str, limits: Limits, known: Collection[str] = frozenset()) -> list[str]:
    """What is wrong with one sentence, whatever stands around it."""
    return [f"{what}: {line}" for what in _faults(line, limits, frozenset(known))]


@cache
def _faults(line: str, limits: Limits, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(_judge(line, limits, known))


def _judge(line: str, limits: Limits, known: frozenset[str]) -> Iterator[str]:
    here = words(line)
    plain = QUOTED.sub(" ", line)
    if len(here) > limits.longest:
        yield f"{len(here)} words, at most {limits.longest}"
    for word in here:
        if (most := max(map(syllables, word.split("-")))) >= 5 and word.lower() not in known:
            yield f"word of {most} syllables, {word}"
    if found := limits.address.search(line):
        yield f"wrong address, {found.group()}"
    yield from (f"idiom, {found}" for found in _found(lists.IDIOMS, line))
    yield from (f"abbreviation, {found}" for found in _found(lists.ABBREVIATIONS, line))
    if len(lists.NEGATION.findall(plain)) > 1:
        yield "double negation"
    if len(lists.ENGLISH.findall(plain)) > 1:
        yield "English without lang"
    if re.search(r"\b[A-ZÀ-Þ]{5,}\b", line):
        yield "capitals"
    if limits.reader != "staff" and lists.PASSIVE.search(plain):
        yield "passive"
    yield from synonyms(line, lists.STUDENT_WORDS if limits.is_student else {})
    yield from synonyms(line, lists.ONE_WORD)


def synonyms(line: str, table: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Words for which the product has another, fixed word."""
    for wanted, others in table.items():
        yield from (f"say «{wanted}», not «{found}»" for found in _found(others, line))


def _found(patterns: Iterable[str], line: str) -> list[str]:
    return [found.group() for pattern in patterns if (found := _whole(pattern).search(line))]


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.IGNORECASE)
