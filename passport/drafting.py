"""A new version of the questions in the making: a working group edits the newest one, looks at it and publishes it.

Texts, options, order and what is asked may change; keys never do. Whether a version may be published is decided in
passport/questionnaire.py, for a file and for a draft alike. Nothing here is of a person.
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.languages import all_languages
from accounts.models import Membership, Role, User
from accounts.refusals import NotHere, Refusal
from passport import questionnaire
from passport.models import QuestionnaireDraft, QuestionnaireVersion
from passport.questionnaire import Questionnaire, WrongQuestionnaire, digest_of, parse
from passport.services import follow_newest
from passport.texts import clean_text
from passport.translations import content_in

Said = Mapping[str, Any]
"""What a form says of a question or section: texts by name, lists of lines, and labels by their key."""

LONGEST = {"label": 120, "why": 200, "example": 300, "short": 40, "title": 40, "intro": 200}
LINE, ONE_LABEL, WORDS_IN_A_SENTENCE = 80, 120, 12  # an option is kept as a chip; ux.md: at most twelve words
FIXED = "{}: deze naam ligt vast. Antwoorden en wat er gedeeld is hangen eraan."
SENTENCES = {
    "options": ("options", "Er passen 12 antwoorden. Elk antwoord staat er één keer."),
    "no_options": ("options", "Er moet een antwoord te kiezen zijn."),
    "exclusive": ("exclusive", "Dit moet een van de antwoorden hierboven zijn."),
    "example": ("example", "Een vraag in eigen woorden heeft een voorbeeld nodig."),
    "needs_off": ("", "Deze vraag kan niet uit. De hulp van opleidingen hangt eraan."),
}


@dataclass(frozen=True)
class Draft:
    """The newest version as it is being edited; without changes the version itself."""

    base: QuestionnaireVersion
    content: dict[str, Any] = field(repr=False)
    row: QuestionnaireDraft | None = None

    @cached_property
    def questions(self) -> Questionnaire:
        return parse(self.content)

    @property
    def digest(self) -> str:
        """What who publishes saw."""
        return digest_of(self.content)

    def seen(self, key: str) -> str:
        """What who edits this question or section saw."""
        return digest_of(_told(self.content, key))


def working_group_or_404(by: User) -> None:
    """Who coordinates a region today may edit the questions. Raises NotHere for everybody else."""
    mine = Membership.objects.current().filter(user=by, role=Role.REGION, region__isnull=False)
    if not mine.exists():
        raise NotHere()


# --- Reading -----------------------------------------------------------------------------------------------


def open_draft(by: User) -> Draft:
    """The newest version with what the working group changed so far. Raises NotHere."""
    working_group_or_404(by)
    base = questionnaire.published()
    row = QuestionnaireDraft.objects.filter(based_on=base).select_related("changed_by").first()
    return Draft(base, row.content if row else base.content, row)


def left_behind(by: User) -> bool:
    """Whether there are changes of a version that is not the newest any more: nobody can publish those."""
    working_group_or_404(by)
    return QuestionnaireDraft.objects.exclude(based_on=questionnaire.published()).exists()


def versions(by: User) -> QuerySet[QuestionnaireVersion]:
    """Every published version, the newest first, without its content. Raises NotHere."""
    working_group_or_404(by)
    return QuestionnaireVersion.objects.defer("content").select_related("published_by").order_by("-published_at")


def version_or_404(version_id: UUID, by: User) -> Questionnaire:
    """One published version, to read. Raises NotHere."""
    if not versions(by).filter(pk=version_id).exists():
        raise NotHere()
    return questionnaire.of_version(version_id)


def long_sentences(text: str) -> list[str]:
    """The sentences with more words than a student reads easily (ux.md). They are named, never refused."""
    found = re.split(r"(?<=[.!?:])\s+|\n", text)
    return [one for one in found if len(one.split()) > WORDS_IN_A_SENTENCE]


def untranslated(text: str) -> list[str]:
    """The languages of our pages in which a text of the questions has no words yet: there it is read in Dutch."""
    others = [one for one in all_languages() if one.is_offered and one.code != settings.LANGUAGE_CODE]
    return [one.name for one in others if text and text not in content_in(one.code)]


# --- Editing -----------------------------------------------------------------------------------------------


def change_question(*, key: str, said: Said, seen: str, by: User) -> None:
    """Puts these texts at a question; what `said` does not name stays.

    Raises NotHere, and Refusal for a text that does not fit, a key that is not there, or when somebody else changed
    the question since it was `seen`.
    """
    cleaned = _cleaned(said)

    def change(content: dict[str, Any]) -> None:
        if digest_of(_told(content, key)) != seen:
            raise Refusal("conflict", "Iemand anders veranderde dit net. Kijk wat er nu staat.", status=409)
        _put(_question(content, key), content, key, cleaned)

    _edit(change, by)


def change_section(*, key: str, said: Said, seen: str, by: User) -> None:
    """The same for the title, the line below it and the questions for a talk of one section."""
    cleaned = _cleaned(said)

    def change(content: dict[str, Any]) -> None:
        if digest_of(_told(content, key)) != seen:
            raise Refusal("conflict", "Iemand anders veranderde dit net. Kijk wat er nu staat.", status=409)
        _section(content, key).update(cleaned)

    _edit(change, by)


def switch_question(*, key: str, off: bool, by: User) -> None:
    """Asks a question of nobody any more, or again of everybody. Raises NotHere and Refusal."""

    def change(content: dict[str, Any]) -> None:
        raw = _question(content, key)
        raw.pop("off", None)
        if off:
            raw["off"] = True

    _edit(change, by)


def move_question(*, key: str, step: int, by: User) -> None:
    """One place up (-1) or down (1) within its section; at the end it stays. Raises NotHere."""

    def change(content: dict[str, Any]) -> None:
        raw = _question(content, key)
        rows = next(one["questions"] for one in content["sections"] if raw in one["questions"])
        place = rows.index(raw)
        rows.insert(max(0, place + step), rows.pop(place))

    _edit(change, by)


def throw_away(*, by: User) -> None:
    """Drops every change that is not published, also those of an older version. Raises NotHere."""
    working_group_or_404(by)
    QuestionnaireDraft.objects.all().delete()


def publish_draft(*, seen: str, by: User) -> QuestionnaireVersion:
    """Makes the draft the next version, the same as a file would; every passport follows (docs/decisions/0020).

    Raises NotHere, and Refusal when there is nothing to publish or it is not what was `seen`.
    """
    working_group_or_404(by)
    with transaction.atomic():
        base, row = _locked()
        if row is None:
            raise Refusal("nothing", "Er is niets veranderd.", status=409)
        if digest_of(row.content) != seen:
            raise Refusal("changed", "Er is intussen nog iets veranderd. Kijk het opnieuw na.", status=409)
        try:
            content = {**row.content, "version": _next_number(base)}
            version = questionnaire.publish_content(content, based_on=base, by=by)
        except WrongQuestionnaire as wrong:
            raise _refusal(wrong) from None
        row.delete()
        follow_newest()
    return version


def _next_number(base: QuestionnaireVersion) -> str:
    """«2026.1» becomes «2026.1.1», and that «2026.1.2»: a number no file of the project takes."""
    if base.based_on_id is None:
        return f"{base.version}.1"
    start, last = base.version.rsplit(".", 1)
    return f"{start}.{int(last) + 1}"


def _edit(change: Callable[[dict[str, Any]], None], by: User) -> None:
    """Changes the draft, as long as the whole still is a questionnaire with the same keys."""
    working_group_or_404(by)
    with transaction.atomic():
        base, row = _locked()
        content = deepcopy(row.content if row else base.content)
        change(content)
        try:
            questionnaire.refuse_broken_keys(parse(content), questionnaire.of_version(base.pk))
        except WrongQuestionnaire as wrong:
            raise _refusal(wrong) from None
        if content == base.content:
            QuestionnaireDraft.objects.filter(based_on=base).delete()
            return
        now = {"content": content, "changed_at": timezone.now(), "changed_by": by}
        QuestionnaireDraft.objects.update_or_create(based_on=base, defaults=now)


def _locked() -> tuple[QuestionnaireVersion, QuestionnaireDraft | None]:
    """The newest version, held so that two editors come one after the other, and its draft."""
    newest = QuestionnaireVersion.objects.select_for_update(no_key=True)
    base = newest.get(pk=questionnaire.published().pk)
    return base, QuestionnaireDraft.objects.filter(based_on=base).first()


def _refusal(wrong: WrongQuestionnaire) -> Refusal:
    if wrong.code == "key":
        return Refusal("key", FIXED.format(wrong.key))
    where, sentence = SENTENCES.get(wrong.code, ("", f"{wrong.key}: dit past niet bij de vraag."))
    return Refusal(wrong.code or "questionnaire", sentence, field=where)


# --- The content, as a file holds it -----------------------------------------------------------------------


def _section(content: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] | None = next((one for one in content["sections"] if one["key"] == key), None)
    if found is None:
        raise NotHere()
    return found


def _question(content: dict[str, Any], key: str) -> dict[str, Any]:
    rows = (raw for section in content["sections"] for raw in section["questions"])
    found: dict[str, Any] | None = next((raw for raw in rows if raw["key"] == key), None)
    if found is None:
        raise NotHere()
    return found


def _told(content: dict[str, Any], key: str) -> Any:
    """Everything a page about this question or section lets one change."""
    if "." not in key:
        return {name: text for name, text in _section(content, key).items() if name != "questions"}
    raw = _question(content, key)
    beside = [(content.get(part) or {}).get(key) for part in ("short", "exclusive")]
    return [raw, beside, content["needs"] if raw["type"] == "needs" else None]


def _cleaned(said: Said) -> dict[str, Any]:
    """The same without what no text of ours may hold. Raises Refusal with the field."""
    cleaned: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, str):
            cleaned[name] = _line(value, LONGEST.get(name, ONE_LABEL), name)
        elif isinstance(value, Mapping):
            cleaned[name] = {key: _line(text, ONE_LABEL, f"{name}_{key}") for key, text in value.items()}
        else:
            longest = ONE_LABEL if name == "talk" else LINE
            lines = [_line(text, longest, name) for text in value]
            cleaned[name] = [line for line in lines if line]
    for name in ("label", "why", "title", "intro"):
        if cleaned.get(name) == "":
            raise Refusal("blank", "Vul dit in.", field=name)
    return cleaned


def _line(text: str, longest: int, name: str) -> str:
    return " ".join(clean_text(text, longest=longest, field=name).split())


def _put(raw: dict[str, Any], content: dict[str, Any], key: str, said: dict[str, Any]) -> None:
    for name in ("label", "why", "example", "options"):
        if name in said and said[name] != raw.get(name, ""):
            raw[name] = said[name]
    for name in ("short", "exclusive"):
        texts = dict(content.get(name) or {})
        if name in said and said[name] != texts.get(name, ""):
            content[name] = {**texts, key: said[name]} if said[name] else {k: v for k, v in texts.items() if k != key}
    for name, rows in (("levels", raw), ("statements", raw), ("needs", content)):
        _relabel(rows.get(name) or [], said.get(name, {}))
    if "how_often" in said:
        raw["each"]["how_often"] = said["how_often"]
    for name, part in (("what_works_label", "what_works"), ("why_label", "why")):
        if said.get(name):
            raw["each"][part]["label"] = said[name]


def _relabel(rows: list[dict[str, Any]], labels: Mapping[str, str]) -> None:
    known = {row["key"]: row for row in rows}
    for key, label in labels.items():
        if key not in known:
            raise Refusal("key", FIXED.format(key))
        if not label:
            raise Refusal("blank", f"{key}: vul dit in.")
        known[key]["label"] = label
