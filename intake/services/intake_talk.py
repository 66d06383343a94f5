"""The talk of an intake: the intaker plans it, the student sees the plan at once and can say what they want otherwise.

When it is stands at the case (`Case.intake_at`), whoever changes it; the rest is sealed with the student's key and
hangs on the share: when that ends or stands still nobody but the student sees it. What comes from the student's own
answers shows only while the share still says it (contract, rule 2). The invitation for a calendar has no content.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere, Refusal
from consent import access
from consent.models import Share
from consent.texts import Dossier
from intake.calendars import one_moment
from intake.fit_reading import fits_on
from intake.models import Case, IntakeTalk
from intake.services import cases, mail
from intake.services.talks import LONGEST_LINE, kept_lines, own_lines, shown
from passport.texts import clean_staff_text, clean_text

PLAN_FIELD = "intake.IntakeTalk.sealed_plan"
ANSWER_FIELD = "intake.IntakeTalk.sealed_answer"
WITH_ME, STYLE, QUESTIONS = "transition.with_me", "transition.talk_style", "transition.my_questions"
PARTS = ("who", "how", "agenda")
LENGTHS = (30, 45, 60, 90)
LONGEST_SAID = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """What the student says of the plan. Personal."""

    other_time: bool
    bring: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The talk as somebody reads it. Personal: never in a log or a URL."""

    at: datetime | None
    minutes: int
    planned_by: str
    where: str = field(repr=False)
    who: tuple[str, ...] = field(repr=False)
    how: tuple[str, ...] = field(repr=False)
    agenda: tuple[str, ...] = field(repr=False)
    answer: Answer | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a share says for a talk: who and how the student wants it, their questions, and needs (label, answered)."""

    who: tuple[str, ...] = field(repr=False)
    how: tuple[str, ...] = field(repr=False)
    questions: tuple[str, ...] = field(repr=False)
    needs: tuple[tuple[str, bool], ...] = field(repr=False)

    @property
    def agenda(self) -> list[str]:
        """Both sides' questions start here: the student's first, then what still needs an answer."""
        return [*self.questions, *(_about(label) for label, is_answered in self.needs if not is_answered)]

    def of(self, part: str) -> list[str]:
        """What the share says now for one part of the plan; a need also when it was answered since."""
        if part == "agenda":
            return [*self.questions, *(_about(label) for label, _ in self.needs)]
        return list(getattr(self, part))


# --- The intaker -------------------------------------------------------------------------------------------


def wanted(dossier: Dossier) -> Wanted:
    """What a dossier that was made for its reader says for the talk; nothing where it says nothing."""
    said = {one.unit.key: tuple(one.value) for one in dossier.said if one.unit.key in (WITH_ME, STYLE, QUESTIONS)}
    answered = fits_on(dossier)
    needs = tuple((one.unit.label, one.unit.key in answered) for one in dossier.said if one.unit.part == "support")
    return Wanted(said.get(WITH_ME, ()), said.get(STYLE, ()), said.get(QUESTIONS, ()), needs)


def plan_of(case: Case, dossier: Dossier) -> Plan | None:
    """The talk on a case whose dossier is open before an intaker; None when nothing was planned or said."""
    talk = IntakeTalk.objects.filter(share=dossier.share).select_related("planned_by").first()
    if talk is None and case.intake_at is None:
        return None
    return _opened(talk, case.intake_at, vault.open_key(dossier.share.student_id), wanted(dossier))


def plan_talk(
    *,
    case_id: UUID,
    by: User,
    at: datetime | None = None,
    assigned_to: User | None = None,
    minutes: int = LENGTHS[1],
    where: str = "",
    lines: dict[str, Iterable[str]] | None = None,
    own: dict[str, Iterable[str]] | None = None,
) -> Case:
    """Plans the talk or changes its plan; the student sees it at once and gets a mail without content.

    `lines` holds the lines of `who`, `how` and `agenda`; `own` the student's answers the planner's page was made with:
    what was taken away since does not come back as the planner's own line. A case that was read becomes invited with a
    first moment. Raises NotHere for whom the case is not open, Refusal at the field that does not fit.
    """
    row = cases.get_open_case_or_404(by, case_id)
    share = access.get_share_or_404(_share_id(row.case), by)
    key = vault.open_key(share.student_id)
    says = _wanted_now(share, key)
    if minutes not in LENGTHS:
        raise Refusal("invalid_choice", "Kies hoe lang het duurt.", field="minutes")
    with transaction.atomic():
        # Locked, and asked again: a withdrawal comes before or after, never in between.
        Share.objects.select_for_update(no_key=True).get(pk=share.pk)
        access.get_share_or_404(share.pk, by)
        talk = _talk_on(share)
        before = _plan_of(talk, key)
        plan: dict[str, Any] = {"where": clean_staff_text(where, longest=LONGEST_LINE, field="where")}
        for part in PARTS:
            known = {*says.of(part), *(own or {}).get(part, ()), *own_lines(before[part])}
            plan[part] = kept_lines((lines or {}).get(part, ()), known, part)
        talk.planned_by, talk.minutes = by, minutes
        talk.sealed_plan = key.seal(plan, field=PLAN_FIELD, row=talk.pk)
        talk.version = F("version") + 1
        talk.save(update_fields=["planned_by", "minutes", "sealed_plan", "version", "updated_at"])
        case = cases.change_case(
            case=row.case, by=by, intake_at=at, assigned_to=assigned_to, fields=["intake_at", "assigned_to"]
        )
        if at and case.status == Case.Status.READ:
            case = cases.change_case(case=case, by=by, status=Case.Status.INVITED, fields=["status"])
    return case


# --- The student -------------------------------------------------------------------------------------------


def own_plan(share: Share, key: vault.Key, *, whole: bool = False) -> Plan | None:
    """The talk on a share, for its student: as its readers see it, or `whole`, as when nobody else sees it."""
    case = Case.objects.filter(share=share).first()
    talk = IntakeTalk.objects.filter(share=share).select_related("planned_by").first()
    if case is None or (talk is None and case.intake_at is None):
        return None
    return _opened(talk, case.intake_at, key, None if whole or not is_seen(share) else _wanted_now(share, key))


def is_seen(share: Share) -> bool:
    """Whether anybody but the student sees the talk on this share now."""
    return share.is_open and not share.is_past and share.student.frozen_at is None


def coming(student: Student) -> list[Case]:
    """The intakes with a talk that is still to come, on what a student shares now; the soonest first."""
    after = timezone.now() - timedelta(days=1)
    rows = Case.objects.filter(share__in=student.shares.live(), intake_at__gte=after)
    return list(rows.select_related("share__programme__institution").order_by("intake_at", "pk"))


def planned_case(share: Share) -> Case | None:
    """The case of a share whose talk has a moment, for its student."""
    rows = Case.objects.filter(share=share, intake_at__isnull=False)
    return rows.select_related("share__programme__institution").first()


def answer_talk(
    *, share: Share, key: vault.Key, by: User, other_time: bool = False, bring: str = "", text: str = ""
) -> IntakeTalk:
    """What the student says of the plan, in the place of what they said before; the intaker hears that it changed.

    Raises NotHere for anybody but the student and without a plan; Refusal, 409 when nobody would read it.
    """
    if share.student.user_id != by.pk:
        raise NotHere()
    said: dict[str, Any] = {
        "other_time": other_time,
        "bring": clean_text(bring, longest=LONGEST_LINE, field="bring"),
        "text": clean_text(text, longest=LONGEST_SAID, field="text"),
    }
    empty = not any(said.values())
    with transaction.atomic():
        shares = Share.objects.select_for_update(of=("self",), no_key=True).select_related("student")
        locked = shares.get(pk=share.pk)
        case = Case.objects.filter(share=locked).select_related("assigned_to").first()
        if case is None or case.intake_at is None:
            raise NotHere()
        if not is_seen(locked):
            raise Refusal("ended", "Dit gesprek deel je nu niet.", status=409, field="text")
        talk = _talk_on(locked)
        said["about"] = case.intake_at.isoformat()
        talk.sealed_answer = None if empty else key.seal(said, field=ANSWER_FIELD, row=talk.pk)
        talk.answered_at = timezone.now() if talk.sealed_answer else None
        talk.save(update_fields=["sealed_answer", "answered_at", "updated_at"])
        hears = _who_hears(case, talk)
        if hears and talk.sealed_answer:
            transaction.on_commit(partial(mail.tell_staff_soon, hears), robust=True)
    return talk


# --- The invitation ----------------------------------------------------------------------------------------


def invitation_of(share: Share) -> bytes:
    """The talk for a calendar: RFC 5545, time and town, and nothing else. Raises NotHere without a moment.

    SUMMARY is «Gesprek» whatever it is about: a calendar is read by others and copied to other firms. No name, no
    need, no programme, no organizer; the id leads to nobody and never changes.
    """
    case = Case.objects.filter(share=share).select_related("programme__institution").first()
    if case is None or case.intake_at is None:
        raise NotHere()
    talk = IntakeTalk.objects.filter(share=share).first()
    return one_moment(
        uid=str(uuid5(case.pk, "talk")),
        summary="Gesprek",
        starts_at=case.intake_at,
        ends_at=case.intake_at + timedelta(minutes=talk.minutes if talk else LENGTHS[1]),
        town=case.programme.place or case.programme.institution.place,
        version=talk.version if talk else 0,
    )


def invitation_for_reader(case_id: UUID, by: User) -> bytes:
    """The same for an intaker to whom the case is open. Raises NotHere."""
    return invitation_of(access.get_share_or_404(_share_id(cases.get_open_case_or_404(by, case_id).case), by))


# --- The parts ---------------------------------------------------------------------------------------------


def _about(label: str) -> str:
    return f"Hulp: {label}"


def _share_id(case: Case) -> UUID:
    """Of a case without a share nothing is planned. Raises NotHere."""
    if case.share_id is None:
        raise NotHere()
    return case.share_id


def _who_hears(case: Case, talk: IntakeTalk) -> UUID | None:
    """Who has the case, else who planned the talk; nobody who does no intake there any more."""
    asked = [one for one in (case.assigned_to_id, talk.planned_by_id) if one]
    current = set(cases.intakers_of(case.programme_id).filter(pk__in=asked).values_list("pk", flat=True))
    return next((one for one in asked if one in current), None)


def _talk_on(share: Share) -> IntakeTalk:
    """The row of this share, made when there is none; with the share locked."""
    return IntakeTalk.objects.filter(share=share).first() or IntakeTalk.objects.create(share=share)


def _wanted_now(share: Share, key: vault.Key) -> Wanted:
    """What this share says now; the same composition as a reading, and nobody is shown it here."""
    items = share.items.select_related("answer__newest", "revision")
    return wanted(access.preview(share=share, items=items, key=key))


def _plan_of(talk: IntakeTalk | None, key: vault.Key) -> dict[str, Any]:
    empty: dict[str, Any] = {"where": "", **{part: [] for part in PARTS}}
    if talk is None or talk.sealed_plan is None:
        return empty
    plan: dict[str, Any] = key.open(talk.sealed_plan, field=PLAN_FIELD, row=talk.pk)
    return empty | plan


def _opened(talk: IntakeTalk | None, at: datetime | None, key: vault.Key, says: Wanted | None) -> Plan:
    """`says`: what the share says now; None shows what was planned whole."""
    plan = _plan_of(talk, key)
    lines = {part: shown(plan[part], None if says is None else says.of(part)) for part in PARTS}
    by = talk.planned_by.staff_name if talk and talk.planned_by else ""
    minutes = talk.minutes if talk else LENGTHS[1]
    return Plan(at, minutes, by, plan["where"], lines["who"], lines["how"], lines["agenda"], _answer_of(talk, at, key))


def _answer_of(talk: IntakeTalk | None, at: datetime | None, key: vault.Key) -> Answer | None:
    """With a moment that changed since, «another time» was heard."""
    if talk is None or talk.sealed_answer is None:
        return None
    said = key.open(talk.sealed_answer, field=ANSWER_FIELD, row=talk.pk)
    same = at is not None and said["about"] == at.isoformat()
    return Answer(said["other_time"] and same, said["bring"], said["text"], talk.answered_at)
