"""The talk of a warm transfer: the school team plans it, the student sees plan and outcome and says what they think.

Whose plan it is consent/access.py decides: who may open the share through its warm transfer, today. The plan hangs on
the share: when that ends or stands still, nobody but the student sees it; when it loses its warm transfer, the talk is
wiped. Nothing here gives or widens a share (contract, rule 11).
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from accounts.services import class_of, school_team
from consent import access
from consent.models import Share
from consent.texts import Dossier
from intake.models import WarmTalk
from passport.texts import clean_staff_text, clean_text

PLAN_FIELD = "intake.WarmTalk.sealed_plan"
OUTCOME_FIELD = "intake.WarmTalk.sealed_outcome"
COMMENT_FIELD = "intake.WarmTalk.sealed_comment"
WITH_ME, QUESTIONS = "transition.with_me", "transition.my_questions"
LONGEST_LINE, MOST_LINES, LONGEST_NOTE = 120, 12, 1000
NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Talk:
    """The talk as somebody reads it. Personal: never in a log or a URL."""

    planned_for: datetime | None
    planned_by: str
    where: str = field(repr=False)
    who: tuple[str, ...] = field(repr=False)
    agenda: tuple[str, ...] = field(repr=False)
    outcome: str = field(repr=False)
    comment: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ComingTalk:
    """A talk on the student's start page: with whom, when and where."""

    share: Share
    planned_for: datetime | None
    where: str = field(repr=False)
    has_outcome: bool


# --- The school team ---------------------------------------------------------------------------------------


def may_plan(share: Share, by: User) -> bool:
    """Whether somebody who may open this share does so as the student's own school team, by its warm transfer."""
    if not share.warm_transfer:
        return False
    school_class = class_of(share.student)
    in_team = school_class is not None and school_team(school_class).filter(pk=by.pk).exists()
    return in_team or not access.stands_in_recipient(share.pk, by)


def get_share_to_plan_or_404(share_id: UUID, by: User) -> Share:
    """A share whose talk this user plans today. Raises NotHere for everybody but the school team."""
    share = access.get_share_or_404(share_id, by)
    if not may_plan(share, by):
        raise NotHere()
    return share


def plan_talk(
    *,
    share_id: UUID,
    by: User,
    planned_for: datetime | None = None,
    where: str = "",
    who: Iterable[str] = (),
    agenda: Iterable[str] = (),
    own_who: Iterable[str] = (),
    own_agenda: Iterable[str] = (),
) -> WarmTalk:
    """Plans the talk or changes its plan; the student and whoever reads this share see it at once.

    A line that is the student's own answer is kept as such: it shows only while the share still says it (contract,
    rule 2). `own_who` and `own_agenda` are the answers the planner's page was made with: what was taken away since then
    does not come back as the planner's line. They can only hide. Raises NotHere, and Refusal at the field that does
    not fit.
    """
    share = get_share_to_plan_or_404(share_id, by)
    key = vault.open_key(share.student_id)
    said = _said(share, key)
    with transaction.atomic():
        _lock(share_id, by)
        talk = WarmTalk.objects.filter(share=share_id).first() or WarmTalk(share=share)
        kept = {"who": [], "agenda": []} if talk._state.adding else _plan_of(talk, key)
        plan = {
            "where": clean_staff_text(where, longest=LONGEST_LINE, field="where"),
            "who": kept_lines(who, {*said[WITH_ME], *own_who, *own_lines(kept["who"])}, "who"),
            "agenda": kept_lines(agenda, {*said[QUESTIONS], *own_agenda, *own_lines(kept["agenda"])}, "agenda"),
        }
        talk.planned_for, talk.planned_by = planned_for, by
        talk.sealed_plan = key.seal(plan, field=PLAN_FIELD, row=talk.pk)
        fields = ["planned_for", "planned_by", "sealed_plan", "updated_at"]
        talk.save(force_insert=talk._state.adding, update_fields=None if talk._state.adding else fields)
    return talk


def write_outcome(*, share_id: UUID, by: User, text: str) -> WarmTalk:
    """Keeps what was agreed; empty takes it away. The student sees it at once and may say what they think.

    Raises NotHere, also when no talk was planned, and Refusal for a text that does not fit.
    """
    share = get_share_to_plan_or_404(share_id, by)
    key = vault.open_key(share.student_id)
    cleaned = clean_staff_text(text, longest=LONGEST_NOTE, field="outcome")
    with transaction.atomic():
        _lock(share_id, by)
        talk = _planned(share)
        talk.sealed_outcome = key.seal(cleaned, field=OUTCOME_FIELD, row=talk.pk) if cleaned else None
        talk.save(update_fields=["sealed_outcome", "updated_at"])
    return talk


def end_talk(share: Share) -> None:
    """Wipes the talk of a share that lost its warm transfer, in the same transaction: a new one starts anew."""
    if not share.warm_transfer:
        WarmTalk.objects.filter(share=share).delete()


def suggested(dossier: Dossier) -> tuple[list[str], list[str]]:
    """Who the student wants beside them and what they want to ask, as far as this share says it; else nothing."""
    said = _of(dossier)
    return said[WITH_ME], said[QUESTIONS]


# --- Who reads ---------------------------------------------------------------------------------------------


def talk_of(dossier: Dossier) -> Talk | None:
    """The talk on a dossier that is open before a reader; None without a plan or without a warm transfer."""
    if not dossier.share.warm_transfer:
        return None
    talk = WarmTalk.objects.filter(share=dossier.share).select_related("planned_by").first()
    return _opened(talk, vault.open_key(dossier.share.student_id), _of(dossier)) if talk else None


def own_talk(share: Share, key: vault.Key, *, whole: bool = False) -> Talk | None:
    """The talk on a share, for its student: as its readers see it, or `whole`, as when nobody else sees it."""
    talk = WarmTalk.objects.filter(share=share).select_related("planned_by").first()
    if talk is None:
        return None
    return _opened(talk, key, None if whole or not is_seen(share) else _said(share, key))


def is_seen(share: Share) -> bool:
    """Whether anybody but the student sees the talk on this share now."""
    live = share.is_open and not share.is_past and share.warm_transfer
    return live and share.student.frozen_at is None


def coming_talks(student: Student, key: vault.Key) -> list[ComingTalk]:
    """What is planned, or was planned or written down this week, on what a student shares now; the soonest first."""
    fresh = Q(planned_for__gte=timezone.now() - timedelta(days=1)) | Q(updated_at__gte=timezone.now() - NEWS)
    rows = WarmTalk.objects.filter(fresh, share__in=student.shares.live(), share__warm_transfer=True)
    rows = rows.select_related("share__programme__institution").order_by("planned_for", "pk")
    return [
        ComingTalk(row.share, row.planned_for, _plan_of(row, key)["where"], row.sealed_outcome is not None)
        for row in rows
    ]


def comment_on_talk(*, share: Share, key: vault.Key, by: User, text: str) -> WarmTalk:
    """What the student says about plan or outcome; empty takes it away. Whoever sees the talk reads it.

    Raises NotHere for anybody but the student and without a talk; Refusal, 409 when nobody would read it.
    """
    if share.student.user_id != by.pk:
        raise NotHere()
    cleaned = clean_text(text, longest=LONGEST_NOTE, field="comment")
    with transaction.atomic():
        shares = Share.objects.select_for_update(of=("self",), no_key=True).select_related("student")
        locked = shares.get(pk=share.pk)
        talk = _planned(locked)
        if cleaned and not is_seen(locked):
            raise Refusal("ended", "Dit gesprek deel je nu niet.", status=409, field="comment")
        talk.sealed_comment = key.seal(cleaned, field=COMMENT_FIELD, row=talk.pk) if cleaned else None
        talk.save(update_fields=["sealed_comment", "updated_at"])
    return talk


# --- The parts ---------------------------------------------------------------------------------------------


def _planned(share: Share) -> WarmTalk:
    talk = WarmTalk.objects.select_for_update(no_key=True).filter(share=share).first()
    if talk is None:
        raise NotHere()
    return talk


def _lock(share_id: UUID, by: User) -> None:
    """The share's row, locked, and everything asked again: a withdrawal comes before or after, never in between."""
    Share.objects.select_for_update(no_key=True).get(pk=share_id)
    get_share_to_plan_or_404(share_id, by)


def _opened(talk: WarmTalk, key: vault.Key, said: Mapping[str, list[str]] | None) -> Talk:
    """`said`: what the share says now; None shows what was planned whole."""
    plan = _plan_of(talk, key)
    return Talk(
        planned_for=talk.planned_for,
        planned_by=talk.planned_by.staff_name if talk.planned_by else "",
        where=plan["where"],
        who=shown(plan["who"], None if said is None else said[WITH_ME]),
        agenda=shown(plan["agenda"], None if said is None else said[QUESTIONS]),
        outcome=_text(talk.sealed_outcome, key, OUTCOME_FIELD, talk),
        comment=_text(talk.sealed_comment, key, COMMENT_FIELD, talk),
    )


def _plan_of(talk: WarmTalk, key: vault.Key) -> dict[str, Any]:
    plan: dict[str, Any] = key.open(talk.sealed_plan, field=PLAN_FIELD, row=talk.pk)
    return plan


def _text(sealed: bytes | memoryview | None, key: vault.Key, place: str, talk: WarmTalk) -> str:
    return "" if sealed is None else str(key.open(sealed, field=place, row=talk.pk))


def shown(lines: Iterable[list[Any]], said: list[str] | None) -> tuple[str, ...]:
    """A line from the student's own answer goes with it, at the next request (contract, rule 2)."""
    return tuple(text for text, is_own in lines if not is_own or said is None or text in said)


def own_lines(lines: Iterable[list[Any]]) -> list[str]:
    """The kept lines that are the student's own answer."""
    return [text for text, is_own in lines if is_own]


def kept_lines(texts: Iterable[str], own: Container[str], name: str) -> list[list[Any]]:
    """Lines as they are kept: the text, and whether it is the student's own answer."""
    cleaned = [clean_staff_text(text, longest=LONGEST_LINE, field=name) for text in texts]
    lines = list(dict.fromkeys(text for text in cleaned if text))
    if len(lines) > MOST_LINES:
        raise Refusal("too_many", f"Dit zijn te veel regels. Er passen er {MOST_LINES}.", field=name)
    return [[text, text in own] for text in lines]


def _said(share: Share, key: vault.Key) -> dict[str, list[str]]:
    """What this share says now; the same composition as a reading, and nobody is shown it here."""
    items = share.items.select_related("answer__newest", "revision")
    return _of(access.preview(share=share, items=items, key=key))


def _of(dossier: Dossier) -> dict[str, list[str]]:
    said = {one.unit.key: list(one.value) for one in dossier.said if one.unit.key in (WITH_ME, QUESTIONS)}
    return {WITH_ME: [], QUESTIONS: [], **said}
