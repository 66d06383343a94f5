"""The two-minute brief: what an intaker needs first, in at most 250 words on one A4."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.services import class_mentors, class_of
from consent.texts import Dossier, Said
from intake.fit_reading import Answered, fits_on
from intake.models import FitAnswer, Offer
from intake.reading import offers_of
from passport.questionnaire import QuestionType
from passport.wording import first_words, one_line, programme_names, word_count

MOST_WORDS = 250
MOST_NEEDS = 5
LONG_LIST = 5  # so many needs fill a column on paper by themselves
UNIT_WORDS = (20, 16, 13, 10)  # the caps tried in turn until the whole fits
NEED_WORDS = (10, 8, 6, 5)  # then those of the needs, beside few texts of ten words: three words of many say nothing
FEW_TEXTS = 4
OFFER_WORDS, SHORT_OFFER = 12, 6  # an offer gets shorter with the rest, never under six words
READ_ON = "… lees verder"
# What stands on every brief whatever was shared: head, foot, purpose, dates and the sentence about the agreement. Paper
# has its check code besides, a screen the buttons of an answer: the longer of the two counts.
PAPER_WORDS, SCREEN_WORDS = 80, 70
LAYER_WORDS = 4  # "Van buiten de school:" before an offer
BUTTON_WORDS = 6  # "Ja, dit doen wij" and "Ander antwoord" under a need that waits for an answer
FIT_WORDS = 11  # once answered: "Nee, dit kan hier niet", "Wel:", perhaps "Wacht op een collega", and "Verander"
OUTDATED_WORDS = 4  # "Nog niet opnieuw bekeken" beside a need, or once above them


@dataclass(frozen=True, slots=True)
class BriefField:
    unit: str
    label: str
    text: str = field(repr=False)

    @property
    def section(self) -> str:
        """For the colour and the stamp."""
        return self.unit.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class BriefNeed:
    unit: str
    label: str
    how_often: str = field(repr=False)
    what_works: str = field(repr=False)
    offers: tuple[Mapping[str, str], ...] = ()
    fit: Mapping[str, str] | None = field(default=None, repr=False)
    is_outdated: bool = False

    @property
    def fit_label(self) -> str:
        return str(FitAnswer(self.fit["answer"]).label) if self.fit else ""

    @property
    def words(self) -> tuple[int, int]:
        """How many words stand at this need, on paper and on a screen, which shows the answer in place of the offer."""
        own = sum(word_count(text) for text in (self.label, self.how_often, self.what_works))
        offered = sum(LAYER_WORDS + word_count(offer["text"]) for offer in self.offers)
        said = [self.fit["comment"], self.fit["alternative"]] if self.fit else []
        answered = FIT_WORDS + sum(word_count(text) for text in said)
        return own + offered, own + max(offered + BUTTON_WORDS, answered)


@dataclass(frozen=True, slots=True)
class Brief:
    """What stands on one A4, and which shared units are one tap away (`more`)."""

    student: Mapping[str, str] = field(repr=False)
    fields: tuple[BriefField, ...] = field(repr=False)
    needs: tuple[BriefNeed, ...] = field(repr=False)
    more: tuple[str, ...]
    mentors: tuple[Mapping[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "student": dict(self.student),
            "fields": [{"unit": f.unit, "label": f.label, "text": f.text} for f in self.fields],
            "needs": [
                {
                    "unit": n.unit,
                    "label": n.label,
                    "how_often": n.how_often,
                    "what_works": n.what_works,
                    "offers": [dict(offer) for offer in n.offers],
                    "fit": dict(n.fit) if n.fit else None,
                }
                for n in self.needs
            ],
            "more": list(self.more),
        }
        if self.mentors:
            body["mentors"] = [dict(mentor) for mentor in self.mentors]
        return body

    @property
    def all_outdated(self) -> bool:
        """Whether none of several needs was looked at again: said once, it leaves the student more words."""
        return len(self.needs) > 1 and all(need.is_outdated for need in self.needs)

    @property
    def first_column(self) -> list[BriefField]:
        """What helps, told in other words than a need: under the needs, while there is room for it."""
        return self._of("need") if len(self.needs) < LONG_LIST else []

    @property
    def second_column(self) -> list[BriefField]:
        """Strengths before the rest, whatever the order of the questions."""
        rest = [one for one in self.fields if one.section not in {"need", "can"}]
        return [*self._of("can"), *([] if self.first_column else self._of("need")), *rest]

    def _of(self, section: str) -> list[BriefField]:
        return [one for one in self.fields if one.section == section]

    @property
    def words(self) -> int:
        """How many words a reader meets, with what stands on every brief."""
        texts = [*self.student.values()]
        texts += [text for one in self.fields for text in (one.label, one.text)]
        texts += [text for mentor in self.mentors for text in mentor.values()]
        both = OUTDATED_WORDS * (1 if self.all_outdated else sum(need.is_outdated for need in self.needs))
        both += sum(word_count(text) for text in texts)
        paper, screen = sum(need.words[0] for need in self.needs), sum(need.words[1] for need in self.needs)
        return both + max(PAPER_WORDS + paper, SCREEN_WORDS + screen)


def make_brief(dossier: Dossier) -> Brief:
    """The brief of a dossier: a function of what was read, so the student's preview and the reader's page agree.

    Units with a place in the brief, in that order, under their short headings; the reasons for a need never.
    Texts are cut at a word, ever shorter until at most 250 words remain; then the last texts go to `more`, all but
    four, then what stands at a need gets shorter, and at the very last those four go too.
    """
    on_brief = sorted((said for said in dossier.said if _has_place(said)), key=_place)
    texts = [said for said in on_brief if said.unit.part != "support"]
    needs = [said for said in on_brief if said.unit.part == "support"][:MOST_NEEDS]
    context = _Context.of(dossier, [*texts, *needs])
    for cap in UNIT_WORDS:
        brief = _build(dossier, texts, needs, context, cap)
        if brief.words <= MOST_WORDS:
            return brief
    for cap, fewest in [*((cap, FEW_TEXTS) for cap in NEED_WORDS), (NEED_WORDS[-1], 0)]:
        for count in range(len(texts), min(fewest, len(texts)) - 1, -1):
            brief = _build(dossier, texts[:count], needs, context, cap)
            if brief.words <= MOST_WORDS:
                return brief
        texts = texts[:fewest]
    return brief


@dataclass(frozen=True)
class _Context:
    programmes: Mapping[str, str]
    offers: Mapping[str, Offer]
    fits: Mapping[str, Answered]
    mentors: tuple[Mapping[str, str], ...]

    @classmethod
    def of(cls, dossier: Dossier, said: Sequence[Said]) -> "_Context":
        codes = [code for one in said if one.unit.question.type is QuestionType.PROGRAMMES for code in one.value]
        return cls(programme_names(codes), _offers(dossier), fits_on(dossier), _mentors(dossier))


def _has_place(said: Said) -> bool:
    return said.unit.question.brief is not None and said.unit.part != "why"


def _place(said: Said) -> tuple[int, int]:
    return (said.unit.question.brief or 0, said.order)


def _build(dossier: Dossier, texts: Sequence[Said], needs: Sequence[Said], context: _Context, cap: int) -> Brief:
    fields, whole = [], set()
    for said in texts:
        line = one_line(said.unit, said.value, context.programmes).replace("?, ", "? ")
        text, was_cut = _cut(line, max(cap, UNIT_WORDS[-1]))
        fields.append(BriefField(said.unit.key, said.unit.question.short, text))
        whole |= set() if was_cut else {said.unit.key}
    rows = []
    for said in needs:
        text, was_cut = _cut(said.value["what_works"], cap)
        rows.append(
            BriefNeed(
                said.unit.key,
                said.unit.label,
                said.value["how_often"],
                text,
                _offered(context.offers.get(said.unit.need), cap),
                _answered(context.fits.get(said.unit.key), cap),
                said.is_outdated,
            )
        )
        whole |= set() if was_cut else {said.unit.key}
    more = tuple(said.unit.key for said in dossier.said if said.unit.key not in whole)
    return Brief(dossier.student, tuple(fields), tuple(rows), more, context.mentors)


def _cut(text: str, cap: int) -> tuple[str, bool]:
    """At most `cap` words, with «… lees verder» counted in; and whether something was cut off. Of a word that never
    ends only the start."""
    _, was_cut = first_words(text, cap)
    if not was_cut:
        return text, False
    return f"{first_words(text, max(1, cap - 2))[0]}{READ_ON}", True


def _offers(dossier: Dossier) -> dict[str, Offer]:
    """The programme's first offer per need; whole, and with the others, on the dossier page."""
    return {need: offers[0] for need, offers in offers_of(dossier).items()}


def _offered(offer: Offer | None, cap: int) -> tuple[Mapping[str, str], ...]:
    """One sentence of it."""
    if offer is None:
        return ()
    sentence, end, _ = offer.text.partition(". ")
    return ({"layer": offer.layer, "text": _short(sentence + end.strip(), min(OFFER_WORDS, max(cap, SHORT_OFFER)))},)


def _answered(fit: Answered | None, cap: int) -> Mapping[str, str] | None:
    """What was sent to the student; whole behind «Verander»."""
    if fit is None:
        return None
    return {"answer": fit.answer, "comment": _short(fit.comment, cap), "alternative": _short(fit.alternative, cap)}


def _short(text: str, cap: int) -> str:
    short, was_cut = first_words(text, cap)
    return f"{short}…" if was_cut else short


def _mentors(dossier: Dossier) -> tuple[Mapping[str, str], ...]:
    """With a warm transfer: who at school can tell more. Their name and telephone are the school's, not shared text."""
    if not dossier.share.warm_transfer:
        return ()
    school_class = class_of(dossier.share.student)
    people: list[User] = list(class_mentors(school_class)[:2]) if school_class else []
    return tuple({"name": person.staff_name, "telephone": person.staff_telephone} for person in people)
