"""What a student finds on «Vandaag» after the start, and what may be reminded of: each asked once, a no is a no."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import vault
from accounts.models import Student, User
from accounts.refusals import NotHere
from consent import access
from consent import services as consent
from consent.models import Purpose, RecipientKind, Share
from intake.models import Ask, Case, FirstDay, FollowUp, Moment, Side
from intake.services import follow_ups, hearing, placements
from intake.services.follow_ups import Fits, Status, Told
from intake.services.placements import Asked

NEWS = timedelta(days=7)
About = Ask.About


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of one student's start page. Each is None or False when there is nothing to ask."""

    case: Case
    guidance: bool = False
    moment: Asked | None = None
    review: Share | None = None
    work: bool = False
    first_day: bool = False
    changed: Share | None = field(default=None, repr=False)


def cards_for(student: Student, key: vault.Key) -> Cards | None:
    """What waits for this student after the start; None for who did not start anywhere (one query)."""
    case = placements.told_cases(student).first()
    if case is None or case.status != Case.Status.PLACED:
        return Cards(case=case) if case else None
    asks = {row.about: row for row in Ask.objects.filter(case=case)}
    told = follow_ups.own_follow_ups(student, key, case)
    shares = _guidance(student, case)
    guidance = next((share for share in shares if share.is_open and not share.is_past), None)
    return Cards(
        case=case,
        guidance=not shares and About.GUIDANCE not in asks,
        moment=_moment(case, asks, told),
        review=guidance if _is_asked(asks.get(About.REVIEW)) else None,
        work=_asks_about_work(case, asks, told),
        first_day=_is_ahead(case) and FirstDay.objects.filter(case=case).exists(),
        changed=_changed(guidance, told, key),
    )


def guidance_share(student: Student, case: Case) -> Share | None:
    """The live share with the college team of this start, as the student sees it."""
    return next((one for one in _guidance(student, case) if one.is_open and not one.is_past), None)


def shared_needs(share: Share, key: vault.Key) -> list[tuple[str, str]]:
    """The needs this share shows: unit and label, to change and then release."""
    items = share.items.select_related("answer__newest", "revision")
    said = access.preview(share=share, items=items, key=key).said
    return [(one.unit.key, one.unit.label) for one in said if one.unit.key.startswith("need.support.")]


def newer_for_guidance(share: Share, key: vault.Key) -> list[str]:
    """What the student changed and the college team does not see yet."""
    return consent.newer_units(share, key)


def ask_review(*, case_id: UUID, by: User) -> Ask:
    """The college asks the student «Klopt dit nog?», once in five weeks. It opens nothing. Raises NotHere."""
    case, place = hearing.get_case_or_404(case_id, by)
    if place.side is not Side.COLLEGE or case.share is None:
        raise NotHere()
    if case.pk in reviews_asked([case.pk]):
        return Ask.objects.get(case=case, about=About.REVIEW)
    fresh = {"asked_at": timezone.now(), "answered_at": None, "by": by}
    with transaction.atomic():
        row, _ = Ask.objects.update_or_create(student=case.share.student, case=case, about=About.REVIEW, defaults=fresh)
    return row


def reviews_asked(cases: list[UUID]) -> set[UUID]:
    """At which starts «Klopt dit nog?» was asked lately; whether the student looked, nobody else knows."""
    since = timezone.now() - timedelta(days=placements.EVERY_FIVE_WEEKS)
    rows = Ask.objects.filter(case__in=cases, about=About.REVIEW, asked_at__gt=since)
    return set(rows.values_list("case", flat=True))


def to_remind() -> Iterator[UUID]:
    """The log-ins of students with a moment that came this week, since their last visit and their last mail.

    Set-wise, no answer is opened; who answered or said «niet nu» is not reminded.
    """
    today = timezone.localdate()
    for moment, days in placements.DAYS.items():
        came = today - timedelta(days=days)
        done = FollowUp.objects.filter(moment=moment, side=Side.STUDENT).values("case")
        no = Ask.objects.filter(about=moment, answered_at__isnull=False).values("case")
        cases = Case.objects.filter(status=Case.Status.PLACED, starts_on__gt=came - NEWS, starts_on__lte=came)
        cases = cases.exclude(pk__in=done).exclude(pk__in=no).filter(share__student__frozen_at=None)
        rows = cases.values_list(
            "starts_on",
            "share__student__user",
            "share__student__user__last_login",
            "share__student__user__mail_day__last_at",
        )
        for starts_on, user, came_at, mailed_at in rows.iterator(chunk_size=500):
            asked_at = _start_of(starts_on, days)
            if all(at is None or at < asked_at for at in (came_at, mailed_at)):
                yield user


# --- The parts ---------------------------------------------------------------------------------------------


def _guidance(student: Student, case: Case) -> list[Share]:
    rows = student.shares.filter(
        purpose=Purpose.GUIDANCE, recipient_kind=RecipientKind.COLLEGE_TEAM, programme=case.programme_id
    )
    return list(rows.select_related("programme__institution", "student__passport").order_by("-created_at"))


def _is_ahead(case: Case) -> bool:
    """Whether the first day is still to come, or today."""
    return case.starts_on is not None and case.starts_on >= timezone.localdate()


def _start_of(first: date | None, days: int) -> datetime:
    """Midnight in Amsterdam of the day a moment is asked from."""
    return timezone.make_aware(datetime.combine(first or timezone.localdate(), time.min) + timedelta(days=days))


def _is_asked(row: Ask | None) -> bool:
    return row is not None and row.answered_at is None


def _moment(case: Case, asks: dict[str, Ask], told: list[Told]) -> Asked | None:
    now = placements.moment_now(case)
    if now is None or now.moment in asks:
        return None
    mine = {one.moment for one in told if one.side == Side.STUDENT}
    return None if now.moment in mine else now


def _asks_about_work(case: Case, asks: dict[str, Ask], told: list[Told]) -> bool:
    """Once: when the student said that they have their diploma, and else after a year."""
    if About.WORK in asks:
        return False
    done = any(one.side == Side.STUDENT and one.answers.status == Status.GRADUATED for one in told)
    return done or placements.may_be_answered(case, Moment.Y1)


def _changed(share: Share | None, told: list[Told], key: vault.Key) -> Share | None:
    """The share whose reader sees an old text of a need that the student said has changed."""
    mine = [one for one in told if one.side == Side.STUDENT]
    said_so = bool(mine) and mine[-1].answers.fits == Fits.CHANGED
    return share if share and said_so and newer_for_guidance(share, key) else None
