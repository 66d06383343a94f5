"""What a programme answers to each need that is shared with it, and what the student says to that.

Who may write consent/access.py decides: an intaker while the share is open to them, on a need it says now. What is sent
is the student's: they keep it when the share ended; for everybody else it is gone with the share. A no waits until a
second person of the college saw it (intake/services/second_look.py, docs/decisions/0015).
"""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.identity import identity_of
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from consent import access, ledger
from consent.models import Share, ShareState
from intake.fit_reading import ANSWER_FIELD, REACTION_FIELD, SUPPORT, Answered, content_of, fits_on, opened
from intake.models import Case, Event, Fit, FitAnswer, FitReaction
from intake.services import cases, need_tally, tally
from passport.questionnaire import Unit
from passport.services import questions_of
from passport.texts import clean_staff_text, clean_text

LONGEST = 300
# Words between the names that are in every other sentence: they say nobody's name.
PARTICLES = {"van", "von", "der", "den", "het", "ten", "ter", "uit", "aan", "bij", "tot", "voor", "onder", "over"}
GOES_BY = "me.name"
# What stands around a name in an answer to «Hoe mogen mensen jou noemen?», also with a capital at the start.
NO_NAME = {
    "ik",
    "ben",
    "heet",
    "mijn",
    "naam",
    "roepnaam",
    "is",
    "je",
    "jij",
    "mag",
    "mogen",
    "mij",
    "me",
    "noem",
    "noemen",
    "noemt",
    "zeg",
    "maar",
    "gewoon",
    "graag",
    "liever",
    "liefst",
    "iedereen",
    "alle",
    "allemaal",
    "mensen",
    "vrienden",
    "thuis",
    "school",
    "niet",
    "geen",
    "en",
    "of",
    "met",
    "als",
    "maakt",
    "uit",
    "weet",
    "wil",
    "hoe",
}
WORD = r"[^\W\d_]+"

__all__ = [
    "LONGEST",
    "SUPPORT",
    "Answered",
    "clean",
    "content_of",
    "fits_for_student",
    "fits_of",
    "fits_on",
    "fits_since",
    "needs_heard",
    "needs_said",
    "put_fit",
    "react",
    "send",
]


# --- The college -------------------------------------------------------------------------------------------


def put_fit(*, case_id: UUID, by: User, need: str, answer: str, comment: str = "", alternative: str = "") -> Fit:
    """The intaker's answer to one need (its code), in the place of an earlier one; the student sees it at once.

    A `no` needs a comment and an alternative and waits for a second person of the college; until then an answer that
    was sent before still stands. The same words again change nothing. Its answer says that the student
    has the need: so it is a look (contract, rule 5), and what does not fit is refused before the need is asked.
    Raises NotHere when the case is not open to this intaker or does not show the need, Refusal at the wrong field.
    """
    share, key = _open(case_id, by)
    content = _cleaned(share, key, answer, comment, alternative)
    unit, figures = f"{SUPPORT}{need}", tally.figures_key()
    with transaction.atomic():
        # Locked, and asked again: a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        share = access.get_share_or_404(share.pk, by)
        if unit not in needs_said(share, key):
            raise NotHere()
        slot = key.slot(unit)
        fit = _unchanged(share, slot, content, key)
        if fit is None:
            fit = Fit(share=share, slot=slot, state=Fit.State.WAITING, by=by, at=timezone.now())
            fit.sealed = key.seal(content, field=ANSWER_FIELD, row=fit.pk)
            fit.save(force_insert=True)
            fit = fit if content["answer"] == FitAnswer.NO else send(fit, key, figures, need=need)
        ledger.record(ledger.Event.LOOK, share=share, actor=by, slots=[slot], action=ledger.Action.READ)
    return fit


def send(fit: Fit, key: vault.Key, figures: vault.Key, *, need: str, second_by: User | None = None) -> Fit:
    """From now on the student reads this answer; it is counted without them. Inside the transaction that decides it.

    The answer takes the place of what was sent before and keeps the student's reaction to that. Call it with the share
    locked; `figures` is intake/services/tally.py:figures_key, opened before the transaction.
    """
    content, now = content_of(fit, key), timezone.now()
    _count(fit, key, figures, need, content["answer"], now)
    earlier = Fit.objects.filter(share=fit.share_id, slot=fit.slot, state=Fit.State.SENT).first()
    sent = earlier or fit
    sent.state, sent.by_id, sent.at = Fit.State.SENT, fit.by_id, now
    sent.second_by, sent.second_at, sent.sealed_line = second_by, now if second_by else None, None
    sent.sealed = key.seal(content, field=ANSWER_FIELD, row=sent.pk)
    if earlier:
        fit.delete()
    sent.save(update_fields=["state", "by", "at", "second_by", "second_at", "sealed_line", "sealed"])
    tally.count_soon(Event.ANSWERED, sent.share.case.pk)
    ledger.record(ledger.Event.REPLIED, share=sent.share, actor=sent.by, slots=[bytes(sent.slot)])
    return sent


def fits_of(case: Case, by: User) -> list[Answered]:
    """The answers on a case that is open to this intaker, in the order of the needs; sent or still waiting.

    Only to needs the share says now. At most two a need: what is sent, and a no that waits beside it.
    Raises NotHere.
    """
    share, key = _open(case.pk, by)
    units = list(needs_said(share, key).values())
    return opened(Fit.objects.filter(share=share), key, units)


# --- The student -------------------------------------------------------------------------------------------


def fits_for_student(share: Share, key: vault.Key) -> list[Answered]:
    """What was answered on one share, for its student: also when the share ended; nothing of a no that waits."""
    rows = list(Fit.objects.filter(share=share, state=Fit.State.SENT).select_related("by"))
    if not rows:
        return []
    return opened(rows, key, questions_of(share.student.passport).units.values())


def fits_since(student: Student, moment: datetime) -> list[Fit]:
    """What was sent on what a student shares now, newest first and one a share; sealed as they are."""
    rows = Fit.objects.filter(share__in=student.shares.live(), state=Fit.State.SENT, at__gte=moment)
    rows = rows.select_related("share__student__user", "share__programme__institution", "share__institution")
    newest: dict[UUID, Fit] = {}
    for row in rows:
        newest.setdefault(row.share_id, row)
    return list(newest.values())


def needs_heard(share: Share, key: vault.Key) -> dict[str, Unit]:
    """The needs on which the college reads what the student says back, by unit: none once the share ended."""
    if share.state != ShareState.ACTIVE or share.is_past or share.student.frozen_at is not None:
        return {}
    return needs_said(share, key)


def react(*, share: Share, key: vault.Key, fit_id: UUID, by: User, reaction: str, text: str = "") -> Fit:
    """What the student says to an answer, in the place of what they said before; the intaker reads it at the case.

    Raises NotHere for anybody but the student and for what was not sent; Refusal, 409 when nobody would read it.
    """
    if share.student.user_id != by.pk:
        raise NotHere()
    if reaction not in FitReaction:
        raise Refusal("invalid_choice", "Kies wat je wilt zeggen.", field="reaction")
    content = {"reaction": reaction, "text": clean_text(text, longest=LONGEST, field="text")}
    with transaction.atomic():
        shares = Share.objects.select_for_update(of=("self",), no_key=True).select_related("student")
        locked = shares.get(pk=share.pk)
        fit = Fit.objects.filter(pk=fit_id, share=locked, state=Fit.State.SENT).first()
        if fit is None:
            raise NotHere()
        if not any(key.slot(unit) == bytes(fit.slot) for unit in needs_heard(locked, key)):
            raise Refusal("ended", "Dit deel je nu niet. Ze lezen je antwoord dus niet.", status=409, field="reaction")
        fit.sealed_reaction = key.seal(content, field=REACTION_FIELD, row=fit.pk)
        fit.reacted_at = timezone.now()
        fit.save(update_fields=["sealed_reaction", "reacted_at"])
    return fit


# --- The parts ---------------------------------------------------------------------------------------------


def needs_said(share: Share, key: vault.Key) -> dict[str, Unit]:
    """The needs this share says now, by unit; nobody is shown a text here."""
    items = share.items.select_related("answer__newest", "revision")
    said = access.preview(share=share, items=items, key=key).said
    return {one.unit.key: one.unit for one in said if one.unit.part == "support"}


def clean(text: str, name: str) -> str:
    """A text of the college: not too long, no number of a citizen. Raises Refusal at the field."""
    return clean_staff_text(text, longest=LONGEST, field=name)


def _count(fit: Fit, key: vault.Key, figures: vault.Key, need: str, answer: str, at: datetime) -> None:
    """One student counts once: what was sent before, in an earlier share with this programme too, gives its place."""
    share = fit.share
    before = Fit.objects.filter(share__student=share.student_id, share__programme=share.programme_id, slot=fit.slot)
    last = before.filter(state=Fit.State.SENT).order_by("-at").first()
    was = (content_of(last, key)["answer"], last.at) if last else None
    if share.programme_id:
        need_tally.count_answer(figures, programme_id=share.programme_id, need=need, answer=answer, at=at, was=was)


def _open(case_id: UUID, by: User) -> tuple[Share, vault.Key]:
    share = cases.get_open_case_or_404(by, case_id).case.share
    if share is None:
        raise NotHere()
    return share, vault.open_key(share.student_id)


def _unchanged(share: Share, slot: bytes, content: dict[str, str], key: vault.Key) -> Fit | None:
    """What waits or was sent in these very words; else what waited makes room for another answer."""
    rows = Fit.objects.filter(share=share, slot=slot)
    waiting = rows.exclude(state=Fit.State.SENT).first()
    if waiting and waiting.state == Fit.State.WAITING and content_of(waiting, key) == content:
        return waiting
    rows.exclude(state=Fit.State.SENT).delete()
    sent = rows.first()
    return sent if sent and content_of(sent, key) == content else None


def _cleaned(share: Share, key: vault.Key, answer: str, comment: str, alternative: str) -> dict[str, str]:
    if answer not in FitAnswer:
        raise Refusal("invalid_choice", "Kies een van de antwoorden.", field="answer")
    content = {"answer": answer, "comment": clean(comment, "comment"), "alternative": clean(alternative, "alternative")}
    if answer != FitAnswer.NO:
        return content
    if not content["comment"]:
        raise Refusal("required", "Schrijf waarom dit niet kan.", field="comment")
    if not content["alternative"]:
        raise Refusal("required", "Schrijf wat er dan wel kan.", field="alternative")
    names = _names_of(share, key)
    for name in ("comment", "alternative"):
        said = _words(content[name])
        if (said | {word.removesuffix("s") for word in said}) & names:
            raise Refusal("name", "Laat de naam weg. Een collega leest dit zonder te weten over wie.", field=name)
    return content


def _names_of(share: Share, key: vault.Key) -> set[str]:
    """The words that may not stand in a text that a second person reads without a name.

    Also the name the student goes by, when its writer may read it: of what they may not read, this tells them nothing.
    """
    person = identity_of(share.student, key)
    between = PARTICLES | _words(person.prefix)
    rest = {part for part in _words(f"{person.surname} {person.official_name}") if len(part) > 2} - between
    return rest | _words(person.calling_name) | _goes_by(share, key)


def _goes_by(share: Share, key: vault.Key) -> set[str]:
    """The names in «Hoe mogen mensen jou noemen?», as this share says it now: «Fil, niet Filmon» names two."""
    items = share.items.select_related("answer__newest", "revision").filter(slot=key.slot(GOES_BY))
    said = access.preview(share=share, items=items, key=key).said
    text = next((str(one.value) for one in said if one.unit.key == GOES_BY), "")
    words = [word for word in re.findall(WORD, text) if word.casefold() not in NO_NAME]
    named = [word for word in words if word[0].isupper()] or (words if len(words) < 3 else [])
    return {word.casefold() for word in named} - PARTICLES


def _words(text: str) -> set[str]:
    return set(re.findall(WORD, text.casefold()))
